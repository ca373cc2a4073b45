"""The digest's part on plans, contracts, meetings and notices that are to be looked at again."""

from __future__ import annotations

from collections.abc import Sequence

from letters.docx.paper import Paper
from letters.docx.table import Cell, Column, Row
from letters.earlier.done_for_pupil import KIND_NAMES
from letters.reports.pupils import class_of, in_order, listed_name, natural
from letters.words.english import short_date
from rules.checks.reviews_due import Review
from rules.register import Register

WHAT_TO_DO = (
    "Look at each with those whom it concerns, then put on record what came of it: attendance-connector records add, or a "
    "row in the school’s list of records. A later record of the same kind, or a meeting that was held, takes it off this list."
)


def add_reviews(paper: Paper, reviews: Sequence[Review], register: Register) -> bool:
    """Add the reviews that are due, by class and name; return False when there is none."""
    if not reviews:
        return False
    paper.heading("Reviews due")
    place = {pupil.pupil_id: number for number, pupil in enumerate(in_order(register.pupils))}
    rows = []
    for review in sorted(
        reviews,
        key=lambda one: (natural(class_of(register.pupil(one.pupil_id))), place[one.pupil_id], one.due),
    ):
        pupil = register.pupil(review.pupil_id)
        rows.append(
            Row(
                [
                    Cell(listed_name(pupil), bold=True),
                    class_of(pupil),
                    what_of(review),
                    short_date(review.due),
                    review.by,
                ]
            )
        )
    paper.table(
        [Column("Pupil", 44), Column("Class", 14), Column("What", 68), Column("Due", 22), Column("By", 26)],
        rows,
        description="Records to be looked at again, by class and name",
    )
    paper.paragraph(WHAT_TO_DO, "quiet")
    return True


def what_of(review: Review) -> str:
    """Return what is due, in a few words: "attendance plan of 3 Oct 2025"."""
    words = f"{KIND_NAMES[review.kind]} of {short_date(review.of)}"
    if review.no_outcome:
        return f"{words}: was it held?"
    return f"{words}: its weeks are over" if review.kind == "notice-to-improve" else words
