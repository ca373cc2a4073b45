"""On which facts an event rests: those on which it followed last."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from connector.ledger.decisions import keep
from connector.store import Store
from rules.calendar import Period
from rules.school import Spell
from tests.connector.ledger.test_guards import DAY, DAYS, LATE, late_school
from tests.connector.memory_mis import at
from tests.connector.runs import options, row_of, run

OPTS = options(only=LATE)


def test_an_event_that_still_follows_rests_on_the_facts_of_today(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2025, 9, 5)))
    run(mis, state, DAY, OPTS)
    row = row_of(state, "late-letter")
    assert row.state == "verified"
    assert "2025-09-05" in row.rested_on


def test_what_it_was_held_or_kept_on_is_over_once_it_follows_again(tmp_path: Path) -> None:
    for number, kept in enumerate((False, True)):
        mis, state = late_school(1), tmp_path / f"{number}.db"
        run(mis, state, DAY, OPTS)
        periods = mis.periods
        mis.periods = (*periods, Period("inset", "Training", DAYS[0], DAYS[0]))
        run(mis, state, DAY, OPTS)
        row = row_of(state, "late-letter")
        assert (row.hold, bool(row.held_on)) == ("no_longer_follows", True)
        if kept:
            with Store.open(state, "hill") as store:
                keep(store, row.key, reason="it was so", by="office", now=at(DAY), as_of=DAY)
            assert row_of(state, "late-letter").kept_at is not None
        mis.periods = periods
        run(mis, state, DAY, OPTS)
        row = row_of(state, "late-letter")
        assert (row.state, row.held_on, row.kept_at) == ("verified", "", None)
