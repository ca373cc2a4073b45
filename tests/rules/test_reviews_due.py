"""What is to be looked at again is due on its day and after, until a record answers it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rules.calendar import Calendar, Period
from rules.checks.reviews_due import Review, meetings_to_come, open_reviews, reviews_due
from rules.pupil_record import PupilRecord, RecordKind
from rules.register import Register, build_register
from rules.school import AttendancePlan, FormDecision, Notice, NoticeToImprove, Pupil

CALENDAR = Calendar(
    (
        Period("term", "Autumn", date(2025, 9, 1), date(2025, 12, 19)),
        Period("term", "Spring", date(2026, 1, 5), date(2026, 3, 27)),
        Period("half_term", "Autumn 1", date(2025, 9, 1), date(2025, 10, 24)),
        Period("half_term", "Autumn 2", date(2025, 11, 3), date(2025, 12, 19)),
        Period("half_term", "Spring 1", date(2026, 1, 5), date(2026, 3, 27)),
    )
)
AGREED, REVIEW = date(2025, 9, 12), date(2025, 10, 3)


def register(*records: PupilRecord, **more: object) -> Register:
    facts = {"pupils": [Pupil("p")], "calendar": CALENDAR, "marks": [], "pupil_records": records, **more}
    return build_register(**facts)  # type: ignore[arg-type]


def record(kind: RecordKind, day: date, decision: str = "", review: date | None = None) -> PupilRecord:
    return PupilRecord("p", kind, day, decision=decision, review=review)


def plan(day: date = AGREED, decision: str = "", **more: object) -> AttendancePlan:
    return AttendancePlan("p", day, decision=decision, **more)  # type: ignore[arg-type]


def due(register: Register, day: date) -> list[tuple[str, date]]:
    return [(review.kind, review.due) for review in reviews_due(register, day)]


def test_a_plan_is_due_on_its_day_and_every_day_after() -> None:
    school = register(attendance_plans=[plan(review=REVIEW, by="Head")])
    assert due(school, REVIEW - timedelta(days=1)) == []
    assert reviews_due(school, REVIEW) == [Review("p", REVIEW, "plan", AGREED, "Head")]
    assert due(school, date(2026, 3, 1)) == [("plan", REVIEW)]
    assert open_reviews(school, AGREED) == reviews_due(school, REVIEW)


def test_the_end_of_a_plan_need_not_name_its_kind_and_a_new_one_must() -> None:
    health = plan(review=REVIEW, kind="health")
    for other, answered in (
        (plan(date(2025, 9, 30), "ended"), True),
        (plan(date(2025, 9, 30)), False),
        (plan(date(2025, 9, 30), "ended", kind="reintegration"), False),
    ):
        assert (due(register(attendance_plans=[health, other]), REVIEW) == []) == answered


@pytest.mark.parametrize(
    ("more", "answered"),
    [
        ([plan(date(2025, 9, 13), review=date(2026, 1, 9))], True),  # a new plan
        ([plan(date(2025, 9, 30), "kept")], True),  # what became of it, also before its day
        ([plan(AGREED, "ended")], True),
        ([plan(date(2025, 9, 11), "ended")], False),  # of an earlier one
        ([plan(date(2025, 9, 13), kind="health")], False),  # of another kind
        ([plan(date(2025, 9, 13), kind="attendance")], True),
        ([], False),
    ],
)
def test_a_later_plan_or_its_end_answers_a_plan(more: list[AttendancePlan], answered: bool) -> None:
    school = register(attendance_plans=[plan(review=REVIEW), *more])
    assert (due(school, REVIEW) == []) == answered


@pytest.mark.parametrize(
    ("day", "decision", "answered"),
    [
        (REVIEW, "held", True),
        (REVIEW - timedelta(days=1), "held", False),
        (REVIEW, "missed", False),
    ],
)
def test_a_meeting_that_was_held_from_its_day_on_answers_it(day: date, decision: str, answered: bool) -> None:
    met = record("meeting", day, decision)
    looked_at = [plan(review=REVIEW)]
    assert (due(register(met, attendance_plans=looked_at), date(2025, 11, 7)) == []) == answered
    contract = record("contract", AGREED, "signed", REVIEW)
    assert (due(register(met, contract), date(2025, 11, 7)) == []) == answered


@pytest.mark.parametrize("decision", ["", "invited"])
def test_a_meeting_without_an_outcome_is_due_from_its_day_on(decision: str) -> None:
    called = record("meeting", REVIEW, decision)
    assert due(register(called), REVIEW - timedelta(days=1)) == []
    (review,) = reviews_due(register(called), REVIEW)
    assert review.no_outcome
    for answer in (record("meeting", REVIEW, "missed"), record("meeting", date(2025, 11, 7), "invited")):
        assert due(register(called, answer), REVIEW) == []
    assert due(register(called, record("meeting", REVIEW - timedelta(days=1), "held")), REVIEW) != []


@pytest.mark.parametrize(
    ("one", "other", "answered"),
    [
        (record("contract", AGREED, "signed", REVIEW), record("contract", REVIEW, "kept"), True),
        (record("contract", AGREED, "declined", REVIEW), None, True),
        (record("contract", AGREED, "signed", REVIEW), record("visit", REVIEW, "seen"), False),
        (record("part-time", AGREED, "agreed", REVIEW), record("part-time", AGREED, "ended"), True),
        (record("part-time", AGREED, "agreed", REVIEW), None, False),
        (record("contact", AGREED, "no answer", REVIEW), record("visit", AGREED + timedelta(days=1)), True),
        (record("contact", AGREED, "no answer", REVIEW), record("referral", REVIEW, "sent"), False),
        (record("lunch-leave", AGREED, "agreed", REVIEW), record("lunch-leave", REVIEW, "withdrawn"), True),
        (record("referral", AGREED, "sent", REVIEW), record("referral", REVIEW, "accepted"), True),
    ],
)
def test_a_later_record_of_the_kind_answers_a_record(
    one: PupilRecord, other: PupilRecord | None, answered: bool
) -> None:
    school = register(one, *([other] if other else []))
    assert (due(school, REVIEW) == []) == answered


def test_a_health_plan_is_looked_at_at_the_end_of_each_term() -> None:
    school = register(attendance_plans=[plan(kind="health")])
    assert due(school, date(2025, 12, 18)) == []
    assert due(school, date(2025, 12, 19)) == [("plan", date(2025, 12, 19))]
    met = replace(school, pupil_records=(record("meeting", date(2026, 1, 8), "held"),))
    assert due(met, date(2026, 3, 26)) == []
    assert due(met, date(2026, 3, 27)) == [("plan", date(2026, 3, 27))]
    over = register(attendance_plans=[plan(kind="health", end=date(2025, 12, 18))])
    assert due(over, date(2026, 3, 27)) == []


def test_a_notice_to_improve_is_due_when_its_weeks_are_over() -> None:
    end = date(2025, 10, 10)
    issued = [NoticeToImprove("p", AGREED, 4)]
    assert due(register(notices_to_improve=issued), end - timedelta(days=1)) == []
    assert due(register(notices_to_improve=issued), end) == [("notice-to-improve", end)]
    for answer in (
        {"form_decisions": [FormDecision("p", end, "none")]},
        {"notices": [Notice("p", "c", end)]},
        {"pupil_records": [record("meeting", end, "held")]},
    ):
        assert due(register(notices_to_improve=issued, **answer), date(2025, 11, 7)) == []
    early = {"form_decisions": [FormDecision("p", end - timedelta(days=1), "none")]}
    assert due(register(notices_to_improve=issued, **early), end) != []
    assert (
        due(register(notices_to_improve=[NoticeToImprove("p", date(2026, 3, 20), 6)]), date(2026, 7, 1)) == []
    )


def test_no_review_of_a_pupil_who_left_or_is_not_in_the_register() -> None:
    left = Pupil("p", on_roll_to=date(2025, 10, 1))
    school = register(attendance_plans=[plan(review=REVIEW), AttendancePlan("x", AGREED, REVIEW)])
    assert due(replace(school, pupils=(left,)), REVIEW) == []
    assert (
        due(replace(school, pupils=(replace(left, on_roll_to=None, spells=(), deceased=True),)), REVIEW) == []
    )


def test_an_invitation_is_due_on_the_day_of_its_meeting_and_stands_among_those_of_the_week_before() -> None:
    asked, clinic = date(2025, 9, 22), REVIEW
    called = PupilRecord("p", "meeting", asked, decision="invited", start=clinic, note="clinic")
    school = register(called, replace(called, contact_id="c2"))
    assert due(school, clinic - timedelta(days=1)) == []
    assert set(due(school, clinic)) == {("meeting", clinic)}
    for day, coming in ((8, False), (7, True), (0, True), (-1, False)):
        found = meetings_to_come(school, clinic - timedelta(days=day))
        assert [(one.due, one.what_for) for one in found] == [(clinic, "clinic")] * coming, day
    held = register(called, record("meeting", clinic, "held"))
    assert meetings_to_come(held, clinic) == []
    off = register(called, record("meeting", date(2025, 9, 24), "cancelled"))
    assert meetings_to_come(off, date(2025, 9, 29)) == []
