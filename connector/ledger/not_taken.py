"""What the MIS has not taken, in words with the way on.

With a letter or a note its event fails. A correcting note and a document of the school fail by themselves: they are
named by their key, and a person has them tried again by it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from connector.errors import TO_DO
from connector.store import Store
from connector.store.ledger import RunStamp
from connector.store.outbox import Item
from letters.words import english

RELEASE = "put right what keeps the MIS from taking it, then `events release KEY` has it tried again"


def failed_words(events: int) -> list[str]:
    """Return in words that so many events failed, and what to do; nothing for none."""
    return [f"{events} failed: see `events list --state failed`\n{TO_DO}{RELEASE}"] if events else []


def not_taken_words(items: Sequence[Item]) -> list[str]:
    """Return in words what is not in the MIS, with every key and what to do; nothing when there is nothing."""
    lines = []
    ordered = sorted(items, key=_group)
    for (kind, given_up), group in groupby(ordered, _group):
        own = list(group)
        what = (
            english.count(len(own), "document of the school", "documents of the school")
            if kind == "document"
            else english.count(len(own), "correcting note")
        )
        keys = ", ".join(dict.fromkeys(item.key for item in own))
        reason = own[0].error.split("\n")[0].rstrip(".")
        after = f"given up\n{TO_DO}{RELEASE}" if given_up else "tried again in the next run"
        lines.append(f"{what} could not be written to the MIS ({keys}): {reason or 'no answer'}; {after}")
    return lines


def not_taken_document(item: Item) -> dict[str, Any]:
    """Return one of them for JSON."""
    return {"key": item.key, "kind": item.kind, "given_up": item.state == "failed", "reason": item.error}


def given_up_keys(store: Store, run_id: int) -> list[str]:
    """Return the keys of what was given up and belongs to a run: it added the event, or made the document."""
    return [
        item.key
        for item in store.outbox.not_taken()
        if item.state == "failed" and run_id == _run_of(store, item)
    ]


def release_not_taken(store: Store, key: str, *, by: str, stamp: RunStamp) -> list[Item]:
    """Have the correcting notes, or the document of the school, of a key tried again as if for the first time.

    Return those that the MIS had not taken, given up or not.
    """
    with store.transaction():
        items = store.outbox.revive_not_taken(key, stamp.at)
        row = store.ledger.row(key)
        if items and row is not None:
            store.ledger.note(row, stamp, f"its correcting note is to be tried again, released by {by}")
    return items


def _group(item: Item) -> tuple[str, bool]:
    return item.kind, item.state == "failed"


def _run_of(store: Store, item: Item) -> int:
    return item.run_id if item.event_id is None else store.ledger.row_by_id(item.event_id).added_in
