"""The made-up school's facts as SIMS's rows; ``schema.py`` says where each field's name is known from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from connector.mock.school import MadeUpSchool
from connector.mock.school.corrections import LONDON
from connector.mock.sims.filter import utc_text
from rules.calendar import Period
from rules.codes import Class, code_set_on, code_sets
from rules.school import Address, Amendment, Contact, Half, Mark, Pupil, Session

ORGANISATION = "6f1c2a34-5b6d-4e7f-8a90-1b2c3d4e5f60"
OPENS: Mapping[Half, time] = {"AM": time(9, 0), "PM": time(13, 0)}
CLOSES: Mapping[Half, time] = {"AM": time(12, 0), "PM": time(15, 30)}
_MEANINGS: Mapping[Class, str] = {
    Class.PRESENT: "Present",
    Class.APPROVED: "Approved educational activity",
    Class.AUTHORISED: "Authorised absence",
    Class.UNAUTHORISED: "Unauthorised absence",
    Class.NOT_POSSIBLE: "Attendance not required",
    Class.MISSING: "No mark",
}
"""Seen in SIMS 7: "No mark", "Authorised Absence", "Attendance not required"; the others are assumed."""
_PERIOD_TYPES = {
    "year": "AcademicYear",
    "term": "Term",
    "half_term": "HalfTerm",
    "holiday": "Holiday",
    "inset": "StaffTrainingDay",
    "closure": "Closure",
}
"""Assumed."""
SUB_CODES: Mapping[str, tuple[str, str]] = {"X01": ("X", "Not required, school's own reason")}
"""Three-character codes of the school's own: code -> (statutory code behind it, meaning)."""


def guid(kind: str, key: str) -> str:
    """Return the made-up GUID of a row: the same for the same school fact, in every run."""
    return str(uuid5(NAMESPACE_URL, f"made-up-school/{kind}/{key}"))


def reference(kind: str, key: str, type_name: str, description: str | None = None) -> dict[str, Any]:
    """Return a small object that points to another row."""
    pointer = {"ExternalID": guid(kind, key), "Type": type_name}
    return pointer if description is None else {**pointer, "Description": description}


def moment(day: date, at: time) -> str:
    """Return a time of day in school as rows write it, in UTC."""
    return utc_text(datetime.combine(day, at, LONDON))


def school_row(school: MadeUpSchool) -> dict[str, Any]:
    """Return the school itself."""
    details = school.details
    return {
        "ExternalID": ORGANISATION,
        "Name": details.name,
        "URN": details.urn,
        "Phase": details.phase,
        "Telephone": details.telephone,
        "Email": details.email,
        "Address": _address(details.address),
    }


def session_row(session: Session) -> dict[str, Any]:
    """Return a half day."""
    return {
        "ExternalID": _session_guid(session.date, session.half),
        "Start": _session_start(session.date, session.half),
        "SessionName": session.half,
        "End": _session_end(session.date, session.half),
        "Description": f"{session.half} registration",
    }


def period_row(number: int, period: Period) -> dict[str, Any]:
    """Return a calendar entry."""
    return {
        "ExternalID": guid("period", str(number)),
        "PeriodType": _PERIOD_TYPES[period.kind],
        "Description": period.name,
        "StartDate": period.start.isoformat(),
        "EndDate": period.end.isoformat(),
        "SessionName": period.half,
    }


def statutory_codes(school: MadeUpSchool) -> Iterator[dict[str, Any]]:
    """Yield the codes of the law in force on the school's last day, and "-" for no mark."""
    codes = code_set_on(school.nation, school.last_day).codes
    meanings = {"-": (Class.MISSING, "No mark recorded")}
    meanings |= {code: (held.counts_as, held.meaning) for code, held in codes.items() if not held.parent}
    for code, (counts_as, meaning) in meanings.items():
        yield {
            "ExternalID": guid("statutory code", code),
            "Code": code,
            "Description": meaning,
            "StatisticalMapping": _MEANINGS[counts_as],
        }


def code_rows(school: MadeUpSchool, met: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Yield the school's list of codes: the statutory ones, its own of three characters, and all that were used."""
    codes = code_set_on(school.nation, school.last_day).codes
    meanings = {"-": "No mark recorded", **{code: held.meaning for code, held in codes.items()}}
    meanings |= {code: meaning for code, (_, meaning) in SUB_CODES.items()}
    for code in met:
        meanings.setdefault(code, _old_meaning(school, code))
    for order, (code, meaning) in enumerate(meanings.items(), start=1):
        held = codes.get(code)
        behind = SUB_CODES[code][0] if code in SUB_CODES else (held.parent or code if held else code)
        known = behind in codes or code == "-"
        yield {
            "@odata.type": "#ESS.Attendance.AttendanceCode",
            "ExternalID": guid("code", code),
            "LookupType": "Attendance.Lookup.AttendanceCode",
            "Code": code,
            "Description": meaning,
            "DisplayOrder": order,
            "IsVisible": True,
            "ResourceProvider": "DfE" if known and code == behind else "School",
            "StatutoryAttendanceCode": reference(
                "statutory code", behind, "Attendance.Lookup.StatutoryAttendanceCode"
            )
            if known
            else None,
        }


def _old_meaning(school: MadeUpSchool, code: str) -> str:
    meanings = [held.codes[code].meaning for held in code_sets(school.nation) if code in held.codes]
    return meanings[-1] if meanings else f"Code {code}"


def learner_row(pupil: Pupil, today: date) -> dict[str, Any]:
    """Return a pupil as LearnerIdentifiers has it, with the groups as they are now."""
    born = pupil.date_of_birth
    state = "Current" if pupil.on_roll(today) else "Former"
    last = pupil.spells[-1].start
    if last and last > today and not pupil.on_roll(today):
        state = "Future"
    return {
        "ExternalID": guid("learner", pupil.pupil_id),
        "Forename": pupil.forename,
        "Surname": pupil.surname,
        "GenderCategory": pupil.gender,
        "AgeMonths": (today.year - born.year) * 12 + today.month - born.month if born else None,
        "DoNotCommunicate": False,
        "OnRollState": state,
        "DateOfApplication": None,
        "Photograph": None,
        "CurrentYearGroup": _group("YearGroup", pupil.year_group),
        "CurrentPrimaryClass": _group("PrimaryClass", pupil.registration_group),
        "CurrentHouse": None,
    }


def _group(kind: str, name: str) -> dict[str, Any] | None:
    return reference("group", f"{kind}/{name}", f"PastoralGroup.Definition.{kind}", name) if name else None


def group_rows(pupils: Iterable[Pupil]) -> Iterator[dict[str, Any]]:
    """Yield year groups and classes."""
    pupils = list(pupils)
    groups = {
        "YearGroup": dict.fromkeys(pupil.year_group for pupil in pupils if pupil.year_group),
        "PrimaryClass": dict.fromkeys(
            pupil.registration_group for pupil in pupils if pupil.registration_group
        ),
    }
    for kind, names in groups.items():
        for order, name in enumerate(names, start=1):
            yield {
                "@odata.type": f"#SIMS.{kind}",
                "ExternalID": guid("group", f"{kind}/{name}"),
                "GroupType": kind,
                "ShortName": name,
                "FullName": name,
                "DisplayOrder": order,
            }


def personal_row(pupil: Pupil) -> dict[str, Any]:
    """Return a pupil as LearnerPersonals has it."""
    return {
        "ExternalID": guid("learner", pupil.pupil_id),
        "PersonID": pupil.pupil_id,
        "UniquePupilNumber": pupil.upn or None,
        "AdmissionNumber": pupil.admission_number or None,
        "PreferredForename": pupil.preferred_forename or None,
        "PreferredSurname": pupil.preferred_surname or None,
        "LegalForename": pupil.legal_forename or None,
        "LegalSurname": pupil.legal_surname or None,
        "GenderCategory": pupil.gender or None,
        "DateOfBirth": _day(pupil.date_of_birth),
        "DateOfAdmission": _day(pupil.spells[-1].start),
        "DateOfLeaving": _day(pupil.spells[-1].end),
        "PartTimeStartDate": _day(pupil.part_time_from),
        "PartTimeEndDate": _day(pupil.part_time_to),
        "EligibleForFreeMeals": pupil.fsm,
        "PupilPremium": pupil.pupil_premium,
        "EnglishAdditionalLanguage": pupil.eal,
        "InCare": pupil.looked_after,
        "HasSocialWorker": pupil.social_worker,
        "ChildProtectionPlan": pupil.child_protection,
        "YoungCarer": pupil.young_carer,
        "SENStatus": pupil.sen_status or None,
        "Ethnicity": pupil.ethnicity or None,
        "FirstLanguage": pupil.first_language or None,
    }


def contact_rows(pupil: Pupil, *, stale: bool) -> Iterator[dict[str, Any]]:
    """Yield a pupil's contacts; ``stale``: also one who was unlinked, and still hangs on the pupil's applicant record.

    That SIMS still returns such a link is documented (NewsItems/SIMS7ContactsIssue); that the link then names the
    applicant is assumed.
    """
    for contact in pupil.contacts:
        yield contact_row(pupil.pupil_id, contact)
    if stale:
        unlinked = Contact(
            f"unlinked-{pupil.pupil_id}",
            forename="Unlinked",
            surname=pupil.legal_surname,
            relationship="Father",
            priority=1,
            parental_responsibility=True,
            court_order=False,
            correspondence=True,
        )
        row = contact_row(pupil.pupil_id, unlinked)
        yield row | {"Learner": reference("applicant", pupil.pupil_id, "Learner.Applicant")}


def contact_row(pupil_id: str, contact: Contact) -> dict[str, Any]:
    """Return an adult as linked to one pupil."""
    return {
        "ExternalID": guid("contact", f"{pupil_id}/{contact.contact_id}"),
        "Learner": reference("learner", pupil_id, "Learner.Identifier"),
        "PersonID": contact.contact_id,
        "Title": contact.title or None,
        "Forename": contact.forename or None,
        "Surname": contact.surname or None,
        "Salutation": contact.salutation or None,
        "Relationship": contact.relationship or None,
        "Priority": contact.priority,
        "HasParentalResponsibility": contact.parental_responsibility,
        "HasCourtOrder": contact.court_order,
        "ReceivesCorrespondence": contact.correspondence,
        "PreferredLanguage": contact.language or None,
        "Email": contact.email or None,
        "Address": _address(contact.address),
    }


def record_row(mark: Mark, external_id: str) -> dict[str, Any]:
    """Return a mark."""
    return {
        "ExternalID": external_id,
        **_whose_and_when(mark),
        "AttendanceCode": _code_reference(mark.code),
        "Qualifier": {"MinutesLate": mark.minutes_late, "Comment": mark.comment or None},
        "LastModified": utc_text(mark.recorded_at) if mark.recorded_at else None,
    }


def history_row(number: int, change: Amendment) -> dict[str, Any]:
    """Return a change of a mark."""
    key = f"{change.pupil_id}/{change.date}/{change.half}/{change.amended_at.isoformat()}/{number}"
    return {
        "ExternalID": guid("history", key),
        **_whose_and_when(change),
        "PreviousAttendanceCode": _code_reference(change.original) if change.original else None,
        "AttendanceCode": _code_reference(change.amended) if change.amended else None,
        "ChangedOn": utc_text(change.amended_at),
        "ChangedBy": change.amended_by or None,
        "ChangedByRole": change.role or None,
        "Reason": change.reason or None,
    }


def _whose_and_when(of: Mark | Amendment) -> dict[str, Any]:
    return {
        "Attendee": {"ExternalID": _learner_guid(of.pupil_id), "Type": "Learner.Identifier"},
        "Event": {
            "ExternalID": _session_guid(of.date, of.half),
            "Type": "Attendance.StatutoryAttendanceSession",
        },
        "AttendableEventStart": _session_start(of.date, of.half),
    }


@lru_cache(maxsize=20_000)
def _learner_guid(pupil_id: str) -> str:
    return guid("learner", pupil_id)


@lru_cache(maxsize=20_000)
def _session_guid(day: date, half: Half) -> str:
    return guid("session", f"{day}/{half}")


@lru_cache(maxsize=20_000)
def _session_start(day: date, half: Half) -> str:
    return moment(day, OPENS[half])


@lru_cache(maxsize=20_000)
def _session_end(day: date, half: Half) -> str:
    return moment(day, CLOSES[half])


@lru_cache(maxsize=2_000)
def _code_reference(code: str) -> dict[str, Any]:
    return reference("code", code, "Attendance.Lookup.AttendanceCode")


def _address(address: Address) -> dict[str, Any] | None:
    if address == Address():
        return None
    lines = (*address.lines, "", "", "")
    return {
        "AddressLine1": lines[0] or None,
        "AddressLine2": lines[1] or None,
        "AddressLine3": lines[2] or None,
        "Town": address.town or None,
        "County": address.county or None,
        "PostCode": address.postcode or None,
        "Country": address.country or None,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
