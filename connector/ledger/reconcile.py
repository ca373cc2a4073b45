"""The events of today's evaluation against the ledger: what is new, what changed, what no longer holds.

Nothing is written to the MIS here; a row whose letter or note is in the MIS is only marked for a correcting note.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.ledger.keys import free_key
from connector.ledger.match import match
from connector.store import Store
from connector.store.ledger import CLOSED, PENDING, SENT, LedgerRow, NoteDue, RunStamp, event_text
from rules.calendar import Calendar
from rules.events import Event
from rules.policy import Policy

NO_LONGER = "the marks no longer support it"
OTHER_VERSION = "not an event under the present version of the policy; what was written stands"
BEFORE_START = "before_start"
"""The hold of a superseded row whose event lies before the day from which letters are written."""


@dataclass(slots=True)
class Reconciled:
    """What a run's evaluation did to the ledger, as row numbers."""

    added: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    reinstated: list[int] = field(default_factory=list)
    withdrawals_held: int = 0
    """Written events that would have been withdrawn, were there not too many of them at once."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is compared with the ledger."""

    events: Sequence[Event]
    policy: Policy
    calendar: Calendar


def reconcile(
    store: Store,
    judged: Judged,
    stamp: RunStamp,
    *,
    may_withdraw: bool = True,
    most_withdrawn: int | None = None,
) -> Reconciled:
    """Bring the ledger up to the evaluation. To be called inside a transaction.

    ``may_withdraw`` is False while a guard doubts the registers. With more than ``most_withdrawn`` written
    events to withdraw at once none of them is: that is a fault of the registers until somebody has looked.
    """
    rows = store.ledger.rows(policy=judged.policy.id)
    # older events are history: what happens to old marks (they leave the MIS, they are purged) takes nothing back
    reach = judged.calendar.history_start(stamp.as_of)
    matching = match(
        [row for row in rows if row.date <= stamp.as_of],
        judged.events,
        policy=judged.policy,
        calendar=judged.calendar,
    )
    done = Reconciled()
    for row, event in matching.pairs:
        _still_there(store, row, event, stamp, done)
    for event in matching.new:
        key = free_key(store.identity, event, store.ledger.has_key)
        done.added.append(store.ledger.add(key, event, stamp))
    gone = [row for row in matching.gone if row.date >= reach and row.state not in CLOSED]
    gone += [row for row in matching.gone if row.date >= reach and row.state == "excluded"]
    if may_withdraw:
        _withdraw(store, gone, stamp, done, most_withdrawn)
    return done


def _still_there(store: Store, row: LedgerRow, event: Event, stamp: RunStamp, done: Reconciled) -> None:
    """Keep what changed about an event that is there again, and bring back what was withdrawn."""
    moved = (row.anchor, row.date) != (event.anchor, event.date)
    differs = moved or event_text(event) != row.evidence  # nearly always not, and then nothing need be read
    changed = moved or (differs and not same_evidence(row.event, event))
    if changed:
        store.ledger.put_evidence(row, event, stamp)
        (done.moved if moved else done.changed).append(row.id)
        if moved:
            store.ledger.note(
                row, stamp, f"moved from {row.date} to {event.date} by a correction: the same event"
            )
    else:
        if differs and row.event.window != event.window:
            store.ledger.put_window(row, event)
        if row.policy_version != stamp.policy_version:
            store.ledger.seen_under(row.id, stamp.policy_version)
    if row.state == "withdrawn":
        _reinstate(store, row, stamp, same=not changed)
        done.reinstated.append(row.id)
    elif changed:
        _make_again(store, row, stamp)


def _reinstate(store: Store, row: LedgerRow, stamp: RunStamp, *, same: bool) -> None:
    """Bring back an event whose condition holds again. What a family has already had it does not get twice."""
    corrected = any(
        item.kind == "correction" and item.state in ("attempted", "written", "verified")
        for item in store.outbox.of_event(row.id)
    )
    store.outbox.cancel_open(row.id, stamp.at, corrections=True)
    made = [item for item in store.outbox.of_event(row.id) if item.kind != "correction"]
    reason = "the marks support it again"
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
        store.ledger.move(row, "due", reason, stamp)


def _make_again(store: Store, row: LedgerRow, stamp: RunStamp) -> None:
    """Make again, of the present evidence, what was made of an earlier one and has not been written."""
    if row.state == "composed" and not store.outbox.maybe_sent(row.id):
        store.outbox.cancel_open(row.id, stamp.at, corrections=False)
        store.ledger.move(row, "due", "its evidence changed before it was written", stamp)
    elif row.state == "approved":
        store.ledger.clear_approval(row.id)
        store.ledger.move(row, "due", "its evidence changed after it was approved", stamp)


def _withdraw(
    store: Store,
    gone: Iterable[LedgerRow],
    stamp: RunStamp,
    done: Reconciled,
    most: int | None,
) -> None:
    rows = list(gone)
    in_mis = [row for row in rows if row.state not in PENDING and row.state != "excluded"]
    # an event that the present version of the policy never gave says nothing about the marks
    other_version = [row for row in in_mis if row.policy_version != stamp.policy_version]
    for row in other_version:
        if row.reason != OTHER_VERSION:
            store.ledger.move(row, row.state, OTHER_VERSION, stamp)
    in_mis = [row for row in in_mis if row.policy_version == stamp.policy_version]
    if most is not None and len(in_mis) > most:
        done.withdrawals_held = len(in_mis)
        in_mis = []
    for row in [row for row in rows if row.state in (*PENDING, "excluded")] + in_mis:
        withdraw(store, row, NO_LONGER, stamp)
        done.withdrawn.append(row.id)


def withdraw(store: Store, row: LedgerRow, reason: str, stamp: RunStamp) -> None:
    """Take an event back. What is, or may be, in the MIS gets a correcting note; its letter stays on file."""
    may_be_there = withdraw_from_outbox(store, row, stamp.at)
    store.ledger.move(row, "withdrawn", reason, stamp, note_due="withdrawn" if may_be_there else None)


def withdraw_from_outbox(store: Store, row: LedgerRow, at: datetime) -> bool:
    """Stop what has not been written; return True when something has been, or may have been, and needs a note."""
    store.outbox.cancel_open(row.id, at, corrections=False)
    known = row.written_on is not None or row.state in SENT
    return row.pupil_id is not None and (known or store.outbox.maybe_sent(row.id))


def same_evidence(first: Event, second: Event) -> bool:
    """Return True when nothing that decided differs; a pack's new version, wording or window alone changes no evidence."""
    same = replace(
        second,
        clause=first.clause,
        title=first.title,
        outcomes=first.outcomes,
        ladder=first.ladder,
        rung=first.rung,
        pack_version=first.pack_version,
        window=first.window,
        figures=dict(second.figures),
    )
    return replace(first, figures=dict(first.figures)) == same
