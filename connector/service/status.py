"""Whether one school is healthy or somebody must look: for `status` and for monitoring."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.config import Config, ScheduleConfig, SchoolConfig
from connector.ledger.holds import BY_PERSON, HeldCause, held_causes
from connector.ledger.not_taken import failed_words, not_taken_document, not_taken_words
from connector.run.lock import is_locked
from connector.run.states import renamed_state, renamed_words, unused_states
from connector.service.last_mornings import morning_document, morning_problems, mornings_of
from connector.service.plan import last_planned
from connector.store import Store
from connector.store.ledger import PENDING, LedgerRow
from connector.store.morning.morning_lists import MorningRow
from connector.store.outbox import Item, Written
from connector.store.pull_merge import registers_read_at
from connector.store.runs import RunRow
from letters.words import english

_SHOWN_RUNS = 5
_GRACE = timedelta(hours=2)
"""How long a planned run may wait for its turn, and take, before it counts as missing."""


@dataclass(frozen=True, slots=True)
class LedgerStatus:
    """What a school's own database says: its last runs, and how many events are in which state."""

    runs: tuple[RunRow, ...]
    """The last runs, the newest first. One without an end of its own is "running" or, when nobody works on it, "cut"."""
    written: Written
    """What stands in the MIS, or in the folder that takes its place: all runs together."""
    registers_read_at: datetime | None
    states: dict[str, int]
    """How many events are in each state."""
    holds: dict[str, int]
    """How many held events each kind of hold keeps."""
    for_a_person: tuple[LedgerRow, ...]
    """Held events that wait until somebody acts."""
    causes: tuple[HeldCause, ...]
    """Why some of them wait to be kept or withdrawn."""
    failed: tuple[LedgerRow, ...]
    not_taken: tuple[Item, ...]
    """Correcting notes and documents of the school that the MIS has not taken, given up or not."""
    notes_overdue: int
    """Correcting notes that the last good run should have made."""
    waiting: int
    """Notes and documents not yet written."""
    oldest_pending: date | None

    def last_good(self, now: datetime) -> RunRow | None:
        """Return the last run that was completed, or that a guard held; one that began later than now does not count."""
        return next(
            (run for run in self.runs if run.outcome in ("done", "held") and run.started_at <= now), None
        )

    @property
    def last_ended(self) -> RunRow | None:
        """The last run that is not under way."""
        return next((run for run in self.runs if run.outcome != "running"), None)

    @property
    def under_way(self) -> RunRow | None:
        """The run that is under way now."""
        return self.runs[0] if self.runs and self.runs[0].outcome == "running" else None

    @property
    def warnings(self) -> list[str]:
        """What the last run warned of, such as marks with codes that are no code."""
        return list(self.last_ended.summary.get("warnings", ())) if self.last_ended else []

    def problems(self, now: datetime, *, longest_silence_hours: float = 26.0) -> list[str]:
        """Return why the school is unhealthy, as text; empty when it is healthy."""
        if not self.runs:
            return ["there has been no run yet"]
        problems = []
        if self.runs[0].started_at > now:
            began = self.runs[0].started_at
            problems.append(
                f"the last run began on {began:%d %B %Y at %H:%M}, which is still to come: the clock of this server was ahead"
            )
        problems += _problems_of(self.last_ended)
        good = self.last_good(now)
        if good is None or good.finished_at is None:
            problems.append("no run has been completed up to now")
        elif (now - good.finished_at).total_seconds() > longest_silence_hours * 3600:
            problems.append(f"the last completed run was on {good.finished_at:%d %B %Y at %H:%M}")
        problems += failed_words(len(self.failed))
        problems += not_taken_words(self.not_taken)
        if self.notes_overdue:
            problems.append(
                f"{english.count(self.notes_overdue, 'correcting note')} could not be made; see what the last run warned of"
            )
        return problems


def _problems_of(run: RunRow | None) -> list[str]:
    """Return what is wrong with the last run that has ended."""
    if run is None:
        return []
    if run.outcome == "cut":
        written = Written(**run.summary["written"]).words
        began = f"{run.started_at:%d %B %Y at %H:%M}"
        return [
            f"run {run.id}, begun on {began}, was cut off after {written}; the next run goes on from there"
        ]
    if run.outcome == "held" and run.summary.get("error"):
        return [f"the last run judged nothing: {run.summary['error']}"]
    return [f"the last run failed: {run.summary.get('error', '')}"] if run.outcome == "failed" else []


def _last_runs(store: Store, count: int, is_working: Callable[[], bool]) -> list[RunRow]:
    """Return the last runs; those without an end are cut, but for the newest one while somebody works on it."""
    runs = store.runs.last(count)
    working = False
    if runs and runs[0].outcome == "running":
        working = is_working()
        runs = store.runs.last(count)  # it may have ended before the lock was looked at
    return [
        run
        if run.outcome != "running"
        else run.with_outcome(
            "running" if working and run is runs[0] else "cut", store.outbox.written(run.id)
        )
        for run in runs
    ]


def ledger_status(
    store: Store, *, runs: int = 10, is_working: Callable[[], bool] = lambda: False
) -> LedgerStatus:
    """Read the status of a school from its open database, with so many of its last runs.

    ``is_working`` says whether somebody holds the school's lock; it is asked only when a run has no end.
    """
    rows = _last_runs(store, runs, is_working)
    good = next((run.started_at for run in rows if run.outcome in ("done", "held")), None)
    held = store.ledger.rows(states=("held",))
    pending = [row for row in store.ledger.rows(states=PENDING) if row.stands_as in PENDING]
    return LedgerStatus(
        runs=tuple(rows),
        written=store.outbox.written(),
        registers_read_at=registers_read_at(store.connection),
        states=store.ledger.counts(),
        holds=dict(sorted(Counter(row.hold for row in held).items())),
        for_a_person=tuple(row for row in held if row.hold in BY_PERSON),
        causes=held_causes(held),
        failed=tuple(store.ledger.rows(states=("failed",))),
        not_taken=tuple(store.outbox.not_taken()),
        notes_overdue=sum(
            good is not None and datetime.fromisoformat(row.state_at) <= good
            for row in store.ledger.rows(note_due=True)
        ),
        waiting=len(store.outbox.open_items()),
        oldest_pending=min((row.date for row in pending), default=None),
    )


@dataclass(frozen=True)
class SchoolStatus:
    """The state of one school, for staff: no names, but pupils' ids in the MIS, and dates in a cause."""

    school: str
    unhealthy: list[str] = field(default_factory=list)
    """Why somebody must look; empty when all is well."""
    ledger: LedgerStatus | None = None
    """None before the first run."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    mornings: tuple[MorningRow, ...] = ()
    """The last lists of calls, the newest first."""

    @property
    def healthy(self) -> bool:
        """Nothing needs looking at."""
        return not self.unhealthy

    def document(self) -> dict[str, Any]:
        """Return one school of `status --json`."""
        head = {"school": self.school, "healthy": self.healthy, "unhealthy": self.unhealthy}
        ledger = self.ledger
        if ledger is None:
            nothing: dict[str, Any] = {
                "runs": [],
                "written": {"notes": 0, "documents": 0},
                "events": {},
                "held": {},
                "warnings": [],
                "waiting": 0,
                "for_a_person": [],
                "because": [],
                "failed": [],
                "not_taken": [],
                "mornings": [],
            }
            return {**head, **nothing}
        oldest = ledger.oldest_pending
        return {
            **head,
            "registers_read_at": _moment(ledger.registers_read_at),
            "runs": [run_document(run) for run in ledger.runs],
            "written": asdict(ledger.written),
            "events": ledger.states,
            "held": ledger.holds,
            "warnings": ledger.warnings,
            "waiting": ledger.waiting,
            "oldest_pending": oldest.isoformat() if oldest else None,
            "oldest_pending_days": (self.now.date() - oldest).days if oldest else None,
            "for_a_person": [_event(row) for row in ledger.for_a_person],
            "because": [cause.document() for cause in ledger.causes],
            "failed": [_event(row) for row in ledger.failed],
            "not_taken": [not_taken_document(item) for item in ledger.not_taken],
            "mornings": [morning_document(row) for row in self.mornings],
        }


def school_status(
    school: SchoolConfig,
    database: Path,
    schedule: ScheduleConfig,
    now: datetime,
    health: dict[str, Any] | None = None,
    notices: Sequence[str] = (),
) -> SchoolStatus:
    """Given a school and the time, return its status. Raise StoreError when its database cannot be used.

    ``notices`` are what :func:`found_database` has to say of the database.
    ``health`` is what the service's health file holds: it knows of runs that failed before they could be recorded.
    """
    if not database.exists():
        problems = ["no run has been made yet", *notices, *_service_error(school, health, None)]
        return SchoolStatus(school.id, problems, now=now)
    with Store.open(database, None if notices else school.id) as store:
        ledger = ledger_status(store, runs=_SHOWN_RUNS, is_working=lambda: is_locked(database))
        mornings = tuple(store.mornings.last(_SHOWN_RUNS))
        last_morning = mornings_of(store, school, now)
    good = ledger.last_good(now)
    unhealthy = [
        *notices,
        *ledger.problems(now, longest_silence_hours=math.inf),
        *_service_error(school, health, good),
        *morning_problems(school, last_morning, mornings, now),
    ]
    planned = last_planned(schedule, school.zone, now - _GRACE)
    if planned is not None and good is not None and good.started_at.astimezone(UTC) < planned.astimezone(UTC):
        unhealthy.append(
            f"no good run since the one planned for {planned:%Y-%m-%d %H:%M}: is the service running?"
        )
    return SchoolStatus(school.id, unhealthy, ledger, now, mornings)


def found_database(config: Config, school: SchoolConfig) -> tuple[Path, list[str]]:
    """Return the school's database, also under a former id, and what is to be said of that."""
    renamed = renamed_state(config, school)
    if renamed is not None:
        return renamed.path, [renamed_words(school, renamed)]
    database = config.database(school)
    unused = [] if database.exists() else unused_states(config)
    return database, [f"{state.path.name} is of no school of the configuration" for state in unused]


def _service_error(school: SchoolConfig, health: dict[str, Any] | None, good: RunRow | None) -> list[str]:
    """Return why the service's last try failed, unless a good run has been made since."""
    last_try = ((health or {}).get("schools") or {}).get(school.id) or {}
    if not last_try.get("last_error"):
        return []
    ended = datetime.fromisoformat(last_try["last_ended_at"])
    if good is not None and good.started_at.astimezone(UTC) > ended.astimezone(UTC):
        return []
    return [f"the service could not run it: {last_try['last_error']}"]


def run_document(row: RunRow) -> dict[str, Any]:
    """Return one run for JSON: counts only."""
    summary = row.summary
    return {
        "run": row.id,
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
        "because": row.because,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
