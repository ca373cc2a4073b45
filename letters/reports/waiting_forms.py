"""The digest's page on consideration forms that wait for the head's decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from letters.docx.paper import Paper
from letters.docx.table import Cell, Column, Row
from letters.reports.pupils import class_of, listed_name
from letters.words import english
from rules.calendar import Calendar
from rules.events import Event
from rules.register import Register

HOW_TO_DECIDE = (
    "Put the head’s decision on record (attendance-connector records add, or a row in the school’s list of records): a penalty "
    "notice issued, a notice to improve, or none with the reason. "
    "Until then a later event of the pupil makes no second form and is listed here. A decision settles all of up to its day. "
    "To have a form for a later event all the same: attendance-connector events release KEY."
)


@dataclass(frozen=True, slots=True)
class WaitingForm:
    """One form, and the later events that are listed with it, each with its key."""

    event: Event
    key: str
    later: tuple[tuple[Event, str], ...] = ()


def add_waiting_forms(
    paper: Paper,
    forms: Sequence[WaitingForm],
    register: Register,
    day: date,
    about: Callable[[Event], str],
) -> bool:
    """Add the forms that wait, the oldest first; return False when there is none. ``about``: an event in a few words."""
    if not forms:
        return False
    paper.heading("Forms waiting for a decision")
    rows = []
    for form in forms:
        pupil = register.find(form.event.pupil_id)
        rows.append(
            Row(
                [
                    Cell(listed_name(pupil) if pupil else f"pupil {form.event.pupil_id}", bold=True),
                    class_of(pupil) if pupil else "",
                    f"{about(form.event)} [{form.key}]",
                    waits_since(form.event.date, day, register.calendar),
                    "; ".join(
                        f"{english.short_date(event.date)}: {about(event)} [{key}]"
                        for event, key in form.later
                    )
                    or "none",
                ]
            )
        )
    paper.table(
        [
            Column("Pupil", 34),
            Column("Class", 12),
            Column("Form", 48),
            Column("Waits", 30),
            Column("Later events", 50),
        ],
        rows,
        description="Consideration forms without a decision on record",
    )
    paper.paragraph(HOW_TO_DECIDE, "quiet")
    return True


def waits_since(since: date, day: date, calendar: Calendar) -> str:
    """Return since when something waits, with the number of school days after that day: "since 5 Sep 2025, 12 school days"."""
    passed = sum(since < one <= day for one in calendar.school_days)
    return f"since {english.short_date(since)}, {english.count(passed, 'school day')}"
