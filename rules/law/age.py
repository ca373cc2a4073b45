"""Compulsory school age in England and Wales (Education Act 1996, section 8).

It starts on the 31 December, 31 March or 31 August on or after a birthday, the fifth, and ends with the last Friday
in June of the school year of another, the sixteenth. Both ends count. Which birthdays is :mod:`rules.law`'s; the
section holds for both nations.
"""

from __future__ import annotations

from datetime import date, timedelta

from rules.law import Figure, law_of

_ADULT = 18


def starts(born: date) -> date:
    """Return the first day of compulsory school age."""
    fifth = _reached(law_of("england").compulsory_age_first, born)
    prescribed = (date(fifth.year, 3, 31), date(fifth.year, 8, 31), date(fifth.year, 12, 31))
    return next(day for day in prescribed if day >= fifth)


def ends(born: date) -> date:
    """Return the last day of compulsory school age."""
    sixteenth = _reached(law_of("england").compulsory_age_last, born)
    summer = sixteenth.year if sixteenth.month < 9 else sixteenth.year + 1
    last = date(summer, 6, 30)
    return last - timedelta(days=(last.weekday() - 4) % 7)


def of_compulsory_age(born: date | None, day: date) -> bool:
    """Return True on a day of compulsory school age; without a date of birth always (docs/conventions.md, Who)."""
    return born is None or starts(born) <= day <= ends(born)


def is_adult(born: date | None, day: date) -> bool:
    """Return True from the eighteenth birthday on (Family Law Reform Act 1969, section 1): parental responsibility has ended."""
    return born is not None and _birthday(born, _ADULT) <= day


def _reached(age: Figure, born: date) -> date:
    """Return the birthday of an age, at the age that the law names on that very day."""
    birthdays = [(value.start, _birthday(born, value.value)) for value in age.values]
    return next((day for start, day in reversed(birthdays) if start <= day), birthdays[0][1])


def _birthday(born: date, age: int) -> date:
    if (born.month, born.day) == (2, 29):
        return date(born.year + age, 3, 1)
    return born.replace(year=born.year + age)
