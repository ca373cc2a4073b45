"""Compulsory school age in England and Wales (Education Act 1996, section 8).

It starts on the 31 December, 31 March or 31 August on or after the fifth birthday and ends with the last
Friday in June of the school year in which the pupil turns sixteen. Both ends count.
"""

from __future__ import annotations

from datetime import date, timedelta


def starts(born: date) -> date:
    """Return the first day of compulsory school age."""
    fifth = _birthday(born, 5)
    prescribed = (date(fifth.year, 3, 31), date(fifth.year, 8, 31), date(fifth.year, 12, 31))
    return next(day for day in prescribed if day >= fifth)


def ends(born: date) -> date:
    """Return the last day of compulsory school age."""
    sixteenth = _birthday(born, 16)
    summer = sixteenth.year if sixteenth.month < 9 else sixteenth.year + 1
    last = date(summer, 6, 30)
    return last - timedelta(days=(last.weekday() - 4) % 7)


def of_compulsory_age(born: date | None, day: date) -> bool:
    """Return True on a day of compulsory school age; without a date of birth always (docs/conventions.md, Who)."""
    return born is None or starts(born) <= day <= ends(born)


def _birthday(born: date, age: int) -> date:
    if (born.month, born.day) == (2, 29):
        return date(born.year + age, 3, 1)
    return born.replace(year=born.year + age)
