"""The school calendar: years, terms, half terms, and from them the sessions that a pupil could attend.

School days are the weekdays inside half terms, less holidays, INSET days and closures; a row may close one
half of a day only, also of one day of each week, and a row ``open`` opens days in spite of all others
(docs/register-folder.md, calendar.csv). A period ``assessment`` changes no session.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Literal, get_args

from rules.school import Half, Session

PeriodKind = Literal[
    "year", "term", "half_term", "holiday", "inset", "closure", "weekly", "open", "assessment"
]
PERIOD_KINDS: tuple[PeriodKind, ...] = get_args(PeriodKind)
CLOSING: tuple[PeriodKind, ...] = ("holiday", "inset", "closure", "weekly")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HALVES: tuple[Half, Half] = ("AM", "PM")


class CalendarError(ValueError):
    """A calendar that cannot be used; the text names the period and what to do."""


@dataclass(frozen=True, slots=True)
class Period:
    """A named stretch of days, both ends counted."""

    kind: PeriodKind
    name: str
    start: date
    end: date
    half: Half | None = None
    """For a row that closes or opens days: only this half of each day."""
    weekday: int | None = None
    """For kind ``weekly``: the day of the week that is closed, 0 for Monday."""

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Calendar:
    """All periods at hand, possibly of several academic years. Raises CalendarError when they do not fit."""

    periods: tuple[Period, ...]

    def __post_init__(self) -> None:
        for period in self.periods:
            if period.end < period.start:
                raise CalendarError(
                    f"{period.kind} '{period.name}' ends on {period.end}, before it starts on {period.start}: swap or correct the dates"
                )
        for kind in ("year", "term", "half_term"):
            rows = sorted((p for p in self.periods if p.kind == kind), key=lambda p: p.start)
            for earlier, later in pairwise(rows):
                if later.start <= earlier.end:
                    raise CalendarError(
                        f"{kind} '{later.name}' starts on {later.start}, inside {kind} '{earlier.name}': they must not overlap"
                    )
        if not any(p.kind == "half_term" for p in self.periods):
            raise CalendarError(
                "no half_term row: school days are the weekdays inside half terms; add one row per half term"
            )

    @property
    def start(self) -> date:
        """The first day of any period."""
        return min(period.start for period in self.periods)

    def _of_kind(self, kind: PeriodKind) -> tuple[Period, ...]:
        return tuple(sorted((p for p in self.periods if p.kind == kind), key=lambda p: p.start))

    @cached_property
    def years(self) -> tuple[Period, ...]:
        """Academic years in order. Where the calendar names none, they run from 1 September to 31 August."""
        named = self._of_kind("year")
        if named:
            return named
        first, last = self.half_terms[0].start, self.half_terms[-1].end
        start = first.year if first.month >= 9 else first.year - 1
        found = []
        while date(start, 9, 1) <= last:
            found.append(
                Period("year", f"{start}/{(start + 1) % 100:02d}", date(start, 9, 1), date(start + 1, 8, 31))
            )
            start += 1
        return tuple(found)

    @cached_property
    def terms(self) -> tuple[Period, ...]:
        """Terms in order of time."""
        return self._of_kind("term")

    @cached_property
    def half_terms(self) -> tuple[Period, ...]:
        """Half terms in order of time."""
        return self._of_kind("half_term")

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """Every open session in order of time, AM before PM."""
        closed = {session for p in self.periods if p.kind in CLOSING for session in _sessions(p)}
        opened = {session for p in self.periods if p.kind == "open" for session in _sessions(p)}
        in_term = {
            session for term in self.half_terms for session in _sessions(term) if session.date.weekday() < 5
        }
        return tuple(sorted((in_term - closed) | opened))

    @cached_property
    def school_days(self) -> tuple[date, ...]:
        """Days with at least one open session, in order."""
        return tuple(dict.fromkeys(session.date for session in self.sessions))

    def is_school_day(self, day: date) -> bool:
        """True when at least one session is open on that day."""
        return self.next_school_day(day) == day

    def next_school_day(self, day: date) -> date | None:
        """The day itself when it is a school day, else the next one; None past the calendar's end."""
        index = bisect_left(self.school_days, day)
        return self.school_days[index] if index < len(self.school_days) else None

    def last_school_day(self, start: date, end: date) -> date | None:
        """The last school day between the two dates, both counted; None when there is none."""
        index = bisect_left(self.school_days, end + timedelta(days=1)) - 1
        if index >= 0 and self.school_days[index] >= start:
            return self.school_days[index]
        return None

    def year_of(self, day: date) -> Period:
        """The academic year of a day; between two years the earlier one, before the first year the first."""
        chosen = self.years[0]
        for year in self.years:
            if year.start <= day:
                chosen = year
        return chosen

    def term_of(self, day: date) -> Period | None:
        """The term that holds the day."""
        return next((term for term in self.terms if day in term), None)

    def half_term_of(self, day: date) -> Period | None:
        """The half term that holds the day."""
        return next((half_term for half_term in self.half_terms if day in half_term), None)


def week_start(day: date) -> date:
    """The Monday of the day's week; a school week is Monday to Sunday (docs/conventions.md, Time and marks)."""
    return day - timedelta(days=day.weekday())


def _days(start: date, end: date) -> Iterable[date]:
    return (start + timedelta(days=n) for n in range((end - start).days + 1))


def _sessions(period: Period) -> Iterable[Session]:
    """Yield every half day that a period is about."""
    for day in _days(period.start, period.end):
        if period.weekday in (None, day.weekday()):
            yield from (Session(day, half) for half in HALVES if period.half in (None, half))
