"""SIMS's names of sets and fields, read from ``fields.toml`` in this folder (docs/mis-sims.md)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial

from connector.adapters.field_names import field_file, field_names, fields_of

fields = partial(fields_of, __package__)
"""The fields of one table by our names."""

names = partial(field_names, __package__)
"""Our name -> SIMS's, for one table."""
STATUTORY_SESSION = "Attendance.StatutoryAttendanceSession"
"""Type of a mark's event that is half a school day; others are lessons."""


@cache
def words(table: str) -> Mapping[str, str]:
    """Return SIMS's word in lower case -> ours, for one kind of value."""
    return {theirs.lower(): ours for theirs, ours in field_file(__package__)["words"][table].items()}


def set_path(area: str) -> tuple[str, str]:
    """Return service and set of an area: ("Attendance", "AttendanceRecords")."""
    service, _, name = names("sets")[area].partition("/")
    return service, name
