"""Which plans, contracts and other records are to be looked at again, and have no record yet that answers them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from rules.calendar import Calendar
from rules.kinds.records.notice_to_improve import last_day_of
from rules.pupil_record import PupilRecord, RecordKind
from rules.register import Register
from rules.school import AttendancePlan, NoticeToImprove

ReviewKind = Literal["plan", "notice-to-improve", RecordKind]
_OVER: dict[RecordKind, tuple[str, ...]] = {
    "contract": ("declined", "kept", "not kept", "ended"),
    "referral": ("closed",),
    "part-time": ("ended",),
    "lunch-leave": ("refused", "withdrawn"),
}
"""Decisions after which nothing is left to look at."""
_OUTCOMES = ("held", "missed", "cancelled")
"""What a meeting that was called has come to."""
_TALKS: dict[RecordKind, tuple[RecordKind, ...]] = {
    "contact": ("contact", "visit", "meeting"),
    "visit": ("contact", "visit", "meeting"),
}
"""Kinds of record that take the place of one; of other kinds a later record of the same kind."""


@dataclass(frozen=True, slots=True)
class Review:
    """A day on which a record is to be looked at again."""

    pupil_id: str
    due: date
    kind: ReviewKind
    of: date
    """The record's own day."""
    by: str = ""
    """Who did or agreed it."""
    no_outcome: bool = False
    """A meeting that was called, and nobody has said whether it was held: ``of`` and ``due`` are the day for which it was."""
    what_for: str = ""
    """Of such a meeting the record's note."""


def reviews_due(register: Register, day: date) -> list[Review]:
    """Return what has been due up to and on a day, of pupils who are then on roll, the oldest first."""
    return [review for review in open_reviews(register, day) if review.due <= day]


def meetings_to_come(register: Register, day: date, days: int = 7) -> list[Review]:
    """Return the meetings on a day and so many days after it that were called and that nothing answers yet, in order of time.

    One to which two adults were invited is one.
    """
    until = day + timedelta(days=days)
    called = [one for one in open_reviews(register, day) if one.no_outcome and day <= one.due <= until]
    return list(dict.fromkeys(called))


def open_reviews(register: Register, day: date) -> list[Review]:
    """Return what is to be looked at again, also on days to come, of pupils on roll on a day, in order of time."""
    by_pupil: dict[str, _OfPupil] = {}
    for plan in register.attendance_plans:
        by_pupil.setdefault(plan.pupil_id, _OfPupil([], [], [])).plans.append(plan)
    for record in register.pupil_records:
        by_pupil.setdefault(record.pupil_id, _OfPupil([], [], [])).records.append(record)
    for notice in register.notices_to_improve:
        by_pupil.setdefault(notice.pupil_id, _OfPupil([], [], [])).notices.append(notice)
    decided = {(decision.pupil_id, decision.decided) for decision in register.form_decisions}
    decided |= {(notice.pupil_id, notice.issued) for notice in register.notices}
    found = [
        review
        for pupil_id, own in by_pupil.items()
        if (pupil := register.find(pupil_id)) and pupil.listed_on(day)
        for review in own.reviews(register.calendar, day, {on for one, on in decided if one == pupil_id})
    ]
    return sorted(found, key=lambda review: (review.due, review.pupil_id, review.kind, review.of))


@dataclass(frozen=True)
class _OfPupil:
    plans: list[AttendancePlan]
    records: list[PupilRecord]
    notices: list[NoticeToImprove]

    def reviews(self, calendar: Calendar, day: date, decided: set[date]) -> Iterator[Review]:
        for plan in self.plans:
            due = _of_plan(plan, calendar, day)
            later = any(
                _is_of(other, plan) and (other.date > plan.date or _ends(other, plan)) for other in self.plans
            )
            if due and plan.begins and not later and not self._met(due):
                yield Review(plan.pupil_id, due, "plan", plan.date, plan.by)
        for record in self.records:
            yield from self._of_record(record)
        for notice in self.notices:
            due = last_day_of(notice.issued, notice.weeks, calendar)
            answered = due and (self._met(due) or any(on >= due for on in decided))
            later = any(other.issued > notice.issued for other in self.notices)
            if due and not answered and not later:
                yield Review(notice.pupil_id, due, "notice-to-improve", notice.issued)

    def _of_record(self, record: PupilRecord) -> Iterator[Review]:
        kinds = _TALKS.get(record.kind, (record.kind,))
        same = [other for other in self.records if other.kind in kinds]
        if record.kind == "meeting" and record.decision not in _OUTCOMES:
            outcome = any(other.day == record.day and other.decision in _OUTCOMES for other in same)
            if not outcome and not _later(same, record.day):
                on = record.start or record.day
                yield Review(
                    record.pupil_id, on, "meeting", on, record.by, no_outcome=True, what_for=record.note
                )
        elif (
            record.review
            and record.decision not in _OVER.get(record.kind, ())
            and not _later(same, record.day)
            and not any(other.day == record.day and _is_over(other) for other in same)
            and not self._met(record.review)
        ):
            yield Review(record.pupil_id, record.review, record.kind, record.day, record.by)

    def _met(self, since: date) -> bool:
        """Return whether a meeting was held on or after a day: there everything was looked at."""
        return any(
            record.kind == "meeting" and record.decision == "held" and record.day >= since
            for record in self.records
        )


def _of_plan(plan: AttendancePlan, calendar: Calendar, day: date) -> date | None:
    """Return when a plan is looked at again; a health plan without a day at the end of each term, here the last up to a day."""
    if plan.review or plan.kind != "health":
        return plan.review
    last = plan.end or date.max
    ends = [term.end for term in calendar.terms if plan.date < term.end <= last]
    return max((end for end in ends if end <= day), default=min(ends, default=None))


def _is_of(other: AttendancePlan, plan: AttendancePlan) -> bool:
    """Return whether it is a plan of the same kind, or says what became of one without naming its kind."""
    same = other.kind == plan.kind or (other.is_for_attendance and plan.is_for_attendance)
    return same or (not other.begins and not other.kind)


def _ends(other: AttendancePlan, plan: AttendancePlan) -> bool:
    return other.date == plan.date and not other.begins


def _is_over(record: PupilRecord) -> bool:
    return record.decision in _OVER.get(record.kind, ())


def _later(records: Sequence[PupilRecord], day: date) -> bool:
    return any(record.day > day for record in records)
