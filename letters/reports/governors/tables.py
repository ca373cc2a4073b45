"""Two parts of the governors' report that look outside the school's own term: national figures, and effect of letters."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from letters.docx.document import Paper
from letters.docx.table import Cell, Column, Row
from letters.reports.governors.benchmarks import Benchmark
from letters.reports.governors.figures import Rates
from letters.reports.governors.letter_effect import CAUTION, WEEKS, Effect
from letters.reports.suppression import MINIMUM, share_shown
from letters.words.english import day
from rules.events import Figures
from rules.policy import Policy
from rules.statistics import shown_percent

_YEARS_SHOWN = 2


def add_benchmarks(paper: Paper, policy: Policy, year: Rates, found: Sequence[Benchmark]) -> None:
    """The school's year so far beside published figures, each with its source and day."""
    paper.heading("Beside the published national figures")
    if not found:
        paper.paragraph("No published figures up to the day of this report are at hand.")
        return
    figures = year.figures
    rows = [
        Row(
            [
                Cell("This school, year so far", bold=True),
                Cell(f"{policy.shown(figures.attended, figures.possible)}%", bold=True),
                f"{shown_percent(figures.authorised, figures.possible)}%",
                f"{shown_percent(figures.unauthorised, figures.possible)}%",
                share_shown(year.persistent, year.pupils),
                share_shown(year.severe, year.pupils),
            ]
        )
    ]
    for row in found[:_YEARS_SHOWN]:
        rates = (row.attendance, row.authorised, row.unauthorised, row.persistent, row.severe)
        name = f"{'England' if row.nation == 'england' else 'Wales'}, {_PHASES[row.phase]}, {row.year}"
        rows.append(Row([name, *(_published(rate) for rate in rates)]))
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
        description="This school beside published national figures",
    )
    paper.bullets([f"{row.source}. Figures run to {day(row.until)}." for row in found[:_YEARS_SHOWN]])
    paper.paragraph(
        "National figures are of a whole year and of pupils aged 5 to 15; the school's are of all its pupils in the "
        "year so far. Autumn and winter weigh differently in the two.",
        "quiet",
    )


_PHASES = {
    "primary": "primary schools",
    "secondary": "secondary schools",
    "special": "special schools",
    "all": "all schools",
}


def _published(rate: Decimal | None) -> str:
    return "" if rate is None else f"{rate}%"


def add_effects(paper: Paper, policy: Policy, found: Sequence[Effect]) -> None:
    """Attendance before and after each kind of letter, for kinds that at least five pupils had."""
    shown = [effect for effect in found if effect.pupils >= MINIMUM]
    rest = [effect for effect in found if effect.pupils < MINIMUM]
    if not found:
        return
    paper.heading("Before and after letters")
    paper.paragraph(
        f"Attendance of the pupils concerned in the {WEEKS} school weeks before the week of a letter and in the "
        f"{WEEKS} after it. A letter counts when both are over; the whole school in the same weeks stands beside it."
    )
    paper.paragraph(CAUTION, "warn")
    if shown:
        paper.table(
            [
                Column("Letter", 50),
                Column("Sent", 14, "right"),
                Column("Counted", 17, "right"),
                Column("Before", 17, "right"),
                Column("After", 17, "right"),
                Column("Higher, same, lower", 35, "center"),
                Column("School then", 24, "center"),
            ],
            [_row(policy, effect) for effect in shown],
            description="Attendance before and after letters, by rule",
        )
    if rest:
        paper.paragraph(
            f"Not shown, because fewer than {MINIMUM} pupils can be counted yet: {', '.join(e.title for e in rest)}.",
            "quiet",
        )


def _row(policy: Policy, effect: Effect) -> Row:
    return Row(
        [
            Cell(effect.title, bold=True),
            str(effect.letters),
            str(effect.counted),
            _shown(policy, effect.before),
            _shown(policy, effect.after),
            f"{effect.higher}, {effect.same}, {effect.lower}",
            f"{_shown(policy, effect.school_before)} to {_shown(policy, effect.school_after)}",
        ]
    )


def _shown(policy: Policy, figures: Figures) -> str:
    return f"{policy.shown(figures.attended, figures.possible)}%"
