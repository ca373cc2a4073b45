"""Letters and consideration forms that were made for a pupil before an event's own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from rules.events import CountedMark
from rules.school import FormDecision


@dataclass(frozen=True, slots=True)
class EarlierForm:
    """A consideration form of the same pupil that was made before."""

    key: str
    day: date
    """The day of its event."""
    sessions: tuple[CountedMark, ...]
    """Those that it counted."""
    decision: FormDecision | None = None
    """None: not decided yet."""


@dataclass(frozen=True, slots=True)
class LetterBefore:
    """A letter to the pupil's family that was made before and stands."""

    day: date
    """The day that it bears."""
    figures_to: date
    """The day of its event, up to and including which its figures go."""
    percent: str
    """The attendance that it gave; empty where its event carries none."""
    pack: str
    ladder: str | None
    contact_ids: frozenset[str] | None = None
    """The adults to whom it went, empty for an office; None where that is not known, and then everybody at home."""

    def went_to(self, contact_ids: Collection[str]) -> bool:
        """Return whether one of these adults had it; for an office, which is no contact, whether an office had it."""
        if self.contact_ids is None:
            return True
        return not self.contact_ids.isdisjoint(contact_ids) if contact_ids else not self.contact_ids


def years_before(day: date, years: int) -> date:
    """Return the same day of an earlier year; 28 February where that year has no 29th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)
