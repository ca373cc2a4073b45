"""A small school that lives: what anyone may change in its MIS, in its configuration and in the ledger, between runs.

Nothing here judges. Every adult's surname and every home's first line occur once in the world, so that the text of a
letter says whom it was made for and where it goes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from connector.config.loaded_school import LoadedSchool
from connector.config.school import SchoolConfig
from connector.errors import RetryableError
from connector.ledger import decisions
from connector.ledger.decisions import EventError
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import RunSummary
from connector.store import Store
from connector.store.belonging import PullSource
from connector.store.ledger import LedgerRow, State
from connector.store.outbox import Item
from rules.policy import Policy, load_policy
from rules.school import Address, Contact, Exclusion, Flag, Mark, Pupil, Session, Spell
from tests.connector.memory_mis import FIRST_DAY, PERIODS, MemoryMis, at, made_up_pupil, school_days

RULES = ("late-letter", "late-meeting", "three-days-missed", "stage-4", "unexplained-visit")
DAYS = school_days(FIRST_DAY, date(2026, 2, 13))
PUPILS = ("1", "2", "3")
_HCAT = load_policy("hcat").model_copy(
    update={"rules": tuple(rule for rule in load_policy("hcat").rules if rule.id in RULES)}
)
POLICIES: dict[str, Policy] = {
    "hcat": _HCAT,
    "hcat, version 2": _HCAT.model_copy(update={"version": "2"}),
    "another": _HCAT.model_copy(update={"id": "another", "rules": _HCAT.rules[:3]}),
}
LIMITS = {
    "reports": [],
    "hold_above_changed_marks_percent": 100,
    "hold_above_withdrawals_percent": 100,
    "hold_above_cleared_percent": 100,
}
"""Guards of many changes at once, which a school of three pupils would meet at every turn."""


@dataclass
class FaultyMis(MemoryMis):
    """A MIS that goes down in the middle of what is written to it, and stays down until it is woken."""

    answers: int | None = None
    """So many writes it answers before it is gone; None: all."""
    takes_the_last: bool = False
    """The write after those happens, and its answer is lost."""
    down: bool = False

    def fail_after(self, answers: int, *, takes_the_last: bool) -> None:
        self.answers, self.takes_the_last = answers, takes_the_last

    def wake(self) -> None:
        self.answers, self.down = None, False
        self.faults.clear()
        self.refused.clear()

    def _step(self, method: str) -> None:
        if self.down and method not in ("pull", "page"):
            raise RetryableError("503")
        super()._step(method)

    def _before(self, pupil_id: str | None, upn: str, method: str) -> None:
        if self.answers == 0 and not self.takes_the_last:
            self.down = True
        super()._before(pupil_id, upn, method)

    def _after(self) -> None:
        if self.answers == 0:
            self.down = True
            raise RetryableError("the connection was cut")
        if self.answers is not None:
            self.answers -= 1
        super()._after()


@dataclass
class Decided:
    """What people have decided about events, by key, with the evidence that they saw."""

    approved: dict[str, object] = field(default_factory=dict)
    released: dict[str, object] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    withdrawn: dict[str, str] = field(default_factory=dict)
    voided: dict[str, str] = field(default_factory=dict)


class LivingSchool:
    """Three families: parents who live apart, parents under one roof, one parent and a grandmother without responsibility."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.mis = FaultyMis(PERIODS)
        self.homes = 0
        self.gone: dict[str, Pupil] = {}
        """Pupils whom the MIS's list has no more, as they were."""
        self.removed: dict[str, list[Contact]] = defaultdict(list)
        self.ever_away: set[str] = set()
        self.ever_refused: set[str] = set()
        self.latest_start = date.min
        """The latest `since` that a run has had: what lies before it does not come back by itself."""
        self.decided = Decided()
        self.changed: dict[tuple[str, Session], set[str]] = defaultdict(set)
        """Every code that a session has ever had."""
        self.place = 6
        self.policy = "hcat"
        self.run_settings: dict[str, Any] = {"first_run_school_days": 400}
        self.exclusions: list[Exclusion] = []
        self.policies_of_runs: list[str] = []
        self._families()
        for pupil_id in PUPILS:
            for day in DAYS:
                self._mark(pupil_id, day, "/")

    def _families(self) -> None:
        apart = [self.adult("1", "a"), self.adult("1", "b", priority=2)]
        home = self.new_home()
        together = [self.adult("2", "a", home), self.adult("2", "b", home, priority=2)]
        alone = [self.adult("3", "a"), self.adult("3", "g", priority=2, parental_responsibility=False)]
        for pupil_id, contacts in zip(PUPILS, (apart, together, alone), strict=True):
            self.mis.pupils[pupil_id] = made_up_pupil(int(pupil_id), contacts=tuple(contacts))

    def adult(self, pupil_id: str, letter: str, home: Address | None = None, **facts: Any) -> Contact:
        own = {"priority": 1, "parental_responsibility": True, "address": home or self.new_home()}
        name = f"Adult{pupil_id}{letter}"
        return Contact(f"c{pupil_id}{letter}", title="Ms", forename="Alex", surname=name, **(own | facts))

    def new_home(self) -> Address:
        self.homes += 1
        return Address((f"Plot {self.homes:03d}",), town="Hull", postcode="HU1 1AA")

    @property
    def day(self) -> date:
        return DAYS[self.place]

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return the pupil as the MIS has it today; None for one whom its list has no more."""
        return self.mis.pupils.get(pupil_id)

    # what staff change in the MIS

    def change_pupil(self, pupil_id: str, change: Callable[[Pupil], Pupil]) -> None:
        if pupil_id in self.gone:
            self.gone[pupil_id] = change(self.gone[pupil_id])
        else:
            self.mis.pupils[pupil_id] = change(self.mis.pupils[pupil_id])

    def change_contact(self, pupil_id: str, number: int, how: str) -> None:
        """Change one adult: see :data:`CONTACT_CHANGES`."""

        def change(pupil: Pupil) -> Pupil:
            contacts = list(pupil.contacts)
            if how == "comes back" and self.removed[pupil_id]:
                return replace(pupil, contacts=(*contacts, self.removed[pupil_id].pop()))
            if not contacts or how == "comes back":
                return pupil
            one = contacts.pop(number % len(contacts))
            if how == "removed":
                self.removed[pupil_id].append(one)
            else:
                contacts.insert(number % (len(contacts) + 1), self._changed(one, contacts, how))
            return replace(pupil, contacts=tuple(contacts))

        self.change_pupil(pupil_id, change)

    def _changed(self, one: Contact, others: list[Contact], how: str) -> Contact:
        if how == "court order":
            return replace(one, court_order=not one.court_order)
        if how == "no letters":
            return replace(one, correspondence=not one.correspondence)
        if how == "responsibility":
            return replace(one, parental_responsibility=not one.parental_responsibility)
        if how == "priority":
            return replace(one, priority=3 if one.priority == 1 else 1)
        if how == "moves in" and others:
            return replace(one, address=others[0].address)
        if how == "no address":
            return replace(one, address=Address())
        return replace(one, address=self.new_home())

    def toggle_flag(self, pupil_id: str, flag: Flag) -> None:
        self.change_pupil(pupil_id, lambda pupil: replace(pupil, **{flag: not getattr(pupil, flag)}))

    def toggle_exclusion(self, exclusion: Exclusion, *, in_mis: bool) -> None:
        """Enter an exclusion in the MIS or in the configuration, or take it out where it is."""
        exclusions = self.mis.exclusions if in_mis else self.exclusions
        if exclusion in exclusions:
            exclusions.remove(exclusion)
        else:
            exclusions.append(exclusion)

    def all_exclusions(self) -> list[Exclusion]:
        return [*self.mis.exclusions, *self.exclusions]

    def enter(self, pupil_id: str, back: int, count: int, code: str) -> None:
        """Enter or correct whole days of a pupil, from so many school days ago on; L is late in the morning only."""
        start = max(0, self.place - back)
        for day in DAYS[start : min(self.place, start + count - 1) + 1]:
            self._mark(pupil_id, day, code)

    def _mark(self, pupil_id: str, day: date, code: str) -> None:
        morning, afternoon = ("L", "\\") if code == "L" else (code, "\\" if code == "/" else code)
        self.mis.mark(pupil_id, day, "AM", morning)
        self.mis.mark(pupil_id, day, "PM", afternoon)
        self.changed[pupil_id, Session(day, "AM")].add(morning)
        self.changed[pupil_id, Session(day, "PM")].add(afternoon)

    def code_at(self, pupil_id: str, session: Session) -> str:
        mark: Mark | None = self.mis.marks.get((pupil_id, session))
        return mark.code if mark else ""

    def roll(self, pupil_id: str, how: str) -> None:
        """Let a pupil leave today, have left a week ago, stay after all, or vanish from the list."""
        self.ever_away.add(pupil_id)
        if how == "vanishes":
            if pupil_id in self.mis.pupils:
                self.gone[pupil_id] = self.mis.pupils.pop(pupil_id)
            return
        if pupil_id in self.gone:
            self.mis.pupils[pupil_id] = self.gone.pop(pupil_id)
        last = {"leaves today": self.day, "left": DAYS[max(0, self.place - 5)]}.get(how)
        self.change_pupil(pupil_id, lambda pupil: pupil.with_spells(Spell(None, last)))

    # runs

    def options(self) -> LoadedSchool:
        policy = POLICIES[self.policy]
        config = {
            "id": "hill",
            "name": "Hill Primary School",
            "policy": policy.id,
            "mis": {"adapter": "folder"},
            "letters": {"telephone": "01482 000000"},
            "run": {**LIMITS, **self.run_settings},
            "exclusions": self.exclusions,
        }
        return LoadedSchool(SchoolConfig.model_validate(config), policy)

    def run(self) -> RunSummary:
        """One evening's run with the shipped letters."""
        self.latest_start = max(self.latest_start, self.run_settings.get("since") or date.min)
        request = RunRequest(
            self.options(),
            self.mis,
            as_of=self.day,
            now=at(self.day),
            source=PullSource("folder", "memory"),
            sleep=lambda _seconds: None,
        )
        summary = run_school(self.state, request).summary
        if summary.outcome != "failed" or summary.left:
            self.policies_of_runs.append(POLICIES[self.policy].id)
        return summary

    def rows(self) -> list[LedgerRow]:
        if not self.state.exists():
            return []
        with Store.open(self.state, "hill") as store:
            return store.ledger.rows()

    def made(self) -> dict[bytes, Item]:
        """Return what the outbox knows of every document that it ever made, by the document's bytes."""
        with Store.open(self.state, "hill") as store:
            items = [item for row in store.ledger.rows() for item in store.outbox.of_event(row.id)]
            return {store.outbox.content(item): item for item in items if item.kind == "document"}

    # what people decide

    def approve(self, row: LedgerRow) -> None:
        with self._deciding() as store:
            decisions.approve(store, row.key, by="x", now=at(self.day), as_of=self.day)
            self.decided.approved[row.key] = evidence_of(row)

    def release(self, row: LedgerRow) -> None:
        with self._deciding() as store:
            decisions.release(store, row.key, by="x", now=at(self.day), as_of=self.day)
            if row.state == "held":
                self.decided.released[row.key] = evidence_of(row)

    def keep(self, row: LedgerRow) -> None:
        with self._deciding() as store:
            decisions.keep(store, row.key, reason="so it is", by="x", now=at(self.day), as_of=self.day)
            self.decided.kept.add(row.key)

    def withdraw(self, row: LedgerRow) -> None:
        with self._deciding() as store:
            reason = f"taken back on {self.day}"
            decisions.withdraw(store, row.key, reason=reason, now=at(self.day), as_of=self.day)
            self.decided.withdrawn[row.key] = reason

    def void(self, row: LedgerRow) -> None:
        with self._deciding() as store:
            reason = f"wrong child, {self.day}"
            decisions.void(store, row.key, reason=reason, now=at(self.day), as_of=self.day)
            self.decided.voided[row.key] = reason

    @contextmanager
    def _deciding(self) -> Iterator[Store]:
        """Yield the store for one decision; a decision that the event's state does not allow is none."""
        with Store.open(self.state, "hill") as store:
            try:
                yield store
            except EventError:
                return


CONTACT_CHANGES = (
    "court order",
    "court order",
    "no letters",
    "responsibility",
    "priority",
    "moves in",
    "moves",
    "no address",
    "removed",
    "comes back",
)
FINAL: tuple[State, ...] = ("verified", "withdrawn", "superseded", "voided", "excluded")


def evidence_of(row: LedgerRow) -> object:
    """Return what an event rests on: its day and the sessions that it counts."""
    return row.date, row.event.sessions
