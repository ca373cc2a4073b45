"""The list of pupils who are severely or persistently absent, and of those one step away from it. Staff only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from letters.docx.document import Figure, Paper, School
from letters.docx.table import Cell, Column, Row
from letters.reports.pupils import SHORT_FLAGS_MEANING, class_of, flags_of, in_order, listed_name
from letters.words.english import day, half_days
from rules.calendar import week_start
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.school import Pupil
from rules.statistics import Tally, is_persistent, is_severe, shown_percent

NEAR_DAYS = 2
"""Pupils whom so many more school days of absence would make persistently absent are listed as near it."""
_RECENT_WEEKS = 4


@dataclass(frozen=True, slots=True)
class AbsentPupil:
    """One pupil of the list with the year to date and the last four school weeks."""

    pupil: Pupil
    year: Figures
    lately: Figures

    @property
    def share(self) -> Fraction:
        """Absence as an exact fraction of the pupil's own possible sessions."""
        return Fraction(self.year.absent, self.year.possible)


@dataclass(frozen=True, slots=True)
class AbsenceLists:
    """Pupils on roll by how much they miss, the most absent first. Severe ones are not repeated in the rest."""

    severe: tuple[AbsentPupil, ...]
    persistent: tuple[AbsentPupil, ...]
    """At least 10% of own sessions missed, less than 50%."""
    near: tuple[AbsentPupil, ...]
    """Not persistent yet, but two more school days of absence would make it so."""
    pupils: int
    """Pupils on roll with a possible session."""


def absence_lists(register: Register, tally: Tally, policy: Policy, as_of: date) -> AbsenceLists:
    """Sort the pupils on roll by the statutory tests on their own sessions of the year.

    The floor of the pack's ``minimum_possible_sessions`` holds for those near the line only: the statutory tests
    have none.
    """
    year = register.calendar.year_of(as_of)
    mondays = sorted({week_start(d) for d in register.calendar.school_days if year.start <= d <= as_of})
    lately = mondays[-_RECENT_WEEKS:][0] if mondays else year.start
    found = []
    for pupil in in_order(register.pupils):
        figures = tally.pupil(pupil.pupil_id, year.start, as_of)
        if pupil.on_roll(as_of) and figures.possible:
            found.append(AbsentPupil(pupil, figures, tally.pupil(pupil.pupil_id, lately, as_of)))
    found.sort(key=lambda item: -item.share)
    return AbsenceLists(
        tuple(i for i in found if is_severe(i.year)),
        tuple(i for i in found if is_persistent(i.year) and not is_severe(i.year)),
        tuple(i for i in found if _near(i.year, policy.minimum_possible_sessions)),
        len(found),
    )


def _near(figures: Figures, floor: int) -> bool:
    more = 2 * NEAR_DAYS
    return (
        figures.possible >= floor
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
    everyone = len(lists.severe) + len(lists.persistent)
    paper.figures(
        [
            Figure(str(len(lists.severe)), "Severely absent", "50% or more missed"),
            Figure(str(everyone), "Persistently absent", "10% or more missed, severe included"),
            Figure(f"{shown_percent(everyone, lists.pupils) or '0.0'}%", "Of pupils", f"of {lists.pupils} with a possible session"),
            Figure(str(len(lists.near)), "Near it", f"{NEAR_DAYS} more school days away"),
        ]
    )  # fmt: skip
    _table(paper, policy, "Severe absence", lists.severe, "Nobody has missed half of their sessions.")
    _table(paper, policy, "Persistent absence", lists.persistent, "Nobody else has missed 10% or more.")
    _table(
        paper,
        policy,
        f"Near it: {NEAR_DAYS} more school days of absence would make it persistent",
        lists.near,
        "Nobody is near the line.",
    )
    paper.paragraph(
        f"Lately is the last {_RECENT_WEEKS} school weeks. {SHORT_FLAGS_MEANING} Percentages are cut to one "
        "decimal; who is listed is decided on whole sessions.",
        "quiet",
    )
    return paper.save()


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
            Column("Lately", 18, "right"),
            Column("Flags", 38),
        ],
        [_row(policy, item) for item in items],
        description=title,
    )


def _row(policy: Policy, item: AbsentPupil) -> Row:
    figures = item.year
    lately = policy.shown(item.lately.attended, item.lately.possible)
    return Row(
        [
            Cell(listed_name(item.pupil), bold=True),
            class_of(item.pupil),
            Cell(f"{policy.shown(figures.attended, figures.possible)}%", bold=True),
            f"{figures.absent} of {figures.possible}",
            half_days(figures.absent),
            str(figures.authorised),
            str(figures.unauthorised),
            str(figures.late),
            f"{lately}%" if lately else "",
            flags_of(item.pupil),
        ]
    )
