"""A corrected mark takes its event back with a note; corrected once more, no second letter goes out."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest

from connector.mock.school import MadeUpSchool
from connector.mock.school.corrections import LONDON
from connector.testing.schools import mark, school_with
from rules.policy import load_policy, switched
from rules.school import Half
from tests.connector.end_to_end.trial import MISS, Trial

HALVES: tuple[Half, Half] = ("AM", "PM")
RULE = "three-days-missed"
POLICY = switched(load_policy("hcat"), on=[RULE])


def school() -> MadeUpSchool:
    """Two pupils over two weeks; the first misses three days of the first week."""
    days = [date(2025, 9, day) for day in (8, 9, 10, 11, 12, 15, 16, 17)]
    base = school_with()
    marks = []
    for number, pupil in enumerate(base.pupils[:2]):
        for day in days:
            away = number == 0 and day in days[1:4]
            codes = ("I", "I") if away else ("/", "\\")
            marks += [mark(pupil.pupil_id, day, half, c) for half, c in zip(HALVES, codes, strict=True)]
    return school_with(pupils=base.pupils[:2], marks=marks)


def correct(trial: Trial, on: date, day: date, codes: tuple[str, str]) -> None:
    """Staff correct a day of the first pupil's marks in the MIS at noon of another day."""
    for half, code in zip(HALVES, codes, strict=True):
        at = datetime.combine(on, time(12), LONDON)
        trial.school.correct_mark(trial.school.pupils[0].pupil_id, day, half, code, at=at, reason="was here")


@pytest.mark.parametrize("mis", MISS)
def test_a_mark_corrected_and_corrected_back(mis: str, tmp_path: Path) -> None:
    made_up = school()
    friday, monday, tuesday = date(2025, 9, 12), date(2025, 9, 15), date(2025, 9, 16)
    with Trial(mis, made_up, tmp_path, POLICY).open() as trial:
        assert trial.run(friday).outcome == "done"
        (row,) = [row for row in trial.rows() if row.rule == RULE]
        assert row.state == "verified"
        letters = {place for place in trial.end_state().filed if place[0] == "document"}
        assert letters

        correct(trial, monday, date(2025, 9, 10), ("/", "\\"))
        withdrawn = trial.run(monday)
        assert withdrawn.withdrawn == 1
        (gone,) = [row for row in trial.rows() if row.rule == RULE]
        assert (gone.key, gone.state) == (row.key, "withdrawn")
        notes = [place for place in trial.end_state().filed if place[:3] == ("note", row.pupil_id, row.key)]
        assert len(notes) == 2, "the note, and the one that takes it back"
        assert {p for p in trial.end_state().filed if p[0] == "document"} == letters, "letters stay on file"
        quiet = trial.end_state()
        assert (trial.run(monday).notes, trial.end_state()) == (0, quiet)

        correct(trial, tuesday, date(2025, 9, 10), ("I", "I"))
        trial.run(tuesday)
        (back,) = [row for row in trial.rows() if row.rule == RULE]
        assert (back.key, back.state) == (row.key, "verified")
        state = trial.end_state()
        assert {place for place in state.filed if place[0] == "document"} == letters, "no second letter"
        assert not state.twice
        assert len([p for p in state.filed if p[:3] == ("note", row.pupil_id, row.key)]) == 3
        assert (trial.run(tuesday).notes, trial.end_state()) == (0, state)
