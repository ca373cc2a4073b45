"""Documents of the school rather than of one pupil: the officer's digest, the weekly sheet, lists for the authority.

An event's line waits until a document of its list is made; the document goes into the outbox in the same
transaction as its lines, or into the school's own folder where the MIS takes none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connector.adapters.whole_files import put_file
from connector.documents.making import make_or_say_why
from connector.errors import TO_DO
from connector.ledger.keys import document_key, ending_in_key
from connector.ledger.notices.consideration_forms import WaitingForm
from connector.store import Store
from connector.store.ledger import LedgerRow, RunStamp
from connector.store.outbox import waiting_lines
from rules.files.held import what_to_do, why


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the officer should know about a run besides the lists."""

    as_of: date
    written: Sequence[LedgerRow] = ()
    """Events whose letters and notes were made in this run."""
    held: Sequence[LedgerRow] = ()
    failed: Sequence[LedgerRow] = ()
    withdrawn: Sequence[LedgerRow] = ()
    missing_registers: Sequence[str] = ()
    warnings: Sequence[str] = ()
    forms: Sequence[WaitingForm] = ()
    """Consideration forms that wait for the head's decision."""
    letters: Sequence[LedgerRow] = ()
    """Events whose letters have reached the MIS, where a list names them."""
    news: bool = True
    """Something has changed since the last run; without lists or news no document is made."""


@dataclass(frozen=True, slots=True)
class SchoolDocument:
    """A document to be made and filed on the school."""

    kind: str
    """A short word such as "digest"; part of its key."""
    title: str
    file_name: str
    make: Callable[[], bytes]
    """Makes the Word file."""
    lines: tuple[tuple[str, int], ...]
    """The lines it holds: the list's name and the event's row."""
    period: date | None = None
    """For the report of a period, its first day: it is made once."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a run's documents of the school."""

    files: tuple[str, ...] = ()
    """Names of the documents put into the folder."""
    problems: tuple[str, ...] = ()
    """Documents that could not be made, each with the reason."""
    lines_without_place: int = 0
    """Lines that wait because the MIS takes no document of the school and there is no folder either."""


def waiting_lists(store: Store) -> dict[str, list[LedgerRow]]:
    """Return the events that no document of their list holds yet, by the list's name."""
    lists: dict[str, list[LedgerRow]] = {}
    for name, event_id in waiting_lines(store.connection):
        lists.setdefault(name, []).append(store.ledger.row_by_id(event_id))
    return lists


def file_documents(
    store: Store, documents: Iterable[SchoolDocument], stamp: RunStamp, *, folder: Path | None
) -> Filed:
    """File documents in the folder, or on the school in the MIS when ``folder`` is None.

    One that cannot be made is left out and named; its lines wait for the next run.
    """
    files: list[str] = []
    problems: list[str] = []
    for document in documents:
        content, reason = make_or_say_why(document.title, document.make, document=document.kind)
        if content is None:
            problems.append(reason)
            continue
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                put_file(folder / document.file_name, content)
            except OSError as error:
                fix = what_to_do(error, "check the folder of run.digest, its drive and its permissions")
                problems.append(f"{document.file_name} could not be filed: {why(error)}. {TO_DO}{fix}")
                continue
            files.append(document.file_name)
        with store.transaction():
            outbox_id = _put(store, document, content, stamp) if folder is None else None
            store.outbox.take_lines(document.lines, outbox_id)
            if document.period is not None:
                store.reports.keep(document.kind, document.period, stamp.as_of)
    return Filed(tuple(files), tuple(problems))


def _put(store: Store, document: SchoolDocument, content: bytes, stamp: RunStamp) -> int:
    assert stamp.run_id is not None
    key = document_key(store.identity, document.kind, document.file_name)
    return store.outbox.add_document(
        event_id=None,
        run_id=stamp.run_id,
        pupil_id=None,
        key=key,
        file_name=document.file_name,
        summary=ending_in_key(document.title, key),
        content=content,
        day=stamp.as_of,
        at=stamp.at,
        template=document.kind,
    )
