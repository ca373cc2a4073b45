"""Small parts of sentences that descriptions and explanations of rules share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

PERIODS = {"half_term": "half term", "term": "term", "year": "school year", "week": "week"}


def listed(words: Sequence[object], last: str = "and") -> str:
    """Return words as a list in a sentence: "2, 4 and 6"."""
    texts = [str(word) for word in words]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} {last} {texts[-1]}"


def day_words(day: date) -> str:
    """Return a day as people write it: "3 November 2025"."""
    return f"{day.day} {day:%B %Y}"
