"""The figures of a rule's own condition, in words: what titles, notes and lists of a pack are filled with.

A pack writes ``title = "Stage 1, attendance «limit»"``; the condition says that «limit» is "below 90%". So no figure
stands twice in a pack, and one that is changed is changed in every text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

FIGURES: Mapping[str, tuple[str, str]] = {
    "threshold": ("how many the rule asks for, in digits", "10"),
    "threshold_words": ("how many the rule asks for, in words", "ten"),
    "threshold_ordinal": ("the same as a place", "tenth"),
    "threshold_sessions": ("the same as sessions", "ten sessions"),
    "threshold_times": ("the same as times", "ten times"),
    "threshold_days": ("the same as days: school days for sessions, days running and marks overdue", "five school days"),
    "over_days": (
        "the days before those, for a rule that waits until there are more: \"more than two days\"",
        "two school days",
    ),
    "window": ("where the rule counts: a half term, a term, a year, or so many weeks", "ten school weeks"),
    "codes": ("the codes that the rule looks for", "G, N, O or U"),
    "limit": ("the percentage that the rule compares with, as words", "below 90%"),
    "limit_percent": ("the same percentage alone, without the sign", "90"),
    "review_after": ("how long after the step before the rule looks again", "four weeks"),
    "step_half_terms": ("how many half terms a chain of screenings has lasted at this step", "three half terms"),
    "gain": ("percentage points that the rule asks attendance to gain", "one percentage point"),
    "notice_reach": ("years for which the rule looks back at a penalty notice", "three years"),
    "authorised_limit": ("authorised absence above which leave is not eligible", "10%"),
    "performance_limit": ("attendance below which leave for a performance is not eligible", "96%"),
    "due_days": ("days within which what the rule asks for is due (due_days in the pack)", "five days"),
}  # fmt: skip
"""Name, meaning and an example of every figure that some condition has."""

_FIELD = re.compile("«([^«»]*)»")


def fields_in(text: str) -> list[str]:
    """Return the names between « and » in a text, in order."""
    return [match[1].strip() for match in _FIELD.finditer(text)]


def fill(text: str, figures: Mapping[str, str]) -> str:
    """Return the text with each «name» replaced by its figure; a name that is none stays as it is.

    The text begins with a capital, also where it begins with a figure.
    """
    filled = _FIELD.sub(lambda match: figures.get(match[1].strip(), match[0]), text)
    return filled[:1].upper() + filled[1:] if text.startswith("«") else filled
