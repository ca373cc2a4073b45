"""The tables of the governors' report, each with its heading and its sentences."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from letters.docx.paper import Paper
from letters.docx.table import Cell, Column, Row
from letters.reports.governors.charts import band_chart, reason_chart, weekday_chart
from letters.reports.governors.figures import Reason, Subject, TermFigures
from letters.reports.governors.groups import GroupRates
from letters.reports.percentages import group_attendance, group_attendance_percent, share
from letters.reports.suppression import (
    EXPLANATION,
    LEGEND,
    MINIMUM,
    NOT_SHOWN,
    few,
    few_with_share,
    hidden,
)
from letters.words.english import count, day, day_name, joined
from rules.events import Figures


def add_bands(paper: Paper, year: TermFigures, subject: Subject) -> None:
    """Add the number of pupils in each band of the policy, year to date."""
    paper.heading("Pupils by band")
    paper.paragraph(f"School year to {day(subject.end)}.", keep_with_next=True)
    bands = [(*_band_words(name, labels), number) for name, labels, number in year.bands()]
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


def _band_words(name: str, labels: Sequence[str]) -> tuple[str, str]:
    """Return name and range of bands that share a row: all of two, first and last of more."""
    names = name.split(" or ")
    if len(labels) < 3 or len(names) != len(labels):
        return name, " and ".join(labels)
    return f"{names[0]} to {names[-1]}", f"{labels[0]} down to {labels[-1]}"


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
    """Add attendance by day of the week in the period, without days on which few pupils have school or were late."""
    by_weekday = {number: figures for number, figures in term.weekdays().items() if figures.possible}
    left_out = hidden([term.pupils_on(number) for number in by_weekday])
    shown = {number: by_weekday[number] for n, number in enumerate(by_weekday) if n not in left_out}
    if not shown:
        return
    paper.heading("Days of the week")
    chart = weekday_chart(shown, term.rates().figures)
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
                    *(
                        (
                            group_attendance_percent(figures),
                            *absence_shares(figures),
                            _late(term, number, figures),
                        )
                        if number in shown
                        else [NOT_SHOWN] * 4
                    ),
                ]
            )
            for number, figures in by_weekday.items()
        ],
        description=f"Attendance by day of the week in {subject.period.name}",
    )
    if left_out or any(0 < term.late_on(number) < MINIMUM for number in shown):
        paper.paragraph(LEGEND, "quiet")


def _late(term: TermFigures, weekday: int, figures: Figures) -> str:
    if not figures.late:
        return few(0)
    return count(figures.late, "mark") if term.late_on(weekday) >= MINIMUM else NOT_SHOWN


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
