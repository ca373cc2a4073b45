"""One rule of a pack: its condition, what follows, and the hits that it gives on a register.

A rule's ``kind`` picks one of the conditions in ``rules/kinds``, one file each: that file holds everything about the
kind, and this one says what a condition has to offer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from graphlib import TopologicalSorter
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from rules.rule.figures import fill
from rules.rule.outcome import Outcome
from rules.rule.view import Measures, View
from rules.rule.words import counted
from rules.thresholds import Threshold

NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
Compare = Annotated[
    Threshold,
    BeforeValidator(lambda text: text if isinstance(text, Threshold) else Threshold(str(text))),
    PlainSerializer(lambda threshold: threshold.text),
]
PackOutcome = Annotated[
    Outcome,
    BeforeValidator(lambda text: text if isinstance(text, Outcome) else Outcome.parse(str(text))),
    PlainSerializer(str),
]
PeriodName = Literal["week", "month", "half_term", "term", "year"]
Days = Annotated[int, Field(ge=1, le=400)]
Points = Annotated[Fraction, Field(gt=0, le=100)]
"""Percentage points between two shares."""


class PackModel(BaseModel):
    """Base of everything read from a pack: unknown names are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, populate_by_name=True
    )


@dataclass(frozen=True)
class Hit:
    """A rule's condition held: for a matrix row (or a group) on a school day, with the sessions that decided."""

    rule: Rule
    row: int
    """-1 for a group."""
    day: int
    anchor: str
    window: tuple[date, date]
    """First and last day that the rule looked at (docs/scripts.md, evaluate --json)."""
    marks: tuple[int, ...] = ()
    figures: dict[str, str | int] = field(default_factory=dict)
    group: str | None = None
    replaced_on: int | None = None
    """School day on which a new opening event of the chain takes over; nothing of this chain fires from then."""

    @property
    def replaced(self) -> bool:
        """A new opening event of the chain came first, or on this very day."""
        return self.replaced_on is not None and self.day >= self.replaced_on


@dataclass(frozen=True)
class Known:
    """What a rule may build on besides the marks."""

    rules: Sequence[Rule]
    hits: Mapping[str, Sequence[Hit]]
    """By rule id; complete for every rule that this one needs."""
    amendments: bool = False
    """The register's history is known, so rules about changed marks may fire."""
    notices: bool = False
    """Rules that follow an issued notice look at those on record."""
    in_run: bool = False
    """Rules about what the school itself does may fire, such as its answer to a request for leave."""

    def hits_of(self, rule_ids: Sequence[str]) -> list[Hit]:
        """Return the hits of these rules, in the order of their ids."""
        return [hit for rule_id in rule_ids for hit in self.hits[rule_id]]


class Condition(PackModel, ABC):
    """What a pack's rule says under ``when``. Each kind of rule has one subclass, in a file of its own."""

    kind: ClassVar[str]
    """The name that a pack uses."""
    of_a_class: ClassVar[bool] = False
    """Its events are about a registration group, not a pupil."""
    by_marks_alone: ClassVar[bool] = True
    """Coming marks can make it fire."""
    rearms: ClassVar[bool] = False
    """It fires again only after it has not held for a while; as long as it holds, it has been said."""
    each_record: ClassVar[bool] = False
    """Each record on which it fires is one of its own: with another anchor it is another event."""
    fires_when: ClassVar[str] = "such a mark is changed"
    """What else makes it fire, where coming marks cannot."""

    @property
    def about_leaving(self) -> bool:
        """Whether its event is that a pupil leaves: a leaving date that comes late brings it as it should."""
        return False

    @property
    def after_letter(self) -> bool:
        """True when it says what came of the letter of an earlier event, of the same kind and with the same anchor."""
        return False

    @abstractmethod
    def words(self) -> str:
        """Return the condition as part of a sentence."""

    @abstractmethod
    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return every hit of a rule with this condition on the register as ``view`` shows it."""

    def figures(self) -> dict[str, str]:
        """Return its figures in words, by the names of :mod:`rules.rule.figures`, for titles, notes and lists."""
        return {}

    def needs(self, rules: Sequence[Rule]) -> tuple[str, ...]:  # noqa: ARG002 - for the kinds that ask
        """Return the ids of the pack's rules whose hits this one builds on."""
        return ()

    def carries(self, rules: Sequence[Rule]) -> tuple[str, ...]:  # noqa: ARG002 - for the kinds that ask
        """Return the ids of the pack's rules that this one fires itself, such as the later steps of a chain."""
        return ()

    def pupil_facts(self) -> tuple[str, ...]:
        """Return the names in KNOWABLE of what it asks of a pupil besides marks: where nobody gives one, it never fires."""
        return ()

    def codes_named(self) -> tuple[str, ...]:
        """Return every attendance code that the condition names."""
        return ()

    def faults(self, place: str, rule: Rule, rules: Sequence[Rule]) -> Iterator[str]:  # noqa: ARG002
        """Yield what is wrong with it within its pack, each as "place: what"; ``place`` is the rule's own."""
        yield from ()

    def looks_for(self, code: str) -> bool:  # noqa: ARG002 - for the kinds that look for codes
        """Return True when a mark with this code brings the rule nearer."""
        return False

    def review_after(self, rule_id: str) -> int | None:  # noqa: ARG002 - for the kinds that look back
        """Return how many days after an event of that rule this one looks back at it; None when it does not."""
        return None

    @property
    def tested_at_end_of(self) -> PeriodName | None:
        """The period on whose last school day it is tested, once for each; None when it may fire on any day."""
        return None

    @property
    def claims_its_window(self) -> bool:
        """Its letter says something of every session of the event's window."""
        return False

    @property
    def once_a_run(self) -> bool:
        """Fires once per run or block of days, with the first one's marks as its only evidence."""
        return False

    @property
    def run_of(self) -> Literal["days", "sessions"] | None:
        """What a run that it fires on is made of: an attended one ends it. None when it is not about a run."""
        return None

    @property
    def spends_absences(self) -> bool:
        """An absence that goes on after it fired brings no second event: what follows in it is spent."""
        return False

    def now(self, view: View, rule: Rule, day: int) -> str:  # noqa: ARG002 - for the kinds that say more
        """Return the pupil's figures for the rule on a school day, in a sentence; empty for attendance of the year.

        The view's only pupil is in row 0."""
        return ""

    @property
    def code_to_try(self) -> str:
        """A code that brings the rule nearer, to try what comes next: an unauthorised absence unless it looks for others."""
        return "O"

    def enough_by(self, now: View, year: View, rule: Rule) -> str:  # noqa: ARG002 - for counts
        """Return how many more sessions, and by when, would be enough for the pupil of row 0; empty where that says nothing.

        ``now`` ends today and ``year`` with the academic year.
        """
        return ""

    def doubt(self, figures: Mapping[str, str | int]) -> str:  # noqa: ARG002 - for the kinds that say so
        """Return why a person reads an event's letter before it goes, by its figures; empty when nothing asks for that."""
        return ""

    def nothing_ahead(self, pack: Measures) -> str:  # noqa: ARG002 - for the kinds that re-arm
        """Return what to say when no marks of the rest of the year would make it fire."""
        return "Nothing in the rest of this academic year would make it fire."


class Rule(PackModel):
    """One rule of a pack: when it fires is ``when``, what follows is ``outcomes``."""

    id: Annotated[str, Field(pattern=f"^{NAME}$")]
    title_text: Annotated[str, Field(min_length=1, alias="title")]
    """The title as the pack writes it, with its condition's figures as fields: "Stage 1, attendance «limit»"."""
    clause: Annotated[str, Field(min_length=1)]
    """Where the policy's text says so."""
    outcomes: Annotated[tuple[PackOutcome, ...], Field(min_length=1)]
    kind: str
    when: Condition
    law: bool = False
    """Sessions on days on which the pupil is not of compulsory school age count as not possible."""
    ladder: str | None = None
    rung: int = 0
    per_parent: bool = False
    release: Literal["head"] | None = None
    """"head": its documents always wait for the head's release (`events approve`)."""
    waits_for_decision: bool = False
    """Its document is a form on which a person decides: while one of a pupil waits, a later event makes no second one."""
    start: Annotated[date | None, Field(alias="from")] = None
    until: date | None = None
    default: Literal["on", "off"] = "on"
    """"off": a run acts on it only where the configuration switches it on; every evaluation shows it all the same."""
    in_a_run_only: bool = False
    """Only a run has its events; a register that is evaluated alone has none."""
    due_days: Annotated[int | None, Field(ge=0, le=400)] = None
    """Days after the event's day within which what the note asks for is due."""
    read_first: tuple[str, ...] = ()
    """Flags of a pupil ("child_protection") for whom a person reads the letter before it goes."""
    note: str = ""
    """What the note on the pupil says happened, with the merge fields of letters ("«count_text» without a reason (N)")."""
    assumed: str = ""
    """What the text says and what was chosen in its place, where the text gives no figure (:mod:`rules.rule.assumed`)."""
    other_readings: tuple[str, ...] = ()
    """Readings of the text that were not taken."""

    @property
    def title(self) -> str:
        """The title in plain words: "Stage 1, attendance below 90%"."""
        return fill(self.title_text, self.figures())

    def figures(self) -> dict[str, str]:
        """Return the figures of its condition in words, and how long what it asks for may take."""
        due = {} if self.due_days is None else {"due_days": counted(self.due_days, "day")}
        return {**self.when.figures(), **due}

    def in_force(self, day: date) -> bool:
        """Return True when the rule holds on that day; both ends count."""
        return (self.start is None or self.start <= day) and (self.until is None or day <= self.until)

    def days_in_force(self, view: View) -> NDArray[np.bool_]:
        """Return for each school day whether the rule holds and the pack has begun."""
        return np.array([self._holds(view, day) for day in view.days], dtype=np.bool_)

    def may_fire(self, view: View, row: int, day: int) -> bool:
        """Return True when the rule holds on a school day and the pupil is on roll (for law: and of age)."""
        return bool(view.on_roll[row, day]) and self._holds(view, view.days[day])

    def _holds(self, view: View, day: date) -> bool:
        return self.in_force(day) and (view.pack.start is None or view.pack.start <= day)


def points_apart(higher: tuple[int, int], lower: tuple[int, int], points: Fraction) -> bool:
    """Return True when one share is above the other by so many percentage points or more, in exact fractions.

    Shares are attended and possible sessions; False where one has no possible session.
    """
    if not (higher[1] and lower[1]):
        return False
    return 100 * (Fraction(*higher) - Fraction(*lower)) >= points


def firing_order(rules: Sequence[Rule]) -> list[str]:
    """Return rule ids, each after the rules it needs, in any order that the file lists them.

    Raise graphlib.CycleError when rules need each other in a circle.
    """
    needed: dict[str, set[str]] = {rule.id: set() for rule in rules}
    for rule in rules:
        needed[rule.id].update(name for name in rule.when.needs(rules) if name in needed)
    return list(TopologicalSorter(needed).static_order())
