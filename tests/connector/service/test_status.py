"""What `status` reads from a school's own database."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from connector.errors import FatalError
from connector.service.status import ledger_status
from connector.store import Store
from tests.connector.memory_mis import at
from tests.connector.run.test_guards import DAY, LATE, late_school
from tests.connector.runs import options, run

REVIEW = options(only=LATE, review=frozenset({"all"}))


def test_the_status_names_runs_holds_and_what_is_wrong(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    with Store.open(state, "hill") as store:
        assert ledger_status(store).problems(at(DAY)) == ["there has been no run yet"]
    run(mis, state, DAY, REVIEW)
    with Store.open(state, "hill") as store:
        found = ledger_status(store)
        assert found.states == {"held": 2}
        assert found.holds == {"review": 2}
        assert len(found.for_a_person) == 2
        assert found.oldest_pending == date(2025, 9, 10)
        assert found.problems(at(DAY)) == []
        assert "2025" in found.problems(at(DAY) + timedelta(days=2))[0]
    mis.faults["pull"] = [FatalError("the password is refused.")]
    run(mis, state, DAY, REVIEW)
    with Store.open(state, "hill") as store:
        assert ledger_status(store).problems(at(DAY)) == ["the last run failed: the password is refused."]
