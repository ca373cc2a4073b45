"""Every guard has a way on: `run --accept GUARD` lets one run past it, and what holds an event names its command."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest

from connector.errors import RUN_GUARDS, RunGuard
from connector.ledger.holds import WAYS_ON, HoldKind, ways_on
from rules.calendar import Period
from tests.connector.memory_mis import MemoryMis, small_school
from tests.connector.runs import options, row_of, run

LATE = options(only=("late-letter",), oldest_letter_school_days=400)
DAYS = (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10))
DAY = date(2025, 9, 11)
PUPILS = 12


def no_registers(mis: MemoryMis, _state: Path) -> date:
    for pupil_id in mis.pupils:
        mis.day(pupil_id, DAY, "-")
    return DAY


def wrong_calendar(mis: MemoryMis, _state: Path) -> date:
    mis.periods = (*mis.periods, Period("holiday", "Wrong week", date(2025, 9, 3), date(2025, 9, 5)))
    return DAY


def no_code(mis: MemoryMis, _state: Path) -> date:
    """One mark of each pupil, too few on any day to be a fault of its registers."""
    days = (date(2025, 9, 3), date(2025, 9, 4), date(2025, 9, 5), *DAYS)
    for pupil_id in mis.pupils:
        mis.mark(pupil_id, days[int(pupil_id) % 6], "PM", "i")
    return DAY


def fewer_pupils(mis: MemoryMis, _state: Path) -> date:
    for number in range(6, PUPILS + 1):
        del mis.pupils[str(number)]
    return DAY


def fewer_marks(mis: MemoryMis, _state: Path) -> date:
    for place in [place for place in mis.marks if place[1].date < DAYS[0]]:
        del mis.marks[place]
    return DAY


def other_school(mis: MemoryMis, state: Path) -> date:
    for pupil_id, pupil in list(mis.pupils.items()):
        mis.pupils[pupil_id] = replace(pupil, upn=f"B{pupil_id:0>12}")
    with closing(sqlite3.connect(state)) as connection, connection:
        connection.execute("UPDATE meta SET value = 'folder:elsewhere' WHERE name = 'mis'")
    return DAY


def long_after_the_last_mark(_mis: MemoryMis, _state: Path) -> date:
    return DAY + timedelta(days=71)


MADE: dict[RunGuard, Callable[[MemoryMis, Path], date]] = {
    "registers": no_registers,
    "calendar": wrong_calendar,
    "unrecognised": no_code,
    "fewer_pupils": fewer_pupils,
    "fewer_marks": fewer_marks,
    "other_school": other_school,
    "after_marks": long_after_the_last_mark,
}
"""How each guard is made to hold; "folder" and "missing_file" need real folders: tests/connector/commands."""
ALSO: dict[RunGuard, list[RunGuard]] = {"after_marks": ["registers"]}
"""So long after the last mark no register was taken either."""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return where the school's state is kept."""
    return tmp_path / "hill.db"


@pytest.fixture
def mis(state: Path) -> MemoryMis:
    """Return a school that was run, and whose pupils were late three times since."""
    mis = small_school(PUPILS, until=DAY)
    run(mis, state, DAYS[0] - timedelta(days=3), LATE)
    for pupil_id in mis.pupils:
        for day in DAYS:
            mis.mark(pupil_id, day, "AM", "L")
    return mis


def test_every_guard_of_a_run_is_made_to_hold_here_or_on_real_folders() -> None:
    assert {*MADE, "folder", "missing_file"} == set(RUN_GUARDS)


@pytest.mark.parametrize("guard", MADE)
def test_a_guard_holds_names_its_way_on_and_lets_one_run_past(
    mis: MemoryMis, state: Path, guard: RunGuard
) -> None:
    day = MADE[guard](mis, state)
    held = run(mis, state, day, LATE)
    assert (held.exit_code, mis.documents) == (3, [])
    assert f"run --accept {guard}" in "\n".join([held.error, *held.lines()])
    for other in set(RUN_GUARDS) - {guard}:
        assert run(mis, state, day, LATE, accepted=[other]).exit_code == 3, other
    assert not mis.documents
    accepted = sorted({guard, *ALSO.get(guard, ())})
    passed = run(mis, state, day, LATE, accepted=accepted)
    assert (passed.outcome, passed.error, passed.document()["accepted"]) == ("done", "", accepted)
    assert mis.documents


@pytest.mark.parametrize("guard", ["registers", "calendar", "unrecognised"])
def test_it_is_for_once(mis: MemoryMis, state: Path, guard: RunGuard) -> None:
    day = MADE[guard](mis, state)
    late = mis.pupils.pop("1")
    assert run(mis, state, day, LATE, accepted=[guard]).exit_code == 0
    mis.pupils["1"] = late
    run(mis, state, day, LATE, hour=18)
    assert row_of(state, "late-letter", "1").hold == guard


def test_every_hold_of_an_event_has_a_way_on_in_commands() -> None:
    assert set(WAYS_ON) == set(get_args(HoldKind))
    for kind in get_args(HoldKind):
        (line,) = ways_on([kind])
        assert "attendance-connector events" in line, kind
