"""On which facts an event rests: those on which it followed last."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.ledger.decisions import keep
from connector.ledger.rested_on import FactsNow, NewPolicy, PupilFacts, new_policy
from connector.store import Store
from rules.calendar import Period
from rules.events import Event
from rules.rule.outcome import NOTE
from rules.school import Spell
from tests.connector.ledger.test_guards import DAY, DAYS, LATE, late_school
from tests.connector.ledger.test_match import DAYS as MARKED
from tests.connector.ledger.test_same_absence import register
from tests.connector.memory_mis import at, made_up_pupil
from tests.connector.runs import options, row_of, run

OPTS = options(only=LATE)


def test_an_event_that_still_follows_rests_on_the_facts_of_today(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2025, 9, 5)))
    run(mis, state, DAY, OPTS)
    row = row_of(state, "late-letter")
    assert row.state == "verified"
    assert "2025-09-05" in row.rested_on


def test_what_it_was_held_or_kept_on_is_over_once_it_follows_again(tmp_path: Path) -> None:
    for number, kept in enumerate((False, True)):
        mis, state = late_school(1), tmp_path / f"{number}.db"
        run(mis, state, DAY, OPTS)
        periods = mis.periods
        mis.periods = (*periods, Period("inset", "Training", DAYS[0], DAYS[0]))
        run(mis, state, DAY, OPTS)
        row = row_of(state, "late-letter")
        assert (row.hold, bool(row.held_on)) == ("no_longer_follows", True)
        if kept:
            with Store.open(state, "hill") as store:
                keep(store, row.key, reason="it was so", by="office", now=at(DAY), as_of=DAY)
            assert row_of(state, "late-letter").kept_at is not None
        mis.periods = periods
        run(mis, state, DAY, OPTS)
        row = row_of(state, "late-letter")
        assert (row.state, row.held_on, row.kept_at) == ("verified", "", None)


@pytest.mark.parametrize(("policy", "judged_until"), [("hcat", None), ("own", DAY)])
def test_what_a_state_from_before_it_was_kept_says_of_the_policies_followed(
    tmp_path: Path, policy: str, judged_until: date | None
) -> None:
    """Read from the runs: one that a guard held judged the school, and one that ended with an error did not."""
    mis, state = late_school(1), tmp_path / "hill.db"
    own = replace(OPTS, policy=OPTS.policy.model_copy(update={"id": "own"}))
    run(mis, state, DAYS[1], OPTS)
    mis.day("1", DAY, "-")
    ends = [run(mis, state, DAY, OPTS), run(mis, state, date(2025, 12, 1), own)]
    assert [(one.outcome, bool(one.error)) for one in ends] == [("held", False), ("held", True)]
    with Store.open(state, "hill") as store:
        with store.transaction() as connection:
            connection.execute("DELETE FROM meta WHERE name = 'judged_last_under'")
        assert new_policy(store, policy) == (None if judged_until is None else NewPolicy(judged_until))


def test_a_school_that_was_never_judged_has_a_new_policy(tmp_path: Path) -> None:
    with Store.open(tmp_path / "hill.db", "hill") as store:
        assert new_policy(store, "hcat") == NewPolicy(None)


def test_the_facts_behind_an_event_name_the_sessions_of_its_window_without_a_mark() -> None:
    marks = register("--", "-/", "/-", "--")
    first, last = MARKED[1:3]
    one = Event("late-letter", last, "", (NOTE,), "1", window=(first, last))
    with Store.in_memory("hill") as store:
        facts = FactsNow(store, marks, OPTS.policy)
        assert facts.behind(one).unmarked == (f"{first} AM", f"{last} PM")
        of_a_class = replace(one, pupil_id=None, group="9Z")
        assert facts.behind(of_a_class).pupils == ()


@pytest.mark.parametrize(
    ("until", "stretches"), [(DAY, ((DAY, DAY),)), (DAYS[2], ())], ids=["from its first day", "not before"]
)
def test_a_spell_on_roll_counts_from_its_first_day(until: date, stretches: object) -> None:
    facts = PupilFacts("1", date(2015, 1, 2), (Spell(DAY),))
    assert facts.on_roll_until(until) == stretches
    pupil = facts.in_place_of(made_up_pupil(1))
    assert (pupil.date_of_birth, pupil.spells) == (date(2015, 1, 2), (Spell(DAY),))
