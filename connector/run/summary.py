"""What a run reports: as JSON for scripts (docs/scripts.md, ``run --json``) and as a few plain lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

import structlog

from connector.config.school import GivenAbsence
from connector.documents.school_documents import Filed
from connector.errors import Finding, RunGuard
from connector.ledger.event_json import event_document
from connector.ledger.exclusions.covering_nobody import covering_nobody_words
from connector.ledger.guards import Guards, school_days_between
from connector.ledger.holds import BY_GUARD, HeldCause, held_causes, ways_on
from connector.ledger.not_taken import failed_words, not_taken_document, not_taken_words
from connector.ledger.notices.consideration_forms import WaitingForm
from connector.ledger.reconcile import Reconciled
from connector.records.watched_folder import FolderTaken
from connector.run.deliver import Delivered
from connector.run.pull import Pulled
from connector.store import Store
from connector.store.ledger import LedgerRow
from connector.store.outbox import Item, Written
from letters.words import english
from rules.calendar import Calendar
from rules.checks.oddities import oddities
from rules.register import Register
from rules.school import Exclusion

log = structlog.get_logger(__name__)
FORM_SCHOOL_DAYS = 10
"""A consideration form that waits longer for its decision is named in the run's warnings, and so by `status`."""
EXIT_DONE, EXIT_FAILED, EXIT_HELD = 0, 1, 3


@dataclass(slots=True)
class RunSummary:
    """One run of one school."""

    school: str
    as_of: date
    policy: str
    """The first policy; each event names its own."""
    dry_run: bool = False
    run_id: int = 0
    accepted: Sequence[RunGuard] = ()
    """The guards that a person let this run past."""
    outcome: Literal["done", "held", "failed"] = "done"
    error: str = ""
    """Why the run failed or is held, and what to do; empty when it was completed."""
    pulled: Pulled = field(default_factory=Pulled)
    events: Sequence[LedgerRow] = ()
    """Events that were added or moved in this run."""
    notes: int = 0
    documents: int = 0
    held: int = 0
    """Held events in the ledger, from this and earlier runs."""
    failed: int = 0
    """Failed events in the ledger, from this and earlier runs."""
    failed_now: int = 0
    not_taken: Sequence[Item] = ()
    """Correcting notes and documents of the school that the MIS has not taken, from this and earlier runs."""
    left: int = 0
    """Notes and documents that wait for the next run."""
    withdrawn: int = 0
    withdrawals_held: int = 0
    hold_reasons: dict[str, int] = field(default_factory=dict)
    """How many events each kind of hold keeps."""
    causes: Sequence[HeldCause] = ()
    """Why events are held until a person keeps or withdraws them."""
    missing_registers: Sequence[str] = ()
    oddities: Sequence[str] = ()
    """What looks wrong in the marks, such as codes that are no code; part of the warnings."""
    records: Sequence[str] = ()
    """What could not be read in the office's lists of records; part of the warnings."""
    warnings: list[str] = field(default_factory=list)
    followed: Sequence[str] = ()
    """Every policy of the school; empty where it is the first alone."""
    files: Sequence[str] = ()
    """Documents of the school that were put into the configured folder."""

    @property
    def policies(self) -> tuple[str, ...]:
        """The ids of every policy that the run judged by."""
        return tuple(self.followed) or (self.policy,)

    def add_cut(self, cut: Mapping[int, Written]) -> None:
        """Add the earlier runs that were cut off, by number, with what each had written."""
        self.warnings += [
            f"run {run_id} was cut off after {written.words}: this run goes on from there"
            for run_id, written in cut.items()
        ]

    def add_records(self, taken: FolderTaken) -> None:
        """Add what became of the office's lists of records."""
        self.records = tuple(taken.warnings)
        self.warnings += taken.warnings

    def add_register(self, register: Register, guards: Guards) -> None:
        """Add what reading the registers and the guards over them have to say."""
        self.missing_registers = guards.missing_registers
        self.oddities = tuple(oddities(register, self.as_of))
        self.warnings += [*self.pulled.warnings, *register.warnings, *self.oddities]
        config, listed = (
            guards.options.config,
            {pupil.pupil_id: pupil.year_group for pupil in register.pupils},
        )
        every: tuple[Exclusion | GivenAbsence, ...] = (
            *config.exclusions,
            *register.exclusions,
            *config.run.given_absence,
        )
        self.warnings += covering_nobody_words(every, listed, register.nation, self.as_of)
        if guards.doubt is not None:
            log.warning("a guard holds this run's events", reason=guards.doubt.reason)
            self.warnings.append(f"held: {guards.doubt.reason}")

    def add_unused_templates(self, unused: Sequence[Finding]) -> None:
        """Add each file of the templates' folder that is like a template and that no letter is made from."""
        self.warnings += [f"{file.where}: {file.message}" for file in unused if file.severity == "error"]

    def add_blocked(self, touched: Sequence[LedgerRow]) -> None:
        """Add, once, the letters that began to wait in this run for a step that only a person can move on."""
        steps = sorted(
            {row.reason for row in touched if row.hold == "ladder" and "`events show " in row.reason}
        )
        self.warnings += [f"a letter of a ladder {reason}" for reason in steps]

    def add_forms(self, waiting: Sequence[WaitingForm], calendar: Calendar) -> None:
        """Add a reminder of the consideration forms that have waited long for their decision."""
        late = [
            one.form
            for one in waiting
            if school_days_between(calendar, one.form.date, self.as_of) > FORM_SCHOOL_DAYS
        ]
        if late:
            self.warnings.append(
                f"{english.count(len(late), 'consideration form')} of more than {FORM_SCHOOL_DAYS} school days ago"
                f" without a decision on record, the oldest {late[0].key} of {late[0].date}: later events of the pupil"
                " make no form. Put the decision on record (`records add`): a notice issued, a notice to improve, or"
                " none and why"
            )

    def add_reconciled(self, reconciled: Reconciled) -> None:
        """Add what was withdrawn."""
        self.withdrawn, self.withdrawals_held = len(reconciled.withdrawn), reconciled.withdrawals_held

    def add_problems(self, problems: Sequence[str]) -> None:
        """Add notes that could not be made; each is tried again in the next run."""
        self.failed_now += len(problems)
        self.warnings += problems

    def add_filed(self, filed: Filed) -> None:
        """Add what became of the documents of the school."""
        self.files = filed.files
        if filed.lines_without_place:
            self.warnings.append(
                f"{filed.lines_without_place} lines of lists have nowhere to go: name a folder for them with run.digest"
            )
        if filed.problems:
            # a failed run is one whose reports are due again
            self.warnings += filed.problems
            self.outcome = "failed"
            self.error = (
                "not every document of the school could be made; they are tried again in the next run"
            )

    def count_waiting(self, items: Sequence[Item]) -> None:
        """Count what a dry run would have written."""
        self.documents = sum(item.kind == "document" for item in items)
        self.notes = len(items) - self.documents

    def add_delivered(self, delivered: Delivered) -> None:
        """Add what was delivered. Raise what broke delivery off, if anything did."""
        self.notes, self.documents = delivered.notes, delivered.documents
        self.failed_now += delivered.failed
        self.left = delivered.left
        self.warnings += delivered.problems
        if delivered.left:
            self.outcome = "failed"
            self.error = "the MIS did not answer for every write; what is missing is written in the next run"
        if delivered.error is not None:
            raise delivered.error

    @property
    def exit_code(self) -> int:
        """0 done, 1 something failed, now or earlier, and is not put right; 3 a guard holds and a person must look."""
        if self.outcome == "failed" or self.failed_now or self.failed or self.not_taken:
            return EXIT_FAILED
        return EXIT_HELD if self.is_held else EXIT_DONE

    @property
    def is_held(self) -> bool:
        """A guard holds the run or some of its events, and a person must look."""
        by_guard = set(BY_GUARD) & set(self.hold_reasons)
        return self.outcome == "held" or bool(by_guard) or bool(self.withdrawals_held)

    def document(self) -> dict[str, Any]:
        """Return the counts and events of ``run --json``."""
        return {
            "school": self.school,
            "run": None if self.dry_run else self.run_id,
            "as_of": self.as_of.isoformat(),
            "policy": self.policy,
            "dry_run": self.dry_run,
            "outcome": self.outcome,
            "accepted": list(self.accepted),
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
            "not_taken": [not_taken_document(item) for item in self.not_taken],
            "hold_reasons": dict(self.hold_reasons),
            "because": [cause.document() for cause in self.causes],
            "missing_registers": list(self.missing_registers),
            "warnings": list(self.warnings),
        }

    def lines(self) -> list[str]:
        """Return the run in plain sentences for staff: no names, but pupils' ids in the MIS, and dates in a cause."""
        would = "would be " if self.dry_run else ""
        number = "" if self.dry_run else f"run {self.run_id}, "
        pulled = self.pulled
        lines = [
            f"{self.school}, {number}{self.as_of}, policy {' with '.join(self.policies)}: {self.outcome}{' (dry run)' if self.dry_run else ''}",
            f"pulled {pulled.pupils} pupils, {pulled.contacts} contacts and {pulled.marks} marks in {pulled.requests} requests",
            f"{len(self.events)} events of this run{_by_state(self.events)}",
            f"{self.notes} notes and {self.documents} documents {would}written",
        ]
        if self.accepted:
            lines.append(f"let past for this run: {', '.join(self.accepted)}")
        if self.held:
            kinds = ", ".join(
                f"{count} {kind.replace('_', ' ')}" for kind, count in self.hold_reasons.items()
            )
            lines.append(f"{self.held} held ({kinds})")
            lines += ways_on(self.hold_reasons)
        lines += [cause.words for cause in self.causes]
        lines += [*failed_words(self.failed), *not_taken_words(self.not_taken)]
        if self.left:
            lines.append(f"{self.left} notes and documents wait for the next run")
        if self.withdrawals_held:
            lines.append(
                f"{self.withdrawals_held} written events would be withdrawn at once: they are held, look at the registers"
            )
        if self.missing_registers:
            lines.append(f"registers missing: {', '.join(self.missing_registers)}")
        lines += self.warnings
        if self.error:
            lines.append(self.error)
        return lines

    def failures(self) -> list[str]:
        """Return what failed, now or earlier, and is not put right: why the exit code is 1."""
        why = [self.error] if self.error else self.warnings if self.failed_now else []
        return [*why, *failed_words(self.failed), *not_taken_words(self.not_taken)]


@dataclass(slots=True)
class RunReport:
    """A run's summary, and the register that was judged; None when the run did not get that far."""

    summary: RunSummary
    register: Register | None = None

    def document(self) -> dict[str, Any]:
        """Return the JSON document of ``run --json``. Its days are those of the academic year up to the run's."""
        summary = self.summary.document()
        head = {key: summary.pop(key) for key in ("school", "policy", "as_of")}
        first = last = None
        if self.register is not None:
            calendar, as_of = self.register.calendar, self.summary.as_of
            year = calendar.year_of(as_of)
            first, last = calendar.next_school_day(year.start), calendar.last_school_day(year.start, as_of)
        days = {"first_day": first, "last_day": last}
        return {
            **head,
            **{key: day.isoformat() if day else None for key, day in days.items()},
            **summary,
            "out": None,
        }


def finish(store: Store, summary: RunSummary, now: datetime) -> None:
    """Count what is held and failed in the ledger, and record in the store how the run ended."""
    ledger = store.ledger
    held = ledger.rows(states=("held",))
    summary.causes = held_causes(held)
    summary.held = len(held)
    summary.hold_reasons = dict(sorted(Counter(row.hold for row in held).items()))
    summary.failed = len(ledger.rows(states=("failed",)))
    summary.not_taken = store.outbox.not_taken()
    summary.events = ledger.touched_in(summary.run_id)
    if summary.outcome == "done" and summary.is_held:
        summary.outcome = "held"
    document = summary.document()
    document["events"] = len(summary.events)
    with store.transaction():
        store.runs.finish(summary.run_id, at=now, outcome=summary.outcome, summary=document)


def ledger_document(row: LedgerRow) -> dict[str, Any]:
    """Return an event as in ``evaluate --json``, with its key, state and the reason for it."""
    return {
        **event_document(row.event),
        "key": row.key,
        "state": row.state,
        "reason": row.reason,
        "because": row.because,
    }


def _by_state(rows: Sequence[LedgerRow]) -> str:
    counts = Counter(row.state for row in rows)
    return ": " + ", ".join(f"{count} {state}" for state, count in sorted(counts.items())) if counts else ""
