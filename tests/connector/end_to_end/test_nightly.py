"""A nightly run asks for what changed, not for the school."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from connector.mock.school import MadeUpSchool, make_school
from tests.connector.end_to_end.trial import MISS, Trial, school_days

PUPILS = 150
BESIDES_CHANGED_ROWS = 40


@cache
def school() -> MadeUpSchool:
    return make_school(pupils=PUPILS, weeks=6, seed=2)


@pytest.mark.parametrize("mis", MISS)
def test_a_night_after_the_first_takes_fewer_than_forty_requests(mis: str, tmp_path: Path) -> None:
    days = school_days(school())
    no_letters = {"since": school().last_day + timedelta(days=1)}
    with Trial(mis, school(), tmp_path, options=no_letters).open() as trial:
        trial.run(days[-2])
        night = trial.run(days[-1])
        assert night.outcome == "done"
        assert night.pulled.requests < BESIDES_CHANGED_ROWS
        again = trial.run(days[-1])
        assert again.pulled.requests < BESIDES_CHANGED_ROWS
        assert (again.notes, again.documents) == (0, 0)


@pytest.mark.parametrize("mis", MISS)
def test_a_second_run_of_a_day_changes_nothing_in_the_mis(mis: str, tmp_path: Path) -> None:
    made_up = make_school(pupils=12, weeks=5, seed=3)
    with Trial(mis, made_up, tmp_path).open() as trial:
        trial.run(made_up.last_day)
        before = trial.end_state()
        assert before.filed
        again = trial.run(made_up.last_day)
        assert (again.outcome, again.notes, again.documents) == ("done", 0, 0)
        assert trial.end_state() == before
