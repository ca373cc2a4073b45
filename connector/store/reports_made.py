"""Which reports of a period were made: each is made once, by the run that finds the period's registers taken."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta

from connector.store.meta import keep_value, read_value

SINCE = "reports_since"


class ReportsMade:
    """Reads and writes of one connection; writes belong inside a transaction of the store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def since(self, as_of: date) -> date:
        """Return the day after which periods must end to have a report: the day before the first run that asks.

        The first call keeps it. A state from before reports were remembered has the day of its last run.
        """
        kept = read_value(self._connection, SINCE)
        if kept is not None:
            return date.fromisoformat(kept)
        day = as_of - timedelta(days=1)
        keep_value(self._connection, SINCE, day.isoformat())
        return day

    def made(self, kind: str, period: date) -> bool:
        """Return True when the report of that kind was made of the period that begins on that day."""
        query = "SELECT 1 FROM reports_made WHERE kind = ? AND period = ?"
        return self._connection.execute(query, (kind, period.isoformat())).fetchone() is not None

    def keep(self, kind: str, period: date, made_on: date) -> None:
        """Remember that it was made."""
        self._connection.execute(
            "INSERT INTO reports_made (kind, period, made_on) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (kind, period.isoformat(), made_on.isoformat()),
        )
