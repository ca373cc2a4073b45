"""Merge fields about figures: the year to date, the sessions that the event counted, attendance since an earlier step."""

from __future__ import annotations

from datetime import date

from letters.facts import Facts
from letters.fields.field import Group
from letters.words import english, welsh

_FIGURES = Group("Figures")


def _split(facts: Facts) -> str:
    if not facts.agrees:
        return ""
    return f"{facts.figures.authorised} authorised, {facts.figures.unauthorised} unauthorised"


def _split_cy(facts: Facts) -> str:
    if not facts.agrees:
        return ""
    return f"{facts.figures.authorised} wedi’u hawdurdodi, {facts.figures.unauthorised} heb eu hawdurdodi"


def _count(facts: Facts) -> int:
    number = facts.number("count")
    return len(facts.event.sessions) if number is None else number


_HEALTH = frozenset("IM")
"""Codes of illness and of medical appointments; I01 and I02 follow I."""


def _mostly_illness(facts: Facts) -> bool:
    """Whether more than half of the sessions missed are illness or medical appointments."""
    ill = sum(mark.code[:1] in _HEALTH for mark in facts.absences)
    return facts.agrees and 2 * ill > len(facts.absences)


def _minutes(facts: Facts) -> list[int | None]:
    """Return the minutes late of each session that the event counted; None where the register has none."""
    return [facts.minutes_late(mark) for mark in facts.event.sessions]


FIGURE_FIELDS = (
    _FIGURES.text(
        "attendance_percent",
        "attendance of the year to date, one decimal, cut and not rounded, without the sign",
        "94.8",
        lambda f: f.percent,
        "percentage_attendance",
        "attendance_percentage",
        "pct_attendance",
    ),
    _FIGURES.text(
        "absence_percent",
        "absence of the year to date: 100 less the attendance",
        "5.2",
        lambda f: f.absence_percent,
        "percentage_absence",
    ),
    _FIGURES.number(
        "attended",
        "sessions attended in the year to date",
        110,
        lambda f: f.attended,
        "sessions_attended",
        "attendances",
        "present_marks",
    ),
    _FIGURES.number(
        "possible",
        "possible sessions of the year to date",
        116,
        lambda f: f.possible,
        "possible_sessions",
        "possible_marks",
        "sessions_possible",
    ),
    _FIGURES.number(
        "missed", "sessions missed in the year to date", 6, lambda f: f.missed, "sessions_missed", "absences"
    ),
    _FIGURES.text(
        "missed_text", "the same with its unit", "6 sessions", lambda f: english.count(f.missed, "session")
    ),
    _FIGURES.text("missed_text_cy", "the same in Welsh", "6 sesiwn", lambda f: welsh.sessions(f.missed)),
    _FIGURES.text(
        "missed_days",
        "the same as school days of two sessions",
        "3",
        lambda f: english.half_days(f.missed),
        "days_absent",
    ),
    _FIGURES.text(
        "missed_days_text", "the same with its unit", "3 school days", lambda f: english.school_days(f.missed)
    ),
    _FIGURES.text(
        "missed_days_text_cy", "the same in Welsh", "3 diwrnod ysgol", lambda f: welsh.school_days(f.missed)
    ),
    _FIGURES.number(
        "authorised",
        "sessions of authorised absence in the year to date",
        4,
        lambda f: f.figures.authorised,
        "authorised_absences",
    ),
    _FIGURES.number(
        "unauthorised",
        "sessions of unauthorised absence in the year to date",
        2,
        lambda f: f.figures.unauthorised,
        "unauthorised_absences",
    ),
    _FIGURES.text(
        "missed_split",
        "authorised and unauthorised in one line; empty when marks were changed since the event",
        "4 authorised, 2 unauthorised",
        _split,
    ),
    _FIGURES.text(
        "missed_split_cy", "the same in Welsh", "4 wedi’u hawdurdodi, 2 heb eu hawdurdodi", _split_cy
    ),
    _FIGURES.number(
        "late",
        "sessions marked late (L) in the year to date",
        3,
        lambda f: f.figures.late,
        "lates",
        "late_marks",
    ),
    _FIGURES.text(
        "late_times", "the same as times, in words", "3 times", lambda f: english.times(f.figures.late)
    ),
    _FIGURES.yes_no(
        "if_late", "kept when a session of the year to date was marked late", lambda f: f.figures.late
    ),
    _FIGURES.number(
        "late_after_close",
        "sessions marked as arrived after the register closed (U) in the year to date",
        1,
        lambda f: f.figures.by_code.get("U", 0),
    ),
    _FIGURES.number(
        "minutes_late",
        "minutes late in the year to date, where they are recorded",
        35,
        lambda f: f.figures.minutes_late,
    ),
    _FIGURES.text(
        "year_minutes_late",
        "the same in words",
        "35 minutes",
        lambda f: english.duration(f.figures.minutes_late),
    ),
    _FIGURES.yes_no("if_year_minutes_late", "kept when there are any", lambda f: f.figures.minutes_late),
    _FIGURES.number(
        "missing_marks",
        "sessions without a mark in the year to date, which no total includes",
        0,
        lambda f: f.figures.missing,
    ),
    _FIGURES.yes_no(
        "if_missing_marks",
        "kept when sessions of the year to date have no mark",
        lambda f: f.figures.missing,
        False,
    ),
    _FIGURES.yes_no(
        "if_enough_sessions",
        "kept when the year has enough possible sessions for a percentage (the policy's minimum)",
        lambda f: f.enough,
    ),
    _FIGURES.yes_no("if_missed", "kept when a session of the year to date was missed", lambda f: f.missed),
    _FIGURES.yes_no(
        "if_nothing_missed",
        "kept when no session of the year to date was missed, at least one was possible, and every one has a mark that is a code",
        lambda f: f.possible and not f.missed and not f.figures.missing and not f.figures.unrecognised,
        False,
    ),
    _FIGURES.yes_no("if_possible", "kept when the year to date has a possible session", lambda f: f.possible),
    _FIGURES.yes_no(
        "if_nothing_possible",
        "kept when it has none, and so no percentage",
        lambda f: not f.possible,
        False,
    ),
    _FIGURES.yes_no(
        "if_severe",
        "kept when half of the sessions of the year to date were missed, or more",
        lambda f: f.severe,
        False,
    ),
    _FIGURES.yes_no(
        "if_not_severe",
        "kept when less than half of the sessions of the year to date were missed",
        lambda f: not f.severe,
    ),
    _FIGURES.yes_no(
        "if_part_of_year",
        "kept when the rule is law and leaves sessions of the year out: those before compulsory school age, or after it",
        lambda f: f.part_of_year,
    ),
    _FIGURES.text(
        "part_of_year",
        "from when such figures count, and the whole school year's; otherwise empty",
        "These figures count since 31 December 2025, when Alex came of compulsory school age. "
        "In the whole school year so far attendance is 96.0%: 192 of 200 possible sessions attended.",
        lambda f: f.part_of_year.words(f.pupil.forename or f.pupil.surname) if f.part_of_year else "",
    ),
    _FIGURES.text(
        "part_of_year_cy",
        "the same in Welsh",
        "Mae’r ffigurau hyn yn cyfrif ers 31 Rhagfyr 2025, pan ddaeth Alex i oedran ysgol gorfodol. "
        "Yn y flwyddyn ysgol gyfan hyd yma 96.0% yw’r presenoldeb: 192 o 200 o sesiynau posibl.",
        lambda f: f.part_of_year.words_cy(f.pupil.forename or f.pupil.surname) if f.part_of_year else "",
    ),
    _FIGURES.date("figures_from", "first day of the year to date", date(2025, 9, 3), lambda f: f.span[0]),
    _FIGURES.date(
        "figures_to",
        "the event's day, up to and including which figures are counted",
        date(2025, 11, 28),
        lambda f: f.event.date,
        "event_date",
    ),
    _FIGURES.number("count", "how many sessions (or consecutive days) the event counted", 3, _count),
    _FIGURES.text(
        "count_text",
        "the same as sessions, in words",
        "3 sessions",
        lambda f: english.count(_count(f), "session"),
    ),
    _FIGURES.text(
        "sessions_counted",
        "the sessions that the event counted, also where the rule counts days",
        "6 sessions",
        lambda f: english.count(len(f.event.sessions), "session"),
    ),
    _FIGURES.text("count_text_cy", "the same in Welsh", "3 sesiwn", lambda f: welsh.sessions(_count(f))),
    _FIGURES.text(
        "count_days_text",
        "the same as school days, for a rule that counts days",
        "3 school days",
        lambda f: english.count(_count(f), "school day"),
    ),
    _FIGURES.text("count_days_cy", "the same as days in Welsh", "3 diwrnod", lambda f: welsh.days(_count(f))),
    _FIGURES.text(
        "count_times", "the same as times, in words", "3 times", lambda f: english.times(_count(f))
    ),
    _FIGURES.text("count_times_cy", "the same in Welsh", "3 gwaith", lambda f: welsh.times(_count(f))),
    _FIGURES.text(
        "minutes_lost",
        "the minutes of those sessions together, where they are recorded: hours and minutes in words",
        "1 hour 5 minutes",
        lambda f: english.duration(sum(number or 0 for number in _minutes(f))),
    ),
    _FIGURES.yes_no("if_minutes_lost", "kept when minutes of them are recorded", lambda f: any(_minutes(f))),
    _FIGURES.yes_no(
        "if_minutes_not_all",
        "kept when the minutes of some of them are not recorded",
        lambda f: not all(_minutes(f)),
        False,
    ),
    _FIGURES.yes_no(
        "if_mostly_illness",
        "kept when more than half of the sessions missed in the year to date are illness or medical appointments",
        _mostly_illness,
        False,
    ),
    _FIGURES.yes_no("if_not_mostly_illness", "kept when they are not", lambda f: not _mostly_illness(f)),
    _FIGURES.number(
        "threshold", "how many the rule asks for", 3, lambda f: f.number("threshold") or _count(f)
    ),
    _FIGURES.text(
        "threshold_weeks",
        "weeks within which the rule counts them; empty for a rule that counts in no window of weeks",
        "10",
        lambda f: str(f.threshold_weeks or ""),
    ),
    _FIGURES.date(
        "counted_from",
        "first day of the period or window in which sessions were counted",
        date(2025, 11, 3),
        lambda f: f.counted[0],
    ),
    _FIGURES.date("counted_to", "last day of it", date(2025, 11, 28), lambda f: f.counted[1]),
    _FIGURES.date(
        "first_session",
        "the day of the first session that is listed",
        date(2025, 9, 8),
        lambda f: f.listed[0],
    ),
    _FIGURES.date("last_session", "the day of the last one", date(2025, 11, 26), lambda f: f.listed[1]),
    _FIGURES.text(
        "period",
        "the half term, term or year that has ended, in a sentence",
        "the Autumn term",
        lambda f: english.period(f.period),
    ),
    _FIGURES.text("period_cy", "the same in Welsh", "tymor yr hydref", lambda f: welsh.period(f.period)),
    _FIGURES.date(
        "period_start",
        "its first day",
        date(2025, 9, 3),
        lambda f: f.calendar.next_school_day(f.period.start) if f.period else None,
    ),
    _FIGURES.date(
        "period_end",
        "its last school day",
        date(2025, 12, 19),
        lambda f: f.calendar.last_school_day(f.period.start, f.period.end) if f.period else None,
    ),
    _FIGURES.text(
        "period_percent",
        "attendance in it",
        "98.4",
        lambda f: (
            f.words("period_percent")
            or f.policy.shown(f.period_figures.attended, f.period_figures.possible)
            or ""
        ),
    ),
    _FIGURES.yes_no(
        "if_period_full",
        "kept when no session of that period was missed",
        lambda f: f.period_figures.absent == 0,
    ),
    _FIGURES.yes_no(
        "if_period_not_full",
        "kept when one was",
        lambda f: f.period_figures.absent > 0,
        False,
    ),
    _FIGURES.yes_no(
        "if_period_possible",
        "kept when that period has a possible session",
        lambda f: f.period_figures.possible,
    ),
    _FIGURES.yes_no(
        "if_period_nothing_possible",
        "kept when it has none, and so no percentage",
        lambda f: not f.period_figures.possible,
        False,
    ),
    _FIGURES.number("period_attended", "sessions attended in it", 126, lambda f: f.period_figures.attended),
    _FIGURES.number("period_possible", "possible sessions in it", 128, lambda f: f.period_figures.possible),
    _FIGURES.number(
        "period_unauthorised",
        "sessions of unauthorised absence in it",
        2,
        lambda f: f.period_figures.unauthorised,
    ),
    _FIGURES.text("school_year", "the academic year's name", "2025/26", lambda f: f.year.name),
)
