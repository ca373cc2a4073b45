"""Cases worked by hand that a case file cannot hold: what a note says, and the day on which it comes."""

from datetime import date
from typing import Literal

import pytest

from rules.calendar import Calendar, Period
from rules.cases import STANDARD_CALENDAR
from rules.evaluate import evaluate
from rules.policy import load_policy
from rules.register import build_register
from rules.school import LeaveRequest, Licence, Mark, Pupil

Kind = Literal["holiday", "performance", "other"]


def _answer(codes: str, kind: Kind, start: date, end: date, *more: Period) -> dict[str, str | int]:
    """Given the codes of the year's first sessions, the answer to a request made on their last day."""
    calendar = Calendar((*STANDARD_CALENDAR, *more))
    marks = [
        Mark("pupil", session.date, session.half, code)
        for session, code in zip(calendar.sessions, codes, strict=False)
    ]
    licence = Licence(hours_a_day=3.5, hours_a_week=17.5) if kind == "performance" else None
    request = LeaveRequest("pupil", start, end, kind, marks[-1].date, licence=licence)
    register = build_register(
        pupils=[Pupil("pupil")], calendar=calendar, marks=marks, leave_requests=[request]
    )
    found = [e for e in evaluate(register, load_policy("aspire")).events if e.rule == "leave-request"]
    assert [e.date for e in found] == [marks[-1].date]
    return dict(found[0].figures)


@pytest.mark.parametrize(
    ("says", "codes", "kind", "eligible"),
    [
        ("never absent", "/" * 40, "holiday", True),
        ("one session of truancy", "/" * 39 + "O", "holiday", False),
        ("once after the register closed", "/" * 39 + "U", "other", False),
        ("4 of 40 sessions with leave are exactly 10% and not above", "/" * 36 + "IMIC", "holiday", True),
        ("5 of 40 sessions with leave are above 10%", "/" * 35 + "IMICC", "holiday", False),
        ("48 of 48, then 48 of 50 with the day asked for, are exactly 96%", "/" * 48, "performance", True),
        ("46 of 46, then 46 of 48, are 95.8%", "/" * 46, "performance", False),
        ("a holiday is not measured by 96%", "/" * 46, "holiday", True),
        ("sessions not possible count in neither", "/" * 44 + "####", "performance", False),
    ],
)
def test_a_request_for_one_school_day_is_answered(says: str, codes: str, kind: Kind, eligible: bool) -> None:
    answer = _answer(codes, kind, date(2025, 11, 10), date(2025, 11, 10))
    assert answer["eligible"] == int(eligible), says
    assert answer["sessions_asked"] == 2


def test_days_of_a_holiday_inside_a_request_take_no_session() -> None:
    """Thursday 23 October to Tuesday 4 November: half term lies between, four school days remain."""
    answer = _answer("/" * 40, "performance", date(2025, 10, 23), date(2025, 11, 4))
    assert answer["sessions_asked"] == 8
    assert answer["eligible"] == 0, "40 of 48 sessions is under 96%"


def test_a_performance_in_the_holidays_takes_nothing() -> None:
    answer = _answer("/" * 40, "performance", date(2025, 10, 27), date(2025, 10, 31))
    assert (answer["sessions_asked"], answer["eligible"]) == (0, 1)


@pytest.mark.parametrize(
    ("asked_to", "first", "last", "eligible"),
    [(10, 10, 14, 0), (14, 14, 20, 0), (10, 3, 10, 0), (10, 17, 20, 0), (10, 18, 20, 1), (10, 3, 9, 1)],
)
def test_no_leave_is_granted_in_a_time_of_assessments_or_in_the_week_before(
    asked_to: int, first: int, last: int, eligible: int
) -> None:
    tests = Period("assessment", "Tests", date(2025, 11, first), date(2025, 11, last))
    answer = _answer("/" * 40, "holiday", date(2025, 11, 10), date(2025, 11, asked_to), tests)

    assert (answer["eligible"], answer["reasons"]) == (eligible, "" if eligible else "assessment")
