"""What the governors' report compares the school with: published figures, its target, and pupils before and after letters."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from letters.docx.paper import Paper
from letters.docx.table import Cell, Column, Row
from letters.reports.governors.benchmarks import PHASES, Benchmark
from letters.reports.governors.figures import TermFigures
from letters.reports.governors.letter_effect import CAUTION, WEEKS, Effect
from letters.reports.governors.similar_pupils import NEAR, SimilarPupils
from letters.reports.percentages import group_attendance_percent
from letters.reports.suppression import MINIMUM, NOT_SHOWN, few, hidden, share_shown
from letters.words.english import day
from rules.statistics import rounded_percent

_YEARS_SHOWN = 2


def add_benchmarks(
    paper: Paper, to_date: TermFigures, published: Sequence[Benchmark], local: Sequence[Benchmark] = ()
) -> None:
    """Add the school's year so far next to published figures, each with its source and day.

    ``local``: the newest of its authority and region. The school's own have as many decimals as the published ones.
    """
    paper.heading("Compared with published figures")
    shown = [*local, *published[:_YEARS_SHOWN]]
    if not shown:
        paper.paragraph("No figures were published by the day of this report.")
        return
    year = to_date.rates()
    figures = year.figures
    decimals = max(_decimals(row.attendance) for row in shown)

    def own(part: int) -> str:
        return f"{rounded_percent(part, figures.possible, decimals)}%"

    may = (to_date.persistent_shown, to_date.severe_shown)
    rows = [
        Row(
            [
                Cell("This school, year so far", bold=True),
                Cell(own(figures.attended), bold=True),
                own(figures.authorised),
                own(figures.unauthorised),
                share_shown(year.persistent, year.pupils, shown=may[0], decimals=decimals),
                share_shown(year.severe, year.pupils, shown=may[1], decimals=decimals),
            ]
        )
    ]
    for row in shown:
        rates = (row.attendance, row.authorised, row.unauthorised, row.persistent, row.severe)
        place = row.name or ("England" if row.nation == "england" else "Wales")
        rows.append(Row([f"{place}, {PHASES[row.phase]}, {row.year}", *(_published(rate) for rate in rates)]))
    paper.table(
        [
            Column("", 62),
            Column("Attendance", 22, "right"),
            Column("Authorised", 22, "right"),
            Column("Unauthorised", 25, "right"),
            Column("Persistent", 22, "right"),
            Column("Severe", 21, "right"),
        ],
        rows,
        description="This school and published figures",
    )
    paper.bullets([f"{row.source}. Figures up to {day(row.until)}." for row in shown])
    paper.paragraph(
        "Published figures are for a whole year and for pupils aged 5 to 15; the school's are for all its pupils in the "
        "year so far. The autumn and winter terms have a different weight in the two.",
        "quiet",
    )


def _decimals(rate: Decimal) -> int:
    exponent = rate.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _published(rate: Decimal | None) -> str:
    return "not given" if rate is None else f"{rate}%"


def add_effects(paper: Paper, effects: Sequence[Effect]) -> None:
    """Add attendance before and after each kind of letter or step that at least five pupils had, and of similar pupils."""
    shown = [effect for effect in effects if effect.pupils >= MINIMUM]
    not_shown = [effect for effect in effects if effect.pupils < MINIMUM]
    if not effects:
        return
    paper.heading("Before and after letters and other steps")
    paper.paragraph(
        f"Attendance of the pupils concerned in the {WEEKS} school weeks before the week of a letter (plan, meeting, visit, "
        f"contract) and in the {WEEKS} after it. It counts once both have passed, for {MINIMUM} more pupils "
        "at least: so no report, nor the difference of two, tells of a few. The last column shows the whole school in the "
        "same weeks."
    )
    paper.paragraph(CAUTION, "warn")
    if shown:
        paper.table(
            [
                Column("Letter or step", 50),
                Column("Sent", 14, "right"),
                Column("Counted", 17, "right"),
                Column("Before", 17, "right"),
                Column("After", 17, "right"),
                Column("Higher, same, lower", 35, "center"),
                Column("Whole school", 24, "center"),
            ],
            [_effect_row(effect) for effect in shown],
            description="Attendance before and after letters and other steps",
        )
        _add_similar(paper, shown)
    if not_shown:
        paper.paragraph(
            f"Not shown, because fewer than {MINIMUM} pupils can be counted yet, or could be worked out: {', '.join(e.title for e in not_shown)}.",
            "quiet",
        )


def _add_similar(paper: Paper, effects: Sequence[Effect]) -> None:
    """Add how the pupils changed against pupils who had missed about as much and had no such letter."""
    paper.heading("Compared with similar pupils", 2)
    paper.paragraph(
        f"Similar pupils had no letter or step of that kind in those weeks, and had missed as many sessions before, {NEAR} more or "
        "fewer. Pupils who have missed much are often better afterwards without any letter; what similar pupils gained shows "
        "how much of it. The range would hold the true difference in 19 of 20 such comparisons; where it holds zero, no "
        "difference can be shown. Nobody drew lots, so the two groups may differ in other ways."
    )
    paper.table(
        [
            Column("Letter or step", 44),
            Column("Pupils", 15, "right"),
            Column("Change", 21, "right"),
            Column("Similar pupils", 25, "right"),
            Column("Difference, range", 69),
        ],
        [_similar_row(effect.title, effect.similar, effect.pupils) for effect in effects],
        description="Change of attendance compared with similar pupils",
    )


def _similar_row(title: str, found: SimilarPupils, pupils: int) -> Row:
    """Return a row; ``pupils``: those of the table above, of whom a few may have no similar pupils and must not come out."""
    if (
        found.change is None
        or found.change_of_similar is None
        or found.difference is None
        or found.margin is None
    ):
        return Row([Cell(title, bold=True), few(found.pupils), "", "", "too few to say"])
    low, high = found.difference - found.margin, found.difference + found.margin
    verdict = ("higher" if found.difference > 0 else "lower") if found.is_shown else "no difference shown"
    changes = [f"{_signed(found.change)} points", f"{_signed(found.change_of_similar)} points"]
    return Row(
        [
            Cell(title, bold=True),
            str(found.pupils),
            *([NOT_SHOWN] * 2 if 0 < pupils - found.pupils < MINIMUM else changes),
            f"{_signed(found.difference)} points ({_signed(low)} to {_signed(high)}): {verdict}",
        ]
    )


def _signed(points: float) -> str:
    shown = f"{points:+.1f}"
    return "0.0" if shown in ("+0.0", "-0.0") else shown.replace("-", "\N{MINUS SIGN}")


def _effect_row(effect: Effect) -> Row:
    return Row(
        [
            Cell(effect.title, bold=True),
            str(effect.letters),
            str(effect.counted),
            group_attendance_percent(effect.before),
            group_attendance_percent(effect.after),
            _changes(effect),
            f"{group_attendance_percent(effect.school_before)} to {group_attendance_percent(effect.school_after)}",
        ]
    )


def _changes(effect: Effect) -> str:
    """Return how many letters were followed by higher, the same and lower attendance, without small numbers."""
    numbers = (effect.higher, effect.same, effect.lower)
    left_out = hidden(numbers)
    return ", ".join(NOT_SHOWN if n in left_out else str(number) for n, number in enumerate(numbers))
