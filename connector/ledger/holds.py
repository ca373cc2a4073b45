"""Why events wait: the kinds of hold, and who or what ends each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

HoldKind = Literal[
    "registers",
    "calendar",
    "first_run",
    "settling",
    "leaver",
    "unrecognised",
    "too_many",
    "review",
    "ladder",
    "letter",
]
BY_PERSON: tuple[HoldKind, ...] = ("first_run", "too_many", "review", "letter", "leaver", "unrecognised")
"""These wait for a person or for a change in the MIS; the others end by themselves."""
STICKY: tuple[HoldKind, ...] = ("first_run", "too_many")
"""Once held so, an event stays held until a person releases it."""
FOR_MARKS: tuple[HoldKind, ...] = ("registers", "unrecognised")
"""These end when the marks of the days that they name are there."""
BY_GUARD: tuple[HoldKind, ...] = ("registers", "calendar", "first_run", "too_many", "unrecognised")
"""A run with such a hold ends with exit code 3."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an event waits."""

    kind: HoldKind
    reason: str
    days: tuple[date, ...] = ()
    """The days whose marks it waits for."""
