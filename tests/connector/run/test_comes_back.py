"""What was put aside or excluded comes back only while it still follows from the facts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from connector.ledger.decisions import approve, keep, withdraw
from connector.store import Store
from rules.school import Exclusion, Spell
from tests.connector.memory_mis import MemoryMis, at, next_day, school_days, small_school
from tests.connector.runs import options, row_of, run

FRIDAY = date(2025, 9, 19)
LATE_DAYS = school_days(date(2025, 9, 8), date(2025, 9, 15))
NEXT = date(2025, 9, 16)
STEPS = ("late-letter", "late-meeting")


def school() -> MemoryMis:
    mis = small_school(1, until=date(2025, 9, 26))
    late(mis)
    return mis


def late(mis: MemoryMis) -> None:
    for day in LATE_DAYS:
        mis.mark("1", day, "AM", "L", 5)


def on_time(mis: MemoryMis) -> None:
    for day in LATE_DAYS:
        mis.mark("1", day, "AM", "/")


def joined_later(mis: MemoryMis) -> None:
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(start=LATE_DAYS[-1]))


@pytest.mark.parametrize("fact", [on_time, joined_later])
def test_an_overtaken_step_that_follows_no_more_stays_aside(tmp_path: Path, fact: object) -> None:
    mis, state = school(), tmp_path / "hill.db"
    opts = options(only=STEPS, catch_up="highest", ladder_gap_days=0)
    mis.refused = {"1"}
    run(mis, state, LATE_DAYS[-1], opts)
    assert row_of(state, "late-letter").hold == "overtaken"
    mis.refused = set()
    fact(mis)  # type: ignore[operator]
    for day in (NEXT, date(2025, 9, 17)):
        run(mis, state, day, opts)
    assert row_of(state, "late-letter").state == "superseded"
    assert not mis.documents


def test_an_event_before_the_start_that_follows_no_more_stays_aside(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, LATE_DAYS[-1], options(only=("late-letter",), since=LATE_DAYS[-1]))
    assert row_of(state, "late-letter").hold == "before_start"
    on_time(mis)
    run(mis, state, NEXT, options(only=("late-letter",), since=LATE_DAYS[0]))
    assert row_of(state, "late-letter").state == "superseded"
    assert not mis.documents


def test_an_excluded_event_that_follows_no_more_does_not_go_out_when_the_exclusion_ends(
    tmp_path: Path,
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    mis.exclusions = [Exclusion(reason="Bereavement", pupil_id="1")]
    opts = options(only=("late-letter",))
    run(mis, state, LATE_DAYS[-1], opts)
    assert row_of(state, "late-letter").state == "excluded"
    joined_later(mis)
    run(mis, state, NEXT, opts)
    mis.exclusions = []
    for day in (date(2025, 9, 17), date(2025, 9, 18)):
        run(mis, state, day, opts)
    assert row_of(state, "late-letter").state == "excluded"
    assert not mis.documents
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell())
    run(mis, state, FRIDAY, opts)
    assert row_of(state, "late-letter").state == "verified"


MANY = {"hold_above_events_of_rule": {"late-letter": 0}}


def test_a_hold_that_only_a_person_ends_outlives_an_exclusion_by_mistake(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, LATE_DAYS[-1], options(only=("late-letter",), **MANY))
    assert row_of(state, "late-letter").hold == "too_many"
    mis.exclusions = [Exclusion(reason="typed on the wrong pupil", pupil_id="1")]
    run(mis, state, NEXT, options(only=("late-letter",)))
    assert row_of(state, "late-letter").state == "excluded"
    mis.exclusions = []
    run(mis, state, date(2025, 9, 17), options(only=("late-letter",)))
    assert (row_of(state, "late-letter").state, row_of(state, "late-letter").hold) == ("held", "too_many")
    assert not mis.documents


def test_what_was_approved_before_its_rule_was_switched_off_is_looked_at_again(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    opts = options(only=("late-letter",), review=["all"])
    run(mis, state, LATE_DAYS[-1], opts)
    with Store.open(state, "hill") as store:
        key, day = row_of(state, "late-letter").key, LATE_DAYS[-1]
        approve(store, key, by="head", now=at(day), as_of=day)
    run(mis, state, NEXT, options(only=("late-letter",), review=["all"], rules_off=["late-letter"]))
    assert row_of(state, "late-letter").hold == "switched_off"
    run(mis, state, date(2025, 9, 17), opts)
    assert (row_of(state, "late-letter").state, row_of(state, "late-letter").hold) == ("held", "new_policy")
    assert not mis.documents


@pytest.mark.parametrize("by_person", [True, False])
def test_a_hold_that_only_a_person_ends_outlives_a_second_withdrawal(tmp_path: Path, by_person: bool) -> None:
    mis, state = school(), tmp_path / "hill.db"
    opts = options(only=("late-letter",))
    day = LATE_DAYS[-1]

    def next_run() -> None:
        nonlocal day
        day = next_day(day)
        run(mis, state, day, opts)

    def decide(command: Callable[..., object], **by: str) -> None:
        with Store.open(state, "hill") as store:
            command(store, row_of(state, "late-letter").key, reason="as agreed", now=at(day), as_of=day, **by)

    run(mis, state, day, options(only=("late-letter",), **MANY))
    joined_later(mis)
    next_run()
    decide(withdraw)
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell())
    next_run()
    assert row_of(state, "late-letter").hold == "facts_changed"
    if by_person:
        decide(withdraw)
        on_time(mis)
    joined_later(mis)
    next_run()
    assert row_of(state, "late-letter").state == "withdrawn"
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell())
    late(mis)
    next_run()
    decide(keep, by="head")
    next_run()
    assert (row_of(state, "late-letter").state, row_of(state, "late-letter").hold) == ("held", "too_many")
    assert not mis.documents
