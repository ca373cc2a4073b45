"""Merge fields about figures: the year to date, what decided the event, what has been since an earlier step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from letters.facts import Facts
from letters.fields.field import Field, yes_no
from letters.words import english, welsh

_FIGURES = "Figures"


def _number(name: str, meaning: str, example: int, fill: Callable[[Facts], int], *aliases: str) -> Field:
    return Field(name, "number", _FIGURES, meaning, example, fill, aliases)


def _text(name: str, meaning: str, example: str, fill: Callable[[Facts], str], *aliases: str) -> Field:
    return Field(name, "text", _FIGURES, meaning, example, fill, aliases)


def _date(
    name: str, meaning: str, example: date, fill: Callable[[Facts], date | None], *aliases: str
) -> Field:
    return Field(name, "date", _FIGURES, meaning, example, lambda facts: fill(facts) or "", aliases)


def _split(facts: Facts) -> str:
    if not facts.agrees:
        return ""
    return f"{facts.figures.authorised} authorised, {facts.figures.unauthorised} unauthorised"


def _split_cy(facts: Facts) -> str:
    if not facts.agrees:
        return ""
    return f"{facts.figures.authorised} wedi’u hawdurdodi, {facts.figures.unauthorised} heb eu hawdurdodi"


def _count(facts: Facts) -> int:
    found = facts.number("count")
    return len(facts.event.sessions) if found is None else found


def _since(facts: Facts) -> tuple[int, int]:
    opened = facts.day("opened")
    if opened is None:
        return facts.attended, facts.possible
    figures, _ = facts.share(opened + timedelta(days=1), facts.event.date)
    return figures.attended, figures.possible


FIGURE_FIELDS = (
    _text(
        "attendance_percent",
        "attendance of the year to date, one decimal, cut and not rounded, without the sign",
        "94.8",
        lambda f: f.percent,
        "percentage_attendance",
        "attendance_percentage",
        "pct_attendance",
    ),
    _text("absence_percent", "the rest to 100", "5.2", lambda f: f.absence_percent, "percentage_absence"),
    _number(
        "attended",
        "sessions attended in the year to date",
        110,
        lambda f: f.attended,
        "sessions_attended",
        "attendances",
        "present_marks",
    ),
    _number(
        "possible",
        "possible sessions of the year to date",
        116,
        lambda f: f.possible,
        "possible_sessions",
        "possible_marks",
        "sessions_possible",
    ),
    _number(
        "missed", "sessions missed in the year to date", 6, lambda f: f.missed, "sessions_missed", "absences"
    ),
    _text("missed_text", "the same as words", "6 sessions", lambda f: english.count(f.missed, "session")),
    _text("missed_text_cy", "the same in Welsh", "6 sesiwn", lambda f: welsh.sessions(f.missed)),
    _text(
        "missed_days",
        "the same as school days of two sessions",
        "3",
        lambda f: english.half_days(f.missed),
        "days_absent",
    ),
    _text("missed_days_text", "the same as words", "3 school days", lambda f: english.school_days(f.missed)),
    _text(
        "missed_days_text_cy", "the same in Welsh", "3 diwrnod ysgol", lambda f: welsh.school_days(f.missed)
    ),
    _number(
        "authorised",
        "sessions of authorised absence in the year to date",
        4,
        lambda f: f.figures.authorised,
        "authorised_absences",
    ),
    _number(
        "unauthorised",
        "sessions of unauthorised absence in the year to date",
        2,
        lambda f: f.figures.unauthorised,
        "unauthorised_absences",
    ),
    _text(
        "missed_split",
        "authorised and unauthorised in one line; empty when marks were changed since the event",
        "4 authorised, 2 unauthorised",
        _split,
    ),
    _text("missed_split_cy", "the same in Welsh", "4 wedi’u hawdurdodi, 2 heb eu hawdurdodi", _split_cy),
    _number(
        "late",
        "sessions marked late (L) in the year to date",
        3,
        lambda f: f.figures.late,
        "lates",
        "late_marks",
    ),
    _number(
        "late_after_close",
        "sessions marked as arrived after the register closed (U) in the year to date",
        1,
        lambda f: f.figures.by_code.get("U", 0),
    ),
    _number(
        "minutes_late",
        "minutes late in the year to date, where they are recorded",
        35,
        lambda f: f.figures.minutes_late,
    ),
    _number(
        "missing_marks",
        "sessions without a mark in the year to date, which are in no total",
        0,
        lambda f: f.figures.missing,
    ),
    yes_no(
        "if_missing_marks",
        _FIGURES,
        "kept when sessions of the year to date have no mark",
        lambda f: f.figures.missing,
        False,
    ),
    yes_no(
        "if_enough_sessions",
        _FIGURES,
        "kept when the year has enough possible sessions for a percentage to say anything (the policy's minimum)",
        lambda f: f.enough,
    ),
    yes_no("if_missed", _FIGURES, "kept when a session of the year to date was missed", lambda f: f.missed),
    yes_no(
        "if_nothing_missed",
        _FIGURES,
        "kept when no session of the year to date was missed, and at least one was possible",
        lambda f: f.possible and not f.missed,
        False,
    ),
    yes_no(
        "if_possible", _FIGURES, "kept when the year to date has a possible session", lambda f: f.possible
    ),
    yes_no(
        "if_nothing_possible",
        _FIGURES,
        "kept when it has none, and so no percentage",
        lambda f: not f.possible,
        False,
    ),
    _date("figures_from", "first day of the year to date", date(2025, 9, 3), lambda f: f.span[0]),
    _date(
        "figures_to",
        "the event's day, up to which figures are counted",
        date(2025, 11, 28),
        lambda f: f.event.date,
        "event_date",
    ),
    _number("count", "how many sessions (or days running) decided the event", 3, _count),
    _text(
        "count_text",
        "the same as sessions in words",
        "3 sessions",
        lambda f: english.count(_count(f), "session"),
    ),
    _text("count_text_cy", "the same in Welsh", "3 sesiwn", lambda f: welsh.sessions(_count(f))),
    _text("count_days_cy", "the same as days in Welsh", "3 diwrnod", lambda f: welsh.days(_count(f))),
    _text("count_times", "the same as times", "3 times", lambda f: english.times(_count(f))),
    _text("count_times_cy", "the same in Welsh", "3 gwaith", lambda f: welsh.times(_count(f))),
    _number("threshold", "how many the rule asks for", 3, lambda f: f.number("threshold") or _count(f)),
    _date(
        "counted_from",
        "first day of the period or window in which sessions were counted",
        date(2025, 11, 3),
        lambda f: f.counted[0],
    ),
    _date("counted_to", "last day of it", date(2025, 11, 28), lambda f: f.counted[1]),
    _text(
        "percent_then",
        "attendance on the day of the earlier letter or step; empty when there was none",
        "95.6",
        lambda f: f.words("percent_then"),
    ),
    _date(
        "opened",
        "the day of the earlier letter or step; empty when there was none",
        date(2025, 10, 20),
        lambda f: f.day("opened"),
        "earlier_date",
    ),
    yes_no(
        "if_review",
        _FIGURES,
        "kept when the event looks back at an earlier one",
        lambda f: f.words("percent_then"),
    ),
    yes_no("if_no_review", _FIGURES, "kept when it does not", lambda f: not f.words("percent_then"), False),
    _text(
        "since_percent",
        "attendance since the earlier step; of the year to date when there was none",
        "91.0",
        lambda f: f.policy.shown(*_since(f)) or "",
    ),
    _number("since_attended", "sessions attended since the earlier step", 51, lambda f: _since(f)[0]),
    _number("since_possible", "possible sessions since the earlier step", 56, lambda f: _since(f)[1]),
    _text(
        "period",
        "the half term, term or year that has ended, in a sentence",
        "the Autumn term",
        lambda f: english.period(f.period),
    ),
    _text("period_cy", "the same in Welsh", "tymor yr hydref", lambda f: welsh.period(f.period)),
    _date(
        "period_start",
        "its first day",
        date(2025, 9, 3),
        lambda f: f.calendar.next_school_day(f.period.start) if f.period else None,
    ),
    _date(
        "period_end",
        "its last school day",
        date(2025, 12, 19),
        lambda f: f.calendar.last_school_day(f.period.start, f.period.end) if f.period else None,
    ),
    _text(
        "period_percent",
        "attendance in it",
        "98.4",
        lambda f: (
            f.words("period_percent")
            or f.policy.shown(f.period_figures.attended, f.period_figures.possible)
            or ""
        ),
    ),
    yes_no(
        "if_period_possible",
        _FIGURES,
        "kept when that period has a possible session",
        lambda f: f.period_figures.possible,
    ),
    yes_no(
        "if_period_nothing_possible",
        _FIGURES,
        "kept when it has none, and so no percentage",
        lambda f: not f.period_figures.possible,
        False,
    ),
    _number("period_attended", "sessions attended in it", 126, lambda f: f.period_figures.attended),
    _number("period_possible", "possible sessions in it", 128, lambda f: f.period_figures.possible),
    _number(
        "period_unauthorised",
        "sessions of unauthorised absence in it",
        2,
        lambda f: f.period_figures.unauthorised,
    ),
    _text("school_year", "the academic year's name", "2025/26", lambda f: f.year.name),
)
