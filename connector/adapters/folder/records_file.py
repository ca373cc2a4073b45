"""records.csv of a register folder, or of an office: what people did, by pupil and day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, cast

from connector.adapters.folder.columns import Columns
from connector.adapters.folder.csv_table import read_table
from connector.adapters.folder.findings import Findings, Listed
from connector.adapters.folder.record_row import RECORD_COLUMNS, Record, cells_of, record_of
from rules.pupil_record import PupilRecord
from rules.register import Register
from rules.school import AttendancePlan, FormDecision, LeaveRequest, Notice, NoticeToImprove

FILE = "records.csv"
NEEDED = ("pupil_id", "kind", "date")
"""The columns that such a file must have."""


@dataclass(frozen=True)
class OnRecord:
    """What one file says is on record for pupils."""

    attendance_plans: tuple[AttendancePlan, ...] = ()
    leave_requests: tuple[LeaveRequest, ...] = ()
    notices: tuple[Notice, ...] = ()
    notices_to_improve: tuple[NoticeToImprove, ...] = ()
    form_decisions: tuple[FormDecision, ...] = ()
    pupil_records: tuple[PupilRecord, ...] = ()


RECORD_TABLES: dict[type[Record], str] = {
    AttendancePlan: "attendance_plans",
    LeaveRequest: "leave_requests",
    Notice: "notices",
    NoticeToImprove: "notices_to_improve",
    FormDecision: "form_decisions",
    PupilRecord: "pupil_records",
}
"""The field of :class:`OnRecord` that holds each kind of value."""


def on_record(records: Iterable[Record]) -> OnRecord:
    """Return records of any kind, each kind in its own place."""
    found: dict[str, list[Record]] = {field.name: [] for field in fields(OnRecord)}
    for record in records:
        found[RECORD_TABLES[type(record)]].append(record)
    return OnRecord(**cast(Any, {name: tuple(of_kind) for name, of_kind in found.items()}))


def records_of(register: Register, pupil_id: str) -> list[Record]:
    """Return every record of a pupil in a register, by day."""
    found: list[Record] = [
        record
        for table in RECORD_TABLES.values()
        for record in getattr(register, table)
        if record.pupil_id == pupil_id
    ]
    return sorted(found, key=lambda record: cells_of(record)["date"])


def read_records(
    path: Path, findings: Findings, listed: Listed | None, columns: Columns | None = None
) -> OnRecord:
    """Given records.csv, which may be missing, return what it says; faults go into ``findings``.

    Rows about pupils who are not ``listed`` (None: any pupil may come) are passed over with a count.
    """
    table = read_table(path, findings, required=NEEDED, known=RECORD_COLUMNS, optional=True, columns=columns)
    records: list[Record] = []
    not_listed: Counter[str] = Counter()
    for row in table or ():
        pupil_id = row.text("pupil_id")
        if listed is not None and pupil_id and pupil_id not in listed.ids:
            not_listed[pupil_id] += 1
        elif record := record_of(row):
            records.append(record)
    if table and listed is not None:
        listed.pass_over(findings, table.file, "record", not_listed)
    return on_record(records)
