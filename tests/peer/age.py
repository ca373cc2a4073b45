"""Compulsory school age (Education Act 1996, section 8)."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache


def birthday(born: date, age: int) -> date:
    """Return the day a person reaches an age; somebody born on 29 February reaches it on 1 March in a common year."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


@cache  # only to save time, here and below
def first_day_of_age(born: date) -> date:
    """Return the 31 December, 31 March or 31 August on or after the fifth birthday."""
    day = birthday(born, 5)
    while (day.month, day.day) not in ((12, 31), (3, 31), (8, 31)):
        day += timedelta(days=1)
    return day


@cache
def last_day_of_age(born: date) -> date:
    """Return the last Friday in June of the school year (September to August) of the sixteenth birthday."""
    sixteen = birthday(born, 16)
    year = sixteen.year + 1 if sixteen.month >= 9 else sixteen.year
    day = date(year, 6, 30)
    while day.weekday() != 4:
        day -= timedelta(days=1)
    return day


def of_compulsory_age(born: date | None, day: date) -> bool:
    """Whether a pupil is of compulsory school age on a day; without a date of birth, yes."""
    if born is None:
        return True
    return first_day_of_age(born) <= day <= last_day_of_age(born)
