"""The register as one rule sees it up to a day: what counts, day by day, as arrays.

Rows are pupils, columns sessions or school days up to ``as_of``. A pack with a first day sees nothing before it.
A rule marked as law sees a session on a day on which the pupil is not of compulsory school age as not possible
(docs/conventions.md, Who).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rules.calendar import Period, month_of
from rules.codes import ABSENT, ATTENDED, POSSIBLE, Class
from rules.law import age
from rules.register import Register

ClassName = Literal["absent", "authorised", "unauthorised", "present"]
_CLASSES: dict[ClassName, tuple[Class, ...]] = {
    "absent": ABSENT,
    "authorised": (Class.AUTHORISED,),
    "unauthorised": (Class.UNAUTHORISED,),
    "present": ATTENDED,
}


class Measures(Protocol):
    """What a pack says about measuring attendance; every policy is one."""

    @property
    def start(self) -> date | None:
        """The pack sees no session before this day."""

    @property
    def minimum_possible_sessions(self) -> int:
        """A percentage says something from so many possible sessions on."""

    @property
    def rearm_school_days(self) -> int:
        """School days running of recovery after which a percentage rule can fire again."""

    def shown(self, attended: int, possible: int) -> str | None:
        """Return a percentage as families read it; None with no possible session."""


class View:
    """See the module. ``days`` are the school days up to ``as_of`` whose every session is closed: a day is judged at
    its end. Day and session indices are the register's."""

    def __init__(self, register: Register, pack: Measures, as_of: date, *, law: bool = False) -> None:
        self.register = register
        self.pack = pack
        self.law = law
        self.calendar = register.calendar
        days = bisect_right(self.calendar.school_days, as_of)
        closed = bisect_right(register.day_bounds, register.closed_count) - 1
        self.days = self.calendar.school_days[: min(days, closed)]
        self.bounds = register.day_bounds[: len(self.days) + 1]
        self.session_count = int(self.bounds[-1]) if len(self.bounds) else 0
        self._day_index = {day: index for index, day in enumerate(self.days)}

    def day_index(self, day: date | None) -> int | None:
        """Return the index of a school day up to as_of; None for any other day."""
        return None if day is None else self._day_index.get(day)

    def moved(self, day: date) -> int | None:
        """Return the index of the day itself when it is a school day, else of the next one; None when that is to come."""
        return self.day_index(self.calendar.next_school_day(day))

    @cached_property
    def visible(self) -> NDArray[np.bool_]:
        """Pupils × sessions: on roll, and not before the pack's first day."""
        seen = self.register.on_roll[:, : self.session_count].copy()
        if self.pack.start:
            seen[:, : self.bounds[np.searchsorted(self.day_ordinals, self.pack.start.toordinal())]] = False
        return seen

    @cached_property
    def day_ordinals(self) -> NDArray[np.int64]:
        """The school days as ordinals."""
        return np.array([day.toordinal() for day in self.days], dtype=np.int64)

    @cached_property
    def of_age(self) -> NDArray[np.bool_]:
        """Pupils × days: of compulsory school age."""
        of_age = np.zeros((len(self.register.pupils), len(self.days)), dtype=np.bool_)
        for row, pupil in enumerate(self.register.pupils):
            born = pupil.date_of_birth
            if born is None:
                of_age[row] = True
            else:
                first, last = age.starts(born).toordinal(), age.ends(born).toordinal()
                of_age[row] = (self.day_ordinals >= first) & (self.day_ordinals <= last)
        return of_age

    @cached_property
    def classes(self) -> NDArray[np.uint8]:
        """Pupils × sessions of :class:`rules.codes.Class` values as this view sees them."""
        classes = self.register.classes[:, : self.session_count].copy()
        classes[~self.visible] = Class.OFF_ROLL
        if self.law:
            classes[~self._of_age_sessions & self.visible] = Class.NOT_POSSIBLE
        return classes

    @cached_property
    def _of_age_sessions(self) -> NDArray[np.bool_]:
        return self.of_age[:, self.register.session_day[: self.session_count]]

    def coded(self, codes: tuple[str, ...]) -> NDArray[np.bool_]:
        """Return pupils × sessions: recorded with one of these codes, as this view sees it."""
        coded: NDArray[np.bool_] = self.register.coded(codes)[:, : self.session_count] & self.visible
        return coded & self._of_age_sessions if self.law else coded

    def counted_as(self, name: ClassName) -> NDArray[np.bool_]:
        """Return pupils × sessions: those that count in this class."""
        return np.isin(self.classes, _CLASSES[name])

    @cached_property
    def possible(self) -> NDArray[np.bool_]:
        """Pupils × sessions: a possible session."""
        return np.isin(self.classes, POSSIBLE)

    @cached_property
    def absent(self) -> NDArray[np.bool_]:
        """Pupils × sessions: an absent session."""
        return np.isin(self.classes, ABSENT)

    def by_day(self, sessions: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return pupils × days: how many of these sessions fall on each day."""
        sums = _running_sums(sessions)
        return sums[:, self.bounds[1:]] - sums[:, self.bounds[:-1]]

    @cached_property
    def on_roll(self) -> NDArray[np.bool_]:
        """Pupils × days: on roll; for law also of compulsory age, the only days on which such a rule may fire."""
        on_roll = self.register.on_roll[:, self.bounds[:-1]]
        return on_roll & self.of_age if self.law else on_roll

    @cached_property
    def stretches(self) -> NDArray[np.int64]:
        """Pupils × days: a number that goes up whenever the pupil comes back after time off roll."""
        back = np.zeros((len(self.register.pupils), len(self.days)), dtype=np.int64)
        for row, pupil in enumerate(self.register.pupils):
            for returned in pupil.returns:
                first = int(np.searchsorted(self.day_ordinals, returned.toordinal()))
                back[row, first : first + 1] += 1
        return back.cumsum(axis=1)

    @cached_property
    def _sums(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        attended = np.isin(self.classes, ATTENDED)
        return _running_sums(attended), _running_sums(self.possible)

    def attended_and_possible(self, row: int, first_day: int, last_day: int) -> tuple[int, int]:
        """Return counts for one pupil from one school day's start to another's end."""
        start, end = self.bounds[first_day], self.bounds[last_day + 1]
        attended, possible = self._sums
        return int(attended[row, end] - attended[row, start]), int(possible[row, end] - possible[row, start])

    @cached_property
    def year_starts(self) -> NDArray[np.int64]:
        """For each day the index of its academic year's first school day."""
        starts: dict[date, int] = {}
        for index, day in enumerate(self.days):
            starts.setdefault(self.calendar.year_of(day).start, index)
        return np.array([starts[self.calendar.year_of(day).start] for day in self.days], dtype=np.int64)

    @cached_property
    def year_slices(self) -> tuple[slice, ...]:
        """The days of each academic year."""
        starts = [int(start) for start in np.unique(self.year_starts)]
        return tuple(slice(a, b) for a, b in zip(starts, [*starts[1:], len(self.days)], strict=True))

    @cached_property
    def to_date(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pupils × days: attended and possible sessions of the year to date at each day's end."""
        starts = self.bounds[self.year_starts] if len(self.days) else self.bounds[:0]
        attended, possible = (sums[:, self.bounds[1:]] - sums[:, starts] for sums in self._sums)
        return attended, possible

    def year_to_date(self, row: int, day: int) -> tuple[int, int]:
        """Return attended and possible sessions of one pupil's year to date at a day's end."""
        attended, possible = self.to_date
        return int(attended[row, day]), int(possible[row, day])

    @cached_property
    def enough(self) -> NDArray[np.bool_]:
        """Pupils × days: the year to date has the pack's minimum of possible sessions."""
        return self.to_date[1] >= self.pack.minimum_possible_sessions

    def marks_between(
        self, sessions: NDArray[np.bool_], row: int, first_day: int, last_day: int
    ) -> tuple[int, ...]:
        """Return session indices of one pupil's chosen sessions from one day to another, both counted."""
        start, end = int(self.bounds[first_day]), int(self.bounds[last_day + 1])
        return tuple(int(i) + start for i in np.flatnonzero(sessions[row, start:end]))

    def window(self, start: date, day: int) -> tuple[date, date]:
        """Return what a rule looked at: from a date, or the pack's first day where that is later, to a school day."""
        return max(start, self.pack.start or start), self.days[day]

    def year_window(self, day: int) -> tuple[date, date]:
        """Return the year to date at a school day: from the year's first school day."""
        return self.window(self.days[self.year_starts[day]], day)

    def periods(self, kind: str) -> list[tuple[Period, int, int]]:
        """Return each half term, term or year with the indices of its first and last school day up to now."""
        of_day: Callable[[date], Period | None] = {
            "half_term": self.calendar.half_term_of,
            "term": self.calendar.term_of,
            "year": self.calendar.year_of,
        }[kind]
        days_of: dict[Period, tuple[int, int]] = {}
        for index, day in enumerate(self.days):
            period = of_day(day)
            if period is not None:
                days_of[period] = (days_of.get(period, (index, index))[0], index)
        return [(period, first, last) for period, (first, last) in days_of.items()]

    def ended(self, kind: str) -> list[tuple[str, int, int]]:
        """Return (first date, first school day, last school day) of each period that has ended, days as indices.

        The last school day is the calendar's, so a period that still has school days to come has not ended; nor has
        one that the calendar does not hold to its end.
        """
        calendar = self.calendar
        if kind == "week":
            spans = [(monday, monday + timedelta(days=6)) for monday in calendar.school_weeks]
        elif kind == "month":
            spans = list(dict.fromkeys(month_of(day) for day in calendar.school_days))
        else:
            named = {"half_term": calendar.half_terms, "term": calendar.terms, "year": calendar.years}[kind]
            spans = [(p.start, p.end) for p in named if calendar.is_whole(p)]
        ended = []
        for start, end in spans:
            last = self.day_index(calendar.last_school_day(start, end))
            first = self.day_index(calendar.next_school_day(start))
            if last is not None and first is not None:
                ended.append((start.isoformat(), first, last))
        return ended

    def year_anchor(self, day: int) -> str:
        """Return the academic year's first date, as text."""
        return self.calendar.year_of(self.days[day]).start.isoformat()

    def shown_to_date(self, row: int, day: int) -> dict[str, str | int]:
        """Return the figures every pupil's event carries: the year to date."""
        attended, possible = self.year_to_date(row, day)
        shown = self.pack.shown(attended, possible)
        return (
            {} if shown is None else {"attendance_percent": shown, "attended": attended, "possible": possible}
        )


def _running_sums(sessions: NDArray[Any]) -> NDArray[np.int64]:
    sums = np.zeros((sessions.shape[0], sessions.shape[1] + 1), dtype=np.int64)
    np.cumsum(sessions, axis=1, out=sums[:, 1:])
    return sums
