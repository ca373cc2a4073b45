"""What a rule looked at is worked out once, by the rule; guards, the ledger and letters read it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from connector.ledger.reconcile import same_evidence
from connector.store import Store
from connector.store.ledger import event_of, event_text
from tests.connector.memory_mis import MemoryMis, small_school
from tests.connector.runs import ledger, options, row_of, run

WEEK = [date(2026, 1, day) for day in (12, 13, 14, 15)]
DAY = date(2026, 1, 16)
PENALTY = ("penalty-threshold",)


def away_before_half_term_and_after_christmas() -> MemoryMis:
    """Two sessions of unauthorised absence in October and eight in January: ten in ten weeks with school."""
    mis = small_school(1, until=DAY)
    for day in (date(2025, 10, 20), *WEEK):
        mis.day("1", day, "O")
    return mis


def test_a_session_unmarked_in_the_first_of_ten_school_weeks_holds_the_penalty_form(tmp_path: Path) -> None:
    mis, state = away_before_half_term_and_after_christmas(), tmp_path / "hill.db"
    mis.day(
        "1", date(2025, 10, 21), ""
    )  # more than ten weeks of the calendar earlier, as there were holidays
    opts = options("england-2024", only=PENALTY, settling_days=1)
    run(mis, state, DAY, opts)
    row = row_of(state, "penalty-threshold")
    assert (row.state, row.hold) == ("held", "settling")
    assert "2 sessions of its window" in row.reason
    assert row.event.window == (date(2025, 10, 20), date(2026, 1, 15))
    assert not mis.documents
    mis.day("1", date(2025, 10, 21), "/")
    run(mis, state, DAY, opts)
    assert row_of(state, "penalty-threshold").state == "verified"


def test_a_session_unmarked_before_the_window_holds_nothing(tmp_path: Path) -> None:
    mis, state = away_before_half_term_and_after_christmas(), tmp_path / "hill.db"
    mis.day("1", date(2025, 10, 17), "")  # the last school day before the first of the ten weeks
    run(mis, state, DAY, options("england-2024", only=PENALTY, settling_days=1))
    assert row_of(state, "penalty-threshold").state == "verified"


def test_an_event_kept_without_a_window_is_learnt_quietly_and_makes_no_letter_again(tmp_path: Path) -> None:
    mis, state = away_before_half_term_and_after_christmas(), tmp_path / "hill.db"
    opts = options("england-2024", only=PENALTY)
    run(mis, state, DAY, opts)
    before = row_of(state, "penalty-threshold")
    window = f',"window":["{before.event.window[0]}","{before.event.window[1]}"]'
    assert window in before.evidence
    with Store.open(state, "hill") as store, store.transaction():
        old = before.evidence.replace(window, "")  # as an earlier version kept it
        store.connection.execute("UPDATE events SET evidence = ?", (old,))
    assert event_of(old).window is None
    assert event_of(old).span == (date(2025, 10, 20), date(2026, 1, 15))
    assert same_evidence(event_of(old), before.event)
    sent = (len(mis.notes), len(mis.documents))
    run(mis, state, DAY, opts)
    after = row_of(state, "penalty-threshold")
    assert (after.evidence, after.state, after.key) == (before.evidence, "verified", before.key)
    assert (len(mis.notes), len(mis.documents)) == sent
    with Store.open(state, "hill") as store:
        assert len(store.ledger.evidence(after.id)) == 1, "no evidence was changed"
    assert len(ledger(state)) == 1


def test_another_window_alone_is_no_other_evidence_and_another_mark_is(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    run(away_before_half_term_and_after_christmas(), state, DAY, options("england-2024", only=PENALTY))
    event = row_of(state, "penalty-threshold").event
    assert same_evidence(event, replace(event, window=(date(2025, 11, 10), DAY)))
    assert not same_evidence(event, replace(event, sessions=event.sessions[1:]))
    assert event_text(event_of(event_text(event))) == event_text(event)
