"""Time zones, times of day and days of the week as the configuration writes them."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def is_zone(name: str) -> bool:
    """Return True for the name of a time zone such as Europe/London."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _known_zone(value: str) -> str:
    if not is_zone(value):
        raise ValueError("is not a known time zone; write one such as Europe/London")
    return value


Zone = Annotated[str, AfterValidator(_known_zone)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
