"""A pupil's academic year of marks as 732 bytes: two per day from 1 August on, each an index into the code table.

A storage year starts on 1 August, whatever the school's calendar says, so that a mark is kept even on a day on
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
    """The year in which the day's storage year starts."""
    return day.year if day.month >= 8 else day.year - 1


@cache
def _first_ordinal(year: int) -> int:
    return date(year, 8, 1).toordinal()


def slot_of(day: date, half: Half) -> int:
    """The byte of a session within its storage year."""
    return 2 * (day.toordinal() - _first_ordinal(storage_year(day))) + (half == "PM")


def session_at(year: int, slot: int) -> Session:
    """The session of a byte; the reverse of :func:`slot_of`."""
    return Session(date(year, 8, 1) + timedelta(days=slot // 2), "PM" if slot % 2 else "AM")


def is_missing(code: str) -> bool:
    """An empty code or "-" is a missing mark, whatever blanks are round it."""
    return code.strip() in ("", "-")


class CodeTable:
    """Codes as the MIS writes them, each with its index. Index 0 means that the MIS holds no mark."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._codes: dict[int, str] = dict(connection.execute("SELECT idx, code FROM codes"))
        self._index = {code: index for index, code in self._codes.items()}

    def index(self, code: str) -> int:
        """The index of a code, given one when it is new. Raises StoreError past 255 different codes."""
        found = self._index.get(code)
        if found is None:
            found = len(self._index) + 1
            if found > MOST_CODES:
                raise StoreError(
                    f"the marks hold more than {MOST_CODES} different codes.",
                    fix="see that the adapter reads the code, and not another column, from the MIS",
                )
            self._connection.execute("INSERT INTO codes VALUES (?, ?)", (found, code))
            self._index[code] = found
            self._codes[found] = code
        return found

    def code(self, index: int) -> str:
        """The code of an index; the empty code for 0."""
        return self._codes[index] if index else ""
