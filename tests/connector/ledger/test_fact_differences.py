"""Which facts differ: of a policy only what the event's own rule rests on, and never a key that says nothing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from connector.ledger.fact_differences import calendar_changes, carried_on, changed_facts
from connector.ledger.rested_on import PupilFacts, RestedOn
from connector.store import Store
from connector.store.meta import remember
from rules.calendar import Calendar, Period

LATE = {"id": "late", "kind": "count", "when": {"codes": ["L"], "at_least": 3}}
STAGE = {"id": "stage", "kind": "percentage", "when": {"attendance": "< 90", "next_stages": ["panel"]}}
PANEL = {"id": "panel", "kind": "review", "when": {"of": ["stage"], "after_days": 28}}


def differing(rule: str, was: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    """Return in words what changed for a rule between two policies of these rules."""
    with Store.in_memory("hill") as store:
        marks = [
            remember(
                store.connection,
                json.dumps({"id": "own", "version": "1", "dated": "2025-09-01", "rules": rules}),
            )
            for rules in (was, now)
        ]
        then, today = (RestedOn((), "", mark, "england", True) for mark in marks)
        return [cause.text for cause in changed_facts(store, then, today, rule)]


def changed(rule: dict[str, Any], **when: object) -> dict[str, Any]:
    return {**rule, "when": {**rule["when"], **when}}


@pytest.mark.parametrize(
    ("rule", "named"),
    [("late", []), ("stage", ["the policy own changed: after_days of panel was 28 and is 35"])],
)
def test_a_change_of_a_rule_concerns_the_rules_that_build_on_it_and_no_other(
    rule: str, named: list[str]
) -> None:
    now = [LATE, STAGE, changed(PANEL, after_days=35)]
    assert differing(rule, [LATE, STAGE, PANEL], now) == named
    assert differing("panel", [LATE, STAGE, PANEL], now) == [
        "the policy own changed: after_days of panel was 28 and is 35"
    ]


def test_a_rule_that_is_new_concerns_no_event_of_another() -> None:
    assert differing("late", [LATE], [LATE, STAGE, PANEL]) == []
    assert differing("", [LATE], [LATE, STAGE]) == ["the policy own changed: stage is new in it"]


@pytest.mark.parametrize("empty", [False, None, [], 0])
def test_a_key_of_a_later_version_that_says_nothing_is_no_change(empty: object) -> None:
    assert differing("late", [LATE], [changed(LATE, later_key=empty)]) == []
    assert differing("late", [LATE], [{**LATE, "law": empty}]) == []


def test_one_that_says_something_is() -> None:
    assert differing("late", [LATE], [changed(LATE, weeks=2)]) == [
        "the policy own changed: weeks of late was none and is 2"
    ]
    assert differing("late", [changed(LATE, weeks=2)], [LATE]) == [
        "the policy own changed: weeks of late was 2 and is none"
    ]


def test_that_forms_wait_changes_no_event() -> None:
    assert differing("late", [LATE], [{**LATE, "waits_for_decision": True}]) == []


def test_a_rule_that_was_always_on_and_says_so_now_is_no_change() -> None:
    assert differing("late", [LATE], [{**LATE, "default": "on"}]) == []
    assert differing("late", [LATE], [{**LATE, "default": "off"}]) == [
        "the policy own changed: default of late was on and is off"
    ]


def test_what_a_new_rule_builds_on_is_named_with_it() -> None:
    was = {**STAGE, "when": {"attendance": "< 90"}}
    assert differing("panel", [was], [changed(STAGE, attendance="< 95"), PANEL]) == [
        "the policy own changed: attendance of stage was < 90 and is < 95; next_stages of stage was none and is panel; panel is new in it"
    ]


def test_records_that_a_pupil_has_or_no_longer_has_are_named() -> None:
    def of(*records: str) -> RestedOn:
        return RestedOn((PupilFacts("1", None, (), records),), "", "", "england", True)

    with Store.in_memory("hill") as store:
        causes = changed_facts(store, of("a plan", "a notice"), of("a notice", "a decision"))
    assert [(cause.kind, cause.text) for cause in causes] == [
        ("records", "no longer on record: a plan"),
        ("records", "on record now: a decision"),
    ]


LAST_YEAR = (
    Period("year", "2024/25", date(2024, 9, 1), date(2025, 8, 31)),
    Period("term", "Summer", date(2025, 6, 2), date(2025, 7, 4)),
    Period("half_term", "Summer 2", date(2025, 6, 2), date(2025, 7, 4)),
)
THIS_YEAR = (
    Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
    Period("term", "Autumn", date(2025, 9, 3), date(2025, 9, 12)),
    Period("half_term", "Autumn 1", date(2025, 9, 3), date(2025, 9, 12)),
)
SUMMER_DAY, SATURDAY = date(2025, 6, 10), date(2025, 6, 14)


def closed(day: date, half: str | None = None) -> Period:
    return Period("closure", "", day, day, half)  # type: ignore[arg-type]


def opened(day: date, half: str | None = None) -> Period:
    return Period("open", "", day, day, half)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("then", "since"),
    [
        ((closed(SUMMER_DAY),), ()),
        ((closed(SUMMER_DAY, "AM"),), ()),
        ((opened(SATURDAY),), ()),
        ((opened(SATURDAY, "PM"),), ()),
        ((closed(LAST_YEAR[1].start), closed(LAST_YEAR[1].end)), ()),
        ((), (closed(SUMMER_DAY),)),
        ((), (closed(SUMMER_DAY, "AM"),)),
        ((), (closed(LAST_YEAR[1].start), closed(LAST_YEAR[1].end))),
        ((closed(LAST_YEAR[1].start, "PM"),), ()),
        ((closed(LAST_YEAR[1].end, "AM"),), ()),
        ((), (opened(SATURDAY),)),
        ((), (opened(SATURDAY, "PM"),)),
        ((opened(SATURDAY, "AM"),), (opened(SATURDAY),)),
        ((closed(SUMMER_DAY),), (opened(SUMMER_DAY),)),
        ((), (opened(SATURDAY), opened(date(2025, 9, 13)))),
        ((), (Period("open", "", SATURDAY, date(2025, 9, 13)),)),
    ],
)
def test_an_earlier_calendar_is_carried_on_with_the_days_of_the_later_one(
    then: tuple[Period, ...], since: tuple[Period, ...]
) -> None:
    was, now = Calendar((*LAST_YEAR, *then)), Calendar((*LAST_YEAR, *THIS_YEAR, *since))
    days = {session.date for session in was.sessions}
    found = carried_on(was, now, date(2025, 9, 10))
    outside = tuple(s for s in now.sessions if not min(days) <= s.date <= max(days))
    assert sorted(found.sessions) == sorted((*was.sessions, *outside))
    assert found.year_of(date(2025, 9, 10)).name == "2025/26"


@pytest.mark.parametrize(("as_of", "is_carried_on"), [(date(2025, 7, 4), False), (date(2025, 7, 5), True)])
def test_an_earlier_calendar_is_left_as_it_is_up_to_its_last_school_day(
    as_of: date, is_carried_on: bool
) -> None:
    was, now = Calendar((*LAST_YEAR, closed(SUMMER_DAY))), Calendar((*LAST_YEAR, *THIS_YEAR))
    assert (carried_on(was, now, as_of) != was) is is_carried_on


def test_a_calendar_that_says_the_same_is_todays() -> None:
    was, now = Calendar(LAST_YEAR), Calendar((*LAST_YEAR, *THIS_YEAR))
    assert carried_on(was, now, date(2025, 6, 20)) is now


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        ((), (closed(SUMMER_DAY, "AM"),), "10 June 2025 AM is no longer open"),
        ((closed(SUMMER_DAY, "AM"),), (), "10 June 2025 AM is open now"),
        (
            (closed(SUMMER_DAY, "AM"),),
            (closed(SUMMER_DAY, "PM"),),
            "10 June 2025 AM and 10 June 2025 PM are open or closed now",
        ),
    ],
)
def test_half_days_that_are_closed_or_open_now_are_named(
    was: tuple[Period, ...], now: tuple[Period, ...], words: str
) -> None:
    assert list(calendar_changes(Calendar((*LAST_YEAR, *was)), Calendar((*LAST_YEAR, *now)))) == [words]


def test_a_half_term_with_other_days_is_named_unless_days_of_it_are_lost() -> None:
    was = Calendar(LAST_YEAR)
    halves = (
        Period("half_term", "Summer 1", date(2025, 6, 2), date(2025, 6, 20)),
        Period("half_term", "Summer 2", date(2025, 6, 23), date(2025, 7, 4)),
    )
    assert list(calendar_changes(was, Calendar((*LAST_YEAR[:2], *halves)))) == [
        "the half term Summer 2 is no longer 2 June 2025 to 4 July 2025"
    ]
    shorter = Period("half_term", "Summer 2", date(2025, 6, 2), date(2025, 7, 3))
    assert list(calendar_changes(was, Calendar((*LAST_YEAR[:2], shorter)))) == [
        "4 July 2025 is no longer a school day"
    ]


def test_another_nation_of_the_school_is_named() -> None:
    with Store.in_memory("hill") as store:
        policy = remember(store.connection, json.dumps({"id": "own", "version": "1", "rules": [LATE]}))
        then, today = (RestedOn((), "", policy, nation, True) for nation in ("england", "wales"))
        (cause,) = changed_facts(store, then, today, "late")
    assert (cause.kind, cause.text) == ("codes", "the school's nation changed from england to wales")
