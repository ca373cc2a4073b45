"""The penalty notices of one pupil, with the amount that each asks for."""

from __future__ import annotations

from datetime import date

from letters.docx.paper import Paper
from letters.docx.table import Cell, Column, Row
from letters.earlier.made_before import years_before
from letters.reports.pupils import contact_name
from letters.words.english import joined, short_date
from rules.law import PenaltyNotice, law_of
from rules.register import Register
from rules.school import Notice


def add_penalty_notices(paper: Paper, register: Register, pupil_id: str) -> None:
    """Add a table of the pupil's notices in order of issue."""
    notices = sorted((n for n in register.notices if n.pupil_id == pupil_id), key=lambda n: n.issued)
    if not notices:
        paper.paragraph("No penalty notice is on record for this pupil.")
        return
    law = law_of(register.nation)
    names = {c.contact_id: contact_name(c) for c in register.pupil(pupil_id).contacts}
    rows = []
    for notice in notices:
        penalty = law.penalty_on(notice.issued)
        years = penalty.years if penalty else None
        earlier = sum(_counts(other, notice, years) for other in notices)
        rows.append(
            Row(
                [
                    short_date(notice.issued),
                    Cell(names.get(notice.contact_id, "an adult no longer recorded"), bold=True),
                    amounts(penalty, earlier) if penalty else "the law has no amount for this day",
                    str(earlier),
                ]
            )
        )
    paper.table(
        [
            Column("Issued", 24),
            Column("To", 54),
            Column("Amount", 74),
            Column("Earlier, to the same adult", 30, "center"),
        ],
        rows,
        description="Penalty notices by adult, with amounts and days",
    )
    penalties = dict.fromkeys(penalty for n in notices if (penalty := law.penalty_on(n.issued)))
    if penalties:
        paper.paragraph(
            f"Amounts by the law of the day of issue: {joined([p.reference for p in penalties])}.", "quiet"
        )
    limits = dict.fromkeys(p.years for p in penalties if p.years)
    if limits:
        paper.paragraph(
            f"Earlier notices are those of the {joined([str(n) for n in limits])} years before.", "quiet"
        )


def amounts(penalty: PenaltyNotice, earlier: int) -> str:
    """Return what a notice asks for, given how many that count the same adult had for this pupil before."""
    if penalty.limit is not None and earlier >= penalty.limit:
        return f"none: more than {penalty.limit} notices in {penalty.years} years cannot be issued"
    if earlier and penalty.second is not None:
        return f"£{penalty.second} in {penalty.full_days} days (second notice, no lower amount)"
    return f"£{penalty.first} in {penalty.first_days} days, £{penalty.full} in {penalty.full_days} days"


def _counts(other: Notice, notice: Notice, years: int | None) -> bool:
    since = years_before(notice.issued, years) if years else date.min
    return other.contact_id == notice.contact_id and since <= other.issued < notice.issued
