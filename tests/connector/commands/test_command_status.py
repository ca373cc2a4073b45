"""`status` and `run` stay unhealthy until everything is written, say why on standard error, and name runs by number."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from connector.run.queue import MOST_IN_VAIN
from tests.connector.commands.conftest import LAST_DAY


def events_of(call, *arguments: object) -> list[dict]:
    return json.loads(call("events", "list", "--json", *arguments).out)


def folder_of(key: str) -> Path:
    """Return the folder of the pupil whose note has the key."""
    return next(
        path.parent for path in Path("letters").rglob("*.txt") if key in path.read_text(encoding="utf-8")
    )


@pytest.fixture
def refused(call, ran: Path) -> tuple[str, Path]:
    """Void a letter whose pupil's folder cannot be used: return its key and that folder, moved away."""
    key = next(e["key"] for e in events_of(call, "--state", "verified") if "note" in e["outcomes"])
    folder = folder_of(key)
    assert call("events", "void", key, "--reason", "wrong child").code == 0
    away = folder.rename(folder.parent.parent / "away")
    folder.symlink_to(away.resolve())
    return key, folder


def put_right(folder: Path) -> None:
    folder.unlink()
    (folder.parent.parent / "away").rename(folder)


def test_a_refused_correcting_note_keeps_run_and_status_unhealthy_until_it_is_written(
    call, refused: tuple[str, Path]
) -> None:
    key, folder = refused
    for as_json in ((), ("--json",)):
        ended = call("run", "--as-of", LAST_DAY, *as_json)
        assert ended.code == 1
        assert key in ended.err
        status = call("status", *as_json)
        assert status.code == 1
        assert f"hill: 1 correcting note could not be written to the MIS ({key})" in status.err
    (school,) = json.loads(status.out)["schools"]
    assert [(one["key"], one["kind"], one["given_up"]) for one in school["not_taken"]] == [
        (key, "correction", False)
    ]
    put_right(folder)
    assert call("run", "--as-of", LAST_DAY).code == 0
    status = call("status")
    assert (status.code, status.err) == (0, "")
    notes = [path.read_text(encoding="utf-8") for path in folder.glob("*.txt")]
    assert sum(key in text and "wrong child" in text for text in notes) == 1


@pytest.mark.parametrize("by", ["key", "run"])
def test_a_correcting_note_that_was_given_up_is_released(call, refused: tuple[str, Path], by: str) -> None:
    key, folder = refused
    for _ in range(MOST_IN_VAIN):
        call("run", "--as-of", LAST_DAY)
    put_right(folder)
    ended = call("run", "--as-of", LAST_DAY)
    assert ended.code == 1
    assert "given up" in ended.out
    assert "`events release KEY`" in ended.out
    assert "`events release KEY`" in call("status").out
    released = call("events", "release", *((key,) if by == "key" else ("--run", "1")))
    assert released.code == 0
    assert f"{key} is released: its correcting note is tried again in the next run" in released.out
    assert call("run", "--as-of", LAST_DAY).code == 0
    assert call("status").code == 0
    story = json.loads(call("events", "show", key, "--json").out)
    assert story["state"] == "voided"
    assert any("to be tried again" in line["reason"] for line in story["history"])


def test_a_failed_letter_keeps_run_and_status_unhealthy_until_it_is_dealt_with(call, ran: Path) -> None:
    key = next(e["key"] for e in events_of(call, "--state", "verified") if "note" in e["outcomes"])
    with sqlite3.connect("state/hill.db") as connection:
        connection.execute("UPDATE events SET state = 'failed' WHERE key = ?", (key,))
    for command in (("run", "--as-of", LAST_DAY), ("status",)):
        ended = call(*command)
        assert ended.code == 1
        assert "1 failed: see `events list --state failed`" in ended.err
    assert call("events", "release", key).code == 0
    for command in (("run", "--as-of", LAST_DAY), ("status",)):
        assert call(*command).code == 0


def test_the_status_prints_the_numbers_that_commands_ask_for_and_what_stands_in_the_mis(
    call, ran: Path
) -> None:
    assert call("run", "--as-of", LAST_DAY).code == 0
    (school,) = json.loads(call("status", "--json").out)["schools"]
    newest, first = school["runs"]
    assert (first["run"], newest["run"]) == (1, 2)
    assert (newest["notes"], newest["documents"]) == (0, 0)
    assert school["written"] == {"notes": first["notes"], "documents": first["documents"]}
    assert len(events_of(call, "--run", first["run"])) > 0
    assert events_of(call, "--run", newest["run"]) == []
    shown = call("status").out
    assert "Run" in shown
    assert f"In the MIS, of all runs: {first['notes']} notes and {first['documents']} documents" in shown


def test_a_document_of_the_school_is_released_by_its_key(call, ran: Path) -> None:
    with sqlite3.connect("state/hill.db") as connection:
        connection.execute("INSERT INTO contents VALUES ('s', x'00')")
        connection.execute(
            "INSERT INTO outbox (run_id, kind, key, summary, sha256, date, state, state_at, tried_in) VALUES"
            " (1, 'document', 'AC-SCH00L00', 'Digest', 's', '2025-10-24', 'failed', '2025-10-24T17:00:00+00:00', 1)"
        )
    status = call("status")
    assert "1 document of the school could not be written to the MIS (AC-SCH00L00)" in status.out
    released = call("events", "release", "AC-SCH00L00")
    assert (released.code, released.out) == (
        0,
        "AC-SCH00L00 is released: its document is tried again in the next run\n",
    )
