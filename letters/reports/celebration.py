"""The weekly celebration sheet: class of the week, classes on target. It names classes and no pupil, so it can hang on a wall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from letters.docx.charts import Chart, dot_chart
from letters.docx.document import Paper, School, listed
from letters.docx.table import Cell, Column, Row
from letters.reports.pupils import natural
from letters.words.english import count, span
from rules.calendar import week_start
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.statistics import Tally

_BEST_FILL = "FFF0A8"
_ON_TARGET_FILL = "E4F2E4"


@dataclass(frozen=True, slots=True)
class ClassWeek:
    """One class in one week."""

    name: str
    figures: Figures
    before: Figures
    """The school week before."""
    best: bool
    on_target: bool

    @property
    def share(self) -> Fraction:
        """Attendance as an exact fraction."""
        return Fraction(self.figures.attended, self.figures.possible)


def class_weeks(register: Register, tally: Tally, policy: Policy, day: date) -> list[ClassWeek]:
    """The classes of the day's week, best first; a class with no possible session is left out, a tie makes every best."""
    first, last = _week(register, day)
    earlier = register.calendar.last_school_day(date.min, first - timedelta(days=1))
    before = tally.by_group("registration_group", *_week(register, earlier)) if earlier else {}
    now = {
        name: figures
        for name, figures in tally.by_group("registration_group", first, last).items()
        if name and figures.possible
    }
    best = max((Fraction(f.attended, f.possible) for f in now.values()), default=Fraction(0))
    target = policy.target
    found = [
        ClassWeek(
            name,
            figures,
            before.get(name, Figures()),
            Fraction(figures.attended, figures.possible) == best,
            target is not None and 100 * figures.attended >= target * figures.possible,
        )
        for name, figures in now.items()
    ]
    return sorted(found, key=lambda c: (-c.share, natural(c.name)))


def _week(register: Register, day: date) -> tuple[date, date]:
    """The first and last school day of the day's week."""
    monday = week_start(day)
    sunday = monday + timedelta(days=6)
    first = register.calendar.next_school_day(monday) or monday
    return first, register.calendar.last_school_day(monday, sunday) or sunday


def celebration_sheet(
    register: Register, tally: Tally, policy: Policy, school: School, *, week_of: date, printed_on: date
) -> bytes:
    """Return the sheet for the school week of a day as a DOCX."""
    classes = class_weeks(register, tally, policy, week_of)
    first, last = _week(register, week_of)
    paper = Paper("Attendance this week", school=school.name, printed_on=printed_on)
    paper.heading("Attendance this week", 0)
    paper.paragraph(span(first, last), "strong")
    if not classes:
        paper.paragraph("There was no school for any class this week.")
        return paper.save()
    best = [c for c in classes if c.best]
    shown = policy.shown(best[0].figures.attended, best[0].figures.possible) or ""
    word = "Class of the week" if len(best) == 1 else "Classes of the week"
    paper.banner(listed([c.name for c in best]), f"{word}, with {shown}% attendance")
    _target(paper, policy, classes)
    chart = class_chart(policy, classes)
    paper.picture(chart.png, width_mm=chart.width_mm, alt_text=chart.alt_text)
    paper.heading("All classes")
    paper.table(
        [
            Column("Place", 16, "center"),
            Column("Class", 40),
            Column("This week", 30, "right"),
            Column("Last week", 30, "right"),
            Column("", 58),
        ],
        [_row(policy, place, classes) for place in range(len(classes))],
        description="Classes by attendance this week, best first",
    )
    risen = [c for c in classes if c.before.possible and _rise(c) > 0]
    if risen:
        most = max(risen, key=lambda c: (_rise(c), c.share))
        paper.paragraph(
            f"Biggest step up since last week: class {most.name}, from {_shown(policy, most.before)}% to "
            f"{_shown(policy, most.figures)}%.",
            "strong",
        )
    return paper.save()


def class_chart(policy: Policy, classes: list[ClassWeek]) -> Chart:
    """The classes as dots against the target."""
    best, last = classes[0], classes[-1]
    target = (
        (f"target {float(policy.target):g}%", float(policy.target)) if policy.target is not None else None
    )
    on_target = sum(c.on_target for c in classes)
    finding = f"; {on_target} of {len(classes)} are on target" if target else ""
    return dot_chart(
        [(c.name, 100 * float(c.share), f"{_shown(policy, c.figures)}%") for c in classes],
        alt_text=(
            f"Attendance of each class this week, from {_shown(policy, best.figures)}% ({best.name}) to "
            f"{_shown(policy, last.figures)}% ({last.name}){finding}"
        ),
        axis="attendance this week",
        reference=target,
    )


def _target(paper: Paper, policy: Policy, classes: list[ClassWeek]) -> None:
    if policy.target is None:
        return
    reached = sorted((c.name for c in classes if c.on_target), key=natural)
    goal = f"{float(policy.target):g}%"
    text = (
        f"{count(len(reached), 'class', 'classes')} reached our target of {goal}: {listed(reached)}. Well done!"
        if reached
        else f"No class reached our target of {goal} this week. A new week, a new chance."
    )
    paper.paragraph(text, "strong")


def _row(policy: Policy, place: int, classes: list[ClassWeek]) -> Row:
    found = classes[place]
    rank = 1 + sum(other.share > found.share for other in classes)
    fill = _BEST_FILL if found.best else _ON_TARGET_FILL if found.on_target else ""
    words = [w for w, yes in (("class of the week", found.best), ("on target", found.on_target)) if yes]
    return Row(
        [
            Cell(str(rank), fill=fill),
            Cell(found.name, fill=fill, bold=True),
            Cell(f"{_shown(policy, found.figures)}%", fill=fill, bold=True),
            Cell(f"{_shown(policy, found.before)}%" if found.before.possible else "", fill=fill),
            Cell(", ".join(words), fill=fill),
        ]
    )


def _rise(found: ClassWeek) -> Fraction:
    return found.share - Fraction(found.before.attended, found.before.possible)


def _shown(policy: Policy, figures: Figures) -> str:
    return policy.shown(figures.attended, figures.possible) or ""
