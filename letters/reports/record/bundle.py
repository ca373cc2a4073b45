"""One document on one pupil for a court or an authority: certificate, chronology, letters, notes, changes, notices.

For each event it shows the marks and figures as they were known when the event was found, and as they stand now,
and marks every difference. Copies of the letters are appended as they were filed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from letters.docx.document import Paper, School, listed, short_date
from letters.docx.table import HEADER_FILL, Cell, Column, Row
from letters.pile.join import join
from letters.reports.pupils import contact_name
from letters.reports.record.certificate import (
    add_amendments,
    add_certificate,
    add_signature,
    class_year,
    full_name,
    moment,
)
from letters.reports.record.chronology import add_marks, differences, figures_now
from letters.words.english import count, day
from rules.events import Event
from rules.policy import Penalty, Policy
from rules.register import Register
from rules.school import Notice
from rules.statistics import Tally

NOTICE_YEARS = 3
STATES = {
    "due": "due, nothing made yet",
    "held": "held, nothing sent",
    "approved": "approved, not sent yet",
    "composed": "made, not in the MIS yet",
    "written": "written to the MIS",
    "verified": "in the MIS, read back",
    "withdrawn": "withdrawn: the register no longer supports it",
    "superseded": "replaced by a later step",
    "voided": "declared void by the school",
    "failed": "could not be written",
    "excluded": "not sent: the pupil is excluded from this rule",
}


@dataclass(frozen=True, slots=True)
class StateChange:
    """One step in the life of an event."""

    at: datetime
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LetterCopy:
    """A letter or document as it was filed."""

    title: str
    file_name: str
    filed_on: date
    addressees: int
    """How many adults it is addressed to; 0 for a document of the office."""
    content: bytes | None = None
    """The DOCX; None when the copy is no longer kept."""


@dataclass(frozen=True, slots=True)
class NoteCopy:
    """A note as it was written on the pupil."""

    written_on: date
    summary: str
    text: str


@dataclass(frozen=True, slots=True)
class EvidenceEvent:
    """One event with everything that followed from it."""

    key: str
    event: Event
    """As it stood when it was found: the letters rest on this."""
    state: str
    history: tuple[StateChange, ...] = ()
    letters: tuple[LetterCopy, ...] = ()
    notes: tuple[NoteCopy, ...] = ()
    registers_read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the school's ledger holds about one pupil."""

    pupil_id: str
    events: tuple[EvidenceEvent, ...] = ()
    other_notes: tuple[NoteCopy, ...] = ()
    """Notes that belong to no event."""


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
    """Return the bundle as one DOCX, the certificate from ``start`` to ``end``.

    Raises KeyError for an unknown pupil, ValueError when an event is about somebody else or no day is left for the
    certificate, PackError when the copy of a letter cannot be read.
    """
    pupil = register.pupil(evidence.pupil_id)
    if any(item.event.pupil_id != evidence.pupil_id for item in evidence.events):
        raise ValueError("an event of another pupil was given for this pupil's evidence")
    start, end = max(start, tally.since or start), min(end, printed_on)
    if end < start:
        raise ValueError(f"a certificate from {start} to {end} has no day in it")
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
    _chronology(paper, events, register, tally, policy)
    paper.heading("3. Letters and documents")
    copies = _letters(paper, events)
    paper.heading("4. Notes")
    _notes(paper, evidence, events)
    paper.heading("5. Marks that were changed")
    _amendments(paper, register, evidence.pupil_id)
    paper.heading("6. Penalty notices")
    _notices(paper, register, policy, evidence.pupil_id)
    own = paper.save()
    return join([own, *copies], title=f"Attendance evidence, {name}") if copies else own


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
    adults = [contact_name(c) for c in pupil.contacts if c.parental_responsibility]
    on_roll = f"{day(pupil.on_roll_from) if pupil.on_roll_from else 'before the first register'} to "
    on_roll += day(pupil.on_roll_to) if pupil.on_roll_to else "today"
    letters = sum(len(item.letters) for item in evidence.events)
    facts = [
        ("Pupil", full_name(pupil)),
        ("Date of birth", day(pupil.date_of_birth) if pupil.date_of_birth else "not recorded"),
        ("UPN", pupil.upn or "not recorded"),
        ("School", school.name),
        ("Class", class_year(pupil) or "not recorded"),
        ("On roll", on_roll),
        ("Parental responsibility", "; ".join(adults) or "nobody recorded"),
        ("Certificate", f"{day(start)} to {day(end)}"),
        ("Events", str(len(evidence.events))),
        ("Letters and documents", str(letters)),
        ("Printed", day(printed_on)),
    ]
    rows = [Row([Cell(a, fill=HEADER_FILL, bold=True), b]) for a, b in facts]
    paper.table(
        [Column("", 50), Column("", 132)],
        rows[1:],
        header_rows=rows[:1],
        description="The pupil and what this document holds",
    )
    paper.paragraph(
        "It holds: 1. the registration certificate; 2. a chronology of every event with the marks as known then and "
        "as they stand now; 3. a list of letters and documents by key, with copies at the end; 4. notes; 5. marks "
        "that were changed; 6. penalty notices."
    )
    paper.paragraph(
        "Copies of letters carry the addresses they went to. Before this document is given to a parent, make sure "
        "that no order or risk forbids that parent another adult's address.",
        "warn",
    )


def _chronology(
    paper: Paper, events: list[EvidenceEvent], register: Register, tally: Tally, policy: Policy
) -> None:
    if not events:
        paper.paragraph("No event is on record for this pupil.")
        return
    rows = []
    for item in events:
        now = figures_now(item.event, register, tally, policy)
        changed = len(differences(item.event, register))
        rows.append(
            Row(
                [
                    short_date(item.event.date),
                    Cell(item.event.title or item.event.rule, bold=True),
                    _then(item.event),
                    f"{now[0]}% ({now[1].attended} of {now[1].possible})"
                    if now[0]
                    else "no possible session",
                    f"{changed} of {len(item.event.sessions)}" if item.event.sessions else "",
                    STATES.get(item.state, item.state).split(",")[0].split(":")[0],
                    item.key,
                ]
            )
        )
    paper.table(
        [
            Column("Date", 21),
            Column("Event", 47),
            Column("Known then", 29),
            Column("Stands now", 29),
            Column("Marks changed", 15, "center"),
            Column("State", 18),
            Column("Key", 23),
        ],
        rows,
        description="Events in order of date, with attendance of the year to that day as known then and as it stands now",
        style="Grid Text",
    )
    paper.paragraph(
        "Known then and stands now are attendance of the school year up to the event's day, in per cent, with the "
        "sessions attended of those possible.",
        "quiet",
    )
    for item in events:
        _event(paper, item, register, tally, policy)


def _event(paper: Paper, item: EvidenceEvent, register: Register, tally: Tally, policy: Policy) -> None:
    event = item.event
    paper.heading(f"{short_date(event.date)}: {event.title or event.rule} [{item.key}]", 3)
    pack = f"{event.pack or policy.id}, version {event.pack_version or policy.version}"
    read = f" Registers read {moment(item.registers_read_at)}." if item.registers_read_at else ""
    paper.paragraph(
        f"Rule {event.rule}; {event.clause} (policy {pack}).{read} State: {STATES.get(item.state, item.state)}.",
        keep_with_next=True,
    )
    percent, now = figures_now(event, register, tally, policy)
    then = _then(event)
    if then and percent:
        stands = f"{percent}% ({now.attended} of {now.possible})"
        same = "the same now" if stands == then else f"{stands} now"
        paper.paragraph(f"Attendance of the year to that day: {then} as known then, {same}.")
    add_marks(paper, event, register)
    if item.history:
        steps = [
            f"{moment(step.at)}: {STATES.get(step.state, step.state)}"
            + (f" ({step.reason})" if step.reason else "")
            for step in item.history
        ]
        paper.bullets(steps)


def _then(event: Event) -> str:
    percent, attended, possible = (
        event.figures.get(name) for name in ("attendance_percent", "attended", "possible")
    )
    if percent in (None, "") or possible is None:
        return ""
    return f"{percent}% ({attended} of {possible})"


def _letters(paper: Paper, events: list[EvidenceEvent]) -> list[bytes]:
    """The list of letters; returns the copies in the order of their numbers."""
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
            f"{count(len(copies), 'copy', 'copies')} follow at the end in this order, each from a new page, exactly "
            "as filed.",
            "quiet",
        )
    return copies


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


def _amendments(paper: Paper, register: Register, pupil_id: str) -> None:
    found = sorted(
        (a for a in register.amendments if a.pupil_id == pupil_id),
        key=lambda a: (a.date, a.half, a.amended_at.replace(tzinfo=None)),
    )
    if not found:
        paper.paragraph("No change of a mark is on record for this pupil.")
        return
    paper.paragraph("Every change on record, of all school years.")
    add_amendments(paper, found)


def _notices(paper: Paper, register: Register, policy: Policy, pupil_id: str) -> None:
    found = sorted((n for n in register.notices if n.pupil_id == pupil_id), key=lambda n: n.issued)
    if not found:
        paper.paragraph("No penalty notice is on record for this pupil.")
        return
    names = {c.contact_id: contact_name(c) for c in register.pupil(pupil_id).contacts}
    rows = []
    for notice in found:
        penalty = policy.penalty_on(notice.issued)
        earlier = sum(_within_three_years(other, notice) for other in found)
        rows.append(
            Row(
                [
                    short_date(notice.issued),
                    Cell(names.get(notice.contact_id, "an adult no longer recorded"), bold=True),
                    amounts(penalty, earlier) if penalty else "the policy names no amount for this day",
                    str(earlier),
                ]
            )
        )
    paper.table(
        [
            Column("Issued", 24),
            Column("To", 54),
            Column("Amount", 74),
            Column("Earlier, to the same adult, in three years", 30, "center"),
        ],
        rows,
        description="Penalty notices by adult, with amounts and days",
    )
    clauses = {p.clause for n in found if (p := policy.penalty_on(n.issued))}
    if clauses:
        paper.paragraph(f"Amounts as in the policy on the day of issue: {listed(sorted(clauses))}.", "quiet")


def amounts(penalty: Penalty, earlier: int) -> str:
    """What a notice asks for, by how many the same adult had for the same pupil in the three years before."""
    if earlier and penalty.second is not None:
        return f"£{penalty.second} in {penalty.full_days} days (second notice, no lower amount)"
    return f"£{penalty.first} in {penalty.first_days} days, £{penalty.full} in {penalty.full_days} days"


def _within_three_years(other: Notice, notice: Notice) -> bool:
    issued = notice.issued
    try:
        since = issued.replace(year=issued.year - NOTICE_YEARS)
    except ValueError:
        since = date(issued.year - NOTICE_YEARS, 2, 28)
    return other is not notice and other.contact_id == notice.contact_id and since <= other.issued < issued
