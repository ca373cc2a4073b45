"""What people do with the ledger: look, approve, release, keep, withdraw, void. Nothing is ever deleted by them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from connector.errors import ConnectorError
from connector.ledger.holds import (
    BEFORE_START,
    FOR_DECISION,
    FORM_WAITS,
    OVERTAKEN,
    STICKY,
    hold_to_return_to,
)
from connector.ledger.not_taken import release_not_taken
from connector.ledger.take_back import reinstate, stand_again, withdraw_from_outbox
from connector.ledger.take_back import withdraw as take_back
from connector.store import Store
from connector.store.amendments import last_amendment
from connector.store.ledger import HistoryLine, LedgerRow, RunStamp, State
from connector.store.outbox import Item
from rules.events import Event


class EventError(ConnectorError):
    """There is no such event, or its state does not allow what was asked."""


@dataclass(frozen=True, slots=True)
class EventCase:
    """All there is about one event."""

    row: LedgerRow
    history: tuple[HistoryLine, ...]
    evidence: tuple[Event, ...]
    """Every evidence it has had, the latest last."""
    items: tuple[Item, ...]
    """Its notes and documents, and what became of each."""


def list_events(
    store: Store,
    *,
    states: Iterable[State] | None = None,
    pupil_id: str | None = None,
    rule: str | None = None,
    start: date | None = None,
    end: date | None = None,
    run_id: int | None = None,
    because: str | None = None,
) -> list[LedgerRow]:
    """Return events by what is asked for, in order of date. ``run_id``: those that a run added."""
    return [
        row
        for row in store.ledger.rows(states=states, pupil_id=pupil_id, added_in=run_id, because=because)
        if (rule is None or row.rule == rule)
        and (start is None or row.date >= start)
        and (end is None or row.date <= end)
    ]


def show_event(store: Store, key: str) -> EventCase:
    """Return one event with its history, evidence, notes and documents. Raise EventError when no event has the key."""
    row = _row(store, key)
    return EventCase(
        row,
        tuple(store.ledger.history(row.id)),
        tuple(store.ledger.evidence(row.id)),
        tuple(store.outbox.of_event(row.id)),
    )


def document_of(store: Store, item: Item) -> bytes:
    """Return the bytes of a letter as it was filed. Raise EventError for a note."""
    if item.sha256 is None:
        raise EventError(f"{item.key} is a note, not a document.")
    return store.outbox.content(item)


def approve(store: Store, key: str, *, by: str, now: datetime, as_of: date) -> LedgerRow:
    """Let an event that waits for review go out with the next run. Raise EventError in any other state."""
    row = _row(store, key)
    _not_for_decision(row)
    if row.state not in ("held", "due"):
        raise EventError(f"{key} is {row.state}: only what is held or due can be approved.")
    with store.transaction():
        store.ledger.set_approved(row.id)
        kept = row.hold if row.hold in STICKY else ""
        words = f"approved by {by}"
        store.ledger.move(row, "approved", words, _stamp(now, as_of), hold=kept, note_due=row.note_due)
    return _row(store, key)


def release(store: Store, key: str, *, by: str, now: datetime, as_of: date) -> LedgerRow | Item:
    """Let a held event past the guards, or try a failed one again, with the next run.

    It is let past that guard alone: what comes up later holds it again, also its age. A step that a later one overtook, an event
    from before the start, and one that is listed with a form that waits for its decision can be released too. What waits for review still needs :func:`approve`; what has nobody to go to still needs an address. A correcting
    note or a document of the school that the MIS has not taken is tried again too, whatever state its event is in;
    the answer is that item where nothing else was to be released.
    """
    not_taken = release_not_taken(store, _plain(key), by=by, stamp=_stamp(now, as_of))
    found = store.ledger.row(_plain(key))
    if not_taken and (found is None or found.held_from or found.state not in ("held", "failed")):
        return not_taken[0]
    row = _row(store, key)
    if row.state == "failed":
        with store.transaction():
            store.outbox.revive(row.id, now)
            words = f"to be tried again, released by {by}"
            store.ledger.move(row, "composed", words, _stamp(now, as_of), note_due=row.note_due)
    elif row.state == "held" or (
        row.state == "superseded" and row.hold in (BEFORE_START, OVERTAKEN, FORM_WAITS)
    ):
        _not_for_decision(row)
        with store.transaction():
            store.ledger.set_released(row)
            words = f"released by {by}"
            store.ledger.move(row, "due", words, _stamp(now, as_of), note_due=row.note_due)
    else:
        raise EventError(
            f"{key} is {row.state}: only what is held, overtaken, before the start, listed with a form or has failed can be released.",
            fix=f"see what leads on with `events show {key}`",
        )
    return _row(store, key)


def keep(store: Store, key: str, *, reason: str, by: str, now: datetime, as_of: date) -> LedgerRow:
    """Let an event stand, or go out, although a fact changed. It is not asked about again for the same cause.

    What was written stays as it is; what was still to be written goes on with the next run. Raise EventError when the
    event does not wait for this decision.
    """
    row = _for_decision(store, key)
    words = f"kept by {by}: {reason} (it was held because {row.reason})"
    stamp = _stamp(now, as_of)
    with store.transaction():
        if row.hold == "no_longer_follows":
            store.ledger.keep_on(row, last_amendment(store.connection))
            stand_again(store, row, words, stamp)
        elif row.held_from == "withdrawn":
            reinstate(store, row, f"the school says so: {reason}", stamp, same=True)
        else:
            store.ledger.move(row, "due", words, stamp, hold=row.hold_before)
    return _row(store, key)


def withdraw(store: Store, key: str, *, reason: str, now: datetime, as_of: date) -> LedgerRow:
    """Withdraw an event that a changed fact has put in question; what is in the MIS gets a correcting note.

    The note gives the person's reason. Raise EventError when the event does not wait for this decision.
    """
    row = _for_decision(store, key)
    stamp = _stamp(now, as_of)
    with store.transaction():
        if row.held_from == "withdrawn":
            before = hold_to_return_to(row)
            store.ledger.move(row, "withdrawn", reason, stamp, hold_before=before, because=row.because)
        else:
            take_back(store, row, reason, stamp, because=row.because)
    return _row(store, key)


def void(store: Store, key: str, *, reason: str, now: datetime, as_of: date) -> LedgerRow:
    """Take an event back for good, also when the marks support it; what is in the MIS gets a correcting note.

    Its letter stays on file, and the event is never written again. Raise EventError when it is void already.
    """
    row = _row(store, key)
    if row.state == "voided":
        raise EventError(f"{key} is voided already.")
    with store.transaction():
        note = withdraw_from_outbox(store, row, now)
        noted_already = row.stands_as == "withdrawn" and row.note_due is None
        store.ledger.move(
            row,
            "voided",
            reason,
            _stamp(now, as_of),
            note_due="voided" if note and not noted_already else None,
        )
    return _row(store, key)


def _for_decision(store: Store, key: str) -> LedgerRow:
    row = _row(store, key)
    if row.state != "held" or row.hold not in FOR_DECISION:
        raise EventError(
            f"{row.key} is {row.state}: only what is held because a fact changed can be kept or withdrawn.",
            fix="to let another held event go out use `events release`, to take any event back `events void`",
        )
    return row


def _not_for_decision(row: LedgerRow) -> None:
    if row.held_from:
        raise EventError(
            f"{row.key} is held because {row.reason}.",
            fix="decide with `events keep` or `events withdraw`, each with a reason",
        )


def _row(store: Store, key: str) -> LedgerRow:
    row = store.ledger.row(_plain(key))
    if row is None:
        raise EventError(f"no event has the key {key}.", fix="see `events list`")
    return row


def _plain(key: str) -> str:
    return key.strip().strip("[]").upper()


def _stamp(now: datetime, as_of: date) -> RunStamp:
    return RunStamp(run_id=None, at=now, as_of=as_of)
