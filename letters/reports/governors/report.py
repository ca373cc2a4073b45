"""The termly report to governors: attendance against target, who is absent, why, since when, and beside whom.

It leaves the office, so it names no pupil and shows no group of fewer than five (letters/reports/suppression.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from letters.docx.document import Figure, Paper, School, day_name, listed
from letters.docx.table import Cell, Column, Row
from letters.reports.governors.benchmarks import Phase, benchmarks
from letters.reports.governors.charts import band_chart, reason_chart, weekday_chart, weekly_chart
from letters.reports.governors.figures import (
    GroupRates,
    Rates,
    Reason,
    TermFigures,
    periods,
    same_last_year,
)
from letters.reports.governors.letter_effect import SentLetter, effects
from letters.reports.governors.tables import add_benchmarks, add_effects
from letters.reports.suppression import MINIMUM, SAID, few, few_with_share, hidden, share_shown
from letters.words.english import count, day
from letters.words.english import period as in_words
from rules.calendar import Period
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.statistics import Tally, shown_percent


@dataclass(frozen=True, slots=True)
class Subject:
    """What the report is about."""

    register: Register
    tally: Tally
    policy: Policy
    period: Period
    """The term (or half term, or year) that the report is for."""
    end: date
    """The last day counted: the period's end, or the day of printing when that comes first."""
    phase: Phase

    @property
    def year(self) -> Period:
        """The academic year of the period."""
        return self.register.calendar.year_of(self.period.start)

    @property
    def term(self) -> TermFigures:
        """Figures of the period."""
        return TermFigures(self.register, self.tally, self.policy, self.period.start, self.end)

    def percent(self, figures: Figures) -> str:
        """Attendance as shown; empty with nothing to share."""
        return self.policy.shown(figures.attended, figures.possible) or ""


def governors_report(
    register: Register,
    tally: Tally,
    policy: Policy,
    school: School,
    *,
    period: Period,
    printed_on: date,
    phase: Phase = "primary",
    letters: Sequence[SentLetter] = (),
) -> bytes:
    """Return the report for a term (or any period of the calendar) as a DOCX.

    ``letters`` are those that reached families in this year and the last; with none, that part is left out.
    """
    subject = Subject(register, tally, policy, period, min(period.end, printed_on), phase)
    paper = Paper(
        f"Attendance report to governors, {period.name}",
        school=school.name,
        printed_on=printed_on,
        subject=f"{day(period.start)} to {day(subject.end)}",
    )
    paper.heading("Attendance report to governors", 0)
    paper.paragraph(f"{period.name}, {day(period.start)} to {day(subject.end)}.", "strong")
    term = subject.term
    rates = term.rates()
    if not rates.figures.possible:
        paper.paragraph("No session is recorded in this period.")
        return paper.save()
    to_date = TermFigures(register, tally, policy, subject.year.start, subject.end)
    reasons = term.reasons()
    _headline(paper, subject, rates, to_date.rates())
    _summary(paper, subject, rates, reasons)
    _against_target(paper, subject)
    _bands(paper, to_date, subject)
    _groups(paper, to_date, subject)
    _weekdays(paper, term, subject)
    _reasons(paper, reasons, rates.figures)
    add_benchmarks(paper, policy, to_date.rates(), benchmarks(register.nation, phase, printed_on))
    add_effects(paper, policy, effects(register, tally, letters, subject.end))
    _method(paper, subject, to_date.rates().figures)
    return paper.save()


def _headline(paper: Paper, subject: Subject, term: Rates, year: Rates) -> None:
    target = subject.policy.target
    paper.figures(
        [
            Figure(f"{subject.percent(term.figures)}%", subject.period.name, _against(subject, term.figures)),
            Figure(f"{subject.percent(year.figures)}%", "School year so far", f"target {float(target):g}%" if target is not None else ""),
            Figure(few(year.persistent), "Persistently absent", _share_of_pupils(year)),
            Figure(few(year.severe), "Severely absent", "half or more missed, year so far"),
        ]
    )  # fmt: skip


def _against(subject: Subject, figures: Figures) -> str:
    if subject.policy.target is None:
        return ""
    points = _points(
        subject.percent(figures), subject.policy.target.numerator / subject.policy.target.denominator
    )
    if points == 0:
        return "on target"
    return f"{abs(points)} points {'above' if points > 0 else 'below'} target"


def _points(shown: str, other: float | str) -> Decimal:
    """The difference of two shown percentages in percentage points."""
    return (Decimal(shown) - Decimal(str(other))).quantize(Decimal("0.1"))


def _share_of_pupils(year: Rates) -> str:
    share = f"{shown_percent(year.persistent, year.pupils)}% of {year.pupils:,} pupils, "
    return f"{share if year.persistent >= MINIMUM else ''}year so far"


def _summary(paper: Paper, subject: Subject, term: Rates, reasons: Sequence[Reason]) -> None:
    paper.heading("In short")
    figures = term.figures
    points = [
        f"Attendance in {in_words(subject.period)} was {subject.percent(figures)}%"
        + (f", {_against(subject, figures)}" if subject.policy.target is not None else "")
        + f": {figures.attended:,} of {figures.possible:,} possible sessions were attended."
    ]
    before = same_last_year(subject.register, subject.period)
    if before:
        then = TermFigures(subject.register, subject.tally, subject.policy, before.start, before.end).rates()
        if then.figures.possible:
            change = _points(subject.percent(figures), subject.percent(then.figures))
            word = "higher than" if change > 0 else "lower than" if change < 0 else "the same as"
            by = f"{abs(change)} points " if change else ""
            points.append(
                f"That is {by}{word} in the same period a year before ({subject.percent(then.figures)}%)."
            )
    authorised = shown_percent(figures.authorised, figures.possible)
    unauthorised = shown_percent(figures.unauthorised, figures.possible)
    points.append(
        f"Authorised absence was {authorised}% and unauthorised absence {unauthorised}% of possible sessions."
    )
    if reasons:
        most = reasons[0]
        share = shown_percent(most.sessions, figures.absent)
        points.append(
            f"The most frequent reason was {most.name[0].lower()}{most.name[1:]}: {share}% of all absence."
        )
    paper.bullets(points)


def _against_target(paper: Paper, subject: Subject) -> None:
    paper.heading("Attendance over time")
    chart = weekly_chart(subject.register, subject.tally, subject.policy, subject.year, subject.end)
    paper.picture(chart.png, width_mm=chart.width_mm, alt_text=chart.alt_text, caption=f"{chart.alt_text}.")
    rows = [
        _period_row(subject, period, rates)
        for period, rates in periods(
            subject.register, subject.tally, subject.policy, _periods_shown(subject), subject.end
        )
    ]
    paper.table(
        [
            Column("Period", 56),
            Column("Attendance", 24, "right"),
            Column("Authorised", 23, "right"),
            Column("Unauthorised", 26, "right"),
            Column("Persistently absent", 45, "right"),
        ],
        rows,
        description="Attendance by year, term and half term",
    )
    paper.paragraph(
        "Persistent absence is counted anew in each period, on the sessions of that period.", "quiet"
    )


def _periods_shown(subject: Subject) -> list[Period]:
    """Every year, the terms of this year and the last, the half terms of this year."""
    calendar = subject.register.calendar
    place = calendar.years.index(subject.year)
    recent = calendar.years[max(0, place - 1) : place + 1]
    return [
        *calendar.years[: place + 1],
        *(term for term in calendar.terms if calendar.year_of(term.start) in recent),
        *(half for half in calendar.half_terms if calendar.year_of(half.start) == subject.year),
    ]


def _period_row(subject: Subject, period: Period, rates: Rates) -> Row:
    year = subject.register.calendar.year_of(period.start)
    is_year = period.kind == "year"
    figures = rates.figures
    name = f"School year {period.name}" if is_year else f"{period.name}, {year.name}"
    return Row(
        [
            Cell(name, bold=is_year),
            Cell(f"{subject.percent(figures)}%", bold=is_year),
            f"{shown_percent(figures.authorised, figures.possible)}%",
            f"{shown_percent(figures.unauthorised, figures.possible)}%",
            few_with_share(rates.persistent, rates.pupils),
        ]
    )


def _bands(paper: Paper, year: TermFigures, subject: Subject) -> None:
    paper.heading("Pupils by band")
    paper.paragraph(f"School year to {day(subject.end)}.", keep_with_next=True)
    found = year.bands()
    total = sum(number for _, _, number in found)
    chart = band_chart(found)
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
                    share_shown(number, total) if number >= MINIMUM else "",
                ]
            )
            for name, label, number in found
        ],
        description=f"Pupils by attendance band in the school year to {day(subject.end)}",
    )


def _groups(paper: Paper, year: TermFigures, subject: Subject) -> None:
    paper.heading("Groups of pupils")
    paper.paragraph(
        f"School year to {day(subject.end)}. The gap is to the whole school, in percentage points."
    )
    whole = subject.percent(year.rates().figures)
    not_shown = []
    rows: list[Row] = []
    for grouping in year.groupings():
        if not grouping.rows:
            not_shown.append(f"{grouping.title} ({grouping.unsaid})")
            continue
        rows.append(Row([Cell(grouping.title, bold=True, fill="EEF2F6", span=6)], keep=True))
        away = hidden([row.rates.persistent for row in grouping.rows])
        if grouping.nested:
            away = set(range(len(grouping.rows)))
        rows += [
            _group_row(subject, row, whole, hide=place in away) for place, row in enumerate(grouping.rows)
        ]
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
        paper.paragraph(f"Not shown: {listed(not_shown)}.", "quiet")
    paper.paragraph(
        f"{SAID} Numbers of persistently absent pupils are left out where they are few, and for classes.",
        "quiet",
    )


def _group_row(subject: Subject, row: GroupRates, whole: str, *, hide: bool) -> Row:
    figures, rates = row.rates.figures, row.rates
    shown = subject.percent(figures)
    gap = _points(shown, whole)
    persistent = "" if hide else few_with_share(rates.persistent, rates.pupils)
    return Row(
        [
            f"   {row.name}",
            str(rates.pupils),
            f"{shown}%",
            f"{gap:+}" if gap else "0.0",
            f"{shown_percent(figures.unauthorised, figures.possible)}%",
            persistent,
        ]
    )


def _weekdays(paper: Paper, term: TermFigures, subject: Subject) -> None:
    paper.heading("Days of the week")
    found = {number: figures for number, figures in term.weekdays().items() if figures.possible}
    chart = weekday_chart(subject.policy, found, term.rates().figures)
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
                    f"{subject.percent(figures)}%",
                    f"{shown_percent(figures.authorised, figures.possible)}%",
                    f"{shown_percent(figures.unauthorised, figures.possible)}%",
                    count(figures.late, "mark"),
                ]
            )
            for number, figures in found.items()
        ],
        description=f"Attendance by day of the week in {subject.period.name}",
    )


def _reasons(paper: Paper, reasons: Sequence[Reason], figures: Figures) -> None:
    paper.heading("Reasons for absence")
    if not reasons:
        paper.paragraph("No session was missed.")
        return
    chart = reason_chart(reasons, figures)
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
                    Cell(", ".join(reason.codes), bold=True),
                    reason.name,
                    f"{reason.sessions:,}",
                    f"{shown_percent(reason.sessions, figures.absent)}%",
                    f"{shown_percent(reason.sessions, figures.possible)}%",
                ]
            )
            for reason in reasons
        ],
        description="Absence by reason",
    )


def _method(paper: Paper, subject: Subject, year: Figures) -> None:
    paper.heading("How this is counted")
    notes = [
        "A session is half a school day. Attendance is sessions attended of sessions possible, added up over pupils; "
        "approved educational activity counts as attended. Percentages are cut to one decimal, not rounded.",
        "Pupils who joined or left count for the time they were on roll.",
        "Persistently absent: 10% or more of a pupil's own possible sessions missed. Severely absent: 50% or more; "
        "they are among the persistently absent.",
        "Bands are the policy's own; where they draw the line at 90% may differ from the national count of persistent "
        "absence by pupils at exactly 90%.",
        SAID,
    ]
    if year.missing:
        notes.append(
            f"{count(year.missing, 'session')} of the year so far {'has' if year.missing == 1 else 'have'} no mark and "
            f"{'is' if year.missing == 1 else 'are'} in no total."
        )
    if year.unrecognised:
        notes.append(f"{count(year.unrecognised, 'mark')} could not be recognised and are in no total.")
    paper.bullets(notes)
    paper.paragraph(f"Policy: {subject.policy.title}, version {subject.policy.version}.", "quiet")
