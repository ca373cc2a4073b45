"""Small parts of sentences that descriptions and explanations of rules share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from rules.school import Spell

_NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip
_ORDINALS = (
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth",
    "nineteenth", "twentieth",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PERIODS = {"half_term": "half term", "term": "term", "year": "school year", "week": "week", "month": "month"}


def number_word(number: int) -> str:
    """Return a number as a word up to twenty, in digits from there on: "three", "21"."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else str(number)


def ordinal_word(number: int) -> str:
    """Return a number's place as a word up to the twentieth, in digits from there on: "third", "21st"."""
    if 0 <= number < len(_ORDINALS):
        return _ORDINALS[number]
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def counted(number: int, one: str) -> str:
    """Return a number in words with its noun: "one session", "ten sessions"."""
    return f"{number_word(number)} {one}{'' if number == 1 else 's'}"


def in_figures(number: int, one: str) -> str:
    """Return a number in figures with its noun: "1 session", "10 sessions"."""
    return f"{number} {one}{'' if number == 1 else 's'}"


def times_word(number: int) -> str:
    """Return how often, in words: "once", "twice", "three times"."""
    return {1: "once", 2: "twice"}.get(number, f"{number_word(number)} times")


def as_school_days(sessions: int) -> str:
    """Return sessions as school days in words: "half a school day", "one school day", "10.5 school days"."""
    if sessions == 1:
        return "half a school day"
    return f"{sessions // 2}.5 school days" if sessions % 2 else counted(sessions // 2, "school day")


def as_weeks(days: int) -> str:
    """Return days in words, as weeks where they are whole weeks: "four weeks", "five days"."""
    return counted(days, "day") if days % 7 or not days else counted(days // 7, "week")


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
