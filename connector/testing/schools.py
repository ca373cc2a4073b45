"""Made-up schools for single points of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from functools import cache

from connector.mock.school import MadeUpSchool, make_school
from connector.mock.school.corrections import LONDON, Book
from connector.mock.school.pupils import Enrolled
from connector.mock.school.recorded import Records
from rules.calendar import Calendar, Period
from rules.school import Address, Contact, Half, Mark, Pupil, Session

HOSTILE = (
    ("O’Brien & Sons <Ltd>", "Séamus"),
    ("Two\r\nLines", "Ann\nMarie"),
    ("👩‍🚀 Armstrong", "Zoë 🎓"),
    ("בן־דוד", "אברהם"),
    ("N" * 200, "A" * 200),
    ("NULL", "None"),
    ('"Quoted", \\Back\\', "'; DROP TABLE pupils; --"),
    ("{curly} [square] $dollar", "%41 + %2B"),
    ("Ångström-Łukasiewicz", "Ŵyn"),
    ("王", "小明"),
)
"""Surname and forename that break careless programs."""


def small_school() -> MadeUpSchool:
    """Twelve pupils and three weeks, made new for each test, which may correct its marks."""
    return make_school(pupils=12, weeks=3, seed=5)


def returners_school() -> MadeUpSchool:
    """Return the small school with two pupils who leave and come back."""
    return make_school(pupils=12, weeks=5, seed=5, returners=2)


def tiny_school() -> MadeUpSchool:
    """Six pupils and one week, for tests of many calls."""
    return make_school(pupils=6, weeks=1, seed=5)


@cache
def _plain_base() -> MadeUpSchool:
    return make_school(pupils=10, weeks=1, seed=11)


def school_with(
    *,
    periods: Sequence[Period] | None = None,
    pupils: Sequence[Pupil] | None = None,
    marks: Iterable[Mark] = (),
) -> MadeUpSchool:
    """Return a made-up school with this calendar, these pupils and these marks only."""
    base = _plain_base()
    calendar = Calendar(tuple(periods)) if periods is not None else base.calendar
    wanted = pupils if pupils is not None else base.pupils[:4]
    shell = base.enrolled[0]
    enrolled = tuple(replace(shell, pupil=pupil) for pupil in wanted)
    book = Book(sorted(marks, key=lambda mark: (mark.date, mark.half, mark.pupil_id)), [])
    return MadeUpSchool(
        seed=0,
        phase=base.phase,
        nation=base.nation,
        details=base.details,
        calendar=calendar,
        first_day=calendar.school_days[0],
        last_day=max((mark.date for mark in book.marks), default=calendar.school_days[-1]),
        enrolled=_checked(enrolled),
        book=book,
        records=Records(),
    )


def _checked(enrolled: tuple[Enrolled, ...]) -> tuple[Enrolled, ...]:
    assert len({e.pupil.pupil_id for e in enrolled}) == len(enrolled), "pupil ids must differ"
    return enrolled


def mark(
    pupil_id: str, day: date, half: Half, code: str, minutes: int | None = None, comment: str = ""
) -> Mark:
    """Return a mark as taken on the day."""
    taken = time(9, 5) if half == "AM" else time(13, 10)
    return Mark(pupil_id, day, half, code, minutes, comment, datetime.combine(day, taken, LONDON))


def clock_change_school() -> MadeUpSchool:
    """Return a school open on the Friday before and the Monday after both clock changes of 2025/26.

    Codes and minutes late differ from mark to mark, so that a mark on the wrong day is noticed.
    """
    periods = (
        Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
        Period("term", "Autumn 2025", date(2025, 10, 20), date(2025, 11, 7)),
        Period("half_term", "Autumn 1 2025", date(2025, 10, 20), date(2025, 11, 7)),
        Period("term", "Spring 2026", date(2026, 3, 23), date(2026, 4, 2)),
        Period("half_term", "Spring 1 2026", date(2026, 3, 23), date(2026, 4, 2)),
    )
    days = (date(2025, 10, 24), date(2025, 10, 27), date(2026, 3, 27), date(2026, 3, 30))
    pupils = _plain_base().pupils[:2]
    marks = []
    for place, day in enumerate(days):
        for number, pupil in enumerate(pupils):
            late = (place + number) % 2 == 0
            marks.append(mark(pupil.pupil_id, day, "AM", "L" if late else "I", 3 + place if late else None))
            marks.append(mark(pupil.pupil_id, day, "PM", "O" if late else "\\"))
    return school_with(periods=periods, pupils=pupils, marks=marks)


def hostile_school() -> MadeUpSchool:
    """Pupils and adults with names and addresses that break careless programs."""
    pupils = []
    for pupil, (surname, forename) in zip(_plain_base().pupils, HOSTILE, strict=True):
        contact = Contact(
            contact_id=str(90000 + int(pupil.pupil_id)),
            title="Mx",
            forename=forename,
            surname=surname,
            relationship="Foster carer",
            priority=1,
            parental_responsibility=True,
            address=Address((f"1 {surname[:60]}",), forename[:60], "", "QX1 1AA", "United Kingdom"),
        )
        pupils.append(
            replace(
                pupil,
                legal_surname=surname,
                legal_forename=forename,
                preferred_forename="",
                preferred_surname="",
                contacts=(contact,),
            )
        )
    return school_with(pupils=pupils)


def coded_school(codes: Sequence[str]) -> tuple[MadeUpSchool, dict[str, Session]]:
    """One pupil with each of these codes in turn, and where each stands."""
    base = _plain_base()
    sessions = base.calendar.sessions[: len(codes)]
    pupil = base.pupils[0]
    placed = dict(zip(codes, sessions, strict=True))
    marks = [mark(pupil.pupil_id, s.date, s.half, code) for code, s in placed.items() if code]
    return school_with(pupils=base.pupils[:2], marks=marks), placed
