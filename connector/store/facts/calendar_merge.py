"""A new answer about the calendar, merged into what is known: days that were once known stay known.

A MIS often gives this school year only, and a school replaces its calendar file every September, while windows and
spent sessions reach back over years. So an answer speaks for the days from its first half term to its last and for
no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from rules.calendar import Calendar, CalendarError, Period, own_years, school_year
from rules.school import Session

_PERIODS = ("year", "term", "half_term")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MergedCalendar:
    """The calendar after an answer, and what the answer changed about days that were known."""

    periods: tuple[Period, ...]
    """Always a valid Calendar."""
    gone: tuple[Session, ...] = ()
    """Sessions of the known calendar that are none any more, in order."""
    added: tuple[Session, ...] = ()
    """Sessions that are new on days before the end of the known calendar, in order."""


def merged(known: Sequence[Period], answer: Sequence[Period]) -> MergedCalendar:
    """Merge an answer into the known periods. Raise CalendarError when the answer contradicts itself.

    Inside its span, from its first half term to its last, the answer holds, and a half term, term or year row of it
    replaces each known one that it overlaps. Outside, everything known stays. An answer without a half term says
    nothing about school days and changes nothing. A known calendar that cannot be used counts as none.
    """
    before = _usable(known)
    if before is None:
        return MergedCalendar(Calendar(tuple(answer)).periods)
    if not any(period.kind == "half_term" for period in answer):
        return MergedCalendar(before.periods)
    new = Calendar(tuple(answer))
    span = Period("half_term", "", new.half_terms[0].start, new.half_terms[-1].end)
    half_terms = [_within_term(h, new.terms) for h in before.half_terms if not _overlap(h, span)]
    terms = _terms(before, new, span, half_terms)
    years = _years(before, new, [*new.half_terms, *half_terms, *terms])
    kept = [*half_terms, *terms, *years, *_outside(before.periods, new.periods, span)]
    periods = [period for period in new.periods if period.kind not in ("term", "year")]
    after = Calendar(_in_order(kept, periods, before.periods, new.periods))
    old, now = set(before.sessions), set(after.sessions)
    end = before.sessions[-1].date if before.sessions else date.min
    return MergedCalendar(
        after.periods,
        gone=tuple(sorted(old - now)),
        added=tuple(sorted(session for session in now - old if session.date <= end)),
    )


def _usable(periods: Sequence[Period]) -> Calendar | None:
    try:
        return Calendar(tuple(periods))
    except CalendarError:
        return None


def _overlap(one: Period, other: Period) -> bool:
    return one.start <= other.end and other.start <= one.end


def _hull(one: Period, other: Period) -> Period:
    """Return the first period, widened to hold the other's weekdays."""
    first, last = other.weekdays
    return replace(one, start=min(one.start, first), end=max(one.end, last))


def _within_term(half_term: Period, terms: Sequence[Period]) -> Period:
    """Return a known half term, cut to the answer's term where it crosses the start or end of one."""
    term = next((term for term in terms if term.meets(half_term)), None)
    if term is None or term.covers(half_term):
        return half_term
    return replace(half_term, start=max(half_term.start, term.start), end=min(half_term.end, term.end))


def _terms(before: Calendar, new: Calendar, span: Period, half_terms: Sequence[Period]) -> list[Period]:
    """Return the terms: the answer's, widened over known half terms of the terms they replace, and known ones that fit."""
    terms = list(new.terms)
    kept = []
    for known in before.terms:
        replacing = [term for term in terms if _overlap(term, known)]
        if replacing:
            for half_term in half_terms:
                if known.covers(half_term) and not any(term.meets(half_term) for term in terms):
                    nearest = min(
                        (term for term in terms if _overlap(term, known)),
                        key=lambda term: max(term.start - half_term.end, half_term.start - term.end),
                    )
                    terms[terms.index(nearest)] = _hull(nearest, half_term)
        elif not new.terms or not _overlap(known, span):
            kept.append(known)
    all_half_terms = [*new.half_terms, *half_terms]
    return terms + [term for term in kept if all(term.covers(h) for h in all_half_terms if term.meets(h))]


def _years(before: Calendar, new: Calendar, periods: Sequence[Period]) -> list[Period]:
    """Return the year rows, each widened over its terms; one that cannot be is left to :attr:`Calendar.years`."""
    rows = [row for row in new.periods if row.kind == "year"]
    known = [cut for row in before.periods if row.kind == "year" and (cut := _without(row, rows))]
    while True:
        fault = next(
            (
                (row, period)
                for period in periods
                for row in own_years(period, [*rows, *known])
                if not row.covers(period)
            ),
            None,
        )
        if fault is None:
            return [*rows, *known]
        row, period = fault
        wide = _hull(row, period)
        mine = rows if row in rows else known
        mine.remove(row)
        if not any(_overlap(wide, other) for other in (rows if mine is rows else [*rows, *known])):
            known = [other for other in known if not _overlap(wide, other)]
            (rows if mine is rows else known).append(wide)


def _without(known: Period, rows: Sequence[Period]) -> Period | None:
    """Return a known year row without the days of the answer's rows; None where one is of the same school year."""
    cut = known
    for row in rows:
        if not _overlap(cut, row):
            continue
        if school_year(row.start) == school_year(known.start):
            return None
        cut = (
            replace(cut, end=row.start - _DAY)
            if row.start > cut.start
            else replace(cut, start=row.end + _DAY)
        )
        if cut.end < cut.start:
            return None
    return cut


def _outside(known: Iterable[Period], answer: Sequence[Period], span: Period) -> Iterator[Period]:
    """Yield the known rows that close or open days or forbid leave, as far as they lie outside the span.

    One that a row of the answer says again is left to the answer.
    """
    for row in known:
        if row.kind in _PERIODS:
            continue
        parts = [row]
        if _overlap(row, span):
            parts = [replace(row, end=span.start - _DAY), replace(row, start=span.end + _DAY)]
        for part in parts:
            again = any(
                replace(part, start=own.start, end=own.end, name=own.name) == own
                and own.start <= part.start
                and part.end <= own.end
                for own in answer
            )
            if part.start <= part.end and not again:
                yield part


def _in_order(
    kept: Sequence[Period], rest: Sequence[Period], before: Sequence[Period], answer: Sequence[Period]
) -> tuple[Period, ...]:
    """Return the periods once each: those known as they stood, then the answer's as they came, then changed ones."""
    periods = set(kept) | set(rest)
    order = dict.fromkeys((*(p for p in before if p in periods and p not in answer), *answer))
    found = [period for period in order if period in periods]
    return tuple(found + sorted(periods - set(found), key=lambda p: (p.start, p.kind, p.name)))
