"""What the mock Xporter serves: endpoints, tables and fields with their scopes, read from manual.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Served:
    """One field that the mock serves."""

    scope: str
    source: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint of a school's data."""

    path: str
    scope: str
    tables: tuple[str, ...]
    """The data table first."""
    dated: bool = False
    """Answered from the cache by its exact date or range."""
    source: str = "D18"
    without: tuple[str, ...] = ()
    """Fields of its table that another endpoint has and this one has not."""


MARKS = "AttendMarks"
"""How manual.toml calls the table of marks; an option says under which key it is served."""
_SCHOOL, _STUDENT, _CONTACT = "School/SchoolLite", "Student/StudentLite", "Contact"
_ENDPOINTS = (
    Endpoint("SchoolInfo", _SCHOOL, ("SchoolInfo",)),
    Endpoint("Students", _STUDENT, ("Students", "StudentSiblings")),
    Endpoint("StudentEnrolmentHistory", "StudentExtended", ("StudentEnrolmentHistory",), source="C21"),
    Endpoint("Contacts", _CONTACT, ("Contacts",)),
    Endpoint("StudentContacts", f"{_CONTACT}+{_STUDENT}", ("StudentContact",)),
    Endpoint("PersonComms", "Contact/Staff/Student", ("PersonComms",)),
    Endpoint("Groups", _SCHOOL, ("Group", "StaffMembers", "StudentMembers", "GroupTypes")),
    Endpoint("Calendar", "School", ("SchoolCalendar",)),
    Endpoint("TimetableStructure", "School", ("TTDays", "TTSessions", "TTPeriods", "TTSubjects", "TTRooms")),
    Endpoint("AttendanceCodes", "Attendance", ("AttendCodes",)),
    Endpoint("AttendanceForDate", "Attendance", (MARKS,), dated=True),
    Endpoint(
        "AttendanceForDateRange",
        "Attendance",
        (MARKS,),
        dated=True,
        without=("InstanceId", "MinsLate", "Notes"),
    ),
    Endpoint("AttendanceSummary", "Attendance", ("AttendanceSummary",), source="C23"),
    Endpoint("HistoricalAttendanceSummary", "Attendance", ("HistoricalAttendanceSummary",), source="C23"),
    Endpoint(
        "SEN",
        "SEN/SENTypes",
        ("StudentSENTypeHistory", "StudentSENProvisionHistory", "StudentDisabilities"),
    ),
    Endpoint(
        "StudentExclusions",
        "StudentExclusions",
        ("StudentExclusions", "StudentExclusionReasons", "ExclusionReasons"),
    ),
    Endpoint("EntitlementHistory", "StudentFunding", ("EntitlementGroups", "EntitlementGroupStudents")),
    Endpoint("UserDefinedFields", "StudentFreeText", ("UDFs",)),
    Endpoint("studentuserdefinedfields", "StudentFreeText", ("StudentUDFs",)),
    Endpoint("LinkedDocumentTypes", "StudentFreeText", ("DocumentTypes",)),
    Endpoint("LinkedDocuments", "StudentFreeText", ("DocumentAttachments",)),
    Endpoint("Counts", _SCHOOL, ("counts",)),
    # of no use to attendance: their tables are there and empty, as recorded in a primary school
    Endpoint("Staff", "*", ("Staff",), source="R18"),
    Endpoint("Timetable", "School", ("Lessons", "LessonStaff", "LessonRooms"), source="R18"),
    Endpoint(
        "TimetableModel",
        "School",
        (
            *("Timetables", "TimetableDays", "TimetablePeriods", "TimetableLessons"),
            *("LessonClasses", "LessonStaff", "LessonRooms", "TimetableDayInstances"),
        ),
        source="R18",
    ),
)
ENDPOINTS: Mapping[str, Endpoint] = {endpoint.path.lower(): endpoint for endpoint in _ENDPOINTS}
"""Path in small letters -> endpoint."""


@cache
def served(table: str) -> Mapping[str, Served]:
    """Return the fields of a table: name -> scope and source; none for a table that is always empty."""
    by_scope = _file().get(table, {})
    return {
        name: Served(scope, source)
        for scope, by_source in by_scope.items()
        for source, names in by_source.items()
        for name in names
    }


def granted(scope: str, scopes: Collection[str]) -> bool:
    """Return whether these scopes cover one such as "Contact+Student/StudentLite"."""
    return scope == "*" or all(set(part.split("/")) & set(scopes) for part in scope.split("+"))


@cache
def tables_of_manual() -> tuple[str, ...]:
    """Return every table that has fields."""
    return tuple(_file())


def queries() -> list[dict[str, Any]]:
    """Return the rows of /Queries: each endpoint of the manual with its fields as a Markdown table (R18)."""
    rows = []
    for endpoint in _ENDPOINTS:
        rows.append(
            {
                "Version": "1",
                "Id": f"school.{endpoint.path.lower()}",
                "Method": "GET",
                "Scope": endpoint.scope.replace("/", ","),
                "Path": f"/api/v1/School/{{estab}}/{endpoint.path}/{{id}}",
                "Description": "made-up wording",
                "Documentation": _documentation(endpoint),
                "Query": f"xod.1.{endpoint.path}",
                "Options": "",
                "Parameters": "",
                "Published": True,
                "PageSize": 0,
            }
        )
    for name in ("Attendance", "AttendanceAsync"):
        rows.append(
            {
                "Version": "1",
                "Id": f"POST.{name}",
                "Method": "POST",
                "Scope": "WritebackAttendance",
                "Path": f"/api/v1/{name}/{{estab}}/",
                "Description": "made-up wording",
                "Documentation": "made-up wording",
                "Query": "",
                "Options": "",
                "Parameters": "",
                "Published": True,
                "PageSize": 0,
            }
        )
    return sorted(rows, key=lambda row: str(row["Id"]))


def _documentation(endpoint: Endpoint) -> str:
    lines = ["##Endpoint Description {#Header}", "###Fields by Scope {#Fields}", ""]
    for table in endpoint.tables:
        fields = served(table)
        if len(endpoint.tables) > 1:
            lines += [f"####_{table}_", ""]
        lines += ["Field    |     Example|Notes|Consent Scope", "---------|------------|-------|--|------|"]
        lines += [
            f"{name}||made-up wording|{field.scope.replace('/', ' / ').replace('+', ' + ')}"
            for name, field in fields.items()
            if name not in endpoint.without and ("D18" in field.source or "C21" in field.source)
        ]
        lines.append("")
    return "\n".join(lines)


@cache
def _file() -> dict[str, dict[str, dict[str, list[str]]]]:
    text = files(__package__).joinpath("manual.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
