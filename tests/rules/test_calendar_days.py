"""Rows ``weekly`` close a half of one day each week, rows ``open`` open days in spite of all others."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rules.calendar import PERIOD_KINDS, Calendar, Period, week_start
from rules.school import Half, Session

FIRST, LAST = date(2025, 9, 1), date(2025, 10, 24)
HALF_TERM = Period("half_term", "Autumn 1", FIRST, LAST)
SATURDAY = date(2025, 9, 13)


def calendar(*periods: Period) -> Calendar:
    return Calendar((HALF_TERM, *periods))


def test_a_weekly_row_closes_that_half_of_that_day_from_start_to_end() -> None:
    fridays = Period("weekly", "Early close", date(2025, 9, 8), date(2025, 9, 30), "PM", weekday=4)
    plain, closed = set(calendar().sessions), set(calendar(fridays).sessions)

    assert plain - closed == {Session(date(2025, 9, day), "PM") for day in (12, 19, 26)}
    assert closed <= plain


def test_a_weekly_row_without_a_half_closes_the_day() -> None:
    fridays = Period("weekly", "Closed", FIRST, LAST, weekday=4)

    assert {day.weekday() for day in calendar(fridays).school_days} == {0, 1, 2, 3}


def test_an_open_row_makes_a_saturday_a_school_day_of_its_week() -> None:
    made_up = calendar(Period("open", "Made up", SATURDAY, SATURDAY, "AM"))

    assert set(made_up.sessions) - set(calendar().sessions) == {Session(SATURDAY, "AM")}
    assert made_up.is_school_day(SATURDAY)
    assert made_up.last_school_day(week_start(SATURDAY), SATURDAY) == SATURDAY
    assert made_up.sessions == tuple(sorted(made_up.sessions))


def test_an_open_row_wins_over_every_row_that_closes_and_over_holidays() -> None:
    day, between = date(2025, 9, 12), date(2025, 10, 28)
    rows = (
        Period("closure", "Boiler", day, day),
        Period("weekly", "Early close", FIRST, LAST, "PM", weekday=4),
        Period("holiday", "Half-term break", date(2025, 10, 25), date(2025, 11, 2)),
        Period("open", "After all", day, day),
        Period("open", "Made up", between, between, "PM"),
    )

    found = calendar(*rows).sessions
    assert {session.half for session in found if session.date == day} == {"AM", "PM"}
    assert found[-1] == Session(between, "PM")


def test_an_assessment_changes_no_session() -> None:
    assert calendar(Period("assessment", "Tests", FIRST, LAST)).sessions == calendar().sessions
    assert PERIOD_KINDS[-3:] == ("weekly", "open", "assessment")


@given(
    st.integers(0, 6),
    st.sampled_from(["AM", "PM", None]),
    st.dates(FIRST - timedelta(days=9), LAST),
    st.integers(0, 60),
)
def test_a_weekly_row_is_the_closures_of_its_days(
    weekday: int, half: Half | None, start: date, days: int
) -> None:
    end = start + timedelta(days=days)
    closures = [
        Period("closure", "One day", day, day, half)
        for day in (start + timedelta(days=number) for number in range(days + 1))
        if day.weekday() == weekday
    ]

    assert calendar(Period("weekly", "w", start, end, half, weekday)).sessions == calendar(*closures).sessions
