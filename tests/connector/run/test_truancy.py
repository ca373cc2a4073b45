"""Absence that nobody explained, from N to what becomes of it: one warning a year, and none for what was explained."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.connector.memory_mis import MemoryMis, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run, run_days

RULES = ("truancy-first", "truancy-again")
DAYS = school_days(date(2025, 9, 8), date(2025, 10, 17))
AWAY, FOURTH, DUE = DAYS[0], DAYS[4], DAYS[5]
OPTIONS = options("aspire", only=RULES)


@pytest.fixture
def mis() -> MemoryMis:
    """Pupil 1 is away one morning, without a reason yet."""
    mis = small_school(2)
    mis.mark("1", AWAY, "AM", "N")
    return mis


def found(state: Path) -> list[tuple[str, date, str]]:
    return [(row.rule, row.date, row.state) for row in ledger(state)]


def test_an_n_is_warned_of_on_the_fifth_school_day_and_not_again_when_it_is_ruled(
    tmp_path: Path, mis: MemoryMis
) -> None:
    state = tmp_path / "hill.db"
    run_days(mis, state, AWAY, FOURTH, OPTIONS)
    assert found(state) == []
    run(mis, state, DUE, OPTIONS)
    assert found(state) == [("truancy-first", DUE, "verified")]
    written = len(mis.notes)
    mis.mark("1", AWAY, "AM", "O")
    run_days(mis, state, DAYS[6], DAYS[9], OPTIONS)
    assert found(state) == [("truancy-first", DUE, "verified")], (
        "ruled after that, it was truancy all the same"
    )
    assert len(mis.notes) == written, "no correcting note"


def test_an_n_that_is_ruled_before_that_is_warned_of_on_the_day_of_the_change(
    tmp_path: Path, mis: MemoryMis
) -> None:
    state = tmp_path / "hill.db"
    run_days(mis, state, AWAY, DAYS[1], OPTIONS)
    mis.mark("1", AWAY, "AM", "O")
    run_days(mis, state, DAYS[2], DAYS[9], OPTIONS)
    assert found(state) == [("truancy-first", DAYS[2], "verified")]


def test_an_absence_that_is_explained_in_time_brings_nothing(tmp_path: Path, mis: MemoryMis) -> None:
    state = tmp_path / "hill.db"
    run_days(mis, state, AWAY, DAYS[1], OPTIONS)
    mis.mark("1", AWAY, "AM", "I")
    run_days(mis, state, DAYS[2], DAYS[9], OPTIONS)
    assert found(state) == []


def test_an_absence_that_is_explained_after_the_warning_takes_it_back(tmp_path: Path, mis: MemoryMis) -> None:
    state = tmp_path / "hill.db"
    run_days(mis, state, AWAY, DUE, OPTIONS)
    written = len(mis.notes)
    mis.mark("1", AWAY, "AM", "I")
    run(mis, state, DAYS[6], OPTIONS)
    assert row_of(state, "truancy-first").state == "withdrawn"
    assert len(mis.notes) == written + 1, "a correcting note"


def test_an_absence_ruled_at_once_with_a_reason_that_was_not_accepted_brings_nothing(tmp_path: Path) -> None:
    mis = small_school(2)
    for day in DAYS[:3]:
        mis.mark("1", day, "AM", "O")
    state = tmp_path / "hill.db"
    run(mis, state, DAYS[12], OPTIONS)
    assert found(state) == []


def test_the_second_such_day_of_the_year_is_truancy_again(tmp_path: Path, mis: MemoryMis) -> None:
    mis.mark("1", DAYS[4], "PM", "N")
    mis.mark("1", DAYS[6], "PM", "N")
    state = tmp_path / "hill.db"
    run_days(mis, state, AWAY, DAYS[13], OPTIONS)
    assert found(state) == [("truancy-first", DUE, "verified"), ("truancy-again", DAYS[9], "verified")]


def test_a_run_after_a_gap_finds_the_same_days(tmp_path: Path, mis: MemoryMis) -> None:
    mis.mark("1", DAYS[4], "PM", "N")
    run(mis, tmp_path / "gap.db", DAYS[13] + timedelta(days=1), OPTIONS)
    run_days(mis, tmp_path / "daily.db", AWAY, DAYS[13], OPTIONS)
    assert [row[:2] for row in found(tmp_path / "gap.db")] == [
        row[:2] for row in found(tmp_path / "daily.db")
    ]
