"""A pupil's academic year of marks as 732 bytes: two per day from 1 August on, each an index into the code table.

A storage year starts on 1 August, regardless of the school's calendar, so that a mark is kept even on a day on
which the calendar has no school: half terms start in late August in some places.
"""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from functools import cache

from connector.errors import StoreError
from rules.school import Half, Session

SLOTS = 732
MOST_CODES = 255


def storage_year(day: date) -> int:
    """Return the year in which the day's storage year starts."""
    return day.year if day.month >= 8 else day.year - 1


@cache
def _first_ordinal(year: int) -> int:
    return date(year, 8, 1).toordinal()


def slot_of(day: date, half: Half) -> int:
    """Return the byte of a session within its storage year."""
    return 2 * (day.toordinal() - _first_ordinal(storage_year(day))) + (half == "PM")


def session_at(year: int, slot: int) -> Session:
    """Return the session of a byte; the reverse of :func:`slot_of`."""
    return Session(date(year, 8, 1) + timedelta(days=slot // 2), "PM" if slot % 2 else "AM")


def is_missing(code: str) -> bool:
    """Return True for an empty code or "-", which are missing marks, with or without blanks."""
    return code.strip() in ("", "-")


class CodeTable:
    """Codes as the MIS writes them, each with its index. Index 0 means that the MIS holds no mark."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        rows = connection.execute("SELECT idx, code FROM codes")
        self._codes: dict[int, str] = {row["idx"]: row["code"] for row in rows}
        self._index = {code: index for index, code in self._codes.items()}

    def index(self, code: str) -> int:
        """Return the index of a code, a new one when it is new. Raise StoreError past 255 different codes."""
        index = self._index.get(code)
        if index is None:
            index = len(self._index) + 1
            if index > MOST_CODES:
                raise StoreError(
                    f"the marks hold more than {MOST_CODES} different codes.",
                    fix="make sure that the adapter reads the code, and not another column, from the MIS",
                )
            self._connection.execute("INSERT INTO codes (idx, code) VALUES (?, ?)", (index, code))
            self._index[code] = index
            self._codes[index] = code
        return index

    def code(self, index: int) -> str:
        """Return the code of an index; the empty code for 0."""
        return self._codes[index] if index else ""
