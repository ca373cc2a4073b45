"""Absences as the rows of a letter's tables: one row a day, or one row for consecutive days with the same code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rules.calendar import Calendar
from rules.events import CountedMark
from rules.school import Half


@dataclass(frozen=True, slots=True)
class Spell:
    """Sessions with one code: some of one day, or consecutive whole school days."""

    start: date
    end: date
    halves: tuple[Half, ...]
    """The halves of a single day; for several days both, as far as the school was open."""
    code: str
    sessions: int
    whole: bool
    """Whether every open session of each day is in it."""


def by_day(marks: Iterable[CountedMark], calendar: Calendar) -> list[Spell]:
    """Return one spell for each day and code, in order."""
    open_on, _ = _school_days(calendar)
    return [
        Spell(day, day, halves, code, len(halves), len(halves) == open_on.get(day))
        for day, code, halves in _days(marks)
    ]


def spells(marks: Iterable[CountedMark], calendar: Calendar) -> list[Spell]:
    """Return the same with consecutive whole days under one code as one spell."""
    _, index_of = _school_days(calendar)
    rows: list[Spell] = []
    for one in by_day(marks, calendar):
        last = rows[-1] if rows else None
        if (
            last is not None
            and last.whole
            and one.whole
            and last.code == one.code
            and index_of[last.end] + 1 == index_of[one.start]
        ):
            rows[-1] = Spell(last.start, one.end, last.halves, one.code, last.sessions + one.sessions, True)
        else:
            rows.append(one)
    return rows


def _days(marks: Iterable[CountedMark]) -> Iterator[tuple[date, str, tuple[Half, ...]]]:
    grouped: dict[tuple[date, str], list[Half]] = {}
    ordered: Sequence[CountedMark] = sorted(marks, key=lambda mark: (mark.date, mark.half))
    for mark in ordered:
        grouped.setdefault((mark.date, mark.code), []).append(mark.half)
    for (day, code), halves in grouped.items():
        yield day, code, tuple(halves)


@lru_cache(maxsize=8)
def _school_days(calendar: Calendar) -> tuple[Mapping[date, int], Mapping[date, int]]:
    """Return how many sessions are open on each school day, and its index among the school days."""
    return Counter(session.date for session in calendar.sessions), {
        day: index for index, day in enumerate(calendar.school_days)
    }
