"""The list of pupils who are severely or persistently absent, and of those close to it. For staff only.

Its last page is the safeguarding lead's own: every absence of the week of pupils at risk, in care or with a social worker.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from letters.docx.paper import Figure, Paper, School
from letters.docx.table import Cell, Column, Row
from letters.reports.percentages import attendance_percent, share
from letters.reports.pupils import SHORT_FLAGS_MEANING, URGENT, class_of, flags_of, in_order, listed_name
from letters.words.english import day, half_days, short_date, span
from letters.words.gap_words import gaps_sentence
from rules.calendar import week_start
from rules.checks.gaps import find_gaps
from rules.codes import ABSENT
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.school import Pupil
from rules.statistics import Tally, is_persistent, is_severe

NEAR_DAYS = 2
"""A pupil is close to persistent absence when this many more school days of absence would reach it."""
_RECENT_WEEKS = 4


@dataclass(frozen=True, slots=True)
class AbsentPupil:
    """One pupil of the list with the year to date and the last four school weeks."""

    pupil: Pupil
    year: Figures
    recent: Figures

    @property
    def share(self) -> Fraction:
        """Absence as an exact fraction of the pupil's own possible sessions."""
        return Fraction(self.year.absent, self.year.possible)


@dataclass(frozen=True, slots=True)
class AbsenceLists:
    """Pupils on roll, the most absent first. Each pupil is in one list only."""

    severe: tuple[AbsentPupil, ...]
    persistent: tuple[AbsentPupil, ...]
    """At least 10% and less than 50% of own sessions missed."""
    near: tuple[AbsentPupil, ...]
    """Not persistently absent yet, but two more school days of absence would make it so."""
    pupils: int
    """Pupils on roll with a possible session."""


def absence_lists(register: Register, tally: Tally, policy: Policy, as_of: date) -> AbsenceLists:
    """Return the pupils on roll by the statutory tests on their own sessions of the year.

    The policy's ``minimum_possible_sessions`` applies to pupils close to persistent absence only: the statutory
    tests have no minimum.
    """
    year = register.calendar.year_of(as_of)
    weeks = register.calendar.school_weeks_between(year.start, as_of)[-_RECENT_WEEKS:]
    recent = weeks[0] if weeks else year.start
    pupils = []
    for pupil in in_order(register.pupils):
        figures = tally.pupil(pupil.pupil_id, year.start, as_of)
        if pupil.listed_on(as_of) and figures.possible:
            pupils.append(AbsentPupil(pupil, figures, tally.pupil(pupil.pupil_id, recent, as_of)))
    pupils.sort(key=lambda item: -item.share)
    return AbsenceLists(
        tuple(i for i in pupils if is_severe(i.year)),
        tuple(i for i in pupils if is_persistent(i.year) and not is_severe(i.year)),
        tuple(i for i in pupils if _is_near(i.year, policy.minimum_possible_sessions)),
        len(pupils),
    )


def _is_near(figures: Figures, minimum: int) -> bool:
    more = 2 * NEAR_DAYS
    return (
        figures.possible >= minimum
        and not is_persistent(figures)
        and 10 * (figures.absent + more) >= figures.possible + more
    )


def absence_report(
    register: Register, tally: Tally, policy: Policy, school: School, *, as_of: date, printed_on: date
) -> bytes:
    """Return the lists for the school year up to a day as a DOCX."""
    lists = absence_lists(register, tally, policy, as_of)
    paper = Paper(
        "Persistent and severe absence",
        school=school.name,
        printed_on=printed_on,
        footer="Confidential",
        landscape=True,
        margin_mm=15,
    )
    paper.heading("Persistent and severe absence", 0)
    paper.paragraph(f"School year to {day(as_of)}, pupils on roll that day.", "strong")
    on_roll = [pupil.pupil_id for pupil in register.pupils if pupil.on_roll(as_of)]
    year = register.calendar.year_of(as_of)
    missing = gaps_sentence(find_gaps(register, year.start, as_of, on_roll), "school year")
    if missing:
        paper.paragraph(missing, "warn")
    everyone = len(lists.severe) + len(lists.persistent)
    paper.figures(
        [
            Figure(str(len(lists.severe)), "Severely absent", "50% or more missed"),
            Figure(str(everyone), "Persistently absent", "10% or more missed, severe included"),
            Figure(share(everyone, lists.pupils) or "0.0%", "Of pupils", f"of {lists.pupils} with a possible session"),
            Figure(str(len(lists.near)), "Close to persistent", f"{NEAR_DAYS} more school days away"),
        ]
    )  # fmt: skip
    _table(paper, policy, "Severe absence", lists.severe, "Nobody has missed half of their sessions or more.")
    _table(paper, policy, "Persistent absence", lists.persistent, "Nobody else has missed 10% or more.")
    _table(
        paper,
        policy,
        f"Close to persistent absence: {NEAR_DAYS} more school days away",
        lists.near,
        "Nobody is close to it.",
    )
    paper.paragraph(
        f"Recently means the last {_RECENT_WEEKS} school weeks. {SHORT_FLAGS_MEANING} Percentages are cut to one "
        "decimal; the lists are decided on whole sessions.",
        "quiet",
    )
    _for_safeguarding_lead(paper, register, tally, policy, as_of)
    return paper.save()


def absences_of_week(register: Register, as_of: date) -> list[tuple[Pupil, str]]:
    """Return pupils at risk, in care or with a social worker who were absent in the school week up to a day, by class.

    Each has the sessions in words: "24 Nov 2025 AM N; 25 Nov 2025 PM I". The week is that of the last school day up to ``as_of``.
    """
    last = register.calendar.last_school_day(date.min, as_of) or as_of
    columns = [c for c, s in enumerate(register.sessions) if week_start(last) <= s.date <= as_of]
    found = []
    for pupil in in_order(p for p in register.pupils if p.listed_on(as_of)):
        row = register.row_of[pupil.pupil_id]
        away = [c for c in columns if register.classes[row, c] in ABSENT]
        if away and any(flag in pupil.flags for flag in URGENT):
            marks = [(register.sessions[c], register.code_at(row, c)) for c in away]
            found.append((pupil, "; ".join(f"{short_date(s.date)} {s.half} {code}" for s, code in marks)))
    return found


def _for_safeguarding_lead(
    paper: Paper, register: Register, tally: Tally, policy: Policy, as_of: date
) -> None:
    """Add the lead's own page: what happened in the week to pupils who are never to be lost sight of."""
    paper.heading("For the safeguarding lead: absences of the week", new_page=True)
    last = register.calendar.last_school_day(date.min, as_of) or as_of
    week = span(max(week_start(last), register.calendar.year_of(as_of).start), last)
    paper.paragraph(
        f"{week}. Pupils with a child protection plan, in care or with a social worker.", "strong"
    )
    found = absences_of_week(register, as_of)
    if not found:
        paper.paragraph("None of them was absent, as far as the register says who they are.")
        return
    start = register.calendar.year_of(as_of).start
    paper.table(
        [
            Column("Pupil", 58),
            Column("Class", 20),
            Column("Flags", 40),
            Column("Sessions missed, with codes", 125),
            Column("Attendance", 24, "right"),
        ],
        [
            Row(
                [
                    Cell(listed_name(pupil), bold=True),
                    class_of(pupil),
                    flags_of(pupil),
                    sessions,
                    attendance_percent(policy, tally.pupil(pupil.pupil_id, start, as_of)),
                ]
            )
            for pupil, sessions in found
        ],
        description="Absences of the week of pupils at risk, in care or with a social worker",
    )


def _table(paper: Paper, policy: Policy, title: str, items: tuple[AbsentPupil, ...], nobody: str) -> None:
    paper.heading(title)
    if not items:
        paper.paragraph(nobody)
        return
    paper.table(
        [
            Column("Pupil", 58),
            Column("Class", 18),
            Column("Attendance", 24, "right"),
            Column("Missed", 28, "right"),
            Column("School days", 22, "right"),
            Column("Authorised", 22, "right"),
            Column("Unauthorised", 25, "right"),
            Column("Late", 14, "right"),
            Column("Recently", 18, "right"),
            Column("Flags", 38),
        ],
        [_row(policy, item) for item in items],
        description=title,
    )


def _row(policy: Policy, item: AbsentPupil) -> Row:
    figures = item.year
    return Row(
        [
            Cell(listed_name(item.pupil), bold=True),
            class_of(item.pupil),
            Cell(attendance_percent(policy, figures), bold=True),
            f"{figures.absent} of {figures.possible}",
            half_days(figures.absent),
            str(figures.authorised),
            str(figures.unauthorised),
            str(figures.late),
            attendance_percent(policy, item.recent),
            flags_of(item.pupil),
        ]
    )
