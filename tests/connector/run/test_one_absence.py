"""One absence is one event of a rolling count: however long it lasts, whatever is corrected in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.run.summary import RunSummary
from tests.connector.memory_mis import MemoryMis, school_days, small_school
from tests.connector.run.test_two_absences import own, states
from tests.connector.runs import ledger, run

FOUR_IN_TWO_WEEKS = own('{ codes = ["O"], at_least = 4, within = "weeks", weeks = 2 }', "count")
MON, TUE, WED, THU, FRI = (date(2025, 10, day) for day in (6, 7, 8, 9, 10))
NEXT_MON, NEXT_TUE, NEXT_WED, NEXT_THU = (date(2025, 10, day) for day in (13, 14, 15, 16))


def away(first: date, last: date) -> MemoryMis:
    """Return a school of two whose pupil 1 is away on every school day between two dates."""
    mis = small_school(2, until=date(2025, 10, 24))
    for day in school_days(first, last):
        mis.day("1", day, "O")
    return mis


def night(mis: MemoryMis, state: Path, day: date, opts: LoadedSchool = FOUR_IN_TWO_WEEKS) -> RunSummary:
    summary = run(mis, state, day, opts)
    assert (summary.outcome, summary.exit_code) == ("done", 0), summary.lines()
    return summary


def test_an_absence_that_goes_on_writes_nothing_more(tmp_path: Path) -> None:
    mis, state = away(MON, NEXT_THU), tmp_path / "hill.db"
    for day in school_days(MON, NEXT_THU):
        night(mis, state, day)
    assert states(state) == [(TUE, "verified")]
    assert len(ledger(state)[0].event.sessions) == 4
    assert len(mis.titles("1")) == 1


@pytest.mark.parametrize(("last", "rows"), [(date(2025, 10, 21), 1), (date(2025, 10, 22), 2)])
def test_one_that_never_ends_is_raised_again_a_window_later_with_an_anchor_of_its_own(
    tmp_path: Path, last: date, rows: int
) -> None:
    """Fired on 7 October: the two weeks that end on the 20th hold that day, so the 21st and the 22nd count."""
    mis, state = away(MON, last), tmp_path / "hill.db"
    for day in school_days(MON, last):
        night(mis, state, day)
    found = ledger(state)
    assert [(row.date, row.anchor) for row in found] == [
        (TUE, "2025-10-06"),
        (date(2025, 10, 22), "2025-10-21"),
    ][:rows]
    assert len({row.key for row in found}) == rows


def test_a_correction_that_splits_the_absence_makes_a_second_event_and_moves_nothing(tmp_path: Path) -> None:
    mis, state = away(MON, NEXT_THU), tmp_path / "hill.db"
    night(mis, state, NEXT_MON)
    before = mis.titles("1")
    mis.mark("1", FRI, "AM", "/")
    night(mis, state, NEXT_TUE)
    assert states(state) == [(TUE, "verified"), (NEXT_TUE, "verified")]
    second = ledger(state)[1]
    assert (second.anchor, len(second.event.sessions)) == ("2025-10-10", 5)
    assert len(mis.titles("1")) == len(before) + 1
    night(mis, state, NEXT_WED)
    assert len(ledger(state)) == 2


def test_a_correction_to_another_sort_of_absence_splits_nothing(tmp_path: Path) -> None:
    mis, state = away(MON, NEXT_THU), tmp_path / "hill.db"
    night(mis, state, NEXT_MON)
    mis.day("1", THU, "I")
    mis.day("1", FRI, "#")
    night(mis, state, NEXT_TUE)
    assert states(state) == [(TUE, "verified")]


def test_a_correction_within_what_was_counted_moves_the_event_along_the_absence(tmp_path: Path) -> None:
    mis, state = away(MON, NEXT_THU), tmp_path / "hill.db"
    night(mis, state, FRI)
    before = mis.titles("1")
    mis.mark("1", MON, "AM", "/")
    night(mis, state, NEXT_MON)
    assert states(state) == [(WED, "verified")]
    assert mis.titles("1") == before


def test_a_correction_that_joins_two_absences_takes_nothing_back_that_is_true(tmp_path: Path) -> None:
    mis, state = away(MON, NEXT_THU), tmp_path / "hill.db"
    mis.day("1", THU, "/")
    for day in school_days(MON, NEXT_MON):
        night(mis, state, day)
    assert states(state) == [(TUE, "verified"), (NEXT_MON, "verified")]
    before = mis.titles("1")
    mis.day("1", THU, "O")
    for day in (NEXT_TUE, NEXT_WED):
        night(mis, state, day)
    assert states(state) == [(TUE, "verified"), (NEXT_MON, "verified")]
    assert mis.titles("1") == before


def test_the_second_of_two_joined_absences_is_taken_back_when_its_own_mark_is_changed(tmp_path: Path) -> None:
    mis, state = away(MON, NEXT_MON), tmp_path / "hill.db"
    mis.day("1", THU, "/")
    night(mis, state, NEXT_MON)
    mis.day("1", THU, "O")
    night(mis, state, NEXT_TUE)
    mis.day("1", NEXT_MON, "I")
    night(mis, state, NEXT_TUE)
    assert states(state) == [(TUE, "verified"), (NEXT_MON, "withdrawn")]
