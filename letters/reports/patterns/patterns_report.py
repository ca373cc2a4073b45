"""The weekly report of patterns: who is on course for persistent absence, and what single pupils' absence has in common.

For the office and the attendance officer only: it names pupils. Each table says its threshold, and that a pattern is
a reason to ask and no proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from letters.docx.paper import Figure, Paper, School
from letters.docx.table import Cell, Column, Row
from letters.reports.patterns.on_course import RECENT_WEEKS, Course, courses
from letters.reports.patterns.pupil_patterns import (
    AFTERNOONS,
    BROKEN_WEEKS,
    HOLIDAY_DAYS,
    SIBLING_DAYS,
    WEEKDAY_DAYS,
    Pattern,
    PupilPatterns,
    Siblings,
)
from letters.reports.percentages import attendance_percent
from letters.reports.pupils import class_of, in_order, listed_name
from letters.words.english import count, day, day_name, joined, school_days, short_date, times
from rules.policy import Policy
from rules.register import Register
from rules.school import Pupil
from rules.statistics import Tally, is_persistent

MINUTES = 60
"""Minutes lost to lateness in the year from which a pupil is listed."""
MOST_LATE = 50
"""So many of them are listed, those who lost most."""
CAUTION = (
    "A pattern is a reason to ask, and no proof: illness in a family, a clinic on the same weekday or a journey can be "
    "behind it. The tables of weekdays, holidays and siblings leave out what chance alone would easily bring; in a large "
    "school a few of their lines are chance all the same. Left after lunch and broken weeks are plain counts: a pupil who is "
    "often ill is among them, too. Absence that the school gave (leave, study leave, an exclusion, a part-time timetable) is not counted."
)


def patterns_report(
    register: Register, tally: Tally, policy: Policy, school: School, *, as_of: date, printed_on: date
) -> bytes:
    """Return the report for the school year up to a day as a DOCX."""
    found = find_patterns(PupilPatterns(register, tally, as_of))
    year = courses(register, tally, as_of, policy.minimum_possible_sessions)
    start = register.calendar.year_of(as_of).start
    late = late_pupils(tally, (p for p in register.pupils if p.listed_on(as_of)), start, as_of)
    paper = Paper(
        "Patterns of absence", school=school.name, printed_on=printed_on, footer="Confidential", margin_mm=15
    )
    paper.heading("Patterns of absence", 0)
    paper.paragraph(f"School year to {day(as_of)}, pupils on roll that day.", "strong")
    coming = [] if year is None else [Figure(str(sum(c.on_course for c in year)), "On course for 10%")]
    paper.figures(
        [
            *coming,
            Figure(str(len(found.weekdays)), "Weekday"),
            Figure(str(len(found.holidays)), "Next to holidays"),
            Figure(str(len(found.siblings)), "Siblings together"),
            Figure(str(len(found.afternoons)), "Left after lunch"),
            Figure(f"{sum(one.minutes for one in late) // 60:,}", "Hours late"),
        ]
    )
    paper.paragraph(CAUTION, "warn")
    _courses(paper, policy, year)
    add_patterns(paper, found)
    add_lateness(paper, late)
    _way_back(paper, policy, year)
    return paper.save()


@dataclass(frozen=True, slots=True)
class FoundPatterns:
    """Every kind of pattern of some pupils."""

    weekdays: list[Pattern]
    holidays: list[Pattern]
    siblings: list[Siblings]
    afternoons: list[Pattern]
    broken: list[Pattern]


def find_patterns(of: PupilPatterns) -> FoundPatterns:
    """Look for every kind of pattern."""
    return FoundPatterns(of.weekdays(), of.holidays(), of.siblings(), of.afternoons(), of.broken_weeks())


def add_patterns(paper: Paper, found: FoundPatterns) -> None:
    """Add a table for each kind of pattern, with its threshold."""
    _patterns(
        paper, "The same weekday", found.weekdays,
        f"At least {WEEKDAY_DAYS} days of absence on one weekday, and twice the share that this weekday has of the "
        "pupil's days. By chance alone that happens to fewer than 1 pupil in 100.",
    )  # fmt: skip
    _patterns(
        paper, "Before and after holidays", found.holidays,
        f"At least {HOLIDAY_DAYS} days of absence that are the last before a holiday or the first after one, and twice "
        "their share. By chance alone that happens to fewer than 1 pupil in 100.",
    )  # fmt: skip
    _siblings(paper, found.siblings)
    _patterns(
        paper, "Left after lunch", found.afternoons,
        f"Present in the morning and absent in the afternoon on at least {AFTERNOONS} days.",
    )  # fmt: skip
    _patterns(
        paper, "Broken weeks", found.broken,
        f"An absence in at least {BROKEN_WEEKS} weeks and in half of the pupil's weeks or more: many short absences are "
        "easily overlooked.", of="weeks",
    )  # fmt: skip


def _courses(paper: Paper, policy: Policy, year: list[Course] | None) -> None:
    paper.heading("On course for persistent absence")
    if year is None:
        paper.paragraph(
            "The calendar does not hold this school year to its end, so nothing can be said of what is left of it."
        )
        return
    coming = sorted((c for c in year if c.on_course), key=lambda c: c.may_miss)
    paper.paragraph(
        f"Not persistently absent yet, and at the pace of the last {RECENT_WEEKS} school weeks they will have missed 10% of "
        "the whole school year at its end.",
        keep_with_next=True,
    )
    _course_table(paper, policy, coming, "Pupils on course for persistent absence")


def _way_back(paper: Paper, policy: Policy, year: list[Course] | None) -> None:
    """Add who is persistently absent and need not be at the year's end; last, since it is the longest list."""
    if year is None:
        return
    back = sorted((c for c in year if is_persistent(c.year) and c.may_miss >= 0), key=lambda c: -c.may_miss)
    paper.heading("Persistently absent, and can still end the year below 10%")
    _course_table(paper, policy, back, "Pupils who can still end the year below 10% absence")
    certain = sum(c.may_miss < 0 for c in year)
    if certain:
        paper.paragraph(
            f"{count(certain, 'pupil')} {'has' if certain == 1 else 'have'} missed 10% of the whole school year already.",
            "quiet",
        )


def _course_table(paper: Paper, policy: Policy, found: Sequence[Course], description: str) -> None:
    if not found:
        paper.paragraph("Nobody.")
        return
    paper.table(
        [
            Column("Pupil", 50),
            Column("Class", 18),
            Column("Attendance", 22, "right"),
            Column("Missed", 24, "right"),
            Column("May still miss", 40, "right"),
            Column(f"Last {RECENT_WEEKS} weeks", 26, "right"),
        ],
        [
            Row(
                [
                    Cell(listed_name(course.pupil), bold=True),
                    class_of(course.pupil),
                    attendance_percent(policy, course.year),
                    f"{course.year.absent} of {course.year.possible}",
                    _may_miss(course.may_miss),
                    f"{course.recent.absent} of {course.recent.possible}",
                ]
            )
            for course in found
        ],
        description=description,
    )


def _may_miss(sessions: int) -> str:
    return f"{count(sessions, 'session')}, {school_days(sessions)}" if sessions > 0 else "none"


def _patterns(
    paper: Paper, title: str, found: Sequence[Pattern], threshold: str, *, of: str = "days absent"
) -> None:
    paper.heading(title)
    paper.paragraph(threshold, keep_with_next=True)
    if not found:
        paper.paragraph("Nobody.")
        return
    named = any(pattern.weekday is not None for pattern in found)
    paper.table(
        [
            Column("Pupil", 58),
            Column("Class", 20),
            *([Column("Weekday", 26)] if named else []),
            Column("How often", 34, "right"),
            Column("Last", 24, "right"),
            Column("Codes", 26 if named else 44),
        ],
        [
            Row(
                [
                    Cell(listed_name(p.pupil), bold=True),
                    class_of(p.pupil),
                    *([day_name(p.weekday)] if p.weekday is not None else []),
                    f"{p.days} of {p.of} {of}",
                    short_date(p.last),
                    ", ".join(p.codes),
                ]
            )
            for p in found
        ],
        description=title,
    )


def _siblings(paper: Paper, found: Sequence[Siblings]) -> None:
    paper.heading("Siblings away on the same days")
    paper.paragraph(
        f"Children who share a parent or an address, away together on at least {SIBLING_DAYS} school days. "
        "By chance alone that happens to fewer than 1 pair in 100; one illness or one journey that they shared is no pattern.",
        keep_with_next=True,
    )
    if not found:
        paper.paragraph("Nobody.")
        return
    paper.table(
        [
            Column("Pupils", 70),
            Column("Together", 24, "right"),
            Column("Days absent, each", 34, "right"),
            Column("Last", 24, "right"),
            Column("Codes", 28),
        ],
        [
            Row(
                [
                    Cell("; ".join(f"{listed_name(p)}, {class_of(p)}" for p in pair.pupils), bold=True),
                    count(pair.together, "day"),
                    joined([str(number) for number in pair.absent]),
                    short_date(pair.last),
                    ", ".join(pair.codes),
                ]
            )
            for pair in found
        ],
        description="Siblings away on the same days",
    )


@dataclass(frozen=True, slots=True)
class Lateness:
    """How often a pupil came late over some days, and the minutes as far as they are recorded."""

    pupil: Pupil
    times: int
    """Marks L, and U after the register closed, and any other with minutes."""
    minutes: int


def late_pupils(tally: Tally, pupils: Iterable[Pupil], start: date, end: date) -> list[Lateness]:
    """Return how late between two days each pupil was who was late, the most minutes first."""
    register = tally.register
    late = register.coded({"L", "U"})
    for place, minutes in register.minutes_late.items():
        late[place] |= minutes > 0 and place[1] < register.closed_count
    first = max(filter(None, (start, tally.since)))
    late &= np.array([first <= session.date <= end for session in register.sessions], dtype=np.bool_)
    found = [
        Lateness(
            pupil,
            int(late[register.row_of[pupil.pupil_id]].sum()),
            tally.pupil(pupil.pupil_id, start, end).minutes_late,
        )
        for pupil in in_order(pupils)
    ]
    return sorted((one for one in found if one.times), key=lambda one: -one.minutes)


def add_lateness(paper: Paper, late: Sequence[Lateness]) -> None:
    """Add the learning time lost to lateness, and the pupils who lost most of it."""
    paper.heading("Learning time lost to lateness")
    minutes, marks = sum(one.minutes for one in late), sum(one.times for one in late)
    if not late:
        paper.paragraph("Nobody was late.")
        return
    if not minutes:
        paper.paragraph(f"{count(marks, 'late mark')}, none of them with its minutes.")
        return
    listed = [one for one in late if one.minutes >= MINUTES][:MOST_LATE]
    paper.paragraph(
        f"{count(len(late), 'pupil')} {'was' if len(late) == 1 else 'were'} late {count(marks, 'time')}, before or after the register closed: {hours(minutes)} in all "
        f"as far as the minutes are recorded. Listed are pupils with {MINUTES} minutes or more, {MOST_LATE} at most.",
        keep_with_next=bool(listed),
    )
    if listed:
        paper.table(
            [
                Column("Pupil", 58),
                Column("Class", 20),
                Column("Late", 24, "right"),
                Column("Minutes", 24, "right"),
                Column("Time lost", 54, "right"),
            ],
            [
                Row(
                    [
                        Cell(listed_name(one.pupil), bold=True),
                        class_of(one.pupil),
                        times(one.times),
                        f"{one.minutes:,}",
                        hours(one.minutes),
                    ]
                )
                for one in listed
            ],
            description="Learning time lost to lateness, by pupil",
        )


def hours(minutes: int) -> str:
    """Return minutes as they are said: "50 minutes", "1 hour", "2 hours 5 minutes"."""
    whole, rest = divmod(minutes, 60)
    parts = [count(whole, "hour")] if whole else []
    if rest or not whole:
        parts.append(count(rest, "minute"))
    return " ".join(parts)
