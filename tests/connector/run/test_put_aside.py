"""What is put aside or waits, and what brings it back: the start of letters, a person, the policy that is followed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.ledger.decisions import approve, list_events, release
from connector.store import Store
from tests.connector.memory_mis import FIRST_DAY, at, next_day
from tests.connector.run.test_limits import LATE, WEDNESDAY, late_school, states
from tests.connector.runs import ledger, options, run

REVIEW = options(only=LATE, review=frozenset({"all"}))
AFTER = next_day(WEDNESDAY)


def under(name: str, opts: LoadedSchool) -> LoadedSchool:
    """Return the same rules as a policy of another name."""
    return replace(opts, policy=opts.policy.model_copy(update={"id": name}))


def test_under_another_policy_what_waited_is_not_sent_and_its_own_letter_waits(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, WEDNESDAY, REVIEW)
    for _ in range(2):
        run(mis, state, WEDNESDAY, under("own", options(only=LATE)))
        assert sorted(states(state)) == ["held", "superseded"]
    assert not mis.documents


def test_what_waited_returns_with_its_policy(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, WEDNESDAY, REVIEW)
    run(mis, state, WEDNESDAY, under("own", REVIEW))
    assert sorted(states(state)) == ["held", "superseded"]
    run(mis, state, WEDNESDAY, options(only=LATE))
    assert [row.state for row in ledger(state) if row.policy == "hcat"] == ["verified"]


def test_an_event_of_a_later_day_is_not_sent_by_a_run_for_an_earlier_one(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, WEDNESDAY, REVIEW)
    run(mis, state, WEDNESDAY - timedelta(1), options(only=LATE))
    assert not mis.documents
    run(mis, state, WEDNESDAY, options(only=LATE))
    assert len(mis.documents) == 1


def test_an_event_of_a_rule_that_the_policy_no_longer_has_is_not_sent(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, WEDNESDAY, REVIEW)
    summary = run(mis, state, WEDNESDAY, options(only=("late-meeting",)))
    assert summary.outcome == "held", "it no longer follows, and no mark was changed"
    assert not mis.documents


def test_what_a_person_released_goes_out_also_from_before_the_start_of_letters(tmp_path: Path) -> None:
    mis, state = late_school(until=AFTER), tmp_path / "hill.db"
    run(mis, state, AFTER, options(only=LATE, first_run_school_days=0))
    with Store.open(state, "hill") as store:
        release(store, list_events(store)[0].key, by="x", now=at(AFTER), as_of=AFTER)
    run(mis, state, AFTER, options(only=LATE, since=AFTER))
    assert states(state) == ["verified"]


def test_what_a_person_approved_is_not_held_because_the_first_run_was_late(tmp_path: Path) -> None:
    mis, state = late_school(until=AFTER), tmp_path / "hill.db"
    opts = options(only=LATE, first_run_school_days=0, review=frozenset({"all"}))
    run(mis, state, AFTER, opts)
    with Store.open(state, "hill") as store:
        approve(store, list_events(store)[0].key, by="x", now=at(AFTER), as_of=AFTER)
    run(mis, state, AFTER, opts)
    assert states(state) == ["verified"]


@pytest.mark.parametrize(("since", "state_of"), [(FIRST_DAY, "verified"), (None, "held")])
def test_with_a_start_of_letters_a_first_run_holds_nothing_for_its_age(
    tmp_path: Path, since: object, state_of: str
) -> None:
    mis, state = late_school(until=AFTER), tmp_path / "hill.db"
    run(mis, state, AFTER, options(only=LATE, first_run_school_days=0, since=since))
    assert states(state) == [state_of]
