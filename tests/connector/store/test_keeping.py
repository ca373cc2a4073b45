"""What is removed when its keeping time is over."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from connector.store import Store
from connector.store.keeping import keep_from, purge
from tests.connector.ledger.test_guards import DAY, LATE, late_school
from tests.connector.runs import options, run

OPTS = options(only=LATE)


def test_only_what_is_past_its_keeping_time_is_removed_and_reported(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    mis.mark("1", date(2025, 9, 3), "AM", "I")
    run(mis, state, DAY, OPTS)
    mis.mark("1", date(2025, 9, 3), "AM", "/")
    mis.pupils.pop("2")
    run(mis, state, DAY, OPTS)
    with Store.open(state, "hill") as store:
        assert keep_from(date(2028, 12, 1), 3) == date(2025, 8, 1)
        assert purge(store, as_of=date(2028, 12, 1), keep_years=3).lines() == [
            "before 2025-08-01: nothing to remove"
        ]
        would = purge(store, as_of=date(2029, 9, 1), keep_years=3, dry_run=True)
        assert store.ledger.counts() == {"verified": 2}
        done = purge(store, as_of=date(2029, 9, 1), keep_years=3)
        assert done == would
        assert (done.events, done.outbox, done.contents, done.amendments, done.pupils) == (2, 4, 1, 1, 1)
        assert (done.years_of_marks, done.runs) == (2, 2)
        assert store.ledger.counts() == {}
        assert [pupil.pupil_id for pupil in store.facts.pupils()] == ["1"], "still on roll"
