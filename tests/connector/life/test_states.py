"""Every state of an event and every way out of it, on whole runs; the page `docs/events.md` names just these."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connector.adapters.base import Found, NoteToWrite
from connector.config.loaded_school import LoadedSchool
from connector.errors import RetryableError
from connector.ledger import decisions
from connector.store import Store
from rules.rule.outcome import NOTE
from rules.school import Exclusion, Spell
from tests.connector.life.events_page import ways
from tests.connector.memory_mis import MemoryMis, at, next_day
from tests.connector.run.test_limits import LATE, LATE_DAYS, WEDNESDAY, late_school
from tests.connector.runs import options, run

EXCLUSION = Exclusion(pupil_id="1", reason="bereavement")
FAR = date(2025, 9, 26)


@dataclass
class SlowMis(MemoryMis):
    """A MIS that takes a note and does not show it while it is told so."""

    hides_notes: bool = False
    loses_notes: bool = False

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        return [] if self.hides_notes else super().find_notes(pupil_id, key)

    def write_note(self, note: NoteToWrite) -> str:
        return "lost" if self.loses_notes else super().write_note(note)


@dataclass
class Case:
    """One event of one pupil, and all that may happen to it."""

    state: Path
    mis: SlowMis = field(init=False)
    settings: dict[str, Any] = field(default_factory=dict)
    exclusions: list[Exclusion] = field(default_factory=list)
    policy: str = "hcat"
    notes: bool = True
    day: date = WEDNESDAY

    def __post_init__(self) -> None:
        school = late_school(until=FAR)
        self.mis = SlowMis(school.periods, school.pupils, school.marks)
        self.family = self.mis.pupils["1"]

    def run(self) -> None:
        """Run once, on the same day."""
        one = options(only=LATE, exclusions=self.exclusions, **self.settings)
        rules = one.policy.rules
        if not self.notes:
            rules = tuple(
                r.model_copy(update={"outcomes": tuple(o for o in r.outcomes if o != NOTE)}) for r in rules
            )
        pack = one.policy.model_copy(update={"id": self.policy, "rules": rules})
        run(self.mis, self.state, self.day, LoadedSchool(one.config, pack))

    def next_run(self) -> None:
        """Run on the next school day."""
        self.day = next_day(self.day)
        self.run()

    def decide(self, how: Callable[..., object], **more: str) -> None:
        """Let a person decide about the event."""
        with Store.open(self.state, "hill") as store:
            (row,) = [r for r in store.ledger.rows() if r.policy == "hcat"]
            how(store, row.key, now=at(self.day, 18), as_of=self.day, **more)

    # what may happen

    def correct(self) -> None:
        """Change a mark that was counted; the two others that were late are not enough."""
        self.mis.mark("1", LATE_DAYS[0], "AM", "/")

    def mark_back(self) -> None:
        self.mis.mark("1", LATE_DAYS[0], "AM", "L")

    def corrected(self) -> None:
        self.correct()
        self.run()

    def more_evidence(self) -> None:
        """Correct the first late mark and let an earlier one take its place: the same event of other marks."""
        self.mis.mark("1", LATE_DAYS[0], "AM", "/")
        self.mis.mark("1", LATE_DAYS[0], "PM", "L")
        self.run()

    def enter_later(self) -> None:
        """Let the entry date be typed wrong: the event follows no more, and no mark was changed."""
        self.mis.pupils["1"] = self.mis.pupils["1"].with_spells(Spell(WEDNESDAY, None))

    def entered_later(self) -> None:
        self.enter_later()
        self.run()

    def entered_as_before(self) -> None:
        self.mis.pupils["1"] = self.mis.pupils["1"].with_spells(*self.family.spells)
        self.run()

    def exclude(self) -> None:
        self.exclusions.append(EXCLUSION)

    def excluded(self) -> None:
        self.exclude()
        self.run()

    def no_longer_excluded(self) -> None:
        self.exclusions.clear()
        self.run()

    def other_policy(self) -> None:
        self.policy = "own"
        self.run()

    def policy_again(self) -> None:
        self.policy = "hcat"
        self.run()

    def left(self) -> None:
        self.mis.pupils["1"] = self.mis.pupils["1"].with_spells(Spell(None, self.day))

    def left_and_run(self) -> None:
        self.left()
        self.run()

    def approve(self) -> None:
        self.decide(decisions.approve, by="x")

    def release(self) -> None:
        self.decide(decisions.release, by="x")

    def keep(self) -> None:
        self.decide(decisions.keep, by="x", reason="so it is")

    def withdraw(self) -> None:
        self.decide(decisions.withdraw, reason="it is wrong")

    def void(self) -> None:
        self.decide(decisions.void, reason="wrong child")

    def review_off(self) -> None:
        self.settings.clear()

    def review_ends(self) -> None:
        self.review_off()
        self.run()

    def without_a_note(self) -> None:
        self.notes = False

    # how an event comes into each state

    def in_held(self) -> None:
        self.settings["review"] = frozenset({"all"})
        self.run()

    def in_due(self) -> None:
        self.settings |= {"first_run_school_days": 0}
        self.day = next_day(self.day)
        self.run()
        self.release()

    def in_approved(self) -> None:
        self.in_held()
        self.approve()

    def in_composed(self) -> None:
        self.mis.faults["find_documents"] = [RetryableError("503")] * 3
        self.run()

    def in_part(self) -> None:
        """Its document is in the MIS, its note is not."""
        self.mis.faults["find_notes"] = [RetryableError("503")] * 3
        self.run()

    def in_written(self) -> None:
        self.mis.hides_notes = True
        self.run()

    def in_verified(self) -> None:
        self.run()

    def in_failed(self) -> None:
        self.mis.refused.add("1")
        for _ in range(6):
            self.run()
        self.mis.refused.clear()

    def in_excluded(self) -> None:
        self.excluded()

    def in_superseded(self) -> None:
        self.in_held()
        self.other_policy()

    def never_shown(self) -> None:
        """Let the MIS answer that it takes the note, and never show it, for a school week."""
        self.mis.loses_notes = True
        self.run()
        for _ in range(6):
            self.next_run()

    def in_withdrawn(self) -> None:
        self.in_held()
        self.corrected()

    def in_before_start(self) -> None:
        self.settings["since"] = FAR
        self.run()

    def history(self) -> list[str]:
        with Store.open(self.state, "hill") as store:
            (row,) = [r for r in store.ledger.rows() if r.policy == "hcat"]
            return ["new", *(line.state for line in store.ledger.history(row.id))]


WAYS: dict[tuple[str, str], tuple[str, ...]] = {
    ("new", "due"): ("run",),
    ("due", "composed"): ("in_due", "run"),
    ("due", "held"): ("in_due", "left_and_run"),
    ("due", "approved"): ("in_due", "approve"),
    ("due", "excluded"): ("in_due", "excluded"),
    ("due", "superseded"): ("in_due", "other_policy"),
    ("due", "withdrawn"): ("in_due", "corrected"),
    ("due", "voided"): ("in_due", "void"),
    ("held", "composed"): ("in_held", "review_ends"),
    ("held", "due"): ("in_due",),
    ("held", "approved"): ("in_approved",),
    ("held", "excluded"): ("in_held", "excluded"),
    ("held", "superseded"): ("in_held", "other_policy"),
    ("held", "withdrawn"): ("in_verified", "entered_later", "withdraw"),
    ("held", "verified"): ("in_verified", "entered_later", "entered_as_before"),
    ("held", "written"): ("in_written", "entered_later", "keep"),
    ("held", "failed"): ("in_failed", "entered_later", "keep"),
    ("held", "voided"): ("in_held", "void"),
    ("approved", "composed"): ("in_approved", "run"),
    ("approved", "held"): ("in_approved", "left_and_run"),
    ("approved", "due"): ("in_approved", "more_evidence"),
    ("approved", "excluded"): ("in_approved", "excluded"),
    ("approved", "superseded"): ("in_approved", "other_policy"),
    ("approved", "withdrawn"): ("in_approved", "corrected"),
    ("approved", "voided"): ("in_approved", "void"),
    ("composed", "written"): ("in_written",),
    ("composed", "verified"): ("without_a_note", "run"),
    ("composed", "failed"): ("in_failed",),
    ("composed", "held"): ("in_composed", "left_and_run"),
    ("composed", "due"): ("in_composed", "more_evidence"),
    ("composed", "excluded"): ("in_composed", "excluded"),
    ("composed", "superseded"): ("in_composed", "other_policy"),
    ("composed", "withdrawn"): ("in_composed", "corrected"),
    ("composed", "voided"): ("in_composed", "void"),
    ("written", "verified"): ("in_verified",),
    ("written", "failed"): ("never_shown",),
    ("written", "held"): ("in_written", "entered_later"),
    ("written", "withdrawn"): ("in_written", "corrected"),
    ("written", "voided"): ("in_written", "void"),
    ("verified", "held"): ("in_verified", "entered_later"),
    ("verified", "withdrawn"): ("in_verified", "corrected"),
    ("verified", "voided"): ("in_verified", "void"),
    ("failed", "composed"): ("in_failed", "release"),
    ("failed", "held"): ("in_failed", "entered_later"),
    ("failed", "withdrawn"): ("in_failed", "corrected"),
    ("failed", "voided"): ("in_failed", "void"),
    ("excluded", "composed"): ("in_excluded", "no_longer_excluded"),
    ("excluded", "held"): ("in_excluded", "left", "no_longer_excluded"),
    ("excluded", "withdrawn"): ("in_excluded", "corrected"),
    ("excluded", "voided"): ("in_excluded", "void"),
    ("superseded", "composed"): ("in_superseded", "review_off", "policy_again"),
    ("superseded", "held"): ("in_superseded", "policy_again"),
    ("superseded", "excluded"): ("in_superseded", "exclude", "policy_again"),
    ("superseded", "due"): ("in_before_start", "release"),
    ("superseded", "withdrawn"): ("in_superseded", "correct", "policy_again"),
    ("superseded", "voided"): ("in_superseded", "void"),
    ("withdrawn", "due"): ("in_withdrawn", "mark_back", "run"),
    ("withdrawn", "composed"): ("in_part", "corrected", "mark_back", "run"),
    ("withdrawn", "written"): ("in_verified", "corrected", "mark_back", "run"),
    ("withdrawn", "held"): ("in_verified", "entered_later", "withdraw", "entered_as_before"),
    ("withdrawn", "voided"): ("in_withdrawn", "void"),
}


@pytest.mark.parametrize("way", list(WAYS), ids=" to ".join)
def test_every_way_out_of_a_state_is_taken_by_whole_runs(tmp_path: Path, way: tuple[str, str]) -> None:
    case = Case(tmp_path / "hill.db")
    for step in WAYS[way]:
        getattr(case, step)()
    states = case.history()
    assert way in itertools.pairwise(states), states


def test_the_page_names_just_these_ways() -> None:
    assert sorted(WAYS) == sorted((way.start, way.end) for way in ways())


def test_no_letter_is_there_twice_on_any_way_and_none_after_a_person_said_no(tmp_path: Path) -> None:
    for number, steps in enumerate(WAYS.values()):
        case = Case(tmp_path / f"{number}.db")
        for step in steps:
            getattr(case, step)()
        case.mis.hides_notes = case.mis.loses_notes = False
        case.next_run()
        case.next_run()
        assert case.mis.doubles == [], steps
        if "void" in steps:
            assert case.history()[-1] == "voided", steps


def test_one_that_had_failed_says_so_again_once_it_follows_again(tmp_path: Path) -> None:
    for step in ("entered_as_before", "keep"):
        case = Case(tmp_path / f"{step}.db")
        for each in ("in_failed", "entered_later", step):
            getattr(case, each)()
        with Store.open(case.state, "hill") as store:
            (row,) = store.ledger.rows()
        assert row.state == "failed"
        assert "the MIS refuses this pupil" in row.reason
        assert "events release" in row.reason
