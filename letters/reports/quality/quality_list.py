"""The data quality list as a document: counts first, then each pupil with what to put right, by class. For the office."""

from __future__ import annotations

from datetime import date

from letters.docx.paper import Paper, School
from letters.docx.table import Cell, Column, Row
from letters.reports.pupils import class_of, in_order, listed_name
from letters.reports.quality.data_quality import RECENT_DAYS, DataQuality, Fault, data_quality
from letters.words.english import count, day, joined
from rules.register import Register
from rules.school import Pupil

_GROUP_FILL = "EEF2F6"


def quality_list(register: Register, school: School, *, as_of: date, printed_on: date) -> bytes:
    """Return the list of a day as a DOCX."""
    quality = data_quality(register, as_of)
    paper = Paper(
        "Data quality", school=school.name, printed_on=printed_on, footer="Confidential", margin_mm=15
    )
    paper.heading("Data quality", 0)
    paper.paragraph(
        f"{count(quality.pupils, 'pupil')} on roll; marks of the school year up to {day(as_of)}.", "strong"
    )
    if quality.calendar:
        paper.paragraph(f"{quality.calendar[0].upper()}{quality.calendar[1:]}", "warn")
    _counts(paper, quality)
    _by_class(paper, quality)
    notes = [
        f"Marks without a note or without minutes are named for the last {RECENT_DAYS} school days, all others for the "
        "school year. Pupils who have left are not on this list.",
    ]
    if quality.not_looked_at:
        notes.append(f"Not looked at, because the MIS gives none: {joined(quality.not_looked_at)}.")
    for note in notes:
        paper.paragraph(note, "quiet")
    return paper.save()


def _counts(paper: Paper, quality: DataQuality) -> None:
    paper.heading("How many")
    paper.table(
        [
            Column("What", 66),
            Column("Pupils", 17, "right"),
            Column("Marks", 17, "right"),
            Column("What to do", 80),
        ],
        [_count_row(fault) for fault in quality.faults],
        description="Each kind of fault with the number of pupils and marks, and what to do",
    )


def _count_row(fault: Fault) -> Row:
    number = len(fault.pupils)
    marks = "" if fault.marks is None else f"{fault.marks:,}"
    return Row([Cell(fault.name, bold=bool(number)), f"{number:,}", marks, fault.to_do if number else ""])


def _by_class(paper: Paper, quality: DataQuality) -> None:
    paper.heading("By class")
    lines: dict[str, list[str]] = {}
    pupils: dict[str, Pupil] = {}
    for fault in quality.faults:
        for pupil, detail in fault.pupils:
            pupils[pupil.pupil_id] = pupil
            lines.setdefault(pupil.pupil_id, []).append(f"{fault.short}: {detail}" if detail else fault.short)
    if not pupils:
        paper.paragraph("Nothing is missing and nothing looks wrong.")
        return
    rows: list[Row] = []
    group = None
    for pupil in in_order(pupils.values()):
        if class_of(pupil) != group:
            group = class_of(pupil)
            rows.append(
                Row([Cell(group or "Without a class", bold=True, fill=_GROUP_FILL, span=2)], keep=True)
            )
        rows.append(Row([Cell(listed_name(pupil), bold=True), "; ".join(lines[pupil.pupil_id])]))
    paper.table(
        [Column("Pupil", 56), Column("What is missing or looks wrong", 124)],
        rows,
        description="Each pupil with what is missing or looks wrong, by class",
    )
