"""SIMS's names of sets and fields, read from ``fields.toml`` beside this file (docs/mis-sims.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

STATUTORY_SESSION = "Attendance.StatutoryAttendanceSession"
"""Type of a mark's event that is half a school day; others are lessons."""


@cache
def _file() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("fields.toml").read_text(encoding="utf-8"))


@cache
def names(table: str) -> Mapping[str, str]:
    """Our name -> SIMS's, for one table; assumed names among them."""
    data = _file()[table]
    known = {ours: theirs for ours, theirs in data.items() if isinstance(theirs, str)}
    return {**known, **data.get("assumed", {})}


@cache
def words(table: str) -> Mapping[str, str]:
    """SIMS's word in lower case -> ours, for one kind of value."""
    return {theirs.lower(): ours for theirs, ours in _file()["words"][table].items()}


def set_path(area: str) -> tuple[str, str]:
    """Service and set of an area: ("Attendance", "AttendanceRecords")."""
    service, _, name = names("sets")[area].partition("/")
    return service, name
