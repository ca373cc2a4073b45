"""Families to whom a rule must not write: recorded as excluded, never lost without a trace."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.ledger.exclusions import exclusion_for, flags_on
from rules.events import Event
from rules.rule.outcome import NOTE, Outcome
from rules.school import Exclusion
from tests.connector.ledger.test_guards import DAY, LATE, late_school
from tests.connector.memory_mis import made_up_pupil
from tests.connector.runs import ledger, options, row_of, run

EVENT = Event("late-letter", date(2025, 9, 10), "", (Outcome("letter", "late-letter"), NOTE), "1")


@pytest.mark.parametrize(
    ("exclusion", "covers"),
    [
        (Exclusion(reason="all of it", pupil_id="1"), True),
        (Exclusion(reason="another pupil", pupil_id="2"), False),
        (Exclusion(reason="this rule", rules=("late-letter",), pupil_id="1"), True),
        (Exclusion(reason="another rule", rules=("stage-1",), pupil_id="1"), False),
        (Exclusion(reason="its last day", pupil_id="1", until=date(2025, 9, 10)), True),
        (Exclusion(reason="past", pupil_id="1", until=date(2025, 9, 9)), False),
        (Exclusion(reason="flag", flag="looked_after"), True),
        (Exclusion(reason="no such flag here", flag="young_carer"), False),
        (Exclusion.model_construct(reason="nobody named"), False),
    ],
)
def test_an_exclusion_covers_what_it_names(exclusion: Exclusion, covers: bool) -> None:
    found = exclusion_for(EVENT, made_up_pupil(1, looked_after=True), [exclusion])
    assert (found is exclusion) == covers


def test_exclusions_can_name_what_follows_from_dates_and_need() -> None:
    pupil = made_up_pupil(
        1,
        sen_status="K",
        part_time_from=date(2025, 9, 1),
        part_time_to=date(2025, 9, 30),
        date_of_birth=date(2021, 5, 1),
    )
    assert flags_on(pupil, date(2025, 9, 10)) == {"sen", "part_time", "under_age"}
    assert flags_on(pupil, date(2025, 10, 10)) == {"sen", "under_age"}
    assert flags_on(made_up_pupil(1), date(2025, 9, 10)) == set()


@pytest.mark.parametrize("where", ["mis", "configuration"])
def test_an_excluded_event_is_recorded_with_its_reason(tmp_path: Path, where: str) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    agreed = Exclusion(reason="Medical plan agreed", pupil_id="1", until=date(2026, 7, 31))
    if where == "mis":
        mis.exclusions = [agreed]
        opts = options(only=LATE)
    else:
        opts = options(only=LATE, exclusions=(agreed,))
    run(mis, state, DAY, opts)
    row = row_of(state, "late-letter", "1")
    assert (row.state, row.reason) == ("excluded", "Medical plan agreed, until 2026-07-31")
    assert {d.pupil_id for _, d in mis.documents} == {"2"}
    mis.exclusions = []
    run(mis, state, DAY, options(only=LATE))
    assert row_of(state, "late-letter", "1").state == "verified", (
        "the exclusion is gone: typed on the wrong pupil"
    )


def test_an_exclusion_that_comes_while_an_event_is_held_still_counts(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE, review=frozenset({"all"})))
    mis.exclusions = [Exclusion(reason="ill", pupil_id="1")]
    run(mis, state, DAY, options(only=LATE))
    assert [row.state for row in ledger(state)] == ["excluded"]


def test_an_excluded_event_whose_marks_were_corrected_is_withdrawn_quietly(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    mis.exclusions = [Exclusion(reason="ill", pupil_id="1")]
    run(mis, state, DAY, options(only=LATE))
    mis.mark("1", date(2025, 9, 9), "AM", "/")
    run(mis, state, DAY, options(only=LATE))
    assert [row.state for row in ledger(state)] == ["withdrawn"]
    assert not mis.notes
    mis.mark("1", date(2025, 9, 9), "AM", "L")
    run(mis, state, DAY, options(only=LATE))
    assert [row.state for row in ledger(state)] == ["excluded"]


def test_pupils_with_a_flag_are_excluded_by_it(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    mis.pupils["2"] = replace(mis.pupils["2"], looked_after=True)
    run(
        mis,
        state,
        DAY,
        options(only=LATE, exclusions=(Exclusion(reason="virtual school", flag="looked_after"),)),
    )
    assert [row_of(state, "late-letter", p).state for p in "12"] == ["verified", "excluded"]
