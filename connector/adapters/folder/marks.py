"""Marks and amendments of a register folder."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

from connector.adapters.folder.cells import day_of, moment_of, shown
from connector.adapters.folder.columns import Columns
from connector.adapters.folder.csv_table import Table, read_table
from connector.adapters.folder.findings import Findings, Listed
from rules.calendar import HALVES
from rules.school import Amendment, Mark

MARK_COLUMNS = ("pupil_id", "date", "session", "code", "minutes_late", "comment", "recorded_at")
MARK_NEEDED = MARK_COLUMNS[:4]
WIDE_COLUMNS = ("pupil_id", "date", "am", "pm")
"""One row for each pupil and day, with a code for each half."""
AMENDMENT_COLUMNS = (
    "pupil_id",
    "date",
    "session",
    "original",
    "amended",
    "reason",
    "amended_at",
    "amended_by",
    "role",
)


def read_marks(path: Path, findings: Findings, columns: Columns) -> Table | None:
    """Given marks.csv, return its rows, one for each pupil and session; None when it cannot be read.

    A file without a column ``session`` but with ``am`` and ``pm`` has a row for each day.
    """
    known = (*MARK_COLUMNS, *WIDE_COLUMNS[2:])
    table = read_table(
        path, findings, required=MARK_NEEDED, instead=WIDE_COLUMNS, known=known, columns=columns
    )
    return _by_session(table) if table and not {"session", "code"} <= table.places.keys() else table


def marks_of(table: Table, listed: Listed | None) -> tuple[Mark, ...]:
    """Given the rows of marks.csv, return the marks in their order. ``listed`` is None where any pupil may come."""
    at_id, at_date, at_session, at_code = (table.places[column] for column in MARK_NEEDED)
    # one blank cell past the end stands in for a column that the file does not have
    at_minutes, at_comment, at_recorded = (
        table.places.get(column, table.width) for column in MARK_COLUMNS[4:]
    )
    rows_by_key: dict[tuple[str, date, str], int] = {}
    not_listed: Counter[str] = Counter()
    marks: list[Mark] = []
    for number, cells in table.rows:
        pupil_id, half = cells[at_id].strip(), cells[at_session].strip().upper()
        day = day_of(cells[at_date].strip(), table.date_format)
        if day is None or half not in HALVES or not pupil_id:
            # a fault for any pupil, even one who is not on the list: in a shifted row the id may not be an id
            _name_faults(table, number, pupil_id, cells[at_date].strip(), half)
            continue
        if listed is not None and pupil_id not in listed.ids:
            not_listed[pupil_id] += 1
            continue
        earlier = rows_by_key.setdefault((pupil_id, day, half), number)
        if earlier != number:
            message = f"{table.unit} {earlier} already has a mark of this pupil for {day} {half}"
            column = half.lower() if half.lower() in table else "session"
            table.error(number, column, message, "keep one of the two", same="two marks")
            continue
        cells.append("")
        marks.append(
            Mark(
                pupil_id,
                day,
                half,
                cells[at_code].strip(),
                _minutes(table, number, cells[at_minutes].strip()) if cells[at_minutes] else None,
                cells[at_comment].strip(),
                _moment(table, number, cells[at_recorded].strip()) if cells[at_recorded] else None,
            )
        )
    if listed is not None:
        listed.pass_over(table.findings, table.file, "mark", not_listed)
        if not_listed and not marks and not table.findings.count:
            message = f"no mark is of a pupil in {listed.file}: the two files do not use the same ids"
            fix = "export both with the same pupil_id, or name the column that holds it under [columns]"
            table.findings.error(table.file, message, fix, column="pupil_id")
    return tuple(marks)


def read_amendments(
    path: Path, findings: Findings, listed: Listed, columns: Columns
) -> tuple[Amendment, ...]:
    """Given amendments.csv, which may be missing, return its amendments in order of time.

    A change that stands in it several times, however its time is written, is given once, as it stands last.
    """
    table = read_table(
        path,
        findings,
        required=("pupil_id", "date", "session", "original", "amended", "amended_at"),
        known=AMENDMENT_COLUMNS,
        optional=True,
        columns=columns,
    )
    not_listed: Counter[str] = Counter()
    amendments: dict[tuple[object, ...], Amendment] = {}
    for row in table or ():
        pupil_id = row.required("pupil_id")
        if pupil_id and pupil_id not in listed.ids:
            not_listed[pupil_id] += 1
            continue
        half = row.half("session", required=True)
        day, amended_at = row.day("date", required=True), row.moment("amended_at", required=True)
        if day is None or amended_at is None or half is None:
            continue
        amendment = Amendment(
            pupil_id,
            day,
            half,
            row.text("original"),
            row.text("amended"),
            amended_at,
            row.text("reason"),
            row.text("amended_by"),
            row.text("role"),
        )
        moment = amended_at.astimezone(UTC).replace(microsecond=0)
        amendments[pupil_id, day, half, amendment.original, amendment.amended, moment] = amendment
    listed.pass_over(findings, path.name, "amendment", not_listed)
    return tuple(sorted(amendments.values(), key=lambda amendment: amendment.amended_at))


def _by_session(table: Table) -> Table:
    """Give each half of a day its own row, under the columns of a file that has a row for each session."""
    for column in ("minutes_late", "comment"):
        if table.places.pop(column, None) is not None:
            message = "belongs to one session: it is not read from a file with a row for each day"
            table.findings.warning(table.file, message, row=1, column=column)
    at_code = {half: table.places[half.lower()] for half in HALVES}
    width = table.width
    table.rows = [
        (number, [*cells, half, cells[at_code[half]]]) for number, cells in table.rows for half in HALVES
    ]
    table.places |= {"session": width, "code": width + 1}
    table.width = width + 2
    return table


def _minutes(table: Table, number: int, value: str) -> int | None:
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return int(value)
    message, fix = f"{shown(value)}is not a number of minutes", "correct or empty the cell"
    table.error(number, "minutes_late", message, fix, same="minutes")
    return None


def _moment(table: Table, number: int, value: str) -> datetime | None:
    moment = moment_of(value, table.date_format) if value else None
    if value and moment is None:
        message, fix = f"{shown(value)}is not a date and time", "write it as YYYY-MM-DDTHH:MM"
        table.error(number, "recorded_at", message, fix, same="time")
    return moment


def _name_faults(table: Table, number: int, pupil_id: str, day: str, half: str) -> None:
    if not pupil_id:
        table.error(number, "pupil_id", "is empty", "fill it in or delete the row")
    if day_of(day, table.date_format) is None:
        table.date_error(number, "date", day)
    if half not in HALVES:
        table.error(number, "session", "is neither AM nor PM", "write AM or PM")
