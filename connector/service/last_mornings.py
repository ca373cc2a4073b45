"""When a school's last lists of calls were made, for the plan of the service and for `status`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connector.config import SchoolConfig
from connector.service.plan import LastMornings, morning_planned
from connector.store import Store
from connector.store.morning.morning_lists import MorningRow
from rules.calendar import Calendar, CalendarError
from rules.school import Session

_GRACE = timedelta(minutes=30)
"""How long a list of calls may take, with its further tries, before it counts as missing."""


def last_mornings(database: Path, school: SchoolConfig, now: datetime) -> LastMornings:
    """Return when the school's last lists of calls were begun; nothing before its first run. Raise StoreError."""
    if not database.exists():
        return LastMornings()
    with Store.open(database, school.id) as store:
        return mornings_of(store, school, now)


def mornings_of(store: Store, school: SchoolConfig, now: datetime) -> LastMornings:
    """Given the open state, return when its last lists of calls were begun, and whether there is school this morning.

    Before the first run no calendar is known, so no list is planned.
    """
    try:
        calendar = Calendar(store.facts.calendar())
    except CalendarError:
        return LastMornings()
    day = school.run.trial_day or now.astimezone(school.zone).date()
    rows = [row for row in store.mornings.last() if row.day == day and row.started_at <= now]
    return LastMornings(
        tried=rows[0].started_at if rows else None,
        good=next((row.started_at for row in rows if row.outcome == "done"), None),
        is_school_day=Session(day, "AM") in calendar.sessions,
    )


def morning_problems(
    school: SchoolConfig, last: LastMornings, rows: Sequence[MorningRow], now: datetime
) -> list[str]:
    """Return that today's list of calls was not made, and why where a try failed; said until the day is over."""
    planned = morning_planned(school.service.morning_time, school.zone, now)
    last = last.up_to(now)
    if planned is None or not last.is_school_day or now - planned < _GRACE:
        return []
    if last.good is not None and last.good >= planned:
        return []
    tried = next((row for row in rows if planned <= row.started_at <= now and row.outcome != "running"), None)
    why = f": {tried.summary.get('error', '')}" if tried else ": is the service running?"
    return [f"no list of calls was made this morning (planned for {school.service.morning}){why}"]


def morning_document(row: MorningRow) -> dict[str, Any]:
    """Return one morning's run for JSON: counts only."""
    return {
        "day": row.day.isoformat(),
        "started_at": row.started_at.isoformat(timespec="seconds"),
        "outcome": row.outcome,
        **row.summary,
    }
