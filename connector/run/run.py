"""One run of one school: lock, open, pull, guard, evaluate, reconcile, decide, compose, file, deliver, sum up."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from connector.adapters.folder_marks import FolderMark, foreign_mark, put_mark
from connector.config.loaded_school import LoadedSchool
from connector.config.own_folders import own_folders
from connector.config.school import RunConfig
from connector.documents.pdf_copies import copy_as_pdf
from connector.documents.reviews_file import file_reviews
from connector.documents.templates import load_templates, unused_findings
from connector.errors import ConfigError, ConnectorError, DataError, HeldError, StoreError
from connector.ledger.causes import Judged
from connector.ledger.exclusions.named import rule_findings
from connector.ledger.guards import guards_of
from connector.ledger.notices.consideration_forms import forms_of
from connector.ledger.reconcile import Limits, Reconciled, reconcile
from connector.ledger.rested_on import keep_followed
from connector.run.compose import compose_corrections, compose_due
from connector.run.decide import decide
from connector.run.deliver import deliver
from connector.run.file_documents import file_school_documents, run_facts
from connector.run.former_keys import keep_former_identity
from connector.run.judged_day import check_day, judged_register
from connector.run.lock import school_lock
from connector.run.pull import pull, take_records_folder
from connector.run.request import RunRequest
from connector.run.summary import RunReport, RunSummary, finish
from connector.store import Store
from connector.store.ledger import RunStamp
from connector.store.meta import FOLDER_MARK, MIS, keep_value, read_value
from connector.store.pull_merge import registers_read_at
from rules.evaluate import evaluate
from rules.policy import Policy
from rules.register import Register
from rules.rule.outcome import NOTE

LOCK_SECONDS = 1.0
"""How long a run waits for its lock: `status` takes it for an instant to see whether it is free."""


def run_school(state: Path, request: RunRequest) -> RunReport:
    """Run one school once for one day; return what happened, also when the MIS failed half-way.

    ``state`` is the school's SQLite file; a lock next to it keeps a second run out. A dry run may be of a file that
    stands under the school's former id. Raise StoreError when the file
    cannot be used or another run has it, ConfigError when a template cannot be read or the MIS cannot take what
    the policy makes.
    """
    load_templates(request.options.config.letters.templates)
    check_capabilities(request)
    try:
        with school_lock(state, wait_seconds=LOCK_SECONDS), opened_state(state, request) as store:
            return _recorded_run(store, request)
    except sqlite3.Error as error:
        raise unwritable(state, error) from error


def unwritable(state: Path, error: sqlite3.Error) -> StoreError:
    """Return the error of a state that the disk, or another program, does not let us write."""
    return StoreError(
        f"{state.name} cannot be written: {error}.",
        fix="make sure that the disk has room and no other program has the file open; the next run goes on from here",
    )


def _recorded_run(store: Store, request: RunRequest) -> RunReport:
    """Make every step, and record in the store how it ended, also when it failed."""
    report = _begin(store, request)
    summary = report.summary
    try:
        _steps(store, request, report)
    except ConnectorError as error:
        summary.outcome = "held" if isinstance(error, HeldError) else "failed"
        summary.error = str(error)
    except sqlite3.Error:
        raise
    except Exception as error:
        summary.outcome, summary.error = "failed", type(error).__name__
        finish(store, summary, request.now)
        raise
    finish(store, summary, request.now)
    return report


def _steps(store: Store, request: RunRequest, report: RunReport) -> None:
    """Go from the MIS's registers to its notes and letters; fill in the report on the way."""
    summary, options = report.summary, request.options
    request.progress("pull")
    summary.pulled = pull(store, request)
    take_folders(store, request)
    summary.add_records(take_records_folder(store, request))

    request.progress("evaluate")
    register = judged_register(store, options.config, request.now)
    check_day(store, register, request)
    unknown = list(rule_findings(register.exclusions, options.policies))
    if unknown:
        raise DataError(unknown)
    guards = guards_of(store, register, options, request.as_of, request.accepted)
    summary.add_register(register, guards)
    judged = [_judged(policy, register, request.as_of) for policy in options.policies]
    report.register = register
    keep_former_identity(store, request.adapter, [event for one in judged for event in one.events])
    stamp = _stamp(store, request, summary.run_id)
    reconciled = Reconciled()
    with store.transaction():
        for one in judged:
            reconciled.add(
                reconcile(
                    store,
                    one,
                    replace(stamp, policy=one.policy.id, policy_version=one.policy.version),
                    may_withdraw=guards.doubt is None,
                    in_doubt=guards.has_unknown_codes,
                    limits=_limits(options.config.run),
                )
            )
        keep_followed(store, [policy.id for policy in options.policies])
        due = decide(store, guards, stamp, reconciled.absent)
    summary.add_reconciled(reconciled)
    summary.add_blocked(store.ledger.touched_in(summary.run_id))

    request.progress("compose")
    letters = request.letters(options, register, request.as_of)
    forms = forms_of(store.ledger.rows(), options.policies, register, store.outbox.filed())
    for row_id in due:
        forms = forms.with_made(store.ledger.row_by_id(row_id))
    as_due = guards.given.as_due
    compose_due(store, due, letters, stamp, forms, as_due)
    summary.add_problems(compose_corrections(store, register, letters, stamp))
    rows = store.ledger.rows()
    waiting = forms_of(rows, options.policies, register).waiting(rows, request.as_of)
    summary.add_forms(waiting, register.calendar)
    facts = run_facts(
        store, summary, due=due, withdrawn=reconciled.withdrawn, forms=waiting, register=register
    )
    summary.add_filed(file_school_documents(store, request, register, facts, stamp))
    if not request.dry_run:
        summary.warnings += file_reviews(options.config, register, request.as_of, request.now)

    request.progress("deliver")
    if request.dry_run:
        summary.count_waiting(store.outbox.open_items())
    else:
        make = partial(compose_due, store, letters=letters, stamp=stamp, forms=forms, as_due=as_due)
        delivered = deliver(store, request, register, stamp, make)
        summary.warnings += copy_as_pdf(store, options.config, summary.run_id, later=request.stop.is_set())
        summary.add_delivered(delivered)


def _judged(policy: Policy, register: Register, as_of: date) -> Judged:
    """Judge the registers by one policy of the school; only the rules that a run acts on."""
    found = evaluate(register, policy, as_of, amendments=True, notices=True, in_run=True).events
    return Judged([event for event in found if policy.acts_on(event.rule)], register, policy, as_of)


def _limits(run: RunConfig) -> Limits:
    return Limits(
        withdrawals=run.hold_above_withdrawals,
        withdrawals_percent=run.hold_above_withdrawals_percent,
        marks_percent=run.hold_above_changed_marks_percent,
        pupils_percent=run.hold_above_changed_pupils_percent,
        recent_days=run.recent_school_days,
    )


def _begin(store: Store, request: RunRequest) -> RunReport:
    options, policy = request.options, request.options.policy
    with store.transaction():
        cut = {run_id: store.outbox.written(run_id) for run_id in store.runs.unended()}
        for run_id, written in cut.items():
            store.runs.close_cut(run_id, written)
        run_id = store.runs.start(
            as_of=request.as_of,
            at=request.now,
            policy=policy.id,
            policy_version=policy.version,
            config_hash=options.config_hash,
        )
        store.fact_history.see_school(_school_facts(options), request.now)
    accepted = sorted(request.accepted)
    summary = RunSummary(options.config.id, request.as_of, policy.id, request.dry_run, run_id, accepted)
    summary.add_cut(cut)
    summary.followed = [one.id for one in options.policies]
    summary.add_unused_templates(unused_findings(options.config.letters.templates, options.policies))
    return RunReport(summary)


def _school_facts(options: LoadedSchool) -> dict[str, str]:
    """Return what of the configuration decides how marks count, for the history of facts."""
    config = options.config
    return {
        "nation": config.nation,
        "code_mapping": "D counts as attended" if config.welsh_d_attended else "D counts as not possible",
        "policy": "; ".join(f"{policy.id}, version {policy.version}" for policy in options.policies),
    }


def _stamp(store: Store, request: RunRequest, run_id: int) -> RunStamp:
    read_at = registers_read_at(store.connection) or request.now
    return RunStamp(
        run_id=run_id,
        at=request.now,
        as_of=request.as_of,
        policy=request.options.policy.id,
        policy_version=request.options.policy.version,
        config_hash=request.options.config_hash,
        registers_read_at=read_at.isoformat(),
    )


def take_folders(store: Store, request: RunRequest) -> None:
    """Mark the folders that the school writes to as its own. Raise HeldError when one is another school's.

    A dry run only looks. The mark that the state keeps stays, so that a school whose id, MIS or register folder changes
    goes on; a school whose state was lost is known by its MIS.
    """
    config = request.options.config
    state = read_value(store.connection, FOLDER_MARK) or secrets.token_hex(8)
    own = FolderMark(state, read_value(store.connection, MIS) or "", config.id)
    written = [folder for folder in own_folders(config) if folder.written]
    taken = [words for folder in written if (words := foreign_mark(folder.path, own))]
    if taken and "folder" not in request.accepted:
        raise HeldError(
            f"{'; '.join(taken)}. Nothing was written.",
            fix=f"name a folder of this school's own ({', '.join(folder.key for folder in written)})",
            guard="folder",
        )
    if request.dry_run or not written:
        return
    with store.transaction() as connection:
        keep_value(connection, FOLDER_MARK, state)
    for folder in written:
        put_mark(folder.path, own, parents=folder.key == "run.digest")


def check_capabilities(request: RunRequest) -> None:
    """Raise ConfigError when the policy makes what the MIS cannot take."""
    policies, can = request.options.policies, request.adapter.capabilities
    outcomes = {outcome for policy in policies for rule in policy.rules for outcome in rule.outcomes}
    lacks = []
    if NOTE in outcomes and not can.notes:
        lacks.append("notes")
    if any(outcome.is_document for outcome in outcomes) and not can.documents:
        lacks.append("documents")
    if lacks:
        raise ConfigError(
            f"the policy {' with '.join(p.id for p in policies)} makes {' and '.join(lacks)}, which this MIS cannot take",
            fix="name a folder for them with supply.folder in the school's table",
        )


@contextmanager
def opened_state(state: Path, request: RunRequest) -> Iterator[Store]:
    """Open the school's state; for a dry run a copy of it that is forgotten afterwards."""
    school_id = request.options.config.id
    if request.dry_run and not state.exists():
        with Store.in_memory(school_id) as empty:
            yield empty
        return
    with Store.open(state, None if request.dry_run and request.remarks else school_id) as store:
        if not request.dry_run:
            yield store
            return
        with store.copy_in_memory() as copy:
            yield copy
