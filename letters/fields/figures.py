"""Merge fields about figures: the year to date, the sessions that the event counted, attendance since an earlier step."""

from __future__ import annotations

from datetime import date, timedelta

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


def _since(facts: Facts) -> tuple[int, int]:
    opened = facts.day("opened")
    if opened is None:
        return facts.attended, facts.possible
    figures, _ = facts.share(opened + timedelta(days=1), facts.event.date)
    return figures.attended, figures.possible


def _until_then(facts: Facts) -> tuple[int, int]:
    """Return attended and possible sessions of the year up to the earlier step; of the year to date when there was none."""
    opened = facts.day("opened")
    if opened is None:
        return facts.attended, facts.possible
    figures, _ = facts.share(facts.span[0], opened)
    return figures.attended, figures.possible


def _missed(attended_possible: tuple[int, int]) -> int:
    attended, possible = attended_possible
    return possible - attended


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
        "percent_then",
        "attendance on the day of the earlier letter or step; empty when there was none",
        "95.6",
        lambda f: f.words("percent_then"),
    ),
    _FIGURES.date(
        "opened",
        "the day of the earlier letter or step; empty when there was none",
        date(2025, 10, 20),
        lambda f: f.day("opened"),
        "earlier_date",
    ),
    _FIGURES.yes_no(
        "if_review",
        "kept when the event is a review of an earlier one",
        lambda f: f.words("percent_then"),
    ),
    _FIGURES.yes_no("if_no_review", "kept when it does not", lambda f: not f.words("percent_then"), False),
    _FIGURES.text(
        "since_percent",
        "attendance since the earlier step; of the year to date when there was none",
        "91.0",
        lambda f: f.policy.shown(*_since(f)) or "",
    ),
    _FIGURES.text(
        "window_percent",
        "attendance that a review compared: since the earlier step, or of the year to date",
        "91.0",
        lambda f: f.words("window_percent") or f.percent,
    ),
    _FIGURES.number("since_attended", "sessions attended since the earlier step", 51, lambda f: _since(f)[0]),
    _FIGURES.number("since_possible", "possible sessions since the earlier step", 56, lambda f: _since(f)[1]),
    _FIGURES.text(
        "since_missed_days",
        "school days of two sessions missed since the earlier step",
        "1",
        lambda f: english.half_days(_missed(_since(f))),
    ),
    _FIGURES.text(
        "since_possible_days_text",
        "possible school days since then, with their unit",
        "20 school days",
        lambda f: english.school_days(_since(f)[1]),
    ),
    _FIGURES.yes_no(
        "if_missed_since", "kept when a session since then was missed", lambda f: _missed(_since(f))
    ),
    _FIGURES.yes_no(
        "if_nothing_missed_since",
        "kept when none was, and at least one was possible",
        lambda f: _since(f)[1] and not _missed(_since(f)),
        False,
    ),
    _FIGURES.text(
        "then_missed_days",
        "school days missed in the year up to the day of the earlier step",
        "7",
        lambda f: english.half_days(_missed(_until_then(f))),
    ),
    _FIGURES.text(
        "then_possible_days_text",
        "possible school days in it, with their unit",
        "30 school days",
        lambda f: english.school_days(_until_then(f)[1]),
    ),
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
