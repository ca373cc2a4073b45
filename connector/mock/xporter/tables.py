"""The made-up school told in Xporter's tables, as its cached copy of the MIS holds them on a day."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from connector.adapters.xporter.fields import CALENDAR_TYPES, STATISTICAL, marks_string_names, names
from connector.adapters.xporter.marks_string import MarksLayout, write_marks
from connector.mock.school import MadeUpSchool
from rules.codes import Class, code_set_on
from rules.school import FLAGS, Address, Contact, Mark, Pupil, Session

Row = dict[str, Any]
_CLASS_WORDS = {
    Class.PRESENT: "present",
    Class.APPROVED: "approved",
    Class.AUTHORISED: "authorised",
    Class.UNAUTHORISED: "unauthorised",
    Class.NOT_POSSIBLE: "not_possible",
}
_WORD_OF_CLASS = {ours: theirs for theirs, ours in STATISTICAL.items()}
_TYPE_OF_KIND = {ours: theirs for theirs, ours in CALENDAR_TYPES.items()}


class Tables:
    """Rows of every endpoint. ``today`` is the day whose evening the cached copy was filled on."""

    def __init__(self, school: MadeUpSchool, today: date, estab: str, layout: MarksLayout) -> None:
        self.school = school
        self.today = today
        self.estab = estab
        self.layout = layout

    def school_info(self) -> Iterator[Row]:
        """SchoolInfo: one row."""
        details = self.school.details
        address = (
            *details.address.lines,
            details.address.town,
            details.address.county,
            details.address.postcode,
        )
        year = self.school.calendar.year_of(self.today)
        yield {
            "Id": self.estab,
            "EstabId": self.estab,
            "Name": details.name,
            "Phase": details.phase,
            "Governance": "Community",
            "Head": details.head_name,
            "MainContact": details.attendance_contact,
            "Telephone": details.telephone,
            "Email": details.email,
            "Web": details.website,
            "Address": "\r\n".join(part for part in address if part),
            "DeniNo": None,
            "ExamCentre": None,
            "CurrentAcademicYear": str(year.start.year),
            "SchoolLogoUrl": None,
            "SchoolLogoAlternateUrl": None,
            names("SchoolInfo")["urn"]: details.urn,
        }

    def students(self, options: frozenset[str]) -> Iterator[Row]:
        """Students: current ones, with leavers and those to come when asked."""
        marks = self._codes_by_pupil() if "includeattmarkstring" in options else None
        for pupil in self.school.pupils_known(self.today):
            left = pupil.on_roll_to is not None and pupil.on_roll_to < self.today
            coming = pupil.on_roll_from is not None and pupil.on_roll_from > self.today
            if (left and "includeleavers" not in options) or (
                coming and "includepreadmissions" not in options
            ):
                continue
            yield self._student(pupil, left, coming, marks)

    def _student(
        self, pupil: Pupil, left: bool, coming: bool, marks: dict[str, dict[Session, str]] | None
    ) -> Row:
        field = names("Students")
        row: Row = {
            "Id": pupil.pupil_id,
            "XID": _xid("Student", pupil.pupil_id),
            "ExternalId": _xid("Ext", pupil.pupil_id),
        }
        for name in (
            "upn", "admission_number", "legal_forename", "legal_surname", "preferred_forename", "preferred_surname",
            "gender", "year_group", "registration_group", "sen_status", "ethnicity", "first_language",
        ):  # fmt: skip
            row[field[name]] = getattr(pupil, name)
        for name in ("date_of_birth", "on_roll_from", "on_roll_to", "part_time_from", "part_time_to"):
            row[field[name]] = _moment(getattr(pupil, name))
        for name in FLAGS:
            row[field[name]] = int(getattr(pupil, name))
        row["DisplayName"] = f"{pupil.forename} {pupil.surname}".strip()
        row["EnrolmentStatus"] = "C"
        row["StudentStatus"] = "Leaver" if left else "PreAdmission" if coming else "OnRoll"
        row["PartTime"] = int(pupil.part_time_from is not None)
        row["QuickNote"] = None
        if marks is not None:
            row.update(self._marks_string(marks.get(pupil.pupil_id, {})))
        return row

    def _marks_string(self, codes: dict[Session, str]) -> Row:
        field = marks_string_names()
        start = self.school.calendar.year_of(self.today).start
        opened = frozenset(self.school.calendar.sessions)
        text = write_marks(codes, start, self.today, self.layout, opened) if start <= self.today else ""
        return {field["marks"]: text, field["start"]: _moment(start), field["end"]: _moment(self.today)}

    def _codes_by_pupil(self) -> dict[str, dict[Session, str]]:
        found: dict[str, dict[Session, str]] = {}
        for mark in self.school.marks_known(self.today):
            found.setdefault(mark.pupil_id, {})[Session(mark.date, mark.half)] = mark.code
        return found

    def groups(self, kind: str, options: frozenset[str]) -> Iterator[Row]:
        """Group (the top-level key has no s): registration and year groups."""
        members: dict[str, list[str]] = {}
        year = kind.lower() == "yeargrp"
        for pupil in self.school.pupils_known(self.today):
            name = pupil.year_group if year else pupil.registration_group
            if name and pupil.on_roll(self.today):
                members.setdefault(name, []).append(pupil.pupil_id)
        for number, name in enumerate(sorted(members), 1):
            row = {
                "Id": f"{'Y' if year else 'R'}{number}",
                "XID": _xid(kind, name),
                "ExternalId": _xid("Ext" + kind, name),
                "Code": name,
                "Name": name,
                "Type": "YearGrp" if year else "RegGrp",
                "NumStudents": len(members[name]),
            }
            if "includemembersids" in options:
                row["StudentIds"] = ",".join(members[name])
            yield row

    def student_members(self, kind: str) -> Iterator[Row]:
        """StudentMembers: the second table of Groups."""
        for group in self.groups(kind, frozenset({"includemembersids"})):
            for pupil_id in group["StudentIds"].split(","):
                yield {
                    "Id": f"{group['Id']}-{pupil_id}",
                    "StudentId": pupil_id,
                    "StudentExternalId": _xid("Ext", pupil_id),
                    "GroupId": group["Id"],
                    "GroupExternalId": group["ExternalId"],
                }

    def student_contacts(self) -> Iterator[Row]:
        """StudentContacts: one row for each pair of pupil and adult."""
        field = names("StudentContacts")
        for pupil in self.school.pupils_known(self.today):
            for contact in pupil.contacts:
                yield {
                    field["link_id"]: f"{pupil.pupil_id}-{contact.contact_id}",
                    field["pupil_id"]: pupil.pupil_id,
                    field["contact_id"]: contact.contact_id,
                    field["relationship"]: contact.relationship,
                    field["priority"]: contact.priority,
                    field["parental_responsibility"]: int(contact.parental_responsibility),
                    field["court_order"]: int(contact.court_order),
                    field["correspondence"]: int(contact.correspondence),
                }

    def contacts(self) -> Iterator[Row]:
        """Contacts: each adult once."""
        seen: set[str] = set()
        for pupil in self.school.pupils_known(self.today):
            for contact in pupil.contacts:
                if contact.contact_id not in seen:
                    seen.add(contact.contact_id)
                    yield _contact(contact)

    def calendar(self) -> Iterator[Row]:
        """Calendar entries."""
        field = names("Calendar")
        for number, period in enumerate(self.school.calendar.periods, 1):
            yield {
                field["entry_id"]: str(number),
                field["kind"]: _TYPE_OF_KIND[period.kind],
                field["name"]: period.name,
                field["start"]: _moment(period.start),
                field["end"]: _moment(period.end),
                field["half"]: period.half,
            }

    def attendance_codes(self) -> Iterator[Row]:
        """The codes in force, withdrawn ones among them, and the mark for none."""
        field = names("AttendanceCodes")
        for number, code in enumerate(code_set_on(self.school.nation, self.today).codes.values(), 1):
            yield {
                field["code_id"]: str(number),
                field["code"]: code.code,
                field["meaning"]: code.meaning,
                field["counts_as"]: _WORD_OF_CLASS[_CLASS_WORDS[code.counts_as]],
            }
        yield {
            field["code_id"]: "0",
            field["code"]: "-",
            field["meaning"]: "All should attend, no mark recorded",
            field["counts_as"]: _WORD_OF_CLASS["missing"],
        }

    def attendance(self, start: date, end: date) -> Iterator[Row]:
        """AttendanceForDate and AttendanceForDateRange: one row for each mark."""
        field = names("AttendanceForDateRange")
        for mark in self.school.marks_known(min(self.today, end)):
            if mark.date >= start:
                yield {
                    field["mark_id"]: _mark_id(mark),
                    field["pupil_id"]: mark.pupil_id,
                    field["date"]: _moment(mark.date),
                    field["half"]: mark.half,
                    field["code"]: mark.code,
                    field["minutes_late"]: mark.minutes_late,
                    field["comment"]: mark.comment,
                }

    def summaries(self) -> Iterator[Row]:
        """AttendanceSummary: counts and the marks string of the year in hand."""
        code_set, start = (
            code_set_on(self.school.nation, self.today),
            self.school.calendar.year_of(self.today).start,
        )
        by_pupil = self._codes_by_pupil()
        for pupil in self.school.pupils_known(self.today):
            codes = by_pupil.get(pupil.pupil_id, {})
            classes = [code_set.counts_as(code) for code in codes.values()]
            yield {
                "Id": pupil.pupil_id,
                "MIS_ID": pupil.pupil_id,
                "AttStatsStartDate": _moment(start),
                "AttStatsEndDate": _moment(self.today),
                "NumPossMarks": sum(c in (4, 5, 6, 7) for c in classes),
                "NumPresMarks": classes.count(Class.PRESENT),
                "NumAEAMarks": classes.count(Class.APPROVED),
                "NumAuthAbsMarks": classes.count(Class.AUTHORISED),
                "NumUnauthAbsMarks": classes.count(Class.UNAUTHORISED),
                "NumMissMarks": 0,
                "NumLateMarks": list(codes.values()).count("L") + list(codes.values()).count("U"),
                "NumLateBeforeRegMarks": list(codes.values()).count("L"),
                "Marks": self._marks_string(codes)[marks_string_names()["marks"]],
            }

    def history(self, school_year: int) -> Iterator[Row]:
        """HistoricalAttendanceSummary: one marks string for each pupil of a school year."""
        years = [y for y in self.school.calendar.years if y.start.year == school_year]
        opened, by_pupil = frozenset(self.school.calendar.sessions), self._codes_by_pupil()
        for year in years:
            end = min(year.end, self.today)
            for pupil in self.school.pupils_known(self.today):
                codes = {s: c for s, c in by_pupil.get(pupil.pupil_id, {}).items() if s.date in year}
                if codes:
                    yield {
                        "Id": f"{pupil.pupil_id}-{school_year}",
                        "StudentId": pupil.pupil_id,
                        "SchoolYear": str(school_year),
                        "StartDate": _moment(year.start),
                        "EndDate": _moment(end),
                        "Marks": write_marks(codes, year.start, end, self.layout, opened),
                    }


def with_hash(rows: Iterable[Row], updated: date) -> list[Row]:
    """The rows with what Xporter adds to each: when it was last updated, and a hash of it."""
    found = []
    for row in rows:
        digest = hashlib.md5(json.dumps(row, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
        found.append({**row, "LastUpdated": f"{updated.isoformat()}T03:00:00", "RowHash": digest})
    return found


def _contact(contact: Contact) -> Row:
    field = names("Contacts")
    row = {
        field["contact_id"]: contact.contact_id,
        "Id": contact.contact_id,
        "XID": _xid("Contact", contact.contact_id),
        **_address(contact.address),
    }
    for name in ("title", "forename", "surname", "salutation", "language", "email"):
        row[field[name]] = getattr(contact, name)
    return row


def _address(address: Address) -> Row:
    """Up to three lines in SIMS's parts: house name, number and street, district."""
    field = names("Contacts")
    lines = list(address.lines)
    name = lines.pop(0) if len(lines) == 3 else ""
    street, district = (*lines, "", "")[:2]
    number = re.fullmatch(r"(\d+[A-Za-z]?) (.+)", street)
    return {
        "Apartment": None,
        field["lines_name"]: name,
        field["lines_number"]: number[1] if number else "",
        field["lines_street"]: number[2] if number else street,
        field["lines_district"]: district,
        field["town"]: address.town,
        field["county"]: address.county,
        field["postcode"]: address.postcode,
        field["country"]: address.country,
    }


def _mark_id(mark: Mark) -> str:
    return f"{mark.pupil_id}|{mark.date.isoformat()}|{mark.half}"


def _moment(day: date | None) -> str | None:
    return f"{day.isoformat()}T00:00:00" if day else None


def _xid(kind: str, natural: str) -> str:
    return hashlib.sha256(f"{kind}/{natural}".encode()).hexdigest()[:32].upper()
