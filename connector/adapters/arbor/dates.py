"""Dates as Arbor prints them, and what is in force on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.adapters.arbor.rows import Row
from connector.errors import DataError, Finding

SCHOOL_TIME = ZoneInfo("Europe/London")
"""Arbor prints local times without a zone; every school is in England or Wales."""


def moment_of(value: Any, where: str) -> datetime | None:
    """Return a date or time; None for null. Arbor prints text; its SDKs also allow an object with the text inside.

    Raises DataError naming ``where`` for anything else.
    """
    if isinstance(value, Mapping):
        value = value.get("date")
    if value in (None, ""):
        return None
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=None)
    except ValueError:
        raise DataError([Finding(f"Arbor: {where}", "holds something that is not a date")]) from None


def day_of(value: Any, where: str) -> date | None:
    """Return the day as moment_of does, without the time."""
    moment = moment_of(value, where)
    return moment.date() if moment else None


def local(moment: datetime | None) -> datetime | None:
    """Return the moment with the school's time zone."""
    return moment.replace(tzinfo=SCHOOL_TIME) if moment else None


def in_force(row: Row, day: date, start: str = "startDate", end: str = "endDate") -> bool:
    """Return True when a row's stretch of days holds the day; both ends count, an open end has none."""
    first, last = day_of(row.get(start), start), day_of(row.get(end), end)
    return (first is None or first <= day) and (last is None or day <= last)


def current(rows: Sequence[Row], day: date, start: str = "startDate", end: str = "endDate") -> Row | None:
    """Return the row in force on the day, the last to begin of several; else the last that was; else the next to come."""
    if not rows:
        return None
    ordered = sorted(rows, key=lambda row: day_of(row.get(start), start) or date.min)
    held = [row for row in ordered if in_force(row, day, start, end)]
    if held:
        return held[-1]
    started = [row for row in ordered if (day_of(row.get(start), start) or date.min) <= day]
    return started[-1] if started else ordered[0]
