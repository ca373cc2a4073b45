"""Names that break careless programs, and the days on which the clocks change, through to the letter."""

from __future__ import annotations

import io
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from docx import Document

from connector.mock.school import MadeUpSchool
from connector.store import Store
from connector.testing.schools import clock_change_school, hostile_school, mark, school_with
from rules.policy import load_policy, switched
from tests.connector.end_to_end.trial import MISS, SCHOOL_ID, Trial

DAYS = tuple(date(2025, 9, day) for day in (8, 9, 10, 11))


@cache
def hostile_and_absent() -> MadeUpSchool:
    """Every pupil with an awkward name misses three days."""
    pupils = hostile_school().pupils
    marks = [mark(p.pupil_id, day, half, "I") for p in pupils for day in DAYS for half in ("AM", "PM")]
    return school_with(pupils=pupils, marks=marks)


@pytest.mark.parametrize("mis", MISS)
def test_awkward_names_arrive_whole_in_the_letter(mis: str, tmp_path: Path) -> None:
    made_up = hostile_and_absent()
    policy = switched(load_policy("hcat"), on=["three-days-missed"])
    with Trial(mis, made_up, tmp_path, policy).open() as trial:
        summary = trial.run(DAYS[-1], hold_above_missing_percent=100)
        assert summary.outcome == "done", (summary.error, summary.warnings)
        assert not trial.end_state().twice
        with Store.open(trial.state, SCHOOL_ID) as store:
            items = [item for row in store.ledger.rows() for item in store.outbox.of_event(row.id)]
            letters = {
                item.pupil_id: store.outbox.content(item)
                for item in items
                if "School days missed" in item.file_name
            }
        assert {item.state for item in items} == {"verified"}
        # adults of the same name and address: signs that are no part of a name, and "1 NULL, None"
        held = {"1001", "1006", "1007", "1008"}
        assert set(letters) == {pupil.pupil_id for pupil in made_up.pupils} - held
        for pupil in made_up.pupils:
            if pupil.pupil_id in held:
                continue
            text = " ".join(p.text for p in Document(io.BytesIO(letters[pupil.pupil_id])).paragraphs)
            for name in (pupil.legal_forename, pupil.legal_surname):
                assert " ".join(name.split()) in " ".join(text.split()), name
        names = {
            name for p in made_up.pupils for name in (p.legal_surname, p.legal_forename) if len(name) > 3
        }
        shown = " ".join(item.file_name + item.summary for item in items)
        assert not [name for name in names if name in shown]


@pytest.mark.parametrize("mis", MISS)
@pytest.mark.parametrize("day", [date(2025, 10, 27), date(2026, 3, 30)])
def test_the_days_after_a_clock_change_are_read_as_they_are(mis: str, day: date, tmp_path: Path) -> None:
    made_up = clock_change_school()
    with Trial(mis, made_up, tmp_path).open() as trial:
        for run_on in (date(2025, 10, 24), day):
            assert trial.run(run_on).outcome != "failed"
        with Store.open(trial.state, SCHOOL_ID) as store:
            register = store.register(nation="england")
        wanted = made_up.register(day)
        assert register.codes[0] == ""
        for row, pupil in enumerate(wanted.pupils):
            found = register.row_of[pupil.pupil_id]
            for column in range(len(wanted.sessions)):
                assert register.code_at(found, column) == wanted.code_at(row, column)
                place, other = (found, column), (row, column)
                assert register.minutes_late.get(place) == wanted.minutes_late.get(other)
