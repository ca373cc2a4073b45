"""The school calendar: years, terms, half terms, and from them the sessions that a pupil could attend.

School days are the weekdays inside half terms, less holidays, INSET days and closures; a row may close one
half of a day only, also of one day of each week, and a row ``open`` opens days in spite of all others
(docs/register-folder.md, calendar.csv). A period ``assessment`` changes no session.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
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

    @property
    def sessions(self) -> Iterator[Session]:
        """Every half day that the period is about, weekends and holidays among them."""
        for day in _days(self.start, self.end):
            if self.weekday in (None, day.weekday()):
                yield from (Session(day, half) for half in HALVES if self.half in (None, half))

    def __str__(self) -> str:
        return f"{self.kind} '{self.name}' ({self.start} to {self.end})"

    @property
    def weekdays(self) -> tuple[date, date]:
        """The first and last weekday; the first comes after the last where all is a weekend."""
        first = self.start + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[self.start.weekday()])
        return first, self.end - timedelta(days=max(0, self.end.weekday() - 4))

    def covers(self, other: Period) -> bool:
        """Return whether every weekday of the other period lies in this one."""
        first, last = other.weekdays
        return first > last or (self.start <= first and last <= self.end)

    def meets(self, other: Period) -> bool:
        """Return whether the two have a weekday in common."""
        first, last = other.weekdays
        return max(first, self.start) <= min(last, self.end)


@dataclass(frozen=True)
class Calendar:
    """All known periods, possibly of several academic years. Raise CalendarError when they do not fit."""

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
        self._check_fit()
        if not any(p.kind == "half_term" for p in self.periods):
            raise CalendarError(
                "no half_term row: school days are the weekdays inside half terms; add one row per half term"
            )

    @property
    def start(self) -> date:
        """The first day of any period."""
        return min(period.start for period in self.periods)

    def _check_fit(self) -> None:
        """Raise CalendarError for a term or half term that its year does not cover, or a half term that its term does not."""
        terms, half_terms, years = (self._of_kind(kind) for kind in ("term", "half_term", "year"))
        for period in (*terms, *half_terms):
            for year in own_years(period, years):
                if not year.covers(period):
                    raise CalendarError(
                        f"{year} does not cover {period}: correct the dates of one of the two"
                    )
        for half_term in half_terms:
            for term in terms:
                if term.meets(half_term) and not term.covers(half_term):
                    raise CalendarError(
                        f"{half_term} crosses the start or end of {term}: correct the dates of one of the two"
                    )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What looks wrong in a calendar that can be used."""
        return tuple(
            f"{term} holds no half term, so it has no school day: add its half_term rows"
            for term in self.terms
            if not any(term.meets(half_term) for half_term in self.half_terms)
        )

    @property
    def unfinished(self) -> tuple[str, ...]:
        """The terms and years with school days that the calendar does not hold to their end, as text."""
        found = []
        for period in (*self.terms, *self.years):
            last = self.last_school_day(period.start, period.end)
            if last is not None and not self.is_whole(period):
                found.append(f"{period} has no school day after {last}, so rules about its end cannot fire")
        return tuple(found)

    def is_whole(self, period: Period) -> bool:
        """Return whether the calendar holds this half term, term or year to its end.

        A term is whole when no open weekday comes after its last half term; a year when its last half term ends on
        or after 15 June of the school year, or on the year's last weekday (docs/conventions.md, End-of-period rules).
        """
        if period.kind == "half_term":
            return True
        last = max((h.end for h in self.half_terms if period.meets(h)), default=None)
        if last is None:
            return False
        if period.kind == "year" and last >= date(school_year(period.start) + 1, 6, 15):
            return True
        rest = [day for day in _days(last + timedelta(days=1), period.end) if day.weekday() < 5]
        if period.kind == "year":
            return not rest
        closed = [p for p in self.periods if p.kind in ("holiday", "inset", "closure") and p.half is None]
        return all(any(day in p for p in closed) for day in rest)

    def _of_kind(self, kind: PeriodKind) -> tuple[Period, ...]:
        return tuple(sorted((p for p in self.periods if p.kind == kind), key=lambda p: p.start))

    @cached_property
    def years(self) -> tuple[Period, ...]:
        """Academic years in order: the year rows, and a year for each school year that has none.

        A school year begins with its first term, or half term where no term covers, after 31 July (docs/conventions.md,
        Time and marks). Without a row it runs from 1 September, or from that term's start in August, to the day
        before the next. A weekend decides nothing: a term typed from a Saturday belongs to the year of its Monday.
        """
        rows = self._of_kind("year")
        loose = [h for h in self.half_terms if not any(h.start in term for term in self.terms)]
        starts: dict[int, date] = {}
        for period in (*self.terms, *loose):
            if not any(row.meets(period) for row in rows):
                begin = period.weekdays[0] if any(period.start in row for row in rows) else period.start
                year = school_year(begin)
                starts[year] = min(starts.get(year, date(year, 9, 1)), begin)
        begins = sorted([*starts.values(), *(row.start for row in rows)])
        without_row = []
        for year, start in starts.items():
            following = next((begin for begin in begins if begin > start), date.max)
            end = min(date(year + 1, 8, 31), following - timedelta(days=1))
            without_row.append(Period("year", f"{year}/{(year + 1) % 100:02d}", start, end))
        return tuple(sorted((*rows, *without_row), key=lambda year: year.start))

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
        return _sessions_of(tuple(self.periods))

    @cached_property
    def school_days(self) -> tuple[date, ...]:
        """Days with at least one open session, in order."""
        return tuple(dict.fromkeys(session.date for session in self.sessions))

    @cached_property
    def school_weeks(self) -> tuple[date, ...]:
        """The Monday of every week with a school day, in order."""
        return tuple(dict.fromkeys(week_start(day) for day in self.school_days))

    def is_school_day(self, day: date) -> bool:
        """Return True when at least one session is open on that day."""
        return self.next_school_day(day) == day

    def next_school_day(self, day: date) -> date | None:
        """Return the day itself when it is a school day, else the next one; None past the calendar's end."""
        index = bisect_left(self.school_days, day)
        return self.school_days[index] if index < len(self.school_days) else None

    def last_school_day(self, start: date, end: date) -> date | None:
        """Return the last school day between the two dates, both counted; None when there is none."""
        index = bisect_left(self.school_days, end + timedelta(days=1)) - 1
        if index >= 0 and self.school_days[index] >= start:
            return self.school_days[index]
        return None

    def school_weeks_between(self, start: date, end: date) -> list[date]:
        """Return the Monday of every week with a school day between the two dates, both counted, in order."""
        return sorted({week_start(day) for day in self.school_days if start <= day <= end})

    def year_of(self, day: date) -> Period:
        """Return the academic year of a day; between two years the earlier one, before the first year the first."""
        chosen = self.years[0]
        for year in self.years:
            if year.start <= day:
                chosen = year
        return chosen

    def year_with(self, period: Period) -> Period:
        """Return the academic year of a term, half term or year; a weekend before its first weekday decides nothing."""
        return period if period.kind == "year" else self.year_of(period.weekdays[0])

    def first_school_day_of_year(self, day: date) -> date | None:
        """Return the first known school day of a school day's academic year."""
        year = self.year_of(day)
        return self.next_school_day(date.min if year == self.years[0] else year.start)

    def last_school_day_of_year(self, day: date) -> date | None:
        """Return the last known school day of a school day's academic year."""
        start = self.year_of(day).start
        following = min((year.start for year in self.years if year.start > start), default=date.max)
        return self.last_school_day(date.min, following - timedelta(days=1))

    def history_start(self, day: date) -> date:
        """Return the first day that still counts on a day: the start of the academic year before that day's.

        Events dated earlier are history: they bring no letter, and nothing takes them back. Where the calendar does
        not go back so far, it is 1 September of the calendar year before.
        """
        this = self.year_of(day)
        earlier = [year.start for year in self.years if year.start < this.start]
        return max(earlier, default=date(this.start.year - 1, 9, 1))

    def term_of(self, day: date) -> Period | None:
        """Return the term that holds the day."""
        return next((term for term in self.terms if day in term), None)

    def half_term_of(self, day: date) -> Period | None:
        """Return the half term that holds the day."""
        return next((half_term for half_term in self.half_terms if day in half_term), None)


@lru_cache(maxsize=16)
def _sessions_of(periods: tuple[Period, ...]) -> tuple[Session, ...]:
    """Return the open sessions of a calendar; a run makes the same calendar several times, and so does the next run."""
    closed = {session for p in periods if p.kind in CLOSING for session in p.sessions}
    opened = {session for p in periods if p.kind == "open" for session in p.sessions}
    half_terms = (p for p in periods if p.kind == "half_term")
    in_term = {session for term in half_terms for session in term.sessions if session.date.weekday() < 5}
    return tuple(sorted((in_term - closed) | opened))


def own_years(period: Period, years: Iterable[Period]) -> list[Period]:
    """Return the year rows that must cover a term or half term: those it meets, else those of its school year."""
    rows = list(years)
    return [year for year in rows if year.meets(period)] or [
        year for year in rows if school_year(year.start) == school_year(period.start)
    ]


def school_year(day: date) -> int:
    """Return the calendar year in which the school year of a day begins: one begins after 31 July."""
    return day.year if day.month >= 8 else day.year - 1


def week_start(day: date) -> date:
    """Return the Monday of the day's week; a school week is Monday to Sunday (docs/conventions.md, Time and marks)."""
    return day - timedelta(days=day.weekday())


def month_of(day: date) -> tuple[date, date]:
    """Return the first and last day of the day's month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _days(start: date, end: date) -> Iterable[date]:
    return (start + timedelta(days=n) for n in range((end - start).days + 1))
