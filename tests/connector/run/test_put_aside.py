"""What is put aside or waits, and what brings it back: the start of letters, a person, the policy that is followed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.ledger.decisions import approve, keep, list_events, release
from connector.store import Store
from connector.store.ledger import LedgerRow
from rules.school import Exclusion
from tests.connector.memory_mis import FIRST_DAY, at, next_day
from tests.connector.run.test_limits import LATE, WEDNESDAY, late_school, states
from tests.connector.runs import ledger, options, run

REVIEW = options(only=LATE, review=frozenset({"all"}))
AFTER = next_day(WEDNESDAY)


def under(name: str, opts: LoadedSchool) -> LoadedSchool:
    """Return the same rules as a policy of another name."""
    return replace(opts, policy=opts.policy.model_copy(update={"id": name}))


def row_of_policy(state: Path, policy: str, pupil_id: str) -> LedgerRow:
    """Return the only row of a pupil under a policy."""
    (found,) = [row for row in ledger(state) if (row.policy, row.pupil_id) == (policy, pupil_id)]
    return found


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
    with Store.open(state, "hill") as store:
        row = list_events(store)[0]
        assert row.hold == "no_longer_follows"
        keep(store, row.key, reason="it was so", by="x", now=at(WEDNESDAY), as_of=WEDNESDAY)
    run(mis, state, WEDNESDAY, options(only=("late-meeting",)))
    row = row_of_policy(state, "hcat", "1")
    assert (row.state, row.hold) == ("held", "new_policy")
    assert "no longer has its rule late-letter" in row.reason
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


def test_what_is_put_aside_or_excluded_keeps_its_day_and_lets_the_others_go_on(tmp_path: Path) -> None:
    mis, state = late_school(3, until=next_day(AFTER)), tmp_path / "hill.db"
    mis.exclusions = [Exclusion(reason="agreed", pupil_id="2")]
    opts = options(only=LATE, review=frozenset({"late-letter"}))
    for pupil_id in ("2", "3"):  # their third late mark comes a day later
        mis.day(pupil_id, WEDNESDAY, "/")
        mis.mark(pupil_id, AFTER, "AM", "L")
    run(mis, state, WEDNESDAY, opts)
    run(mis, state, AFTER, under("own", opts))
    aside, excluded = ledger(state)[0], row_of_policy(state, "own", "2")
    assert (aside.state, aside.hold, excluded.state) == ("superseded", "other_policy", "excluded")
    assert row_of_policy(state, "own", "3").hold == "review"
    run(mis, state, next_day(AFTER), under("own", options(only=LATE)))
    assert ledger(state)[0] == aside, "the day on which it was put aside is kept"
    assert row_of_policy(state, "own", "2") == excluded
    assert row_of_policy(state, "own", "3").state == "verified"


def test_what_is_excluded_is_excluded_also_when_it_would_be_put_aside(tmp_path: Path) -> None:
    mis, state = late_school(until=AFTER), tmp_path / "hill.db"
    mis.exclusions = [Exclusion(reason="agreed", pupil_id="1")]
    for opts in (
        options(only=LATE),
        options(only=LATE, since=AFTER),
        options(only=LATE, rules_off=list(LATE)),
        under("own", options(only=LATE)),
    ):
        run(mis, state, AFTER, opts)
        row = row_of_policy(state, "hcat", "1")
        assert (row.state, row.reason) == ("excluded", "agreed")


def test_what_another_policy_put_aside_is_looked_at_first_when_its_rule_was_off_meanwhile(
    tmp_path: Path,
) -> None:
    mis, state = late_school(until=AFTER), tmp_path / "hill.db"
    run(mis, state, WEDNESDAY, REVIEW)
    for opts, hold in (
        (under("own", REVIEW), "other_policy"),
        (options(only=LATE, rules_off=list(LATE)), "switched_off"),
        (options(only=LATE), "new_policy"),
    ):
        run(mis, state, AFTER, opts)
        assert row_of_policy(state, "hcat", "1").hold == hold
    assert not [document for _, document in mis.documents if document.key == ledger(state)[0].key]


@pytest.mark.parametrize(("limit", "hold"), [(2, "review"), (1, "too_many")])
def test_what_waits_for_approval_is_counted_among_too_many_at_once(
    tmp_path: Path, limit: int, hold: str
) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    run(mis, state, WEDNESDAY, options(only=LATE, review=frozenset({"all"}), hold_above_events=limit))
    assert [row.hold for row in ledger(state)] == [hold, hold]
