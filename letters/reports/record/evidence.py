"""What the school's ledger holds about one pupil: the input of the evidence document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from rules.events import Event

STATES = {
    "due": "due, nothing made yet",
    "held": "held, nothing sent",
    "approved": "approved, not sent yet",
    "composed": "made, not in the MIS yet",
    "written": "written to the MIS",
    "verified": "in the MIS, read back",
    "withdrawn": "withdrawn: the register no longer supports it",
    "superseded": "replaced by a later step",
    "voided": "declared void by the school",
    "failed": "could not be written",
    "excluded": "not sent: an exclusion covers it",
}
"""The states of an event in words; the part before the first comma or colon is the short form."""


@dataclass(frozen=True, slots=True)
class StateChange:
    """One step in the life of an event."""

    at: datetime
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LetterCopy:
    """A letter or document as it was filed."""

    title: str
    file_name: str
    filed_on: date
    addressees: int
    """How many adults it is addressed to; 0 for a document for the office."""
    content: bytes | None = None
    """The DOCX; None when the copy is no longer kept."""


@dataclass(frozen=True, slots=True)
class NoteCopy:
    """A note as it was written on the pupil."""

    written_on: date
    summary: str
    text: str


@dataclass(frozen=True, slots=True)
class EvidenceEvent:
    """One event with everything that followed from it."""

    key: str
    event: Event
    """As it was when the letters were made from it."""
    state: str
    history: tuple[StateChange, ...] = ()
    letters: tuple[LetterCopy, ...] = ()
    notes: tuple[NoteCopy, ...] = ()
    registers_read_at: datetime | None = None
    assumed: str = ""
    """What the policy's text says and what was chosen, where it gives no figure for the rule."""


@dataclass(frozen=True, slots=True)
class ChangedFact:
    """A fact that events rest on and that was seen with another value later."""

    name: str
    before: str
    after: str
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything about one pupil."""

    pupil_id: str
    events: tuple[EvidenceEvent, ...] = ()
    other_notes: tuple[NoteCopy, ...] = ()
    """Notes that belong to no event."""
    changed_facts: tuple[ChangedFact, ...] = ()
    """In the order in which the changes were seen."""
