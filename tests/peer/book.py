"""One pupil's attendance book: every session of the calendar while on roll, in order, up to the last day."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.peer.age import of_compulsory_age
from tests.peer.codes import (
    ACTIVITY,
    AUTHORISED,
    NOT_POSSIBLE,
    PRESENT,
    UNAUTHORISED,
    class_of,
    letter_of,
)
from tests.peer.reading import Calendar, Folder, Period, Pupil

Event = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One session of one pupil: the day, AM or PM, the code as written and its class on that day.

    What follows from its class is kept once worked out, only to save time.
    """

    day: date
    half: str
    code: str
    kind: str

    @cached_property
    def attended(self) -> bool:
        return self.kind in (PRESENT, ACTIVITY)

    @cached_property
    def absent(self) -> bool:
        return self.kind in (AUTHORISED, UNAUTHORISED)

    @cached_property
    def unauthorised(self) -> bool:
        return self.kind == UNAUTHORISED

    @cached_property
    def possible(self) -> bool:
        return self.attended or self.absent

    def coded(self, *letters: str) -> bool:
        """Whether this is a possible session with one of these codes."""
        return self.possible and letter_of(self.code) in letters


Test = Callable[[Entry], bool]


@dataclass(frozen=True)
class Tally:
    possible: int
    attended: int

    @property
    def absent(self) -> int:
        return self.possible - self.attended

    @property
    def rate(self) -> Fraction | None:
        """Attendance as an exact fraction of 1; nothing when no session was possible."""
        return Fraction(self.attended, self.possible) if self.possible else None


@dataclass
class Book:
    pupil: Pupil
    calendar: Calendar
    days: list[date]
    entries: list[Entry]
    by_day: dict[date, list[Entry]] = field(default_factory=dict)
    known_ytd: dict[date, Tally] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_day = {day: [] for day in self.days}
        for entry in self.entries:
            self.by_day[entry.day].append(entry)

    def law(self) -> Book:
        """Return the same book as the rules of law see it: no session possible on a day not of compulsory age."""
        entries = []
        for entry in self.entries:
            if entry.possible and not self.of_age(entry.day):
                entry = replace(entry, kind=NOT_POSSIBLE)
            entries.append(entry)
        return Book(self.pupil, self.calendar, self.days, entries)

    def of_age(self, day: date) -> bool:
        return of_compulsory_age(self.pupil.born, day)

    def on(self, day: date) -> list[Entry]:
        return self.by_day[day]

    def days_between(self, first: date, last: date) -> list[date]:
        return self.days[bisect_left(self.days, first) : bisect_right(self.days, last)]

    def between(self, first: date, last: date) -> list[Entry]:
        return [entry for day in self.days_between(first, last) for entry in self.by_day[day]]

    def tally(self, first: date, last: date) -> Tally:
        entries = self.between(first, last)
        return Tally(
            possible=len([entry for entry in entries if entry.possible]),
            attended=len([entry for entry in entries if entry.attended]),
        )

    def ytd(self, day: date) -> Tally:
        """Return the year to date at the end of a day (kept once worked out, only to save time)."""
        if day not in self.known_ytd:
            self.known_ytd[day] = self.tally(self.year_of(day).start, day)
        return self.known_ytd[day]

    def absences_ytd(self, day: date) -> list[Entry]:
        return [entry for entry in self.between(self.year_of(day).start, day) if entry.absent]

    def year_of(self, day: date) -> Period:
        return next(year for year in self.calendar.years if year.holds(day))

    def event(self, rule: str, day: date, sessions: list[Entry]) -> Event:
        return make_event("pupil_id", self.pupil.pupil_id, rule, day, sessions)


def make_event(who: str, name: str, rule: str, day: date, sessions: list[Entry]) -> Event:
    """Return an event in the form of `evaluate --json`; `who` is "pupil_id" or "group"."""
    return {
        who: name,
        "rule": rule,
        "date": day.isoformat(),
        "clause": "",
        "figures": {},
        "sessions": [[entry.day.isoformat(), entry.half, entry.code] for entry in sessions],
        "outcomes": [],
    }


def open_book(folder: Folder, pupil: Pupil, first: date | None, last: date) -> Book:
    """Return the pupil's book up to `last`, without the sessions before `first` (if given)."""

    def seen(day: date) -> bool:
        return day <= last and (first is None or day >= first) and pupil.on_roll(day)

    entries = []
    for day, half in folder.calendar.sessions:
        if seen(day):
            code = folder.marks.get((pupil.pupil_id, day, half), "")
            entries.append(Entry(day, half, code, class_of(code, folder.nation, day)))
    return Book(pupil, folder.calendar, [day for day in folder.calendar.days if seen(day)], entries)
