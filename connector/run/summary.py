"""What a run has to say: as JSON for scripts (docs/scripts.md, ``run --json``) and as a few plain lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from connector.ledger.event_json import event_document
from connector.ledger.holds import BY_GUARD
from connector.run.pull import Pulled
from connector.store.ledger import LedgerRow

EXIT_DONE, EXIT_FAILED, EXIT_HELD = 0, 1, 3


@dataclass(slots=True)
class RunSummary:
    """One run of one school."""

    school: str
    as_of: date
    policy: str
    dry_run: bool = False
    run_id: int = 0
    outcome: Literal["done", "held", "failed"] = "done"
    error: str = ""
    """Why the run failed or is held, and what to do; empty when it went through."""
    pulled: Pulled = field(default_factory=Pulled)
    events: Sequence[LedgerRow] = ()
    """Events that were added or moved in this run."""
    notes: int = 0
    documents: int = 0
    held: int = 0
    """Held events in the ledger, from this and earlier runs."""
    failed: int = 0
    """Failed events in the ledger."""
    failed_now: int = 0
    left: int = 0
    """Notes and documents that wait for the next run."""
    withdrawn: int = 0
    withdrawals_held: int = 0
    hold_reasons: dict[str, int] = field(default_factory=dict)
    """How many events each kind of hold keeps."""
    missing_registers: Sequence[str] = ()
    warnings: Sequence[str] = ()
    files: Sequence[str] = ()
    """Documents of the school that were put into the configured folder."""

    @property
    def exit_code(self) -> int:
        """0 done, 1 something failed, 3 a guard holds and a person must look."""
        if self.outcome == "failed" or self.failed_now:
            return EXIT_FAILED
        by_guard = set(BY_GUARD) & set(self.hold_reasons)
        return EXIT_HELD if self.outcome == "held" or by_guard or self.withdrawals_held else EXIT_DONE

    def document(self) -> dict[str, Any]:
        """The JSON document of ``run --json``."""
        return {
            "school": self.school,
            "as_of": self.as_of.isoformat(),
            "policy": self.policy,
            "dry_run": self.dry_run,
            "outcome": self.outcome,
            "error": self.error,
            "pulled": {
                "pupils": self.pulled.pupils,
                "contacts": self.pulled.contacts,
                "marks": self.pulled.marks,
                "requests": self.pulled.requests,
            },
            "events": [ledger_document(row) for row in self.events],
            "written": {"notes": self.notes, "documents": self.documents},
            "held": self.held,
            "failed": self.failed,
            "left": self.left,
            "hold_reasons": dict(self.hold_reasons),
            "missing_registers": list(self.missing_registers),
            "warnings": list(self.warnings),
        }

    def lines(self) -> list[str]:
        """The run in plain sentences, without personal data."""
        would = "would be " if self.dry_run else ""
        pulled = self.pulled
        found = [
            f"{self.school}, {self.as_of}, policy {self.policy}: {self.outcome}{' (dry run)' if self.dry_run else ''}",
            f"pulled {pulled.pupils} pupils, {pulled.contacts} contacts and {pulled.marks} marks in {pulled.requests} requests",
            f"{len(self.events)} events of this run{_by_state(self.events)}",
            f"{self.notes} notes and {self.documents} documents {would}written",
        ]
        if self.held:
            kinds = ", ".join(
                f"{count} {kind.replace('_', ' ')}" for kind, count in self.hold_reasons.items()
            )
            found.append(f"{self.held} held ({kinds})")
        if self.failed:
            found.append(f"{self.failed} failed: see `events list --state failed`")
        if self.left:
            found.append(f"{self.left} notes and documents wait for the next run")
        if self.withdrawals_held:
            found.append(
                f"{self.withdrawals_held} written events would be withdrawn at once: nothing was withdrawn, look at the registers"
            )
        if self.missing_registers:
            found.append(f"registers missing: {', '.join(self.missing_registers)}")
        found += self.warnings
        if self.error:
            found.append(self.error)
        return found


def ledger_document(row: LedgerRow) -> dict[str, Any]:
    """An event as in ``evaluate --json``, with its key, state and the reason for it."""
    return {**event_document(row.event), "key": row.key, "state": row.state, "reason": row.reason}


def _by_state(rows: Sequence[LedgerRow]) -> str:
    counts = Counter(row.state for row in rows)
    return ": " + ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) if counts else ""
