"""The evidence document on one pupil for a court or an authority.

It contains the certificate, the chronology, letters, notes, changed marks and penalty notices. Copies of the letters
follow as they were filed.
"""

from __future__ import annotations

from datetime import date

from letters.docx.paper import Paper, School
from letters.docx.table import Cell, Column, Row, label
from letters.pile.join import join
from letters.reports.pupils import contact_name
from letters.reports.record.certificate import (
    add_amendments,
    add_certificate,
    add_signature,
    amendments_of,
    class_year,
    counted_days,
    full_name,
    moment,
)
from letters.reports.record.chronology import add_chronology
from letters.reports.record.evidence import Evidence, EvidenceEvent
from letters.reports.record.penalty_notices import add_penalty_notices
from letters.reports.record.records_table import add_records
from letters.words.english import count, day, short_date
from rules.policy import Policy
from rules.register import Register
from rules.rule.words import roll_words
from rules.statistics import Tally


def evidence_bundle(
    evidence: Evidence,
    register: Register,
    tally: Tally,
    policy: Policy,
    school: School,
    *,
    start: date,
    end: date,
    printed_on: date,
) -> bytes:
    """Return the document as one DOCX, with the certificate from ``start`` to ``end``.

    Raise KeyError for an unknown pupil, ValueError when an event is about another pupil or the certificate would
    have no day, PileError when the copy of a letter cannot be read.
    """
    pupil = register.pupil(evidence.pupil_id)
    if any(item.event.pupil_id != evidence.pupil_id for item in evidence.events):
        raise ValueError("an event of another pupil was given for this pupil's evidence")
    start, end = counted_days(tally, start, end, printed_on)
    events = sorted(evidence.events, key=lambda item: (item.event.date, item.event.rule, item.key))
    name = full_name(pupil)
    paper = Paper(
        "Attendance evidence",
        school=school.name,
        printed_on=printed_on,
        header=f"Attendance evidence  ·  {name}  ·  {school.name}",
        footer="Confidential",
        margin_mm=14,
    )
    paper.heading("Attendance evidence", 0)
    paper.paragraph(name, "strong")
    _cover(paper, evidence, register, school, start, end, printed_on)
    paper.heading("1. Registration certificate", new_page=True)
    add_certificate(paper, register, tally, policy, evidence.pupil_id, start=start, end=end, level=2)
    add_signature(paper, school, 2)
    paper.heading("2. Chronology", new_page=True)
    add_chronology(paper, events, register, tally, policy)
    add_records(paper, register, evidence.pupil_id)
    paper.heading("3. Letters and documents")
    copies = _letters(paper, events)
    paper.heading("4. Notes")
    _notes(paper, evidence, events)
    paper.heading("5. Marks that were changed")
    amendments = amendments_of(register, evidence.pupil_id, date.min, date.max)
    if amendments:
        paper.paragraph("Every change on record, in all school years.")
    add_amendments(paper, register, amendments, none="No change of a mark is on record for this pupil.")
    paper.heading("6. Penalty notices")
    add_penalty_notices(paper, register, evidence.pupil_id)
    paper.heading("7. Facts that changed")
    _changed_facts(paper, evidence)
    own = paper.save()
    return join([own, *copies], title=f"Attendance evidence, {name}", running=True) if copies else own


def _cover(
    paper: Paper,
    evidence: Evidence,
    register: Register,
    school: School,
    start: date,
    end: date,
    printed_on: date,
) -> None:
    pupil = register.pupil(evidence.pupil_id)
    adults = [contact_name(c) for c in pupil.contacts if c.is_parent and not c.deceased]
    letters = sum(len(item.letters) for item in evidence.events)
    facts = [
        ("Pupil", full_name(pupil)),
        ("Date of birth", day(pupil.date_of_birth) if pupil.date_of_birth else "not recorded"),
        ("UPN", pupil.upn or "not recorded"),
        ("School", school.name),
        ("Class", class_year(pupil) or "not recorded"),
        ("On roll", roll_words(pupil.spells, "from before the first register")),
        ("Parental responsibility", "; ".join(adults) or "nobody recorded"),
        ("Certificate", f"{day(start)} to {day(end)}"),
        ("Events", str(len(evidence.events))),
        ("Letters and documents", str(letters)),
        ("Printed", day(printed_on)),
    ]
    rows = [Row([label(a), b]) for a, b in facts]
    paper.table(
        [Column("", 50), Column("", 132)],
        rows,
        header_rows=None,
        row_headers=True,
        description="The pupil and what this document contains",
    )
    paper.paragraph(
        "This document contains: 1. the registration certificate; 2. a chronology of every event with the marks as "
        "they were then and as they are now, and of what was done for the pupil; 3. a list of letters and documents by key, with copies at the end; "
        "4. notes; 5. marks that were changed; 6. penalty notices; 7. facts that changed."
    )
    paper.paragraph(
        "Copies of letters show the addresses they were sent to. Before you give this document to a parent, check that "
        "no court order or safeguarding risk prevents that parent from seeing another adult's address, and read the notes of "
        "what was done for the pupil.",
        "warn",
    )


def _letters(paper: Paper, events: list[EvidenceEvent]) -> list[bytes]:
    """Add the list of letters; return the copies in the order of their numbers."""
    copies: list[bytes] = []
    rows = []
    for item in events:
        for letter in item.letters:
            if letter.content is not None:
                copies.append(letter.content)
            rows.append(
                Row(
                    [
                        short_date(letter.filed_on),
                        Cell(letter.title, bold=True),
                        letter.file_name,
                        str(letter.addressees) if letter.addressees else "office",
                        item.key,
                        str(len(copies)) if letter.content is not None else "not kept",
                    ]
                )
            )
    if not rows:
        paper.paragraph("No letter or document has been filed.")
        return copies
    paper.table(
        [
            Column("Filed", 22),
            Column("Letter or document", 44),
            Column("File", 56),
            Column("Adults addressed", 20, "center"),
            Column("Key", 24),
            Column("Copy", 16, "center"),
        ],
        rows,
        description="Letters and documents with date, number of adults addressed, and the number of the copy",
    )
    if copies:
        paper.paragraph(
            f"{count(len(copies), 'copy follows', 'copies follow')} at the end in this order, each on a new page, as filed "
            "but for the page numbers, which run through the whole document.",
            "quiet",
        )
    return copies


def _changed_facts(paper: Paper, evidence: Evidence) -> None:
    if not evidence.changed_facts:
        paper.paragraph("No change of a fact on which events rest has been seen.")
        return
    paper.table(
        [Column("Seen", 34), Column("Fact", 48), Column("Before", 50), Column("After", 50)],
        [
            Row([moment(fact.seen_at), Cell(fact.name, bold=True), fact.before, fact.after])
            for fact in evidence.changed_facts
        ],
        description="Facts of the pupil and of the school that changed, in the order in which the changes were seen",
    )


def _notes(paper: Paper, evidence: Evidence, events: list[EvidenceEvent]) -> None:
    notes = sorted(
        [*evidence.other_notes, *(note for item in events for note in item.notes)],
        key=lambda note: (note.written_on, note.summary),
    )
    if not notes:
        paper.paragraph("No note has been written.")
        return
    paper.table(
        [Column("Written", 24), Column("Note", 158)],
        [Row([short_date(note.written_on), note.text or note.summary]) for note in notes],
        description="Notes on the pupil, in order of date",
    )
