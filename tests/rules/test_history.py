"""What the calendar says of days: weeks with school, and from when events still count."""

from datetime import date

import pytest

from rules.calendar import Calendar, Period
from rules.cases import STANDARD_CALENDAR

CALENDAR = Calendar(STANDARD_CALENDAR)


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2025, 9, 1), date(2024, 9, 1)),  # the calendar has no earlier year
        (date(2026, 8, 31), date(2024, 9, 1)),
        (date(2026, 9, 1), date(2025, 9, 1)),
        (date(2028, 1, 1), date(2025, 9, 1)),
    ],
)
def test_what_happened_before_last_year_is_history(day: date, start: date) -> None:
    assert CALENDAR.history_start(day) == start


def test_a_year_that_begins_in_august_has_the_same_history_before_it() -> None:
    august = Calendar(
        (
            Period("year", "2025/26", date(2025, 8, 26), date(2026, 8, 20)),
            Period("half_term", "Autumn 1", date(2025, 8, 26), date(2025, 10, 10)),
        )
    )
    assert august.history_start(date(2025, 9, 10)) == date(2024, 9, 1)


def test_a_week_without_school_is_no_school_week() -> None:
    weeks = CALENDAR.school_weeks
    assert date(2025, 10, 20) in weeks
    assert date(2025, 10, 27) not in weeks
    assert list(weeks) == sorted(set(weeks))
