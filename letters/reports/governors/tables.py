"""The tables of the governors' report, each with its heading and its sentences."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from letters.docx.paper import Paper
from letters.docx.table import Cell, Column, Row
from letters.reports.governors.benchmarks import Benchmark
from letters.reports.governors.charts import band_chart, reason_chart, weekday_chart
from letters.reports.governors.figures import Reason, Subject, TermFigures
from letters.reports.governors.groups import GroupRates
from letters.reports.governors.letter_effect import CAUTION, WEEKS, Effect
from letters.reports.percentages import group_attendance, group_attendance_percent, share
from letters.reports.suppression import (
    EXPLANATION,
    LEGEND,
    MINIMUM,
    NOT_SHOWN,
    few,
    few_with_share,
    hidden,
    share_shown,
)
from letters.words.english import count, day, day_name, joined
from rules.events import Figures

_YEARS_SHOWN = 2


def add_bands(paper: Paper, year: TermFigures, subject: Subject) -> None:
    """Add the number of pupils in each band of the policy, year to date."""
    paper.heading("Pupils by band")
    paper.paragraph(f"School year to {day(subject.end)}.", keep_with_next=True)
    bands = year.bands()
    total = sum(number for _, _, number in bands)
    chart = band_chart(bands)
    paper.picture(chart.png, width_mm=chart.width_mm, alt_text=chart.alt_text)
    paper.table(
        [
            Column("Band", 84),
            Column("Attendance", 46),
            Column("Pupils", 20, "right"),
            Column("Share", 24, "right"),
        ],
        [
            Row(
                [
                    name,
                    label,
                    few(number),
                    share(number, total) if number >= MINIMUM or not number else NOT_SHOWN,
                ]
            )
            for name, label, number in bands
        ],
        description=f"Pupils by attendance band in the school year to {day(subject.end)}",
    )
    if any(0 < number < MINIMUM for _, _, number in bands):
        paper.paragraph(LEGEND, "quiet")


def add_groups(paper: Paper, year: TermFigures, subject: Subject) -> None:
    """Add attendance by group of pupils, year to date, without small groups."""
    paper.heading("Groups of pupils")
    paper.paragraph(
        f"School year to {day(subject.end)}. The gap is the difference from the whole school, in percentage points."
    )
    whole = group_attendance(year.rates().figures)
    not_shown = []
    rows: list[Row] = []
    for grouping in year.groupings():
        if not grouping.rows:
            not_shown.append(f"{grouping.title} ({grouping.why_none})")
            continue
        rows.append(Row([Cell(grouping.title, bold=True, fill="EEF2F6", span=6)], keep=True))
        rows += [_group_row(row, whole) for row in grouping.rows]
    paper.table(
        [
            Column("Group", 64),
            Column("Pupils", 18, "right"),
            Column("Attendance", 24, "right"),
            Column("Gap", 16, "right"),
            Column("Unauthorised", 26, "right"),
            Column("Persistently absent", 36, "right"),
        ],
        rows,
        description="Attendance by group of pupils",
    )
    if not_shown:
        paper.paragraph(f"Not shown: {joined(not_shown)}.", "quiet")
    paper.paragraph(EXPLANATION, "quiet")


def _group_row(row: GroupRates, whole: str) -> Row:
    figures, rates = row.rates.figures, row.rates
    gap = points(group_attendance(figures), whole)
    return Row(
        [
            f"   {row.name}",
            str(rates.pupils),
            group_attendance_percent(figures),
            f"{gap:+}" if gap else "0.0",
            share(figures.unauthorised, figures.possible),
            few_with_share(rates.persistent, rates.pupils) if row.persistent_shown else NOT_SHOWN,
        ]
    )


def points(shown: str, other: str | float) -> Decimal:
    """Return the difference of two shown percentages in percentage points."""
    return (Decimal(shown) - Decimal(str(other))).quantize(Decimal("0.1"))


def add_weekdays(paper: Paper, term: TermFigures, subject: Subject) -> None:
    """Add attendance by day of the week in the period."""
    paper.heading("Days of the week")
    by_weekday = {number: figures for number, figures in term.weekdays().items() if figures.possible}
    chart = weekday_chart(by_weekday, term.rates().figures)
    paper.picture(chart.png, width_mm=chart.width_mm, alt_text=chart.alt_text)
    paper.table(
        [
            Column("Day", 44),
            *(Column(n, 32, "right") for n in ("Attendance", "Authorised", "Unauthorised", "Late")),
        ],
        [
            Row(
                [
                    day_name(number),
                    group_attendance_percent(figures),
                    *absence_shares(figures),
                    few(figures.late) if figures.late < MINIMUM else count(figures.late, "mark"),
                ]
            )
            for number, figures in by_weekday.items()
        ],
        description=f"Attendance by day of the week in {subject.period.name}",
    )


def absence_shares(figures: Figures) -> tuple[str, str]:
    """Return authorised and unauthorised absence as percentages of the possible sessions."""
    return share(figures.authorised, figures.possible), share(figures.unauthorised, figures.possible)


def add_reasons(paper: Paper, reasons: Sequence[Reason], figures: Figures) -> None:
    """Add absence by reason in the period."""
    paper.heading("Reasons for absence")
    if not reasons:
        paper.paragraph("No session was missed.")
        return
    many = [reason for reason in reasons if reason.codes]
    if many:
        chart = reason_chart(many, figures)
        paper.picture(chart.png, width_mm=chart.width_mm, alt_text=chart.alt_text)
    paper.table(
        [
            Column("Code", 22),
            Column("Reason", 74),
            Column("Sessions", 22, "right"),
            Column("Of absence", 26, "right"),
            Column("Of possible", 30, "right"),
        ],
        [
            Row(
                [
                    Cell(", ".join(reason.codes) or NOT_SHOWN, bold=True),
                    reason.name,
                    f"{reason.sessions:,}",
                    share(reason.sessions, figures.absent),
                    share(reason.sessions, figures.possible),
                ]
            )
            for reason in reasons
        ],
        description="Absence by reason",
    )


def add_benchmarks(paper: Paper, to_date: TermFigures, published: Sequence[Benchmark]) -> None:
    """Add the school's year so far next to published figures, each with its source and day."""
    paper.heading("Compared with national figures")
    if not published:
        paper.paragraph("No national figures were published by the day of this report.")
        return
    year = to_date.rates()
    figures = year.figures
    rows = [
        Row(
            [
                Cell("This school, year so far", bold=True),
                Cell(group_attendance_percent(figures), bold=True),
                *absence_shares(figures),
                share_shown(year.persistent, year.pupils, shown=to_date.persistent_shown),
                share_shown(year.severe, year.pupils, shown=to_date.severe_shown),
            ]
        )
    ]
    for row in published[:_YEARS_SHOWN]:
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
        description="This school and published national figures",
    )
    paper.bullets([f"{row.source}. Figures up to {day(row.until)}." for row in published[:_YEARS_SHOWN]])
    paper.paragraph(
        "National figures are for a whole year and for pupils aged 5 to 15; the school's are for all its pupils in the "
        "year so far. The autumn and winter terms have a different weight in the two.",
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


def add_effects(paper: Paper, effects: Sequence[Effect]) -> None:
    """Add attendance before and after each kind of letter that at least five pupils had."""
    shown = [effect for effect in effects if effect.pupils >= MINIMUM]
    not_shown = [effect for effect in effects if effect.pupils < MINIMUM]
    if not effects:
        return
    paper.heading("Before and after letters")
    paper.paragraph(
        f"Attendance of the pupils concerned in the {WEEKS} school weeks before the week of a letter and in the "
        f"{WEEKS} after it. A letter counts once both have passed. The last column shows the whole school in the same weeks."
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
                Column("Whole school", 24, "center"),
            ],
            [_effect_row(effect) for effect in shown],
            description="Attendance before and after letters, by rule",
        )
    if not_shown:
        paper.paragraph(
            f"Not shown, because fewer than {MINIMUM} pupils can be counted yet: {', '.join(e.title for e in not_shown)}.",
            "quiet",
        )


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
