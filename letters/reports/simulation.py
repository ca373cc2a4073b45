"""What one or more policies would have produced over some weeks: before a school switches one on, or changes one.

It shows events and letters by week against what the office can send, by rule and by year group, and how many pupils
have events under only one of two policies. It names pupils only on request; otherwise numbers below five are hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from letters.docx.charts import Bar, Chart, Series, bar_chart, column_chart, wrapped
from letters.docx.paper import Figure, Paper
from letters.docx.table import Cell, Column, Row
from letters.reports.pupils import class_of, in_order, listed_name, natural
from letters.reports.suppression import EXPLANATION, FEW, few, hidden
from letters.words.english import count, day, joined, short_date, year_group
from rules.calendar import week_start
from rules.describe import titled
from rules.events import Event
from rules.register import Register
from rules.rule.assumed import SET_BY_SCHOOL
from rules.school import Pupil
from rules.simulate import SimulatedPack, Simulation, letters_of

CAUTION = (
    "An event is counted on the day its condition was met. A run may send later or less: it waits until marks are "
    "settled, keeps days between the letters of one ladder, and leaves out what the school has excluded, and letters "
    "that only absence given by the school makes due, such as study leave. A "
    "letter is counted once for each pupil, however many households receive it."
)
_RULES_IN_CHART = 14


@dataclass(frozen=True, slots=True)
class RuleCount:
    """One rule over all the weeks."""

    rule: str
    title: str
    clause: str
    """With the words that its figure is the school's own, where the policy gives none."""
    events: int
    letters: int
    pupils: int
    busiest: date | None
    """The Monday of the week with most events; None when the rule never fired."""


def simulation_report(
    simulation: Simulation,
    register: Register,
    *,
    printed_on: date,
    capacity: int | None = None,
    school: str = "",
    named: bool = False,
) -> bytes:
    """Return the report as a DOCX. ``capacity`` is how many letters the office can send in a week."""
    packs = simulation.packs
    title = "What the policy would have done" if len(packs) == 1 else "Policies side by side"
    paper = Paper(
        title, school=school, printed_on=printed_on, footer="Confidential" if named else "", margin_mm=16
    )
    paper.heading(title, 0)
    span = f"{day(simulation.start)} to {day(simulation.end)}"
    paper.paragraph(f"{span}. {joined([pack.policy.title for pack in packs])}.", "strong")
    for pack in packs:
        _headline(paper, pack, capacity, several=len(packs) > 1)
    _weeks(paper, simulation, register, capacity)
    for pack in packs:
        _rules(paper, pack, several=len(packs) > 1, named=named)
    _year_groups(paper, packs, register, named=named)
    if len(packs) > 1:
        _differences(paper, simulation, register, named=named)
    paper.heading("How to read this")
    paper.bullets([CAUTION, *([] if named else [EXPLANATION])])
    return paper.save()


def rule_counts(pack: SimulatedPack) -> list[RuleCount]:
    """Return every rule of the policy in its order, also those that never fired."""
    by_rule: dict[str, list[Event]] = {rule.id: [] for rule in pack.policy.rules}
    for event in pack.events:
        by_rule.setdefault(event.rule, []).append(event)
    described = {
        rule.id: (titled(rule), f"{rule.clause}; {SET_BY_SCHOOL}" if rule.assumed else rule.clause)
        for rule in pack.policy.rules
    }
    counts = []
    for rule, events in by_rule.items():
        title, clause = described.get(rule, (rule, ""))
        weeks = [week_start(event.date) for event in events]
        counts.append(
            RuleCount(
                rule,
                title,
                clause,
                len(events),
                sum(letters_of(event) for event in events),
                len({event.pupil_id for event in events if event.pupil_id}),
                max(sorted(set(weeks)), key=weeks.count, default=None),
            )
        )
    return counts


def _headline(paper: Paper, pack: SimulatedPack, capacity: int | None, *, several: bool) -> None:
    if several:
        paper.heading(pack.policy.title, 2)
    letters = {week: counts.total() for week, counts in pack.letters_by_week().items()}
    busiest = max(letters, key=lambda week: letters[week], default=None)
    over = len(pack.weeks_over(capacity)) if capacity is not None else 0
    paper.figures(
        [
            Figure(f"{len(pack.events):,}", "Events"),
            Figure(f"{sum(letters.values()):,}", "Letters and certificates"),
            Figure(f"{len(pack.pupils()):,}", "Pupils affected"),
            Figure(f"{letters[busiest]:,}" if busiest else "none", "In the busiest week", short_date(busiest) if busiest else ""),
            *([Figure(str(over), "Weeks over capacity", f"more than {capacity} letters")] if capacity is not None else []),
        ]
    )  # fmt: skip


def _weeks(paper: Paper, simulation: Simulation, register: Register, capacity: int | None) -> None:
    paper.heading("Letters by week")
    totals = [{w: c.total() for w, c in pack.letters_by_week().items()} for pack in simulation.packs]
    mondays = register.calendar.school_weeks_between(simulation.start, simulation.end)
    if not mondays:
        paper.paragraph("There is no school week between these dates.")
        return
    chart = weeks_chart(simulation.packs, totals, mondays, capacity)
    paper.picture(chart.png, width_mm=chart.width_mm, alt_text=chart.alt_text, caption=f"{chart.alt_text}.")
    rows = []
    for monday in mondays:
        numbers = [total.get(monday, 0) for total in totals]
        over = capacity is not None and max(numbers) > capacity
        if any(numbers):
            rows.append(
                Row(
                    [
                        Cell(short_date(monday), bold=over),
                        *(Cell(str(n), bold=capacity is not None and n > capacity) for n in numbers),
                        Cell("over capacity" if over else "", bold=over),
                    ]
                )
            )
    if rows:
        paper.table(
            [
                Column("Week of", 32),
                *(Column(pack.policy.id, 34, "right") for pack in simulation.packs),
                Column("", 34),
            ],
            rows,
            description="Letters and certificates by week; weeks without any are left out",
        )


def weeks_chart(
    packs: Sequence[SimulatedPack],
    totals: Sequence[dict[date, int]],
    mondays: Sequence[date],
    capacity: int | None,
) -> Chart:
    """Draw letters by week against what the office can send."""
    parts = []
    for pack, total in zip(packs, totals, strict=True):
        if not total:
            parts.append(f"{pack.policy.id} makes no letter")
            continue
        week = max(total, key=lambda monday: total[monday])
        text = f"{pack.policy.id} peaks at {count(total[week], 'letter')} in the week of {short_date(week)}"
        if capacity is not None:
            weeks = count(len(pack.weeks_over(capacity)), "week")
            text += f" and is over {capacity} in {weeks}"
        parts.append(text)
    return column_chart(
        [short_date(monday).rsplit(" ", 1)[0] for monday in mondays],
        [
            Series(pack.policy.id, [total.get(monday, 0) for monday in mondays])
            for pack, total in zip(packs, totals, strict=True)
        ],
        alt_text="; ".join(parts),
        axis="letters",
        reference=None if capacity is None else (f"capacity {capacity} a week", capacity),
    )


def _rules(paper: Paper, pack: SimulatedPack, *, several: bool, named: bool) -> None:
    paper.heading(f"By rule: {pack.policy.title}" if several else "By rule")
    counts = rule_counts(pack)
    shown = (r for r in counts if r.events and (named or few(r.pupils) != FEW))
    fired = sorted(shown, key=lambda r: -r.events)
    if fired:
        chart = bar_chart(
            [Bar(wrapped(rule.title), rule.events, f"{rule.events:,}") for rule in fired[:_RULES_IN_CHART]],
            alt_text=f"{fired[0].title} fires most often, {count(fired[0].events, 'time')}",
            axis="events",
        )
        paper.picture(chart.png, width_mm=chart.width_mm, alt_text=chart.alt_text)
    rows = []
    for rule in counts:
        small = not named and few(rule.pupils) == FEW
        busiest = short_date(rule.busiest) if rule.busiest and not small else ""
        rows.append(
            Row(
                [
                    Cell(rule.title, bold=bool(rule.events)),
                    rule.clause,
                    few(rule.pupils) if small else f"{rule.events:,}",
                    "" if small else f"{rule.letters:,}",
                    "" if small else f"{rule.pupils:,}",
                    busiest,
                ]
            )
        )
    paper.table(
        [
            Column("Rule", 54),
            Column("Clause", 50),
            Column("Events", 20, "right"),
            Column("Letters", 16, "right"),
            Column("Pupils", 15, "right"),
            Column("Busiest week", 23, "right"),
        ],
        rows,
        description=f"Events by rule under {pack.policy.title}",
    )


def _year_groups(paper: Paper, packs: Sequence[SimulatedPack], register: Register, *, named: bool) -> None:
    paper.heading("By year group")
    groups = sorted({pupil.year_group for pupil in register.pupils}, key=natural)
    members = {name: {p.pupil_id for p in register.pupils if p.year_group == name} for name in groups}
    cells: dict[str, list[str]] = {name: [str(len(members[name]))] for name in groups}
    for pack in packs:
        pupils = [len(pack.pupils() & members[name]) for name in groups]
        left_out = set() if named else hidden(pupils)
        for index, name in enumerate(groups):
            events = sum(event.pupil_id in members[name] for event in pack.events)
            cells[name] += ["", ""] if index in left_out else [f"{events:,}", f"{pupils[index]:,}"]
    paper.table(
        [
            Column("Year group", 40),
            Column("Pupils", 20, "right"),
            *(
                Column(f"{pack.policy.id}: {what}", 118 / (2 * len(packs)), "right")
                for pack in packs
                for what in ("events", "pupils")
            ),
        ],
        [Row([year_group(name) or "none recorded", *cells[name]]) for name in groups],
        description="Events and pupils affected by year group",
    )


def _differences(paper: Paper, simulation: Simulation, register: Register, *, named: bool) -> None:
    one, other = simulation.packs[0], simulation.packs[1]
    first, second = simulation.differing()
    paper.heading(f"Pupils for whom {one.policy.id} and {other.policy.id} differ")
    both = len(one.pupils() & other.pupils())
    if not named and any(few(len(ids)) == FEW for ids in (first, second)):
        paper.paragraph(f"One of the policies alone affects {FEW} pupils, so the numbers are not shown.")
        return
    paper.paragraph(
        f"Under both policies: {count(both, 'pupil')}. Only under {one.policy.id}: {len(first):,}. "
        f"Only under {other.policy.id}: {len(second):,}."
    )
    if not named:
        return
    rows = [
        *_differing_rows(register, one, first),
        *_differing_rows(register, other, second),
    ]
    if rows:
        paper.table(
            [Column("Pupil", 50), Column("Class", 18), Column("Only under", 36), Column("Rules", 74)],
            rows,
            description="Pupils with events under one of the two policies only",
        )


def _differing_rows(register: Register, pack: SimulatedPack, ids: Iterable[str]) -> list[Row]:
    rules: dict[str, list[str]] = {}
    for event in pack.events:
        if event.pupil_id is not None:
            rules.setdefault(event.pupil_id, []).append(event.title or event.rule)
    pupils: list[Pupil] = in_order(register.pupil(i) for i in ids if i in register.row_of)
    return [
        Row(
            [
                Cell(listed_name(pupil), bold=True),
                class_of(pupil),
                pack.policy.id,
                "; ".join(dict.fromkeys(rules[pupil.pupil_id])),
            ]
        )
        for pupil in pupils
    ]
