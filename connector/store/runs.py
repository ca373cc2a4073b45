"""One row per run: when, about which day, under which policy, how it ended."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

from connector.store.meta import keep_value, read_value
from connector.store.outbox import Written

_LAST_FULL = "last_full_run"
_JUDGED = "outcome IN ('done', 'held') AND json_extract(summary, '$.error') = ''"
"""Completed: a run that is held with an error was stopped before it judged anything."""
RunOutcome = Literal["running", "done", "held", "failed", "cut"]
CUT = "the run was cut off before its end; the next one goes on from there"


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the store remembers it. One that is still "running" while the lock is free was cut off.

    One that is "cut" has no time at which it ended: nobody saw it.
    """

    id: int
    as_of: date
    started_at: datetime
    finished_at: datetime | None
    policy: str
    policy_version: str
    config_hash: str
    outcome: RunOutcome
    summary: Mapping[str, Any]

    def with_outcome(self, outcome: RunOutcome, written: Written) -> RunRow:
        """Return a run that recorded no end of its own with what is known of it."""
        return replace(self, outcome=outcome, summary={**self.summary, **_of_unended(outcome, written)})


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

    def add_warnings(self, run_id: int, warnings: Sequence[str]) -> None:
        """Add warnings to a run that has ended: of what was done after it."""
        (stored,) = self._connection.execute("SELECT summary FROM runs WHERE id = ?", (run_id,)).fetchone()
        summary = json.loads(stored)
        summary["warnings"] = [*summary.get("warnings", ()), *warnings]
        self._connection.execute(
            "UPDATE runs SET summary = ? WHERE id = ?", (json.dumps(summary, ensure_ascii=False), run_id)
        )

    def unended(self) -> list[int]:
        """Return the runs that have recorded no end. While nobody else has the lock they were cut off."""
        return [
            row["id"] for row in self._connection.execute("SELECT id FROM runs WHERE outcome = 'running'")
        ]

    def close_cut(self, run_id: int, written: Written) -> None:
        """Close a run that was cut off, with what it had written."""
        self._connection.execute(
            "UPDATE runs SET outcome = 'cut', summary = ? WHERE id = ?",
            (json.dumps(_of_unended("cut", written)), run_id),
        )

    def last(self, count: int = 10) -> list[RunRow]:
        """Return the last runs, the newest first."""
        rows = self._connection.execute(
            "SELECT id, as_of, started_at, finished_at, policy, policy_version, config_hash, outcome, summary"
            " FROM runs ORDER BY id DESC LIMIT ?",
            (count,),
        )
        return [
            RunRow(
                id=row["id"],
                as_of=date.fromisoformat(row["as_of"]),
                started_at=_moment(row["started_at"]),
                finished_at=_moment(row["finished_at"]) if row["finished_at"] else None,
                policy=row["policy"],
                policy_version=row["policy_version"],
                config_hash=row["config_hash"],
                outcome=row["outcome"],
                summary=json.loads(row["summary"]),
            )
            for row in rows
        ]

    def number_of_day(self, run_id: int) -> int:
        """Return 1 for the first run about its day, 2 for the second."""
        row = self._connection.execute(
            "SELECT count(*) AS number FROM runs WHERE id <= ?1 AND as_of = (SELECT as_of FROM runs WHERE id = ?1)",
            (run_id,),
        ).fetchone()
        return int(row["number"])

    def last_judged_day(self, until: date) -> date | None:
        """Return the latest day, up to a day, that a completed run was about; None when there is none."""
        row = self._connection.execute(
            f"SELECT max(as_of) AS day FROM runs WHERE {_JUDGED} AND as_of <= ?",  # noqa: S608 - our own text
            (until.isoformat(),),
        ).fetchone()
        return None if row["day"] is None else date.fromisoformat(row["day"])

    def last_full(self) -> datetime | None:
        """Return when the last completed run that read everything again began."""
        kept = read_value(self._connection, _LAST_FULL)
        return None if kept is None else datetime.fromisoformat(kept)

    def keep_last_full(self, began: datetime) -> None:
        """Keep when a completed run that read everything again began."""
        keep_value(self._connection, _LAST_FULL, began.isoformat())


def _of_unended(outcome: RunOutcome, written: Written) -> dict[str, Any]:
    return {"written": asdict(written), "error": CUT if outcome == "cut" else ""}


def _moment(text: str) -> datetime:
    """Return a moment with its zone; one written without a zone, such as by a person in SQL, is in UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
