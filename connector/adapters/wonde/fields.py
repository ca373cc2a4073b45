"""Wonde's field names, read from ``fields.toml`` in this folder (docs/mis-wonde.md)."""

from __future__ import annotations

from datetime import date
from functools import partial

from connector.adapters.field_names import field_names, fields_of
from connector.adapters.row_reader import MissingFields, RowReader
from connector.adapters.wonde.wrapping import moment
from rules.school import SCHOOL_TIME

fields = partial(fields_of, __package__)
"""The fields of one table by our names."""

names = partial(field_names, __package__)
"""Our name -> Wonde's, for one block."""


class Reader(RowReader):
    """One object, read by our names."""

    def day(self, name: str) -> date | None:
        """Return a date; None when empty. One in UTC is the day on which it falls at the school."""
        at = moment(self.value(name))
        return super().day(name) if at is None else at.astimezone(SCHOOL_TIME).date()


def reader(block: str, row: object, missing: MissingFields) -> Reader:
    """Return a reader of one object of Wonde's."""
    return Reader("Wonde", block, row, fields(block), missing)


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
