"""Take an event back, and bring one back: what is in the outbox, in the MIS and in the ledger goes together."""

from __future__ import annotations

from datetime import datetime

from connector.ledger.holds import hold_to_return_to
from connector.store import Store
from connector.store.ledger import SENT, LedgerRow, NoteDue, RunStamp


def reinstate(store: Store, row: LedgerRow, reason: str, stamp: RunStamp, *, same: bool) -> None:
    """Bring back an event whose condition holds again. What a family has already had it does not get twice."""
    corrected = any(
        item.kind == "correction"
        # one that was given up may be there all the same: its write was begun, and no answer came
        and (
            item.state in ("attempted", "written", "verified") or (item.state == "failed" and item.tries > 0)
        )
        for item in store.outbox.of_event(row.id)
    )
    store.outbox.cancel_open(row.id, stamp.at, corrections=True)
    made = [item for item in store.outbox.of_event(row.id) if item.kind != "correction"]
    note_due: NoteDue | None = "reinstated" if corrected else None
    unfinished = [item for item in made if item.state == "cancelled"]
    if unfinished and (row.written_on or (same and any(item.tries for item in unfinished))):
        # only part of it went out, or a write was begun and its answer never came: look for it in the MIS and
        # go on from there, rather than make another
        store.outbox.revive(row.id, stamp.at)
        store.ledger.move(row, "composed", reason, stamp, note_due=note_due)
    elif row.written_on is not None:
        store.ledger.move(row, "written", reason, stamp, note_due=note_due)
    else:
        store.ledger.move(row, "due", reason, stamp, hold=row.hold_before)


def stand_again(store: Store, row: LedgerRow, reason: str, stamp: RunStamp) -> None:
    """Let an event go on from where it was when it was held because it no longer followed.

    For one that had failed the reason says again why, and how it is tried again.
    """
    if row.stands_as == "failed":
        why = [line.reason for line in store.ledger.history(row.id) if line.state == "failed"][-1]
        reason = f"{reason}; it had failed: {why}"
    store.ledger.move(row, row.stands_as, reason, stamp, hold=row.hold_before, note_due=row.note_due)


def withdraw(store: Store, row: LedgerRow, reason: str, stamp: RunStamp, *, because: str = "") -> None:
    """Take an event back. What is, or may be, in the MIS gets a correcting note; its letter stays on file.

    ``because`` is the cause for which a person decided it; what a person withdrew never comes back by itself.
    """
    may_be_there = withdraw_from_outbox(store, row, stamp.at)
    store.ledger.move(
        row,
        "withdrawn",
        reason,
        stamp,
        note_due="withdrawn" if may_be_there else None,
        hold_before=hold_to_return_to(row),
        because=because,
    )


def withdraw_from_outbox(store: Store, row: LedgerRow, at: datetime) -> bool:
    """Stop what has not been written; return True when something has been, or may have been, and needs a note."""
    store.outbox.cancel_open(row.id, at, corrections=False)
    known = row.written_on is not None or row.state in SENT
    return row.pupil_id is not None and (known or store.outbox.maybe_sent(row.id))
