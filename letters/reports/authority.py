"""Lists that go to the local authority: the termly document, and pupils absent ten school days running.

They name pupils, with home address, because the authority needs to find them (docs/conventions.md). They
hold nothing else that is not asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from letters.docx.document import Paper, School, short_date
from letters.docx.table import Cell, Column, Row
from letters.reports.pupils import class_of, in_order, listed_name
from letters.words.english import count, day, half_days, year_group
from rules.calendar import Period
from rules.events import Event, Figures
from rules.policy import Policy
from rules.register import Register
from rules.school import Address, Pupil
from rules.statistics import Tally, is_persistent, is_severe

TERM_THRESHOLD = 20
"""Unauthorised sessions in a term from which a pupil is reported (pack aspire, authority-termly)."""


def termly_list(
    events: Sequence[Event],
    register: Register,
    tally: Tally,
    policy: Policy,
    school: School,
    *,
    term: Period,
    printed_on: date,
) -> bytes:
    """Return the termly document for the pupils of these events as a DOCX."""
    end = min(term.end, printed_on)
    year = register.calendar.year_of(end)
    paper = _paper("Termly absence list for the local authority", school, printed_on)
    paper.paragraph(f"{term.name}, {day(term.start)} to {day(end)}.", "strong")
    pupils = _pupils(events, register)
    paper.paragraph(
        f"{count(len(pupils), 'pupil')} with {TERM_THRESHOLD} or more unauthorised sessions in the term, or "
        "persistently absent in the year (10% or more of own sessions missed).",
    )
    rows = []
    for pupil in pupils:
        in_term = tally.pupil(pupil.pupil_id, term.start, end)
        so_far = tally.pupil(pupil.pupil_id, year.start, end)
        why = [
            *([f"{TERM_THRESHOLD} or more unauthorised"] if in_term.unauthorised >= TERM_THRESHOLD else []),
            *([_how_absent(so_far)] if is_persistent(so_far) else []),
        ]
        rows.append(
            Row(
                [
                    *_who(pupil),
                    _share(policy, in_term),
                    str(in_term.unauthorised),
                    _share(policy, so_far),
                    str(so_far.unauthorised),
                    "; ".join(why),
                ]
            )
        )
    _table(
        paper,
        [
            *_WHO,
            Column("Term", 17, "right"),
            Column("Unauth.", 15, "right"),
            Column("Year", 17, "right"),
            Column("Unauth.", 15, "right"),
            Column("Reported for", 42),
        ],
        rows,
    )
    return paper.save()


def ten_day_returns(
    events: Sequence[Event],
    register: Register,
    tally: Tally,
    policy: Policy,
    school: School,
    *,
    start: date,
    end: date,
    printed_on: date,
) -> bytes:
    """Return the list of pupils whom these events of a ten-day rule are about, first day between two dates, as a DOCX."""
    paper = _paper("Attendance return: ten school days of absence", school, printed_on)
    paper.paragraph(f"Reached from {day(start)} to {day(end)}.", "strong")
    due = [event for event in events if start <= event.date <= end]
    pupils = _pupils(due, register)
    paper.paragraph(
        f"{count(len(pupils), 'pupil')} of compulsory school age absent for ten school days running, every "
        "session unauthorised.",
    )
    rows = []
    for pupil in pupils:
        for event in due:
            if event.pupil_id != pupil.pupil_id:
                continue
            year = register.calendar.year_of(event.date)
            so_far = tally.pupil(pupil.pupil_id, year.start, event.date)
            first = min((mark.date for mark in event.sessions), default=event.date)
            codes = sorted({mark.code for mark in event.sessions})
            rows.append(
                Row(
                    [
                        *_who(pupil),
                        short_date(first),
                        short_date(event.date),
                        ", ".join(codes),
                        f"{so_far.unauthorised} ({half_days(so_far.unauthorised)} days)",
                        _share(policy, so_far),
                    ]
                )
            )
    _table(
        paper,
        [
            *_WHO,
            Column("Absent from", 22),
            Column("Tenth day", 22),
            Column("Codes", 14, "center"),
            Column("Unauthorised this year", 30, "right"),
            Column("Year", 18, "right"),
        ],
        rows,
    )
    return paper.save()


def home_address(pupil: Pupil) -> Address | None:
    """Where the pupil lives as far as contacts tell: the first with parental responsibility and a usable address.

    An adult under a court order is passed over.
    """
    usable = [
        c for c in pupil.contacts if c.parental_responsibility and c.address.usable and not c.court_order
    ]
    first = min(usable, key=lambda c: (c.priority is None, c.priority or 0, c.contact_id), default=None)
    return first.address if first else None


_WHO = (
    Column("Pupil", 40),
    Column("Born", 22),
    Column("UPN", 27),
    Column("Year, class", 22),
    Column("Address", 50),
)


def _who(pupil: Pupil) -> list[Cell | str]:
    address = home_address(pupil)
    parts = (*address.lines, address.town, address.postcode) if address else ()
    groups = [year_group(pupil.year_group), pupil.registration_group]
    return [
        Cell(listed_name(pupil), bold=True),
        short_date(pupil.date_of_birth) if pupil.date_of_birth else "",
        pupil.upn,
        ", ".join(part for part in groups if part) or class_of(pupil),
        ", ".join(part for part in parts if part.strip()) or "none on record",
    ]


def _pupils(events: Sequence[Event], register: Register) -> list[Pupil]:
    ids = {event.pupil_id for event in events if event.pupil_id in register.row_of}
    return in_order(register.pupil(pupil_id) for pupil_id in ids if pupil_id)


def _paper(title: str, school: School, printed_on: date) -> Paper:
    paper = Paper(
        title,
        school=school.name,
        printed_on=printed_on,
        footer="Confidential: for the local authority",
        landscape=True,
        margin_mm=13,
    )
    paper.heading(title, 0)
    return paper


def _table(paper: Paper, columns: list[Column], rows: list[Row]) -> None:
    if not rows:
        paper.paragraph("There is no pupil to report.")
        return
    paper.table(columns, rows, description=paper.title)
    paper.paragraph("Percentages are attendance, cut to one decimal.", "quiet")
    paper.lines_to_sign([("Signed for the school", 0.6), ("Date", 0.4)])


def _how_absent(figures: Figures) -> str:
    return "severely absent" if is_severe(figures) else "persistently absent"


def _share(policy: Policy, figures: Figures) -> str:
    shown = policy.shown(figures.attended, figures.possible)
    return f"{shown}%" if shown else ""
