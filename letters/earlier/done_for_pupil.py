"""What is on record for a pupil as one list in order of time: plans, meetings, visits, calls, leave, notices, decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from letters.words.english import count, short_date
from rules.pupil_record import RecordKind
from rules.register import Register

KIND_NAMES: Mapping[str, str] = {
    "plan": "attendance plan",
    "leave": "request for leave",
    "notice": "penalty notice",
    "notice-to-improve": "notice to improve",
    "decision": "decision on a consideration form",
    "meeting": "meeting",
    "visit": "home visit",
    "contract": "attendance contract",
    "contact": "contact with the family",
    "referral": "referral",
    "part-time": "part-time timetable",
    "lunch-leave": "leave at lunch",
    "return-sent": "return to the authority",
}
"""Every kind of record (docs/records.md) as staff read it."""


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record of a pupil."""

    day: date
    kind: str
    """A key of KIND_NAMES."""
    decision: str = ""
    """What came of it; empty where nobody said."""
    contact_id: str = ""
    start: date | None = None
    end: date | None = None
    review: date | None = None
    by: str = ""
    note: str = ""


def done_for(register: Register, pupil_id: str) -> list[RecordLine]:
    """Return every record of a pupil, the oldest first."""
    return sorted(_all(register, pupil_id), key=lambda one: (one.day, list(KIND_NAMES).index(one.kind)))


def _all(register: Register, pupil_id: str) -> Iterator[RecordLine]:
    for plan in register.attendance_plans:
        if plan.pupil_id == pupil_id:
            words = " ".join((plan.kind, plan.decision)).strip()
            yield RecordLine(plan.date, "plan", words, "", None, plan.end, plan.review, plan.by, plan.note)
    for leave in register.leave_requests:
        if leave.pupil_id == pupil_id:
            decided = (
                f"{leave.decision} on {short_date(leave.decided)}"
                if leave.decision and leave.decided
                else "not decided"
            )
            words = f"{leave.kind}, {decided}"
            by, note = leave.decided_by, leave.reason
            yield RecordLine(leave.requested, "leave", words, "", leave.start, leave.end, None, by, note)
    for notice in register.notices:
        if notice.pupil_id == pupil_id:
            yield RecordLine(notice.issued, "notice", notice.state or "issued", notice.contact_id)
    for to_improve in register.notices_to_improve:
        if to_improve.pupil_id == pupil_id:
            words = (
                f"{count(to_improve.weeks, 'school week')}, {count(to_improve.allowed, 'session')} allowed"
            )
            yield RecordLine(to_improve.issued, "notice-to-improve", words, to_improve.contact_id)
    for form in register.form_decisions:
        if form.pupil_id == pupil_id:
            yield RecordLine(form.decided, "decision", form.outcome, by=form.by, note=form.reason)
    for record in register.pupil_records:
        if record.pupil_id == pupil_id:
            kind: RecordKind = record.kind
            yield RecordLine(
                record.day,
                kind,
                record.decision,
                record.contact_id,
                record.start,
                record.end,
                record.review,
                record.by,
                record.note,
            )
