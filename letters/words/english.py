"""Counts, days and names in English words, as letters, notes and forms use them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from letters.template.formats import DAYS, MONTHS, SHORT_MONTHS
from rules.calendar import Period
from rules.school import Half

HALVES: dict[Half, str] = {"AM": "morning", "PM": "afternoon"}
NAMED_CLASS = re.compile(r"(class|dosbarth|year|reception|nursery|blwyddyn|derbyn|meithrin)\b", re.IGNORECASE)
"""How a class's name begins that needs no word "class" before it."""


def joined(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: "A", "A and B", "A, B and C"."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 session", "12 sessions"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def times(number: int) -> str:
    """Return "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def duration(minutes: int) -> str:
    """Return minutes as hours and minutes: "35 minutes", "1 hour", "2 hours 1 minute"."""
    hours, rest = divmod(minutes, 60)
    parts = [count(hours, "hour")] if hours else []
    parts += [count(rest, "minute")] if rest or not hours else []
    return " ".join(parts)


def half_days(sessions: int) -> str:
    """Return sessions as a number of school days: "6", "4.5"."""
    return f"{sessions // 2}.5" if sessions % 2 else str(sessions // 2)


def school_days(sessions: int) -> str:
    """Return sessions as school days: "half a school day", "1 school day", "4.5 school days"."""
    if sessions == 1:
        return "half a school day"
    return f"{half_days(sessions)} school day{'' if sessions == 2 else 's'}"


def day(when: date) -> str:
    """Return a date in full: "3 November 2025"."""
    return f"{when.day} {MONTHS['en'][when.month - 1]} {when.year}"


def short_date(when: date) -> str:
    """Return a date for tables: "3 Nov 2025", the same on every machine."""
    return f"{when.day} {SHORT_MONTHS['en'][when.month - 1]} {when.year}"


def weekday(when: date) -> str:
    """Return a date with its weekday: "Monday 3 November 2025"."""
    return f"{DAYS['en'][when.weekday()]} {day(when)}"


def day_name(number: int) -> str:
    """Return the name of a weekday: "Monday" for 0."""
    return DAYS["en"][number]


def span(start: date, end: date) -> str:
    """Return a span of days, with month and year once where they are the same: "Monday 3 to Wednesday 5 November 2025"."""
    if start == end:
        return weekday(start)
    first = f"{DAYS['en'][start.weekday()]} {start.day}"
    if (start.year, start.month) != (end.year, end.month):
        first += f" {MONTHS['en'][start.month - 1]}"
    if start.year != end.year:
        first += f" {start.year}"
    return f"{first} to {weekday(end)}"


def halves(of_day: Sequence[Half]) -> str:
    """Return "morning", "afternoon" or "morning and afternoon"."""
    return " and ".join(HALVES[half] for half in HALVES if half in of_day)


def year_group(text: str) -> str:
    """Return the usual name of a year group: "Year 4" for "4" and "04", "Reception" for "R"; other text unchanged."""
    plain = " ".join(text.split())
    number = re.fullmatch(r"(?:year|yr|y)?\s*0*(\d{1,2})", plain, re.IGNORECASE)
    if number and int(number[1]):
        return f"Year {number[1]}"
    if plain.casefold() in ("r", "rec", "reception", "0", "00", "year 0", "year r"):
        return "Reception"
    if plain.casefold() in ("n", "nursery", "n1", "n2"):
        return "Nursery"
    return plain


def class_name(group: str) -> str:
    """Return a class for a sentence: "class 4B"; the name alone where it says so itself ("Class 2", "Year 6 Oak")."""
    plain = " ".join(group.split())
    return plain if not plain or NAMED_CLASS.match(plain) else f"class {plain}"


def year_and_class(year: str, group: str) -> str:
    """Return year and class, neither of them twice: "Year 4, class 4B", "Year 2, Class 1", "Year 6 Oak"."""
    return once(year_group(year), class_name(group))


def once(year: str, name: str) -> str:
    """Return a year and a class, or the class alone where its name begins with the year."""
    if re.match(rf"{re.escape(year)}\b", name, re.IGNORECASE):
        return name
    return ", ".join(part for part in (year, name) if part)


def period(named: Period | None) -> str:
    """Return a period for a sentence: "the Autumn term", "the half term Autumn 1", "the school year 2025/26"."""
    if named is None:
        return "the period"
    name = named.name
    if named.kind == "year":
        return f"the school year {re.sub('(?i)^(academic|school) year ', '', name)}"
    if name.casefold().startswith("term"):
        return f"the {name[0].lower()}{name[1:]}"
    if "term" in name.casefold():
        return f"the {name}"
    return f"the {name} term" if named.kind == "term" else f"the half term {name}"
