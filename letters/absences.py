"""Sessions as the rows of a letter's tables: one row a day, or one row for a spell of days alike."""

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
    """Sessions with one code: some of one day, or whole days that follow each other in the school calendar."""

    start: date
    end: date
    halves: tuple[Half, ...]
    """Of a single day; for several days both, as far as the school was open."""
    code: str
    sessions: int
    whole: bool
    """Every open session of each day is in it."""


def by_day(marks: Iterable[CountedMark], calendar: Calendar) -> list[Spell]:
    """One spell for each day and code, in order."""
    open_on, _ = _school_days(calendar)
    return [
        Spell(day, day, halves, code, len(halves), len(halves) == open_on.get(day))
        for day, code, halves in _days(marks)
    ]


def spells(marks: Iterable[CountedMark], calendar: Calendar) -> list[Spell]:
    """The same with whole days that follow each other under one code put together."""
    _, places = _school_days(calendar)
    found: list[Spell] = []
    for one in by_day(marks, calendar):
        last = found[-1] if found else None
        if (
            last is not None
            and last.whole
            and one.whole
            and last.code == one.code
            and places[last.end] + 1 == places[one.start]
        ):
            found[-1] = Spell(last.start, one.end, last.halves, one.code, last.sessions + one.sessions, True)
        else:
            found.append(one)
    return found


def _days(marks: Iterable[CountedMark]) -> Iterator[tuple[date, str, tuple[Half, ...]]]:
    grouped: dict[tuple[date, str], list[Half]] = {}
    ordered: Sequence[CountedMark] = sorted(marks, key=lambda mark: (mark.date, mark.half))
    for mark in ordered:
        grouped.setdefault((mark.date, mark.code), []).append(mark.half)
    for (day, code), halves in grouped.items():
        yield day, code, tuple(halves)


@lru_cache(maxsize=8)
def _school_days(calendar: Calendar) -> tuple[Mapping[date, int], Mapping[date, int]]:
    """How many sessions are open on each school day, and its place among the school days."""
    return Counter(session.date for session in calendar.sessions), {
        day: index for index, day in enumerate(calendar.school_days)
    }
