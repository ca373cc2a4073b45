"""What one or more policies would have produced over some weeks: before a school switches one on, or changes one.

It shows events and letters by week against what the office can send, by rule and by year group, and how many pupils
have events under only one of two policies. It names pupils only on request; otherwise numbers below five are hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from letters.docx.charts import Bar, Chart, Series, bar_chart, column_chart, wrapped
from letters.docx.paper import Figure, Paper
from letters.docx.table import Cell, Column, Row
from letters.reports.pupils import class_of, in_order, listed_name, natural
from letters.reports.suppression import EXPLANATION, LEGEND, MINIMUM, NOT_SHOWN, few, hidden
from letters.reports.worked_out import Shown
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
    may = _May(simulation, register, named=named)
    for pack in packs:
        _headline(paper, pack, capacity, may, several=len(packs) > 1)
    _weeks(paper, simulation, register, may, capacity)
    for pack in packs:
        _rules(paper, pack, may, several=len(packs) > 1)
    _year_groups(paper, packs, may)
    if len(packs) > 1:
        _differences(paper, simulation, register, may, named=named)
    paper.heading("How to read this")
    paper.bullets([CAUTION, *([] if named else [EXPLANATION])])
    return paper.save()


class _May:
    """Which numbers of pupils the report may show: all when it names them, else none from which a few could be worked out.

    A number of events is left out with that of its pupils; where one alone could be found from the sum, another is too.
    """

    def __init__(self, simulation: Simulation, register: Register, *, named: bool) -> None:
        packs, self._named = simulation.packs, named
        self._shown = Shown(pupil.pupil_id for pupil in register.pupils)
        self.years: dict[str, set[str]] = {
            name: set() for name in sorted({p.year_group for p in register.pupils}, key=natural)
        }
        for pupil in register.pupils:
            self.years[pupil.year_group].add(pupil.pupil_id)
        self.pack = {pack.policy.id: self._add(pack.pupils()) for pack in packs}
        self.differences = len(packs) > 1 and self._add(
            packs[0].pupils() & packs[1].pupils(), *simulation.differing()
        )
        self.year = {name: self._add(ids) for name, ids in self.years.items()}
        self.rule: dict[str, list[bool]] = {}
        self.of_year: dict[str, list[bool]] = {}
        for pack in packs:
            rules = [[e for e in pack.events if e.rule == rule.rule] for rule in rule_counts(pack)]
            years = [[e for e in pack.events if e.pupil_id in ids] for ids in self.years.values()]
            self.rule[pack.policy.id] = self._rows(rules)
            self.of_year[pack.policy.id] = self._rows(years)
        self.week = {pack.policy.id: self._hidden_weeks(pack) for pack in packs}

    def _hidden_weeks(self, pack: SimulatedPack) -> set[date]:
        """Return the weeks whose number of letters is left out: few pupils had them, or it would give such a week away."""
        pupils: dict[date, set[str]] = {}
        for event in pack.events:
            if letters_of(event) and event.pupil_id is not None:
                pupils.setdefault(week_start(event.date), set()).add(event.pupil_id)
        weeks = sorted(pupils)
        return set() if self._named else {weeks[n] for n in hidden([len(pupils[week]) for week in weeks])}

    def _add(self, *sets: Collection[str]) -> bool:
        return self._named or self._shown.add(*sets)

    def _rows(self, rows: Sequence[Sequence[Event]]) -> list[bool]:
        fits = [self._add({event.pupil_id for event in events if event.pupil_id}) for events in rows]
        left_out = [n for n, fit in enumerate(fits) if not fit and rows[n]]
        if len(left_out) == 1:
            others = [n for n, fit in enumerate(fits) if fit and rows[n]]
            for other in sorted(others, key=lambda n: len(rows[n]))[:1]:
                fits[other] = False
        return fits


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


def _headline(paper: Paper, pack: SimulatedPack, capacity: int | None, may: _May, *, several: bool) -> None:
    if several:
        paper.heading(pack.policy.title, 2)
    letters = {week: counts.total() for week, counts in pack.letters_by_week().items()}
    open_weeks = [week for week in letters if week not in may.week[pack.policy.id]]
    busiest = max(open_weeks, key=lambda week: letters[week], default=None)
    over = len(pack.weeks_over(capacity)) if capacity is not None else 0
    shown = may.pack[pack.policy.id]
    paper.figures(
        [
            Figure(f"{len(pack.events):,}" if shown or len(pack.pupils()) >= MINIMUM else NOT_SHOWN, "Events"),
            Figure(f"{sum(letters.values()):,}", "Letters and certificates"),
            Figure(f"{len(pack.pupils()):,}" if shown else few(len(pack.pupils()), shown=False), "Pupils affected"),
            Figure(f"{letters[busiest]:,}" if busiest else NOT_SHOWN if letters else "none", "In the busiest week", short_date(busiest) if busiest else ""),
            *([Figure(str(over), "Weeks over capacity", f"more than {capacity} letters")] if capacity is not None else []),
        ]
    )  # fmt: skip


def _weeks(paper: Paper, simulation: Simulation, register: Register, may: _May, capacity: int | None) -> None:
    paper.heading("Letters by week")
    totals = [{w: c.total() for w, c in pack.letters_by_week().items()} for pack in simulation.packs]
    shown = [
        {week: number for week, number in total.items() if week not in may.week[pack.policy.id]}
        for pack, total in zip(simulation.packs, totals, strict=True)
    ]
    mondays = register.calendar.school_weeks_between(simulation.start, simulation.end)
    if not mondays:
        paper.paragraph("There is no school week between these dates.")
        return
    chart = weeks_chart(simulation.packs, shown, mondays, capacity)
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
                        *(
                            Cell(
                                NOT_SHOWN if monday in may.week[pack.policy.id] else str(n),
                                bold=capacity is not None and n > capacity,
                            )
                            for pack, n in zip(simulation.packs, numbers, strict=True)
                        ),
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
        if any(may.week.values()):
            paper.paragraph(LEGEND, "quiet")


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
            parts.append(
                f"{pack.policy.id} makes no letter that is shown here"
                if pack.letters_by_week()
                else f"{pack.policy.id} makes no letter"
            )
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


def _rules(paper: Paper, pack: SimulatedPack, may: _May, *, several: bool) -> None:
    paper.heading(f"By rule: {pack.policy.title}" if several else "By rule")
    counts = list(zip(rule_counts(pack), may.rule[pack.policy.id], strict=True))
    fired = sorted((rule for rule, shown in counts if rule.events and shown), key=lambda r: -r.events)
    if fired:
        chart = bar_chart(
            [Bar(wrapped(rule.title), rule.events, f"{rule.events:,}") for rule in fired[:_RULES_IN_CHART]],
            alt_text=f"{fired[0].title} fires most often, {count(fired[0].events, 'time')}",
            axis="events",
        )
        paper.picture(chart.png, width_mm=chart.width_mm, alt_text=chart.alt_text)
    rows = []
    for rule, shown in counts:
        busiest = short_date(rule.busiest) if rule.busiest else ""
        numbers = [f"{rule.events:,}", f"{rule.letters:,}", f"{rule.pupils:,}", busiest]
        rows.append(
            Row(
                [
                    Cell(rule.title, bold=bool(rule.events)),
                    rule.clause,
                    *(numbers if shown or not rule.events else [NOT_SHOWN] * len(numbers)),
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


def _year_groups(paper: Paper, packs: Sequence[SimulatedPack], may: _May) -> None:
    paper.heading("By year group")
    cells = {
        name: [str(len(ids)) if may.year[name] else few(len(ids), shown=False)]
        for name, ids in may.years.items()
    }
    for pack in packs:
        for (name, ids), shown in zip(may.years.items(), may.of_year[pack.policy.id], strict=True):
            events = sum(event.pupil_id in ids for event in pack.events)
            numbers = [f"{events:,}", f"{len(pack.pupils() & ids):,}"]
            cells[name] += numbers if shown or not events else [NOT_SHOWN, NOT_SHOWN]
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
        [Row([year_group(name) or "none recorded", *cells[name]]) for name in may.years],
        description="Events and pupils affected by year group",
    )


def _differences(paper: Paper, simulation: Simulation, register: Register, may: _May, *, named: bool) -> None:
    one, other = simulation.packs[0], simulation.packs[1]
    first, second = simulation.differing()
    paper.heading(f"Pupils for whom {one.policy.id} and {other.policy.id} differ")
    both = len(one.pupils() & other.pupils())
    if not may.differences:
        paper.paragraph(
            f"The numbers are not shown, because a group of fewer than {MINIMUM} pupils could be worked out from them."
        )
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
