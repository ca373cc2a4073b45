"""The runs of mornings, and which lines their lists held: a second list of a day brings only what is new.

They are kept apart from the runs that judge a day: a morning judges nothing, so no plan and no count of runs knows it.
A list is remembered before it is filed, so that after a crash the next run asks where it went.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

MorningOutcome = Literal["running", "done", "held", "failed"]


@dataclass(frozen=True, slots=True)
class MorningRow:
    """One morning's run. One that is still "running" while the lock is free was cut off."""

    id: int
    day: date
    started_at: datetime
    outcome: MorningOutcome
    summary: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BegunList:
    """A list of which nobody has seen that it was filed."""

    number: int
    files: tuple[tuple[str, str], ...]
    """Each file as (key, file name), in the order in which they are filed."""


class MorningLists:
    """Reads and writes of one connection; writes belong inside a transaction of the store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def start(self, day: date, at: datetime) -> int:
        """Record that a morning's run began; return its number."""
        cursor = self._connection.execute(
            "INSERT INTO morning_runs (day, started_at) VALUES (?, ?)", (day.isoformat(), at.isoformat())
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def finish(self, run_id: int, outcome: MorningOutcome, summary: Mapping[str, Any]) -> None:
        """Record how it ended."""
        self._connection.execute(
            "UPDATE morning_runs SET outcome = ?, summary = ? WHERE id = ?",
            (outcome, json.dumps(summary, ensure_ascii=False), run_id),
        )

    def last(self, count: int = 20) -> list[MorningRow]:
        """Return the last runs, the newest first."""
        rows = self._connection.execute(
            "SELECT id, day, started_at, outcome, summary FROM morning_runs ORDER BY id DESC LIMIT ?",
            (count,),
        )
        return [
            MorningRow(
                row["id"],
                date.fromisoformat(row["day"]),
                datetime.fromisoformat(row["started_at"]),
                row["outcome"],
                json.loads(row["summary"]),
            )
            for row in rows
        ]

    def listed(self, day: date) -> frozenset[tuple[str, str]]:
        """Return every line of the day's lists as (list, whom it is about)."""
        rows = self._connection.execute(
            "SELECT list, who FROM morning_lines WHERE day = ?", (day.isoformat(),)
        )
        return frozenset((row["list"], row["who"]) for row in rows)

    def next_number(self, day: date) -> int:
        """Return 1 for the day's first list, 2 for the second."""
        row = self._connection.execute(
            "SELECT coalesce(max(number), 0) AS number FROM morning_lists WHERE day = ?", (day.isoformat(),)
        ).fetchone()
        return int(row["number"]) + 1

    def begin(
        self, day: date, number: int, files: Iterable[tuple[str, str]], lines: Iterable[tuple[str, str]]
    ) -> None:
        """Remember a list with its files, each as (key, file name), before any of them is filed."""
        self._connection.execute(
            "INSERT INTO morning_lists (day, number, files) VALUES (?, ?, ?)",
            (day.isoformat(), number, json.dumps(list(files), ensure_ascii=False)),
        )
        self._connection.executemany(
            "INSERT INTO morning_lines (day, number, list, who) VALUES (?, ?, ?, ?)",
            [(day.isoformat(), number, name, who) for name, who in lines],
        )

    def begun(self, day: date) -> list[BegunList]:
        """Return the day's lists that nobody has seen filed."""
        rows = self._connection.execute(
            "SELECT number, files FROM morning_lists WHERE day = ? AND filed = 0 ORDER BY number",
            (day.isoformat(),),
        )
        return [
            BegunList(row["number"], tuple((key, name) for key, name in json.loads(row["files"])))
            for row in rows
        ]

    def put_filed(self, day: date, number: int, *, whole: bool = True) -> None:
        """Record that a list is where it belongs. ``whole``: with all its files, otherwise its lines are new again."""
        values = (day.isoformat(), number)
        self._connection.execute("UPDATE morning_lists SET filed = 1 WHERE day = ? AND number = ?", values)
        if not whole:
            self._connection.execute("DELETE FROM morning_lines WHERE day = ? AND number = ?", values)

    def forget(self, day: date, number: int) -> None:
        """Forget a list that was never filed; its lines are new again."""
        self._connection.execute(
            "DELETE FROM morning_lists WHERE day = ? AND number = ?", (day.isoformat(), number)
        )
