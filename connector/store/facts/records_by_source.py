"""What is on record for pupils besides their marks, each by the source that gave it: plans, leave, exclusions, notices, decisions."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Sequence
from typing import Literal, TypeVar, get_args

from connector.store.coding import many_from_text, to_text

RecordTable = Literal[
    "attendance_plans",
    "leave_requests",
    "exclusions",
    "notices",
    "notices_to_improve",
    "form_decisions",
    "pupil_records",
]
RECORD_TABLES: tuple[RecordTable, ...] = get_args(RecordTable)
FILE = "supply.records"
"""The source of what a supplied records file says; a MIS is the source of the rest, by its adapter's name."""

ENTERED = "entered"
"""The source of what people entered here (connector/records)."""

_T = TypeVar("_T")


class Records:
    """Reads and writes of one connection; writes belong inside a transaction of the store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def put(self, source: str, kind: RecordTable, records: Sequence[object]) -> None:
        """Keep everything that a source says of one kind in place of what it said before."""
        self._connection.execute(
            "INSERT INTO records (source, kind, body) VALUES (?1, ?2, ?3)"
            " ON CONFLICT (source, kind) DO UPDATE SET body = ?3",
            (source, kind, to_text(tuple(records))),
        )

    def all(self, of: type[_T], kind: RecordTable) -> tuple[_T, ...]:
        """Return what every source says of one kind."""
        rows = self._connection.execute("SELECT body FROM records WHERE kind = ? ORDER BY source", (kind,))
        return tuple(record for row in rows for record in many_from_text(of, row["body"]))

    def without(self, sources: Collection[str]) -> list[str]:
        """Return in words, for each other source than these, the records that nothing else says."""
        rows = self._connection.execute("SELECT source, kind, body FROM records ORDER BY source, kind")
        held = [
            (row["source"], row["kind"], [_plain(record) for record in json.loads(row["body"])])
            for row in rows
        ]
        kept = {(kind, record) for source, kind, records in held if source in sources for record in records}
        lost: dict[str, Counter[str]] = {}
        for source, kind, records in held:
            if source not in sources:
                lost.setdefault(source, Counter())[kind] += sum((kind, r) not in kept for r in records)
        return [
            f"{_ORIGIN.get(s, f'{s} is no longer the MIS')}: {_counted(n)}"
            for s, n in lost.items()
            if n.total()
        ]

    def let_go(self, sources: Collection[str]) -> None:
        """Remove the records of every other source than these."""
        marks = ", ".join("?" for _ in sources)
        self._connection.execute(f"DELETE FROM records WHERE source NOT IN ({marks})", tuple(sources))  # noqa: S608


def _plain(record: dict[str, object]) -> str:
    """Return a record so that it equals the same one kept by a version that did not know all of its fields."""
    return json.dumps({name: value for name, value in record.items() if value not in (None, "", [])})


_ORIGIN = {
    FILE: f"the records file is no longer named as {FILE}",
    "": "records of an earlier version are in no source that is named now",
}
_WORDS = {
    "attendance_plans": "attendance plan",
    "leave_requests": "request for leave",
    "exclusions": "exclusion",
    "notices": "notice",
    "notices_to_improve": "notice to improve",
    "form_decisions": "decision on a form",
    "pupil_records": "other record",
}


def _counted(numbers: Counter[str]) -> str:
    """Return such as "1 notice and 3 exclusions"."""
    parts = [
        f"{number} {_WORDS[kind] if number == 1 else _PLURALS.get(kind, f'{_WORDS[kind]}s')}"
        for kind, number in numbers.items()
        if number
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if parts[1:] else parts)


_PLURALS = {
    "leave_requests": "requests for leave",
    "notices_to_improve": "notices to improve",
    "form_decisions": "decisions on forms",
}
