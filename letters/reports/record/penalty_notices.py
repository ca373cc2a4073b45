"""The penalty notices of one pupil, with the amount that each asks for."""

from __future__ import annotations

from letters.docx.paper import Paper
from letters.docx.table import Cell, Column, Row
from letters.facts import NOTICE_YEARS, years_before
from letters.reports.pupils import contact_name
from letters.words.english import joined, short_date
from rules.policy import Penalty, Policy
from rules.register import Register
from rules.school import Notice


def add_penalty_notices(paper: Paper, register: Register, policy: Policy, pupil_id: str) -> None:
    """Add a table of the pupil's notices in order of issue."""
    notices = sorted((n for n in register.notices if n.pupil_id == pupil_id), key=lambda n: n.issued)
    if not notices:
        paper.paragraph("No penalty notice is on record for this pupil.")
        return
    names = {c.contact_id: contact_name(c) for c in register.pupil(pupil_id).contacts}
    rows = []
    for notice in notices:
        penalty = policy.penalty_on(notice.issued)
        earlier = sum(_within_three_years(other, notice) for other in notices)
        rows.append(
            Row(
                [
                    short_date(notice.issued),
                    Cell(names.get(notice.contact_id, "an adult no longer recorded"), bold=True),
                    amounts(penalty, earlier) if penalty else "the policy gives no amount for this day",
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
    clauses = {p.clause for n in notices if (p := policy.penalty_on(n.issued))}
    if clauses:
        paper.paragraph(f"Amounts as in the policy on the day of issue: {joined(sorted(clauses))}.", "quiet")


def amounts(penalty: Penalty, earlier: int) -> str:
    """Return what a notice asks for, given how many the same adult had for this pupil in the three years before."""
    if earlier and penalty.second is not None:
        return f"£{penalty.second} in {penalty.full_days} days (second notice, no lower amount)"
    return f"£{penalty.first} in {penalty.first_days} days, £{penalty.full} in {penalty.full_days} days"


def _within_three_years(other: Notice, notice: Notice) -> bool:
    since = years_before(notice.issued, NOTICE_YEARS)
    return other.contact_id == notice.contact_id and since <= other.issued < notice.issued
