"""One pupil's evidence from a school's ledger, as the letters package sets it."""

from __future__ import annotations

from datetime import datetime

from connector.ledger.status import FiledEvent, pupil_record
from connector.store import Store
from connector.store.outbox import Item
from letters.reports.record.evidence import Evidence, EvidenceEvent, LetterCopy, NoteCopy, StateChange


def evidence_of(store: Store, pupil_id: str) -> Evidence:
    """Given an open store, return everything on record about a pupil: events, letters as filed, notes, states."""
    record = pupil_record(store, pupil_id)
    return Evidence(pupil_id, tuple(_event(store, filed) for filed in record.events))


def _event(store: Store, filed: FiledEvent) -> EvidenceEvent:
    return EvidenceEvent(
        key=filed.key,
        event=filed.first_evidence,
        state=filed.state,
        history=tuple(StateChange(line.at, line.state, line.reason) for line in filed.history),
        letters=tuple(_letter(store, item) for item in filed.items if item.kind == "document"),
        notes=tuple(
            NoteCopy(item.date, item.summary, item.text) for item in filed.items if item.kind != "document"
        ),
        registers_read_at=datetime.fromisoformat(filed.registers_read_at)
        if filed.registers_read_at
        else None,
    )


def _letter(store: Store, item: Item) -> LetterCopy:
    return LetterCopy(
        title=item.summary.removesuffix(f"[{item.key}]").strip(),
        file_name=item.file_name,
        filed_on=item.state_at.date(),
        addressees=len(item.contacts),
        content=store.outbox.content(item),
    )
