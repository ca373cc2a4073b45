"""A lost state of an earlier version, whose keys were made with the id in the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import SkippableError
from connector.ledger.keys import event_key
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import RunSummary
from connector.store import Store
from connector.store.belonging import PullSource
from tests.connector.ledger.test_guards import DAY, LATE, late_school
from tests.connector.memory_mis import MemoryMis, at
from tests.connector.plain_letters import PlainLetters
from tests.connector.runs import ledger, options, run

OPTS = options(only=LATE)


def run_by_number(mis: MemoryMis, state: Path) -> RunSummary:
    """One run in which the MIS says which school it is."""
    source = PullSource("arbor")
    request = RunRequest(
        OPTS, mis, as_of=DAY, now=at(DAY), source=source, letters=PlainLetters, lists=PlainLetters
    )
    return run_school(state, request).summary


def test_what_was_written_under_the_configured_id_is_found_and_not_written_again(tmp_path: Path) -> None:
    mis = late_school(2)
    run(mis, tmp_path / "old.db", DAY, OPTS)
    before, keys = mis.titles("1"), [row.key for row in ledger(tmp_path / "old.db")]
    summary = run_by_number(mis, tmp_path / "hill.db")
    assert (summary.outcome, mis.titles("1"), mis.doubles) == ("done", before, [])
    assert [row.key for row in ledger(tmp_path / "hill.db")] == keys


@pytest.mark.parametrize("odd", [False, True], ids=["nothing is there", "a pupil cannot be looked up"])
def test_a_school_that_is_new_has_keys_of_its_number(tmp_path: Path, odd: bool) -> None:
    mis = late_school(2)
    if odd:
        mis.faults["find_notes"] = [SkippableError("no such pupil")]
    run_by_number(mis, tmp_path / "hill.db")
    with Store.open(tmp_path / "hill.db", "hill") as store:
        assert store.identity == "arbor:1"
        assert all(row.key == event_key("arbor:1", row.event) for row in store.ledger.rows())


@pytest.mark.parametrize("kept", ["notes", "documents"])
def test_a_note_alone_or_a_letter_alone_shows_the_former_keys(tmp_path: Path, kept: str) -> None:
    mis = late_school(2)
    run(mis, tmp_path / "old.db", DAY, OPTS)
    keys = [row.key for row in ledger(tmp_path / "old.db")]
    (mis.documents if kept == "notes" else mis.notes).clear()
    run_by_number(mis, tmp_path / "hill.db")
    assert [row.key for row in ledger(tmp_path / "hill.db")] == keys
    assert mis.doubles == []


def test_one_letter_of_a_few_shows_the_former_keys(tmp_path: Path) -> None:
    mis = late_school(3)
    run(mis, tmp_path / "old.db", DAY, OPTS)
    keys = [row.key for row in ledger(tmp_path / "old.db")]
    mis.notes = [one for one in mis.notes if one[1].pupil_id == "2"]
    mis.documents = [one for one in mis.documents if one[1].pupil_id == "2"]
    run_by_number(mis, tmp_path / "hill.db")
    assert [row.key for row in ledger(tmp_path / "hill.db")] == keys


def test_of_many_letters_some_are_looked_for(tmp_path: Path) -> None:
    mis = late_school(41)
    run(mis, tmp_path / "old.db", DAY, OPTS)
    before = len(mis.documents)
    assert run_by_number(mis, tmp_path / "hill.db").outcome == "done"
    assert (len(mis.documents), mis.doubles) == (before, [])
