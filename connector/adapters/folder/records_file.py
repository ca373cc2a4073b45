"""What people did, by pupil and day: records.csv of a register folder, and what must hold of a record in any file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

from connector.adapters.folder.columns import Columns
from connector.adapters.folder.csv_table import Row, Table, read_table
from connector.adapters.folder.findings import Findings, Listed
from connector.errors import did_you_mean
from rules.school import (
    FORM_OUTCOMES,
    LEAVE_DECISIONS,
    LEAVE_KINDS,
    NOTICE_WEEKS,
    AttendancePlan,
    FormDecision,
    FormOutcome,
    LeaveDecision,
    LeaveKind,
    LeaveRequest,
    Licence,
    Notice,
    NoticeToImprove,
)

FILE = "records.csv"
LICENCE_COLUMNS = ("licence_from", "licence_to", "licence_hours_day", "licence_hours_week")
RECORD_COLUMNS = (
    *("pupil_id", "kind", "date", "contact_id", "decision", "from", "to", "weeks", "allowed", "by", "note"),
    *("leave_kind", "decided", "granted_from", "granted_to", "licence", *LICENCE_COLUMNS),
)
LATER_KINDS = (
    *("meeting", "visit", "contract", "contact", "referral", "part-time", "lunch-leave", "return-sent"),
)
"""Kinds of record that no rule uses yet."""
KINDS = ("plan", "leave", "notice", "notice-to-improve", "decision", *LATER_KINDS)
NOTICE_STATES = ("issued", "paid", "withdrawn", "prosecuted")


@dataclass(frozen=True)
class OnRecord:
    """What one file says is on record for pupils."""

    attendance_plans: tuple[AttendancePlan, ...] = ()
    leave_requests: tuple[LeaveRequest, ...] = ()
    notices: tuple[Notice, ...] = ()
    notices_to_improve: tuple[NoticeToImprove, ...] = ()
    form_decisions: tuple[FormDecision, ...] = ()


def faults_of_leave(leave: LeaveRequest) -> Iterator[tuple[str, str, str]]:
    """Yield (column, message, what to do) for whatever cannot be meant in a request for leave.

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


def faults_of_weeks(notice: NoticeToImprove) -> Iterator[tuple[str, str, str]]:
    """Yield the fault of a notice to improve that is too short or too long."""
    least, most = NOTICE_WEEKS
    if not least <= notice.weeks <= most:
        yield "weeks", f"is not {least} to {most} school weeks", "write the weeks that the notice names"


def read_records(
    path: Path, findings: Findings, listed: Listed | None, columns: Columns | None = None
) -> OnRecord:
    """Given records.csv, which may be missing, return what it says; faults go into ``findings``.

    Rows about pupils who are not ``listed`` (None: any pupil may come) and rows of kinds that no rule uses yet are
    passed over with a count.
    """
    needed = ("pupil_id", "kind", "date")
    table = read_table(path, findings, required=needed, known=RECORD_COLUMNS, optional=True, columns=columns)
    return _Reader(table, listed).read() if table else OnRecord()


class _Reader:
    def __init__(self, table: Table, listed: Listed | None) -> None:
        self._table = table
        self._listed = listed

    def read(self) -> OnRecord:
        plans: list[AttendancePlan] = []
        leave: list[LeaveRequest] = []
        notices: list[Notice] = []
        withdrawn: set[Notice] = set()
        to_improve: list[NoticeToImprove] = []
        decisions: list[FormDecision] = []
        not_used: Counter[str] = Counter()
        not_listed: Counter[str] = Counter()
        for row in self._table:
            pupil_id, kind = row.required("pupil_id"), _word(row.required("kind"))
            if self._listed is not None and pupil_id and pupil_id not in self._listed.ids:
                not_listed[pupil_id] += 1
                continue
            if kind in LATER_KINDS:
                not_used[kind] += 1
                continue
            day = row.day("date", required=True) or date.min
            if kind == "plan":
                plans.append(AttendancePlan(pupil_id, day))
            elif kind == "leave":
                leave.append(self._leave(row, pupil_id, day))
            elif kind == "notice":
                notice = Notice(pupil_id, row.required("contact_id"), day)
                notices.append(notice)
                if self._one_of(row, "decision", NOTICE_STATES) == "withdrawn":
                    withdrawn.add(notice)
            elif kind == "notice-to-improve":
                to_improve.append(self._notice_to_improve(row, pupil_id, day))
            elif kind == "decision":
                outcome = self._one_of(row, "decision", FORM_OUTCOMES, required=True) or "none"
                by, why = row.text("by"), row.text("note")
                decisions.append(FormDecision(pupil_id, day, cast(FormOutcome, outcome), why, by))
            elif kind:
                fix = did_you_mean(kind, KINDS)
                self._table.error(row.number, "kind", "is no kind of record", fix, same="kind")
        if self._listed is not None:
            self._listed.pass_over(self._table.findings, self._table.file, "record", not_listed)
        self._warn_of_not_used(not_used)
        return OnRecord(
            tuple(plans),
            tuple(leave),
            tuple(notice for notice in notices if notice not in withdrawn),
            tuple(to_improve),
            tuple(decisions),
        )

    def _warn_of_not_used(self, kinds: Mapping[str, int]) -> None:
        if total := sum(kinds.values()):
            named = ", ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items()))
            rows = f"{total:,} {'row' if total == 1 else 'rows'}"
            message = f"{rows} of kinds that no rule uses yet passed over ({named})"
            self._table.findings.warning(self._table.file, message)

    def _leave(self, row: Row, pupil_id: str, asked: date) -> LeaveRequest:
        decision = self._one_of(row, "decision", LEAVE_DECISIONS)
        decided = row.day("decided")
        leave = LeaveRequest(
            pupil_id,
            row.day("from", required=True) or date.min,
            row.day("to", required=True) or date.min,
            cast(LeaveKind, self._one_of(row, "leave_kind", LEAVE_KINDS) or "other"),
            asked,
            decision=cast("LeaveDecision | None", decision or None),
            decided=decided or (asked if decision else None),
            granted_from=row.day("granted_from"),
            granted_to=row.day("granted_to"),
            reason=row.text("note"),
            decided_by=row.text("by"),
            licence=self._licence(row),
        )
        for column, message, fix in faults_of_leave(leave):
            self._table.error(row.number, column, message, fix)
        return leave

    def _licence(self, row: Row) -> Licence | None:
        if not row.flag("licence") and not any(map(row.text, LICENCE_COLUMNS)):
            return None
        start, end, hours_day, hours_week = LICENCE_COLUMNS
        return Licence(
            row.day(start), row.day(end), self._hours(row, hours_day), self._hours(row, hours_week)
        )

    def _hours(self, row: Row, column: str) -> float | None:
        text = row.text(column)
        hours = hours_of(text) if text else None
        if text and hours is None:
            self._table.error(row.number, column, "is not a number of hours", "write it as 3 or 4.5")
        return hours

    def _notice_to_improve(self, row: Row, pupil_id: str, day: date) -> NoticeToImprove:
        weeks = row.number_or_none("weeks", least=0)
        if weeks is None:
            if not row.text("weeks"):
                row.required("weeks")
            weeks = NOTICE_WEEKS[0]
        allowed = row.number_or_none("allowed", least=0) or 0
        notice = NoticeToImprove(pupil_id, day, weeks, allowed, row.text("contact_id"))
        for column, message, fix in faults_of_weeks(notice):
            self._table.error(row.number, column, message, fix)
        return notice

    def _one_of(self, row: Row, column: str, allowed: tuple[str, ...], *, required: bool = False) -> str:
        """Return one of a few words, written in any case, with blanks, hyphens or underscores; empty for none."""
        value = _word(row.required(column) if required else row.text(column))
        by_word = {_word(one): one for one in allowed}
        if value and value not in by_word:
            fix = f"use one of {', '.join(allowed)}"
            self._table.error(row.number, column, f"is none of {', '.join(allowed)}", fix, same=column)
            return ""
        return by_word.get(value, "")


def hours_of(text: str) -> float | None:
    """Return a number of hours of a day or week; None for anything else."""
    whole, _, part = text.partition(".")
    if not (whole + part).isdigit() or not (whole + part).isascii():
        return None
    hours = float(text)
    return hours if hours <= 168 else None


def _word(text: str) -> str:
    return "-".join(text.casefold().replace("_", " ").replace("-", " ").split())
