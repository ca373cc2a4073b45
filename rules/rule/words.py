"""Small parts of sentences that descriptions and explanations of rules share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from rules.school import Spell

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PERIODS = {"half_term": "half term", "term": "term", "year": "school year", "week": "week"}


def listed(words: Sequence[object], last: str = "and") -> str:
    """Return words as a list in a sentence: "2, 4 and 6"."""
    texts = [str(word) for word in words]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {last} {texts[-1]}"


def ordinal(number: int) -> str:
    """Return a number as the place in an order: "first", "second", "third", "4th"."""
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def points_words(points: Fraction) -> str:
    """Return percentage points as text: "1 percentage point", "2.5 percentage points"."""
    return f"{float(points):g} percentage point{'' if points == 1 else 's'}"


def day_words(day: date) -> str:
    """Return a day as people write it: "3 November 2025"."""
    return f"{day.day} {day:%B %Y}"


def roll_words(spells: Sequence[Spell], unknown_start: str) -> str:
    """Return every spell on roll, as words that follow "on roll": "from 2 September 2025 to 10 October 2025, and from 5 January 2026".

    ``unknown_start`` stands for a start that the MIS does not give: "before the first register".
    """
    return ", and ".join(
        (f"from {day_words(spell.start)}" if spell.start else unknown_start)
        + (f" to {day_words(spell.end)}" if spell.end else "")
        + ("" if spell.kind == "main" else f" ({spell.kind})")
        for spell in spells
    )
