"""A notice to improve in the ledger: it waits for the head, a thank-you waits for whole marks, a changed record is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.ledger.causes import Judged
from connector.ledger.guards import guards_of
from connector.ledger.reconcile import reconcile
from connector.ledger.verdict import Verdict, verdict
from connector.run.pull import pull
from connector.run.request import RunRequest
from connector.store import Store
from connector.store.belonging import PullSource
from connector.store.ledger import LedgerRow, RunStamp
from rules.evaluate import evaluate
from rules.register import Register
from rules.school import FormDecision, NoticeToImprove
from tests.connector.memory_mis import MemoryMis, at, made_up_pupil, small_school
from tests.connector.runs import options, run

ISSUED = date(2025, 11, 7)
LAST = date(2025, 11, 28)
RULES = ("notice-to-improve", "notice-broken", "notice-kept")
OPTS = options("england-2024", only=RULES)
NOTICE = NoticeToImprove("1", ISSUED, 3)


def school(*absent: tuple[date, str], until: date = LAST) -> MemoryMis:
    """Two pupils; the first was absent on five days of September, and on the days named."""
    mis = small_school(2, until=until)
    for number in range(8, 13):
        mis.day("1", date(2025, 9, number), "O")
    for day, code in absent:
        mis.day("1", day, code)
    return mis


def judge(
    mis: MemoryMis, state: Path, day: date, notices: Sequence[NoticeToImprove], **facts: object
) -> dict[tuple[str, str], tuple[LedgerRow, Verdict]]:
    """Judge with these notices on record; return each row and what may happen to it, by rule and anchor."""
    if not state.exists():
        run(mis, state, date(2025, 9, 30), OPTS)
    with Store.open(state, "hill") as store:
        pull(store, RunRequest(OPTS, mis, as_of=day, now=at(day), source=PullSource("folder", "memory")))
        register = replace(_register(store), notices_to_improve=tuple(notices), **facts)  # type: ignore[arg-type]
        events = evaluate(register, OPTS.policies[0], day, amendments=True, notices=True).events
        stamp = RunStamp(store.runs.last(1)[0].id, at(day), day, "england-2024", "1")
        with store.transaction():
            reconcile(store, Judged(events, register, OPTS.policies[0], day), stamp)
        guards = replace(guards_of(store, register, OPTS, day), new_policies={})
        rows = [row for row in store.ledger.rows() if row.rule in RULES]
        return {(row.rule, row.anchor): (row, verdict(row, guards)) for row in rows}


def _register(store: Store) -> Register:
    return store.register(nation="england")


def only(found: dict[tuple[str, str], tuple[LedgerRow, Verdict]], rule: str) -> tuple[LedgerRow, Verdict]:
    (row,) = [value for (name, _), value in found.items() if name == rule]
    return row


def test_its_letters_always_wait_for_the_head(tmp_path: Path) -> None:
    row, today = only(judge(school(), tmp_path / "hill.db", ISSUED, [NOTICE]), "notice-to-improve")
    assert (row.date, today.state) == (ISSUED, "held")
    assert today.hold is not None
    assert (today.hold.kind, today.reason) == ("review", "waits for the head’s release")


def test_approved_they_go(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    row, _ = only(judge(mis, state, ISSUED, [NOTICE]), "notice-to-improve")
    with Store.open(state, "hill") as store:
        guards = replace(guards_of(store, _register(store), OPTS, ISSUED), new_policies={})
        assert verdict(replace(row, approved=True), guards).goes
        assert not verdict(replace(row, released=True), guards).goes


def test_for_holidays_alone_the_hold_says_that_none_is_sent(tmp_path: Path) -> None:
    mis = school()
    for number in range(8, 13):
        mis.day("1", date(2025, 9, number), "G")
    _, today = only(judge(mis, tmp_path / "hill.db", ISSUED, [NOTICE]), "notice-to-improve")
    assert today.reason == (
        "waits for the head’s release; every unauthorised session is holiday (G), "
        "and no notice to improve is sent for holidays alone"
    )


def test_a_broken_notice_is_no_letter_home_by_itself_and_needs_no_release(tmp_path: Path) -> None:
    mis = school((date(2025, 11, 11), "O"))
    found = judge(mis, tmp_path / "hill.db", date(2025, 11, 11), [NOTICE])
    row, today = only(found, "notice-broken")
    assert (row.date, today.state) == (date(2025, 11, 11), "due")
    assert row.goes_home, "the form names a parent: it waits where the pupil has left"


def test_a_thank_you_goes_when_every_session_of_the_period_has_a_mark(tmp_path: Path) -> None:
    _, today = only(judge(school(), tmp_path / "hill.db", LAST, [NOTICE]), "notice-kept")
    assert today.goes


@pytest.mark.parametrize(("day", "held"), [(date(2025, 11, 10), True), (date(2025, 11, 7), False)])
def test_a_thank_you_waits_for_a_mark_of_the_period_and_no_other(
    tmp_path: Path, day: date, held: bool
) -> None:
    mis = school()
    mis.mark("1", day, "AM", "-")
    _, today = only(judge(mis, tmp_path / "hill.db", LAST, [NOTICE]), "notice-kept")
    assert (today.state == "held") is held
    if held:
        assert today.reason == "1 session of the time it is about has no mark: 10 November 2025 AM"


def test_a_thank_you_for_a_protected_child_waits_for_a_person(tmp_path: Path) -> None:
    mis = school()
    mis.pupils["1"] = replace(made_up_pupil(1), child_protection=True)
    _, today = only(judge(mis, tmp_path / "hill.db", LAST, [NOTICE]), "notice-kept")
    assert today.reason == "the pupil has a flag (child_protection): read the letter before it goes"


def test_a_notice_that_is_no_longer_on_record_is_named(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    judge(mis, state, ISSUED, [NOTICE])
    row, _ = only(judge(mis, state, date(2025, 11, 10), []), "notice-to-improve")
    assert (row.state, row.hold) == ("held", "no_longer_follows")
    assert row.reason == (
        "no longer on record: notice to improve of 2025-11-07 for 3 school weeks, sessions allowed: 0"
    )


def test_a_notice_with_other_terms_is_another_one(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    judge(mis, state, ISSUED, [NOTICE])
    found = judge(mis, state, date(2025, 11, 10), [replace(NOTICE, weeks=6)])
    first, _ = found["notice-to-improve", "2025-11-07:3:0"]
    second, today = found["notice-to-improve", "2025-11-07:6:0"]
    assert (first.state, first.hold) == ("held", "no_longer_follows")
    assert (second.state, today.reason) == ("due", "waits for the head’s release")


def test_a_corrected_mark_takes_a_broken_notice_back(tmp_path: Path) -> None:
    mis, state = school((date(2025, 11, 11), "O")), tmp_path / "hill.db"
    judge(mis, state, date(2025, 11, 11), [NOTICE])
    mis.day("1", date(2025, 11, 11), "I")
    row, _ = only(judge(mis, state, date(2025, 11, 12), [NOTICE]), "notice-broken")
    assert row.state == "withdrawn"


def test_a_decision_on_a_form_is_among_the_facts_that_an_event_rested_on(tmp_path: Path) -> None:
    decision = FormDecision("1", ISSUED, "notice-to-improve")
    mis, state = school(), tmp_path / "hill.db"
    row, _ = only(judge(mis, state, ISSUED, [NOTICE], form_decisions=(decision,)), "notice-to-improve")
    assert "decision of 2025-11-07 on a consideration form: notice-to-improve" in row.rested_on
