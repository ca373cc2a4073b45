"""The book of records that people entered here: append-only, and what stands of it as a source of records like the others."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.store.coding import to_text
from connector.store.facts.records_by_source import ENTERED, RECORD_TABLES, RecordTable


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as it was entered."""

    id: int
    cells: Mapping[str, str]
    """The row of records.csv that says it: its filled cells by column."""
    origin: str
    """The file that it came from; empty: a command."""
    entered_at: datetime
    entered_by: str
    """The user of the operating system."""
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""
    withdrawn_why: str = ""


class EnteredRecords:
    """Reads and writes of one connection; writes belong inside a transaction of the store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, cells: Mapping[str, str]) -> Entry | None:
        """Return the entry of the same content: one that stands, else the last that was withdrawn; None without one."""
        row = self._connection.execute(
            "SELECT * FROM entered_records WHERE pupil_id = ? AND kind = ? AND cells = ?"
            " ORDER BY withdrawn_at IS NOT NULL, id DESC LIMIT 1",
            (cells["pupil_id"], cells["kind"], to_text(dict(cells))),
        ).fetchone()
        return None if row is None else _entry(row)

    def add(
        self,
        cells: Mapping[str, str],
        record: object,
        held_in: RecordTable,
        *,
        at: datetime,
        by: str,
        origin: str,
    ) -> int:
        """Add an entry and return its number; it counts once ``renew`` has been called."""
        cursor = self._connection.execute(
            "INSERT INTO entered_records (pupil_id, kind, date, cells, held_in, body, origin, entered_at, entered_by)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(cells["pupil_id"], cells["kind"], cells["date"], to_text(dict(cells))),
                *(held_in, to_text(record), origin, at.isoformat(), by),
            ),
        )
        return int(cursor.lastrowid or 0)

    def withdraw(self, number: int, *, at: datetime, by: str, why: str) -> None:
        """Withdraw an entry that stands; it stays in the book, and counts until ``renew`` has been called."""
        self._connection.execute(
            "UPDATE entered_records SET withdrawn_at = ?, withdrawn_by = ?, withdrawn_why = ? WHERE id = ?",
            (at.isoformat(), by, why, number),
        )

    def entry(self, number: int) -> Entry | None:
        """Return the entry with a number; None when there is none."""
        row = self._connection.execute("SELECT * FROM entered_records WHERE id = ?", (number,)).fetchone()
        return None if row is None else _entry(row)

    def entries(self, *, pupil_id: str | None = None, kind: str | None = None) -> list[Entry]:
        """Return entries, also those withdrawn, by day and number."""
        rows = self._connection.execute(
            "SELECT * FROM entered_records WHERE (?1 IS NULL OR pupil_id = ?1) AND (?2 IS NULL OR kind = ?2)"
            " ORDER BY date, id",
            (pupil_id, kind),
        )
        return [_entry(row) for row in rows]

    def by_file(self) -> dict[str, list[Entry]]:
        """Return the entries that stand and came from files, by the file's name and by number."""
        rows = self._connection.execute(
            "SELECT * FROM entered_records WHERE origin <> '' AND withdrawn_at IS NULL ORDER BY id"
        )
        found: dict[str, list[Entry]] = {}
        for row in rows:
            found.setdefault(row["origin"], []).append(_entry(row))
        return found

    def renew(self) -> None:
        """Put what stands in the book into the records that the register is made from."""
        for table in RECORD_TABLES:
            _renew(self._connection, table)


def _renew(connection: sqlite3.Connection, table: RecordTable) -> None:
    rows = connection.execute(
        "SELECT body FROM entered_records WHERE held_in = ? AND withdrawn_at IS NULL ORDER BY date, id",
        (table,),
    )
    body = "[" + ",".join(row["body"] for row in rows) + "]"
    connection.execute(
        "INSERT INTO records (source, kind, body) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (source, kind) DO UPDATE SET body = ?3",
        (ENTERED, table, body),
    )


def _entry(row: sqlite3.Row) -> Entry:
    withdrawn = row["withdrawn_at"]
    return Entry(
        row["id"],
        json.loads(row["cells"]),
        row["origin"],
        datetime.fromisoformat(row["entered_at"]),
        row["entered_by"],
        datetime.fromisoformat(withdrawn) if withdrawn else None,
        row["withdrawn_by"] or "",
        row["withdrawn_why"] or "",
    )
