"""Letters to the family of a pupil who misses half or more wait for a talk, and go one a week."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.ledger.decisions import approve
from connector.ledger.guards import guards_of
from connector.ledger.verdict import verdict
from connector.store import Store
from rules.pupil_record import PupilRecord
from tests.connector.memory_mis import MemoryMis, at, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run

UNTIL, AFTER = date(2025, 10, 24), date(2025, 11, 3)
DAYS = school_days(date(2025, 9, 3), UNTIL)
RULES = ("initial-warning", "late-letter")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "hill.db"


def away(missed: int, late: int = 0) -> MemoryMis:
    """Pupil 1 missed the first so many sessions and was late on the last mornings."""
    mis = small_school(until=AFTER)
    sessions = [(day, half) for day in DAYS for half in ("AM", "PM")]
    for day, half in sessions[:missed]:
        mis.mark("1", day, half, "O")
    for day in DAYS[-late:] if late else ():
        mis.mark("1", day, "AM", "L")
    return mis


def test_such_a_letter_waits_for_a_talk_and_goes_once_it_is_approved(state: Path) -> None:
    mis, opts = away(2 * len(DAYS) - 20), options(only=("initial-warning",))
    run(mis, state, UNTIL, opts)
    row = row_of(state, "initial-warning")
    assert (row.state, row.hold) == ("held", "review")
    assert "ring or visit the family first" in row.reason
    assert mis.documents == []
    with Store.open(state, "hill") as store:
        approve(store, row.key, by="Ms Lowe", now=at(UNTIL, 18), as_of=UNTIL)
    run(mis, state, UNTIL, opts, hour=19)
    assert row_of(state, "initial-warning").state == "verified"


def test_one_session_less_than_half_and_it_goes_by_itself(state: Path) -> None:
    """Judged on the day on which the letter's condition first holds, after 30 sessions."""
    for missed, waits in ((15, True), (14, False)):
        own = state.with_name(f"hill-{missed}.db")
        run(away(missed), own, UNTIL, options(only=("initial-warning",)))
        assert (row_of(own, "initial-warning").state == "held") is waits, missed


def test_of_two_letters_of_one_week_the_second_waits_for_the_next_week(state: Path) -> None:
    mis, opts = away(len(DAYS), late=3), options(only=RULES, oldest_letter_school_days=100)
    for day in DAYS:
        mis.mark("1", day, "PM", "O")
    run(mis, state, UNTIL, opts)
    rows = ledger(state)
    assert {row.hold for row in rows} == {"review"}
    with Store.open(state, "hill") as store:
        for row in rows:
            approve(store, row.key, by="Ms Lowe", now=at(UNTIL, 18), as_of=UNTIL)
    run(mis, state, UNTIL, opts, hour=19)
    states = {row.rule: (row.state, row.hold) for row in ledger(state)}
    assert sorted(states.values()) == [("held", "ladder"), ("verified", "")]
    (waiting,) = [row for row in ledger(state) if row.state == "held"]
    assert "one letter a week" in waiting.reason
    run(mis, state, UNTIL, opts, hour=20)
    assert len(mis.documents) == 1, "the same week"
    run(mis, state, AFTER, opts)
    assert {row.state for row in ledger(state)} == {"verified"}
    assert len(mis.documents) == 2


def test_a_letter_about_a_missing_pupil_goes_on_the_day(state: Path) -> None:
    mis = away(2 * len(DAYS) - 20)
    mis.mark("1", UNTIL, "AM", "N")
    run(mis, state, UNTIL, options("aycliffe-drive", only=("no-contact",)))
    assert row_of(state, "no-contact").state == "verified"


@pytest.mark.parametrize(
    ("record", "waits"),
    [
        (PupilRecord("1", "contact", UNTIL, decision="answered"), True),
        (PupilRecord("1", "visit", UNTIL, decision="seen"), True),
        (PupilRecord("1", "contact", UNTIL, decision="no answer"), False),
        (PupilRecord("1", "contact", DAYS[-2], decision="answered"), False),
        (PupilRecord("2", "contact", UNTIL, decision="answered"), False),
    ],
)
def test_a_letter_that_says_nobody_rang_waits_where_somebody_was_reached(
    state: Path, record: PupilRecord, waits: bool
) -> None:
    mis, opts = away(0), options("aycliffe-drive", only=("no-contact",))
    mis.mark("1", UNTIL, "AM", "N")
    run(mis, state, UNTIL, opts)
    with Store.open(state, "hill") as store:
        register = replace(store.register(nation="england"), pupil_records=(record,))
        guards = replace(guards_of(store, register, opts, UNTIL), new_policies={})
        (row,) = [row for row in store.ledger.rows() if row.rule == "no-contact"]
        today = verdict(row, guards)
    assert today.goes is not waits
    assert ("somebody was reached at home on 24 October 2025" in today.reason) is waits
