"""The letters of a run as one pile for the printer, in class order."""

from __future__ import annotations

from dataclasses import dataclass

from connector.store import Store
from connector.store.ledger import CLOSED
from connector.store.outbox import Item
from letters.pile.join import join
from letters.reports.pupils import in_order


@dataclass(frozen=True, slots=True)
class Pile:
    """Letters in one Word document."""

    run_id: int
    letters: int
    content: bytes


def last_run_with_letters(store: Store) -> int | None:
    """Return the newest run that made a letter which is in the MIS; None when there is none."""
    return max((item.run_id for item, _ in _letters(store)), default=None)


def pile_of(store: Store, run_id: int, *, both_sides: bool = False, siblings: bool = False) -> Pile | None:
    """Given a run, return its letters to adults as one document, by class and name; None when it made none.

    A letter whose event was withdrawn or voided since is not in it: it must not be sent. ``siblings`` puts the
    letters of one household one after the other, where the first one comes. Raise PileError.
    """
    order = {pupil.pupil_id: number for number, pupil in enumerate(in_order(store.facts.pupils()))}
    chosen = [
        (order.get(pupil_id, len(order)), item) for item, pupil_id in _letters(store) if item.run_id == run_id
    ]
    letters = [item for _, item in sorted(chosen, key=lambda pair: (pair[0], pair[1].id))]
    if not letters:
        return None
    if siblings:
        first: dict[tuple[str, ...], int] = {}
        for number, item in enumerate(letters):
            first.setdefault(item.contacts, number)
        letters.sort(key=lambda item: first[item.contacts])
    content = join(
        [store.outbox.content(item) for item in letters],
        title="Attendance letters",
        both_sides=both_sides,
    )
    return Pile(run_id, len(letters), content)


def _letters(store: Store) -> list[tuple[Item, str]]:
    """Return documents addressed to adults that are in the MIS, with their pupil."""
    return [
        (item, row.pupil_id)
        for row in store.ledger.rows()
        if row.pupil_id is not None and row.state not in CLOSED and not row.held_from
        for item in store.outbox.of_event(row.id)
        if item.kind == "document" and item.contacts and item.state in ("written", "verified")
    ]
