"""Merge fields about the rule's own condition, what it asks for, and a request for leave."""

from __future__ import annotations

from datetime import date

from letters.facts import Facts
from letters.fields.field import Field, Group
from letters.severe_absence import next_step
from letters.words import english, welsh
from rules.kinds.attendance.screening import Screening
from rules.kinds.records.amendment import AmendedMark
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


def _in_words(facts: Facts, code: str) -> str:
    """Return a code in words: "no reason yet (N)"."""
    known = facts.register.code_set_on(facts.event.date).codes.get(code)
    return f"{known.meaning} ({code})" if known else code


def _mark_before(facts: Facts) -> str:
    """Return what the marks were that a rule about changed marks counted, where it looks for several as the register's history has them."""
    when = facts.rule.when if facts.rule else None
    if not isinstance(when, AmendedMark):
        return ""
    counted = {(mark.date, mark.half) for mark in facts.event.sessions}
    were = {
        change.original.strip()
        for change in facts.register.amendments
        if change.pupil_id == facts.event.pupil_id
        and (change.date, change.half) in counted
        and change.amended.strip() == when.amended
    }
    codes = when.original if len(when.original) == 1 else [code for code in when.original if code in were]
    return english.joined([_in_words(facts, code) for code in codes])


def _mark_now(facts: Facts) -> str:
    """Return what they are now; empty for another rule."""
    when = facts.rule.when if facts.rule else None
    return _in_words(facts, when.amended) if isinstance(when, AmendedMark) else ""


def _step(name: str, meaning: str, example: bool = False) -> Field:
    return _CONDITION.yes_no(f"if_step_{name}", meaning, lambda f: next_step(f.event) == name, example)


CONDITION_FIELDS = (
    _CONDITION.text(
        "mark_before",
        "what the mark was that a rule about changed marks looks for; empty for another rule",
        "Reason not yet provided (N)",
        _mark_before,
    ),
    _CONDITION.yes_no("if_mark_before", "kept when there is one", _mark_before, False),
    _CONDITION.text("mark_now", "what it is now", "Unauthorised absence (O)", _mark_now),
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
