"""The termly list for the local authority.

It names pupils, with home address, because the authority needs to find them (docs/conventions.md). It
contains nothing else that is not asked for. It uses legal names, and names the pupils who left in the term too: no
rule fires for them at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from letters.addressees import ADDRESS_KEPT
from letters.docx.paper import Paper, School
from letters.docx.table import Cell, Column, Row
from letters.reports.percentages import attendance_percent
from letters.reports.pupils import in_order, leavers, legal_listed_name
from letters.words.english import count, day, short_date, year_group
from rules.calendar import Period
from rules.events import Event
from rules.kinds.attendance.period_end import PeriodEnd
from rules.policy import Policy
from rules.register import Register
from rules.school import Address, Pupil
from rules.statistics import Tally, is_severe
from rules.thresholds import Threshold


def termly_list(
    events: Sequence[Event],
    register: Register,
    tally: Tally,
    policy: Policy,
    school: School,
    *,
    term: Period,
    printed_on: date,
    more: Sequence[Policy] = (),
) -> bytes:
    """Return the termly document for the pupils of these events as a DOCX.

    ``policy`` is the school's first, whose bands it shows; ``more`` are its others. The figures from which a pupil is
    reported are those of the events' own rule.
    """
    end = min(term.end, printed_on)
    many, limit = _reported_from(events, (policy, *more))
    year = register.calendar.year_of(end)
    paper = _paper("Termly absence list for the local authority", school, printed_on)
    paper.paragraph(f"{term.name}, {day(term.start)} to {day(end)}.", "strong")
    pupils = _pupils(events, register)
    paper.paragraph(
        f"{count(len(pupils), 'pupil')} with {_joined_tests(many, limit)}.",
    )
    classless = sum(not pupil.registration_group.strip() for pupil in pupils)
    if classless:
        has = "has" if classless == 1 else "have"
        paper.paragraph(f"{count(classless, 'pupil')} of these {has} no class on record.")

    def row(pupil: Pupil, last: date) -> tuple[list[Cell | str], list[str]]:
        """Return the pupil's cells up to a day, and what the pupil is reported for."""
        in_term = tally.pupil(pupil.pupil_id, term.start, last)
        so_far = tally.pupil(pupil.pupil_id, year.start, last)
        reasons = []
        if many is not None and in_term.unauthorised >= many:
            reasons.append(f"{many} or more unauthorised")
        if limit is not None and limit.holds(so_far.absent, so_far.possible):
            reasons.append("severely absent" if is_severe(so_far) else "persistently absent")
        cells: list[Cell | str] = [
            *pupil_cells(pupil),
            attendance_percent(policy, in_term),
            str(in_term.unauthorised),
            attendance_percent(policy, so_far),
            str(so_far.unauthorised),
        ]
        return cells, reasons

    rows = []
    for pupil in pupils:
        cells, reasons = row(pupil, end)
        rows.append(Row([*cells, "; ".join(reasons)]))
    _table(paper, "Reported for", rows, "There is no pupil to report.")
    left = [(row(pupil, last), last) for pupil, last in leavers(register, term.start, end)]
    reported = [
        Row([*cells, f"left {short_date(last)}: {'; '.join(reasons)}"])
        for (cells, reasons), last in left
        if reasons
    ]
    paper.heading("Left in the term")
    if left and reported:
        paper.paragraph(
            f"{count(len(left), 'pupil')} left the roll in this term. Those with {_joined_tests(many, limit)} on their last day:",
            keep_with_next=True,
        )
    nobody = f"{count(len(left), 'pupil')} left the roll in this term, none of them with that absence."
    _table(
        paper, "Left, and reported for", reported, nobody if left else "No pupil left the roll in this term."
    )
    if rows or reported:
        paper.paragraph("Percentages show attendance, cut to one decimal.", "quiet")
        paper.lines_to_sign([("Signed for the school", 0.6), ("Date", 0.4)])
    return paper.save()


def _reported_from(
    events: Sequence[Event], policies: Sequence[Policy]
) -> tuple[int | None, Threshold | None]:
    """Return from how many unauthorised sessions and which absence the rule of these events reports a pupil."""
    own = {(event.pack, event.rule): event.date for event in events}
    for policy in policies:
        for rule in policy.rules:
            day = own.get((policy.id, rule.id))
            if day is not None and rule.in_force(day) and isinstance(rule.when, PeriodEnd):
                return rule.when.or_at_least, rule.when.absence_to_date
    return None, None


def _joined_tests(many: int | None, limit: Threshold | None) -> str:
    tests = [f"{many} or more unauthorised sessions in the term"] if many is not None else []
    if limit is not None:
        tests.append(f"absence of {limit.words} in the year")
    return " or with ".join(tests) or "absence that the policy reports"


def home_address(pupil: Pupil) -> Address | None:
    """Return the address of the first living contact with parental responsibility, no court order and a usable address.

    Return None when there is no such contact, ADDRESS_KEPT as its only line when it must be kept secret.
    """
    usable = [
        c
        for c in pupil.contacts
        if c.is_parent and c.address.usable and c.court_order is False and not c.deceased
    ]
    first = min(usable, key=lambda c: (c.priority is None, c.priority or 0, c.contact_id), default=None)
    if first is None:
        return None
    return Address((ADDRESS_KEPT,)) if first.refuge else first.address


PUPIL_COLUMNS = (
    Column("Pupil", 40),
    Column("Born", 22),
    Column("UPN", 27),
    Column("Year, class", 22),
    Column("Address", 50),
)
"""What a list for the authority says of each pupil first."""


def pupil_cells(pupil: Pupil) -> list[Cell | str]:
    """Return what PUPIL_COLUMNS say of a pupil."""
    address = home_address(pupil)
    parts = (*address.lines, address.town, address.postcode) if address else ()
    groups = [year_group(pupil.year_group), pupil.registration_group.strip() or "no class"]
    return [
        Cell(legal_listed_name(pupil), bold=True),
        short_date(pupil.date_of_birth) if pupil.date_of_birth else "not recorded",
        pupil.upn or "not recorded",
        ", ".join(part for part in groups if part),
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


def _table(paper: Paper, why: str, rows: list[Row], nobody: str) -> None:
    if not rows:
        paper.paragraph(nobody)
        return
    columns = [
        *PUPIL_COLUMNS,
        Column("Term", 17, "right"),
        Column("Unauth.", 15, "right"),
        Column("Year", 17, "right"),
        Column("Unauth.", 15, "right"),
        Column(why, 42),
    ]
    paper.table(columns, rows, description=f"{paper.title}: {why.lower()}")
