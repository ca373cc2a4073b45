"""Xporter's field names, read from ``fields.toml`` in this folder (docs/mis-xporter.md)."""

from __future__ import annotations

from functools import partial

from connector.adapters.field_names import field_names, fields_of

fields = partial(fields_of, __package__)
"""The fields of one table by our names."""

names = partial(field_names, __package__)
"""Our name -> Xporter's, for one table; the marks string has a table of its own."""

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
