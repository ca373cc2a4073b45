"""From events that are due to documents and notes in the outbox, in one transaction with the event's state."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from connector.documents.making import make_or_say_why
from connector.documents.pupil_letters import PupilLetters
from connector.ledger.keys import ending_in_key, without_key
from connector.ledger.notices.consideration_forms import Forms
from connector.store import Store
from connector.store.ledger import LedgerRow, RunStamp
from connector.store.outbox import OPEN, Item, add_lines
from letters.compose import Composed
from rules.events import Event
from rules.register import Register


def compose_due(
    store: Store,
    due: Iterable[int],
    letters: PupilLetters,
    stamp: RunStamp,
    forms: Forms,
    as_due: Callable[[LedgerRow], Event],
) -> None:
    """Make what is due, an event at a time; one that cannot be made is held with the reason, the others go on.

    What was made in an earlier run and is not written yet is made again, unless it would say the same today.
    ``as_due`` gives what an event says: with absence that the school gave, that of a later day.
    """
    for row_id in due:
        row = store.ledger.row_by_id(row_id)
        make = partial(_compose, store, row, letters, stamp, forms, as_due)
        _, reason = make_or_say_why("its letter", make, key=row.key, rule=row.rule)
        if reason:
            with store.transaction():
                _hold(store, row, reason, stamp)


def _compose(
    store: Store,
    row: LedgerRow,
    letters: PupilLetters,
    stamp: RunStamp,
    forms: Forms,
    as_due: Callable[[LedgerRow], Event],
) -> None:
    items = [item for item in store.outbox.of_event(row.id) if item.kind != "correction"]
    documents = [item for item in items if item.kind == "document"]
    begun = [item for item in documents if item.maybe_there and item.state != "verified"]
    verified = [item for item in documents if item.state == "verified"]
    earlier, before, event = forms.earlier(row), forms.letters_before(row), as_due(row)
    whole = letters.compose(event, row.key, _filed(verified, row.key), earlier, before) if begun else None
    # what was begun on an earlier day says that day, and may say what was so then
    today = row.composed_on in (None, stamp.as_of)
    stale = [item for item in begun if not (today and whole and _says_the_same(item, whole, row.key))]
    composed = letters.compose(event, row.key, _filed([*verified, *begun], row.key), earlier, before)
    with store.transaction():
        for item in (item for item in items if item.kind == "note" and item.state in OPEN):
            store.outbox.look_only(item.id, only=False)
        for item in begun:
            # whether it is there has to be found out before another can be made in its place
            store.outbox.look_only(item.id, only=item in stale)
        if composed.held is not None:
            _hold(store, row, composed.held, stamp)
        else:
            _put(store, row, items, composed, stamp)


def _filed(items: Iterable[Item], key: str) -> dict[str, list[frozenset[str]]]:
    """Return the documents that are, or may be, in the MIS: by title, whom each went to."""
    filed: dict[str, list[frozenset[str]]] = {}
    for item in items:
        filed.setdefault(without_key(item.summary, key), []).append(frozenset(item.contacts))
    return filed


def _says_the_same(item: Item, composed: Composed, key: str) -> bool:
    """Return True when the document would be made of the same facts for the same adults today."""
    return any(
        (document.title, document.contact_ids, document.rests_on)
        == (without_key(item.summary, key), item.contacts, item.rests_on)
        for document in composed.documents
    )


def _hold(store: Store, row: LedgerRow, reason: str, stamp: RunStamp) -> None:
    store.outbox.stop(row.id, stamp.at)
    store.ledger.move(row, "held", reason, stamp, hold="letter", note_due=row.note_due)


def _put(store: Store, row: LedgerRow, items: Sequence[Item], composed: Composed, stamp: RunStamp) -> None:
    """Put into the outbox what is not in it yet; what was made before and never begun gives way."""
    assert stamp.run_id is not None
    waiting = [item for item in items if item.state in OPEN and not item.maybe_there]
    if row.state == "composed" and row.composed_on == stamp.as_of and _as_made(waiting, composed, row.key):
        return
    kept = [item.id for item in items if item.maybe_there]
    store.outbox.replace((item.id for item in items if item.id not in kept), stamp.at)
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
            rests_on=document.rests_on,
        )
    has_note = any(item.kind == "note" and item.maybe_there for item in items)
    if composed.note_text and row.pupil_id is not None and not has_note:
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
    gave_way = [item for item in items if item.only_if_found and item.state == "cancelled"]
    tried = [item.id for item in [*waiting, *gave_way] if item.tried_in is not None]
    store.outbox.take_over(row.id, tried)
    lists = [outcome.name for outcome in row.event.outcomes if outcome.kind == "list"]
    add_lines(store.connection, row.id, lists)
    store.ledger.move(row, "composed", "; ".join(composed.remarks), stamp, note_due=row.note_due)
    if row.has_letter:
        store.ledger.set_composed(row.id, stamp.as_of)


def _as_made(waiting: Sequence[Item], composed: Composed, key: str) -> bool:
    """Return True when what waits in the outbox is just what would be made now."""
    documents = [item for item in waiting if item.kind == "document"]
    notes = {item.text for item in waiting if item.kind == "note"}
    return (
        len(documents) == len(composed.documents)
        and all(_says_the_same(item, composed, key) for item in documents)
        and notes <= {ending_in_key(composed.note_text, key)}
    )


def compose_corrections(
    store: Store, register: Register, letters: PupilLetters, stamp: RunStamp
) -> list[str]:
    """Make the notes that say what has become of events the MIS already holds; none about a pupil who has died.

    Return what could not be made, each with its key; such a note stays due.
    """
    problems = []
    for row in store.ledger.rows(note_due=True):
        pupil = register.find(row.pupil_id)
        if pupil is not None and pupil.deceased:
            continue
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
