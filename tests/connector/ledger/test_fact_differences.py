"""Which facts differ: of a policy only what the event's own rule rests on, and never a key that says nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.ledger.fact_differences import changed_facts
from connector.ledger.rested_on import RestedOn
from connector.store import Store
from connector.store.meta import remember

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


def test_that_forms_wait_changes_no_event() -> None:
    assert differing("late", [LATE], [{**LATE, "waits_for_decision": True}]) == []
