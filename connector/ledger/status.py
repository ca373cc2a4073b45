"""How a school stands, for `status` and the health signal; and what a pupil's evidence pack is made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from connector.ledger.holds import BY_PERSON
from connector.store import Store
from connector.store.amendments import read_amendments
from connector.store.ledger import PENDING, HistoryLine, LedgerRow
from connector.store.outbox import Item
from connector.store.pull_merge import registers_read_at
from connector.store.runs import RunRow
from rules.events import Event
from rules.school import Amendment


@dataclass(frozen=True, slots=True)
class Standing:
    """One school now."""

    school: str
    runs: tuple[RunRow, ...]
    """The last runs, the newest first."""
    registers_read_at: datetime | None
    states: dict[str, int]
    """How many events are in each state."""
    holds: dict[str, int]
    """How many held events each kind of hold keeps."""
    for_a_person: tuple[LedgerRow, ...]
    """Held events that wait until somebody acts."""
    failed: tuple[LedgerRow, ...]
    failed_notes: tuple[Item, ...]
    """Correcting notes and documents of the school that the MIS refused."""
    waiting: int
    """Notes and documents not yet written."""
    oldest_pending: date | None

    @property
    def last_good(self) -> RunRow | None:
        """The last run that went through, or that a guard held."""
        return next((run for run in self.runs if run.outcome in ("done", "held")), None)

    def problems(self, now: datetime, *, longest_silence_hours: float = 26.0) -> list[str]:
        """Why the school is unhealthy, in words; empty when it is well."""
        found = []
        if not self.runs:
            return ["there has been no run yet"]
        if self.runs[0].outcome == "failed":
            found.append(f"the last run failed: {self.runs[0].summary.get('error', '')}")
        good = self.last_good
        if good is None or good.finished_at is None:
            found.append("no run has gone through yet")
        elif (now - good.finished_at).total_seconds() > longest_silence_hours * 3600:
            found.append(f"the last run that went through was on {good.finished_at:%d %B %Y at %H:%M}")
        if self.failed:
            found.append(f"{len(self.failed)} event(s) failed")
        if self.failed_notes:
            found.append(f"{len(self.failed_notes)} correcting note(s) or document(s) of the school failed")
        return found


def standing(store: Store, *, runs: int = 10) -> Standing:
    """Read how a school stands."""
    held = store.ledger.rows(states=("held",))
    pending = store.ledger.rows(states=PENDING)
    return Standing(
        school=store.school_id,
        runs=tuple(store.runs.last(runs)),
        registers_read_at=registers_read_at(store.connection),
        states=store.ledger.counts(),
        holds=dict(sorted(Counter(row.hold for row in held).items())),
        for_a_person=tuple(row for row in held if row.hold in BY_PERSON),
        failed=tuple(store.ledger.rows(states=("failed",))),
        failed_notes=tuple(
            item for item in store.outbox.failed_items() if item.event_id is None or item.kind == "correction"
        ),
        waiting=len(store.outbox.open_items()),
        oldest_pending=min((row.date for row in pending), default=None),
    )


@dataclass(frozen=True, slots=True)
class FiledEvent:
    """One event of a pupil with everything that followed from it."""

    key: str
    state: str
    event: Event
    """With its latest evidence."""
    first_evidence: Event
    """As it stood when it was found; the letter rests on it."""
    history: tuple[HistoryLine, ...]
    items: tuple[Item, ...]
    """Documents and notes that reached the MIS, in order."""
    registers_read_at: str
    policy_version: str
    config_hash: str


@dataclass(frozen=True, slots=True)
class PupilRecord:
    """What the ledger holds about one pupil."""

    pupil_id: str
    events: tuple[FiledEvent, ...]
    amendments: tuple[Amendment, ...]


def pupil_record(store: Store, pupil_id: str) -> PupilRecord:
    """Everything about a pupil, in order of date; for an evidence pack."""
    events = []
    for row in store.ledger.rows(pupil_id=pupil_id):
        evidence = store.ledger.evidence(row.id)
        events.append(
            FiledEvent(
                key=row.key,
                state=row.state,
                event=row.event,
                first_evidence=evidence[0] if evidence else row.event,
                history=tuple(store.ledger.history(row.id)),
                items=tuple(i for i in store.outbox.of_event(row.id) if i.state in ("written", "verified")),
                registers_read_at=row.registers_read_at,
                policy_version=row.policy_version,
                config_hash=row.config_hash,
            )
        )
    return PupilRecord(pupil_id, tuple(events), read_amendments(store.connection, pupil_id))
