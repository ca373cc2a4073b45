"""How Wonde writes ids, moments and days."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

Block = dict[str, Any]


def wonde_id(natural: str) -> str:
    """Return an id of Wonde's form, always the same for the same thing."""
    return "A" + str(int(hex_id(natural)[:12], 16))


def hex_id(natural: str) -> str:
    """Return 32 hexadecimal digits, as a ``upi`` has."""
    return hashlib.sha256(natural.encode()).hexdigest()[:32].upper()


def student_id(pupil_id: str) -> str:
    """Return Wonde's id of a student."""
    return wonde_id(f"student/{pupil_id}")


def code_id(code: str) -> str:
    """Return Wonde's id of an attendance code."""
    return wonde_id(f"code/{code}")


def moment(when: datetime | None) -> Block | None:
    """Return a date-time as Wonde prints it."""
    if when is None:
        return None
    return {"date": when.strftime("%Y-%m-%d %H:%M:%S.000000"), "timezone_type": 3, "timezone": "UTC"}


def midnight(day: date | None) -> Block | None:
    """Return a date as Wonde prints it: midnight in the school's own zone, where moments are in UTC."""
    text = f"{day} 00:00:00.000000"
    return {"date": text, "timezone_type": 3, "timezone": "Europe/London"} if day else None


def read_moment(block: Mapping[str, Any] | None) -> datetime | None:
    """Return what :func:`moment` wrote."""
    return datetime.fromisoformat(block["date"]) if block else None
