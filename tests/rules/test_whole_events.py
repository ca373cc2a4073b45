"""All that an event says: its day, what it counted from, its window, its figures, and the sessions behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest

from rules.evaluate import evaluate
from rules.events import CountedMark, Event
from rules.register import Register, build_register
from rules.school import Amendment, LeaveRequest, Mark, Pupil
from tests.rules.test_kinds import CALENDAR, HEAD, pack_of

Codes = Mapping[str, str]
"""By day of the year 2025 such as "09-03": the code of both sessions, or of the morning and the afternoon."""
SOON = f"minimum_possible_sessions = 2\nrearm_school_days = 2\n{HEAD}"
UNTIL = date(2025, 10, 27)
TWO_DAYS = {"09-03": "O", "09-04": "O"}


def school_of(codes: Codes, until: date = UNTIL, *, other: Codes | None = None, **facts: object) -> Register:
    """Return pupil "p" of 5A, and before it another, "a" of 5B; both are present on all other days."""
    pupils = [Pupil("a", registration_group="5B"), Pupil("p", registration_group="5A")]
    marks = []
    for session in CALENDAR.sessions:
        for pupil_id, of_pupil in (("a", other or {}), ("p", codes)):
            both = of_pupil.get(f"{session.date:%m-%d}", "/") if session.date.year == 2025 else "/"
            if session.date <= until:
                code = both[0] if session.half == "AM" else both[-1]
                marks.append(Mark(pupil_id, session.date, session.half, code))
    return build_register(pupils=pupils, calendar=CALENDAR, marks=marks, **facts)  # type: ignore[arg-type]


def events_of(rule: str, register: Register, *more: tuple[str, str, str], head: str = SOON) -> list[Event]:
    """Return the events of one rule of a pack. The rule "own" is the first given."""
    events = evaluate(register, pack_of(*more, head=head), amendments=True).events
    return [event for event in events if event.rule == rule]


def counted(event: Event) -> list[str]:
    return [f"{mark.date:%m-%d} {mark.half} {mark.code}" for mark in event.sessions]


THIRD = ["09-03 AM O", "09-03 PM O"]
BOTH = [*THIRD, "09-04 AM O", "09-04 PM O"]
HALF = {"attendance_percent": "50.0", "attended": 4, "possible": 8}
TWO_THIRDS = {"attendance_percent": "66.6", "attended": 4, "possible": 6}
TO_OCTOBER = {"attendance_percent": "95.0", "attended": 76, "possible": 80}
AUTUMN_1 = {"period_percent": "95.0", "period_start": "2025-09-01", "period_end": "2025-10-24"}


@pytest.mark.parametrize(
    ("kind", "when", "day", "anchor", "figures", "sessions"),
    [
        ("percentage", '{ attendance = "< 80" }', "09-03", "2025-09-01:1", TWO_THIRDS, THIRD),
        ("percentage", '{ absence = ">= 50" }', "09-04", "2025-09-01:1", HALF, BOTH),
        ("count", '{ codes = ["O"], at_least = 3, within = "term" }', "09-04", "2025-09-01", {"count": 4, "threshold": 3, **HALF}, BOTH),
        ("count", '{ codes = ["O"], at_least = 3, within = "weeks", weeks = 2 }', "09-04", "2025-09-03", {"count": 4, "threshold": 3, **HALF}, BOTH),
        ("running", '{ codes = ["O"], days = [2] }', "09-04", "2025-09-03:2", {"count": 2, "threshold": 2, **HALF}, BOTH),
        ("count-or-running",
         '{ count = { codes = ["O"], at_least = 30, within = "year" }, running = { codes = ["O"], days = [2] } }',
         "09-04", "2025-09-01", {"count": 2, "threshold": 2, **HALF}, BOTH),
        ("day", '{ codes = ["O"], once_per = "run" }', "09-03", "2025-09-03", {"count": 2, **TWO_THIRDS}, THIRD),
        ("screening", '{ step = 1, attendance = "< 99" }', "10-24", "2025-10-24", TO_OCTOBER, []),
        ("period-end", '{ period = "half_term", attendance = "< 99" }', "10-24", "2025-09-01", {**TO_OCTOBER, **AUTUMN_1}, []),
        ("period-end", '{ period = "half_term", absence_to_date = ">= 5" }', "10-24", "2025-09-01", {**TO_OCTOBER, **AUTUMN_1}, []),
        ("period-end", '{ period = "half_term", or_at_least = 4 }', "10-24", "2025-09-01", {**TO_OCTOBER, **AUTUMN_1, "count": 4}, []),
    ],
)  # fmt: skip
def test_an_event_says_what_it_counted_from_its_figures_and_its_sessions(
    kind: str, when: str, day: str, anchor: str, figures: dict[str, str | int], sessions: list[str]
) -> None:
    (event,) = events_of("own", school_of(TWO_DAYS), ("own", kind, when))
    assert (event.subject, f"{event.date:%m-%d}", event.anchor) == ("p", day, anchor)
    assert dict(event.figures) == figures
    assert counted(event) == sessions


def test_a_count_in_weeks_counts_from_the_first_of_its_sessions() -> None:
    rule = ("own", "count", '{ codes = ["O"], at_least = 3, within = "weeks", weeks = 2 }')
    (event,) = events_of("own", school_of({"09-03": "/O", "09-04": "O"}), rule)
    assert (event.anchor, counted(event)) == ("2025-09-03", BOTH[1:])


def test_a_mark_that_is_overdue_is_one_event_with_all_marks_due_on_that_day() -> None:
    rule = ("own", "overdue", '{ codes = ["O"], school_days = 10 }')
    first, second = events_of("own", school_of(TWO_DAYS), rule)
    assert (first.date, first.anchor, counted(first)) == (date(2025, 9, 17), "2025-09-17", THIRD)
    assert dict(first.figures) == {"count": 2, "attendance_percent": "84.6", "attended": 22, "possible": 26}
    assert (second.date, counted(second)) == (date(2025, 9, 18), BOTH[2:])


def test_a_class_is_named_with_the_attendance_of_its_week() -> None:
    (event,) = events_of("own", school_of(TWO_DAYS), ("own", "class-week", '{ attendance = "< 90" }'))
    assert (event.subject, event.date, event.anchor) == ("5A", date(2025, 9, 5), "2025-09-01")
    assert dict(event.figures) == {"attendance_percent": "60.0", "attended": 6, "possible": 10}


def test_a_later_day_counts_its_own_sessions() -> None:
    opening = ("opening", "day", '{ codes = ["N"] }')
    later = ("own", "later-day", '{ codes = ["O"], after = "opening" }')
    register = school_of({"09-02": "N", "09-04": "/O"}, other={"09-02": "O", "09-04": "O"})
    (event,) = events_of("own", register, later, opening)
    assert (event.subject, event.date, event.anchor) == ("p", date(2025, 9, 4), "2025-09-01")
    assert counted(event) == ["09-04 PM O"]
    # an absence without a reason yet is an absence
    assert dict(event.figures) == {"count": 1, "attendance_percent": "62.5", "attended": 5, "possible": 8}


@pytest.mark.parametrize("compare", ["window", "year_to_date"])
def test_a_review_says_what_it_compared(compare: str) -> None:
    """3 of 4 sessions on 2 September; then 7 of 14 in the week after it, and 10 of 18 in all."""
    opening = ("opening", "day", '{ codes = ["O"] }')
    look = ("own", "review", f'{{ of = ["opening"], after_days = 9, compare = "{compare}" }}')
    codes = {"09-02": "O/", "09-03": "I", "09-04": "I", "09-08": "I", "09-10": "I/"}
    (event,) = events_of("own", school_of(codes), look, opening)
    assert (event.date, event.anchor) == (date(2025, 9, 11), "2025-09-02:opening")
    now = {"attendance_percent": "55.5", "attended": 10, "possible": 18}
    since = {"window_percent": "50.0", "days_missed": 3} if compare == "window" else {}
    assert dict(event.figures) == {**now, "percent_then": "75.0", "opened": "2025-09-02", **since}


def test_a_decline_says_what_attendance_was_and_when() -> None:
    opening = ("opening", "day", '{ codes = ["O"] }')
    fell = ("own", "decline", '{ of = "opening", after_days = 2 }')
    (event,) = events_of("own", school_of({"09-02": "O/", "09-03": "I", "09-04": "I"}), fell, opening)
    assert (event.date, event.anchor) == (date(2025, 9, 4), "2025-09-02")
    now = {"attendance_percent": "37.5", "attended": 3, "possible": 8}
    assert dict(event.figures) == {**now, "percent_then": "75.0", "opened": "2025-09-02"}


def test_the_answer_to_a_request_repeats_it_and_gives_every_reason() -> None:
    when = "{ refused_any_unauthorised = true, refused_above_authorised_percent = 10, performance_refused_below = 90 }"
    asked = date(2025, 9, 5)
    requests = [
        LeaveRequest("gone", date(2025, 9, 22), date(2025, 9, 23), "holiday", asked),
        LeaveRequest("p", date(2025, 9, 22), date(2025, 9, 23), "performance", asked),
    ]
    register = school_of({"09-02": "I", "09-03": "O"}, asked, leave_requests=requests)
    (event,) = events_of("own", register, ("own", "leave-request", when))
    assert dict(event.figures) == {
        "attendance_percent": "60.0", "attended": 6, "possible": 10,
        "kind": "performance", "leave_start": "2025-09-22", "leave_end": "2025-09-23", "sessions_asked": 4,
        "unauthorised": 2, "authorised": 2, "eligible": 0, "reasons": "unauthorised,authorised,performance",
        "percent_after": "42.8",
    }  # fmt: skip


def test_a_request_without_a_session_to_measure_has_no_percentage() -> None:
    when = "{ refused_above_authorised_percent = 10, performance_refused_below = 90 }"
    asked = date(2025, 9, 2)
    holiday = LeaveRequest("p", date(2025, 10, 25), date(2025, 11, 2), "holiday", asked)
    register = school_of({"09-01": "Y", "09-02": "Y"}, asked, leave_requests=[holiday])
    (event,) = events_of("own", register, ("own", "leave-request", when))
    assert (event.figures["sessions_asked"], event.figures["percent_after"]) == (0, "")
    assert "attendance_percent" not in event.figures


# -- each pupil by its own marks


@pytest.mark.parametrize(
    ("kind", "when", "own", "of_the_other"),
    [
        ("percentage", '{ attendance = "< 80" }', {3}, {10, 11}),
        ("count", '{ codes = ["O"], at_least = 4, within = "term" }', {3, 4}, {10, 11}),
        ("count", '{ codes = ["O"], at_least = 4, within = "weeks", weeks = 4 }', {3, 4}, {10, 11}),
        ("running", '{ codes = ["O"], days = [2] }', {3, 4}, {10, 11}),
        ("day", '{ codes = ["O"], once_per = "run" }', {3}, {10}),
        ("overdue", '{ codes = ["O"], school_days = 9 }', {3, 4}, {10, 11}),
    ],
)
def test_each_pupil_has_an_event_with_its_own_sessions(
    kind: str, when: str, own: set[int], of_the_other: set[int]
) -> None:
    register = school_of(TWO_DAYS, other={"09-10": "O", "09-11": "O"})
    days: dict[str | None, set[int]] = {}
    for event in events_of("own", register, ("own", kind, when)):
        days.setdefault(event.pupil_id, set()).update(mark.date.day for mark in event.sessions)
    assert days == {"p": own, "a": of_the_other}


@pytest.mark.parametrize(
    ("kind", "when"),
    [
        ("count", '{ codes = ["O"], at_least = 4, within = "term" }'),
        ("count", '{ codes = ["O"], at_least = 4, within = "weeks", weeks = 4 }'),
        ("running", '{ codes = ["O"], days = [2] }'),
    ],
)
def test_days_of_two_pupils_are_never_added_up(kind: str, when: str) -> None:
    register = school_of({"09-03": "O"}, other={"09-04": "O"})
    assert events_of("own", register, ("own", kind, when)) == []


def test_a_rule_for_a_flag_passes_over_pupils_without_it() -> None:
    marks = [
        Mark(pupil_id, session.date, session.half, "O" if session.date == date(2025, 9, 2) else "/")
        for pupil_id in "abc"
        for session in CALENDAR.sessions[:10]
    ]
    flagged = Pupil("b", fsm=True)
    register = build_register(pupils=[Pupil("a"), flagged, Pupil("c")], calendar=CALENDAR, marks=marks)
    rule = ("own", "day", '{ codes = ["O"], flag = "fsm" }')
    assert [event.pupil_id for event in events_of("own", register, rule)] == ["b"]


def test_a_mark_changed_before_its_day_is_over_waits_for_that_day() -> None:
    changed = Amendment("p", date(2025, 9, 3), "AM", "N", "O", datetime(2025, 9, 2, 10, tzinfo=UTC))
    rule = ("own", "amendment", '{ original = "N", amended = "O" }')
    for until, days in ((date(2025, 9, 2), []), (date(2025, 9, 3), [date(2025, 9, 2)])):
        register = school_of({"09-03": "O/"}, date(2025, 9, 3), amendments=[changed])
        events = evaluate(register, pack_of(rule), until, amendments=True).events
        assert [event.date for event in events] == days


# -- what an event takes from its rule and its pack


def test_an_event_says_its_clause_its_place_on_a_ladder_and_under_which_law_and_version_it_was_judged() -> (
    None
):
    letter = ("own", "day", '{ codes = ["O"] }\nladder = "truancy"\nrung = 2\nlaw = true\nper_parent = true')
    pack = pack_of(letter, ("plain", "day", '{ codes = ["O"] }'))
    own, plain = evaluate(school_of({"09-03": "O"}), pack).events
    assert (own.clause, own.title, own.pack, own.pack_version) == ("own", "own", "own", "1")
    assert (own.ladder, own.rung, own.legal, own.per_parent) == ("truancy", 2, True, True)
    assert (plain.ladder, plain.rung, plain.legal, plain.per_parent) == (None, 0, False, False)
    assert [str(outcome) for outcome in own.outcomes] == ["note"]


def test_rules_about_changed_marks_fire_only_where_the_changes_are_known() -> None:
    changed = Amendment("p", date(2025, 9, 2), "AM", "N", "O", datetime(2025, 9, 3, 10, tzinfo=UTC))
    register = school_of({"09-02": "O/"}, amendments=[changed])
    pack = pack_of(("own", "amendment", '{ original = "N", amended = "O" }'))
    assert evaluate(register, pack).events == ()
    assert len(evaluate(register, pack, amendments=True).events) == 1


@pytest.mark.parametrize(
    ("anchor", "step"),
    [("2025-09-03:5", "5"), ("2025-09-01", ""), ("2025-09-12:2025-09-29:holiday", "holiday"), ("2025-09-02:own:look", "own:look")],
)  # fmt: skip
def test_the_step_of_an_event_is_its_anchor_without_dates(anchor: str, step: str) -> None:
    event = Event("own", date(2025, 9, 8), "c", (), pupil_id="p", anchor=anchor)
    assert event.step == step


def test_without_a_window_an_event_spans_the_days_from_its_first_session() -> None:
    mark = CountedMark(date(2025, 9, 3), "AM", "O")
    event = Event("own", date(2025, 9, 8), "c", (), pupil_id="p", sessions=(mark,))
    assert event.span == (date(2025, 9, 3), date(2025, 9, 8))
    window = (date(2025, 9, 1), date(2025, 9, 8))
    assert (
        Event("own", date(2025, 9, 8), "c", (), pupil_id="p", sessions=(mark,), window=window).span == window
    )
    assert Event("own", date(2025, 9, 8), "c", (), pupil_id="p").span == (date(2025, 9, 8), date(2025, 9, 8))
