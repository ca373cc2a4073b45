"""Documents of the school rather than of one pupil: the officer's digest, the weekly sheet, lists for the authority.

An event's line waits until a document of its list is made; the document goes into the outbox in the same
transaction as its lines, or into the school's own folder where the MIS takes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from connector.ledger.keys import document_key, ending_in_key
from connector.store import Store
from connector.store.ledger import LedgerRow, RunStamp
from connector.store.outbox import waiting_lines


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the officer should know of a run beside the lists."""

    as_of: date
    written: Sequence[LedgerRow] = ()
    """Events whose letters and notes were made in this run."""
    held: Sequence[LedgerRow] = ()
    failed: Sequence[LedgerRow] = ()
    withdrawn: Sequence[LedgerRow] = ()
    missing_registers: Sequence[str] = ()
    warnings: Sequence[str] = ()
    news: bool = True
    """Something has changed since the last run; without lists or news no document is made."""


@dataclass(frozen=True, slots=True)
class SchoolDocument:
    """A document ready to be filed on the school."""

    kind: str
    """A short word such as "digest"; part of its key."""
    title: str
    file_name: str
    content: bytes
    lines: tuple[tuple[str, int], ...]
    """The lines it holds: the list's name and the event's row."""


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a run's lists."""

    files: tuple[str, ...] = ()
    """Names of the documents put into the folder."""
    nowhere: int = 0
    """Lines that wait because the MIS takes no document of the school and there is no folder either."""


class ListWriter(Protocol):
    """What this needs of the reports."""

    def school_documents(
        self, lists: Mapping[str, Sequence[LedgerRow]], facts: RunFacts, number: int
    ) -> Sequence[SchoolDocument]:
        """The documents for these lists. ``number`` is 1 for the day's first run; later ones need other file names."""


def file_lists(
    store: Store,
    writer: ListWriter,
    facts: RunFacts,
    stamp: RunStamp,
    *,
    mis_takes_them: bool,
    folder: Path | None,
) -> Filed:
    """Make the documents of a run."""
    lists: dict[str, list[LedgerRow]] = {}
    for name, event_id in waiting_lines(store.connection):
        lists.setdefault(name, []).append(store.ledger.row_by_id(event_id))
    if not lists and not facts.news:
        return Filed()
    if not mis_takes_them and folder is None:
        return Filed(nowhere=sum(len(rows) for rows in lists.values()))
    assert stamp.run_id is not None
    number = store.runs.number_of_day(stamp.run_id)
    documents = writer.school_documents(lists, facts, number)
    return Filed(file_documents(store, documents, stamp, mis_takes_them=mis_takes_them, folder=folder))


def file_documents(
    store: Store,
    documents: Iterable[SchoolDocument],
    stamp: RunStamp,
    *,
    mis_takes_them: bool,
    folder: Path | None,
) -> tuple[str, ...]:
    """File documents on the school, or in the folder where the MIS takes none; return the names put there."""
    files = []
    for document in documents:
        if not mis_takes_them and folder is not None:
            _save(folder, document)
            files.append(document.file_name)
        with store.transaction():
            outbox_id = _put(store, document, stamp) if mis_takes_them else None
            store.outbox.take_lines(document.lines, outbox_id)
    return tuple(files)


def _put(store: Store, document: SchoolDocument, stamp: RunStamp) -> int:
    assert stamp.run_id is not None
    key = document_key(store.school_id, document.kind, document.file_name)
    return store.outbox.add_document(
        event_id=None,
        run_id=stamp.run_id,
        pupil_id=None,
        key=key,
        file_name=document.file_name,
        summary=ending_in_key(document.title, key),
        content=document.content,
        day=stamp.as_of,
        at=stamp.at,
        template=document.kind,
    )


def _save(folder: Path, document: SchoolDocument) -> None:
    """Whole or not at all: a reader never meets half a file."""
    folder.mkdir(parents=True, exist_ok=True)
    half = folder / f".{document.file_name}.part"
    half.write_bytes(document.content)
    half.replace(folder / document.file_name)
