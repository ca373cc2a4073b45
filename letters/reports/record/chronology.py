"""The chronology of one pupil's events: marks and figures as they were then, and as the register has them now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from letters.docx.paper import Paper
from letters.docx.table import Cell, Column, Row
from letters.part_of_year import part_of_year
from letters.reports.percentages import attendance_of_possible
from letters.reports.record.certificate import in_columns, moment, session_name
from letters.reports.record.evidence import STATES, EvidenceEvent
from letters.reports.record.register_grid import column_of
from letters.words.english import count, short_date
from rules.codes import Class
from rules.events import CountedMark, Event, Figures
from rules.law import age
from rules.policy import Policy
from rules.register import Register
from rules.rule.assumed import named
from rules.school import Session
from rules.statistics import Tally

CHANGED_FILL = "FCE3D4"
_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class MarkThenNow:
    """One session that an event counted."""

    mark: CountedMark
    now: str
    """The code in the register now, or a text that says why there is none."""

    @property
    def changed(self) -> bool:
        """The register has another code now."""
        return self.now != self.mark.code


def marks_then_and_now(event: Event, register: Register) -> list[MarkThenNow]:
    """Return every session that the event counted, in order of time."""
    row = register.row_of[event.pupil_id or ""]
    return [
        MarkThenNow(mark, _now(register, row, Session(mark.date, mark.half)))
        for mark in sorted(event.sessions, key=lambda m: (m.date, m.half))
    ]


def differences(event: Event, register: Register) -> list[MarkThenNow]:
    """Return the sessions whose mark has changed since."""
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
    """Return attendance of the year up to the event's day as the register has it now: percentage and figures.

    A rule that is law counts only days of compulsory school age, as it did for the event.
    """
    pupil = register.pupil(event.pupil_id or "")
    start, end = register.calendar.year_of(event.date).start, event.date
    if event.legal and pupil.date_of_birth:
        start = max(start, age.starts(pupil.date_of_birth))
        end = min(end, age.ends(pupil.date_of_birth))
    start = max(start, policy.start or date.min)
    figures = tally.pupil(pupil.pupil_id, start, end)
    return policy.shown(figures.attended, figures.possible), figures


def add_chronology(
    paper: Paper, events: Sequence[EvidenceEvent], register: Register, tally: Tally, policy: Policy
) -> None:
    """Add the table of all events, then each event with its marks and history."""
    if not events:
        paper.paragraph("No event is on record for this pupil.")
        return
    rows = []
    for item in events:
        event = item.event
        changed = len(differences(event, register))
        rows.append(
            Row(
                [
                    short_date(event.date),
                    Cell(event.title or event.rule, bold=True),
                    _attendance_then(event),
                    attendance_of_possible(policy, figures_now(event, register, tally, policy)[1]),
                    f"{changed} of {len(event.sessions)}" if event.sessions else "",
                    STATES.get(item.state, item.state).split(",")[0].split(":")[0],
                    item.key,
                ]
            )
        )
    paper.table(
        [
            Column("Date", 21),
            Column("Event", 47),
            Column("Attendance then", 29),
            Column("Attendance now", 29),
            Column("Marks changed", 15, "center"),
            Column("State", 18),
            Column("Key", 23),
        ],
        rows,
        description="Events in order of date, with attendance of the year to that day as counted then and now",
        style="Grid Text",
    )
    paper.paragraph(
        "Attendance is that of the school year up to the event's day, in per cent, with sessions attended of sessions "
        "possible: as it was counted then, and as the register gives it now.",
        "quiet",
    )
    for item in events:
        _add_event(paper, item, register, tally, policy)


def _add_event(paper: Paper, item: EvidenceEvent, register: Register, tally: Tally, policy: Policy) -> None:
    event = item.event
    paper.heading(f"{short_date(event.date)}: {event.title or event.rule} [{item.key}]", 3)
    pack = f"{event.pack or policy.id}, version {event.pack_version or policy.version}"
    read = f" Registers read {moment(item.registers_read_at)}." if item.registers_read_at else ""
    paper.paragraph(
        f"Rule {event.rule}; {event.clause} (policy {pack}).{read} State: {STATES.get(item.state, item.state)}.",
        keep_with_next=True,
    )
    if item.assumed:
        paper.paragraph(named(item.assumed), keep_with_next=True)
    percent, figures = figures_now(event, register, tally, policy)
    then, now = _attendance_then(event), attendance_of_possible(policy, figures)
    if then and percent:
        comparison = "the same now" if now == then else f"{now} now"
        part = part_of_year(event, register, tally, policy)
        counted = f" {part.words('the pupil')}" if part else ""
        paper.paragraph(f"Attendance of the year to that day: {then} then, {comparison}.{counted}")
    add_marks(paper, event, register)
    if item.history:
        paper.bullets(
            f"{moment(step.at)}: {STATES.get(step.state, step.state)}"
            + (f" ({step.reason})" if step.reason else "")
            for step in item.history
        )


def _attendance_then(event: Event) -> str:
    percent, attended, possible = (
        event.figures.get(name) for name in ("attendance_percent", "attended", "possible")
    )
    if percent in (None, "") or possible is None:
        return ""
    return f"{percent}% ({attended} of {possible})"


def add_marks(paper: Paper, event: Event, register: Register) -> None:
    """Add a table of the sessions that the event counted, changed ones shaded and named."""
    marks = marks_then_and_now(event, register)
    if not marks:
        paper.paragraph("This rule is about figures, not about single sessions.", "quiet")
        return
    changed = sum(item.changed for item in marks)
    since = (
        f"{changed} {'has' if changed == 1 else 'have'} changed since (shaded)"
        if changed
        else "None has changed since"
    )
    paper.paragraph(
        f"{count(len(marks), 'session')} {'was' if len(marks) == 1 else 'were'} counted. {since}.",
        keep_with_next=True,
    )
    paper.table(
        [Column("Session", 30), Column("Then", 12, "center"), Column("Now", 18, "center")] * _COLUMNS,
        [Row(cells) for cells in in_columns([_mark_cells(item) for item in marks], _COLUMNS)],
        description="The marks that were counted, as they were then and as they are now",
        style="Grid Text",
    )


def _mark_cells(item: MarkThenNow) -> list[Cell | str]:
    fill = CHANGED_FILL if item.changed else ""
    return [
        Cell(session_name(Session(item.mark.date, item.mark.half)), fill=fill),
        Cell(item.mark.code or "no mark", fill=fill, align="center"),
        Cell(f"{item.now} (changed)" if item.changed else item.now, fill=fill, bold=item.changed),
    ]
