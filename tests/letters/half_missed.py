"""Made-up registers for tests of letters: a pupil who misses half or about half, one who comes of age in the year."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from docx import Document

from letters.compose import Composed, SchoolDetails, compose
from letters.earlier.made_before import LetterBefore
from rules.events import CountedMark
from rules.pupil_record import PupilRecord
from rules.register import Register, build_register
from rules.rule import Rule
from rules.school import AttendancePlan, Mark, Pupil
from rules.statistics import Tally
from tests.letters.docx_files import shown
from tests.letters.letter_school import (
    CALENDAR,
    DAY,
    KEY,
    LEAVE,
    LONG,
    SCHOOL,
    made_up_event,
    policy,
    templates,
)

SESSIONS = [session for session in CALENDAR.sessions if session.date <= DAY]


def register_missing(
    missed: int,
    code: str = "O",
    *,
    pupil: Pupil = LONG,
    nation: str = "england",
    records: Sequence[PupilRecord] = (),
    plans: Sequence[AttendancePlan] = (),
    late: Sequence[int | None] = (),
) -> Register:
    """Return a register of one pupil who missed the first sessions of the year and was late in the last mornings.

    ``code``: that of every session missed, or one for each in turn. ``late``: the minutes of each of those mornings.
    """
    mornings = [n for n, session in enumerate(SESSIONS) if session.half == "AM"]
    minutes = dict(zip(mornings[-len(late) :], late, strict=True)) if late else {}
    marks = [
        Mark(
            pupil.pupil_id,
            s.date,
            s.half,
            code[n % len(code)] if n < missed else "L" if n in minutes else "/",
            minutes.get(n),
        )
        for n, s in enumerate(SESSIONS)
    ]
    return build_register(
        pupils=[pupil], calendar=CALENDAR, marks=marks, nation=nation, leave_requests=LEAVE if pupil is LONG else (),
        pupil_records=records, attendance_plans=plans,
    )  # type: ignore[arg-type]  # fmt: skip


def made(
    pack_id: str,
    rule: str | Rule,
    held: Register,
    *,
    before: Sequence[LetterBefore] = (),
    school: SchoolDetails = SCHOOL,
    on: date | None = None,
    **figures: str | int,
) -> Composed:
    """Return what a rule's made-up event gives over a register."""
    pack = policy(pack_id)
    own = pack.rule(rule) if isinstance(rule, str) else rule
    pupil = held.pupils[0]
    tally = Tally(held)
    year = tally.pupil(pupil.pupil_id, CALENDAR.years[0].start, DAY)
    event = made_up_event(pack, own, replace(LONG, pupil_id="1"))
    codes = {mark.code for mark in event.sessions}
    row = held.row_of[pupil.pupil_id]
    marks = [CountedMark(s.date, s.half, held.code_at(row, n)) for n, s in enumerate(held.sessions)]
    event = replace(
        event,
        pupil_id=pupil.pupil_id,
        sessions=tuple(mark for mark in marks if mark.code in codes) or event.sessions,
        figures={**event.figures, "attended": year.attended, "possible": year.possible,
                 "attendance_percent": pack.shown(year.attended, year.possible) or "", **figures},
    )  # fmt: skip
    return compose(
        event, register=held, tally=tally, policy=pack, school=school, templates=templates(), key=KEY,
        on=on or DAY, letters_before=before,
    )  # fmt: skip


def texts(of: Composed, *kinds: str) -> list[str]:
    """Return the text of each document that has a template; of letters, forms or certificates only where named."""
    return [
        shown(Document(io.BytesIO(one.content)).element.body)
        for one in of.documents
        if one.template and (not kinds or one.outcome.kind in kinds)
    ]
