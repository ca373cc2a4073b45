"""How one school stands: its last runs, its ledger, its outbox, and whether somebody must look."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.config import ScheduleConfig, SchoolConfig
from connector.service.plan import last_planned
from connector.store import Store
from connector.store.runs import RunRow

_SHOWN_RUNS = 5
_GRACE = timedelta(hours=2)
"""A planned run may take, or wait for its turn, so long before its absence is told."""


@dataclass(frozen=True)
class SchoolStatus:
    """The state of one school; nothing in it is personal."""

    school: str
    unhealthy: list[str] = field(default_factory=list)
    """Why somebody must look; empty when all is well."""
    runs: list[dict[str, Any]] = field(default_factory=list)
    """The last runs, the newest first."""
    events: dict[str, int] = field(default_factory=dict)
    """How many events are in each state."""
    held: dict[str, int] = field(default_factory=dict)
    """How many events each kind of hold keeps."""
    oldest_held_days: int | None = None
    waiting: int = 0
    waiting_since: str | None = None

    @property
    def healthy(self) -> bool:
        """Nothing needs looking at."""
        return not self.unhealthy

    def document(self) -> dict[str, Any]:
        """For `status --json`."""
        return {
            "school": self.school,
            "healthy": self.healthy,
            "unhealthy": self.unhealthy,
            "runs": self.runs,
            "events": self.events,
            "held": self.held,
            "oldest_held_days": self.oldest_held_days,
            "waiting": self.waiting,
            "waiting_since": self.waiting_since,
        }


def status_of(school: SchoolConfig, database: Path, schedule: ScheduleConfig, now: datetime) -> SchoolStatus:
    """Given a school and the time, return how it stands. Raises StoreError when its database cannot be used."""
    if not database.exists():
        return SchoolStatus(school.id, ["no run has been made yet"])
    with Store.open(database, school.id) as store:
        rows = store.runs.last(_SHOWN_RUNS)
        held = store.ledger.rows(states=("held",))
        waiting = store.outbox.open_items()
        counts = store.ledger.counts()
    since = min((item.state_at for item in waiting), default=None)
    oldest = min((row.date for row in held), default=None)
    return SchoolStatus(
        school=school.id,
        unhealthy=_unhealthy(school, rows, counts, schedule, now),
        runs=[_run(row) for row in rows],
        events=counts,
        held=dict(sorted(Counter(row.hold for row in held).items())),
        oldest_held_days=(now.date() - oldest).days if oldest else None,
        waiting=len(waiting),
        waiting_since=since.isoformat(timespec="seconds") if since else None,
    )


def _unhealthy(
    school: SchoolConfig,
    rows: list[RunRow],
    counts: dict[str, int],
    schedule: ScheduleConfig,
    now: datetime,
) -> list[str]:
    if not rows:
        return ["no run has been made yet"]
    found = []
    last = rows[0]
    if last.outcome == "failed":
        found.append(f"the last run failed: {last.summary.get('error') or 'see the log'}")
    if last.outcome == "running":
        found.append("the last run has not come to its end: it is under way, or was cut off")
    if counts.get("failed"):
        found.append(f"{counts['failed']} events could not be written: 'events list --state failed'")
    planned = last_planned(schedule, school.zone, now - _GRACE)
    good = next((row.started_at for row in rows if row.outcome in ("done", "held")), None)
    if planned is not None and (good is None or good.astimezone(UTC) < planned.astimezone(UTC)):
        found.append(
            f"no good run since the one planned for {planned:%Y-%m-%d %H:%M}: is the service running?"
        )
    return found


def _run(row: RunRow) -> dict[str, Any]:
    summary = row.summary
    return {
        "started_at": row.started_at.isoformat(timespec="seconds"),
        "finished_at": row.finished_at.isoformat(timespec="seconds") if row.finished_at else None,
        "as_of": row.as_of.isoformat(),
        "policy": row.policy,
        "outcome": row.outcome,
        "error": summary.get("error", ""),
        "written": summary.get("written", {}),
        "held": summary.get("held", 0),
        "failed": summary.get("failed", 0),
    }
