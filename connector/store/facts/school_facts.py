"""What the MIS said about the school, its calendar, its pupils and what is on record for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypeVar

from connector.adapters.base import MisCode, MisSchool
from connector.store.coding import from_text, many_from_text, to_text
from connector.store.facts.calendar_merge import MergedCalendar, merged
from connector.store.facts.entered_records import EnteredRecords
from connector.store.facts.fact_history import FLAGS_NOW
from connector.store.facts.records_by_source import Records
from rules.calendar import Period
from rules.pupil_record import PupilRecord
from rules.school import (
    AttendancePlan,
    Exclusion,
    FormDecision,
    LeaveRequest,
    Notice,
    NoticeToImprove,
    Pupil,
)

_T = TypeVar("_T")


class Facts:
    """Reads and writes of one connection; writes belong inside a transaction of the store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.records = Records(connection)
        self.entered = EnteredRecords(connection)

    def _put(self, kind: str, value: object) -> None:
        self._connection.execute(
            "INSERT INTO school_facts (kind, body) VALUES (?1, ?2) ON CONFLICT (kind) DO UPDATE SET body = ?2",
            (kind, to_text(value)),
        )

    def _body(self, kind: str) -> str | None:
        row = self._connection.execute("SELECT body FROM school_facts WHERE kind = ?", (kind,)).fetchone()
        return None if row is None else str(row["body"])

    def _all(self, kind: type[_T], name: str) -> tuple[_T, ...]:
        return many_from_text(kind, self._body(name) or "[]")

    def put_school(self, school: MisSchool) -> None:
        """Keep the school's own details."""
        self._put("school", school)

    def school(self) -> MisSchool | None:
        """Return the school as the MIS knows it; None before the first pull."""
        body = self._body("school")
        return None if body is None else from_text(MisSchool, body)

    def put_codes(self, codes: Sequence[MisCode]) -> None:
        """Keep the MIS's list of attendance codes."""
        self._put("codes", tuple(codes))

    def codes(self) -> tuple[MisCode, ...]:
        """Return the MIS's attendance codes; empty when it gives none."""
        return self._all(MisCode, "codes")

    def add_calendar(self, answer: Sequence[Period]) -> MergedCalendar:
        """Merge an answer into the calendar held; return what became of it. Raise CalendarError, as :func:`merged`."""
        after = merged(self.calendar(), answer)
        self._put("calendar", after.periods)
        return after

    def calendar(self) -> tuple[Period, ...]:
        """Return the periods held; empty before the first pull."""
        return self._all(Period, "calendar")

    def attendance_plans(self) -> tuple[AttendancePlan, ...]:
        """Return the attendance plans on record."""
        return self.records.all(AttendancePlan, "attendance_plans")

    def leave_requests(self) -> tuple[LeaveRequest, ...]:
        """Return the requests for leave on record."""
        return self.records.all(LeaveRequest, "leave_requests")

    def exclusions(self) -> tuple[Exclusion, ...]:
        """Return the exclusions that the MIS or a records file holds."""
        return self.records.all(Exclusion, "exclusions")

    def notices(self) -> tuple[Notice, ...]:
        """Return the penalty notices that were issued."""
        return self.records.all(Notice, "notices")

    def notices_to_improve(self) -> tuple[NoticeToImprove, ...]:
        """Return the notices to improve on record."""
        return self.records.all(NoticeToImprove, "notices_to_improve")

    def form_decisions(self) -> tuple[FormDecision, ...]:
        """Return what was decided on pupils' consideration forms."""
        return self.records.all(FormDecision, "form_decisions")

    def pupil_records(self) -> tuple[PupilRecord, ...]:
        """Return what else people did for pupils: meetings, visits, calls and the like."""
        return self.records.all(PupilRecord, "pupil_records")

    def put_pupils(self, pupils: Iterable[Pupil]) -> None:
        """Keep pupils, each whole; one who was gone is back."""
        self._connection.executemany(
            "INSERT INTO pupils (pupil_id, facts) VALUES (?1, ?2)"
            " ON CONFLICT (pupil_id) DO UPDATE SET facts = ?2, gone_on = NULL",
            [(pupil.pupil_id, to_text(pupil)) for pupil in pupils],
        )

    def make_room_for(self, pupil_ids: Iterable[str]) -> None:
        """Let marks come before their pupil: the row is filled when the pupil comes."""
        self._connection.executemany(
            "INSERT INTO pupils (pupil_id) VALUES (?) ON CONFLICT DO NOTHING", [(i,) for i in pupil_ids]
        )

    def mark_gone(self, pupil_ids: Iterable[str], on: date) -> None:
        """Keep pupils whom the MIS no longer has, and remember since when."""
        self._connection.executemany(
            "UPDATE pupils SET gone_on = ? WHERE pupil_id = ? AND gone_on IS NULL",
            [(on.isoformat(), pupil_id) for pupil_id in pupil_ids],
        )

    def present_ids(self) -> set[str]:
        """Return the ids of pupils whom the MIS has."""
        rows = self._connection.execute(
            "SELECT pupil_id FROM pupils WHERE gone_on IS NULL AND facts IS NOT NULL"
        )
        return {row["pupil_id"] for row in rows}

    def not_listed(self) -> dict[str, date]:
        """Return the pupils whom the MIS no longer has, by id, each with the day on which that was noticed."""
        rows = self._connection.execute("SELECT pupil_id, gone_on FROM pupils WHERE gone_on IS NOT NULL")
        return {row["pupil_id"]: date.fromisoformat(row["gone_on"]) for row in rows}

    def pupils_without_history(self) -> tuple[Pupil, ...]:
        """Return pupils kept by a version of the program that kept no history of their flags, as the MIS gave them."""
        rows = self._connection.execute(
            "SELECT facts FROM pupils WHERE facts IS NOT NULL"
            " AND pupil_id NOT IN (SELECT pupil_id FROM facts WHERE fact = ?)",
            (FLAGS_NOW,),
        )
        return many_from_text(Pupil, "[" + ",".join(row["facts"] for row in rows) + "]")

    def pupils(self) -> tuple[Pupil, ...]:
        """Return every pupil ever seen, sorted by id as text. One who is gone is off roll after the day that showed it."""
        rows = self._connection.execute(
            "SELECT facts, gone_on FROM pupils WHERE facts IS NOT NULL ORDER BY pupil_id"
        ).fetchall()
        pupils = many_from_text(Pupil, "[" + ",".join(row["facts"] for row in rows) + "]")
        return tuple(
            pupil if row["gone_on"] is None else pupil.left_by(date.fromisoformat(row["gone_on"]))
            for pupil, row in zip(pupils, rows, strict=True)
        )
