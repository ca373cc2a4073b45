"""From events that are due to documents and notes in the outbox, in one transaction with the event's state."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from connector.documents.making import make_or_say_why
from connector.documents.pupil_letters import PupilLetters
from connector.ledger.keys import ending_in_key, without_key
from connector.run.ladders import has_letter
from connector.store import Store
from connector.store.ledger import LedgerRow, RunStamp
from connector.store.outbox import add_lines
from letters.compose import Composed


def compose_due(store: Store, due: Iterable[int], letters: PupilLetters, stamp: RunStamp) -> None:
    """Make what is due, an event at a time; one that cannot be made is held with the reason, the others go on."""
    for row_id in due:
        row = store.ledger.row_by_id(row_id)
        make = partial(_compose, store, row, letters, stamp)
        _, reason = make_or_say_why("its letter", make, key=row.key, rule=row.rule)
        if reason:
            with store.transaction():
                _hold(store, row, reason, stamp)


def _compose(store: Store, row: LedgerRow, letters: PupilLetters, stamp: RunStamp) -> None:
    composed = letters.compose(row.event, row.key)
    with store.transaction():
        if composed.held is not None:
            _hold(store, row, composed.held, stamp)
        else:
            _put(store, row, composed, stamp)


def _hold(store: Store, row: LedgerRow, reason: str, stamp: RunStamp) -> None:
    store.ledger.move(row, "held", reason, stamp, hold="letter")


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


def compose_corrections(store: Store, letters: PupilLetters, stamp: RunStamp) -> list[str]:
    """Make the notes that say what has become of events the MIS already holds.

    Return what could not be made, each with its key; such a note stays due.
    """
    problems = []
    for row in store.ledger.rows(note_due=True):
        make = partial(_correct, store, row, letters, stamp)
        _, reason = make_or_say_why("its correcting note", make, key=row.key, rule=row.rule)
        if reason:
            problems.append(f"{row.key}: {reason}")
    return problems


def _correct(store: Store, row: LedgerRow, letters: PupilLetters, stamp: RunStamp) -> None:
    assert row.note_due is not None
    assert stamp.run_id is not None
    assert row.pupil_id is not None
    items = store.outbox.of_event(row.id)
    filed = [i.summary for i in items if i.kind == "document" and i.state == "verified"]
    earlier = sum(item.kind == "correction" for item in items)
    summary, text = letters.correction(
        row.event,
        row.key,
        row.note_due,
        documents=[without_key(title, row.key) for title in filed],
        reason=row.reason,
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


def _numbered(summary: str, key: str, number: int) -> str:
    """Return a summary that differs from those of earlier corrections, or it would be taken for one of them."""
    if number == 1:
        return summary
    return f"{without_key(summary, key)} ({number})"
