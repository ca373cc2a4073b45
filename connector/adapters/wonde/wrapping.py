"""The shapes in which Wonde sends one thing: as itself, wrapped, as an id only, or as the empty list that PHP writes for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from connector.errors import FatalError
from rules.school import SCHOOL_TIME

Row = Mapping[str, Any]


def unwrap(value: Any) -> Any:
    """Return what an include holds, out of its ``{"data": ...}``; None for an empty object."""
    return value.get("data") if isinstance(value, dict) and set(value) <= {"data", "meta"} else value


def one(value: Any, what: str) -> Row | None:
    """Return one object, wrapped or not; None for none. Raise FatalError for anything else."""
    found = unwrap(value)
    if isinstance(found, list) and len(found) <= 1:
        found = found[0] if found else None
    if found is None or isinstance(found, dict):
        return found or None
    raise _other_shape(what)


def many(value: Any, what: str) -> list[Row]:
    """Return a list of objects, wrapped or not. Raise FatalError for anything else.

    A list with gaps comes from PHP as an object with numbers for keys; a list of one may come as that one.
    """
    found = unwrap(value)
    if isinstance(found, dict):
        found = list(found.values()) if all(str(key).isdigit() for key in found) else [found]
    if found is None:
        return []
    if isinstance(found, list) and all(isinstance(row, dict) for row in found):
        return found
    raise _other_shape(what)


def id_of(value: Any) -> str:
    """Return the id of a related object, given as a number, as text, as an object, or wrapped; empty for none."""
    found = unwrap(value)
    if isinstance(found, dict):
        found = found.get("id")
    return "" if found is None or isinstance(found, list | dict) else str(found).strip()


def moment(value: Any) -> datetime | None:
    """Return a date-time, given as text or as Wonde's object with its own ``date`` and ``timezone``; None for none.

    Moments come in UTC, days as midnight in the school's own zone or, for some, in UTC. One without a zone is UTC; one
    that cannot be read is None.
    """
    text, zone = (value.get("date"), value.get("timezone")) if isinstance(value, dict) else (value, None)
    try:
        found = datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None
    if found is None or found.tzinfo:
        return found
    return found.replace(tzinfo=SCHOOL_TIME if zone == SCHOOL_TIME.key else UTC)


def _other_shape(what: str) -> FatalError:
    return FatalError(
        f"Wonde: {what} has another shape than documented", fix="report it to the makers of this program"
    )
