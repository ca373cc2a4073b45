"""Whole runs while a fifth of all calls go wrong: they end, say so, and the next run puts everything right."""

from __future__ import annotations

import time
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from connector.mock.faults import FAULTS
from connector.mock.school import MadeUpSchool, make_school
from connector.run.summary import RunSummary
from rules.policy import Policy, load_policy
from tests.connector.end_to_end.trial import MISS, EndState, Trial, school_days

RATE = 0.2
WITH_CHARTS = ("class-of-the-week", "class-on-target")
"""Rules that make the weekly sheet, which takes longer than everything else here together."""


@cache
def school() -> MadeUpSchool:
    return make_school(pupils=12, weeks=6, seed=3)


def two_days() -> tuple[date, date]:
    """Return a first run in the fifth week, and a nightly one a week later."""
    days = school_days(school())
    return days[20], days[25]


def policy() -> Policy:
    whole = load_policy("hcat")
    return whole.model_copy(
        update={"rules": tuple(rule for rule in whole.rules if rule.id not in WITH_CHARTS)}
    )


@cache
def without_faults(mis: str) -> tuple[EndState, EndState]:
    """Where the school stands after each of the two days when nothing ever goes wrong."""
    with TemporaryDirectory() as folder, Trial(mis, school(), Path(folder), policy()).open() as trial:
        stands = []
        for day in two_days():
            assert trial.run(day).outcome == "done"
            stands.append(trial.end_state())
    return stands[0], stands[1]


def says_that_it_failed(summary: RunSummary) -> bool:
    """Return whether a run that did not finish says so, and why."""
    return summary.exit_code == 1 and bool(summary.error or summary.failed_now)


WRITES_ONLY = ("stale", "no-effect", "drop-after", "error-500-after")
CASES = [(mis, fault) for mis in MISS for fault in FAULTS if mis == "arbor" or fault not in WRITES_ONLY]
"""To a MIS that is only read, an answer lost after its effect is one lost before it."""


@pytest.mark.parametrize(("mis", "fault"), CASES)
def test_a_fifth_of_all_calls_may_fail_in_every_run(mis: str, fault: str, tmp_path: Path) -> None:
    wanted = without_faults(mis)
    with Trial(mis, school(), tmp_path, policy()).open() as trial:
        faults = trial.server.world.faults
        faults.slow_seconds = faults.busy_seconds = 0
        faults.stale_seconds = 0.1 if fault == "stale" else 0
        for day, stand in zip(two_days(), wanted, strict=True):
            if mis != "arbor" and day == two_days()[0]:
                trial.run(
                    day
                )  # reading everything under faults is in the contract; here it is the nightly run
                continue
            faults.set(fault, RATE)
            summary = trial.run(day)
            faulted = trial.end_state()
            assert not faulted.twice
            assert set(faulted.filed) <= set(stand.filed), "nothing wrong was written"
            assert says_that_it_failed(summary) or faulted == stand, "a run that says done is done"
            faults.clear()
            time.sleep(2 * faults.stale_seconds)
            again = trial.run(day)
            assert again.outcome == "done", again.error
            assert trial.end_state() == stand
