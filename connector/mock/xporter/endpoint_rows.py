"""The tables of each endpoint of a school's data, with every field that the sources know."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from connector.mock.school import MadeUpSchool
from connector.mock.xporter.contact_rows import ContactRows
from connector.mock.xporter.day_rows import DayRows
from connector.mock.xporter.habits import XporterOptions
from connector.mock.xporter.kinds import Row, stamped
from connector.mock.xporter.manual import MARKS
from connector.mock.xporter.mark_rows import MarkRows
from connector.mock.xporter.pupil_rows import PupilRows

ESTAB = "9991001"


def rows_of(
    school: MadeUpSchool, today: date, options: XporterOptions, path: str, args: Mapping[str, str]
) -> dict[str, Iterable[Row]]:
    """Return the rows of each table of an endpoint with all their fields, as the copy of a day has them.

    ``args`` are the request's parameters by their names in small letters: whether the real one minds case is open.
    Raise ValueError for parameters that make no sense.
    """
    pupils = PupilRows(school, today, options)
    contacts, marks = ContactRows(pupils), MarkRows(pupils)
    days = DayRows(school, today)
    asked = frozenset(filter(None, args.get("options", "").lower().replace(" ", "").split(",")))
    start, end, kind = _day(args, "datefrom"), _day(args, "dateto"), args.get("type", "")
    first, last = start or today - timedelta(days=7), end or today + timedelta(days=14)
    match path:
        case "SchoolInfo":
            return {"SchoolInfo": [_school(school, today)]}
        case "Students":
            return {"Students": _students(pupils, marks, asked, args)}
        case "StudentEnrolmentHistory":
            return {"StudentEnrolmentHistory": pupils.enrolment_history()}
        case "Contacts":
            return {"Contacts": contacts.contacts(asked)}
        case "StudentContacts":
            return {
                "StudentContact": _like(contacts.links(asked), args, "Relationship", "Priority", "ParResp")
            }
        case "PersonComms":
            names = ("CommsType", "LocationCode", "Priority", "IsDefault", "PersonType")
            return {"PersonComms": _like(contacts.comms(), args, *names)}
        case "Groups":
            return {
                "Group": pupils.groups(kind, asked),
                "StaffMembers": pupils.staff_members(kind) if "includestaffmembers" in asked else (),
                "StudentMembers": pupils.student_members(kind) if "includestudentmembers" in asked else (),
                "GroupTypes": pupils.group_types() if "includegrouptypes" in asked else (),
            }
        case "Calendar":
            return {"SchoolCalendar": days.calendar(start, end, args.get("eventtype", ""))}
        case "TimetableStructure":
            room = {"Id": "1", "Code": "H1", "Name": "Hall 1"}
            tables = {"TTDays": days.days(first, last), "TTSessions": days.sessions(first, last)}
            return {**tables, "TTRooms": [room]}
        case "AttendanceCodes":
            return {"AttendCodes": marks.codes()}
        case "AttendanceForDate":
            day = _day(args, "date")
            if day is None:
                raise ValueError("date is mandatory")
            half, sort = args.get("sessiontype", ""), args.get("attendancetype", "")
            return {MARKS: marks.of_day(day, asked, sort.upper(), half.upper())}
        case "AttendanceForDateRange":
            if start is None or end is None:
                raise ValueError("DateFrom and DateTo are mandatory")
            return {MARKS: marks.of_range(start, end, asked, args.get("sessiontype", "").upper())}
        case "AttendanceSummary":
            return {"AttendanceSummary": marks.summaries()}
        case "HistoricalAttendanceSummary":
            year = int(args.get("schoolyear", today.year - 1))
            return {"HistoricalAttendanceSummary": marks.history(year)}
        case "SEN":
            provisions, needs = pupils.provisions(), pupils.needs()
            return {"StudentSENTypeHistory": needs, "StudentSENProvisionHistory": provisions}
        case "StudentExclusions":
            rows = list(marks.exclusions(asked, start, end))
            reasons = [{"StudentExclusionId": row["Id"], "ReasonId": "OT"} for row in rows]
            reason = {"Id": "OT", "ReasonCode": "OT", "ReasonDescription": "Made-up reason"}
            more = {"StudentExclusionReasons": reasons, "ExclusionReasons": [reason]}
            return {"StudentExclusions": rows, **more}
        case "EntitlementHistory":
            names_of = (("100", "FSM", "Free School Meals"), ("101", "PP", "Pupil Premium"))
            groups = [{"Id": i, "ShortName": short, "FullName": full} for i, short, full in names_of]
            return {"EntitlementGroups": groups, "EntitlementGroupStudents": pupils.entitled()}
        case "UserDefinedFields":
            own = (("Student", "Social Worker"), ("Contact", "Court Order"))
            return {"UDFs": [{"UDFType": sort, "UDFName": name} for sort, name in own]}
        case "studentuserdefinedfields":
            wanted = [name.strip() for name in args.get("udfname", "").split(",") if name.strip()]
            if not wanted:
                raise ValueError("UDFName is mandatory")
            return {"StudentUDFs": pupils.own_fields(wanted)}
        case "LinkedDocumentTypes":
            return {
                "DocumentTypes": [{"Id": "32", "DocumentTypeName": "General Document", "Code": "GENERAL"}]
            }
        case "LinkedDocuments":
            if not args.get("documenttypename") and not args.get("documenttypeid"):
                raise ValueError("DocumentTypeName is mandatory")
            return {"DocumentAttachments": [_document(pupil.pupil_id) for pupil in pupils.known()][:1]}
        case "Counts":
            numbers = {"Students": len(list(pupils.known())), "Contacts": len(list(contacts.contacts(())))}
            rows = [
                {"Id": str(n), "Area": area, "Count": count}
                for n, (area, count) in enumerate(numbers.items(), 1)
            ]
            return {"counts": rows}
    return {}


def _school(school: MadeUpSchool, today: date) -> Row:
    details = school.details
    home = details.address
    address = (*home.lines, home.town, home.county, home.postcode)
    row: Row = {
        "Id": "1",
        "Name": details.name,
        "Head": details.head_name,
        "MainContact": details.attendance_contact,
        "Telephone": details.telephone,
        "Web": None,
        "Email": details.email,
        "DeniNo": None,
        "Governance": "Community",
        "Phase": details.phase,
        "ExamCentre": None,
        "Address": "\n".join(part for part in address if part),
        "EstabId": ESTAB,
        "CurrentAcademicYear": str(school.calendar.year_of(today).start.year),
    }
    return stamped(row, today)


def _students(
    pupils: PupilRows, marks: MarkRows, asked: Collection[str], args: Mapping[str, str]
) -> list[Row]:
    status, year = args.get("studentstatus", "").lower(), args.get("yeargroupid", "")
    also = {"leaver": {"includeleavers"}, "preadmission": {"includepreadmissions"}}.get(status, set())
    options = {*asked, *also}
    by_id = {pupil.pupil_id: pupil for pupil in pupils.known(options)}
    rows = []
    for row in pupils.students(options):
        if status not in ("", row["StudentStatus"].lower()) or year not in ("", row["YearGroupId"]):
            continue
        if "includeattstats" in asked:
            row |= marks.totals(by_id[row["Id"]])
        if "includeattmarkstring" in asked:
            row |= marks.string_fields(by_id[row["Id"]])
        rows.append(row)
    return rows


def _like(rows: Iterable[Row], args: Mapping[str, str], *names: str) -> list[Row]:
    """Return the rows whose fields are as filters of the same names ask."""
    wanted = {name: args[name.lower()].lower() for name in names if args.get(name.lower())}
    return [row for row in rows if all(str(row[name]).lower() == value for name, value in wanted.items())]


def _document(pupil_id: str) -> Row:
    content = b"made-up letter\n"
    packed = gzip.compress(content, mtime=0)
    return {
        "Id": "4032",
        "StudentId": pupil_id,
        "FileName": "letter.txt.gz",
        "DocumentTypeName": "General Document",
        "Size": len(content),
        "CompressedSize": len(packed),
        "Attachment": base64.b64encode(packed).decode(),
        "Summary": "Made-up summary",
        "LastModified": "2025-09-08",
    }


def _day(args: Mapping[str, str], name: str) -> date | None:
    value = args.get(name)
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        raise ValueError(f"{name} is no date") from None
