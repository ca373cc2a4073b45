"""The made-up school's calendar: academic years with terms, half terms, holidays, INSET days and closures.

The pattern is the usual English and Welsh one: six half terms, two weeks at Christmas and Easter, 190 days
for pupils in a full year. Bank holidays are those of England and Wales.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from rules.calendar import Calendar, Period, PeriodKind
from rules.school import Half

DAYS_OPEN = 195
"""Days of term in a year, the five INSET days among them (190 for pupils)."""


def academic_year_of(day: date) -> int:
    """Return the calendar year in which the day's academic year began on 1 September."""
    return day.year if day.month >= 9 else day.year - 1


def school_year(start_year: int, first_day: date | None = None) -> tuple[Period, ...]:
    """Given the year of its September, return every period of one academic year.

    ``first_day`` is the first day with pupils; without it the Wednesday-or-so of the first school week.
    """
    first = first_day or _weekday_on_or_after(date(start_year, 9, 3))
    label = f"{start_year}/{(start_year + 1) % 100:02d}"
    half_terms = _half_terms(start_year, first)
    periods = [_period("year", label, date(start_year, 9, 1), date(start_year + 1, 8, 31))]
    for number, season in enumerate(("Autumn", "Spring", "Summer")):
        start, end = half_terms[2 * number][0], half_terms[2 * number + 1][1]
        periods.append(_period("term", f"{season} {start.year}", start, end))
        periods += [
            _period("half_term", f"{season} {half} {start.year}", *half_terms[2 * number + half - 1])
            for half in (1, 2)
        ]
    names = ("Autumn half-term break", "Christmas holiday", "Spring half-term break", "Easter holiday")
    for name, ((_, end), (start, _)) in zip(
        (*names, "Summer half-term break"), pairwise(half_terms), strict=True
    ):
        periods.append(_period("holiday", name, end + timedelta(days=1), start - timedelta(days=1)))
    for day, name in _bank_holidays(start_year):
        if any(start <= day <= end for start, end in half_terms):
            periods.append(_period("holiday", name, day, day))
    periods += [_period("inset", "INSET day", day, day) for day in _inset_days(half_terms, first)]
    return tuple(periods)


def closures(calendar: Calendar, start_year: int) -> tuple[Period, ...]:
    """Return a half-day closure in the autumn and a snow day in the new year, where the calendar has those days."""
    found = []
    half_day = calendar.next_school_day(date(start_year, 9, 25))
    snow_day = calendar.next_school_day(date(start_year + 1, 1, 14))
    if half_day:
        found.append(_period("closure", "Water main burst", half_day, half_day, "PM"))
    if snow_day:
        found.append(_period("closure", "Heavy snow", snow_day, snow_day))
    return tuple(found)


def easter(year: int) -> date:
    """Easter Sunday by the Gregorian computus."""
    golden, century = year % 19, year // 100
    skipped = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = skipped - (skipped // 28) * (1 - (29 // (skipped + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    offset = moon - weekday
    month = 3 + (offset + 40) // 44
    return date(year, month, offset + 28 - 31 * (month // 4))


def _period(kind: PeriodKind, name: str, start: date, end: date, half: Half | None = None) -> Period:
    return Period(kind, name, start, end, half)


def _half_terms(start_year: int, first: date) -> list[tuple[date, date]]:
    """First and last day of the six half terms, INSET days counted in."""
    new_year = start_year + 1
    opening = first
    for _ in range(2):
        before = _weekday_on_or_before(opening - timedelta(days=1))
        opening = before if before >= date(start_year, 9, 1) else opening
    autumn_break = _monday_on_or_before(date(start_year, 10, 31))
    spring = _monday_on_or_after(date(new_year, 1, 3))
    spring_break = _monday_on_or_after(date(new_year, 2, 15))
    sunday = easter(new_year)
    early = sunday <= date(new_year, 4, 8)
    easter_break = sunday - timedelta(days=6 if early else 13)
    summer = sunday + timedelta(days=8 if early else 2)
    summer_break = _monday_on_or_before(date(new_year, 5, 31))
    week, weekend = timedelta(days=7), timedelta(days=3)
    found = [
        (opening, autumn_break - weekend),
        (autumn_break + week, _friday_on_or_before(date(start_year, 12, 20))),
        (spring, spring_break - weekend),
        (spring_break + week, easter_break - weekend),
        (summer, summer_break - weekend),
    ]
    closed = {day for day, _ in _bank_holidays(start_year)}
    open_days = sum(1 for start, end in found for day in _weekdays(start, end) if day not in closed)
    # the last half term runs until the year has its days
    last = summer_break + week
    wanted = max(DAYS_OPEN - open_days, 25)
    for day in _weekdays(summer_break + week, date(new_year, 8, 31)):
        if wanted and day not in closed:
            wanted, last = wanted - 1, day
    return [*found, (summer_break + week, last)]


def _inset_days(half_terms: list[tuple[date, date]], first: date) -> list[date]:
    """Five days without pupils: before the first day, and at the start of later half terms."""
    found = list(_weekdays(half_terms[0][0], first - timedelta(days=1)))
    for number in (1, 2, 5):
        found.append(half_terms[number][0])
    return found


def _bank_holidays(start_year: int) -> list[tuple[date, str]]:
    new_year = start_year + 1
    sunday = easter(new_year)
    return [
        (sunday - timedelta(days=2), "Good Friday"),
        (sunday + timedelta(days=1), "Easter Monday"),
        (_monday_on_or_after(date(new_year, 5, 1)), "Early May bank holiday"),
        (_monday_on_or_before(date(new_year, 5, 31)), "Spring bank holiday"),
    ]


def _weekdays(start: date, end: date) -> Iterator[date]:
    return (
        day for day in (start + timedelta(days=n) for n in range((end - start).days + 1)) if day.weekday() < 5
    )


def _weekday_on_or_after(day: date) -> date:
    return next(d for d in (day + timedelta(days=n) for n in range(3)) if d.weekday() < 5)


def _weekday_on_or_before(day: date) -> date:
    return next(d for d in (day - timedelta(days=n) for n in range(3)) if d.weekday() < 5)


def _monday_on_or_after(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)


def _monday_on_or_before(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _friday_on_or_before(day: date) -> date:
    return day - timedelta(days=(day.weekday() - 4) % 7)
