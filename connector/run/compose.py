"""From events that are due to documents and notes in the outbox, in one transaction with the event's state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, Protocol

import structlog

from connector.run.ladders import has_letter
from connector.store import Store
from connector.store.ledger import LedgerRow, RunStamp
from connector.store.outbox import add_lines
from letters.errors import LetterError
from rules.events import Event

if TYPE_CHECKING:
    from letters.compose import Composed

log = structlog.get_logger(__name__)
CorrectionKind = Literal["withdrawn", "reinstated", "voided"]


class LetterWriter(Protocol):
    """What composing needs of the letters: one event in, what is to be filed out."""

    def compose(self, event: Event, key: str) -> Composed:
        """Documents and note of an event; or, in ``held``, why there can be none."""

    def correction(
        self,
        event: Event,
        key: str,
        kind: CorrectionKind,
        *,
        documents: Sequence[str],
        reason: str,
        day: date,
    ) -> tuple[str, str]:
        """Summary and text of the note that says what has become of an event that was written.

        ``documents`` are the titles of what was filed; ``reason`` is the ledger's, ``day`` the run's.
        """


@dataclass(slots=True)
class Made:
    """What a run made."""

    events: int = 0
    corrections: int = 0
    held: int = 0


def compose_due(store: Store, due: Iterable[int], writer: LetterWriter, stamp: RunStamp) -> Made:
    """Make what is due, an event at a time; one that cannot be made is held with the reason, the others go on."""
    made = Made()
    for row_id in due:
        row = store.ledger.row_by_id(row_id)
        composed, reason = _compose(writer, row)
        with store.transaction():
            if composed is None or reason is not None:
                store.ledger.move(row, "held", reason or "", stamp, hold="letter")
                made.held += 1
            else:
                _put(store, row, composed, stamp)
                made.events += 1
    return made


def _compose(writer: LetterWriter, row: LedgerRow) -> tuple[Composed | None, str | None]:
    """What was made, or why it cannot be: one event's trouble is not the school's."""
    try:
        composed = writer.compose(row.event, row.key)
    except LetterError as error:
        return None, f"its letter could not be made: {error}"
    except (ValueError, LookupError) as error:
        # the text of an error that nobody foresaw may hold a name, so only its kind is kept
        log.exception("a letter could not be made", key=row.key, rule=row.rule)
        return None, f"its letter could not be made ({type(error).__name__}): see the log"
    return composed, composed.held


def _put(store: Store, row: LedgerRow, composed: Composed, stamp: RunStamp) -> None:
    assert stamp.run_id is not None
    store.outbox.replace_earlier(row.id, stamp.at)
    for document in composed.documents:
        store.outbox.add_document(
            event_id=row.id,
            run_id=stamp.run_id,
            pupil_id=row.pupil_id,
            key=row.key,
            file_name=document.file_name,
            summary=ending_in_key(document.title, row.key),
            content=document.content,
            day=row.date,
            at=stamp.at,
            template=document.template,
            contacts=document.contact_ids,
        )
    if composed.note_text and row.pupil_id is not None:
        store.outbox.add_note(
            event_id=row.id,
            run_id=stamp.run_id,
            pupil_id=row.pupil_id,
            key=row.key,
            summary=ending_in_key(composed.note_summary, row.key),
            text=ending_in_key(composed.note_text, row.key),
            day=row.date,
            at=stamp.at,
        )
    lists = [outcome.name for outcome in row.event.outcomes if outcome.kind == "list"]
    add_lines(store.connection, row.id, lists)
    store.ledger.move(row, "composed", "; ".join(composed.remarks), stamp)
    if has_letter(row):
        store.ledger.set_composed(row.id, stamp.as_of)


def compose_corrections(store: Store, writer: LetterWriter, stamp: RunStamp) -> int:
    """Make the notes that say what has become of events the MIS already holds; return how many."""
    rows = store.ledger.rows(note_due=True)
    for row in rows:
        assert row.note_due is not None
        assert stamp.run_id is not None
        assert row.pupil_id is not None
        items = store.outbox.of_event(row.id)
        filed = [i.summary for i in items if i.kind == "document" and i.state == "verified"]
        earlier = sum(item.kind == "correction" for item in items)
        summary, text = writer.correction(
            row.event,
            row.key,
            row.note_due,
            documents=[_without_key(title, row.key) for title in filed],
            reason=row.reason,
            day=stamp.as_of,
        )
        with store.transaction():
            store.outbox.add_note(
                event_id=row.id,
                run_id=stamp.run_id,
                pupil_id=row.pupil_id,
                key=row.key,
                summary=ending_in_key(_numbered(summary, row.key, earlier + 1), row.key),
                text=ending_in_key(text, row.key),
                day=stamp.as_of,
                at=stamp.at,
                kind="correction",
                only_if_found=row.written_on is None,
            )
            store.ledger.clear_note_due(row.id)
    return len(rows)


def ending_in_key(text: str, key: str) -> str:
    """The text ends in the key in brackets, once; that is what is looked for in the MIS."""
    return text if text.rstrip().endswith(f"[{key}]") else f"{text.rstrip()} [{key}]"


def _numbered(summary: str, key: str, number: int) -> str:
    """A second correction reads differently from the first, or it would be taken for the first."""
    if number == 1:
        return summary
    return f"{_without_key(summary, key)} ({number})"


def _without_key(text: str, key: str) -> str:
    return text.rstrip().removesuffix(f"[{key}]").rstrip()
