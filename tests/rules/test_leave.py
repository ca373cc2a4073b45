"""On both sides of every test of a request for leave, and the answer that a family gets only in a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rules.calendar import Calendar, Period
from rules.evaluate import evaluate
from rules.events import Event
from rules.explain import explain
from rules.policy import PolicyError, load_policy, shipped_policies
from rules.register import Register, build_register
from rules.school import LEAVE_DECISIONS, LeaveKind, LeaveRequest, Licence, Mark, Pupil
from tests.rules.test_kinds import CALENDAR, pack_of

ASKED = date(2025, 9, 12)
START = date(2025, 9, 29)


def register_with(
    *requests: LeaveRequest, codes: str = "", until: date = ASKED, more: tuple[Period, ...] = ()
) -> Register:
    calendar = Calendar((*CALENDAR.periods, *more))
    sessions = [session for session in calendar.sessions if session.date <= until]
    drawn = codes.ljust(len(sessions), "/")
    marks = [Mark("p", s.date, s.half, code) for s, code in zip(sessions, drawn, strict=True)]
    return build_register(pupils=[Pupil("p")], calendar=calendar, marks=marks, leave_requests=requests)


def request(kind: LeaveKind = "holiday", days: int = 1, **own: object) -> LeaveRequest:
    held = LeaveRequest("p", START, START + timedelta(days=days), kind, ASKED)
    return replace(held, **own)  # type: ignore[arg-type]


def failed(tests: str, asked: LeaveRequest, **register: object) -> str:
    """Return the tests that a request fails under a rule with these."""
    pack = pack_of(("own", "leave-request", f"{{ {tests} }}"))
    (event,) = evaluate(register_with(asked, **register), pack, ASKED).events  # type: ignore[arg-type]
    assert event.figures["eligible"] == int(not event.figures["reasons"])
    return str(event.figures["reasons"])


@pytest.mark.parametrize(
    ("notice", "reasons"),
    [(15, ""), (14, ""), (13, "notice"), (1, "notice"), (0, "afterwards"), (-2, "afterwards")],
)
def test_notice_is_the_days_between_the_day_of_asking_and_the_first_day(notice: int, reasons: str) -> None:
    start = ASKED + timedelta(days=notice)
    asked = request(start=start, end=start + timedelta(days=3))
    assert failed("notice_days = 14", asked) == reasons
    assert failed("asked_before = true", asked) == ("afterwards" if notice <= 0 else "")
    assert failed("notice_days = 14, no_notice_for = ['holiday']", asked) == (
        "afterwards" if notice <= 0 else ""
    )


@pytest.mark.parametrize(
    ("first", "last", "refused"),
    [(date(2025, 10, 7), date(2025, 10, 9), True), (date(2025, 10, 8), date(2025, 10, 9), False), (date(2025, 9, 25), date(2025, 9, 29), True), (date(2025, 9, 25), date(2025, 9, 28), False)],
)  # fmt: skip
def test_leave_in_the_days_before_assessments_is_refused(first: date, last: date, refused: bool) -> None:
    tests = (Period("assessment", "Tests", first, last),)
    assert failed("assessment_days_before = 7", request(), more=tests) == ("assessment" if refused else "")


def test_only_a_policy_whose_text_speaks_of_assessments_tests_for_them() -> None:
    tests = (Period("assessment", "Tests", START, START),)
    assert failed("asked_before = true", request(), more=tests) == ""
    assert failed("assessment_days_before = 0", request(), more=tests) == "assessment"
    speaking = [
        name
        for name in shipped_policies()
        if any("assessments" in rule.when.words() for rule in load_policy(name).rules)
    ]
    assert speaking == ["aspire"]


@pytest.mark.parametrize(("kind", "refused"), [("holiday", True), ("service", False)])
def test_kinds_that_the_policy_does_not_grant_are_named(kind: LeaveKind, refused: bool) -> None:
    assert failed("refused_kinds = ['holiday']", request(kind)) == ("kind" if refused else "")


@pytest.mark.parametrize(
    ("codes", "kind", "days", "refused"),
    [
        ("", "religious", 1, False),
        ("", "religious", 2, True),
        ("RR", "religious", 0, False),
        ("RR", "religious", 1, True),
        ("R", "religious", 1, True),
        ("RRRR", "holiday", 3, False),
    ],
)
def test_religious_observance_counts_days_taken_and_asked_for(
    codes: str, kind: LeaveKind, days: int, refused: bool
) -> None:
    assert failed("religious_days = 2", request(kind, days), codes=codes) == ("religious" if refused else "")


@pytest.mark.parametrize("start", [date(2026, 8, 29), date(2026, 8, 31), date(2026, 9, 1)])
def test_religious_observance_from_the_weekend_before_a_year_is_of_that_year(start: date) -> None:
    """A request typed from the Saturday or the holiday before term asks for the same days of the new year."""
    asked = request("religious", start=start, end=date(2026, 9, 3))
    assert failed("religious_days = 2", asked) == "religious"


HOURS = "licence_least_hours_day = 3, licence_most_hours_day = 5, licence_least_hours_week = 6"


@pytest.mark.parametrize(
    ("kind", "licence", "reasons"),
    [
        ("holiday", None, ""),
        ("performance", None, "licence"),
        ("performance", Licence(), ""),
        ("performance", Licence(hours_a_day=3, hours_a_week=6), ""),
        ("performance", Licence(hours_a_day=5, hours_a_week=6), ""),
        ("performance", Licence(hours_a_day=2.5, hours_a_week=6), "hours-day"),
        ("performance", Licence(hours_a_day=5.5, hours_a_week=6), "hours-long-day"),
        ("performance", Licence(hours_a_day=3, hours_a_week=5.5), "hours-week"),
    ],
)
def test_a_performance_needs_a_licence_with_enough_hours_and_not_too_many(
    kind: LeaveKind, licence: Licence | None, reasons: str
) -> None:
    assert failed(f"performance_licence = true, {HOURS}", request(kind, licence=licence)) == reasons


@pytest.mark.parametrize(
    ("licence", "reasons"),
    [
        (Licence(), "performance"),
        (Licence(START, START + timedelta(days=1)), ""),
        (Licence(START, START), "performance"),
        (Licence(START + timedelta(days=1), START + timedelta(days=1)), "performance"),
    ],
)
def test_a_licence_that_names_the_days_needs_no_share_of_attendance(licence: Licence, reasons: str) -> None:
    tests = "performance_licence = true, performance_refused_below = 96"
    assert failed(tests, request("performance", licence=licence)) == reasons


def test_every_test_that_a_request_fails_is_named_with_the_packs_own_numbers() -> None:
    when = load_policy("aspire").rule("leave-request").when
    asked = request(start=ASKED + timedelta(days=6), end=ASKED + timedelta(days=7))
    register = register_with(asked, codes="OIII")
    (event,) = [
        e for e in evaluate(register, load_policy("aspire"), ASKED).events if e.rule == "leave-request"
    ]
    assert event.figures["reasons"] == "notice,unauthorised,authorised"
    said = [when.test_words(name) for name in str(event.figures["reasons"]).split(",")]  # type: ignore[attr-defined]
    assert said[0] == "it was asked for less than 14 days before its first day"
    assert said[2] == "authorised absence this school year is above 10% of sessions"
    changed = when.model_copy(update={"notice_days": 15, "refused_above_authorised_percent": 11})
    assert "15 days" in changed.test_words("notice")  # type: ignore[attr-defined]
    assert "11%" in changed.test_words("authorised")  # type: ignore[attr-defined]
    assert changed.words() != when.words()


def leave_events(pack: str, asked: LeaveRequest, until: date, *, in_run: bool = True) -> list[Event]:
    found = evaluate(register_with(asked, until=until), load_policy(pack), until, in_run=in_run).events
    return [event for event in found if event.rule.startswith("leave")]


def names(events: list[Event]) -> list[tuple[date, str]]:
    return [(event.date, event.rule) for event in events]


@pytest.mark.parametrize("pack", ["hcat", "aspire", "thringstone", "aycliffe-drive"])
@pytest.mark.parametrize("decision", LEAVE_DECISIONS)
def test_a_decision_brings_its_letter_on_its_day_and_only_in_a_run(pack: str, decision: str) -> None:
    saturday, monday = date(2025, 9, 20), date(2025, 9, 22)
    asked = request(decision=decision, decided=saturday, granted_to=START if decision == "in part" else None)
    answer = f"leave-{decision.replace(' ', '-')}"
    assert names(leave_events(pack, asked, date(2025, 9, 19))) == [(ASKED, "leave-request")]
    events = leave_events(pack, asked, monday)
    assert names(events) == [(ASKED, "leave-request"), (monday, answer)]
    assert [str(outcome) for outcome in events[1].outcomes] == [f"letter:{answer}", "note"]
    assert events[0].anchor == "2025-09-12:2025-09-29:holiday"
    assert events[1].anchor.startswith(f"{events[0].anchor}:"), "the days that the letter names follow"
    assert events[1].figures["reasons"] == events[0].figures["reasons"]
    alone = leave_events(pack, asked, monday, in_run=False)
    assert names(alone) == ([(ASKED, "leave-request")] if pack == "aspire" else [])


def test_a_pack_whose_text_asks_for_no_written_answer_has_none() -> None:
    asked = request(decision="granted", decided=ASKED)
    assert names(leave_events("cadle", asked, ASKED)) == [(ASKED, "leave-request")]
    assert names(leave_events("england-2024", asked, ASKED)) == []


def test_an_answer_keeps_the_tests_of_the_day_of_asking() -> None:
    """Unauthorised absence after the request is no reason against it."""
    asked = request(decision="refused", decided=date(2025, 9, 16))
    register = register_with(asked, codes="/" * 20 + "OO", until=date(2025, 9, 16))
    events = evaluate(register, load_policy("aspire"), in_run=True).events
    assert [e.figures["reasons"] for e in events if e.rule == "leave-refused"] == [""]


def test_explain_says_what_makes_such_a_rule_fire() -> None:
    found = {rule.rule: rule for rule in explain(register_with(), load_policy("hcat"), "p", ASKED)}
    assert (
        found["leave-request"].coming
        == "It fires when leave is asked for; attendance alone does not make it fire."
    )
    assert found["leave-refused"].coming.startswith("It fires when a request for leave is decided;")


def test_a_request_that_is_not_decided_has_no_answer() -> None:
    assert names(leave_events("hcat", request(), date(2025, 9, 30))) == [(ASKED, "leave-request")]


def test_an_answer_without_its_tests_is_refused() -> None:
    with pytest.raises(PolicyError, match="'asked' is no rule of kind leave-request"):
        pack_of(("own", "leave-answer", '{ decision = "granted", tests = "asked" }'))


def test_each_pack_that_answers_has_all_three_answers() -> None:
    for name in shipped_policies():
        own = [r.when.decision for r in load_policy(name).rules if r.kind == "leave-answer"]  # type: ignore[attr-defined]
        assert sorted(own) in ([], sorted(LEAVE_DECISIONS))
