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
    """The newest run that made a letter which is in the MIS; None when there is none."""
    return max((item.run_id for item, _ in _letters(store)), default=None)


def pile_of(store: Store, run_id: int, *, both_sides: bool = False, siblings: bool = False) -> Pile | None:
    """Given a run, return its letters to adults as one document, by class and name; None when it made none.

    A letter whose event was withdrawn or voided since is left out: it must not be sent. ``siblings`` puts the
    letters of one household one after the other, at the place of the first. Raises PileError.
    """
    place = {pupil.pupil_id: number for number, pupil in enumerate(in_order(store.facts.pupils()))}
    chosen = [
        (place.get(pupil_id, len(place)), item) for item, pupil_id in _letters(store) if item.run_id == run_id
    ]
    found = [item for _, item in sorted(chosen, key=lambda pair: (pair[0], pair[1].id))]
    if not found:
        return None
    if siblings:
        first: dict[tuple[str, ...], int] = {}
        for number, item in enumerate(found):
            first.setdefault(item.contacts, number)
        found.sort(key=lambda item: first[item.contacts])
    content = join(
        [store.outbox.content(item) for item in found],
        title="Attendance letters",
        both_sides=both_sides,
    )
    return Pile(run_id, len(found), content)


def _letters(store: Store) -> list[tuple[Item, str]]:
    """Documents addressed to adults that are in the MIS, with their pupil."""
    return [
        (item, row.pupil_id)
        for row in store.ledger.rows()
        if row.pupil_id is not None and row.state not in CLOSED
        for item in store.outbox.of_event(row.id)
        if item.kind == "document" and item.contacts and item.state in ("written", "verified")
    ]
