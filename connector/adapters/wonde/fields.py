"""Wonde's field names, read from ``fields.toml`` in this folder (docs/mis-wonde.md)."""

from __future__ import annotations

from functools import partial

from connector.adapters.field_names import field_names, fields_of

fields = partial(fields_of, __package__)
"""The fields of one table by our names."""

names = partial(field_names, __package__)
"""Our name -> Wonde's, for one block."""

CODE_TYPES = {
    "PRESENT": "present",
    "APPROVED_EDUCATIONAL_ACTIVITY": "approved",
    "AUTHORISED_ABSENCE": "authorised",
    "UNAUTHORISED_ABSENCE": "unauthorised",
    "ATTENDANCE_NOT_REQUIRED": "not_possible",
    "NO_MARK": "missing",
}
"""Assumption: words of an attendance code's ``type``."""

GENDERS = {"FEMALE": "F", "MALE": "M"}
"""Wonde writes genders in full; the register has letters."""
