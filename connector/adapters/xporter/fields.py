"""Xporter's field names, read from ``fields.toml`` beside this file (docs/mis-xporter.md)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

STATISTICAL = {
    "Present": "present",
    "Approved educational activity": "approved",
    "Authorised absence": "authorised",
    "Unauthorised absence": "unauthorised",
    "Attendance not required": "not_possible",
    "No mark": "missing",
}
"""Assumption: words of a code's statistical meaning, as SIMS's own code API prints some of them."""

CALENDAR_TYPES = {
    "Academic Year": "year",
    "Term": "term",
    "Half Term": "half_term",
    "Holiday": "holiday",
    "Staff Training Day": "inset",
    "Closure": "closure",
}
"""Assumption: types of calendar entries."""


@cache
def names(table: str) -> Mapping[str, str]:
    """Our name -> Xporter's, for one table; assumed names among them, the marks string's not."""
    data = tomllib.loads(files(__package__).joinpath("fields.toml").read_text(encoding="utf-8"))[table]
    known = {ours: theirs for ours, theirs in data.items() if isinstance(theirs, str)}
    return {**known, **data.get("assumed", {})}


@cache
def marks_string_names() -> Mapping[str, str]:
    """The three fields of a student's marks string."""
    text = files(__package__).joinpath("fields.toml").read_text(encoding="utf-8")
    found: Mapping[str, str] = tomllib.loads(text)["Students"]["marks"]
    return found
