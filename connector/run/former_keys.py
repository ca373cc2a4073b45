"""Keys of a state that was lost: earlier versions made them with the school's id in the configuration."""

from __future__ import annotations

from collections.abc import Sequence

from connector.adapters.base import Adapter
from connector.errors import FatalError, SkippableError
from connector.ledger.keys import event_key
from connector.store import Store
from connector.store.meta import IDENTITY, keep_value
from rules.events import Event
from rules.rule.outcome import NOTE

_ASKED = 20
"""Events for which the MIS is asked, spread over all: if letters were written under former keys, some of them were."""


def keep_former_identity(store: Store, adapter: Adapter, events: Sequence[Event]) -> None:
    """Make the keys of a new state with the school's configured id where the MIS holds any that were made so.

    Everything that was written is then found by its key, and nothing is written twice.
    """
    if store.identity == store.school_id or store.ledger.rows():
        return
    written = [event for event in events if event.pupil_id is not None and _goes_to_the_mis(event)]
    for event in written[:: max(1, len(written) // _ASKED)]:
        if _is_there(adapter, event.pupil_id or "", event_key(store.school_id, event)):
            with store.transaction() as connection:
                keep_value(connection, IDENTITY, store.school_id)
            return


def _is_there(adapter: Adapter, pupil_id: str, key: str) -> bool:
    try:
        return bool(adapter.find_notes(pupil_id, key) or adapter.find_documents(pupil_id, key))
    except (SkippableError, FatalError):
        return False  # this pupil cannot be looked up: its own letters say so when they are delivered


def _goes_to_the_mis(event: Event) -> bool:
    return any(outcome == NOTE or outcome.is_document for outcome in event.outcomes)
