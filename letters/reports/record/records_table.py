"""What is on record for one pupil besides events and marks, as a table for a court or an authority."""

from __future__ import annotations

from letters.docx.paper import Paper
from letters.docx.table import Cell, Column, Row
from letters.earlier.done_for_pupil import KIND_NAMES, RecordLine, done_for
from letters.reports.pupils import contact_name
from letters.words.english import short_date
from rules.register import Register


def add_records(paper: Paper, register: Register, pupil_id: str) -> None:
    """Add every record of the pupil in order of date."""
    paper.heading("What was done for the pupil", 2)
    done = done_for(register, pupil_id)
    if not done:
        paper.paragraph("No plan, meeting, visit, call, leave or notice is on record for this pupil.")
        return
    names = {contact.contact_id: contact_name(contact) for contact in register.pupil(pupil_id).contacts}
    rows = [
        Row(
            [
                short_date(one.day),
                Cell(KIND_NAMES[one.kind].capitalize(), bold=True),
                _outcome(one),
                names.get(one.contact_id, "an adult no longer recorded") if one.contact_id else "",
                one.by,
                one.note,
            ]
        )
        for one in done
    ]
    paper.table(
        [
            Column("Date", 22),
            Column("What", 34),
            Column("What came of it", 44),
            Column("With", 28),
            Column("By", 22),
            Column("Note", 32),
        ],
        rows,
        description="Plans, meetings, visits, calls, leave and notices on record, in order of date",
        style="Grid Text",
    )


def _outcome(one: RecordLine) -> str:
    days = " ".join(
        f"{word} {short_date(day)}" for word, day in (("from", one.start), ("to", one.end)) if day is not None
    )
    review = f"review set for {short_date(one.review)}" if one.review else ""
    return "; ".join(part for part in (one.decision, days, review) if part)
