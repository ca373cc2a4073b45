"""A call that was answered keeps a run from saying that nobody was reached; entered late, it is named as the cause."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rules.pupil_record import PupilRecord
from tests.connector.memory_mis import MemoryMis, small_school
from tests.connector.runs import ledger, options, row_of, run

DAYS = [date(2025, 9, day) for day in (15, 16, 17)]
RULE = options(only=("unexplained-visit",))
ANSWERED = PupilRecord("1", "contact", DAYS[1], decision="answered")


def school() -> MemoryMis:
    mis = small_school(1, DAYS[-1])
    for day in DAYS[:2]:
        mis.day("1", day, "N")
    return mis


def test_a_call_that_was_answered_by_the_evening_keeps_the_visit_off(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    mis.pupil_records = [ANSWERED]
    for day in DAYS:
        run(mis, state, day, RULE)
    assert ledger(state) == []


def test_a_call_that_is_entered_after_the_visit_was_written_is_the_cause_why_it_no_longer_follows(
    tmp_path: Path,
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    for day in DAYS[:2]:
        run(mis, state, day, RULE)
    assert row_of(state, "unexplained-visit").state == "verified"
    mis.pupil_records = [ANSWERED]
    summary = run(mis, state, DAYS[2], RULE)
    row = row_of(state, "unexplained-visit")
    assert (row.state, row.reason) == ("held", "on record now: contact of 2025-09-16: answered")
    assert "events keep" in summary.causes[0].words


@pytest.mark.parametrize("made_on", DAYS[1:])
def test_the_visit_that_was_asked_for_undoes_nothing(tmp_path: Path, made_on: date) -> None:
    mis, state = school(), tmp_path / "hill.db"
    for day in DAYS[:2]:
        run(mis, state, day, RULE)
    mis.pupil_records = [PupilRecord("1", "visit", made_on, decision="seen")]
    run(mis, state, DAYS[2], RULE)
    assert row_of(state, "unexplained-visit").state == "verified"
