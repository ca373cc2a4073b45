"""The file itself: one school, one version, nothing half done."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.adapters.base import PullEnd, PupilPage
from connector.errors import StoreError
from connector.store import Store
from connector.store.schema import MIGRATIONS
from tests.connector.memory_mis import made_up_pupil

NOW = datetime(2025, 12, 1, 18, tzinfo=UTC)


def test_a_new_file_has_the_latest_version_and_strict_tables(tmp_path: Path) -> None:
    with Store.open(tmp_path / "deep" / "hill.db", "hill") as store:
        assert store.connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
        assert store.connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert store.connection.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        tables = store.connection.execute(
            "SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        assert all(strict for _, strict in tables)
        with pytest.raises(sqlite3.IntegrityError):
            store.connection.execute("INSERT INTO codes VALUES ('not a number', 'L')")


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    for _ in range(2):
        with Store.open(tmp_path / "hill.db", "hill") as store:
            merge = store.begin_pull(at=NOW)
            merge.apply(PupilPage((made_up_pupil(1),)))
            merge.apply(PullEnd(None))
    with Store.open(tmp_path / "hill.db", "hill") as store:
        assert store.facts.pupils() == (made_up_pupil(1),)


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    with Store.open(tmp_path / "hill.db", "hill") as store:
        store.connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="version 99"):
        Store.open(tmp_path / "hill.db", "hill")


def test_another_schools_file_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path / "hill.db", "hill").close()
    with pytest.raises(StoreError, match="holds the school 'hill'"):
        Store.open(tmp_path / "hill.db", "dale")


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "hill.db").write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreError, match="damaged"):
        Store.open(tmp_path / "hill.db", "hill")


def test_a_transaction_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "hill.db", "hill") as store:
        with contextlib.suppress(KeyboardInterrupt), store.transaction():
            store.facts.put_pupils([made_up_pupil(1)])
            raise KeyboardInterrupt
        assert store.facts.pupils() == ()


def test_a_migration_that_breaks_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hill.db"
    Store.open(path, "hill").close()
    broken = "CREATE TABLE next_year (a TEXT) STRICT;\nCREATE TABLE pupils (a TEXT) STRICT;\n"
    monkeypatch.setattr("connector.store.store.MIGRATIONS", (*MIGRATIONS, broken))
    with pytest.raises(StoreError):
        Store.open(path, "hill")
    monkeypatch.undo()
    with Store.open(path, "hill") as store:
        assert store.connection.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
        names = store.connection.execute("SELECT name FROM sqlite_master WHERE name = 'next_year'")
        assert names.fetchall() == []


def test_a_file_of_the_first_version_keeps_its_events_and_their_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "hill.db"
    monkeypatch.setattr("connector.store.store.MIGRATIONS", MIGRATIONS[:1])
    with Store.open(path, "hill") as store, store.transaction() as connection:
        connection.execute(
            "INSERT INTO runs (as_of, started_at, policy, policy_version, config_hash, outcome)"
            " VALUES ('2025-10-10', '2025-10-10T17:00:00+00:00', 'hcat', '1', '', 'done')"
        )
        connection.execute(
            "INSERT INTO events (key, policy, rule, pupil_id, anchor, date, evidence, policy_version, config_hash,"
            " registers_read_at, added_in, state, state_at, state_on) VALUES ('AC-0000000A', 'hcat', 'late-letter',"
            " '1', '', '2025-09-15', '{}', '1', '', '', 1, 'verified', '2025-09-15T17:00:00', '2025-09-15')"
        )
    monkeypatch.undo()
    with Store.open(path, "hill") as store:
        (row,) = store.ledger.rows()
        assert (row.key, row.state, row.stands_as, row.rested_on) == (
            "AC-0000000A",
            "verified",
            "verified",
            "",
        )


def test_a_backup_is_one_whole_file_and_overwrites_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path / "hill.db", "hill") as store:
        with store.transaction():
            store.facts.put_pupils([made_up_pupil(1)])
        store.backup(tmp_path / "copies" / "hill.db")
        assert [p.name for p in (tmp_path / "copies").iterdir()] == ["hill.db"]
        with pytest.raises(StoreError, match="exists already"):
            store.backup(tmp_path / "copies" / "hill.db")
    with Store.open(tmp_path / "copies" / "hill.db", "hill") as copy:
        assert copy.facts.pupils() == (made_up_pupil(1),)


def test_history_cannot_be_rewritten(tmp_path: Path) -> None:
    with Store.open(tmp_path / "hill.db", "hill") as store:
        run_id = store.runs.start(
            as_of=date(2025, 9, 3), at=NOW, policy="hcat", policy_version="1", config_hash=""
        )
        store.connection.execute(
            "INSERT INTO events (key, policy, rule, pupil_id, anchor, date, evidence, policy_version,"
            " config_hash, registers_read_at, added_in, state, state_at, state_on)"
            " VALUES ('AC-1', 'hcat', 'r', '1', '', '2025-09-03', '{}', '1', '', '', ?, 'due', '', '')",
            (run_id,),
        )
        store.connection.execute(
            "INSERT INTO event_history (event_id, run_id, at, state, reason) VALUES (1, ?, '', 'due', '')",
            (run_id,),
        )
        with pytest.raises(sqlite3.IntegrityError, match="never rewritten"):
            store.connection.execute("UPDATE event_history SET state = 'voided'")
