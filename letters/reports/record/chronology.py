"""The marks of an event as they were known when it was found, beside what the register says of the sessions now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from letters.docx.document import Paper
from letters.docx.table import Cell, Column, Row
from letters.reports.record.certificate import session_name
from letters.reports.record.register_grid import column_of
from letters.words.english import count
from rules import age
from rules.codes import Class
from rules.events import CountedMark, Event, Figures
from rules.policy import Policy
from rules.register import Register
from rules.school import Session
from rules.statistics import Tally

CHANGED_FILL = "FCE3D4"
_BLOCKS = 3


@dataclass(frozen=True, slots=True)
class MarkThenNow:
    """One session that decided an event."""

    mark: CountedMark
    now: str
    """The code of today, or in words why there is none."""

    @property
    def changed(self) -> bool:
        """The register says something else now."""
        return self.now != self.mark.code


def marks_then_and_now(event: Event, register: Register) -> list[MarkThenNow]:
    """Every session of the event's evidence, in order."""
    row = register.row_of[event.pupil_id or ""]
    return [
        MarkThenNow(mark, _now(register, row, Session(mark.date, mark.half)))
        for mark in sorted(event.sessions, key=lambda m: (m.date, m.half))
    ]


def differences(event: Event, register: Register) -> list[MarkThenNow]:
    """The sessions whose mark is another one now."""
    return [item for item in marks_then_and_now(event, register) if item.changed]


def _now(register: Register, row: int, session: Session) -> str:
    column = column_of(register, session)
    if column is None:
        return "school closed"
    kind = Class(int(register.classes[row, column]))
    if kind == Class.OFF_ROLL:
        return "not on roll"
    return register.code_at(row, column) or "no mark"


def figures_now(event: Event, register: Register, tally: Tally, policy: Policy) -> tuple[str | None, Figures]:
    """Attendance of the year up to the event's day as the register has it now, shown and counted.

    A rule that is law sees only days of compulsory school age, as when the event was found.
    """
    pupil = register.pupil(event.pupil_id or "")
    start, end = register.calendar.year_of(event.date).start, event.date
    if event.legal and pupil.date_of_birth:
        start = max(start, age.starts(pupil.date_of_birth))
        end = min(end, age.ends(pupil.date_of_birth))
    start = max(start, policy.start or date.min)
    figures = tally.pupil(pupil.pupil_id, start, end)
    return policy.shown(figures.attended, figures.possible), figures


def add_marks(paper: Paper, event: Event, register: Register) -> None:
    """A table of the sessions that decided, differences shaded and named."""
    found = marks_then_and_now(event, register)
    if not found:
        paper.paragraph("This rule looks at figures, not at single sessions.", "quiet")
        return
    changed = sum(item.changed for item in found)
    said = "All stand as they stood" if not changed else f"{changed} differ now and are shaded"
    paper.paragraph(f"{count(len(found), 'session')} decided. {said}.", keep_with_next=True)
    height = -(-len(found) // _BLOCKS)
    rows = []
    for line in range(height):
        cells: list[Cell | str] = []
        for item in found[line::height]:
            fill = CHANGED_FILL if item.changed else ""
            cells += [
                Cell(session_name(Session(item.mark.date, item.mark.half)), fill=fill),
                Cell(item.mark.code or "no mark", fill=fill, align="center"),
                Cell(f"{item.now} (changed)" if item.changed else item.now, fill=fill, bold=item.changed),
            ]
        cells += [""] * (3 * _BLOCKS - len(cells))
        rows.append(Row(cells))
    paper.table(
        [Column("Session", 30), Column("Then", 12, "center"), Column("Now", 18, "center")] * _BLOCKS,
        rows,
        description="Marks that decided, as known then and as they stand now",
        style="Grid Text",
    )
