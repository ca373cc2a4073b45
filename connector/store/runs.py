"""One row per run: when, about which day, under which policy, how it ended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

RunOutcome = Literal["running", "done", "held", "failed"]


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the store remembers it. One that is still "running" after the lock was free was cut off."""

    id: int
    as_of: date
    started_at: datetime
    finished_at: datetime | None
    policy: str
    policy_version: str
    config_hash: str
    outcome: RunOutcome
    summary: Mapping[str, Any]


class Runs:
    """Reads and writes of one connection; writes belong inside a transaction of the store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def start(self, *, as_of: date, at: datetime, policy: str, policy_version: str, config_hash: str) -> int:
        """Record that a run began; return its number."""
        cursor = self._connection.execute(
            "INSERT INTO runs (as_of, started_at, policy, policy_version, config_hash) VALUES (?, ?, ?, ?, ?)",
            (as_of.isoformat(), at.isoformat(), policy, policy_version, config_hash),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def finish(self, run_id: int, *, at: datetime, outcome: RunOutcome, summary: Mapping[str, Any]) -> None:
        """Record how a run ended."""
        self._connection.execute(
            "UPDATE runs SET finished_at = ?, outcome = ?, summary = ? WHERE id = ?",
            (at.isoformat(), outcome, json.dumps(summary, ensure_ascii=False), run_id),
        )

    def last(self, count: int = 10) -> list[RunRow]:
        """The last runs, the newest first."""
        rows = self._connection.execute(
            "SELECT id, as_of, started_at, finished_at, policy, policy_version, config_hash, outcome, summary"
            " FROM runs ORDER BY id DESC LIMIT ?",
            (count,),
        )
        return [
            RunRow(
                row[0],
                date.fromisoformat(row[1]),
                datetime.fromisoformat(row[2]),
                datetime.fromisoformat(row[3]) if row[3] else None,
                row[4],
                row[5],
                row[6],
                row[7],
                json.loads(row[8]),
            )
            for row in rows
        ]

    def number_of_day(self, run_id: int) -> int:
        """1 for the first run about its day, 2 for the second."""
        row = self._connection.execute(
            "SELECT count(*) FROM runs WHERE id <= ?1 AND as_of = (SELECT as_of FROM runs WHERE id = ?1)",
            (run_id,),
        ).fetchone()
        return int(row[0])

    def day_of_last_before(self, run_id: int) -> date | None:
        """The day that the last run before this one that went through (done or held) was about."""
        row = self._connection.execute(
            "SELECT max(as_of) FROM runs WHERE outcome IN ('done', 'held') AND id < ?", (run_id,)
        ).fetchone()
        return None if row[0] is None else date.fromisoformat(row[0])

    def first_day(self) -> date | None:
        """The day that the first finished run was about; None when none has finished."""
        row = self._connection.execute(
            "SELECT as_of FROM runs WHERE outcome IN ('done', 'held') ORDER BY id LIMIT 1"
        ).fetchone()
        return None if row is None else date.fromisoformat(row[0])
