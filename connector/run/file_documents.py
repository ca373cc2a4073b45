"""What a run files on the school rather than on a pupil: the digest, lists, and the reports that are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from connector.documents.reports import SchoolReports
from connector.documents.school_documents import Filed, RunFacts, file_documents, waiting_lists
from connector.ledger.not_taken import not_taken_words
from connector.ledger.notices.consideration_forms import WaitingForm
from connector.run.request import RunRequest
from connector.run.summary import RunSummary
from connector.store import Store
from connector.store.ledger import RunStamp
from letters.reports.pupil_lists import LISTS_WITH_LETTERS
from rules.checks.reviews_due import meetings_to_come, reviews_due
from rules.register import Register


def run_facts(
    store: Store,
    summary: RunSummary,
    *,
    due: Sequence[int],
    withdrawn: Sequence[int],
    forms: Sequence[WaitingForm],
    register: Register,
) -> RunFacts:
    """Gather what the digest says of a run. ``due`` and ``withdrawn`` are rows of the ledger."""
    ledger = store.ledger
    return RunFacts(
        as_of=summary.as_of,
        written=[row for i in due if (row := ledger.row_by_id(i)).state == "composed"],
        held=ledger.rows(states=("held",)),
        failed=ledger.rows(states=("failed",)),
        withdrawn=[ledger.row_by_id(i) for i in withdrawn],
        missing_registers=summary.missing_registers,
        warnings=[*summary.warnings, *not_taken_words(store.outbox.not_taken())],
        forms=forms,
        news=bool(ledger.touched_in(summary.run_id))
        or _failed_in_last_run(store, summary)
        or _other_registers_missing(store, summary)
        or _other_oddities(store, summary)
        or _reviews_became_due(store, summary, register),
    )


def file_school_documents(
    store: Store, request: RunRequest, register: Register, facts: RunFacts, stamp: RunStamp
) -> Filed:
    """Put the run's documents of the school into the outbox, or into the folder where the MIS takes none."""
    assert stamp.run_id is not None
    mis_takes_them = request.adapter.capabilities.school_documents
    folder = None if request.dry_run else request.options.config.run.digest
    lists = waiting_lists(store)
    if not mis_takes_them and folder is None:
        return Filed(lines_without_place=0 if request.dry_run else sum(map(len, lists.values())))
    if any(lists.get(name) for name in LISTS_WITH_LETTERS):
        facts = replace(facts, letters=store.ledger.rows(states=("written", "verified")))
    number = store.runs.number_of_day(stamp.run_id)
    with store.transaction():
        since = store.reports.since(request.as_of)
    documents = [
        *request.lists(request.options, register, request.as_of).school_documents(lists, facts, number),
        *SchoolReports(request.options, store, register, request.as_of).documents(since),
    ]
    return file_documents(store, documents, stamp, folder=None if mis_takes_them else folder)


def _other_oddities(store: Store, summary: RunSummary) -> bool:
    """Return True when something looks wrong in the marks or in lists of records that the last run did not say."""
    return not _said_before(store, summary, "warnings").issuperset([*summary.oddities, *summary.records])


def _reviews_became_due(store: Store, summary: RunSummary, register: Register) -> bool:
    """Return True when a review has become due since the last run, or a meeting lies in the coming week that did not then."""
    earlier = [run.as_of for run in store.runs.last(2) if run.id != summary.run_id]
    since = max(earlier, default=date.min)
    reach = since + timedelta(days=7) if earlier else since
    return any(review.due > since for review in reviews_due(register, summary.as_of)) or any(
        meeting.due > reach for meeting in meetings_to_come(register, summary.as_of)
    )


def _other_registers_missing(store: Store, summary: RunSummary) -> bool:
    """Return True when registers are missing that the last run did not name: in the holidays they are the same for days."""
    return not _said_before(store, summary, "missing_registers").issuperset(summary.missing_registers)


def _failed_in_last_run(store: Store, summary: RunSummary) -> bool:
    """Return True when the last run could not write something for the first time, or gave something up.

    Its own digest was made before that.
    """
    earlier = [run.id for run in store.runs.last(2) if run.id != summary.run_id]
    items = [item for item in store.outbox.not_taken() if item.tried_in in earlier]
    return any(item.state == "failed" or item.in_vain <= 1 for item in items) or any(
        row.state == "failed" for run_id in earlier for row in store.ledger.touched_in(run_id)
    )


def _said_before(store: Store, summary: RunSummary, key: str) -> set[str]:
    """Return what the last run before this one said under a key of its summary."""
    earlier = [run for run in store.runs.last(2) if run.id != summary.run_id]
    return {text for run in earlier for text in run.summary.get(key, ())}
