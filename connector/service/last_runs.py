"""When a school's last runs began, from its own database, for the plan of the service."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from connector.service.plan import LastRuns
from connector.store import Store

_LOOKED_AT = 200
"""Runs looked through for the last good one."""


def last_runs(database: Path, school_id: str, now: datetime) -> LastRuns:
    """Return when the school's last runs began; nothing before the first run made its database. Raise StoreError.

    A run that never ended was cut off: it counts as tried only. One that began later than now does not count.
    """
    if not database.exists():
        return LastRuns()
    with Store.open(database, school_id) as store:
        rows = [row for row in store.runs.last(_LOOKED_AT) if _utc(row.started_at) <= now]
        full = store.runs.last_full()
    good = next((row for row in rows if row.outcome in ("done", "held")), None)
    return LastRuns(
        tried=_utc(rows[0].started_at) if rows else None,
        good=_utc(good.started_at) if good else None,
        good_full=_utc(full) if full else None,
    )


def remember_full_run(database: Path, school_id: str, began: datetime) -> None:
    """Keep when a completed run that read everything again began."""
    with Store.open(database, school_id) as store, store.transaction():
        store.runs.keep_last_full(began)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
