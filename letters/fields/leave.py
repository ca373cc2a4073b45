"""Merge fields about a request for leave and its answer."""

from __future__ import annotations

from datetime import date

from letters import leave_asked as leave
from letters.facts import Facts
from letters.fields.field import Field, Group
from rules.kinds.records.leave_request import LEAVE_WORDS
from rules.school import LEAVE_KINDS, LeaveKind

_LEAVE = Group("Leave")


def _if_kind(name: LeaveKind) -> Field:
    meaning = f"kept when the leave is for {LEAVE_WORDS[name]}"
    return _LEAVE.yes_no(f"if_leave_{name}", meaning, lambda f: leave.is_kind(f, name), name == "holiday")


def _if_decision(name: str, decision: str, meaning: str, example: bool = False) -> Field:
    return _LEAVE.yes_no(name, meaning, lambda f: leave.decision(f) == decision, example)


def _requested(facts: Facts) -> date | None:
    request = leave.request_of(facts)
    return request.requested if request else None


LEAVE_FIELDS = (
    _LEAVE.text("leave_kind", "what the leave is for, in words", "a holiday", leave.kind),
    *(_if_kind(name) for name in LEAVE_KINDS),
    _LEAVE.yes_no(
        "if_leave_kind", "kept when its kind has a name of its own", lambda f: not leave.is_kind(f, "other")
    ),
    _LEAVE.text(
        "leave_days",
        "the days asked for",
        "Monday 12 to Friday 16 January 2026",
        lambda f: leave.days_in_words(leave.asked_days(f)),
    ),
    _LEAVE.text(
        "leave_school_days",
        "how many school days were asked for",
        "5 school days",
        lambda f: leave.school_days(f, leave.asked_days(f)),
    ),
    _LEAVE.text(
        "leave_sessions",
        "sessions asked for after the day of asking",
        "10 sessions",
        leave.sessions_asked,
    ),
    _LEAVE.date("leave_requested", "when the leave was asked for", date(2025, 11, 24), _requested),
    _LEAVE.date("leave_decided", "when it was decided; empty before that", date(2025, 11, 28), leave.decided),
    _LEAVE.text(
        "leave_reasons",
        "each of the policy's tests that the request fails, with semicolons between",
        "it was asked for less than 14 days before its first day; there is unauthorised absence this school year",
        lambda f: "; ".join(leave.reasons(f)),
    ),
    _LEAVE.yes_no("if_leave_reasons", "kept when the request fails such a test", leave.reasons),
    _LEAVE.yes_no("if_no_leave_reasons", "kept when it fails none", lambda f: not leave.reasons(f), False),
    _LEAVE.text(
        "leave_tests",
        "a sentence: whether the policy's own tests speak against the request, and which",
        "The policy’s own tests do not rule it out.",
        leave.tests_in_a_sentence,
    ),
    _LEAVE.text(
        "leave_after",
        "a sentence: what attendance would be if the leave is taken; empty with no session to measure",
        "If it is taken, attendance would be 91.2%.",
        leave.after_in_a_sentence,
    ),
    _LEAVE.text(
        "leave_head_reason",
        "the head's own reason as it is on record; empty where none is",
        "The visit can be made in the Easter holidays.",
        leave.head_reason,
    ),
    _LEAVE.yes_no("if_leave_head_reason", "kept when there is one", leave.head_reason),
    _LEAVE.text(
        "leave_granted_days",
        "the days granted; empty where none was",
        "Monday 12 to Wednesday 14 January 2026",
        lambda f: leave.days_in_words(leave.granted_days(f)),
    ),
    _LEAVE.text(
        "leave_granted_school_days",
        "how many school days were granted",
        "3 school days",
        lambda f: leave.school_days(f, leave.granted_days(f)),
    ),
    _LEAVE.text(
        "leave_refused_days",
        "the days asked for that were not granted",
        "Thursday 15 to Friday 16 January 2026",
        leave.not_granted,
    ),
    _LEAVE.date(
        "leave_back_on",
        "the first school day after the days granted; empty where the calendar ends",
        date(2026, 1, 15),
        leave.back_on,
    ),
    _LEAVE.yes_no("if_leave_back_on", "kept when that day is known", leave.back_on),
    _LEAVE.text(
        "leave_code",
        "how the days granted stand in the register",
        "authorised leave of absence (code C)",
        leave.code_in_words,
    ),
    _if_decision("if_leave_refused", "refused", "kept when a request for these days was refused", True),
    _if_decision("if_leave_open", "open", "kept when a request for these days is not decided yet"),
    _if_decision("if_leave_granted", "granted", "kept when a request for these days was granted"),
    _if_decision("if_leave_in_part", "in part", "kept when a request for these days was granted in part"),
    _if_decision("if_no_leave_request", "", "kept when no leave was asked for"),
)
