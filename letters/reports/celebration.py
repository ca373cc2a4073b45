"""The weekly celebration sheet: class of the week, classes on target, and who was most punctual.

It is displayed on a wall, so it names no pupil, and leaves out a class of fewer than five pupils.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from letters.docx.charts import Chart, dot_chart
from letters.docx.paper import Paper, School
from letters.docx.table import Cell, Column, Row
from letters.facts import target_text
from letters.reports.percentages import attendance_percent, target_line
from letters.reports.pupils import natural
from letters.reports.suppression import MINIMUM
from letters.words.english import class_name, count, joined, span
from rules.calendar import week_start
from rules.events import Figures
from rules.kinds.attendance.class_week import ClassWeek as ClassWeekRule
from rules.policy import Policy
from rules.register import Register
from rules.statistics import Tally

_BEST_FILL = "FFF0A8"
_ON_TARGET_FILL = "E4F2E4"
_SMALL = f"Classes of fewer than {MINIMUM} pupils are not shown."


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


def _with_class_target(policy: Policy, day: date) -> Policy:
    """Return the policy with the target that its rule for classes sets on a day, where it has such a rule."""
    for rule in policy.rules:
        when = rule.when
        if rule.in_force(day) and isinstance(when, ClassWeekRule) and when.attendance is not None:
            return policy.model_copy(update={"target": when.attendance.percent})
    return policy


def class_weeks(
    register: Register, tally: Tally, policy: Policy, day: date, *, least: int = 1
) -> list[ClassWeek]:
    """Return the classes of the day's week, best first; in a tie all are best.

    Classes of fewer than ``least`` pupils with a possible session are left out, and their figures of the week before.
    """
    policy = _with_class_target(policy, day)
    first, last = _week(register, day)
    earlier = register.calendar.last_school_day(date.min, first - timedelta(days=1))
    before = _of_classes(register, tally, *_week(register, earlier), least) if earlier else {}
    now = _of_classes(register, tally, first, last, least)
    best = max((Fraction(f.attended, f.possible) for f in now.values()), default=Fraction(0))
    target = policy.target
    classes = [
        ClassWeek(
            name,
            figures,
            before.get(name, Figures()),
            Fraction(figures.attended, figures.possible) == best,
            target is not None and 100 * figures.attended >= target * figures.possible,
        )
        for name, figures in now.items()
    ]
    return sorted(classes, key=lambda c: (-c.share, natural(c.name)))


def _of_classes(register: Register, tally: Tally, first: date, last: date, least: int) -> dict[str, Figures]:
    """Return the figures of classes with that many pupils who had a possible session in these days."""
    members = Counter(
        register.pupil(pupil_id).registration_group
        for pupil_id, figures in tally.by_pupil(first, last).items()
        if figures.possible
    )
    found = tally.by_group("registration_group", first, last)
    return {name: figures for name, figures in found.items() if name and members[name] >= least}


def most_punctual(classes: list[ClassWeek]) -> list[ClassWeek]:
    """Return the classes with the smallest share of late arrivals, by name; in a tie all of them.

    An arrival is a session attended, or one at which a pupil came after the register closed (U): that one is late as
    an L is. A class at which nobody arrived is left out.
    """
    shares = {
        one.name: Fraction(late, arrivals) for one in classes for late, arrivals in [_late(one)] if arrivals
    }
    least = min(shares.values(), default=None)
    best = [one for one in classes if one.name in shares and shares[one.name] == least]
    return sorted(best, key=lambda one: natural(one.name))


def _late(one: ClassWeek) -> tuple[int, int]:
    """Return late arrivals and all arrivals of a class's week."""
    after_close = one.figures.by_code.get("U", 0)
    return one.figures.late + after_close, one.figures.attended + after_close


def _week(register: Register, day: date) -> tuple[date, date]:
    """Return the first and last school day of the day's week."""
    monday = week_start(day)
    sunday = monday + timedelta(days=6)
    first = register.calendar.next_school_day(monday) or monday
    return first, register.calendar.last_school_day(monday, sunday) or sunday


def celebration_sheet(
    register: Register, tally: Tally, policy: Policy, school: School, *, week_of: date, printed_on: date
) -> bytes:
    """Return the sheet for the school week of a day as a DOCX."""
    policy = _with_class_target(policy, week_of)
    classes = class_weeks(register, tally, policy, week_of, least=MINIMUM)
    left_out = len(class_weeks(register, tally, policy, week_of)) - len(classes)
    first, last = _week(register, week_of)
    paper = Paper("Attendance this week", school=school.name, printed_on=printed_on)
    paper.heading("Attendance this week", 0)
    paper.paragraph(span(first, last), "strong")
    if not classes:
        paper.paragraph(_SMALL if left_out else "There was no school for any class this week.")
        return paper.save()
    best = [c for c in classes if c.best]
    title = "Class of the week" if len(best) == 1 else "Classes of the week"
    paper.banner(
        joined([c.name for c in best]),
        f"{title}, with {attendance_percent(policy, best[0].figures)} attendance",
    )
    _add_target(paper, policy, classes)
    chart = class_chart(policy, classes)
    paper.picture(chart.png, width_mm=chart.width_mm, alt_text=chart.alt_text)
    paper.heading("All classes")
    paper.table(
        [
            Column("Rank", 16, "center"),
            Column("Class", 40),
            Column("This week", 30, "right"),
            Column("Last week", 30, "right"),
            Column("", 58),
        ],
        [_row(policy, one, classes) for one in classes],
        description="Classes by attendance this week, highest first",
    )
    risen = [c for c in classes if c.before.possible and _rise(c) > 0]
    if risen:
        most = max(risen, key=lambda c: (_rise(c), c.share))
        paper.paragraph(
            f"Most improved since last week: {class_name(most.name)}, from {attendance_percent(policy, most.before)} to "
            f"{attendance_percent(policy, most.figures)}.",
            "strong",
        )
    _add_punctual(paper, classes)
    if left_out:
        paper.paragraph(_SMALL, "quiet")
    return paper.save()


def class_chart(policy: Policy, classes: list[ClassWeek]) -> Chart:
    """Draw the classes as dots against the target."""
    best, last = classes[0], classes[-1]
    on_target = sum(c.on_target for c in classes)
    finding = f"; {on_target} of {len(classes)} are on target" if policy.target is not None else ""
    return dot_chart(
        [(c.name, 100 * float(c.share), attendance_percent(policy, c.figures)) for c in classes],
        alt_text=(
            f"Attendance of each class this week, from {attendance_percent(policy, best.figures)} ({best.name}) to "
            f"{attendance_percent(policy, last.figures)} ({last.name}){finding}"
        ),
        axis="attendance this week",
        reference=target_line(policy),
    )


def _add_target(paper: Paper, policy: Policy, classes: list[ClassWeek]) -> None:
    if policy.target is None:
        return
    reached = sorted((c.name for c in classes if c.on_target), key=natural)
    goal = f"{target_text(policy)}%"
    text = (
        f"{count(len(reached), 'class', 'classes')} reached our target of {goal}: {joined(reached)}. Well done!"
        if reached
        else f"No class reached our target of {goal} this week. Next week is a new chance."
    )
    paper.paragraph(text, "strong")


def _add_punctual(paper: Paper, classes: list[ClassWeek]) -> None:
    """Name the most punctual classes without a count: in class a single late mark has a name."""
    best = most_punctual(classes)
    if best:
        nobody = "" if _late(best[0])[0] else ", with nobody late"
        paper.paragraph(f"Most punctual this week{nobody}: {joined([c.name for c in best])}.", "strong")


def _row(policy: Policy, one: ClassWeek, classes: list[ClassWeek]) -> Row:
    rank = 1 + sum(other.share > one.share for other in classes)
    fill = _BEST_FILL if one.best else _ON_TARGET_FILL if one.on_target else ""
    words = [w for w, yes in (("class of the week", one.best), ("on target", one.on_target)) if yes]
    return Row(
        [
            Cell(str(rank), fill=fill),
            Cell(one.name, fill=fill, bold=True),
            Cell(attendance_percent(policy, one.figures), fill=fill, bold=True),
            Cell(attendance_percent(policy, one.before), fill=fill),
            Cell(", ".join(words), fill=fill),
        ]
    )


def _rise(one: ClassWeek) -> Fraction:
    return one.share - Fraction(one.before.attended, one.before.possible)
