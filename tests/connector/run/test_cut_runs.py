"""A run that was cut off is closed by the next one, and the status tells it from one that is under way."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from connector.adapters.base import DocumentToWrite
from connector.config import ScheduleConfig
from connector.run.lock import is_locked
from connector.service.status import SchoolStatus, school_status
from connector.store import Store
from connector.store.outbox import Written
from connector.store.schema import MIGRATIONS
from tests.connector.memory_mis import Crash, MemoryMis, at
from tests.connector.run.test_deliver import DAY, assert_all_there_once, run, school
from tests.connector.runs import options

TRIALS = ScheduleConfig(every_seconds=60)


def status_of(state: Path, day: date = DAY) -> SchoolStatus:
    return school_status(options().config, state, TRIALS, at(day, 18))


def shown(state: Path) -> list[tuple[int, str, int, int]]:
    """Return number, outcome, notes and documents of the last runs as `status --json` has them, the oldest first."""
    runs = status_of(state).document()["runs"]
    return [(one["run"], one["outcome"], one["notes"], one["documents"]) for one in reversed(runs)]


def cut(mis: MemoryMis, state: Path, step: int) -> None:
    """Run until so many steps of delivery: two a write."""
    mis.crash_at = step
    with pytest.raises(Crash):
        run(mis, state, DAY)


def test_the_next_run_closes_one_that_was_cut_off_with_what_it_had_written(tmp_path: Path) -> None:
    mis, state = school(4), tmp_path / "hill.db"
    cut(mis, state, 10)  # two pupils' documents and notes, and the third one's document
    assert shown(state) == [(1, "cut", 2, 3)], "also before the next run has closed it"
    summary = run(mis, state, DAY)
    assert "run 1 was cut off after 2 notes and 3 documents: this run goes on from there" in summary.warnings
    assert shown(state) == [(1, "cut", 2, 3), (2, "done", 2, 1)]
    with Store.open(state, "hill") as store:
        assert [row.outcome for row in store.runs.last()] == ["done", "cut"]
        assert store.runs.unended() == []
    assert status_of(state).document()["written"] == {"notes": 4, "documents": 4}
    assert_all_there_once(mis, state)


def test_what_was_begun_and_not_read_back_counts_with_the_run_that_reads_it_back(tmp_path: Path) -> None:
    mis, state = school(2), tmp_path / "hill.db"
    cut(mis, state, 1)
    assert len(mis.documents) == 1
    assert shown(state) == [(1, "cut", 0, 0)]
    run(mis, state, DAY)
    assert shown(state) == [(1, "cut", 0, 0), (2, "done", 2, 2)]


def test_several_runs_that_were_cut_off_are_all_closed(tmp_path: Path) -> None:
    mis, state = school(2), tmp_path / "hill.db"
    cut(mis, state, 2)
    cut(mis, state, 0)
    assert [outcome for _, outcome, *_ in shown(state)] == ["cut", "cut"]
    run(mis, state, DAY)
    assert shown(state) == [(1, "cut", 0, 1), (2, "cut", 0, 0), (3, "done", 2, 1)]


def test_the_status_is_unhealthy_after_a_cut_until_the_next_good_run(tmp_path: Path) -> None:
    mis, state = school(2), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 5))
    assert status_of(state).healthy
    cut(mis, state, 4)
    (reason,) = status_of(state).unhealthy
    assert reason == (
        "run 2, begun on 11 September 2025 at 17:00, was cut off after 1 note and 1 document;"
        " the next run goes on from there"
    )
    run(mis, state, DAY)
    assert status_of(state).healthy


def while_writing(mis: MemoryMis, look: Callable[[], None]) -> None:
    """Look at the state before the last document is written."""

    class Watched(MemoryMis):
        def write_document(self, document: DocumentToWrite) -> str:
            if len(self.documents) == len(self.pupils) - 1:
                look()
            return super().write_document(document)

    mis.__class__ = Watched


def test_a_run_that_is_under_way_is_told_from_one_that_was_cut(tmp_path: Path) -> None:
    mis, state = school(3), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 5))
    seen: list[SchoolStatus] = []
    while_writing(mis, lambda: seen.append(status_of(state)))
    run(mis, state, DAY)
    (status,) = seen
    assert status.healthy
    document = status.document()
    assert [(one["run"], one["outcome"]) for one in document["runs"]] == [(2, "running"), (1, "done")]
    assert (document["runs"][0]["notes"], document["runs"][0]["documents"]) == (2, 2)
    assert status.ledger is not None
    assert status.ledger.under_way is not None
    assert shown(state)[-1] == (2, "done", 3, 3)


def test_what_the_last_run_failed_of_is_said_also_while_the_next_one_is_under_way(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    mis.lies = 1
    run(mis, state, DAY)
    seen: list[SchoolStatus] = []
    while_writing(mis, lambda: seen.append(status_of(state)))
    run(mis, state, DAY)
    assert any("the last run failed" in reason for reason in seen[0].unhealthy)


def test_an_earlier_run_without_an_end_was_cut_also_while_another_is_under_way(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    cut(mis, state, 0)
    with Store.open(state, "hill") as store, store.transaction():
        store.runs.start(as_of=DAY, at=at(DAY), policy="hcat", policy_version="1", config_hash="")
    with FileLock(f"{state}.lock"):
        assert [outcome for _, outcome, *_ in shown(state)] == ["cut", "running"]
    assert [outcome for _, outcome, *_ in shown(state)] == ["cut", "cut"]


def test_a_status_that_looks_at_the_lock_keeps_no_run_out(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    assert not is_locked(state)
    with FileLock(f"{state}.lock"):
        assert is_locked(state)
    assert run(school(1), state, DAY).outcome == "done"


def test_a_dry_run_closes_nothing_and_has_no_number(tmp_path: Path) -> None:
    from tests.connector import runs

    mis, state = school(1), tmp_path / "hill.db"
    cut(mis, state, 0)
    summary = runs.run(mis, state, DAY, options(only=("late-letter",)), dry_run=True)
    assert summary.document()["run"] is None
    with Store.open(state, "hill") as store:
        assert store.runs.unended() == [1]
    assert run(mis, state, DAY).document()["run"] == 2


def test_a_run_says_its_number(tmp_path: Path) -> None:
    summary = run(school(1), tmp_path / "hill.db", DAY)
    assert summary.lines()[0] == "hill, run 1, 2025-09-11, policy hcat: done"


def test_the_state_of_an_earlier_version_knows_what_each_run_wrote(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    old = MIGRATIONS.index(next(step for step in MIGRATIONS if "verified_in" in step))
    connection = sqlite3.connect(state)
    for step in MIGRATIONS[:old]:
        connection.executescript(step)
    connection.execute(f"PRAGMA user_version = {old}")
    first, second = at(DAY), at(DAY + timedelta(days=1))
    for moment, outcome in ((first, "running"), (second, "done")):
        connection.execute(
            "INSERT INTO runs (as_of, started_at, policy, policy_version, config_hash, outcome, summary)"
            " VALUES (?, ?, 'hcat', '1', '', ?, ?)",
            (DAY.isoformat(), moment.isoformat(), outcome, json.dumps({"written": {"notes": 0, "documents": 1}})),
        )  # fmt: skip
    connection.execute("INSERT INTO contents VALUES ('s', x'00')")
    rows: list[tuple[Any, ...]] = [
        ("verified", first),
        ("verified", first),
        ("verified", second),
        ("failed", second),
    ]
    for number, (item_state, moment) in enumerate(rows):
        connection.execute(
            "INSERT INTO outbox (run_id, kind, key, summary, sha256, date, state, state_at)"
            " VALUES (1, 'document', ?, 'x', 's', ?, ?, ?)",
            (f"AC-{number}", DAY.isoformat(), item_state, moment.isoformat()),
        )
    connection.commit()
    connection.close()
    with Store.open(state, "hill") as store:
        assert store.connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert [row.outcome for row in store.runs.last()] == ["done", "running"]
        assert (store.outbox.written(1), store.outbox.written(2)) == (Written(0, 2), Written(0, 1))
        assert store.outbox.written() == Written(notes=0, documents=3)
        assert [item.key for item in store.outbox.open_items()] == ["AC-3"], (
            "what was refused once is tried again"
        )
        with pytest.raises(sqlite3.IntegrityError), store.transaction() as connection:
            connection.execute("UPDATE runs SET outcome = 'ended'")
