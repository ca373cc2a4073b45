"""Wonde's field names, read from ``fields.toml`` in this folder (docs/mis-wonde.md)."""

from __future__ import annotations

from functools import partial

from connector.adapters.field_names import field_names, fields_of
from connector.adapters.row_reader import MissingFields, RowReader

fields = partial(fields_of, __package__)
"""The fields of one table by our names."""

names = partial(field_names, __package__)
"""Our name -> Wonde's, for one block."""


def reader(block: str, row: object, missing: MissingFields) -> RowReader:
    """Return a reader of one object of Wonde's."""
    return RowReader("Wonde", block, row, fields(block), missing)


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
