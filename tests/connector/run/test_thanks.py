"""A review that finds attendance better is thanked for, and by a person where the policy or the figures ask for one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.ledger.decisions import approve
from connector.store import Store
from tests.connector.memory_mis import FIRST_DAY, MemoryMis, at, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run

STAGES = ("stage-1", "stage-2", "stage-3", "improved")
DAYS = school_days(FIRST_DAY, FIRST_DAY + timedelta(days=90))
STAGE_1 = DAYS[14]
"""26 of 30 sessions attended."""
REVIEW = next(day for day in DAYS if day >= STAGE_1 + timedelta(days=28))


@pytest.fixture
def mis() -> MemoryMis:
    """Pupil 1 falls to stage 1 and comes every day after that."""
    mis = small_school(2)
    for day in DAYS[13:15]:
        mis.day("1", day, "I")
    return mis


def test_the_family_is_thanked_on_the_day_on_which_the_review_ends(tmp_path: Path, mis: MemoryMis) -> None:
    state = tmp_path / "hill.db"
    run(mis, state, STAGE_1, options(only=STAGES))
    run(mis, state, REVIEW - timedelta(days=1), options(only=STAGES))
    assert [row.rule for row in ledger(state)] == ["stage-1"]
    run(mis, state, REVIEW, options(only=STAGES))
    row = row_of(state, "improved")
    assert (row.state, row.date) == ("verified", REVIEW)
    assert row.event.sessions == ()
    assert [d.file_name for _, d in mis.documents if "Thank you" in d.file_name or "improved" in d.file_name]


def test_a_pupil_flagged_for_child_protection_waits_for_a_person_and_goes_once_approved(
    tmp_path: Path, mis: MemoryMis
) -> None:
    state = tmp_path / "hill.db"
    mis.pupils["1"] = replace(mis.pupils["1"], child_protection=True)
    assert run(mis, state, STAGE_1, options(only=STAGES)).outcome == "done"
    assert row_of(state, "stage-1").state == "verified", "other letters of the pupil do not wait"
    run(mis, state, REVIEW, options(only=STAGES))
    row = row_of(state, "improved")
    assert (row.state, row.hold) == ("held", "review")
    assert row.reason == "the pupil has a flag (child_protection): read the letter before it goes"
    written = len(mis.notes)
    with Store.open(state, "hill") as store:
        approve(store, row.key, by="x", now=at(REVIEW), as_of=REVIEW)
    run(mis, state, REVIEW + timedelta(days=3), options(only=STAGES))
    assert row_of(state, "improved").state == "verified"
    assert len(mis.notes) == written + 1


@pytest.mark.parametrize(("attended", "held"), [(17, True), (18, False)])
def test_a_gain_that_is_only_due_to_sessions_that_were_not_possible_waits_for_a_person(
    tmp_path: Path, mis: MemoryMis, attended: int, held: bool
) -> None:
    """Of 20 days 17 attended are 85% and 18 are 90%; 26 of 30 sessions until stage 1 were 86.7%."""
    since = [day for day in DAYS if STAGE_1 < day <= REVIEW]
    assert len(since) == 20
    for day in since[attended:]:
        mis.day("1", day, "Y1")
    state = tmp_path / "hill.db"
    run(mis, state, REVIEW, options(only=STAGES))
    row = row_of(state, "improved")
    assert (row.hold == "review") is held
    if held:
        assert row.reason == (
            "attendance is better only because sessions were not possible (6 since then): read the letter before it goes"
        )


def test_sessions_that_are_never_possible_for_the_pupil_raise_no_doubt(tmp_path: Path) -> None:
    """Half days all year (X in the afternoon), before stage 1 and since: like is compared with like."""
    mis = small_school(2)
    days = DAYS[:60]
    for day in days:
        mis.mark("1", day, "PM", "X")
    for day in days[27:30]:
        mis.mark("1", day, "AM", "I")
    mis.mark("1", days[26], "AM", "I")
    stage_1 = days[29]
    state = tmp_path / "hill.db"
    review = next(day for day in DAYS if day >= stage_1 + timedelta(days=28))
    run(mis, state, review, options(only=STAGES))
    row = row_of(state, "improved")
    assert (row.state, row.date) == ("verified", review)
