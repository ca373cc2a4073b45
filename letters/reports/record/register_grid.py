"""A pupil's marks laid out as weeks × days × AM/PM, each cell with its code and the colour of its class.

The letter carries the meaning and the colour only helps the eye, so the grid reads in black and white.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from letters.docx.paper import Paper
from letters.docx.table import HEADER_FILL, Cell, Column, Row
from letters.words.english import joined, short_date
from rules.calendar import HALVES
from rules.codes import Class
from rules.register import Register
from rules.school import Session

NO_MARK = "–"
CLOSED_FILL = "BCC4CC"
CLASS_FILLS = {
    Class.PRESENT: "E4F2E4",
    Class.APPROVED: "CFE2F3",
    Class.AUTHORISED: "F8CE9C",
    Class.UNAUTHORISED: "9C1C1C",
    Class.NOT_POSSIBLE: "E3E3E3",
    Class.UNRECOGNISED: "E8D5F0",
    Class.MISSING: "FFFFFF",
    Class.OFF_ROLL: "EFEFEF",
}
LATE_FILL = "FFF0A8"
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
ROW_HEIGHT_MM = 4.25


@dataclass(frozen=True, slots=True)
class Week:
    """A row of the grid: one school week, or several weeks without school."""

    start: date
    end: date
    closed: str = ""
    """Why there was no school; empty for a week with school."""


def weeks(register: Register, start: date, end: date) -> list[Week]:
    """Return the rows of the grid: each school week between the dates, and one row for the weeks without school between."""
    rows: list[Week] = []
    for monday in register.calendar.school_weeks_between(start, end):
        gap = rows[-1].start + timedelta(days=7) if rows else monday
        if gap < monday:
            last = monday - timedelta(days=3)
            rows.append(Week(gap, last, _why_closed(register, gap, last)))
        rows.append(Week(monday, monday + timedelta(days=4)))
    return rows


def _why_closed(register: Register, start: date, end: date) -> str:
    names = [
        period.name
        for period in register.calendar.periods
        if period.kind in ("holiday", "inset", "closure") and period.start <= end and period.end >= start
    ]
    return joined(list(dict.fromkeys(name for name in names if name))) or "No school"


def mark_cell(code: str, kind: Class, *, text: str | None = None) -> Cell:
    """Return a cell in the colour of the mark's class, with its code or ``text`` in it."""
    words = {Class.MISSING: NO_MARK, Class.OFF_ROLL: ""}.get(kind, code) if text is None else text
    return Cell(
        words,
        fill=LATE_FILL if code == "L" and kind == Class.PRESENT else CLASS_FILLS[kind],
        colour="FFFFFF" if kind == Class.UNAUTHORISED else "",
        bold=kind >= Class.AUTHORISED or kind in (Class.MISSING, Class.UNRECOGNISED),
    )


def session_cell(register: Register, row: int, session: Session) -> Cell:
    """Return the cell of one session of the pupil in matrix row ``row``; shaded and empty when the school was closed."""
    column = column_of(register, session)
    if column is None:
        return Cell("", fill=CLOSED_FILL)
    return mark_cell(register.code_at(row, column), Class(int(register.classes[row, column])))


def column_of(register: Register, session: Session) -> int | None:
    """Return the matrix column of a session; None when the school was closed."""
    column = bisect_left(register.sessions, session)
    return column if column < len(register.sessions) and register.sessions[column] == session else None


def add_grid(paper: Paper, register: Register, pupil_id: str, start: date, end: date) -> None:
    """Add the grid of one pupil to ``paper``, both dates counted, with the key to its colours below."""
    columns = [
        Column("Week beginning", 28),
        *(Column(half, 13, "center") for _ in WEEKDAYS for half in HALVES),
        Column("Attended", 24, "center"),
    ]
    days = [Cell(day, fill=HEADER_FILL, bold=True, span=2, align="center") for day in WEEKDAYS]
    halves = [Cell(half, fill=HEADER_FILL, size=7) for _ in WEEKDAYS for half in HALVES]
    heads = [
        Row([_head("Week beginning"), *days, _head("Attended")]),
        Row([_head(""), *halves, Cell("of possible", fill=HEADER_FILL, size=7)]),
    ]
    row = register.row_of[pupil_id]
    rows = [_week_row(register, row, week, start, end) for week in weeks(register, start, end)]
    paper.table(
        columns,
        [*rows, *_key_rows()],
        header_rows=heads,
        description=(
            "Each row is a school week, each cell the code recorded for a morning or an afternoon; "
            "the last column has the sessions attended of those possible in the week"
        ),
        style="Grid Text",
        row_height_mm=ROW_HEIGHT_MM,
    )


def _head(text: str) -> Cell:
    return Cell(text, fill=HEADER_FILL, bold=True)


def _week_row(register: Register, row: int, week: Week, start: date, end: date) -> Row:
    if week.closed:
        number = ((week.end - week.start).days + 3) // 7
        words = week.closed if number == 1 else f"{week.closed} ({number} weeks)"
        closed = Cell(words, fill=CLOSED_FILL, span=10, align="center")
        return Row([short_date(week.start), closed, Cell("", fill=CLOSED_FILL)])
    cells: list[Cell | str] = [short_date(week.start)]
    seen: list[Class] = []
    for offset in range(len(WEEKDAYS)):
        day = week.start + timedelta(days=offset)
        for half in HALVES:
            if not start <= day <= end:
                cells.append("")
                continue
            cells.append(session_cell(register, row, Session(day, half)))
            column = column_of(register, Session(day, half))
            if column is not None:
                seen.append(Class(int(register.classes[row, column])))
    return Row([*cells, _attended(seen)])


def _attended(seen: Sequence[Class]) -> str:
    attended = sum(kind in (Class.PRESENT, Class.APPROVED) for kind in seen)
    possible = sum(kind >= Class.PRESENT for kind in seen)
    return f"{attended} of {possible}" if possible else "none"


def _key_rows() -> list[Row]:
    """Return the key to the colours: rows of the grid itself, so that they are on the same page."""
    first = [
        mark_cell("", Class.PRESENT, text="present"),
        mark_cell("L", Class.PRESENT, text="late"),
        mark_cell("", Class.APPROVED, text="approved"),
        mark_cell("", Class.AUTHORISED, text="authorised"),
        mark_cell("", Class.UNAUTHORISED, text="unauthorised"),
    ]
    second = [
        mark_cell("", Class.NOT_POSSIBLE, text="not counted"),
        Cell("school closed", fill=CLOSED_FILL),
        mark_cell("", Class.OFF_ROLL, text="not on roll"),
        mark_cell("", Class.MISSING, text=f"{NO_MARK} no mark"),
        mark_cell("", Class.UNRECOGNISED, text="unknown code"),
    ]
    return [
        Row([label, *(Cell(c.text, c.fill, c.colour, c.bold, 7, "center", 2) for c in cells), ""], keep=keep)
        for label, cells, keep in ((Cell("Key", bold=True), first, True), (Cell(""), second, False))
    ]
