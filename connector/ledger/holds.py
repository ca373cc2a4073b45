"""Why events wait: the kinds of hold, and who or what ends each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from connector.errors import TO_DO, accepting
from connector.store.ledger import LedgerRow

HoldKind = Literal[
    "registers",
    "calendar",
    "first_run",
    "new_policy",
    "settling",
    "leaver",
    "not_listed",
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
    "not_listed",
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
_RELEASE = "let it go with `attendance-connector events release KEY`"
WAYS_ON: Mapping[HoldKind, str] = {
    "registers": f"enter the marks of the days named, or {_RELEASE}; all at once: {accepting('registers')}",
    "calendar": f"correct the calendar, or {_RELEASE}; all at once: {accepting('calendar')}",
    "unrecognised": f"correct the code in the MIS, or {_RELEASE}; all at once: {accepting('unrecognised')}",
    "unmarked": f"enter the marks named, or {_RELEASE}",
    "not_taken": f"enter the register named, or {_RELEASE}",
    "settling": f"nothing, it goes out by itself when the marks are older; sooner: {_RELEASE}",
    "first_run": "release what should go out: `attendance-connector events release KEY`, or all of a run with `--run NUMBER`",
    "new_policy": "release what should go out: `attendance-connector events release KEY`, or all of a run with `--run NUMBER`",
    "too_many": "release what should go out: `attendance-connector events release KEY`, or all of a run with `--run NUMBER`",
    "review": "read it, then `attendance-connector events approve KEY`",
    "leaver": f"nothing, or {_RELEASE}",
    "not_listed": f"look for the pupil in the MIS, it goes out once the MIS lists the pupil; or {_RELEASE}",
    "too_old": f"send it with today's date: {_RELEASE}; or take it back: `attendance-connector events void KEY --reason TEXT`",
    "letter": "put right what it names, in the MIS, the settings or the template, and it goes out with the next run; or take it back: `attendance-connector events void KEY --reason TEXT`",
    "ladder": "nothing, it waits for its turn; to take the step before it back: `attendance-connector events void KEY --reason TEXT`",
    "no_longer_follows": "decide: `attendance-connector events keep KEY --reason TEXT` or `events withdraw KEY --reason TEXT`",
    "facts_changed": "decide: `attendance-connector events keep KEY --reason TEXT` or `events withdraw KEY --reason TEXT`",
}
"""What to do about each kind of hold, with the command by which a person lets an event go on."""
OTHER_POLICY = "other_policy"
"""The hold of a superseded row that was pending when the school changed its policy."""
OVERTAKEN = "overtaken"
"""The hold of a superseded row whose ladder has gone on with a later step."""
SWITCHED_OFF = "switched_off"
"""The hold of a superseded row that was pending when its rule was switched off."""
BEFORE_START = "before_start"
"""The hold of a superseded row whose event lies before the day from which letters are written."""
FORM_WAITS = "form_waits"
"""The hold of a superseded row that makes no form because an earlier one of the pupil waits for its decision."""
COMES_BACK = (OTHER_POLICY, SWITCHED_OFF, BEFORE_START, OVERTAKEN, FORM_WAITS)
"""A superseded row with one of these waits again once the reason is over."""
_BY_AGE = frozenset({*STICKY, "too_old", BEFORE_START, OVERTAKEN})
_ASIDE = ("", *COMES_BACK, *FOR_DECISION)


def hold_to_return_to(row: LedgerRow) -> str:
    """Return the hold that a row has again once what puts it aside is over: a hold outlives its being put aside."""
    return row.hold_before if row.hold in _ASIDE else row.hold


def let_past(row: LedgerRow, kind: HoldKind) -> bool:
    """Return True when a person's release covers a hold: it is the one that the event was released from.

    Who lets go what is held for its age or number has it go as old as it is, so these cover one another.
    """
    if kind in row.released_from:
        return True
    if kind not in _BY_AGE:
        return False
    # a release by a version that did not keep from what
    return not _BY_AGE.isdisjoint(row.released_from) or (row.released and not row.released_from)


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an event waits."""

    kind: HoldKind
    reason: str
    days: tuple[date, ...] = ()
    """The days whose marks it waits for."""


def ways_on(kinds: Iterable[str]) -> list[str]:
    """Return a line on what to do for each kind of hold, in the order in which people meet them."""
    known = set(kinds)
    return [f"{TO_DO}{kind.replace('_', ' ')}: {way}" for kind, way in WAYS_ON.items() if kind in known]


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
