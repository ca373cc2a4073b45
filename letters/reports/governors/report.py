"""The report to governors on a half term, a term or a school year: attendance against the target, over time, by group, by day and by reason.

It leaves the office, so it names no pupil, shows no group of fewer than five (letters/reports/suppression.py), and gives
no figures from which one could be worked out (letters/reports/worked_out.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from letters.docx.paper import Figure, Paper, School
from letters.docx.table import Cell, Column, Row
from letters.reports.governors.aims import Aims, add_aims
from letters.reports.governors.benchmarks import Phase, benchmarks, local_benchmarks
from letters.reports.governors.charts import weekly_chart
from letters.reports.governors.compared import add_benchmarks, add_effects
from letters.reports.governors.figures import (
    Reason,
    Subject,
    TermFigures,
    rates_by_period,
    same_last_year,
)
from letters.reports.governors.groups import Rates
from letters.reports.governors.letter_effect import SentLetter, effects
from letters.reports.governors.tables import (
    absence_shares,
    add_bands,
    add_groups,
    add_reasons,
    add_weekdays,
    points,
)
from letters.reports.percentages import group_attendance, group_attendance_percent, share, target
from letters.reports.suppression import EXPLANATION, MINIMUM, NOT_SHOWN, few, few_with_share
from letters.words.english import count, day
from letters.words.english import period as in_words
from letters.words.gap_words import gaps_sentence
from rules.calendar import Period
from rules.checks.gaps import find_gaps
from rules.events import Figures
from rules.policy import Policy
from rules.register import Register
from rules.statistics import Tally


def governors_report(
    register: Register,
    tally: Tally,
    policy: Policy,
    school: School,
    *,
    period: Period,
    printed_on: date,
    phase: Phase = "primary",
    number: str = "",
    aims: Aims | None = None,
    parts: Sequence[Period] = (),
    letters: Sequence[SentLetter] = (),
) -> bytes:
    """Return the report for a half term, a term or a school year as a DOCX.

    ``letters`` are those that reached families this year and last year, and what else was done for a pupil on a day; without
    any, that part is left out. ``number`` is the school's DfE number, which gives its authority and region. ``parts``: the
    periods that have reports of their own.
    """
    subject = Subject(register, tally, policy, period, min(period.end, printed_on), parts)
    paper = Paper(
        f"Attendance report to governors, {period_name(period)}",
        school=school.name,
        printed_on=printed_on,
        subject=f"{day(period.start)} to {day(subject.end)}",
    )
    paper.heading("Attendance report to governors", 0)
    paper.paragraph(f"{period_name(period)}, {day(period.start)} to {day(subject.end)}.", "strong")
    missing = gaps_sentence(find_gaps(register, period.start, subject.end), "period", pupils=False)
    if missing:
        paper.paragraph(missing, "warn")
    term = subject.term
    rates = term.rates()
    if not rates.figures.possible:
        paper.paragraph("No session is recorded in this period.")
        return paper.save()
    if rates.pupils < MINIMUM:
        paper.paragraph(f"Not shown: fewer than {MINIMUM} pupils had a session in this period.")
        return paper.save()
    to_date = TermFigures(register, tally, policy, subject.year.start, subject.end)
    reasons = term.reasons()
    _headline(paper, subject, rates, to_date)
    _summary(paper, subject, rates, reasons)
    _against_target(paper, subject)
    add_aims(paper, subject, to_date.rates().figures, aims or Aims(policy.target))
    add_bands(paper, to_date, subject)
    add_groups(paper, to_date, subject)
    add_weekdays(paper, term, subject)
    add_reasons(paper, reasons, rates.figures)
    local = local_benchmarks(number, phase, printed_on) if register.nation == "england" else ()
    add_benchmarks(paper, to_date, benchmarks(register.nation, phase, printed_on), local)
    add_effects(paper, effects(register, tally, letters, subject.end, [part.end for part in parts]))
    _method(paper, subject, to_date.rates().figures)
    return paper.save()


def period_name(period: Period) -> str:
    """Return a period for a heading: "Autumn term", "School year 2025/26" where the name is a year alone."""
    return (
        f"School year {period.name}" if period.kind == "year" and period.name[:1].isdigit() else period.name
    )


def _headline(paper: Paper, subject: Subject, term: Rates, to_date: TermFigures) -> None:
    policy, year = subject.policy, to_date.rates()
    of_pupils = _share_of_pupils(year) if to_date.persistent_shown else "year so far"
    paper.figures(
        [
            Figure(group_attendance_percent(term.figures), period_name(subject.period), _against(subject, term.figures)),
            *([] if subject.period.kind == "year" else [Figure(group_attendance_percent(year.figures), "School year so far", target(policy))]),
            Figure(few(year.persistent, shown=to_date.persistent_shown), "Persistently absent", of_pupils),
            Figure(few(year.severe, shown=to_date.severe_shown), "Severely absent", "half or more missed, year so far"),
        ]
    )  # fmt: skip


def _against(subject: Subject, figures: Figures) -> str:
    if subject.policy.target is None:
        return ""
    difference = points(group_attendance(figures), float(subject.policy.target))
    if difference == 0:
        return "on target"
    return f"{abs(difference)} points {'above' if difference > 0 else 'below'} target"


def _share_of_pupils(year: Rates) -> str:
    of_pupils = f"{share(year.persistent, year.pupils)} of {year.pupils:,} pupils, "
    return f"{of_pupils if year.persistent >= MINIMUM else ''}year so far"


def _summary(paper: Paper, subject: Subject, term: Rates, reasons: Sequence[Reason]) -> None:
    paper.heading("In short")
    figures, policy = term.figures, subject.policy
    sentences = [
        f"Attendance in {in_words(subject.period)} was {group_attendance_percent(figures)}"
        + (f", {_against(subject, figures)}" if policy.target is not None else "")
        + f": {figures.attended:,} of {figures.possible:,} possible sessions were attended."
    ]
    before = same_last_year(subject.register, subject.period)
    if before:
        then = TermFigures(subject.register, subject.tally, policy, before.start, before.end).rates()
        if then.pupils >= MINIMUM:
            change = points(group_attendance(figures), group_attendance(then.figures))
            word = "higher than" if change > 0 else "lower than" if change < 0 else "the same as"
            by = f"{abs(change)} points " if change else ""
            sentences.append(
                f"That is {by}{word} in the same period a year before ({group_attendance_percent(then.figures)})."
            )
    authorised, unauthorised = absence_shares(figures)
    sentences.append(
        f"Authorised absence was {authorised} and unauthorised absence {unauthorised} of possible sessions."
    )
    most = reasons[0] if reasons else None
    if most is not None and len(most.codes) == 1:
        sentences.append(
            f"The most frequent reason was {most.name[0].lower()}{most.name[1:]}: "
            f"{share(most.sessions, figures.absent)} of all absence."
        )
    paper.bullets(sentences)


def _against_target(paper: Paper, subject: Subject) -> None:
    paper.heading("Attendance over time")
    chart = weekly_chart(subject.register, subject.tally, subject.policy, subject.year, subject.end)
    if chart is not None:
        paper.picture(
            chart.png, width_mm=chart.width_mm, alt_text=chart.alt_text, caption=f"{chart.alt_text}."
        )
    rows = [
        _period_row(subject, period, rates)
        for period, rates in rates_by_period(
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
        "Persistent absence is counted separately for each period, on the sessions of that period.", "quiet"
    )


def _periods_shown(subject: Subject) -> list[Period]:
    """Return every year, the terms of this year and the last, and the half terms of this year."""
    calendar = subject.register.calendar
    years = calendar.years[: calendar.years.index(subject.year) + 1]
    recent = years[-2:]
    return [
        *years,
        *(term for term in calendar.terms if calendar.year_with(term) in recent),
        *(half for half in calendar.half_terms if calendar.year_with(half) == subject.year),
    ]


def _period_row(subject: Subject, period: Period, rates: Rates) -> Row:
    year = subject.register.calendar.year_with(period)
    is_year = period.kind == "year"
    figures = rates.figures
    name = period_name(period) if is_year else f"{period.name}, {year.name}"
    if rates.pupils < MINIMUM:
        return Row([Cell(name, bold=is_year), *[NOT_SHOWN] * 4])
    return Row(
        [
            Cell(name, bold=is_year),
            Cell(group_attendance_percent(figures), bold=is_year),
            *absence_shares(figures),
            few_with_share(rates.persistent, rates.pupils),
        ]
    )


def _method(paper: Paper, subject: Subject, year: Figures) -> None:
    paper.heading("How this is counted")
    notes = [
        "A session is half a school day. Attendance is sessions attended as a share of sessions possible, added up over pupils; "
        "approved educational activity counts as attended. Percentages are rounded half up, as the Department for Education does, to one decimal, or to two next to figures published so; parts can therefore differ from their sum by a tenth. In letters and in policy rules a pupil’s own percentage is cut.",
        "Pupils who joined or left count for the time they were on roll.",
        "Persistently absent: 10% or more of a pupil's own possible sessions missed. Severely absent: 50% or more; "
        "they are among the persistently absent.",
        "Bands are the policy's own. A band that ends at 90% may treat pupils at exactly 90% differently from the "
        "national definition of persistent absence.",
        EXPLANATION,
        "No pupil is named and no small group can be worked out, so the report may also go to the attendance officer of the "
        "local authority.",
    ]
    if year.missing:
        notes.append(
            f"{count(year.missing, 'session')} of the year so far {'has' if year.missing == 1 else 'have'} no mark and "
            f"{'is' if year.missing == 1 else 'are'} not included in any total."
        )
    if year.unrecognised:
        notes.append(
            f"{count(year.unrecognised, 'mark')} could not be recognised and {'is' if year.unrecognised == 1 else 'are'} "
            "not included in any total."
        )
    paper.bullets(notes)
    paper.paragraph(f"Policy: {subject.policy.title}, version {subject.policy.version}.", "quiet")
