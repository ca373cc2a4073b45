"""One run of one school: pull, guard, evaluate, reconcile, compose, deliver, sum up. Time comes in as an argument."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

from connector.adapters.base import Adapter
from connector.documents.lists import SchoolLists
from connector.documents.pupil_letters import SchoolLetters
from connector.documents.reports import SchoolReports
from connector.documents.school_documents import ListWriter, RunFacts, file_documents, file_lists
from connector.errors import ConfigError, ConnectorError, HeldError, StoreError
from connector.ledger.reconcile import Judged, Reconciled, reconcile
from connector.run.compose import LetterWriter, compose_corrections, compose_due
from connector.run.decide import decide
from connector.run.deliver import Delivered, Delivery
from connector.run.guards import CALENDAR_DAYS, Guards
from connector.run.options import RunOptions
from connector.run.pull import pull
from connector.run.summary import RunSummary
from connector.store import Store
from connector.store.ledger import RunStamp
from connector.store.pull_merge import registers_read_at
from connector.store.registers import marks_off_calendar
from rules.calendar import CalendarError
from rules.evaluate import evaluate
from rules.outcome import NOTE
from rules.register import Register

log = structlog.get_logger(__name__)


Progress = Callable[[str], None]


@dataclass(frozen=True)
class Surroundings:
    """What a run needs beside its options."""

    adapter: Adapter
    writer_for: Callable[[Register], LetterWriter] | None = None
    """Letters and notes over a register; None: the letters package under the options."""
    lists_for: Callable[[Register], ListWriter] | None = None
    """Documents of the school; None: the reports of the letters package."""
    sleep: Callable[[float], None] = time.sleep
    progress: Progress = lambda _step: None
    """Told the name of each step."""


def run_school(
    options: RunOptions,
    state: Path,
    around: Surroundings,
    *,
    as_of: date,
    now: datetime,
    dry_run: bool = False,
) -> RunSummary:
    """Run one school once for one day; return what happened, also when the MIS failed half-way.

    ``state`` is the school's SQLite file; a lock beside it keeps a second run out. A dry run reads the MIS and
    works on a copy of the state, down to the last writer: no write request, no change of state. Raises
    StoreError when the file cannot be used or another run has it, ConfigError when the MIS cannot take what
    the policy makes.
    """
    check_capabilities(options, around.adapter)
    try:
        with _locked(state), _store(options, state, dry_run=dry_run) as store:
            return _Run(options, store, around, as_of, now, dry_run=dry_run).whole()
    except sqlite3.Error as error:
        raise StoreError(
            f"{state.name} cannot be written: {error}.",
            fix="see that the disk has room and the file is not open elsewhere; the next run goes on from here",
        ) from error


class _Run:
    """The steps of one run, in order."""

    def __init__(
        self,
        options: RunOptions,
        store: Store,
        around: Surroundings,
        as_of: date,
        now: datetime,
        *,
        dry_run: bool,
    ) -> None:
        self.options, self.store, self.around = options, store, around
        self.as_of, self.now, self.dry_run = as_of, now, dry_run
        self.summary = RunSummary(options.school_id, as_of, options.policy.id, dry_run)

    def whole(self) -> RunSummary:
        """Every step; whatever stops it is written down with the run."""
        first_run = self.store.runs.first_day() is None
        policy = self.options.policy
        with self.store.transaction():
            self.summary.run_id = self.store.runs.start(
                as_of=self.as_of,
                at=self.now,
                policy=policy.id,
                policy_version=policy.version,
                config_hash=self.options.config_hash,
            )
        try:
            self._steps(first_run)
        except HeldError as error:
            self.summary.outcome, self.summary.error = "held", str(error)
        except ConnectorError as error:
            self.summary.outcome, self.summary.error = "failed", str(error)
        except sqlite3.Error:
            raise
        except Exception as error:
            self.summary.outcome, self.summary.error = "failed", type(error).__name__
            self._finish()
            raise
        self._finish()
        return self.summary

    def _steps(self, first_run: bool) -> None:
        self.around.progress("pull")
        self.summary.pulled = pull(
            self.store,
            self.around.adapter,
            self.options,
            as_of=self.as_of,
            now=self.now,
            sleep=self.around.sleep,
        )
        self.around.progress("evaluate")
        register = self._register()
        guards = self._guards(register, first_run)
        evaluation = evaluate(register, self.options.policy, self.as_of, amendments=True, notices=True)
        stamp = self._stamp()
        with self.store.transaction():
            done = reconcile(
                self.store,
                Judged(evaluation.events, self.options.policy, register.calendar),
                stamp,
                may_withdraw=guards.doubt is None,
                most_withdrawn=self.options.hold_above_events,
            )
            due = decide(self.store, guards, stamp)
        self.summary.withdrawn, self.summary.withdrawals_held = len(done.withdrawn), done.withdrawals_held
        self.around.progress("compose")
        self._compose(register, guards, done, due, stamp)
        self.around.progress("deliver")
        self._deliver(register, stamp)

    def _register(self) -> Register:
        try:
            register = self.store.register(
                nation=self.options.nation, welsh_d_attended=self.options.welsh_d_attended
            )
        except CalendarError as error:
            raise HeldError(
                f"the calendar cannot be used: {error}.", fix="correct it in the MIS or in the calendar file"
            ) from error
        self.summary.warnings = [*self.summary.pulled.warnings, *register.warnings]
        return register

    def _guards(self, register: Register, first_run: bool) -> Guards:
        guards = Guards(
            register,
            self.options,
            self.as_of,
            off_calendar=marks_off_calendar(
                self.store.connection, register.calendar, self.as_of, CALENDAR_DAYS
            ),
            first_run=first_run,
        )
        self.summary.missing_registers = guards.missing_registers
        if guards.doubt is not None:
            log.warning("a guard holds this run's events", reason=guards.doubt.reason)
            self.summary.warnings = [*self.summary.warnings, f"held: {guards.doubt.reason}"]
        return guards

    def _stamp(self) -> RunStamp:
        read_at = registers_read_at(self.store.connection) or self.now
        return RunStamp(
            run_id=self.summary.run_id,
            at=self.now,
            as_of=self.as_of,
            policy=self.options.policy.id,
            policy_version=self.options.policy.version,
            config_hash=self.options.config_hash,
            registers_read_at=read_at.isoformat(),
        )

    def _compose(
        self, register: Register, guards: Guards, done: Reconciled, due: list[int], stamp: RunStamp
    ) -> None:
        around, options = self.around, self.options
        writer = (around.writer_for or self._letters)(register)
        compose_due(self.store, due, writer, stamp)
        compose_corrections(self.store, writer, stamp)
        ledger = self.store.ledger
        facts = RunFacts(
            as_of=self.as_of,
            written=[row for i in due if (row := ledger.row_by_id(i)).state == "composed"],
            held=ledger.rows(states=("held",), policy=self.options.policy.id),
            failed=ledger.rows(states=("failed",), policy=self.options.policy.id),
            withdrawn=[ledger.row_by_id(i) for i in done.withdrawn],
            missing_registers=guards.missing_registers,
            warnings=self.summary.warnings,
            news=bool(ledger.touched_in(self.summary.run_id)) or self._other_registers_missing(),
        )
        filed = file_lists(
            self.store,
            (around.lists_for or self._lists)(register),
            facts,
            stamp,
            mis_takes_them=around.adapter.capabilities.school_documents,
            folder=None if self.dry_run else options.digest_folder,
        )
        self.summary.files = filed.files + self._file_reports(register, stamp)
        if filed.nowhere and not self.dry_run:
            told = (
                f"{filed.nowhere} lines of lists have nowhere to go: name a folder for them with run.digest"
            )
            self.summary.warnings = [*self.summary.warnings, told]

    def _file_reports(self, register: Register, stamp: RunStamp) -> tuple[str, ...]:
        """The weekly and termly reports that are due, where there is a place for them."""
        mis_takes_them = self.around.adapter.capabilities.school_documents
        folder = None if self.dry_run else self.options.digest_folder
        if not mis_takes_them and folder is None:
            return ()
        after = self.store.runs.day_of_last_before(self.summary.run_id)
        due = SchoolReports(self.options, self.store, register, self.as_of).documents(after)
        return file_documents(self.store, due, stamp, mis_takes_them=mis_takes_them, folder=folder)

    def _other_registers_missing(self) -> bool:
        """True when registers are missing that the last run of this day has not told of."""
        earlier = [run for run in self.store.runs.last(2) if run.id != self.summary.run_id]
        told = {
            name
            for run in earlier
            if run.as_of == self.as_of
            for name in run.summary.get("missing_registers", ())
        }
        return not told.issuperset(self.summary.missing_registers)

    def _letters(self, register: Register) -> LetterWriter:
        return SchoolLetters(self.options, register, self.as_of)

    def _lists(self, register: Register) -> ListWriter:
        return SchoolLists(self.options, register, self.as_of)

    def _deliver(self, register: Register, stamp: RunStamp) -> None:
        if self.dry_run:
            waiting = self.store.outbox.open_items()
            self.summary.documents = sum(item.kind == "document" for item in waiting)
            self.summary.notes = len(waiting) - self.summary.documents
            return
        delivery = Delivery(
            self.store, self.around.adapter, register, self.options, stamp, sleep=self.around.sleep
        )
        try:
            delivery.deliver()
        finally:
            self._sum_up(delivery.done)

    def _sum_up(self, delivered: Delivered) -> None:
        summary = self.summary
        summary.notes, summary.documents = delivered.notes, delivered.documents
        summary.failed_now, summary.left = delivered.failed, delivered.left
        summary.warnings = [*summary.warnings, *delivered.problems]
        if delivered.left:
            summary.outcome = "failed"
            summary.error = "the MIS did not answer for every write; what is left is written in the next run"

    def _finish(self) -> None:
        ledger, summary = self.store.ledger, self.summary
        held = ledger.rows(states=("held",), policy=self.options.policy.id)
        summary.held = len(held)
        summary.hold_reasons = dict(sorted(Counter(row.hold for row in held).items()))
        summary.failed = len(ledger.rows(states=("failed",), policy=self.options.policy.id))
        summary.events = ledger.touched_in(summary.run_id)
        if summary.outcome == "done" and summary.exit_code == 3:
            summary.outcome = "held"
        document = summary.document()
        document["events"] = len(summary.events)
        with self.store.transaction():
            self.store.runs.finish(summary.run_id, at=self.now, outcome=summary.outcome, summary=document)


def check_capabilities(options: RunOptions, adapter: Adapter) -> None:
    """Raise ConfigError when the policy makes what the MIS cannot take."""
    outcomes = {outcome for rule in options.policy.rules for outcome in rule.outcomes}
    can = adapter.capabilities
    lacks = []
    if NOTE in outcomes and not can.notes:
        lacks.append("notes")
    if any(outcome.is_document for outcome in outcomes) and not can.documents:
        lacks.append("documents")
    if lacks:
        raise ConfigError(
            f"the policy {options.policy.id} makes {' and '.join(lacks)}, which this MIS cannot take",
            fix="name a folder for them with supply.folder in the school's table",
        )


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    state.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{state}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StoreError(
            f"another run of this school is under way ({state.name}).", fix="wait until it has ended"
        ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _store(options: RunOptions, state: Path, *, dry_run: bool) -> Iterator[Store]:
    if dry_run and not state.exists():
        with Store.in_memory(options.school_id) as empty:
            yield empty
        return
    with Store.open(state, options.school_id) as store:
        if not dry_run:
            yield store
            return
        with store.copy_in_memory() as copy:
            yield copy
