"""A notice to improve by parent: who is added to it later has a letter, a form and a thank-you of their own.

A notice to several parents is one event while nothing of it is in the ledger. A parent who comes to the record when the
event is known is a new event: its anchor names the contact, and the first one keeps its anchor and with it its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from connector.store.ledger import LedgerRow
from rules.events import Event
from rules.kinds.records.notice_to_improve import CONTACTS, NoticeOnRecord
from rules.register import Register
from rules.rule import Condition

_TO = " to "
_OTHERS = "every other parent"


def by_parent(
    when: Condition | None, rows: Sequence[LedgerRow], events: Iterable[Event], register: Register
) -> list[Event]:
    """Return the events of one rule and pupil, those about a notice to improve divided by parent as the ledger has them.

    ``rows``: the pupil's rows of every rule about notices to improve. The first letter, form or thank-you is divided as
    the rule's own rows are, or else as those of the other rules: who had no letter yet has no form with it.
    """
    if not isinstance(when, NoticeOnRecord):
        return list(events)
    return [part for event in events for part in _parts(event, rows, register)]


def whole_notice(anchor: str) -> str:
    """Return the anchor of an event as an evaluation gives it, before it was divided by parent."""
    return anchor.partition(_TO)[0]


def given_to(event: Event) -> frozenset[str]:
    """Return the ids of the contacts whom an event concerns; empty when it concerns every parent."""
    return frozenset(filter(None, str(event.figures.get(CONTACTS, "")).split(",")))


def _parts(event: Event, rows: Sequence[LedgerRow], register: Register) -> list[Event]:
    first = [row for row in rows if row.anchor == event.anchor]
    first = [row for row in first if row.rule == event.rule] or first
    had = [given_to(row.event) for row in first]
    written = any(row.written_on is not None for row in first)  # whoever had it does not get it twice
    if not had or frozenset() in had:
        return [_for(event, event.anchor, ())] if written else [event]
    known = frozenset().union(*had)
    given = given_to(event) or known | _parents(event, register)
    named = {row.anchor for row in rows}
    parts = [_for(event, event.anchor, known if written else known & given)] if known & given else []
    later = sorted(given - known)
    if not given_to(event):  # the record names nobody: those without an event of their own have one together
        together = [contact for contact in later if event.anchor + _TO + contact not in named]
        later = [contact for contact in later if contact not in together]
        parts += [_for(event, event.anchor + _TO + _OTHERS, together)] if together else []
    return parts + [_for(event, event.anchor + _TO + contact, [contact]) for contact in later]


def _parents(event: Event, register: Register) -> frozenset[str]:
    pupil = register.find(event.pupil_id)
    adults = pupil.contacts if pupil else ()
    return frozenset(adult.contact_id for adult in adults if adult.is_parent)


def _for(event: Event, anchor: str, contacts: Iterable[str]) -> Event:
    figures = {name: figure for name, figure in event.figures.items() if name != CONTACTS}
    named = ",".join(sorted(contacts))
    return replace(event, anchor=anchor, figures={**figures, CONTACTS: named} if named else figures)
