"""A pupil whom the MIS does not list any more gets nothing, from the run on that notices it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.run.request import RunRequest
from connector.run.run import run_school
from tests.connector.memory_mis import MemoryMis, at, next_day, small_school
from tests.connector.plain_letters import PlainLetters
from tests.connector.runs import options, row_of, run

LATE = options(only=("late-letter",))
DAYS = (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10))
DAY = date(2025, 9, 11)
LATER = next_day(DAY)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return where the school's state is kept."""
    return tmp_path / "hill.db"


@pytest.fixture
def mis(state: Path) -> MemoryMis:
    """Return a school that was run before its three pupils were late three times, and that lists two of them now."""
    mis = small_school(3, until=LATER)
    run(mis, state, DAYS[1], LATE)
    for pupil_id in mis.pupils:
        for day in DAYS:
            mis.mark(pupil_id, day, "AM", "L")
    del mis.pupils["1"]
    return mis


def test_it_is_held_in_the_run_that_notices_it_and_goes_out_when_the_pupil_is_back(
    mis: MemoryMis, state: Path
) -> None:
    summary = run(mis, state, DAY, LATE)
    assert (row_of(state, "late-letter").state, row_of(state, "late-letter").hold) == ("held", "not_listed")
    assert row_of(state, "late-letter").reason == "the MIS has not listed the pupil since 11 September 2025"
    assert (summary.exit_code, {document.pupil_id for _, document in mis.documents}) == (0, {"2", "3"})
    assert any("events release" in line and "not listed" in line for line in summary.lines())
    run(mis, state, LATER, LATE)
    assert row_of(state, "late-letter").hold == "not_listed", "it is said since when, also the next day"
    mis.pupils["1"] = small_school(1).pupils["1"]
    run(mis, state, LATER, LATE, hour=18)
    assert row_of(state, "late-letter").state == "verified"


def test_the_day_of_the_run_does_not_matter(mis: MemoryMis, state: Path) -> None:
    """A trial judges a day of the past: it was noticed today that the pupil is not listed, long after that day."""
    request = RunRequest(
        LATE, mis, as_of=DAY, now=at(date(2026, 9, 11)), letters=PlainLetters, lists=PlainLetters
    )
    run_school(state, request)
    assert row_of(state, "late-letter").hold == "not_listed"


def test_one_whose_leaving_date_the_mis_had_given_has_left(state: Path) -> None:
    mis = small_school(1, until=DAY)
    for day in DAYS:
        mis.mark("1", day, "AM", "L")
    mis.pupils["1"] = mis.pupils["1"].left_by(DAYS[2])
    run(mis, state, DAYS[1], LATE)
    del mis.pupils["1"]
    run(mis, state, DAY, LATE)
    assert row_of(state, "late-letter").hold == "leaver"


def test_an_answer_without_some_pupils_writes_nothing_on_them_and_changes_nothing_of_them(
    mis: MemoryMis, state: Path
) -> None:
    """One incomplete answer: what it left out is as before when the next answer has it."""
    run(mis, state, DAY, LATE)
    mis.pupils["1"] = small_school(1).pupils["1"]
    summary = run(mis, state, LATER, LATE)
    assert (summary.exit_code, summary.held, len(mis.documents), mis.doubles) == (0, 0, 3, [])
