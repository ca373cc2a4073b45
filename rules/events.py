"""What an evaluation returns: figures, and events with the evidence that decided them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from rules.rule.outcome import Outcome
from rules.school import Half


class CountedMark(NamedTuple):
    """A mark that decided an event, as it was when the event was found."""

    date: date
    half: Half
    code: str


Day = date
"""The type, where a field is itself called date."""


@dataclass(frozen=True, slots=True)
class Event:
    """A rule's condition held for a pupil (or a class) on a day.

    The same facts give the same event whenever they are evaluated; ``anchor`` is what makes it the same one.
    """

    rule: str
    date: date
    """The school day on which the condition first held."""
    clause: str
    outcomes: tuple[Outcome, ...]
    """What the pack asks for, in order."""
    pupil_id: str | None = None
    group: str | None = None
    """A registration group, for class rules; then pupil_id is None."""
    figures: Mapping[str, str | int] = field(default_factory=dict)
    """Shown figures by name: percentages as text with one decimal, counts as numbers."""
    sessions: tuple[CountedMark, ...] = ()
    """Exactly the marks that decided (docs/scripts.md, evaluate --json)."""
    anchor: str = ""
    """What the rule counted from: period start, first day of a run, the opening event. Part of the event's key."""
    title: str = ""
    """The rule's name in plain words."""
    ladder: str | None = None
    """Rules of one ladder escalate; a run never sends two letters of one ladder on one day."""
    rung: int = 0
    """Place on the ladder, 1 lowest."""
    legal: bool = False
    """Marked as law: the pupil was of compulsory school age for what was counted."""
    per_parent: bool = False
    """One letter to each parent, even in one household (penalty notices)."""
    pack: str = ""
    pack_version: str = ""
    window: tuple[Day, Day] | None = None
    """First and last day that the rule looked at; None in events that the ledger kept before it was known. See ``span``."""

    @property
    def span(self) -> tuple[Day, Day]:
        """The window; for an event kept without one, from its first counted session to its own day."""
        first = min([self.date, *(mark.date for mark in self.sessions[:1])])
        return self.window or (first, self.date)

    @property
    def step(self) -> str:
        """The anchor without its dates: which day of a run, or which firing of the year."""
        return ":".join(part for part in self.anchor.split(":") if not _is_date(part))

    @property
    def subject(self) -> str:
        """The pupil's id or the group's name: whom the event is about."""
        return self.pupil_id if self.pupil_id is not None else (self.group or "")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of sessions over any pupils and any stretch of days. All counts are sessions but minutes_late."""

    possible: int = 0
    attended: int = 0
    authorised: int = 0
    unauthorised: int = 0
    late: int = 0
    minutes_late: int = 0
    missing: int = 0
    unrecognised: int = 0
    by_code: Mapping[str, int] = field(default_factory=dict)
    """Every recorded code as written, counted in a total or not."""

    @property
    def absent(self) -> int:
        """Authorised and unauthorised absence together."""
        return self.authorised + self.unauthorised


@dataclass(frozen=True, slots=True)
class PupilFigures:
    """A pupil's year to date with the band it falls in. Percentage, band and colour are None with no possible session."""

    pupil_id: str
    figures: Figures
    attendance_percent: str | None
    band: str | None
    colour: str | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A register judged by a policy up to a day (the document of `evaluate --json`)."""

    policy: str
    as_of: date
    code_set: str
    school: Figures
    attendance_percent: str | None
    persistent: int
    severe: int
    pupils: tuple[PupilFigures, ...]
    """Every pupil, sorted by pupil_id as text."""
    events: tuple[Event, ...]
    """Sorted by date, then pupil or group, then rule."""
