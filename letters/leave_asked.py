"""What letters and notes say of a request for leave: its days, what speaks against it, what was decided.

The tests that a request fails are those of the event; the words for them are the rule's own, so that a pack's numbers
stand in the sentence. A letter about a holiday without leave looks for the request that it goes with.
"""

from __future__ import annotations

from datetime import date, timedelta

from letters.facts import Facts
from letters.words import english
from rules.codes import code_set_on
from rules.kinds.records.leave_answer import LeaveAnswered
from rules.kinds.records.leave_request import LEAVE_WORDS, LeaveRequested, anchor_of
from rules.school import LeaveKind, LeaveRequest

NEAR_DAYS = 7
"""A holiday that begins or ends so many days off the days asked for is still the one that was asked for."""
_CODES: dict[LeaveKind, str] = {"performance": "C1", "religious": "R", "traveller": "T"}
_CODE_WORDS = {
    "C": "authorised leave of absence",
    "C1": "leave for a performance",
    "R": "religious observance",
    "T": "travel for work of a Traveller family",
}


def request_of(facts: Facts) -> LeaveRequest | None:
    """Return the request for leave that the event is about; for an absence the one for its days, nearest first."""
    own = [r for r in facts.register.leave_requests if r.pupil_id == facts.event.pupil_id]
    if _about_leave(facts):
        return next((request for request in own if anchor_of(request) == facts.event.anchor), None)
    near = timedelta(days=NEAR_DAYS)
    day = facts.event.date
    close = [r for r in own if r.start - near <= day <= r.end + near and r.requested <= day]
    return min(close, key=lambda r: (abs((r.start - day).days), r.start), default=None)


def _about_leave(facts: Facts) -> bool:
    return facts.rule is not None and isinstance(facts.rule.when, (LeaveRequested, LeaveAnswered))


def kind(facts: Facts) -> str:
    """Return what the leave is for: "a holiday"."""
    request = request_of(facts)
    name = request.kind if request else facts.words("kind")
    return LEAVE_WORDS.get(name, LEAVE_WORDS["other"])  # type: ignore[call-overload,no-any-return]


def is_kind(facts: Facts, name: LeaveKind) -> bool:
    """Return whether the leave is of that kind."""
    request = request_of(facts)
    return (request.kind if request else facts.words("kind")) == name


def asked_days(facts: Facts) -> tuple[date, date] | None:
    """Return the first and last day asked for; None where there is no request."""
    request = request_of(facts)
    if request:
        return request.start, request.end
    start, end = facts.day("leave_start"), facts.day("leave_end")
    return (start, end) if start and end else None


def granted_days(facts: Facts) -> tuple[date, date] | None:
    """Return the first and last day granted; None where none was."""
    request = request_of(facts)
    return request.granted_days if request else None


def days_in_words(days: tuple[date, date] | None) -> str:
    """Return days with their dates; empty where there are none."""
    return english.span(*days) if days else ""


def not_granted(facts: Facts) -> str:
    """Return the days asked for that were not granted, with their dates; empty where all were."""
    asked, granted = asked_days(facts), granted_days(facts)
    if asked is None or granted is None:
        return days_in_words(asked)
    one = timedelta(days=1)
    left = [(asked[0], granted[0] - one), (granted[1] + one, asked[1])]
    return english.joined([english.span(*days) for days in left if days[0] <= days[1]])


def school_days(facts: Facts, days: tuple[date, date] | None) -> str:
    """Return how many school days lie between two days, in words: "4.5 school days"."""
    if days is None:
        return ""
    sessions = sum(days[0] <= session.date <= days[1] for session in facts.calendar.sessions)
    return english.school_days(sessions) if sessions else "no school day"


def back_on(facts: Facts) -> date | None:
    """Return the first school day after the leave that was granted; None where none was, or the calendar ends."""
    granted = granted_days(facts)
    return facts.calendar.next_school_day(granted[1] + timedelta(days=1)) if granted else None


def reasons(facts: Facts) -> list[str]:
    """Return each test of the policy that the request fails, in words; the unknown by its name."""
    tests = _tests(facts)
    names = [name for name in facts.words("reasons").split(",") if name]
    return [tests.test_words(name) if tests else name for name in names]


def _tests(facts: Facts) -> LeaveRequested | None:
    when = facts.rule.when if facts.rule else None
    if isinstance(when, LeaveAnswered):
        found = [rule.when for rule in facts.policy.rules if rule.id == when.tests]
        when = found[0] if found else None
    return when if isinstance(when, LeaveRequested) else None


def tests_in_a_sentence(facts: Facts) -> str:
    """Return whether the policy's own tests speak against the request, naming each one that it fails."""
    failed = reasons(facts)
    if failed:
        return f"By the policy’s own tests it is not eligible: {'; '.join(failed)}."
    return "The policy’s own tests do not rule it out."


def after_in_a_sentence(facts: Facts) -> str:
    """Return what attendance would be if the leave is taken; empty with no session to measure."""
    after = facts.words("percent_after")
    return f"If it is taken, attendance would be {after}%." if after else ""


def sessions_asked(facts: Facts) -> str:
    """Return the sessions asked for: "10 sessions"."""
    return english.count(facts.number("sessions_asked") or 0, "session")


def code_in_words(facts: Facts) -> str:
    """Return how leave of this kind stands in the register: "authorised leave of absence (code C)"."""
    request = request_of(facts)
    code = _CODES.get(request.kind, "C") if request else "C"
    codes = code_set_on(facts.register.nation, facts.event.date).codes
    if code not in codes or codes[code].legacy:
        code = "C"
    return f"{_CODE_WORDS[code]} (code {code})"


def decided(facts: Facts) -> date | None:
    """Return the day on which the request was decided; None before that."""
    request = request_of(facts)
    return request.decided if request and request.decision else None


def decision(facts: Facts) -> str:
    """Return what was decided on the request by the letter's day: granted, refused, in part.

    "open" before a decision, empty without a request.
    """
    request = request_of(facts)
    if request is None:
        return ""
    known = request.decided is not None and request.decided <= facts.written_on
    return (request.decision if known else None) or "open"


def head_reason(facts: Facts) -> str:
    """Return the head's own reason as it is on record, with a full stop; empty where none is."""
    request = request_of(facts)
    said = request.reason.strip() if request else ""
    return said if not said or said[-1] in ".!?" else f"{said}."
