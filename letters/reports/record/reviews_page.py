"""The digest's part on plans, contracts, meetings and notices that are to be looked at again, and on meetings of the week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from letters.docx.paper import Paper
from letters.docx.table import Cell, Column, Row
from letters.earlier.done_for_pupil import KIND_NAMES
from letters.reports.pupils import class_of, in_order, listed_name, natural
from letters.words.english import short_date
from rules.checks.reviews_due import Review, meetings_to_come
from rules.pupil_record import PupilRecord
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


_MEETING = (Column("Day", 24), Column("Pupil", 46), Column("Class", 14), Column("What for", 64), Column("Came", 26))  # fmt: skip
_CAME = {"held": "came", "missed": "did not come", "cancelled": "cancelled"}


def add_meetings(paper: Paper, register: Register, day: date) -> bool:
    """Add the meetings of the coming week by day, with room to tick who came, and who came in the week before.

    Return False when there is none. Panels, clinics and talks are all meetings: the record's note says which.
    """
    coming = meetings_to_come(register, day)
    past = _meetings_before(register, day)
    if coming or past:
        paper.heading("Meetings of the week")
    if coming:
        paper.table(
            _MEETING,
            [_meeting(register, one.pupil_id, one.due, one.what_for, "") for one in coming],
            description="Meetings of the coming week, by day",
        )
    if past:
        paper.paragraph("In the week before:", "strong", keep_with_next=True)
        paper.table(
            _MEETING,
            [_meeting(register, one.pupil_id, one.day, one.note, _CAME[one.decision]) for one in past],
            description="Meetings of the week before, with who came",
        )
    return bool(coming or past)


def _meetings_before(register: Register, day: date) -> list[PupilRecord]:
    found = [
        one
        for one in register.pupil_records
        if one.kind == "meeting"
        and one.decision in _CAME
        and day - timedelta(days=7) <= one.day < day
        and (pupil := register.find(one.pupil_id))
        and pupil.listed_on(day)
    ]
    return sorted(found, key=lambda one: (one.day, one.pupil_id))


def _meeting(register: Register, pupil_id: str, day: date, what_for: str, came: str) -> Row:
    pupil = register.pupil(pupil_id)
    return Row([short_date(day), Cell(listed_name(pupil), bold=True), class_of(pupil), what_for, came])
