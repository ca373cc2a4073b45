"""One row of records.csv as a record, and a record as such a row: the one place that says what must hold of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import date
from typing import cast

from connector.adapters.folder.csv_table import Row
from connector.errors import did_you_mean
from rules.pupil_record import DECISIONS, RECORD_KINDS, PupilRecord, RecordKind
from rules.school import (
    FORM_OUTCOMES,
    LEAVE_DECISIONS,
    LEAVE_KINDS,
    NOTICE_STATES,
    NOTICE_WEEKS,
    PLAN_DECISIONS,
    PLAN_KINDS,
    AttendancePlan,
    FormDecision,
    FormOutcome,
    LeaveDecision,
    LeaveKind,
    LeaveRequest,
    Licence,
    Notice,
    NoticeToImprove,
    PlanKind,
)

Record = AttendancePlan | LeaveRequest | Notice | NoticeToImprove | FormDecision | PupilRecord

LICENCE_COLUMNS = ("licence_from", "licence_to", "licence_hours_day", "licence_hours_week")
RECORD_COLUMNS = (
    *("pupil_id", "kind", "date", "contact_id", "decision", "from", "to", "weeks", "allowed", "review"),
    *("by", "note", "plan_kind", "leave_kind", "decided", "granted_from", "granted_to", "licence"),
    *LICENCE_COLUMNS,
)
KINDS = ("plan", "leave", "notice", "notice-to-improve", "decision", *RECORD_KINDS)

Faults = Iterator[tuple[str, str, str]]
"""(column, message, what to do) for whatever cannot be meant."""


def record_of(row: Row) -> Record | None:
    """Return what a row says; None where its kind is none. Faults are noted in the row's table, and the record is then no good."""
    pupil_id, kind = row.required("pupil_id"), _word(row.required("kind"))
    day = row.day("date", required=True) or date.min
    if kind in _READERS:
        return _READERS[kind](row, pupil_id, day)
    if kind in RECORD_KINDS:
        return _pupil_record(row, kind, pupil_id, day)
    if kind:
        row.table.error(row.number, "kind", "is no kind of record", did_you_mean(kind, KINDS), same="kind")
    return None


_COLUMN_OF: Mapping[type[Record], Mapping[str, str]] = {
    AttendancePlan: {"date": "date", "end": "to", "kind": "plan_kind"},
    LeaveRequest: {
        "requested": "date",
        "start": "from",
        "end": "to",
        "kind": "leave_kind",
        "reason": "note",
        "decided_by": "by",
    },
    Notice: {"issued": "date", "state": "decision"},
    NoticeToImprove: {"issued": "date"},
    FormDecision: {"decided": "date", "outcome": "decision", "reason": "note"},
    PupilRecord: {"day": "date", "start": "from", "end": "to"},
}
"""The column of each field that has another name."""
_KIND_OF: Mapping[type[Record], str] = {
    AttendancePlan: "plan",
    LeaveRequest: "leave",
    Notice: "notice",
    NoticeToImprove: "notice-to-improve",
    FormDecision: "decision",
}


def kind_of(record: Record) -> str:
    """Return a record's kind, one of KINDS."""
    return record.kind if isinstance(record, PupilRecord) else _KIND_OF[type(record)]


def cells_of(record: Record) -> dict[str, str]:
    """Return the row that says a record: its filled cells by column, in the order of RECORD_COLUMNS."""
    names = _COLUMN_OF[type(record)]
    cells = {names.get(field.name, field.name): getattr(record, field.name) for field in fields(record)}
    cells["kind"] = kind_of(record)
    if licence := cells.pop("licence", None):
        hours = (f"{n:g}" if n is not None else "" for n in (licence.hours_a_day, licence.hours_a_week))
        cells |= dict(zip(LICENCE_COLUMNS, (licence.start, licence.end, *hours), strict=True), licence="1")
    return {column: str(cells[column]) for column in RECORD_COLUMNS if cells.get(column) not in (None, "", 0)}


def _plan(row: Row, pupil_id: str, day: date) -> AttendancePlan:
    plan = AttendancePlan(
        pupil_id,
        day,
        row.day("review"),
        row.day("to"),
        cast("PlanKind", _one_of(row, "plan_kind", PLAN_KINDS)),
        _one_of(row, "decision", PLAN_DECISIONS),
        row.text("by"),
        row.text("note"),
    )
    _note(row, faults_of_days(day, day, plan.end, plan.review))
    return plan


def _leave(row: Row, pupil_id: str, asked: date) -> LeaveRequest:
    decision = _one_of(row, "decision", LEAVE_DECISIONS)
    decided = row.day("decided")
    leave = LeaveRequest(
        pupil_id,
        row.day("from", required=True) or date.min,
        row.day("to", required=True) or date.min,
        cast(LeaveKind, _one_of(row, "leave_kind", LEAVE_KINDS) or "other"),
        asked,
        decision=cast("LeaveDecision | None", decision or None),
        decided=decided or (asked if decision else None),
        granted_from=row.day("granted_from"),
        granted_to=row.day("granted_to"),
        reason=row.text("note"),
        decided_by=row.text("by"),
        licence=_licence(row),
    )
    _note(row, faults_of_leave(leave))
    return leave


def _licence(row: Row) -> Licence | None:
    if not row.flag("licence") and not any(map(row.text, LICENCE_COLUMNS)):
        return None
    start, end, hours_day, hours_week = LICENCE_COLUMNS
    return Licence(row.day(start), row.day(end), _hours(row, hours_day), _hours(row, hours_week))


def _hours(row: Row, column: str) -> float | None:
    text = row.text(column)
    hours = hours_of(text) if text else None
    if text and hours is None:
        row.table.error(row.number, column, "is not a number of hours", "write it as 3 or 4.5")
    return hours


def _notice(row: Row, pupil_id: str, day: date) -> Notice:
    return Notice(pupil_id, row.required("contact_id"), day, _one_of(row, "decision", NOTICE_STATES))


def _notice_to_improve(row: Row, pupil_id: str, day: date) -> NoticeToImprove:
    weeks = row.number_or_none("weeks", least=0)
    if weeks is None:
        if not row.text("weeks"):
            row.required("weeks")
        weeks = NOTICE_WEEKS[0]
    allowed = row.number_or_none("allowed", least=0) or 0
    notice = NoticeToImprove(pupil_id, day, weeks, allowed, row.text("contact_id"))
    _note(row, faults_of_weeks(notice))
    return notice


def _decision(row: Row, pupil_id: str, day: date) -> FormDecision:
    outcome = _one_of(row, "decision", FORM_OUTCOMES, required=True) or "none"
    return FormDecision(pupil_id, day, cast(FormOutcome, outcome), row.text("note"), row.text("by"))


def _pupil_record(row: Row, kind: RecordKind, pupil_id: str, day: date) -> PupilRecord:
    record = PupilRecord(
        pupil_id,
        kind,
        day,
        row.text("contact_id"),
        _one_of(row, "decision", DECISIONS[kind]),
        row.day("from"),
        row.day("to"),
        row.day("review"),
        row.text("by"),
        row.text("note"),
    )
    _note(row, faults_of_days(day, record.start or day, record.end, record.review))
    if kind == "return-sent" and not record.note:
        _note(row, iter([("note", "does not say which return was sent", "name it, such as ten-day return")]))
    return record


_READERS: Mapping[str, Callable[[Row, str, date], Record]] = {
    "plan": _plan,
    "leave": _leave,
    "notice": _notice,
    "notice-to-improve": _notice_to_improve,
    "decision": _decision,
}


def _one_of(row: Row, column: str, allowed: tuple[str, ...], *, required: bool = False) -> str:
    """Return one of a few words, written in any case, with blanks, hyphens or underscores; empty for none."""
    value = _word(row.required(column) if required else row.text(column))
    by_word = {_word(one): one for one in allowed}
    if value and value not in by_word:
        kind = _word(row.text("kind"))
        if allowed:
            message, fix = f"is none of {', '.join(allowed)}", did_you_mean(value, allowed)
        else:
            message, fix = f"is filled, and a {kind} has none", "empty the cell; write it into note"
        row.table.error(row.number, column, message, fix, same=f"{kind}: {fix}")
        return ""
    return by_word.get(value, "")


def _note(row: Row, faults: Faults) -> None:
    for column, message, fix in faults:
        row.table.error(row.number, column, message, fix)


def faults_of_days(day: date, start: date, end: date | None, review: date | None) -> Faults:
    """Yield what cannot be meant in the days of a plan or another record; ``date.min`` is a day that could not be read."""
    if date.min in (day, start):
        return
    if end and end < start:
        yield "to", "lies before the day on which it begins", "swap or correct the dates"
    if review and review < day:
        yield "review", "lies before date", "write the day on which it is looked at again"


def faults_of_leave(leave: LeaveRequest) -> Faults:
    """Yield whatever cannot be meant in a request for leave.

    A day that could not be read is ``date.min``: its fault is noted already, and it is compared with nothing.
    """
    granted = (leave.granted_from, leave.granted_to)
    days = (leave.start, leave.end, leave.requested, leave.decided, *granted)
    if date.min in days:
        return
    if leave.end < leave.start:
        yield "to", "lies before from", "swap or correct the dates"
        return
    if leave.decided and leave.decision is None:
        yield "decision", "is empty and the day of a decision is given", "write granted, refused or in part"
    if leave.decided and leave.decided < leave.requested:
        yield "decided", "lies before the day on which the leave was asked for", "correct the dates"
    if any(granted) and leave.decision in (None, "refused"):
        yield "decision", "grants nothing and days are given as granted", "write granted or in part"
    elif leave.decision == "in part" and None in granted:
        yield (
            "granted_from",
            "in part, and the days that were granted are not given",
            "fill granted_from and granted_to",
        )
    elif any(granted):
        first, last = leave.granted_from or leave.start, leave.granted_to or leave.end
        if not leave.start <= first <= last <= leave.end:
            yield "granted_from", "the days granted are not among the days asked", "correct the dates"
        elif leave.decision == "granted" and (first, last) != (leave.start, leave.end):
            yield (
                "decision",
                "is granted, and the days granted are not all that were asked for",
                "write in part",
            )
    licence = leave.licence
    if licence and leave.kind != "performance":
        yield "licence", "goes with a performance alone", "write performance as the kind of leave"
    elif licence and (licence.start is None) != (licence.end is None):
        yield "licence_to", "a licence names a first and a last day, or none", "fill both or neither"
    elif licence and licence.start and licence.end and licence.end < licence.start:
        yield "licence_to", "lies before licence_from", "swap or correct the dates"


def faults_of_weeks(notice: NoticeToImprove) -> Faults:
    """Yield the fault of a notice to improve that is too short or too long."""
    least, most = NOTICE_WEEKS
    if not least <= notice.weeks <= most:
        yield "weeks", f"is not {least} to {most} school weeks", "write the weeks that the notice names"


def hours_of(text: str) -> float | None:
    """Return a number of hours of a day or week; None for anything else."""
    whole, _, part = text.partition(".")
    if not (whole + part).isdigit() or not (whole + part).isascii():
        return None
    hours = float(text)
    return hours if hours <= 168 else None


def _word(text: str) -> str:
    return "-".join(text.casefold().replace("_", " ").replace("-", " ").split())
