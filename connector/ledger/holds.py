"""Why events wait: the kinds of hold, and who or what ends each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HoldKind = Literal[
    "registers",
    "calendar",
    "first_run",
    "settling",
    "leaver",
    "too_many",
    "review",
    "ladder",
    "letter",
    "unmarked",
    "not_taken",
]
BY_PERSON: tuple[HoldKind, ...] = (
    "first_run",
    "too_many",
    "review",
    "letter",
    "leaver",
    "unmarked",
    "not_taken",
)
"""These wait for a person or for a change in the MIS; the others end by themselves."""
STICKY: tuple[HoldKind, ...] = ("first_run", "too_many")
"""Once held so, an event stays held until a person releases it."""
INCOMPLETE: tuple[HoldKind, ...] = ("unmarked", "not_taken")
"""Marks of the period are missing. Only a release from such a hold lets the event past it, none from another one."""
BY_GUARD: tuple[HoldKind, ...] = ("registers", "calendar", "first_run", "too_many", "not_taken")
"""A run with such a hold ends with exit code 3."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an event waits."""

    kind: HoldKind
    reason: str
