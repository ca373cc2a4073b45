"""The kinds of hold: why an event waits, and what ends the wait."""

from __future__ import annotations

from typing import Literal

HoldKind = Literal[
    "registers", "calendar", "first_run", "settling", "leaver", "too_many", "review", "ladder", "letter"
]
BY_PERSON: tuple[HoldKind, ...] = ("first_run", "too_many", "review", "letter", "leaver")
"""These wait for a person or for a change in the MIS; the others lapse by themselves."""
STICKY: tuple[HoldKind, ...] = ("first_run", "too_many")
"""Once held so, an event stays held until a person releases it."""
