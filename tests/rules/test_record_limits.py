"""On both sides of the days and numbers of what is on record: notices, requests for leave, dates, changed marks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rules.calendar import Calendar, Period
from rules.evaluate import evaluate
from rules.events import Event
from rules.register import build_register
from rules.school import Amendment, LeaveRequest, Mark, Notice, Pupil
from tests.rules.test_kinds import CALENDAR, days, pack_of, register_of
from tests.rules.test_limits import DAY_RULE, END, firings
from tests.rules.test_whole_events import SOON

# -- notices, requests, dates on the record


@pytest.mark.parametrize(
    ("issued", "fires"),
    [
        (date(2025, 11, 10), True),
        (date(2025, 11, 11), False),
        (date(2022, 11, 10), True),
        (date(2022, 11, 9), False),
    ],
)
def test_a_second_event_follows_a_notice_of_the_last_three_years(issued: date, fires: bool) -> None:
    again = ("again", "follows", '{ of = "own", notice_within_years = 3 }')
    codes = {date(2025, 9, 8): "O", date(2025, 11, 10): "O"}
    register = register_of(codes, END, notices=[Notice("p", "c", issued), Notice("q", "c", date(2025, 9, 9))])
    events = evaluate(register, pack_of(DAY_RULE, again), END, notices=True).events
    assert [event.date for event in events if event.rule == "again"] == (
        [date(2025, 11, 10)] if fires else []
    )


@pytest.mark.parametrize(("day", "fires"), [(date(2027, 3, 1), True), (date(2027, 3, 2), False)])
def test_three_years_after_a_leap_day_end_on_the_first_of_march(day: date, fires: bool) -> None:
    spring = Calendar((Period("half_term", "Spring 2", date(2027, 2, 22), date(2027, 3, 26)),))
    marks = [
        Mark("p", s.date, s.half, "O" if s.date in (date(2027, 2, 22), day) else "/") for s in spring.sessions
    ]
    notice = Notice("p", "c", date(2024, 2, 29))
    register = build_register(pupils=[Pupil("p")], calendar=spring, marks=marks, notices=[notice])
    again = ("again", "follows", '{ of = "own", notice_within_years = 3 }')
    events = evaluate(register, pack_of(DAY_RULE, again), date(2027, 3, 26), notices=True).events
    assert [event.date for event in events if event.rule == "again"] == ([day] if fires else [])


LEAVE = "{ refused_any_unauthorised = true, refused_above_authorised_percent = 10, performance_refused_below = 90, assessment_days_before = 0 }"
ASKED = date(2025, 9, 12)


def leave(codes: dict[date, str], kind: str = "holiday", **own: object) -> Event:
    """One request made on the tenth school day, for two days two weeks later."""
    request = {"start": date(2025, 9, 29), "end": date(2025, 9, 30), "kind": kind, "requested": ASKED, **own}
    (event,) = firings("leave-request", LEAVE, codes, leave_requests=[LeaveRequest("p", **request)])  # type: ignore[arg-type]
    return event


def test_a_request_asks_for_the_sessions_from_its_first_to_its_last_day_after_the_day_of_asking() -> None:
    event = leave({})
    assert (event.date, event.anchor) == (ASKED, "2025-09-12:2025-09-29:holiday")
    assert event.figures["sessions_asked"] == 4
    assert event.figures["percent_after"] == "83.3"  # 20 of 24
    assert (event.figures["eligible"], event.figures["reasons"]) == (1, "")
    assert leave({}, start=ASKED, end=date(2025, 9, 15)).figures["sessions_asked"] == 2
    assert event.window == (ASKED, ASKED)


@pytest.mark.parametrize(("absent", "reasons"), [(1, ""), (2, "authorised")])
def test_authorised_absence_of_exactly_the_limit_does_not_refuse(absent: int, reasons: str) -> None:
    codes = dict.fromkeys(days(date(2025, 9, 1), ASKED)[:absent], "I")  # 2 of 20 sessions are 10 percent
    assert leave(codes).figures["reasons"] == reasons


def test_any_unauthorised_absence_refuses() -> None:
    event = leave({date(2025, 9, 2): "O"})
    assert event.figures["reasons"] == "unauthorised"
    assert (event.figures["unauthorised"], event.figures["authorised"], event.figures["eligible"]) == (
        2,
        0,
        0,
    )


@pytest.mark.parametrize(
    ("kind", "end", "reasons"),
    [
        ("performance", date(2025, 9, 29), ""),  # 20 of 22
        ("performance", date(2025, 9, 30), "performance"),  # 20 of 24
        ("other", date(2025, 9, 30), ""),
    ],
)
def test_a_performance_is_refused_below_the_share_that_would_be_left(
    kind: str, end: date, reasons: str
) -> None:
    assert leave({}, kind, end=end).figures["reasons"] == reasons


@pytest.mark.parametrize(
    ("start", "end", "refused"),
    [
        (date(2025, 9, 30), date(2025, 10, 3), True),
        (date(2025, 10, 1), date(2025, 10, 3), False),
        (date(2025, 9, 22), date(2025, 9, 29), True),
        (date(2025, 9, 22), date(2025, 9, 26), False),
    ],
)
def test_leave_that_meets_assessments_is_refused(start: date, end: date, refused: bool) -> None:
    tests = Calendar((*CALENDAR.periods, Period("assessment", "Tests", start, end)))
    marks = [Mark("p", s.date, s.half, "/") for s in tests.sessions if s.date <= ASKED]
    request = LeaveRequest("p", date(2025, 9, 29), date(2025, 9, 30), "holiday", ASKED)
    register = build_register(pupils=[Pupil("p")], calendar=tests, marks=marks, leave_requests=[request])
    (event,) = evaluate(register, pack_of(("own", "leave-request", LEAVE)), ASKED).events
    assert (event.figures["reasons"] == "assessment") == refused


@pytest.mark.parametrize(
    ("dated", "day"),
    [
        (date(2025, 9, 1), date(2025, 9, 1)),
        (date(2025, 8, 31), None),  # before the calendar
        (date(2025, 9, 6), date(2025, 9, 8)),  # a Saturday
        (date(2025, 10, 25), date(2025, 11, 3)),
    ],
)
def test_a_date_on_the_record_counts_on_its_school_day_or_the_next(dated: date, day: date | None) -> None:
    pupil = Pupil("p", part_time_from=dated)
    marks = [Mark("p", s.date, s.half, "/") for s in CALENDAR.sessions if s.date <= END]
    register = build_register(pupils=[pupil], calendar=CALENDAR, marks=marks)
    events = evaluate(register, pack_of(("own", "date", '{ dates = ["part_time_from"] }')), END).events
    assert [(event.date, event.anchor, event.window, event.figures["date_of"]) for event in events] == (
        [(day, f"part_time_from:{dated}", (day, day), "part_time_from")] if day else []
    )


@pytest.mark.parametrize(("first", "fires"), [("2025-10-06", True), ("2025-10-07", False)])
def test_a_date_on_the_record_counts_from_the_policys_first_day_on(first: str, fires: bool) -> None:
    pupil = Pupil("p", part_time_from=date(2025, 10, 6))
    marks = [Mark("p", s.date, s.half, "/") for s in CALENDAR.sessions if s.date <= END]
    register = build_register(pupils=[pupil], calendar=CALENDAR, marks=marks)
    pack = pack_of(("own", "date", '{ dates = ["part_time_from"] }'), head=f"from = {first}\n{SOON}")
    assert bool(evaluate(register, pack, END).events) == fires


def test_changed_marks_count_on_the_day_of_the_change_other_changes_and_unknown_pupils_do_not() -> None:
    def changed(pupil: str, day: int, original: str, amended: str, on: int) -> Amendment:
        at = datetime(2025, 9, on, 10, tzinfo=UTC)
        return Amendment(pupil, date(2025, 9, day), "AM", original, amended, at)

    changes = [
        changed("p", 1, "I", "O", 4),
        changed("q", 1, "N", "O", 4),
        changed("p", 6, "N", "O", 8),  # a Saturday
        changed("p", 2, "N", "O", 13),  # on a Saturday
        changed("p", 3, " N", "O ", 4),
        changed("p", 2, "N", "O", 4),
    ]
    events = firings("amendment", '{ original = "N", amended = "O" }', {}, amendments=changes)
    assert [(e.date, [m.date.day for m in e.sessions], e.anchor, e.window) for e in events] == [
        (date(2025, 9, 4), [2, 3], "2025-09-04", (date(2025, 9, 2), date(2025, 9, 4))),
        (date(2025, 9, 15), [2], "2025-09-15", (date(2025, 9, 2), date(2025, 9, 15))),
    ]
    assert events[0].figures["possible"] == 8


def test_marks_changed_for_the_second_time_in_a_school_year_fire_once_with_all_of_them() -> None:
    def changed(day: int, original: str, on: date) -> Amendment:
        at = datetime(on.year, on.month, on.day, 10, tzinfo=UTC)
        return Amendment("p", date(2025, 9, day), "AM", original, "O", at)

    when = '{ original = ["I", "M"], amended = "O", times_in_year = 2 }'
    first = [changed(1, "I", date(2025, 9, 4)), changed(2, "M", date(2025, 9, 4))]
    assert firings("amendment", when, {}, amendments=first) == (), "two marks, changed on one day"
    other = [*first, changed(3, "N", date(2025, 9, 8))]
    assert firings("amendment", when, {}, amendments=other) == (), "no reason was given for that one"
    more = [*first, changed(3, "I", date(2025, 9, 8)), changed(5, "I", date(2025, 9, 9))]
    (event,) = firings("amendment", when, {}, amendments=more)
    assert (event.date, event.anchor) == (date(2025, 9, 8), "2025-09-01:2")
    assert [mark.date.day for mark in event.sessions] == [1, 2, 3]
    assert event.window == (date(2025, 9, 1), date(2025, 9, 8))
    assert event.figures["count"] == 2
