"""What a school wants to reach: its own target, and the improvement that the Department for Education expects of it.

Both are attendance of the whole school over the whole year. What is missing is said in sessions: an aim is reached
session by session, not by a percentage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from letters.docx.paper import Paper
from letters.docx.table import Cell, Column, Row
from letters.reports.governors.figures import Subject
from letters.reports.percentages import group_attendance_percent, share
from letters.words.english import count, day
from rules.events import Figures
from rules.policy import Policy

TARGET = "The school's target"
EXPECTATION = "Attendance baseline improvement expectation"


@dataclass(frozen=True, slots=True)
class Aims:
    """Attendance to reach over the year, in per cent; None where there is none."""

    target: Fraction | None = None
    expectation: Fraction | None = None

    def __iter__(self) -> Iterator[tuple[str, Fraction]]:
        for name, percent in ((TARGET, self.target), (EXPECTATION, self.expectation)):
            if percent is not None:
                yield name, percent


def exact(percent: float | None) -> Fraction | None:
    """Return a percentage as it was typed, as a fraction: 96.1 is 961/10."""
    return None if percent is None else Fraction(str(percent))


def with_own_target(policy: Policy, percent: float | None) -> Policy:
    """Return the policy with the school's own target in place of its own; unchanged where the school has none."""
    return policy if percent is None else policy.model_copy(update={"target": exact(percent)})


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a school is from an aim, in sessions of all its pupils."""

    short: int
    """Sessions more that should have been attended so far; 0 where the aim is reached."""
    needed: int
    """Sessions to attend in the rest of the year for the whole year to reach the aim; 0 or less where it is certain."""
    left: int
    """Possible sessions in the rest of the year, as far as the roll is known."""

    @property
    def out_of_reach(self) -> bool:
        """Whether full attendance from now on would not be enough."""
        return self.needed > self.left


def distance(figures: Figures, left: int, percent: Fraction) -> Distance:
    """Return how far these figures are from an aim, with so many sessions left in the year."""
    return Distance(
        max(0, ceil(percent * figures.possible / 100) - figures.attended),
        ceil(percent * (figures.possible + left) / 100) - figures.attended,
        left,
    )


def sessions_left(subject: Subject) -> int | None:
    """Return the possible sessions of the year after the report's last day; None where the year's end is not known."""
    register, year = subject.register, subject.year
    if not register.calendar.is_whole(year):
        return None
    coming = [
        n
        for n, session in enumerate(register.sessions)
        if subject.end < session.date and session.date in year
    ]
    return int(register.on_roll[:, coming].sum())


def add_aims(paper: Paper, subject: Subject, figures: Figures, aims: Aims) -> None:
    """Add how far the year so far is from each aim, and what the rest of the year would have to bring."""
    named = list(aims)
    if not named:
        return
    left = sessions_left(subject)
    paper.heading("Target and expectation")
    paper.paragraph(
        f"School year to {day(subject.end)}: {group_attendance_percent(figures)}.", keep_with_next=True
    )
    paper.table(
        [
            Column("Aim", 56),
            Column("To reach", 20, "right"),
            Column("Sessions still to gain", 38, "right"),
            Column("Needed in the rest of the year", 60),
        ],
        [
            _aim_row(name, percent, distance(figures, left or 0, percent), known=bool(left))
            for name, percent in named
        ],
        description="How far the school is from its target and the expectation",
    )
    paper.paragraph(
        "Sessions still to gain: so many more sessions attended up to this day would have reached the aim. What the rest of the "
        "year needs is attendance from now to its end, of the pupils on roll.",
        "quiet",
    )


def _aim_row(name: str, percent: Fraction, far: Distance, *, known: bool) -> Row:
    if not known:
        rest = ""
    elif far.needed <= 0:
        rest = "nothing more: the year ends above it"
    elif far.out_of_reach:
        rest = "out of reach this year, even with full attendance"
    else:
        rest = f"{share(far.needed, far.left)} of {far.left:,} sessions"
    return Row(
        [
            Cell(name, bold=True),
            f"{float(percent):g}%",
            count(far.short, "session") if far.short else "reached so far",
            rest,
        ]
    )
