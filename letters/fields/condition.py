"""Merge fields about the rule's own condition, what it asks for, and a request for leave."""

from __future__ import annotations

from datetime import date

from letters.facts import Facts
from letters.fields.field import Field, Group
from letters.words import english, welsh
from rules.kinds.attendance.screening import Screening
from rules.rule.figures import FIGURES

_CONDITION, _DUE, _LEAVE = Group("The rule’s own figures"), Group("What the rule asks for"), Group("Leave")
_ELSEWHERE = ("threshold",)
"""Figures that an event carries itself."""
_LEAVE_REASONS = {
    "unauthorised": "there is unauthorised absence this year",
    "authorised": "authorised absence this year is above the policy’s limit",
    "performance": "attendance would fall below the level that the policy asks for",
    "assessment": "it lies in a time of assessments, in which no leave is granted",
}
_LEAVE_KINDS = {"holiday": "a holiday", "performance": "a performance"}


def _figure(name: str) -> Field:
    meaning, example = FIGURES[name]
    return _CONDITION.text(name, meaning, example, lambda facts: facts.rule_figures.get(name, ""))


def _steps_cy(facts: Facts) -> str:
    when = facts.rule.when if facts.rule else None
    return welsh.half_terms(when.step) if isinstance(when, Screening) else ""


def _leave_days(facts: Facts) -> str:
    start, end = facts.day("leave_start"), facts.day("leave_end")
    return english.span(start, end) if start and end else "the days asked for"


def _leave_reasons(facts: Facts) -> str:
    names = [name for name in facts.words("reasons").split(",") if name]
    return english.joined([_LEAVE_REASONS.get(name, name) for name in names])


CONDITION_FIELDS = (
    *(_figure(name) for name in FIGURES if name not in _ELSEWHERE),
    _CONDITION.text("step_half_terms_cy", "the same in Welsh", "tri hanner tymor", _steps_cy),
    _DUE.date(
        "due_by",
        "the day by which what the rule asks for is due; empty where the pack gives no time for it",
        date(2025, 12, 3),
        lambda f: f.due_by,
    ),
    _DUE.yes_no("if_overdue", "kept when that day is over", lambda f: f.overdue, False),
    _DUE.yes_no("if_not_overdue", "kept when it is not", lambda f: not f.overdue),
    _DUE.yes_no(
        "if_part_time_begins",
        "kept when the rule is about the first day of a part-time timetable",
        lambda f: f.words("date_of") == "part_time_from",
    ),
    _DUE.yes_no(
        "if_part_time_ends",
        "kept when it is about the last day of one",
        lambda f: f.words("date_of") == "part_time_to",
        False,
    ),
    _LEAVE.text(
        "leave_kind",
        "what leave was asked for",
        "a holiday",
        lambda f: _LEAVE_KINDS.get(f.words("kind"), "another reason"),
    ),
    _LEAVE.text("leave_days", "its days", "Monday 12 to Friday 16 January 2026", _leave_days),
    _LEAVE.text(
        "leave_sessions",
        "sessions asked for, in words",
        "10 sessions",
        lambda f: english.count(f.number("sessions_asked") or 0, "session"),
    ),
    _LEAVE.text(
        "percent_after",
        "attendance of the year to date if the leave is taken; empty with no possible session",
        "90.1",
        lambda f: f.words("percent_after"),
    ),
    _LEAVE.yes_no("if_percent_after", "kept when there is such a figure", lambda f: f.words("percent_after")),
    _LEAVE.text(
        "leave_reasons",
        "why the leave is not eligible by the policy’s own tests; empty when they do not rule it out",
        "there is unauthorised absence this year",
        _leave_reasons,
    ),
    _LEAVE.yes_no("if_leave_refused", "kept when those tests rule it out", _leave_reasons),
    _LEAVE.yes_no("if_leave_not_refused", "kept when they do not", lambda f: not _leave_reasons(f), False),
)
