"""The same walk over HTTP: on every mock MIS, facts change between runs, calls fail, and people decide.

Small, and with fixed seeds: the long walk is the one in memory.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.ledger import decisions
from connector.ledger.holds import FOR_DECISION
from connector.mock.faults import Faults
from connector.mock.school import MadeUpSchool
from connector.mock.school.corrections import LONDON
from connector.store import Store
from connector.store.ledger import LedgerRow
from connector.store.outbox import Item
from connector.testing.schools import mark, school_with
from rules.calendar import HALVES
from rules.policy import load_policy, switched
from rules.school import Address, Contact, Exclusion, Pupil
from tests.connector.end_to_end.trial import MISS, SCHOOL_ID, Trial, school_days
from tests.connector.life.living_school import FINAL
from tests.connector.life.looks import words_of
from tests.connector.memory_mis import PERIODS

RULES = ("three-days-missed", "late-letter", "late-meeting", "stage-4")
ALL = switched(load_policy("hcat"), on=["three-days-missed"])
POLICY = ALL.model_copy(update={"rules": tuple(rule for rule in ALL.rules if rule.id in RULES)})
LIMITS = {
    "hold_above_changed_marks_percent": 100,
    "hold_above_changed_pupils_percent": 100,
    "hold_above_withdrawals_percent": 100,
    "hold_above_cleared_percent": 100,
}
FAULTS = ("error-500", "drop-before", "drop-after", "error-500-after", "busy")
FIXED = 4
"""So many seeds are walked always; each is known to bring letters."""
SEEDS = range(1, 1 + int(os.environ.get("LIFE_SEEDS", FIXED)))
STEPS = 18
MOST_RUNS = 14


def made_up() -> MadeUpSchool:
    """Return two pupils over six weeks; one misses three days, one is late three times."""
    periods = [period for period in PERIODS if period.start >= date(2025, 9, 1)]
    base = school_with(periods=periods)
    days = [day for day in base.calendar.school_days if date(2025, 9, 8) <= day <= date(2025, 10, 17)]
    marks = []
    for number, pupil in enumerate(base.pupils[:2]):
        for place, day in enumerate(days):
            codes = ("/", "\\")
            if 1 <= place <= 3:
                codes = ("I", "I") if number == 0 else ("L", "\\")
            marks += [mark(pupil.pupil_id, day, half, c) for half, c in zip(HALVES, codes, strict=True)]
    return school_with(periods=periods, pupils=base.pupils[:2], marks=marks)


@dataclass
class Walk(Trial):
    """A trial whose pupils' contacts, exclusions and marks change between runs."""

    exclusions: list[Exclusion] = field(default_factory=list)
    voided: set[str] = field(default_factory=set)
    known: set[int] = field(default_factory=set)
    """Documents of the outbox that were in the MIS before this run."""
    place: int = 1
    moves: int = 0

    def _options(self, **changes: Any) -> LoadedSchool:
        loaded = super()._options(**changes)
        config = loaded.config.model_copy(update={"exclusions": tuple(self.exclusions)})
        return LoadedSchool(config, loaded.policy)

    @property
    def day(self) -> date:
        return school_days(self.school)[self.place]

    # what changes

    def put_contacts(self, number: int, contacts: tuple[Contact, ...]) -> None:
        """Let a pupil have these contacts; the mock shows them from the next day on."""
        enrolled = list(self.school.enrolled)
        enrolled[number] = replace(enrolled[number], pupil=replace(enrolled[number].pupil, contacts=contacts))
        object.__setattr__(self.school, "enrolled", tuple(enrolled))
        self.school.__dict__.pop("pupils", None)

    def pupil(self, number: int) -> Pupil:
        return self.school.pupils[number]

    def adults(self, pupil_id: str) -> dict[str, Contact]:
        """Return those who may get a letter about the pupil today, by id."""
        (pupil,) = [one for one in self.school.pupils if one.pupil_id == pupil_id]
        return {
            one.contact_id: one
            for one in pupil.contacts
            if one.parental_responsibility
            and one.correspondence
            and not one.court_order
            and one.address.usable
        }

    def change_contact(self, number: int, chance: random.Random) -> None:
        contacts = list(self.pupil(number).contacts)
        if not contacts:
            return
        at = chance.randrange(len(contacts))
        how = chance.choice(("removed", "moves", "moves", "court order", "no letters"))
        if how == "removed":
            del contacts[at]
        elif how == "court order":
            contacts[at] = replace(contacts[at], court_order=True)
        elif how == "no letters":
            contacts[at] = replace(contacts[at], correspondence=False)
        else:
            self.moves += 1
            home = Address((f"{self.moves} Plot Lane",), town="Hull", postcode="HU1 1AA")
            contacts[at] = replace(contacts[at], address=home)
        self.put_contacts(number, tuple(contacts))

    def correct(self, number: int, chance: random.Random) -> None:
        day = school_days(self.school)[chance.randint(0, self.place)]
        code = chance.choice("IILL/")
        codes = {"I": ("I", "I"), "L": ("L", "\\"), "/": ("/", "\\")}[code]
        for half, one in zip(HALVES, codes, strict=True):
            at = datetime.combine(self.day, time(12), LONDON)
            pupil_id = self.pupil(number).pupil_id
            self.school.correct_mark(pupil_id, day, half, one, at=at, reason="seen again")

    def toggle_exclusion(self, number: int) -> None:
        one = Exclusion(pupil_id=self.pupil(number).pupil_id, reason="bereavement")
        if one in self.exclusions:
            self.exclusions.remove(one)
        else:
            self.exclusions.append(one)

    # what people decide

    def decide(self, row: LedgerRow, how: str) -> None:
        now = datetime.combine(self.day, time(self.hour), LONDON)
        with Store.open(self.state, SCHOOL_ID) as store:
            if how == "void":
                decisions.void(store, row.key, reason="wrong child", now=now, as_of=self.day)
                self.voided.add(row.key)
            elif how == "keep":
                decisions.keep(store, row.key, reason="so it is", by="x", now=now, as_of=self.day)
            else:
                decisions.release(store, row.key, by="x", now=now, as_of=self.day)

    def decide_everything(self) -> None:
        for row in self.rows():
            if row.state == "held" and row.hold in FOR_DECISION:
                self.decide(row, "keep")
            elif row.state == "failed" or (row.state == "held" and row.hold not in ("ladder", "letter")):
                self.decide(row, "release")

    # what must hold

    def documents(self) -> Iterator[tuple[Item, bytes]]:
        """Yield every letter that the MIS has, with its text as it was made."""
        with Store.open(self.state, SCHOOL_ID) as store:
            for row in store.ledger.rows():
                for item in store.outbox.of_event(row.id):
                    if item.kind == "document" and item.state == "verified":
                        yield item, store.outbox.content(item)

    def run_and_look(self) -> None:
        """Run on the next school day, and look at every letter that it wrote."""
        self.place += 1
        excluded = {one.pupil_id for one in self.exclusions}
        self.run(self.day)
        for item, content in self.documents():
            if item.id in self.known:
                continue
            self.known.add(item.id)
            allowed = self.adults(item.pupil_id or "")
            assert item.pupil_id not in excluded, f"{item.file_name} goes to a family that is excluded"
            assert item.key not in self.voided, f"{item.file_name} was voided"
            assert set(item.contacts) <= set(allowed), f"{item.file_name} goes to one who may get none"
            text = words_of(content)
            homes = {line for one in allowed.values() for line in one.address.lines[:1]}
            for number in range(1, self.moves + 1):
                lane = f"{number} Plot Lane"
                assert f" {lane}" not in f" {text}".replace("\n", " ") or lane in homes, (
                    f"{item.file_name}: moved"
                )
        assert self.end_state().twice == []


@pytest.mark.parametrize("mis", MISS)
@pytest.mark.parametrize("seed", SEEDS)
def test_facts_change_calls_fail_and_every_event_ends(mis: str, seed: int, tmp_path: Path) -> None:
    chance, faults = random.Random(seed), Faults(seed=seed)
    walk = Walk(mis, made_up(), tmp_path, POLICY, options=LIMITS)
    with walk.open(faults=faults):
        walk.run_and_look()
        families = [pupil.contacts for pupil in walk.school.pupils]
        for _ in range(STEPS):
            number, rows = chance.randrange(2), walk.rows()
            step = chance.choice(
                ("contact", "contact", "marks", "marks", "exclusion", "fault", "run", "run", "void")
            )
            if step == "contact":
                walk.change_contact(number, chance)
            elif step == "marks":
                walk.correct(number, chance)
            elif step == "exclusion":
                walk.toggle_exclusion(number)
            elif step == "fault":
                faults.clear()
                faults.set(chance.choice(FAULTS), 0.4, method=chance.choice(("", "POST")))
            elif step == "void":
                for row in chance.sample(rows, min(1, len(rows))):
                    if row.state != "voided":
                        walk.decide(row, "void")
            elif step == "run":
                walk.run_and_look()
        faults.clear()
        walk.exclusions.clear()
        for number, contacts in enumerate(families):
            walk.put_contacts(number, contacts)
        for _ in range(MOST_RUNS):
            walk.run_and_look()
            walk.decide_everything()
            left = [row for row in walk.rows() if row.state not in FINAL]
            if not left and walk.place > 6:  # by then both have had what the first marks bring
                break
        assert walk.known or seed > FIXED, "no letter was written at all"
        assert left == [], [(row.rule, row.state, row.hold, row.reason) for row in left]
