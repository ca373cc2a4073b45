"""What waits for a person's decision, by its cause."""

from __future__ import annotations

from pathlib import Path

from connector.ledger.holds import HeldCause, held_causes
from connector.store import Store
from connector.store.ledger import RunStamp
from tests.connector.ledger.test_guards import DAY, LATE, late_school
from tests.connector.memory_mis import at
from tests.connector.runs import options, run

STAMP = RunStamp(1, at(DAY), DAY, "hcat", "1")


def test_what_waits_for_a_decision_is_counted_by_its_cause_and_nothing_else_is(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    run(late_school(6), state, DAY, options(only=LATE, review=frozenset({"all"})))
    with Store.open(state, "hill") as store:
        review, first, second, other, aside, excluded = store.ledger.rows()
        with store.transaction():
            for row, because in ((first, "BC-1"), (other, "BC-2"), (second, "BC-1")):
                reason = f"why {because}"
                store.ledger.move(row, "held", reason, STAMP, hold="no_longer_follows", because=because)
            store.ledger.move(aside, "superseded", "follows no more", STAMP, hold="facts_changed")
            store.ledger.move(excluded, "excluded", "agreed", STAMP)
        rows = store.ledger.rows()
    assert review.hold == "review"
    assert held_causes(rows) == (HeldCause("BC-1", "why BC-1", 2), HeldCause("BC-2", "why BC-2", 1))
