"""Merge fields about the rule's own condition, what it asks for, and a request for leave."""

from __future__ import annotations

from datetime import date

from letters.facts import Facts
from letters.fields.field import Field, Group
from letters.words import welsh
from rules.kinds.attendance.screening import Screening
from rules.rule.figures import FIGURES

_CONDITION, _DUE = Group("The rule’s own figures"), Group("What the rule asks for")
_ELSEWHERE = ("threshold",)
"""Figures that an event carries itself."""


def _figure(name: str) -> Field:
    meaning, example = FIGURES[name]
    return _CONDITION.text(name, meaning, example, lambda facts: facts.rule_figures.get(name, ""))


def _steps_cy(facts: Facts) -> str:
    when = facts.rule.when if facts.rule else None
    return welsh.half_terms(when.step) if isinstance(when, Screening) else ""


CONDITION_FIELDS = (
    *(_figure(name) for name in FIGURES if name not in _ELSEWHERE),
    _CONDITION.text("step_half_terms_cy", "step_half_terms in Welsh", "tri hanner tymor", _steps_cy),
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
)
