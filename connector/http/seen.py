"""Which fields a MIS's answers have, by address: names only, for somebody to send to us. No value is ever kept."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from typing import Any

_ID = re.compile(r"\d+|.*\d{4}.*|[0-9a-fA-F-]{32,36}|[A-Z][A-Z0-9_]{3,}")
"""A part of an address that names one pupil, school, day or code."""
_FIELD = re.compile(r"(?:\w{0,60}@odata\.)?[$_]{0,2}[A-Za-z][\w.$: -]{0,59}", re.ASCII)
_DIGITS = re.compile(r"\d{3}|\d[-/]\d")
_MOST_FIELDS = 150
_DEEPEST = 8
MASKED = "*"


class FieldsSeen:
    """Collects the names of fields from the answers of one or more clients. Safe to share between threads."""

    def __init__(self) -> None:
        self._names: dict[str, dict[str, None]] = {}
        self._lock = threading.Lock()

    def note(self, path: str, body: Any) -> None:
        """Note an answer's names under its address, in which ids are masked."""
        table = "/".join(MASKED if _ID.fullmatch(part) else part for part in path.split("/"))
        with self._lock:
            self._names.setdefault(table, {}).update(dict.fromkeys(_names_in(body, "", _DEEPEST)))

    def tables(self) -> dict[str, list[str]]:
        """Return the names by address, in the order in which they came; `rows[].pupil.id` is a field of a field."""
        with self._lock:
            return {table: list(names) for table, names in self._names.items()}


def _names_in(body: Any, prefix: str, deeper: int) -> Iterator[str]:
    if deeper == 0:
        return
    if isinstance(body, list):
        for row in body:
            yield from _names_in(row, f"{prefix}[]", deeper - 1)
    elif isinstance(body, Mapping):
        by_data = len(body) > _MOST_FIELDS or not all(_is_field(name) for name in body)
        for name, value in body.items():
            # an object whose keys are ids, days or people's names is a table in disguise: its keys are values
            place = f"{prefix}.{MASKED if by_data else name}".lstrip(".")
            below = list(_names_in(value, place, deeper - 1))
            yield from below or [place]


def _is_field(name: str) -> bool:
    return bool(_FIELD.fullmatch(name)) and not _DIGITS.search(name)
