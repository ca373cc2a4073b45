"""A calendar of the next year in place of this year's takes nothing back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from connector.store import Store
from rules.calendar import Calendar, Period
from tests.connector.memory_mis import MemoryMis, small_school
from tests.connector.runs import ledger, options, run, run_days

NEXT_YEAR = (
    Period("year", "2026/27", date(2026, 9, 1), date(2027, 8, 31)),
    Period("term", "Autumn", date(2026, 9, 1), date(2026, 12, 18)),
    Period("half_term", "Autumn 1", date(2026, 9, 1), date(2026, 10, 23)),
)
LATE = options(only=("late-letter", "late-meeting"), ladder_gap_days=0)
SPRING = (date(2026, 3, 3), date(2026, 3, 5), date(2026, 3, 10))


def school_with_late_marks() -> MemoryMis:
    """Pupil 1 was late three times in the last half term of the calendar."""
    mis = small_school()
    for day in Calendar(mis.periods).school_days:
        if day.year == 2026:
            for pupil_id in mis.pupils:
                mis.day(pupil_id, day, "/")
    for day in SPRING:
        mis.mark("1", day, "AM", "L", 5)
    return mis


def start_the_next_year(mis: MemoryMis) -> None:
    """Let the MIS know the next year's calendar only, and two days of marks in it."""
    mis.periods = NEXT_YEAR
    for day in (date(2026, 9, 1), date(2026, 9, 2)):
        for pupil_id in mis.pupils:
            mis.day(pupil_id, day, "/")


def test_letters_of_last_year_stand_when_the_mis_sends_this_years_calendar_only(tmp_path: Path) -> None:
    mis, state = school_with_late_marks(), tmp_path / "hill.db"
    run(mis, state, SPRING[-1], LATE)
    before, notes = ledger(state), list(mis.notes)
    assert [(row.rule, row.state) for row in before] == [("late-letter", "verified")]
    start_the_next_year(mis)
    summary = run(mis, state, date(2026, 9, 2), LATE)
    assert (summary.outcome, summary.withdrawn, summary.warnings) == ("done", 0, [])
    assert ([(row.key, row.state) for row in ledger(state)], mis.notes) == (
        [(row.key, row.state) for row in before],
        notes,
    )
    assert mis.doubles == []


def test_a_correction_of_last_year_is_still_judged_by_last_years_days(tmp_path: Path) -> None:
    mis, state = school_with_late_marks(), tmp_path / "hill.db"
    run(mis, state, SPRING[-1], LATE)
    start_the_next_year(mis)
    run(mis, state, date(2026, 9, 1), LATE)
    mis.mark("1", SPRING[0], "AM", "/")
    summary = run(mis, state, date(2026, 9, 2), LATE)
    assert summary.withdrawn == 1
    (row,) = ledger(state)
    assert row.state == "withdrawn"


def test_an_event_of_last_year_is_found_late_with_this_years_calendar_only(tmp_path: Path) -> None:
    mis, state = school_with_late_marks(), tmp_path / "hill.db"
    late = {
        (pupil_id, session) for pupil_id, session in mis.marks if pupil_id == "1" and session.date in SPRING
    }
    came_late = {key: mis.marks.pop(key) for key in late}
    run(mis, state, SPRING[-1], LATE)
    start_the_next_year(mis)
    mis.marks |= came_late
    run(mis, state, date(2026, 9, 2), LATE)
    assert [(row.rule, row.date) for row in ledger(state)] == [("late-letter", SPRING[-1])]


def test_days_of_runs_over_two_yearly_calendars_write_what_one_calendar_of_both_writes(
    tmp_path: Path,
) -> None:
    yearly, whole = school_with_late_marks(), school_with_late_marks()
    run_days(yearly, tmp_path / "yearly.db", date(2026, 3, 2), SPRING[-1], LATE)
    run_days(whole, tmp_path / "whole.db", date(2026, 3, 2), SPRING[-1], LATE)
    start_the_next_year(yearly)
    start_the_next_year(whole)
    whole.periods = (*school_with_late_marks().periods, *NEXT_YEAR)
    for mis, name in ((yearly, "yearly"), (whole, "whole")):
        run(mis, tmp_path / f"{name}.db", date(2026, 9, 2), LATE)
    assert yearly.titles("1") == whole.titles("1")
    with (
        Store.open(tmp_path / "yearly.db", "hill") as one,
        Store.open(tmp_path / "whole.db", "hill") as other,
    ):
        assert set(one.facts.calendar()) == set(other.facts.calendar())


def test_an_inset_day_over_counted_marks_is_told_with_its_day(tmp_path: Path) -> None:
    mis, state = school_with_late_marks(), tmp_path / "hill.db"
    run(mis, state, SPRING[-1], LATE)
    mis.periods = (*mis.periods, Period("inset", "INSET", SPRING[1], SPRING[1]))
    summary = run(mis, state, SPRING[-1], LATE)
    assert "5 March 2026 is no longer a school day in the MIS" in summary.warnings


def test_the_policy_and_the_mapping_of_codes_are_among_the_facts(tmp_path: Path) -> None:
    mis, state = small_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 12), LATE)
    other = options("aspire", only=("truancy-first",))
    other = replace(other, config=other.config.model_copy(update={"welsh_d_attended": False}))
    run(mis, state, date(2025, 9, 15), other)
    with Store.open(state, "hill") as store:
        changed = {
            change.fact: (change.before, change.after) for change in store.fact_history.changes_since(None)
        }
    assert changed["code_mapping"] == ("D counts as attended", "D counts as not possible")
    assert [value.split(",")[0] for value in changed["policy"]] == ["hcat", "aspire"]
