"""A notice to improve in runs: what came of it is said only once its letter has gone out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.errors import RetryableError
from connector.ledger.decisions import approve, void
from connector.store import Store
from rules.school import Exclusion, NoticeToImprove
from tests.connector.memory_mis import MemoryMis, at, small_school
from tests.connector.runs import ledger, options, row_of, run

ISSUED, NEXT, LAST, AFTER = date(2025, 11, 7), date(2025, 11, 10), date(2025, 11, 28), date(2025, 12, 1)
RULES = ("notice-to-improve", "notice-broken", "notice-kept")
OPTS = options("england-2024", only=RULES, oldest_letter_school_days=20)


def school(*absent: date) -> MemoryMis:
    mis = small_school(2, until=AFTER)
    for day in (*(date(2025, 9, number) for number in range(8, 13)), *absent):
        mis.day("1", day, "O")
    mis.notices_to_improve.append(NoticeToImprove("1", ISSUED, 3))
    return mis


@pytest.mark.parametrize(
    ("rule", "absent", "day"), [("notice-broken", [NEXT], NEXT), ("notice-kept", [], LAST)]
)
@pytest.mark.parametrize("sent", [True, False])
def test_what_came_of_a_notice_waits_for_its_letter(
    tmp_path: Path, rule: str, absent: list[date], day: date, sent: bool
) -> None:
    """A notice that still waits for the head was not sent, so nobody is thanked or considered for it."""
    mis, state = school(*absent), tmp_path / "hill.db"
    run(mis, state, ISSUED, OPTS)
    letter = row_of(state, "notice-to-improve")
    assert (letter.state, letter.hold) == ("held", "review")
    run(mis, state, day, OPTS)
    waiting = row_of(state, rule)
    assert (waiting.state, waiting.hold) == ("held", "ladder")
    assert waiting.reason == (
        f"waits for the letter 'Notice to improve' of 2025-11-07, which has not gone out:"
        f" see `events show {letter.key}`, then approve, release or void it"
    )
    with Store.open(state, "hill") as store:
        if sent:
            approve(store, letter.key, by="the head", now=at(day), as_of=day)
        else:
            void(store, letter.key, reason="handed over on paper", now=at(day), as_of=day)
    run(mis, state, AFTER, OPTS)
    run(mis, state, AFTER, OPTS)
    assert row_of(state, rule).state == "verified"
    assert row_of(state, "notice-to-improve").state == ("verified" if sent else "voided")


@pytest.mark.parametrize("letter_is", ["composed", "failed"])
def test_what_came_of_a_notice_waits_too_for_a_letter_that_is_made_and_not_in_the_mis(
    tmp_path: Path, letter_is: str
) -> None:
    mis, state = school(NEXT), tmp_path / "hill.db"
    run(mis, state, ISSUED, OPTS)
    with Store.open(state, "hill") as store:
        approve(store, row_of(state, "notice-to-improve").key, by="the head", now=at(ISSUED), as_of=ISSUED)
    if letter_is == "failed":
        mis.refused = {"1"}
    else:
        mis.faults["find_documents"] = [RetryableError("503") for _ in range(3)]
    run(mis, state, ISSUED, OPTS)
    assert row_of(state, "notice-to-improve").state == letter_is
    run(mis, state, NEXT, OPTS)
    waiting = row_of(state, "notice-broken")
    assert (waiting.state, waiting.hold) == ("held", "ladder")


def test_a_hold_or_an_exclusion_of_what_came_of_a_notice_is_the_one_that_is_named(tmp_path: Path) -> None:
    """Its letter is waited for in place of approval, and not where the family gets nothing at all."""
    mis, state = school(NEXT), tmp_path / "hill.db"
    opts = options("england-2024", only=RULES, review=frozenset({"all"}))
    run(mis, state, NEXT, opts)
    assert [(row.rule, row.state, row.hold) for row in ledger(state)] == [
        ("notice-to-improve", "held", "review"),
        ("notice-broken", "held", "ladder"),
    ]
    mis.exclusions = [Exclusion(reason="Bereavement", pupil_id="1", rules=("notice-broken",))]
    run(mis, state, NEXT, opts)
    assert row_of(state, "notice-broken").state == "excluded"
