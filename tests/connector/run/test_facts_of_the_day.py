"""A flag counts as it was on the event's day, and a part-time timetable that is over stays known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rules.school import Exclusion
from tests.connector.memory_mis import MemoryMis, school_days, small_school
from tests.connector.runs import ledger, options, run

TOLD = options("england-2024", only=("social-worker-told",))
N_DAY = date(2025, 9, 10)
AUTUMN = school_days(date(2025, 9, 8), date(2025, 9, 19))


def set_flag(mis: MemoryMis, *, to: bool) -> None:
    mis.pupils["1"] = replace(mis.pupils["1"], social_worker=to)


def school(*days: date, flag: bool) -> MemoryMis:
    """Return a school whose pupil 1 has N on these mornings."""
    mis = small_school(2, until=date(2025, 10, 24))
    for day in days:
        mis.mark("1", day, "AM", "N")
    set_flag(mis, to=flag)
    return mis


def dates(state: Path) -> list[tuple[date, str]]:
    return [(row.date, row.state) for row in ledger(state)]


@pytest.mark.parametrize("marks_change", [False, True])
def test_a_closed_case_takes_back_no_note_of_before(tmp_path: Path, marks_change: bool) -> None:
    mis, state = school(N_DAY, flag=True), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 12), TOLD)
    before = mis.titles("1")
    set_flag(mis, to=False)
    for day in (date(2025, 9, 15), date(2025, 10, 10)):
        if marks_change:
            mis.mark("1", date(2025, 9, 9), "PM", "L" if day.month == 9 else "\\")
        summary = run(mis, state, day, TOLD)
        assert (summary.exit_code, summary.withdrawn) == (0, 0)
        assert dates(state) == [(N_DAY, "verified")]
        assert mis.titles("1") == before


def test_a_corrected_mark_still_takes_the_note_back(tmp_path: Path) -> None:
    mis, state = school(N_DAY, flag=True), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 12), TOLD)
    set_flag(mis, to=False)
    mis.mark("1", N_DAY, "AM", "I")
    assert run(mis, state, date(2025, 9, 15), TOLD).withdrawn == 1


def test_a_flag_that_begins_later_fires_for_no_past_day(tmp_path: Path) -> None:
    mis, state = school(N_DAY, date(2025, 9, 16), flag=False), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 15), TOLD)
    set_flag(mis, to=True)
    for day in (date(2025, 9, 16), date(2025, 9, 17)):
        assert run(mis, state, day, TOLD).exit_code == 0
    assert dates(state) == [(date(2025, 9, 16), "verified")]


def test_a_case_closed_and_opened_again_counts_on_its_own_days(tmp_path: Path) -> None:
    mis, state = school(*AUTUMN, flag=True), tmp_path / "hill.db"
    for day in AUTUMN:
        set_flag(mis, to=day not in AUTUMN[3:6])
        run(mis, state, day, TOLD)
    assert dates(state) == [(day, "verified") for day in AUTUMN if day not in AUTUMN[3:6]]


def test_days_without_a_run_count_with_the_flags_of_the_next_run(tmp_path: Path) -> None:
    mis, state = school(*AUTUMN, flag=False), tmp_path / "hill.db"
    run(mis, state, AUTUMN[2], TOLD)
    set_flag(mis, to=True)
    run(mis, state, AUTUMN[6], TOLD)
    assert [day for day, _ in dates(state)] == list(AUTUMN[3:7])


def test_flags_of_the_first_run_count_for_the_days_before_it(tmp_path: Path) -> None:
    mis, state = school(N_DAY, flag=True), tmp_path / "hill.db"
    run(mis, state, AUTUMN[-1], TOLD)
    assert dates(state) == [(N_DAY, "verified")]


def test_an_event_that_could_not_be_written_stands_when_the_case_closes(tmp_path: Path) -> None:
    mis, state = school(N_DAY, flag=True), tmp_path / "hill.db"
    mis.refused.add("1")
    run(mis, state, date(2025, 9, 12), TOLD)
    ((_, before),) = dates(state)
    set_flag(mis, to=False)
    run(mis, state, date(2025, 9, 15), TOLD)
    assert dates(state) == [(N_DAY, before)]


def test_an_exclusion_by_flag_protects_a_family_from_today_for_days_that_lie_behind_too(
    tmp_path: Path,
) -> None:
    mis, state = school(N_DAY, flag=False), tmp_path / "hill.db"
    late = options(
        only=("late-letter",), exclusions=[Exclusion(flag="social_worker", reason="the team writes itself")]
    )
    for day in AUTUMN[:3]:
        mis.mark("1", day, "AM", "L")
    run(mis, state, AUTUMN[1], late)
    set_flag(mis, to=True)
    run(mis, state, AUTUMN[5], late)
    assert dates(state) == [(AUTUMN[2], "excluded")]
    assert mis.titles("1") == []


# -- part-time timetables

RETURN = options("aycliffe-drive", only=("part-time-return",))
FROM, TO = date(2025, 9, 8), date(2025, 9, 19)


def set_part_time(mis: MemoryMis, start: date | None, end: date | None) -> None:
    mis.pupils["1"] = replace(mis.pupils["1"], part_time_from=start, part_time_to=end)


@pytest.mark.parametrize("following", [(None, None), (date(2025, 10, 6), None)])
def test_a_part_time_timetable_that_is_over_and_no_longer_recorded_takes_nothing_back(
    tmp_path: Path, following: tuple[date | None, date | None]
) -> None:
    mis, state = school(flag=False), tmp_path / "hill.db"
    set_part_time(mis, FROM, TO)
    run(mis, state, date(2025, 9, 22), RETURN)
    before = mis.titles("1")
    set_part_time(mis, *following)
    assert run(mis, state, date(2025, 9, 24), RETURN).exit_code == 0
    assert dates(state) == [(FROM, "verified"), (TO, "verified")]
    assert mis.titles("1") == before


def test_a_part_time_timetable_that_is_taken_away_early_began_all_the_same(tmp_path: Path) -> None:
    mis, state = school(flag=False), tmp_path / "hill.db"
    set_part_time(mis, FROM, TO)
    run(mis, state, date(2025, 9, 12), RETURN)
    set_part_time(mis, None, None)
    run(mis, state, date(2025, 9, 24), RETURN)
    assert dates(state) == [(FROM, "verified")]


def test_a_first_day_that_is_corrected_while_the_timetable_runs_waits_for_a_person(tmp_path: Path) -> None:
    mis, state = school(flag=False), tmp_path / "hill.db"
    set_part_time(mis, FROM, TO)
    run(mis, state, date(2025, 9, 9), RETURN)
    set_part_time(mis, date(2025, 9, 15), TO)
    assert run(mis, state, date(2025, 9, 12), RETURN).exit_code == 3
    assert dates(state) == [(FROM, "held")]
