"""Xporter's own names: fields from ``fields.toml`` in this folder, tables and scopes of endpoints, words of codes (docs/mis-xporter.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from connector.adapters.field_names import fields_of
from connector.adapters.row_reader import MissingFields

fields = partial(fields_of, __package__)
"""The fields of one table by our names."""

ASK = "ask the school to tick it in its Xporter authorisation"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where rows of one kind come from."""

    path: str
    tables: tuple[str, ...]
    """Keys under which the rows may stand in the answer; case does not matter."""
    scope: str
    row_id: str = "Id"


SCHOOL = Endpoint("SchoolInfo", ("SchoolInfo",), "School")
CODES = Endpoint("AttendanceCodes", ("AttendCodes", "AttendanceCodes"), "Attendance", "Mark")
STUDENTS = Endpoint("Students", ("Students",), "Student")
GROUPS = Endpoint("Groups", ("Group", "Groups"), "School")
ENROLMENTS = Endpoint("StudentEnrolmentHistory", ("StudentEnrolmentHistory",), "StudentExtended")
LINKS = Endpoint("StudentContacts", ("StudentContact", "StudentContacts"), "Contact")
CONTACTS = Endpoint("Contacts", ("Contacts",), "Contact")
COMMS = Endpoint("PersonComms", ("PersonComms",), "Contact")
MARKS = Endpoint("AttendanceForDateRange", ("Attendance", "AttendMarks"), "Attendance")
DAY = Endpoint("AttendanceForDate", ("Attendance", "AttendMarks"), "Attendance")

TABLES: Mapping[str, Endpoint] = {
    "SchoolInfo": SCHOOL,
    "AttendCodes": CODES,
    "Students": STUDENTS,
    "FormerGroups": STUDENTS,
    "MarksString": STUDENTS,
    "Group": GROUPS,
    "StudentEnrolmentHistory": ENROLMENTS,
    "StudentContact": LINKS,
    "Contacts": CONTACTS,
    "PersonComms": COMMS,
    "AttendanceForDateRange": MARKS,
    "AttendanceForDate": DAY,
}
"""The endpoint that gives each table of fields.toml."""

_ALSO = {
    "School": ("SchoolLite",),
    "Student": ("StudentLite",),
    "SEN": ("SENTypes",),
    "StudentDemographic": ("StudentEthnicity",),
}
"""Scopes that give the same fields in place of another, or some of them."""

STATISTICAL = {
    "present": "present",
    "approved educational activity": "approved",
    "authorised absence": "authorised",
    "authorised": "authorised",
    "unauthorised absence": "unauthorised",
    "unauthorised": "unauthorised",
    "attendance not required": "not_possible",
    "no mark": "missing",
}
"""What a code counts as, by Xporter's words in small letters. Only those of an authorised absence are documented;
"attendance not required" and "no mark" are SIMS's own, the others an assumption. Any other word says nothing."""


def covered_by(granted: Iterable[object]) -> set[str]:
    """Return the scopes in place of which others are granted."""
    given = {str(scope) for scope in granted}
    return {scope for scope, others in _ALSO.items() if given & set(others)}


def missing_fields(*, collect: bool = False) -> MissingFields:
    """Return an empty list of the fields that a pull, or with ``collect`` a check, does not find."""
    return MissingFields("Xporter", ASK, collect=collect)
