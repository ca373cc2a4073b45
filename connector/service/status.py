"""How one school stands, and whether somebody must look: for `status` and for monitoring."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.config import ScheduleConfig, SchoolConfig
from connector.ledger.status import Standing, standing
from connector.service.plan import last_planned
from connector.store import Store
from connector.store.ledger import LedgerRow
from connector.store.runs import RunRow

_SHOWN_RUNS = 5
_GRACE = timedelta(hours=2)
"""A planned run may wait for its turn, and take, so long before its absence is told."""


@dataclass(frozen=True)
class SchoolStatus:
    """The state of one school; nothing in it is personal but the MIS's own ids of pupils."""

    school: str
    unhealthy: list[str] = field(default_factory=list)
    """Why somebody must look; empty when all is well."""
    standing: Standing | None = None
    """None before the first run."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def healthy(self) -> bool:
        """Nothing needs looking at."""
        return not self.unhealthy

    def document(self) -> dict[str, Any]:
        """For `status --json`."""
        found: dict[str, Any] = {
            "school": self.school,
            "healthy": self.healthy,
            "unhealthy": self.unhealthy,
        }
        stands = self.standing
        if stands is None:
            return {
                **found,
                "runs": [],
                "events": {},
                "held": {},
                "waiting": 0,
                "for_a_person": [],
                "failed": [],
            }
        return {
            **found,
            "registers_read_at": _moment(stands.registers_read_at),
            "runs": [run_document(run) for run in stands.runs],
            "events": stands.states,
            "held": stands.holds,
            "waiting": stands.waiting,
            "oldest_pending": stands.oldest_pending.isoformat() if stands.oldest_pending else None,
            "oldest_pending_days": (self.now.date() - stands.oldest_pending).days
            if stands.oldest_pending
            else None,
            "for_a_person": [_event(row) for row in stands.for_a_person],
            "failed": [_event(row) for row in stands.failed],
        }


def status_of(
    school: SchoolConfig,
    database: Path,
    schedule: ScheduleConfig,
    now: datetime,
    health: dict[str, Any] | None = None,
) -> SchoolStatus:
    """Given a school and the time, return how it stands. Raises StoreError when its database cannot be used.

    ``health`` is what the service's health file holds: it knows of runs that failed before they could be recorded.
    """
    if not database.exists():
        return SchoolStatus(school.id, ["no run has been made yet", *_told(school, health, None)], now=now)
    with Store.open(database, school.id) as store:
        stands = standing(store, runs=_SHOWN_RUNS)
    unhealthy = [
        *stands.problems(now, longest_silence_hours=math.inf),
        *_told(school, health, stands.last_good),
    ]
    if stands.runs and stands.runs[0].outcome == "running":
        unhealthy.append("the last run has not come to its end: it is under way, or was cut off")
    planned = last_planned(schedule, school.zone, now - _GRACE)
    good = stands.last_good
    if planned is not None and good is not None and good.started_at.astimezone(UTC) < planned.astimezone(UTC):
        unhealthy.append(
            f"no good run since the one planned for {planned:%Y-%m-%d %H:%M}: is the service running?"
        )
    return SchoolStatus(school.id, unhealthy, stands, now)


def _told(school: SchoolConfig, health: dict[str, Any] | None, good: RunRow | None) -> list[str]:
    """What the service says of its last try, unless a good run has been made since."""
    told = ((health or {}).get("schools") or {}).get(school.id) or {}
    if not told.get("last_error"):
        return []
    ended = datetime.fromisoformat(told["last_ended_at"])
    if good is not None and good.started_at.astimezone(UTC) > ended.astimezone(UTC):
        return []
    return [f"the service could not run it: {told['last_error']}"]


def run_document(row: RunRow) -> dict[str, Any]:
    """One run for JSON: counts only."""
    summary = row.summary
    return {
        "started_at": _moment(row.started_at),
        "finished_at": _moment(row.finished_at),
        "as_of": row.as_of.isoformat(),
        "policy": row.policy,
        "outcome": row.outcome,
        "error": summary.get("error", ""),
        "notes": summary.get("written", {}).get("notes", 0),
        "documents": summary.get("written", {}).get("documents", 0),
        "held": summary.get("held", 0),
        "failed": summary.get("failed", 0),
    }


def _event(row: LedgerRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "rule": row.rule,
        "date": row.date.isoformat(),
        "hold": row.hold,
        "reason": row.reason,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
