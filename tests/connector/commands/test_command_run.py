"""From `init` to a letter in its folder: run, status, events, backup, purge, on a register folder."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from docx import Document

from tests.connector.commands.conftest import LAST_DAY


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_run_prints_the_promised_json(call, hill: Path) -> None:
    ended = call("run", "--as-of", LAST_DAY, "--json")
    document = json.loads(ended.out)
    assert ended.code == 3  # the first run holds what is older than ten school days
    promised = {
        "school",
        "policy",
        "as_of",
        "first_day",
        "last_day",
        "pulled",
        "events",
        "written",
        "held",
        "failed",
        "out",
    }
    assert promised <= set(document)
    assert not {"mis", "seed"} & set(document)
    assert (document["school"], document["as_of"], document["first_day"]) == ("hill", LAST_DAY, "2025-09-03")
    assert document["pulled"]["pupils"] == 30
    keys = ["rule", "date", "clause", "figures", "sessions", "outcomes", "policy", "window"]
    assert all(list(event)[1:11] == [*keys, "key", "state"] for event in document["events"])
    assert document["written"]["documents"] == len(list(Path("letters").rglob("*.docx")))


def test_a_second_run_writes_nothing_new(call, ran: Path) -> None:
    before = files(Path("letters"))
    document = json.loads(call("run", "--as-of", LAST_DAY, "--json").out)
    assert document["written"] == {"notes": 0, "documents": 0}
    assert files(Path("letters")) == before


def test_a_dry_run_leaves_no_trace(call, hill: Path) -> None:
    ended = call("run", "--as-of", LAST_DAY, "--dry-run", "--json")
    document = json.loads(ended.out)
    assert document["dry_run"] is True
    assert document["written"]["notes"] > 0
    assert not Path("letters").exists()
    assert not list(Path("state").glob("*.db"))


def test_a_configuration_can_forbid_writing_altogether(call, hill: Path) -> None:
    hill.write_text(
        hill.read_text(encoding="utf-8").replace("#dry_run = false", "dry_run = true"), encoding="utf-8"
    )
    assert json.loads(call("run", "--as-of", LAST_DAY, "--json").out)["dry_run"] is True
    assert not Path("letters").exists()


def test_people_get_a_table_and_plain_lines(call, hill: Path) -> None:
    ended = call("run", "--as-of", LAST_DAY)
    assert "Events of this run" in ended.out
    assert "pulled 30 pupils" in ended.out


def test_status_shows_the_last_run_and_what_waits(call, ran: Path) -> None:
    ended = call("status", "--json")
    document = json.loads(ended.out)
    school = document["schools"][0]
    assert ended.code == 0
    assert document["healthy"] is True
    assert school["runs"][0]["as_of"] == LAST_DAY
    assert school["events"]["verified"] > 0
    assert "hill: healthy" in call("status").out


def test_status_before_the_first_run_is_unhealthy(call, hill: Path) -> None:
    ended = call("status")
    assert ended.code == 1
    assert "no run has been made yet" in ended.out


def test_status_shows_a_failed_run_with_its_reason(call, ran: Path, register_folder: Path) -> None:
    (register_folder / "marks.csv").write_text("pupil_id,date,session,code\n1,never,AM,/\n", encoding="utf-8")
    failed = call("run", "--as-of", LAST_DAY)
    assert failed.code == 1
    ended = call("status")
    assert ended.code == 1
    assert "marks.csv row 2, column date" in ended.out


def test_status_says_what_kept_the_service_from_running_until_a_good_run(call, hill: Path) -> None:
    stopped = {
        "schools": {
            "hill": {"last_error": "there is no keyring", "last_ended_at": "2025-10-24T16:30:00+00:00"}
        }
    }
    Path("state").mkdir(exist_ok=True)
    Path("state/health.json").write_text(json.dumps(stopped), encoding="utf-8")
    assert "the service could not run it: there is no keyring" in call("status").out
    call("run", "--as-of", LAST_DAY)
    assert "there is no keyring" not in call("status").out


def test_an_event_shows_its_whole_story_and_gives_its_letters_back(call, ran: Path, tmp_path: Path) -> None:
    listed = json.loads(call("events", "list", "--state", "verified", "--json").out)
    key = next(event["key"] for event in listed if event["outcomes"][0].startswith("letter:"))
    story = json.loads(call("events", "show", key, "--json").out)
    assert story["history"][0]["state"] == "due"
    assert {item["kind"] for item in story["items"]} == {"document", "note"}
    shown = call("events", "show", key, "--letters", tmp_path / "saved")
    assert "History" in shown.out
    saved = list((tmp_path / "saved").glob("*.docx"))
    assert saved
    assert saved[0].read_bytes() in files(Path("letters")).values()


def test_a_held_event_goes_out_once_it_is_released(call, hill: Path) -> None:
    call("run", "--as-of", LAST_DAY)
    held = json.loads(call("events", "list", "--state", "held", "--json").out)
    assert any("first run" in event["reason"] for event in held)
    ended = call("events", "release", "--run", "1")
    assert ended.code == 0
    call("run", "--as-of", LAST_DAY)
    again = json.loads(call("events", "list", "--state", "held", "--json").out)
    assert len(again) < len(held)
    assert not any("first run" in event["reason"] for event in again)


def test_review_waits_for_approval(call, hill: Path) -> None:
    text = hill.read_text(encoding="utf-8").replace('#review = ["stage-4"]', 'review = ["colour-letter"]')
    hill.write_text(text, encoding="utf-8")
    call("run", "--as-of", LAST_DAY)
    waiting = json.loads(call("events", "list", "--rule", "colour-letter", "--state", "held", "--json").out)
    assert len(waiting) > 20
    assert call("events", "approve", waiting[0]["key"]).code == 0
    call("run", "--as-of", LAST_DAY)
    written = json.loads(
        call("events", "list", "--rule", "colour-letter", "--state", "verified", "--json").out
    )
    assert [event["key"] for event in written] == [waiting[0]["key"]]


def test_a_voided_event_gets_a_correcting_note(call, ran: Path) -> None:
    listed = json.loads(call("events", "list", "--state", "verified", "--json").out)
    key = next(event["key"] for event in listed if "pupil_id" in event)
    assert call("events", "void", key, "--reason", "wrong pupil").code == 0
    call("run", "--as-of", LAST_DAY)
    notes = [path.read_text(encoding="utf-8-sig") for path in Path("letters").rglob("*.txt")]
    assert any("wrong pupil" in note and f"[{key}]" in note for note in notes)


def test_events_held_for_a_changed_fact_are_decided_by_their_cause(
    call, ran: Path, register_folder: Path
) -> None:
    listed = json.loads(call("events", "list", "--state", "verified", "--json").out)
    pupil = next(event["pupil_id"] for event in listed if "pupil_id" in event)
    pupils = (register_folder / "pupils.csv").read_text(encoding="utf-8-sig").splitlines()
    column = pupils[0].split(",").index("on_roll_from")
    rows = [row.split(",") for row in pupils]
    for row in rows:
        if row[0] == pupil:
            row[column] = LAST_DAY
    text = "\n".join(",".join(row) for row in rows)
    (register_folder / "pupils.csv").write_text(text, encoding="utf-8")
    notes = set(Path("letters").rglob("*.txt"))
    ended = call("run", "--as-of", LAST_DAY, "--json")
    (cause,) = json.loads(ended.out)["because"]
    assert (ended.code, set(Path("letters").rglob("*.txt"))) == (3, notes), (
        "a person looks before a return is sent"
    )
    assert "entry date changed from" in cause["reason"]
    held = json.loads(call("events", "list", "--because", cause["id"], "--json").out)
    assert {event["because"] for event in held} == {cause["id"]}
    assert "new-pupil-return" in {event["rule"] for event in held}
    assert len(held) == cause["events"]
    told = call("status", "--json").out
    assert json.loads(told)["schools"][0]["because"] == [cause]
    assert cause["id"] in call("status").out
    kept = next(event for event in held if event.get("pupil_id") == pupil)
    assert call("events", "keep", kept["key"], "--reason", "the letter is right").code == 0
    ended = call("events", "withdraw", "--because", cause["id"], "--reason", "he was at another school")
    assert ended.code == 0
    ended = call("run", "--as-of", LAST_DAY, "--json")
    assert json.loads(ended.out)["because"] == []
    corrections = [
        path.read_text(encoding="utf-8-sig")
        for path in Path("letters").rglob("*.txt")
        if "Correction" in path.name
    ]
    assert corrections
    assert all("he was at another school" in text for text in corrections)
    assert not any(f"[{kept['key']}]" in text for text in corrections)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "AC-00000000"), "no event has the key"),
        (("approve",), "event keys or a run"),
        (("release", "--run", "99"), "run 99 added no event"),
        (("list", "--state", "pending"), "there is no state 'pending'"),
        (("keep", "--reason", "right"), "event keys or a cause"),
        (
            ("withdraw", "--because", "BC-000000", "--reason", "wrong"),
            "no event is held because of BC-000000",
        ),
    ],
)
def test_what_cannot_be_done_to_an_event_is_reported(
    call, ran: Path, arguments: tuple[str, ...], message: str
) -> None:
    ended = call("events", *arguments)
    assert ended.code in (1, 2)
    assert message in ended.err
    assert len(ended.faults) == 1


def test_the_evidence_of_a_pupil_is_one_document_with_the_letters_as_filed(call, ran: Path) -> None:
    listed = json.loads(call("events", "list", "--state", "verified", "--json").out)
    event = next(event for event in listed if event["outcomes"][0].startswith("letter:"))
    ended = call("evidence", event["pupil_id"], "--out", "evidence.docx", "--to", LAST_DAY)
    assert ended.code == 0, ended.err
    document = Document("evidence.docx")
    words = [paragraph.text for paragraph in document.paragraphs]
    words += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert any(event["key"] in text for text in words)
    assert call("evidence", "7", "--out", "evidence.docx").code == 2
    assert call("evidence", event["pupil_id"], "--out", "evidence.pdf").code == 2


def test_the_letters_of_a_run_are_one_pile_for_the_printer(call, ran: Path) -> None:
    ended = call("letters", "pile", "--out", "pile.docx")
    assert ended.code == 0, ended.err
    number = int(ended.out.split(": ")[1].split(" ")[0])
    assert number > 5
    assert Document("pile.docx").paragraphs
    listed = json.loads(call("events", "list", "--state", "verified", "--json").out)
    key = next(event["key"] for event in listed if event["outcomes"][0].startswith("letter:"))
    call("events", "void", key, "--reason", "wrong pupil")
    assert int(call("letters", "pile", "--out", "pile.docx").out.split(": ")[1].split(" ")[0]) < number
    assert call("letters", "pile", "--out", "pile.docx", "--run", "99").code == 2


def test_a_backup_is_a_sound_copy(call, ran: Path, tmp_path: Path) -> None:
    ended = call("backup", "--out", tmp_path / "copies")
    assert ended.code == 0
    copy = next((tmp_path / "copies").rglob("hill.db"))
    with sqlite3.connect(copy) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert connection.execute("SELECT count(*) FROM events").fetchone()[0] > 0
    connection.close()


def test_purge_says_what_it_would_remove_and_removes_nothing_that_is_recent(call, ran: Path) -> None:
    ended = call("purge", "--dry-run")
    assert ended.code == 0
    assert "nothing to remove" in ended.out
    assert json.loads(call("purge", "--json").out)[0]["events"] == 0


def test_a_school_that_is_not_there_is_reported_with_the_one_that_is(call, hill: Path) -> None:
    ended = call("run", "--school", "hil")
    assert ended.code == 2
    assert "did you mean hill?" in ended.err


def test_a_morning_prints_its_json_files_two_files_and_writes_no_letter(call, hill: Path) -> None:
    ended = call("run", "--morning", "--as-of", LAST_DAY, "--json")
    document = json.loads(ended.out)
    assert (ended.code, document["morning"], document["list"]) == (0, True, 1)
    assert sorted(path.name for path in Path("letters").rglob("Attendance*")) == sorted(document["files"])
    assert {call["turn"] for call in document["calls"]} <= {
        "safeguarding",
        "looked after",
        "persistent",
        "other",
    }
    again = call("run", "--morning", "--as-of", LAST_DAY)
    assert (again.code, "nothing new: no list" in again.out) == (0, True)
    status = json.loads(call("status", "--json").out)["schools"][0]
    assert [morning["list"] for morning in status["mornings"]] == [None, 1]
    assert status["runs"] == [], "a morning is no run of the day"
    assert "judges nothing" in call("run", "--morning", "--accept", "registers").err


def test_a_morning_that_a_guard_holds_can_be_let_past(call, ran: Path, register_folder: Path) -> None:
    (register_folder / "contacts.csv").unlink()
    held = call("run", "--morning", "--as-of", LAST_DAY)
    assert (held.code, "--accept missing_file" in held.out) == (3, True)
    let_past = call("run", "--morning", "--as-of", LAST_DAY, "--accept", "missing_file", "--json")
    assert (let_past.code, json.loads(let_past.out)["list"]) == (0, 1)
    assert call("run", "--morning", "--as-of", LAST_DAY).code == 3, "it was let past once"


def test_one_school_that_cannot_be_asked_costs_no_other_its_morning_list(call, hill: Path) -> None:
    own = hill.read_text(encoding="utf-8")
    other = own[own.index("[[school]]") :].replace('id = "hill"', 'id = "dale"').split("[school.mis]")[0]
    arbor = '[school.mis]\nadapter = "arbor"\nurl = "https://dale.uk.arbor.sc"\n[school.letters]\ntelephone = "1"\n'
    hill.write_text(own.replace("[[school]]", f"{other}{arbor}[[school]]", 1), encoding="utf-8")
    ended = call("run", "--morning", "--as-of", LAST_DAY, "--json")
    dale, made = json.loads(ended.out)
    assert (ended.code, made["school"], made["list"]) == (1, "hill", 1)
    assert (dale["outcome"], "ATTENDANCE_CONNECTOR_DALE_PASSWORD" in dale["error"]) == ("failed", True)
