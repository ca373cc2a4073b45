"""What the ledger keeps of an event: its row, its states, and the lines of its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Literal

from connector.store.coding import from_text, to_text
from rules.events import Event

State = Literal[
    "due",
    "held",
    "approved",
    "composed",
    "written",
    "verified",
    "withdrawn",
    "superseded",
    "voided",
    "failed",
    "excluded",
]
PENDING: tuple[State, ...] = ("due", "held", "approved")
"""It is not in the outbox. A part of it may be in the MIS already, and the rest was stopped."""
SENT: tuple[State, ...] = ("written", "verified")
CLOSED: tuple[State, ...] = ("withdrawn", "superseded", "voided", "excluded")
NoteDue = Literal["withdrawn", "reinstated", "voided"]

Day = date
"""The type, where a field is itself called date."""


def event_text(event: Event) -> str:
    """Return an event as the ledger keeps it; equal events give equal text."""
    return to_text(event)


def event_of(text: str) -> Event:
    """Return the event of a text that :func:`event_text` made."""
    return from_text(Event, text)


@dataclass(frozen=True)
class LedgerRow:
    """One event of the ledger as it stands now."""

    id: int
    key: str
    policy: str
    rule: str
    pupil_id: str | None
    group: str | None
    anchor: str
    date: Day
    evidence: str
    policy_version: str
    config_hash: str
    registers_read_at: str
    added_in: int
    state: State
    reason: str
    hold: str
    state_at: str
    state_on: Day
    approved: bool
    released: bool
    composed_on: Day | None
    written_on: Day | None
    note_due: NoteDue | None
    held_days: tuple[Day, ...] = ()
    """The days whose marks it waits for, or has waited for, in order. Kept whatever else holds it later."""
    rested_on: str = ""
    """The facts that it followed from when it last did, as :mod:`connector.ledger.rested_on` writes them; empty in
    rows from before they were kept."""
    held_on: str = ""
    """The same facts on the day on which it was held because it no longer follows."""
    held_from: State | Literal[""] = ""
    """The state it had before it was held because it no longer follows, or because a fact changed."""
    hold_before: str = ""
    """The hold that it has again once it is no longer put aside."""
    because: str = ""
    """The short id of the cause that it is held for."""
    kept_at: int | None = None
    """A person keeps it although it no longer follows: the last amendment that was known then."""
    overtaken_by: int | None = None
    """The row of the step that took its place on their ladder."""
    released_from: tuple[str, ...] = ()
    """The holds from which a person released it; a release lets it past nothing that comes up later."""

    @property
    def stands_as(self) -> State:
        """The state; for one that is held because it no longer follows, the state that it had before."""
        return self.held_from or self.state

    @cached_property
    def event(self) -> Event:
        """The event with its latest evidence."""
        return event_of(self.evidence)

    @property
    def has_letter(self) -> bool:
        """True when the event makes a document; a note or line of a list alone climbs no ladder."""
        return any(outcome.is_document for outcome in self.event.outcomes)

    @property
    def goes_home(self) -> bool:
        """True when a family gets a letter of it, or is named in a request: any document but one to the authority."""
        return any(outcome.is_document for outcome in self.event.outcomes) and (
            self.event.per_parent
            or any(outcome.kind != "document" for outcome in self.event.outcomes if outcome.is_document)
        )

    @property
    def subject(self) -> tuple[str, str, str]:
        """Rule, and whom it is about: what never changes about an event."""
        return (self.rule, self.pupil_id or "", self.group or "")


@dataclass(frozen=True, slots=True)
class RunStamp:
    """What every change of a run is signed with."""

    run_id: int | None
    """None: a person did it with a command."""
    at: datetime
    as_of: date
    policy: str = ""
    policy_version: str = ""
    config_hash: str = ""
    registers_read_at: str = ""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One move of an event."""

    at: datetime
    state: str
    reason: str
    run_id: int | None
