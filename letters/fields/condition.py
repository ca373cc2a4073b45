"""Merge fields about the rule's own condition, what it asks for, and a request for leave."""

from __future__ import annotations

from datetime import date

from letters.facts import Facts
from letters.fields.field import Field, Group
from letters.severe_absence import next_step
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


def _mark(facts: Facts, which: str) -> str:
    """Return a code of a rule about changed marks in words: "no reason yet (N)"; empty for another rule."""
    code = getattr(facts.rule.when, which, "") if facts.rule else ""
    known = facts.register.code_set_on(facts.event.date).codes.get(code)
    return f"{known.meaning} ({code})" if known else code


def _step(name: str, meaning: str, example: bool = False) -> Field:
    return _CONDITION.yes_no(f"if_step_{name}", meaning, lambda f: next_step(f.event) == name, example)


CONDITION_FIELDS = (
    _CONDITION.text(
        "mark_before",
        "what the mark was that a rule about changed marks looks for; empty for another rule",
        "Reason not yet provided (N)",
        lambda f: _mark(f, "original"),
    ),
    _CONDITION.yes_no("if_mark_before", "kept when there is one", lambda f: _mark(f, "original"), False),
    _CONDITION.text("mark_now", "what it is now", "Unauthorised absence (O)", lambda f: _mark(f, "amended")),
    _step("talk", "kept when the next step for a pupil who misses half or more is a talk", True),
    _step("clinic", "kept when it is a talk at the attendance clinic"),
    _step("plan", "kept when it is a meeting for a support plan"),
    _step("panel", "kept when it is a school attendance panel"),
    _step("officer", "kept when it is a meeting with the attendance or education welfare officer"),
    _step("formal", "kept when it is a formal meeting"),
    _CONDITION.yes_no(
        "if_certificate",
        "kept when the registration certificate goes with the letter",
        lambda f: any(outcome.name == "registration-certificate" for outcome in f.event.outcomes),
        False,
    ),
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
