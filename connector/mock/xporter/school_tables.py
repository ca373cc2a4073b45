"""The made-up school as Xporter's tables, as its cached copy of the MIS holds them on a day.

Field names are the mock's own statement of what Xporter sends, and know nothing of the adapter's. They stand in the
vendor's endpoint manual of 2018 and in answers recorded from it (TeamSatchel/xod_client, spec/fixtures/vcr_cassettes),
or in public programs of 2021 and 2023 that load real answers (mgregson-vldb/schools_BI, Sarang-CommunityBrands/OEA),
but for those marked "assumed": no public source shows those.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from connector.mock.school import MadeUpSchool
from connector.mock.xporter.marks_string import MarksLayout, marks_string
from rules.codes import Class, code_set_on
from rules.school import Address, Contact, Mark, Pupil, Session

Row = dict[str, Any]
_MEANINGS = {
    Class.PRESENT: "Present",
    Class.APPROVED: "Approved educational activity",
    Class.AUTHORISED: "Authorised absence",
    Class.UNAUTHORISED: "Unauthorised absence",
    Class.NOT_POSSIBLE: "Attendance not required",
    Class.MISSING: "No mark",
}
"""Words of SIMS's own code API; that Xporter prints all of them so is assumed."""
_CALENDAR_TYPES = {
    "year": "Academic Year",
    "term": "Term",
    "half_term": "Half Term",
    "holiday": "Holiday",
    "inset": "Staff Training Day",
    "closure": "Closure",
}
"""Assumed."""

_STATUS_OF = {"main": "C", "subsidiary": "S", "guest": "G"}


class Tables:
    """Rows of every endpoint. ``today`` is the day whose evening the cached copy was filled on."""

    def __init__(self, school: MadeUpSchool, today: date, estab: str, layout: MarksLayout) -> None:
        self.school = school
        self.today = today
        self.estab = estab
        self.layout = layout

    def school_info(self) -> Iterator[Row]:
        """Yield the one row of SchoolInfo."""
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
            "URN": details.urn,  # assumed
        }

    def students(self, options: frozenset[str]) -> Iterator[Row]:
        """Yield Students: current ones, with leavers and those who join later when asked."""
        marks = self._codes_by_pupil() if "includeattmarkstring" in options else None
        for pupil in self.school.pupils_known(self.today):
            spell = pupil.spells[-1]
            left = spell.end is not None and spell.end < self.today
            coming = spell.start is not None and spell.start > self.today
            if (left and "includeleavers" not in options) or (
                coming and "includepreadmissions" not in options
            ):
                continue
            yield self._student(pupil, left, coming, marks)

    def _student(
        self, pupil: Pupil, left: bool, coming: bool, marks: dict[str, dict[Session, str]] | None
    ) -> Row:
        row: Row = {
            "Id": pupil.pupil_id,
            "XID": _xid("Student", pupil.pupil_id),
            "ExternalId": _xid("Ext", pupil.pupil_id),
            "UPN": pupil.upn,
            "AdmissionNo": pupil.admission_number,
            "Forename": pupil.preferred_forename,
            "Surname": pupil.preferred_surname,
            "LegalForename": pupil.legal_forename,
            "LegalSurname": pupil.legal_surname,
            "DisplayName": f"{pupil.forename} {pupil.surname}".strip(),
            "DateofBirth": _moment(pupil.date_of_birth),
            "Gender": pupil.gender,
            "YearGroup": pupil.year_group,
            "RegGroup": pupil.registration_group,
            "StudentStatus": "Leaver" if left else "PreAdmission" if coming else "OnRoll",
            "EnrolmentStatus": _STATUS_OF[pupil.spells[-1].kind],
            "EntryDate": _moment(pupil.spells[-1].start),
            "LeavingDate": _moment(pupil.spells[-1].end),
            "PartTime": int(pupil.part_time_from is not None),
            "PartTimeStartDate": _moment(pupil.part_time_from),  # assumed
            "PartTimeEndDate": _moment(pupil.part_time_to),  # assumed
            "FsmEligible": int(pupil.fsm),
            "PupilPremium": int(pupil.pupil_premium),
            "EAL": int(pupil.eal),
            "InLeaCare": int(pupil.looked_after),
            "SocialWorker": int(pupil.social_worker),  # assumed
            "ChildProtection": int(pupil.child_protection),  # assumed
            "IsYoungCarer": int(pupil.young_carer),
            "SENProvision": pupil.sen_status,
            "Ethnicity": pupil.ethnicity,
            "FirstLanguage": pupil.first_language,
            "QuickNote": None,
        }
        if marks is not None:
            row.update(self._marks_string(marks.get(pupil.pupil_id, {})))
        return row

    def enrolment_history(self) -> Iterator[Row]:
        """Yield StudentEnrolmentHistory: one row for each spell on roll."""
        for pupil in self.school.pupils_known(self.today):
            for number, spell in enumerate(pupil.spells, 1):
                yield {
                    "Id": f"{pupil.pupil_id}-{number}",
                    "Student_MisId": pupil.pupil_id,
                    "StudentIdaasId": None,
                    "StudentXid": _xid("Student", pupil.pupil_id),
                    "StartDate": _moment(spell.start),
                    "EndDate": _moment(spell.end),
                    "EnrolmentStatusCode": _STATUS_OF[spell.kind],
                }

    def _marks_string(self, codes: dict[Session, str]) -> Row:
        start = self.school.calendar.year_of(self.today).start
        open_sessions = frozenset(self.school.calendar.sessions)
        return {
            "Marks": marks_string(codes, start, self.today, self.layout, open_sessions),
            "AttMarksStartDate": _moment(start),
            "AttMarksEndDate": _moment(self.today),
        }

    def _codes_by_pupil(self) -> dict[str, dict[Session, str]]:
        found: dict[str, dict[Session, str]] = {}
        for mark in self.school.marks_known(self.today):
            found.setdefault(mark.pupil_id, {})[Session(mark.date, mark.half)] = mark.code
        return found

    def groups(self, kind: str, options: frozenset[str]) -> Iterator[Row]:
        """Yield Group (the top-level key has no s): registration and year groups."""
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
        """Yield StudentMembers, the second table of Groups."""
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
        """Yield StudentContacts: one row for each pair of pupil and adult."""
        for pupil in self.school.pupils_known(self.today):
            for contact in pupil.contacts:
                yield {
                    "Id": f"{pupil.pupil_id}-{contact.contact_id}",
                    "StudentId": pupil.pupil_id,
                    "ContactId": contact.contact_id,
                    "Relationship": contact.relationship,
                    "Priority": contact.priority,
                    "ParResp": int(contact.parental_responsibility),
                    "CourtOrder": int(bool(contact.court_order)),  # assumed
                    "ReceivesMail": int(bool(contact.correspondence)),  # assumed
                }

    def contacts(self) -> Iterator[Row]:
        """Yield Contacts: each adult once."""
        seen: set[str] = set()
        for pupil in self.school.pupils_known(self.today):
            for contact in pupil.contacts:
                if contact.contact_id not in seen:
                    seen.add(contact.contact_id)
                    yield _contact(contact)

    def calendar(self) -> Iterator[Row]:
        """Yield calendar entries."""
        for number, period in enumerate(self.school.calendar.periods, 1):
            yield {
                "Id": str(number),
                "Type": _CALENDAR_TYPES[period.kind],
                "Name": period.name,  # assumed
                "StartDate": _moment(period.start),
                "EndDate": _moment(period.end),
                "Session": period.half,  # assumed
            }

    def attendance_codes(self) -> Iterator[Row]:
        """Yield the codes in force, withdrawn ones among them, and the one for no mark."""
        codes = code_set_on(self.school.nation, self.today).codes.values()
        for number, code in enumerate(codes, 1):
            yield _code(number, code.code, code.meaning, code.counts_as)
        yield _code(0, "-", "All should attend, no mark recorded", Class.MISSING)

    def attendance(self, start: date, end: date) -> Iterator[Row]:
        """Yield AttendanceForDate or AttendanceForDateRange: one row for each mark."""
        for mark in self.school.marks_known(self.today, ahead=True):
            if start <= mark.date <= end:
                yield {
                    "Id": _mark_id(mark),
                    "StudentId": mark.pupil_id,
                    "Date": _moment(mark.date),
                    "Session": mark.half,
                    "Mark": mark.code,
                    "MinutesLate": mark.minutes_late,  # assumed
                    "Comments": mark.comment,  # assumed
                }

    def summaries(self) -> Iterator[Row]:
        """Yield AttendanceSummary: counts and the marks string of the current year."""
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
                "Marks": self._marks_string(codes)["Marks"],
            }

    def history(self, school_year: int) -> Iterator[Row]:
        """Yield HistoricalAttendanceSummary: one marks string for each pupil of a school year."""
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
                        "Marks": marks_string(codes, year.start, end, self.layout, opened),
                    }


def with_hash(rows: Iterable[Row], updated: date) -> list[Row]:
    """Return the rows with what Xporter adds to each: when it was last updated, and a hash of it."""
    found = []
    for row in rows:
        digest = hashlib.md5(json.dumps(row, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
        found.append({**row, "LastUpdated": f"{updated.isoformat()}T03:00:00", "RowHash": digest})
    return found


def _code(number: int, code: str, meaning: str, counts_as: Class) -> Row:
    """Return a row of AttendanceCodes; the names Code and StatisticalMappingDescription are assumed."""
    return {
        "Id": str(number),
        "Code": code,
        "Description": meaning,
        "StatisticalMappingDescription": _MEANINGS[counts_as],
    }


def _contact(contact: Contact) -> Row:
    return {
        "Id": contact.contact_id,
        "XID": _xid("Contact", contact.contact_id),
        "Title": contact.title,
        "Forename": contact.forename,
        "Surname": contact.surname,
        "Salutation": contact.salutation,  # assumed
        "CorrespondenceLanguage": contact.language,  # assumed
        "HomeEmail": contact.email,
        **_address(contact.address),
    }


def _address(address: Address) -> Row:
    """Return up to three lines as SIMS's parts: house name, number and street, district."""
    lines = list(address.lines)
    name = lines.pop(0) if len(lines) == 3 else ""
    street, district = (*lines, "", "")[:2]
    number = re.fullmatch(r"(\d+[A-Za-z]?) (.+)", street)
    return {
        "Apartment": None,
        "HouseName": name,
        "HouseNo": number[1] if number else "",
        "Street": number[2] if number else street,
        "District": district,
        "TownOrCity": address.town,
        "County": address.county,
        "PostCode": address.postcode,
        "Country": address.country,
    }


def _mark_id(mark: Mark) -> str:
    return f"{mark.pupil_id}|{mark.date.isoformat()}|{mark.half}"


def _moment(day: date | None) -> str | None:
    return f"{day.isoformat()}T00:00:00" if day else None


def _xid(kind: str, natural: str) -> str:
    return hashlib.sha256(f"{kind}/{natural}".encode()).hexdigest()[:32].upper()
