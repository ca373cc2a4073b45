"""On the edge of what makes registers and the calendar doubtful: missing marks, and marks on days without school."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from rules.calendar import Period
from tests.connector.memory_mis import FIRST_DAY, made_up_pupil, small_school
from tests.connector.run.test_limits import HALF_TERM_END, LATE, WEDNESDAY, late_school, states
from tests.connector.runs import options, row_of, run

# -- registers that are not complete


@pytest.mark.parametrize(("missing", "held"), [(4, False), (5, True)])
def test_letters_wait_when_more_than_a_fifth_of_the_days_marks_are_missing(
    tmp_path: Path, missing: int, held: bool
) -> None:
    mis, state = late_school(10), tmp_path / "hill.db"
    for pupil_id in list(mis.pupils)[:missing]:
        mis.mark(pupil_id, WEDNESDAY, "PM", "-")  # 4 of 20 marks are 20 percent
    run(mis, state, WEDNESDAY, options(only=LATE, hold_above_missing_percent=20))
    assert set(states(state)) == {"held" if held else "verified"}


def test_pupils_who_have_left_do_not_thin_the_share_of_missing_marks(tmp_path: Path) -> None:
    mis, state = late_school(10), tmp_path / "hill.db"
    for pupil_id in list(mis.pupils)[5:]:
        mis.pupils[pupil_id] = mis.pupils[pupil_id].left_by(date(2025, 9, 5))
    mis.mark("1", WEDNESDAY, "PM", "-")
    mis.mark("2", WEDNESDAY, "PM", "-")  # 2 of the 10 marks of those on roll; of 20 they would be 10 percent
    run(mis, state, WEDNESDAY, options(only=LATE, hold_above_missing_percent=15))
    assert row_of(state, "late-letter").hold == "registers"


def test_only_the_last_school_days_registers_have_to_be_complete(tmp_path: Path) -> None:
    mis, state = late_school(until=date(2025, 9, 11)), tmp_path / "hill.db"
    mis.day("1", WEDNESDAY - timedelta(2), "-")
    mis.mark("1", date(2025, 9, 5), "AM", "L")
    summary = run(mis, state, date(2025, 9, 11), options(only=LATE))
    assert list(summary.missing_registers) == []
    assert states(state) == ["verified"]


@pytest.mark.parametrize("days_later", [0, 6, 7, 10])
def test_the_last_registers_are_looked_at_however_long_the_holidays_are(
    tmp_path: Path, days_later: int
) -> None:
    mis, state = late_school(until=HALF_TERM_END), tmp_path / "hill.db"
    mis.day("1", HALF_TERM_END, "-")
    summary = run(mis, state, HALF_TERM_END + timedelta(days_later), options(only=LATE))
    assert len(summary.missing_registers) == 2
    assert states(state) == ["held"]


@pytest.mark.parametrize(("days_later", "looked_at"), [(0, True), (1, False)])
def test_registers_before_the_day_from_which_marks_are_read_are_not_called_missing(
    tmp_path: Path, days_later: int, looked_at: bool
) -> None:
    mis = small_school(1, until=HALF_TERM_END)
    mis.day("1", HALF_TERM_END, "-")
    first = HALF_TERM_END + timedelta(days_later)
    summary = run(mis, tmp_path / "hill.db", HALF_TERM_END + timedelta(2), options(history_from=first))
    assert len(summary.missing_registers) == (2 if looked_at else 0)


@pytest.mark.parametrize(("marked", "listed"), [(False, ["5A, 10 September 2025 PM"]), (True, [])])
def test_a_register_is_missing_when_nobody_of_the_group_has_a_mark(
    tmp_path: Path, marked: bool, listed: list[str]
) -> None:
    mis = late_school(3)
    mis.pupils["3"] = made_up_pupil(3, registration_group="5B")
    for pupil_id in ("1", "2"):
        mis.mark(pupil_id, WEDNESDAY, "PM", "-")
    if marked:
        mis.mark("2", WEDNESDAY, "PM", "\\")
    assert list(run(mis, tmp_path / "hill.db", WEDNESDAY).missing_registers) == listed


# -- a calendar that does not fit the marks


@pytest.mark.parametrize(("percent", "held"), [(25, False), (24, True)])
def test_letters_wait_when_more_than_the_set_share_of_marks_is_on_days_without_school(
    tmp_path: Path, percent: int, held: bool
) -> None:
    friday = date(2025, 9, 12)
    mis, state = late_school(until=friday), tmp_path / "hill.db"
    # four of the sixteen marks are on days that the calendar closes: 25 percent
    mis.periods = (*mis.periods, Period("closure", "Flood", date(2025, 9, 4), date(2025, 9, 5)))
    run(mis, state, friday, options(only=LATE, hold_above_off_calendar_percent=percent))
    assert (row_of(state, "late-letter").hold == "calendar") == held
    assert states(state) == ["held" if held else "verified"]


@pytest.mark.parametrize(("days_later", "held"), [(27, True), (28, False)])
def test_marks_on_days_without_school_count_for_four_weeks(
    tmp_path: Path, days_later: int, held: bool
) -> None:
    end = FIRST_DAY + timedelta(days_later)
    mis, state = late_school(until=end), tmp_path / "hill.db"
    mis.periods = (*mis.periods, Period("closure", "Flood", FIRST_DAY, FIRST_DAY))
    run(mis, state, end, options(only=LATE, hold_above_off_calendar_percent=0))
    assert states(state) == ["held" if held else "verified"]
