"""One pupil's evidence from a school's ledger, as the letters package sets it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from connector.documents.changed_facts import changed_facts
from connector.ledger.keys import without_key
from connector.store import Store
from connector.store.ledger import LedgerRow
from connector.store.outbox import Item
from letters.reports.record.evidence import Evidence, EvidenceEvent, LetterCopy, NoteCopy, StateChange
from rules.describe import assumed_of
from rules.policy import Policy


def evidence_of(store: Store, pupil_id: str, policies: Sequence[Policy]) -> Evidence:
    """Given an open store and the school's policies, return everything on record about a pupil: events, letters as
    filed, notes, states.

    An event has the evidence with which it was added, on which its letter rests; notes and documents are those
    that reached the MIS, in order.
    """
    events = tuple(_event(store, row, policies) for row in store.ledger.rows(pupil_id=pupil_id))
    return Evidence(pupil_id, events, changed_facts=changed_facts(store, pupil_id))


def _event(store: Store, row: LedgerRow, policies: Sequence[Policy]) -> EvidenceEvent:
    evidence = store.ledger.evidence(row.id)
    event = evidence[0] if evidence else row.event
    items = [item for item in store.outbox.of_event(row.id) if item.state in ("written", "verified")]
    return EvidenceEvent(
        key=row.key,
        event=event,
        state=row.state,
        history=tuple(StateChange(line.at, line.state, line.reason) for line in store.ledger.history(row.id)),
        letters=tuple(_letter(store, item) for item in items if item.kind == "document"),
        notes=tuple(NoteCopy(i.date, i.summary, i.text) for i in items if i.kind != "document"),
        registers_read_at=datetime.fromisoformat(row.registers_read_at) if row.registers_read_at else None,
        assumed=assumed_of(event, policies),
    )


def _letter(store: Store, item: Item) -> LetterCopy:
    return LetterCopy(
        title=without_key(item.summary, item.key),
        file_name=item.file_name,
        filed_on=item.state_at.date(),
        addressees=len(item.contacts),
        content=store.outbox.content(item),
    )
