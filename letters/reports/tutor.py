"""The weekly report for tutors: whom to talk to, then the week of every pupil of the registration group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from letters.docx.paper import Figure, Paper, School
from letters.docx.table import HEADER_FILL, Cell, Column, Row
from letters.reports.patterns.pupil_patterns import PupilPatterns
from letters.reports.percentages import attendance_percent, target
from letters.reports.pupils import classes, leavers, listed_name
from letters.reports.record.register_grid import WEEKDAYS, session_cell
from letters.words.english import count, short_date, span
from letters.words.gap_words import gaps_sentence
from rules.calendar import HALVES, week_start
from rules.checks.gaps import find_gaps
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.school import Pupil, Session
from rules.statistics import Tally, is_persistent, is_severe

MUCH_MISSED = 3
"""Sessions missed in one week from which the tutor is asked to talk to the pupil."""
FALL = Fraction(5, 100)
"""Attendance is called falling when that of the last four school weeks is this far below the year's."""
_RECENT_WEEKS = 4
LATE_OFTEN = 3
"""Late marks in a half term from which the tutor is asked to talk to the pupil."""


@dataclass(frozen=True, slots=True)
class PupilWeek:
    """One pupil's week for the tutor."""

    pupil: Pupil
    week: Figures
    year: Figures
    half_term: Figures
    recent: Figures
    """The last four school weeks."""
    unexplained: int
    """Sessions of the year so far that are still N."""
    patterns: Sequence[str] = ()
    """What the pupil's absence has in common, in words (letters/reports/patterns)."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the tutor should talk to this pupil, in words; empty when there is nothing."""
        reasons = []
        if self.unexplained:
            reasons.append(f"{count(self.unexplained, 'session')} without a reason (N)")
        if self.week.absent >= MUCH_MISSED:
            reasons.append(f"missed {count(self.week.absent, 'session')} this week")
        if self.half_term.late >= LATE_OFTEN:
            reasons.append(f"late {self.half_term.late} times this half term")
        if self.recent.absent > MUCH_MISSED and self.year.possible:
            recent = Fraction(self.recent.attended, self.recent.possible)
            if recent + FALL <= Fraction(self.year.attended, self.year.possible):
                reasons.append("attendance is falling")
        return (*reasons, *self.patterns)


def pupil_weeks(
    register: Register,
    tally: Tally,
    group: str,
    week_of: date,
    as_of: date,
    patterns: Mapping[str, Sequence[str]] | None = None,
) -> list[PupilWeek]:
    """Return the pupils of a registration group who were on roll on ``as_of``, by name; ``patterns`` by pupil id."""
    calendar = register.calendar
    year = calendar.year_of(as_of)
    half_term = calendar.half_term_of(as_of) or year
    monday = week_start(week_of)
    weeks = calendar.school_weeks_between(date.min, as_of)[-_RECENT_WEEKS:]
    recent = weeks[0] if weeks else monday
    return [
        PupilWeek(
            pupil,
            tally.pupil(pupil.pupil_id, monday, min(monday + timedelta(days=6), as_of)),
            figures := tally.pupil(pupil.pupil_id, year.start, as_of),
            tally.pupil(pupil.pupil_id, half_term.start, as_of),
            tally.pupil(pupil.pupil_id, recent, as_of),
            figures.by_code.get("N", 0),
            (patterns or {}).get(pupil.pupil_id, ()),
        )
        for pupil in classes(register, as_of).get(group, [])
    ]


def tutor_reports(
    register: Register,
    tally: Tally,
    policy: Policy,
    school: School,
    *,
    groups: list[str] | None = None,
    week_of: date,
    as_of: date,
) -> bytes:
    """Return the reports of registration groups for the week of a day, with figures up to ``as_of``, as one DOCX.

    Each group starts on a new page; without ``groups`` all groups are in it, and last the pupils who have none. The pupils
    who left a group in the term are named with it.
    """
    names = list(classes(register, as_of)) if groups is None else groups
    title = (
        f"{_group_name(names[0])}, attendance this week"
        if len(names) == 1
        else "Attendance this week, by class"
    )
    paper = Paper(title, school=school.name, printed_on=as_of, footer="Confidential", margin_mm=14)
    patterns = PupilPatterns(register, tally, as_of).in_words()
    for number, name in enumerate(names):
        _group(paper, register, tally, policy, name, week_of, as_of, patterns, first=number == 0)
    return paper.save()


def _group(
    paper: Paper,
    register: Register,
    tally: Tally,
    policy: Policy,
    group: str,
    week_of: date,
    as_of: date,
    patterns: Mapping[str, Sequence[str]],
    *,
    first: bool,
) -> None:
    pupils = pupil_weeks(register, tally, group, week_of, as_of, patterns)
    monday = week_start(week_of)
    friday = min(monday + timedelta(days=4), as_of)
    paper.heading(_group_name(group), 0, new_page=not first)
    paper.paragraph(f"Attendance in the week from {span(monday, friday)}.", "strong")
    if not group:
        paper.paragraph("Please enter their class in the MIS: no tutor has them on a list.", "warn")
    _add_leavers(paper, register, group, as_of)
    if not pupils:
        paper.paragraph("No pupil of this class is on roll.")
        return
    ids = [item.pupil.pupil_id for item in pupils]
    missing = gaps_sentence(find_gaps(register, monday, friday, ids), "week")
    if missing:
        paper.paragraph(missing, "warn")
    year = register.calendar.year_of(as_of)
    week, to_date = tally.total(monday, friday, ids), tally.total(year.start, as_of, ids)
    paper.figures(
        [
            Figure(attendance_percent(policy, week), "This week", target(policy)),
            Figure(attendance_percent(policy, to_date), "This year"),
            Figure(str(sum(is_persistent(i.year) for i in pupils)), "Persistently absent", f"of {len(pupils)} pupils"),
            Figure(str(week.late), "Late this week"),
            Figure(str(sum(i.unexplained for i in pupils)), "Sessions still N"),
        ]
    )  # fmt: skip
    _to_talk_to(paper, policy, pupils)
    _marks(paper, register, policy, pupils, monday, as_of)


def _group_name(group: str) -> str:
    return f"Class {group}" if group else "Pupils without a class"


def _add_leavers(paper: Paper, register: Register, group: str, as_of: date) -> None:
    """Name the pupils of the group who left in this term."""
    term = register.calendar.term_of(as_of) or register.calendar.year_of(as_of)
    names = [
        f"{listed_name(pupil)} (last day {short_date(last)})"
        for pupil, last in leavers(register, term.start, as_of)
        if pupil.registration_group.strip() == group
    ]
    if names:
        paper.paragraph(f"Left this term: {'; '.join(names)}.")


def _to_talk_to(paper: Paper, policy: Policy, pupils: list[PupilWeek]) -> None:
    rows = [
        Row([Cell(listed_name(i.pupil), bold=True), "; ".join(i.reasons), attendance_percent(policy, i.year)])
        for i in sorted(pupils, key=lambda i: -len(i.reasons))
        if i.reasons
    ]
    if rows:
        paper.heading("Please talk to")
        paper.table(
            [Column("Pupil", 52), Column("Why", 106), Column("This year", 24, "right")],
            rows,
            description="Pupils to talk to, and why",
        )


def _marks(
    paper: Paper, register: Register, policy: Policy, pupils: list[PupilWeek], monday: date, as_of: date
) -> None:
    paper.heading("Everyone")
    head = Cell("Pupil", fill=HEADER_FILL, bold=True)
    days = [Cell(day[:3], fill=HEADER_FILL, bold=True, span=2, align="center") for day in WEEKDAYS]
    rest = [
        Cell(t, fill=HEADER_FILL, bold=True, align="right")
        for t in ("Week", "Year", "Absent", "Late")
    ]  # fmt: skip
    band_head = Cell("Band", fill=HEADER_FILL, bold=True)
    paper.table(
        [
            Column("Pupil", 40),
            *(Column(half, 6.4, "center") for _ in WEEKDAYS for half in HALVES),
            *(Column(name, 14, "right") for name in ("Week", "Year", "Absent", "Late")),
            Column("Band", 38),
        ],
        [Row(_pupil_row(register, policy, item, monday, as_of)) for item in pupils],
        header_rows=[Row([head, *days, *rest, band_head])],
        description="Each pupil's marks of the week, with attendance this week and this year",
        style="Grid Text",
    )
    paper.paragraph(
        "Absent and late are numbers of sessions this school year. Percentages are cut to one decimal.",
        "quiet",
    )


def _pupil_row(
    register: Register, policy: Policy, item: PupilWeek, monday: date, as_of: date
) -> list[Cell | str]:
    row = register.row_of[item.pupil.pupil_id]
    cells: list[Cell | str] = [Cell(listed_name(item.pupil), bold=bool(item.reasons))]
    for offset in range(len(WEEKDAYS)):
        day = monday + timedelta(days=offset)
        cells += [session_cell(register, row, Session(day, half)) if day <= as_of else "" for half in HALVES]
    band = policy.band_of(item.year.attended, item.year.possible)
    low = is_severe(item.year) or is_persistent(item.year)
    return [
        *cells,
        attendance_percent(policy, item.week),
        Cell(attendance_percent(policy, item.year), bold=low),
        str(item.year.absent),
        str(item.year.late),
        Cell(band.name if band else "", bold=low),
    ]
