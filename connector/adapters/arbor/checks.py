"""What can be wrong between us and a school's Arbor, found by reading a little of everything as a run reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TypeVar

from connector.adapters.arbor.asked import OF_STUDENT, mark_want, not_asked
from connector.adapters.arbor.changes import read_log
from connector.adapters.arbor.marks import MarkReader
from connector.adapters.arbor.reads import Reads
from connector.adapters.arbor.rows import day_of, related_id
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import body_of, path_of
from connector.adapters.arbor.written.writes import Writes
from connector.adapters.facts_not_given import findings_of_facts
from connector.adapters.field_names import Field
from connector.adapters.spells import joined_warning
from connector.errors import AdapterError, DataError, Finding
from connector.http import Client
from rules.school import SCHOOL_TIME

SAMPLE = {"graphql": 12, "rest": 2}
"""Pupils who are read with everything round them; by REST each of their rows is a call."""
_MARKS = {"graphql": 200, "rest": 10}

T = TypeVar("T")


def check(client: Client, reads: Reads, writes: Writes, settings: ArborSettings) -> list[Finding]:
    """Return every finding; empty when all is well. Nothing is written."""
    try:
        answer = client.get(path_of("AttendanceMark"), {"page-size": "1", "page-number": "1"})
        body_of("listing attendance marks", answer)
    except AdapterError as error:
        return [_finding("connection", error)]
    absent = [("facts", Field(fact, (), "absent", why=why)) for fact, why in not_asked(settings).items()]
    findings = findings_of_facts("Arbor", absent)
    hidden = _found("reading", reads.begin, findings)
    if hidden is not None:
        sample = [] if hidden.required else _sample(reads, settings)
        findings += hidden.findings() + sample
    for name in reads.logged_types():
        _found(f"change log of {name}", _log(client, name), findings)
    return findings + writes.check()


def _sample(reads: Reads, settings: ArborSettings) -> list[Finding]:
    """Read the school, its calendar, some pupils and the marks of a day with the code that a pull reads them with."""
    findings: list[Finding] = []
    school = _found("reading the school and its calendar", lambda: reads.read_school(_today()), findings)
    marks = MarkReader(reads.shown, settings, school[1] if school else {})
    students = _found("reading marks", lambda: _marks(reads, marks, settings), findings)
    _found("reading pupils", lambda: _pupils(reads, students or [], settings), findings)
    warnings = [*marks.warnings(), *joined_warning(len(reads.joined)), *reads.left_out_warnings()]
    return findings + [
        Finding("Arbor: what a run would pass over", text, severity="warning") for text in warnings
    ]


def _marks(reads: Reads, marks: MarkReader, settings: ArborSettings) -> list[str]:
    """Read marks of a day that has some, and return their pupils."""
    want = mark_want(settings)
    for row in reads.shown.first_rows([want], 1)[0]:
        day = day_of(row.get("recordDate"), "roll call record recordDate")
        if day is not None:
            of_day = want.where("recordDate", "from", day.isoformat()).where(
                "recordDate", "to", day.isoformat()
            )
            rows = reads.shown.first_rows([of_day], _MARKS[settings.reads])[0]
            marks.take(rows, day)
            return [related_id(row, "student") for row in rows]
    return []


def _pupils(reads: Reads, students: Iterable[str], settings: ArborSettings) -> None:
    """Read pupils of whom Arbor holds something in each table, as far as so many reach."""
    rows = reads.shown.first_rows(list(OF_STUDENT.values()), 1)
    ids = [related_id(row, "student") for table in rows for row in table]
    wanted = [student for student in dict.fromkeys([*ids, *students]) if student]
    reads.batch(wanted[: SAMPLE[settings.reads]], _today())


def _today() -> date:
    return datetime.now(SCHOOL_TIME).date()


def _log(client: Client, name: str) -> Callable[[], object]:
    return lambda: read_log(client, name, 2**31)


def _found(where: str, read: Callable[[], T], findings: list[Finding]) -> T | None:
    """Return what is read; None, with a finding, where it cannot be."""
    try:
        return read()
    except AdapterError as error:
        findings.append(_finding(where, error))
    except DataError as error:
        findings += error.findings
    return None


def _finding(where: str, error: AdapterError) -> Finding:
    return Finding(f"Arbor: {where}", error.message, error.fix)
