"""Why events wait: the kinds of hold, and who or what ends each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from connector.store.ledger import LedgerRow

HoldKind = Literal[
    "registers",
    "calendar",
    "first_run",
    "new_policy",
    "settling",
    "leaver",
    "unrecognised",
    "too_many",
    "too_old",
    "review",
    "ladder",
    "letter",
    "unmarked",
    "not_taken",
    "no_longer_follows",
    "facts_changed",
]
FOR_DECISION: tuple[HoldKind, ...] = ("no_longer_follows", "facts_changed")
"""A fact other than a counted mark changed: held until a person keeps or withdraws it, or the fact changes back."""
BY_PERSON: tuple[HoldKind, ...] = (
    "first_run",
    "new_policy",
    "too_many",
    "review",
    "letter",
    "leaver",
    "too_old",
    "unrecognised",
    "unmarked",
    "not_taken",
    *FOR_DECISION,
)
"""These wait for a person or for a change in the MIS; the others end by themselves."""
STICKY: tuple[HoldKind, ...] = ("first_run", "new_policy", "too_many")
"""Once held so, an event stays held until a person releases it."""
INCOMPLETE: tuple[HoldKind, ...] = ("unmarked", "not_taken")
"""Marks of the period are missing. Only a release from such a hold lets the event past it, none from another one."""
FOR_MARKS: tuple[HoldKind, ...] = ("registers", "unrecognised")
"""These end when the marks of the days that they name are there."""
BY_GUARD: tuple[HoldKind, ...] = (
    "registers",
    "calendar",
    "first_run",
    "new_policy",
    "too_many",
    "too_old",
    "unrecognised",
    "not_taken",
    *FOR_DECISION,
)
"""A run with such a hold ends with exit code 3."""
OTHER_POLICY = "other_policy"
"""The hold of a superseded row that was pending when the school changed its policy."""
OVERTAKEN = "overtaken"
"""The hold of a superseded row whose ladder has gone on with a later step."""
SWITCHED_OFF = "switched_off"
"""The hold of a superseded row that was pending when its rule was switched off."""
BEFORE_START = "before_start"
"""The hold of a superseded row whose event lies before the day from which letters are written."""
COMES_BACK = (OTHER_POLICY, SWITCHED_OFF, BEFORE_START, OVERTAKEN)
"""A superseded row with one of these waits again once the reason is over."""
_ASIDE = ("", *COMES_BACK, *FOR_DECISION)


def hold_to_return_to(row: LedgerRow) -> str:
    """Return the hold that a row has again once what puts it aside is over: a hold outlives its being put aside."""
    return row.hold_before if row.hold in _ASIDE else row.hold


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an event waits."""

    kind: HoldKind
    reason: str
    days: tuple[date, ...] = ()
    """The days whose marks it waits for."""


@dataclass(frozen=True, slots=True)
class HeldCause:
    """Why events wait for a person to keep or withdraw them, and how many they are."""

    id: str
    reason: str
    events: int

    @property
    def words(self) -> str:
        """The cause and what to do, for people."""
        return (
            f"{self.id}: {self.events} held because {self.reason}. Decide with `events keep --because {self.id}"
            f" --reason TEXT` or `events withdraw --because {self.id} --reason TEXT`"
        )

    def document(self) -> dict[str, Any]:
        """Return the cause for JSON."""
        return {"id": self.id, "reason": self.reason, "events": self.events}


def held_causes(rows: Iterable[LedgerRow]) -> tuple[HeldCause, ...]:
    """Return each cause for which any of these rows waits for a person, in order of their first event."""
    found: dict[str, list[LedgerRow]] = {}
    for row in rows:
        if row.state == "held" and row.hold in FOR_DECISION:
            found.setdefault(row.because, []).append(row)
    return tuple(HeldCause(because, held[0].reason, len(held)) for because, held in found.items())
