"""The mock's answers have the table keys, the names of fields and the kinds of values of the sample answers."""

from __future__ import annotations

from typing import Any

import pytest

from connector.mock.xporter.manual import served as fields_served
from connector.mock.xporter.manual import tables_of_manual
from tests.connector.mock.xporter.answers import answer, school, served

WEEKS = {"DateFrom": "2025-09-01", "DateTo": "2025-09-12", "page": 1, "pageSize": 1000}
LEAVERS = {"options": "includeLeavers"}
GROUPS = {"options": "includeStudentMembers,includeStaffMembers,includeMembersIds,includeGroupTypes"}
STRING = {"options": "includeAttStats,includeAttMarkString,includeLeavers"}
STUDENT_ONLY = {"scopes": ("Student",)}
CASES: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("school_info", "SchoolInfo", {}, {}),
    ("students_page_1", "Students", {**LEAVERS, "page": 1, "pageSize": 2}, {}),
    ("students_page_2", "Students", {**LEAVERS, "page": 2, "pageSize": 2}, {}),
    ("student_one", "Students/{pupil}", {}, {}),
    ("students_scope_student_only", "Students", {}, STUDENT_ONLY),
    ("students_marks_string", "Students", STRING, {"names": "2021"}),
    ("contacts", "Contacts", {}, {}),
    ("student_contacts", "StudentContacts", {}, {}),
    ("person_comms", "PersonComms", {}, {}),
    ("groups", "Groups", {**GROUPS, "page": 1, "pageSize": 1000}, {}),
    ("student_enrolment_history", "StudentEnrolmentHistory", {}, {}),
    ("sen", "SEN", {}, {}),
    ("sen_manual_names", "SEN", {}, {"names": "manual"}),
    ("student_exclusions", "StudentExclusions", {}, {}),
    ("entitlement_history", "EntitlementHistory", {}, {}),
    ("user_defined_fields", "UserDefinedFields", {}, {}),
    ("student_user_defined_fields", "studentuserdefinedfields", {"UDFName": "Social Worker"}, {}),
    ("linked_document_types", "LinkedDocumentTypes", {}, {}),
    ("linked_documents", "LinkedDocuments", {"DocumentTypeName": "General Document"}, {}),
    ("counts", "Counts", {}, {}),
    ("attendance_codes", "AttendanceCodes", {}, {}),
    ("attendance_for_date_range", "AttendanceForDateRange", WEEKS, {}),
    (
        "attendance_for_date_range_attendmarks",
        "AttendanceForDateRange",
        WEEKS,
        {"marks_table": "AttendMarks"},
    ),
    ("attendance_for_date_range_leavers", "AttendanceForDateRange", {**WEEKS, **LEAVERS}, {}),
    ("attendance_for_date", "AttendanceForDate", {"date": "2025-09-12"}, {}),
    ("calendar", "Calendar", {"DateFrom": "2025-09-01", "DateTo": "2026-02-28"}, {}),
    ("timetable_structure", "TimetableStructure", {"DateFrom": "2025-09-08", "DateTo": "2025-09-12"}, {}),
    ("historical_attendance_summary", "HistoricalAttendanceSummary", {"SchoolYear": "2025"}, {}),
]
LATER = {"LeavingYearGroup", "LeavingRegGroup"}
"""Only where a pupil has left."""


def kinds(rows: list[dict[str, Any]]) -> dict[str, set[str]]:
    """Return for each field the JSON types of its values, empty ones apart."""
    found: dict[str, set[str]] = {}
    for row in rows:
        for name, value in row.items():
            kind = "number" if isinstance(value, int | float) else type(value).__name__
            found.setdefault(name, set()).update({kind} - {"NoneType"})
    return found


@pytest.mark.parametrize(("name", "path", "params", "options"), CASES, ids=[case[0] for case in CASES])
def test_as_the_sample(name: str, path: str, params: dict[str, Any], options: dict[str, Any]) -> None:
    wanted = answer(name)
    with served(**options) as (_, caller):
        got = caller.school(path.format(pupil=school().pupils[0].pupil_id), **params)
    assert next(iter(got)) == next(iter(wanted)), "clients take the first table as the data"
    assert set(got) == set(wanted)
    for table, rows in wanted.items():
        mine, theirs = kinds(got[table]), kinds(rows)
        if got[table] and rows:
            assert set(mine) ^ set(theirs) <= LATER, table
        for field in mine.keys() & theirs.keys():
            if mine[field] and theirs[field]:
                assert mine[field] == theirs[field], (table, field)


def test_the_samples_are_more_than_empty_tables_here() -> None:
    """Each sample table that has rows has some in the made-up school too, or the comparison above compares nothing."""
    empty = set()
    for name, path, params, options in CASES:
        with served(**options) as (_, caller):
            got = caller.school(path.format(pupil=school().pupils[0].pupil_id), **params)
        empty |= {f"{name}.{table}" for table, rows in answer(name).items() if rows and not got[table]}
    assert empty <= {"person_comms.PersonComms"}


@pytest.mark.parametrize("spelling", ["recorded", "manual", "2021"])
def test_every_field_served_is_in_the_manual_file_with_its_source(spelling: str) -> None:
    paths = {path: params for _, path, params, _ in CASES}
    with served(names=spelling) as (_, caller):
        for path, params in paths.items():
            body = caller.school(path.format(pupil=school().pupils[0].pupil_id), **params)
            for table, rows in body.items():
                known = fields_served("AttendMarks" if table == "Attendance" else table)
                if table not in ("meta", "__pagination__"):
                    assert {name for row in rows for name in row} <= set(known), table


def test_every_field_of_the_manual_file_is_served_by_some_spelling_and_option() -> None:
    """A name that stands in the file and is never sent would prove nothing."""
    seen: dict[str, set[str]] = {}
    for spelling in ("recorded", "manual", "2021"):
        with served(names=spelling) as (_, caller):
            for _, path, params, _ in CASES:
                body = caller.school(path.format(pupil=school().pupils[0].pupil_id), **params)
                for table, rows in body.items():
                    key = "AttendMarks" if table == "Attendance" else table
                    seen.setdefault(key, set()).update(name for row in rows for name in row)
    unsent = {
        f"{table}.{name}"
        for table in tables_of_manual()
        if seen.get(table)
        for name in set(fields_served(table)) - seen[table]
    }
    assert unsent == {
        "Students.StudentSiblingIds",
        "Students.PreAdmissionYearGroup",
        "Students.PreAdmissionRegGroup",
        "Group.StaffIds",
        "Group.StudentIdaasIds",
        "Group.StaffIdaasIds",
    }


def test_sources_are_of_the_known_ones() -> None:
    words = {
        word
        for table in tables_of_manual()
        for field in fields_served(table).values()
        for word in field.source.split()
    }
    assert words <= {"D18", "R18", "C21", "C23", "assumption"}
