"""The made-up school that demos, mock servers and tests share. Seeded: the same seed is the same school.

Everybody and everything in it is invented. Its marks follow the published national shares (shares.toml).
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from threading import RLock

from connector.mock.school.corrections import LONDON, Book, MarkChange, keep_book
from connector.mock.school.marks import make_codes
from connector.mock.school.names import STAFF
from connector.mock.school.pupils import Enrolled, Phase, let_return, make_pupils
from connector.mock.school.recorded import Records, make_records
from connector.mock.school.year import academic_year_of, closures, school_year
from rules.calendar import Calendar, week_start
from rules.register import Register, build_register
from rules.school import (
    Address,
    Amendment,
    AttendancePlan,
    Half,
    LeaveRequest,
    Mark,
    Nation,
    Notice,
    Pupil,
    Session,
    Spell,
)

MORE_NOTICE = timedelta(days=5)
"""How long before the day a joiner is entered, and a leaving date is known."""


@dataclass(frozen=True, slots=True)
class Details:
    """The made-up school's own details."""

    name: str
    urn: str
    phase: str
    nation: Nation
    address: Address
    telephone: str
    email: str
    website: str
    head_name: str
    head_title: str
    attendance_contact: str
    authority: str


_DETAILS: dict[tuple[Nation, Phase], tuple[str, str, str]] = {
    ("england", "primary"): ("Hollin Bank Primary School", "999101", "hollinbank.example"),
    ("england", "secondary"): ("Marlbrook High School", "999102", "marlbrookhigh.example"),
    ("wales", "primary"): ("Ysgol Gynradd Aberllyn", "999103", "aberllyn.example"),
    ("wales", "secondary"): ("Ysgol Gyfun Aberllyn", "999104", "gyfunaberllyn.example"),
}


@dataclass
class MadeUpSchool:
    """One made-up school with all its facts, and what its MIS held at the end of any day.

    Marks can be changed while servers run over it (:meth:`correct_mark`); everything else stands still.
    """

    seed: int
    phase: Phase
    nation: Nation
    details: Details
    calendar: Calendar
    first_day: date
    """The first day of the stretch that a demo walks through."""
    last_day: date
    """The last day with marks."""
    enrolled: tuple[Enrolled, ...]
    book: Book
    records: Records
    staff: tuple[tuple[str, str], ...] = STAFF
    """(name, role) of the people who keep the registers."""
    _lock: RLock = field(default_factory=RLock, repr=False)

    @cached_property
    def pupils(self) -> tuple[Pupil, ...]:
        """Every pupil of the stretch, joiners and leavers with both dates, in order of id."""
        return tuple(enrolled.pupil for enrolled in self.enrolled)

    @property
    def year_groups(self) -> tuple[str, ...]:
        """Year groups from the youngest."""
        return tuple(dict.fromkeys(e.pupil.year_group for e in sorted(self.enrolled, key=lambda e: e.year)))

    @property
    def registration_groups(self) -> tuple[str, ...]:
        """Registration groups from the youngest."""
        ordered = sorted(self.enrolled, key=lambda e: (e.year, e.pupil.registration_group))
        return tuple(dict.fromkeys(e.pupil.registration_group for e in ordered))

    def pupils_known(self, as_of: date) -> list[Pupil]:
        """Return the pupils as entered at the end of a day: joiners and leaving dates appear a few days ahead."""
        found = []
        for pupil in self.pupils:
            spells = _entered(pupil.spells, max(as_of + MORE_NOTICE, self.first_day), as_of + MORE_NOTICE)
            if spells:
                found.append(pupil if spells == pupil.spells else pupil.with_spells(*spells))
        return found

    def marks_known(self, as_of: date, *, ahead: bool = False) -> list[Mark]:
        """Return the marks held at the end of a day, in order of time: N not yet resolved, later corrections not made.

        With ``ahead`` those entered by then for later days too, as a MIS holds leave or a trip.
        """
        with self._lock:
            end = bisect_right(self._mark_dates, as_of)
            known = self.book.marks[:end]
            place = self._place
            added: dict[tuple[str, date, Half], Mark] = {}
            for change in self._changes_until(as_of, ahead=ahead):
                mark = change.mark
                key = (mark.pupil_id, mark.date, mark.half)
                index = place.get(key)
                if index is None or index >= end:
                    added[key] = mark
                else:
                    known[index] = mark
        return [mark for mark in (*known, *added.values()) if mark.code]

    def changes_known(self, as_of: date, *, ahead: bool = False) -> list[MarkChange]:
        """Every change of a mark up to the end of a day, in order of time, late registers among them.

        With ``ahead`` also changes of marks of later days.
        """
        with self._lock:
            return self._changes_until(as_of, ahead=ahead)

    def amendments_known(self, as_of: date, *, ahead: bool = False) -> list[Amendment]:
        """Entries that were replaced by another code up to the end of a day, with who, when and why.

        With ``ahead`` also those of marks of later days.
        """
        return [
            Amendment(
                change.mark.pupil_id,
                change.mark.date,
                change.mark.half,
                change.original,
                change.mark.code,
                change.changed_at,
                change.reason,
                change.by,
                change.role,
            )
            for change in self.changes_known(as_of, ahead=ahead)
            if change.original and change.original != change.mark.code
        ]

    def attendance_plans_known(self, as_of: date) -> list[AttendancePlan]:
        """Attendance plans agreed up to a day."""
        return [plan for plan in self.records.attendance_plans if plan.date <= as_of]

    def leave_requests_known(self, as_of: date) -> list[LeaveRequest]:
        """Return requests for leave made up to a day."""
        return [request for request in self.records.leave_requests if request.requested <= as_of]

    def notices_known(self, as_of: date) -> list[Notice]:
        """Penalty notices issued up to a day."""
        return [notice for notice in self.records.notices if notice.issued <= as_of]

    def mark_now(self, pupil_id: str, day: date, half: Half) -> Mark | None:
        """Return the mark as it stands after every change, however late; None when there is none."""
        with self._lock:
            found = self._first_entry(pupil_id, day, half)
            for change in self.book.changes:
                mark = change.mark
                if (mark.pupil_id, mark.date, mark.half) == (pupil_id, day, half):
                    found = mark
        return found if found and found.code else None

    def correct_mark(
        self,
        pupil_id: str,
        day: date,
        half: Half,
        code: str,
        *,
        by: str = STAFF[2][0],
        role: str = STAFF[2][1],
        at: datetime | None = None,
        reason: str = "",
        minutes_late: int | None = None,
        comment: str = "",
    ) -> MarkChange:
        """Change (or make, or with an empty code take away) one mark, as staff do in a MIS.

        ``at`` has a time zone; without it the change is made on the mark's own day at the end of school. Raises
        LookupError for a pupil or session that the school has not.
        """
        if pupil_id not in self._pupil_ids or Session(day, half) not in self._open_sessions:
            raise LookupError("no such pupil or session in the made-up school")
        changed_at = at or datetime.combine(day, time(16, 0), LONDON)
        with self._lock:
            # an entry made ahead comes before the register's own
            before = self._first_entry(pupil_id, day, half) if day <= changed_at.date() else None
            for change in self.book.changes:
                same = (change.mark.pupil_id, change.mark.date, change.mark.half) == (pupil_id, day, half)
                if same and change.changed_at <= changed_at:
                    before = change.mark
            mark = Mark(pupil_id, day, half, code, minutes_late, comment, changed_at)
            change = MarkChange(mark, before.code if before else "", changed_at, by, role, reason)
            position = bisect_right([c.changed_at for c in self.book.changes], changed_at)
            self.book.changes.insert(position, change)
        return change

    def register(self, as_of: date) -> Register:
        """Return the register as a MIS would give it at the end of a day."""
        return build_register(
            pupils=self.pupils_known(as_of),
            calendar=self.calendar,
            marks=self.marks_known(as_of),
            nation=self.nation,
            amendments=self.amendments_known(as_of),
            attendance_plans=self.attendance_plans_known(as_of),
            leave_requests=self.leave_requests_known(as_of),
            notices=self.notices_known(as_of),
        )

    def _changes_until(self, as_of: date, *, ahead: bool) -> list[MarkChange]:
        made = (change for change in self.book.changes if change.changed_at.date() <= as_of)
        return [change for change in made if ahead or change.mark.date <= as_of]

    def _first_entry(self, pupil_id: str, day: date, half: Half) -> Mark | None:
        index = self._place.get((pupil_id, day, half))
        return None if index is None else self.book.marks[index]

    @cached_property
    def _mark_dates(self) -> list[date]:
        return [mark.date for mark in self.book.marks]

    @cached_property
    def _place(self) -> dict[tuple[str, date, Half], int]:
        """Where in the book each first entry stands."""
        return {(m.pupil_id, m.date, m.half): n for n, m in enumerate(self.book.marks)}

    @cached_property
    def _pupil_ids(self) -> frozenset[str]:
        return frozenset(pupil.pupil_id for pupil in self.pupils)

    @cached_property
    def _open_sessions(self) -> frozenset[Session]:
        return frozenset(self.calendar.sessions)


def make_school(
    *,
    pupils: int = 420,
    weeks: int = 13,
    seed: int = 1,
    first_day: date = date(2025, 9, 3),
    phase: Phase = "primary",
    nation: Nation = "england",
    years_before: int = 0,
    returners: int = 0,
) -> MadeUpSchool:
    """Given its size and how many school weeks are walked through from ``first_day``, return a made-up school.

    Marks reach from the start of the academic year of ``first_day`` (which is ``first_day`` itself when that
    lies in the first half of September), or of so many years before it, to the Friday of the last of those weeks,
    or the year's end. The calendar holds the next year as well. ``returners`` is how many pupils leave and come
    back within those marks. Raises ValueError for no pupils or no weeks.
    """
    if pupils < 1 or weeks < 1:
        raise ValueError("a made-up school needs at least one pupil and one week")
    rng = random.Random(f"{seed}/{pupils}/{weeks}/{first_day}/{phase}/{nation}/{years_before}")
    start_year = academic_year_of(first_day)
    opens = first_day if first_day.month == 9 and first_day.day <= 15 else None
    periods = school_year(start_year, opens)
    periods += closures(Calendar(periods), start_year)
    for year in range(start_year - years_before, start_year):
        periods += school_year(year)
    calendar = Calendar(periods + school_year(start_year + 1))
    this_year = calendar.year_of(first_day)
    days = [day for day in calendar.school_days if day in this_year]
    last_day = _last_day(days, first_day, weeks)
    sessions = [session for session in calendar.sessions if session.date <= last_day]
    days = days[: days.index(last_day) + 1]
    enrolled = make_pupils(pupils, phase=phase, nation=nation, days=days, year_start=this_year.start, rng=rng)
    enrolled = let_return(enrolled, returners, days, random.Random(f"{seed}/{returners}"))
    codes = make_codes(enrolled, sessions, phase=phase, nation=nation, rng=rng)
    book = keep_book(codes, enrolled, sessions, calendar.school_days, rng)
    records = make_records(enrolled, codes, sessions, rng)
    return MadeUpSchool(
        seed=seed,
        phase=phase,
        nation=nation,
        details=_details(phase, nation),
        calendar=calendar,
        first_day=next(day for day in days if day >= first_day),
        last_day=last_day,
        enrolled=enrolled,
        book=book,
        records=records,
    )


def _entered(spells: Iterable[Spell], start_by: date, end_by: date) -> tuple[Spell, ...]:
    """Return the spells that begin by one day, as entered; an end after the other day is not known yet."""
    return tuple(
        replace(spell, end=None) if spell.end and spell.end > end_by else spell
        for spell in spells
        if not spell.start or spell.start <= start_by
    )


def _last_day(days: Iterable[date], first_day: date, weeks: int) -> date:
    """Return the last school day of the last of that many school weeks; the year's last day when there are fewer."""
    by_week: dict[date, date] = {}
    for day in days:
        if day >= first_day:
            by_week[week_start(day)] = day
    if not by_week:
        raise ValueError("the first day lies after the last school day of its academic year")
    ends = list(by_week.values())
    return ends[min(weeks, len(ends)) - 1]


def _details(phase: Phase, nation: Nation) -> Details:
    name, urn, domain = _DETAILS[nation, phase]
    welsh = nation == "wales"
    return Details(
        name=name,
        urn=urn,
        phase=phase,
        nation=nation,
        address=Address(
            ("Ffordd yr Ysgol",) if welsh else ("School Lane",),
            "Aberllyn" if welsh else "Marlbrook",
            "Sir Gwynwy" if welsh else "Hollinshire",
            "QY1 2AB" if welsh else "QX1 2AB",
            "United Kingdom",
        ),
        telephone="01632 960450",
        email=f"office@{domain}",
        website=f"www.{domain}",
        head_name=STAFF[0][0],
        head_title=STAFF[0][1],
        attendance_contact=STAFF[2][0],
        authority="Cyngor Sir Gwynwy" if welsh else "Hollinshire County Council",
    )
