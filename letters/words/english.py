"""Counts, days and names in English words, as letters, notes and forms use them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from letters.template.formats import DAYS, MONTHS, SHORT_MONTHS
from rules.calendar import Period
from rules.school import Half

HALVES: dict[Half, str] = {"AM": "morning", "PM": "afternoon"}


def count(number: int, one: str, many: str = "") -> str:
    """ "1 session", "12 sessions"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def times(number: int) -> str:
    """ "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def half_days(sessions: int) -> str:
    """Sessions as school days: "6", "4.5"."""
    return f"{sessions // 2}.5" if sessions % 2 else str(sessions // 2)


def school_days(sessions: int) -> str:
    """ "half a school day", "1 school day", "4.5 school days"."""
    if sessions == 1:
        return "half a school day"
    return f"{half_days(sessions)} school day{'' if sessions == 2 else 's'}"


def joined(parts: Sequence[str]) -> str:
    """Return words as a list in a sentence: "A", "A and B", "A, B and C"; no words give the empty string."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def day(when: date) -> str:
    """ "3 November 2025"."""
    return f"{when.day} {MONTHS['en'][when.month - 1]} {when.year}"


def short_date(when: date) -> str:
    """Return "3 Nov 2025"."""
    return f"{when.day} {SHORT_MONTHS['en'][when.month - 1]} {when.year}"


def weekday(when: date) -> str:
    """ "Monday 3 November 2025"."""
    return f"{DAYS['en'][when.weekday()]} {day(when)}"


def day_name(number: int) -> str:
    """Return "Monday" for 0."""
    return DAYS["en"][number]


def span(start: date, end: date) -> str:
    """ "Monday 3 to Wednesday 5 November 2025", naming month and year once where they are the same."""
    if start == end:
        return weekday(start)
    first = f"{DAYS['en'][start.weekday()]} {start.day}"
    if (start.year, start.month) != (end.year, end.month):
        first += f" {MONTHS['en'][start.month - 1]}"
    if start.year != end.year:
        first += f" {start.year}"
    return f"{first} to {weekday(end)}"


def halves(found: Sequence[Half]) -> str:
    """ "morning", "afternoon", "morning and afternoon"."""
    return joined([HALVES[half] for half in HALVES if half in found])


def year_group(text: str) -> str:
    """A year group as it is said: "4" and "04" become "Year 4", "R" becomes "Reception"; other text stays."""
    plain = " ".join(text.split())
    number = re.fullmatch(r"(?:year|yr|y)?\s*0*(\d{1,2})", plain, re.IGNORECASE)
    if number and int(number[1]):
        return f"Year {number[1]}"
    if plain.casefold() in ("r", "rec", "reception", "0", "00", "year 0", "year r"):
        return "Reception"
    if plain.casefold() in ("n", "nursery", "n1", "n2"):
        return "Nursery"
    return plain


def period(found: Period | None) -> str:
    """A half term, term or year in a sentence: "the Autumn term", "the half term Autumn 1", "the school year 2025/26"."""
    if found is None:
        return "the period"
    if found.kind == "year":
        return f"the school year {re.sub('(?i)^(academic|school) year ', '', found.name)}"
    if "term" in found.name.casefold():
        return (
            f"the {found.name[0].lower()}{found.name[1:]}"
            if found.name.casefold().startswith("term")
            else f"the {found.name}"
        )
    return f"the {found.name} term" if found.kind == "term" else f"the half term {found.name}"
