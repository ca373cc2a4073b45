"""The same school, seed and pack give the same events, letters and notes on every MIS."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from connector.adapters import adapter_kinds
from connector.mock.school import MadeUpSchool, make_school
from connector.store.ledger import event_text
from rules.evaluate import evaluate
from rules.policy import load_policy
from rules.school import Nation
from tests.connector.end_to_end.trial import MISS, EndState, Trial

PACKS: tuple[tuple[str, Nation], ...] = (
    ("hcat", "england"),
    ("england-2024", "england"),
    ("aspire", "england"),
    ("aycliffe-drive", "england"),
    ("thringstone", "england"),
    ("cadle", "wales"),
)


@cache
def school(nation: Nation) -> MadeUpSchool:
    return make_school(pupils=24, weeks=9, seed=7, nation=nation)


def without_salutations(made_up: MadeUpSchool) -> MadeUpSchool:
    enrolled = []
    for one in made_up.enrolled:
        contacts = tuple(replace(contact, salutation="") for contact in one.pupil.contacts)
        enrolled.append(replace(one, pupil=replace(one.pupil, contacts=contacts)))
    return replace(made_up, enrolled=tuple(enrolled))


@pytest.mark.parametrize("mis", MISS)
@pytest.mark.parametrize(("pack", "nation"), PACKS)
def test_the_ledger_holds_exactly_what_the_register_itself_gives(
    mis: str, pack: str, nation: Nation, tmp_path: Path
) -> None:
    made_up, policy = school(nation), load_policy(pack)
    last = made_up.last_day
    history = adapter_kinds()[mis].capabilities.amendments  # others show changes only to a nightly run
    found = evaluate(
        made_up.register(last), policy, last, amendments=history, notices=True, in_run=True
    ).events
    wanted = [event for event in found if policy.acts_on(event.rule)]
    none_written = {"since": last + timedelta(days=1)}
    with Trial(mis, made_up, tmp_path, policy, none_written).open() as trial:
        summary = trial.run(last)
        assert summary.outcome != "failed", summary.error
        assert len(wanted) > 5
        assert sorted(row.evidence for row in trial.rows()) == sorted(event_text(event) for event in wanted)


def test_letters_and_notes_are_the_same_to_the_byte_and_go_to_the_same_adults(tmp_path: Path) -> None:
    stands: dict[str, EndState] = {}
    adults: dict[str, list[tuple[str, ...]]] = {}
    made_up = without_salutations(school("england"))  # Arbor holds none
    day = made_up.calendar.last_school_day(made_up.first_day, made_up.first_day + timedelta(days=28))
    assert day is not None
    for mis in MISS:
        # a MIS's own history of changes stands in registration certificates; only SIMS gives one
        settings = {"amendments": False} if mis == "sims" else {}
        with Trial(mis, made_up, tmp_path / mis, settings=settings).open() as trial:
            assert trial.run(day).outcome != "failed"
            stands[mis], adults[mis] = trial.end_state(), trial.addressees()
    first = stands[MISS[0]]
    assert sum(kind == "document" for kind, *_ in first.filed) > 5
    for mis in MISS[1:]:
        assert stands[mis] == first, mis
        assert adults[mis] == adults[MISS[0]], mis
