"""The report of one year group or class over some days: its figures, every pupil, codes, weekdays, patterns and lateness.

For the office, heads of year and class teachers: it names pupils, and hides no small number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from letters.docx.paper import Figure, Paper, School
from letters.docx.table import Cell, Column, Row
from letters.reports.patterns.patterns_report import (
    CAUTION,
    add_lateness,
    add_patterns,
    find_patterns,
    late_pupils,
)
from letters.reports.patterns.pupil_patterns import PupilPatterns
from letters.reports.percentages import attendance_percent, group_attendance_percent, share, target
from letters.reports.pupils import SHORT_FLAGS_MEANING, class_of, flags_of, in_order, listed_name, natural
from letters.words.english import class_name, count, day, day_name, half_days, year_group
from letters.words.gap_words import gaps_sentence
from rules.checks.gaps import find_gaps
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.school import Pupil
from rules.statistics import Tally, is_persistent, is_severe


@dataclass(frozen=True, slots=True)
class Group:
    """A year group or class with its pupils."""

    name: str
    pupils: tuple[Pupil, ...]


def year_groups(register: Register, start: date, end: date) -> dict[str, Group]:
    """Return the year groups that had a pupil on roll between two days, by name ("Year 9")."""
    return _groups(register, start, end, lambda pupil: year_group(pupil.year_group))


def class_groups(register: Register, start: date, end: date) -> dict[str, Group]:
    """Return the same for classes, by the name of the registration group."""
    return _groups(register, start, end, lambda pupil: pupil.registration_group.strip())


def _groups(register: Register, start: date, end: date, name_of: Callable[[Pupil], str]) -> dict[str, Group]:
    members: dict[str, list[Pupil]] = {}
    for pupil in in_order(register.pupils):
        here = any((s.start or date.min) <= end and (s.end or date.max) >= start for s in pupil.spells)
        if here and not pupil.deceased and (name := name_of(pupil)):
            members.setdefault(name, []).append(pupil)
    return {name: Group(name, tuple(members[name])) for name in sorted(members, key=natural)}


def group_report(
    group: Group,
    register: Register,
    tally: Tally,
    policy: Policy,
    school: School,
    *,
    start: date,
    end: date,
    printed_on: date,
) -> bytes:
    """Return the report on the group between two days as a DOCX. Patterns are looked for in the school year of the last day."""
    ids = [pupil.pupil_id for pupil in group.pupils]
    figures = [(pupil, tally.pupil(pupil.pupil_id, start, end)) for pupil in group.pupils]
    title = f"Attendance of {class_name(group.name)}"
    paper = Paper(
        title, school=school.name, printed_on=printed_on, footer="Confidential", landscape=True, margin_mm=15
    )
    paper.heading(title, 0)
    paper.paragraph(f"{day(start)} to {day(end)}.", "strong")
    missing = gaps_sentence(find_gaps(register, start, end, ids), "period")
    if missing:
        paper.paragraph(missing, "warn")
    total = tally.total(start, end, ids)
    if not total.possible:
        paper.paragraph("No session of these pupils is recorded between these days.")
        return paper.save()
    own = [each for _, each in figures if each.possible]
    paper.figures(
        [
            Figure(group_attendance_percent(total), "Attendance", target(policy)),
            Figure(share(total.authorised, total.possible), "Authorised"),
            Figure(share(total.unauthorised, total.possible), "Unauthorised"),
            Figure(
                str(sum(map(is_persistent, own))), "Persistently absent", f"of {count(len(own), 'pupil')}"
            ),
            Figure(str(sum(map(is_severe, own))), "Severely absent"),
            Figure(f"{total.late:,}", "Late", f"{count(total.minutes_late, 'minute')} recorded"),
        ]
    )
    _bands(paper, policy, own)
    _pupils(paper, policy, figures)
    _weekdays(paper, tally, start, end, ids)
    _codes(paper, register, total, end)
    paper.heading("Patterns")
    if start != register.calendar.year_of(end).start:
        paper.paragraph(f"These are of the school year to {day(end)}, not of the days above.", "strong")
    paper.paragraph(CAUTION, "warn")
    add_patterns(paper, find_patterns(PupilPatterns(register, tally, end, set(ids))))
    add_lateness(paper, late_pupils(tally, group.pupils, start, end))
    return paper.save()


def _bands(paper: Paper, policy: Policy, figures: Sequence[Figures]) -> None:
    paper.heading("Pupils by band")
    names = [band.name for each in figures if (band := policy.band_of(each.attended, each.possible))]
    paper.table(
        [
            Column("Band", 90),
            Column("Attendance", 50),
            Column("Pupils", 24, "right"),
            Column("Share", 24, "right"),
        ],
        [
            Row(
                [
                    band.name,
                    band.range,
                    str(names.count(band.name)),
                    share(names.count(band.name), len(figures)),
                ]
            )
            for band in policy.bands
        ],
        description="Pupils by attendance band",
    )


def _pupils(paper: Paper, policy: Policy, figures: Sequence[tuple[Pupil, Figures]]) -> None:
    paper.heading("Pupils, the most absent first")
    with_sessions = [item for item in figures if item[1].possible]
    rows = sorted(with_sessions, key=lambda item: -Fraction(item[1].absent, item[1].possible))
    paper.table(
        [
            Column("Pupil", 54),
            Column("Class", 18),
            Column("Attendance", 22, "right"),
            Column("Missed", 26, "right"),
            Column("School days", 22, "right"),
            Column("Authorised", 22, "right"),
            Column("Unauthorised", 25, "right"),
            Column("Late", 16, "right"),
            Column("Band", 38),
            Column("Flags", 26),
        ],
        [_pupil_row(policy, *item) for item in rows],
        description="Each pupil's attendance, the most absent first",
    )
    if len(rows) < len(figures):
        paper.paragraph(f"{count(len(figures) - len(rows), 'pupil')} had no possible session.", "quiet")
    paper.paragraph(f"A pupil's percentage is cut to one decimal. {SHORT_FLAGS_MEANING}", "quiet")


def _pupil_row(policy: Policy, pupil: Pupil, figures: Figures) -> Row:
    band = policy.band_of(figures.attended, figures.possible)
    low = is_persistent(figures)
    return Row(
        [
            Cell(listed_name(pupil), bold=True),
            class_of(pupil),
            Cell(attendance_percent(policy, figures), bold=low),
            f"{figures.absent} of {figures.possible}",
            half_days(figures.absent),
            str(figures.authorised),
            str(figures.unauthorised),
            str(figures.late),
            Cell(band.name if band else "", bold=low),
            flags_of(pupil),
        ]
    )


def _weekdays(paper: Paper, tally: Tally, start: date, end: date, ids: Sequence[str]) -> None:
    paper.heading("Days of the week")
    paper.table(
        [
            Column("Day", 60),
            *(Column(name, 34, "right") for name in ("Attendance", "Authorised", "Unauthorised", "Late")),
        ],
        [
            Row(
                [
                    day_name(number),
                    group_attendance_percent(figures),
                    share(figures.authorised, figures.possible),
                    share(figures.unauthorised, figures.possible),
                    str(figures.late),
                ]
            )
            for number, figures in tally.by_weekday(start, end, ids).items()
            if figures.possible
        ],
        description="Attendance by day of the week",
    )


def _codes(paper: Paper, register: Register, total: Figures, end: date) -> None:
    paper.heading("Codes")
    known = register.code_set_on(end).codes
    rows = sorted(total.by_code.items(), key=lambda item: (-item[1], item[0]))
    paper.table(
        [Column("Code", 24), Column("Meaning", 120), Column("Sessions", 34, "right")],
        [
            Row(
                [
                    Cell(code, bold=True),
                    known[code].meaning if code in known else "no attendance code",
                    f"{number:,}",
                ]
            )
            for code, number in rows
        ],
        description="Sessions by code",
    )
