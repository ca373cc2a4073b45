"""Returns to the authority about pupils who join or leave: they go out in time, and dates that come late bring them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rules.school import Spell
from tests.connector.memory_mis import MemoryMis, made_up_pupil, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run

RETURNS = options("england-2024", only=("new-pupil-return", "deletion-return"))
LEFT = date(2025, 11, 14)


def school(until: date = date(2025, 11, 28)) -> MemoryMis:
    return small_school(2, until=until)


def leaves(mis: MemoryMis, day: date | None) -> None:
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(None, day))


@pytest.mark.parametrize("day", [LEFT, date(2025, 11, 17), date(2025, 11, 21)])
def test_a_leavers_return_goes_out_on_the_leaving_date_and_after_it(tmp_path: Path, day: date) -> None:
    mis, state = school(until=day), tmp_path / "hill.db"
    leaves(mis, LEFT)
    summary = run(mis, state, day, RETURNS)
    row = row_of(state, "deletion-return")
    assert (summary.exit_code, row.state, row.date) == (0, "verified", LEFT)
    assert len(mis.titles("1")) == 2, "the return and its note"


def test_a_leaving_date_that_is_entered_days_later_brings_the_return_at_once(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 11, 18), RETURNS)
    assert ledger(state) == []
    leaves(mis, LEFT)
    summary = run(mis, state, date(2025, 11, 19), RETURNS)
    assert (summary.exit_code, row_of(state, "deletion-return").state) == (0, "verified")


def test_a_leaving_date_that_is_taken_away_holds_the_return_with_its_cause(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    leaves(mis, LEFT)
    run(mis, state, LEFT, RETURNS)
    leaves(mis, None)
    summary = run(mis, state, date(2025, 11, 17), RETURNS)
    row = row_of(state, "deletion-return")
    assert (summary.exit_code, row.state, row.hold) == (3, "held", "no_longer_follows")
    assert row.reason == "leaving date changed from 14 November 2025 to none"


@pytest.mark.parametrize("corrected", [date(2025, 11, 18), date(2025, 11, 16)])
def test_a_leaving_date_that_is_corrected_has_a_return_of_its_own_and_the_wrong_one_is_held(
    tmp_path: Path, corrected: date
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    leaves(mis, LEFT)
    run(mis, state, date(2025, 11, 17), RETURNS)
    leaves(mis, corrected)
    assert run(mis, state, date(2025, 11, 19), RETURNS).exit_code == 3
    rows = {row.event.figures["roll_date"]: row for row in ledger(state)}
    assert rows[corrected.isoformat()].state == "verified"
    wrong = rows[LEFT.isoformat()]
    assert (wrong.state, wrong.hold) == ("held", "no_longer_follows")
    assert wrong.reason.startswith("leaving date changed from 14 November 2025 to 1")


def test_a_pupil_who_comes_back_is_told_of_and_what_was_told_stands(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    leaves(mis, LEFT)
    run(mis, state, LEFT, RETURNS)
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(None, LEFT), Spell(date(2025, 11, 24)))
    assert run(mis, state, date(2025, 11, 26), RETURNS).exit_code == 0
    assert {(row.rule, row.date, row.state) for row in ledger(state)} == {
        ("deletion-return", LEFT, "verified"),
        ("new-pupil-return", date(2025, 11, 24), "verified"),
    }


def test_a_new_pupil_whom_the_office_enters_days_late_has_the_return_at_once(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 11, 12), RETURNS)
    mis.pupils["3"] = made_up_pupil(3, on_roll_from=date(2025, 11, 10))
    for day in school_days(date(2025, 11, 10), date(2025, 11, 13)):
        mis.day("3", day, "/")
    summary = run(mis, state, date(2025, 11, 13), RETURNS)
    row = row_of(state, "new-pupil-return", "3")
    assert (summary.exit_code, row.state) == (0, "verified")
    assert row.event.figures["due"] == "2025-11-15"
