"""On both sides of the days on which compulsory age, years, terms and weeks begin and end."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rules.calendar import Calendar, Period, week_start
from rules.law import age
from tests.rules.test_kinds import CALENDAR

# -- who is of age and on roll


@pytest.mark.parametrize(
    ("born", "first"),
    [
        (date(2020, 8, 31), date(2025, 8, 31)),
        (date(2020, 9, 1), date(2025, 12, 31)),
        (date(2020, 12, 31), date(2025, 12, 31)),
        (date(2021, 1, 1), date(2026, 3, 31)),
        (date(2021, 3, 31), date(2026, 3, 31)),
        (date(2021, 4, 1), date(2026, 8, 31)),
        (date(2020, 2, 29), date(2025, 3, 31)),
    ],
)
def test_compulsory_age_begins_on_the_prescribed_day_on_or_after_the_fifth_birthday(
    born: date, first: date
) -> None:
    assert age.starts(born) == first
    assert age.of_compulsory_age(born, first)
    assert not age.of_compulsory_age(born, first - timedelta(1))


@pytest.mark.parametrize(
    ("born", "last"),
    [
        (date(2009, 9, 1), date(2026, 6, 26)),
        (date(2010, 8, 31), date(2026, 6, 26)),
        (date(2010, 9, 1), date(2027, 6, 25)),
        (date(2009, 8, 31), date(2025, 6, 27)),
        (date(2010, 12, 31), date(2027, 6, 25)),
        (date(2008, 2, 29), date(2024, 6, 28)),
        (date(2012, 3, 1), date(2028, 6, 30)),
    ],
)
def test_compulsory_age_ends_on_the_last_friday_in_june_of_the_year_of_sixteen(
    born: date, last: date
) -> None:
    assert age.ends(born) == last
    assert last.weekday() == 4
    assert age.of_compulsory_age(born, last)
    assert not age.of_compulsory_age(born, last + timedelta(1))


def test_without_a_date_of_birth_everybody_is_of_age() -> None:
    assert age.of_compulsory_age(None, date(1990, 1, 1))


# -- the calendar

THREE_YEARS = Calendar(
    (
        Period("year", "2023/24", date(2023, 9, 4), date(2024, 8, 31)),
        Period("half_term", "Autumn 1, 2023", date(2023, 9, 4), date(2023, 10, 20)),
        Period("year", "2024/25", date(2024, 9, 2), date(2025, 8, 31)),
        Period("half_term", "Autumn 1, 2024", date(2024, 9, 2), date(2024, 10, 18)),
        Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
        Period("half_term", "Autumn 1, 2025", date(2025, 9, 1), date(2025, 10, 24)),
    )
)


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2026, 8, 31), date(2024, 9, 2)),
        (date(2025, 9, 1), date(2024, 9, 2)),
        (date(2025, 8, 31), date(2023, 9, 4)),
        (date(2024, 9, 2), date(2023, 9, 4)),
        (date(2024, 9, 1), date(2022, 9, 1)),
    ],
)
def test_history_begins_with_the_year_before_the_days_own(day: date, start: date) -> None:
    assert THREE_YEARS.history_start(day) == start


@pytest.mark.parametrize(
    ("start", "end", "last"),
    [
        (date(2025, 10, 24), date(2025, 10, 24), date(2025, 10, 24)),
        (date(2025, 10, 25), date(2025, 11, 2), None),
        (date(2025, 10, 24), date(2025, 11, 2), date(2025, 10, 24)),
        (date(2025, 10, 25), date(2025, 11, 3), date(2025, 11, 3)),
        (date(2025, 8, 1), date(2025, 8, 31), None),
        (date(2025, 8, 1), date(2025, 9, 1), date(2025, 9, 1)),
    ],
)
def test_the_last_school_day_between_two_days(start: date, end: date, last: date | None) -> None:
    assert CALENDAR.last_school_day(start, end) == last


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2025, 10, 24), date(2025, 10, 24)),
        (date(2025, 10, 25), date(2025, 11, 3)),
        (date(2025, 1, 1), date(2025, 9, 1)),
        (date(2026, 12, 18), date(2026, 12, 18)),
        (date(2026, 12, 19), None),
    ],
)
def test_the_next_school_day_is_the_day_itself_or_a_later_one(day: date, following: date | None) -> None:
    assert CALENDAR.next_school_day(day) == following
    assert CALENDAR.is_school_day(day) == (following == day)


def test_weeks_begin_on_monday_and_count_only_with_school() -> None:
    assert week_start(date(2025, 9, 7)) == date(2025, 9, 1)
    assert week_start(date(2025, 9, 8)) == date(2025, 9, 8)
    weeks = CALENDAR.school_weeks_between(date(2025, 10, 24), date(2025, 11, 3))
    assert weeks == [date(2025, 10, 20), date(2025, 11, 3)]
    assert CALENDAR.school_weeks_between(date(2025, 10, 25), date(2025, 11, 2)) == []


@pytest.mark.parametrize(
    ("day", "half_term", "term"),
    [
        (date(2025, 9, 1), "Autumn 1", "Autumn"),
        (date(2025, 10, 24), "Autumn 1", "Autumn"),
        (date(2025, 10, 25), None, "Autumn"),
        (date(2025, 12, 19), "Autumn 2", "Autumn"),
        (date(2025, 12, 20), None, None),
    ],
)
def test_a_day_lies_in_a_period_from_its_first_to_its_last_day(
    day: date, half_term: str | None, term: str | None
) -> None:
    own, around = CALENDAR.half_term_of(day), CALENDAR.term_of(day)
    assert (own.name if own else None, around.name if around else None) == (half_term, term)
