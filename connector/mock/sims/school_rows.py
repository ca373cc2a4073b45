"""The made-up school's facts as SIMS's rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from connector.adapters.sims.fields import STATUTORY_SESSION, names, words_back
from connector.mock.corrections import LONDON
from connector.mock.school import MadeUpSchool
from connector.mock.sims.filter import utc_text
from rules.calendar import Period
from rules.codes import Class, code_set_on, code_sets
from rules.school import FLAGS, Address, Amendment, Contact, Half, Mark, Pupil, Session

ORGANISATION = "6f1c2a34-5b6d-4e7f-8a90-1b2c3d4e5f60"
OPENS: Mapping[Half, time] = {"AM": time(9, 0), "PM": time(13, 0)}
CLOSES: Mapping[Half, time] = {"AM": time(12, 0), "PM": time(15, 30)}
_WORD: Mapping[Class, str] = {
    Class.PRESENT: "present",
    Class.APPROVED: "approved",
    Class.AUTHORISED: "authorised",
    Class.UNAUTHORISED: "unauthorised",
    Class.NOT_POSSIBLE: "not_possible",
    Class.MISSING: "missing",
}
SUB_CODES: Mapping[str, tuple[str, str]] = {"X01": ("X", "Not required, school's own reason")}
"""Three-character codes of the school's own: code -> (statutory code behind it, meaning)."""


def guid(kind: str, key: str) -> str:
    """The made-up GUID of a row: the same for the same school fact, in every run."""
    return str(uuid5(NAMESPACE_URL, f"made-up-school/{kind}/{key}"))


def reference(kind: str, key: str, type_name: str, description: str | None = None) -> dict[str, Any]:
    """A small object that points to another row."""
    found = {"ExternalID": guid(kind, key), "Type": type_name}
    return found if description is None else {**found, "Description": description}


def moment(day: date, at: time) -> str:
    """A time of day in school as rows write it, in UTC."""
    return utc_text(datetime.combine(day, at, LONDON))


def school_row(school: MadeUpSchool) -> dict[str, Any]:
    """The school itself."""
    details, name = school.details, names("schools")
    return {
        name["external_id"]: ORGANISATION,
        **{name[field]: getattr(details, field) for field in ("name", "urn", "phase", "telephone", "email")},
        name["address"]: _address(details.address),
    }


def session_row(session: Session) -> dict[str, Any]:
    """A half day."""
    name = names("sessions")
    return {
        name["external_id"]: guid("session", f"{session.date}/{session.half}"),
        name["start"]: moment(session.date, OPENS[session.half]),
        name["half"]: session.half,
        "End": moment(session.date, CLOSES[session.half]),
        "Description": f"{session.half} registration",
    }


def period_row(number: int, period: Period) -> dict[str, Any]:
    """A calendar entry."""
    name = names("periods")
    return {
        name["external_id"]: guid("period", str(number)),
        name["kind"]: words_back("periods")[period.kind],
        name["name"]: period.name,
        name["start"]: period.start.isoformat(),
        name["end"]: period.end.isoformat(),
        name["half"]: period.half,
    }


def statutory_codes(school: MadeUpSchool) -> Iterator[dict[str, Any]]:
    """The codes of the law in force at the school's last day, and "-" for no mark."""
    name, back = names("statutory_codes"), words_back("counts_as")
    codes = code_set_on(school.nation, school.last_day).codes
    meanings = {"-": (Class.MISSING, "No mark recorded")}
    meanings |= {code: (held.counts_as, held.meaning) for code, held in codes.items() if not held.parent}
    for code, (counts_as, meaning) in meanings.items():
        yield {
            name["external_id"]: guid("statutory code", code),
            name["code"]: code,
            name["meaning"]: meaning,
            name["counts_as"]: back[_WORD[counts_as]],
        }


def code_rows(school: MadeUpSchool, met: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The school's list of codes: the statutory ones, three-character ones of its own, and whatever was marked."""
    name = names("codes")
    codes = code_set_on(school.nation, school.last_day).codes
    meanings = {"-": "No mark recorded", **{code: held.meaning for code, held in codes.items()}}
    meanings |= {code: meaning for code, (_, meaning) in SUB_CODES.items()}
    for code in met:
        meanings.setdefault(code, _old_meaning(school, code))
    for place, (code, meaning) in enumerate(meanings.items(), start=1):
        held = codes.get(code)
        behind = SUB_CODES[code][0] if code in SUB_CODES else (held.parent or code if held else code)
        known = behind in codes or code == "-"
        yield {
            "@odata.type": "#ESS.Attendance.AttendanceCode",
            name["external_id"]: guid("code", code),
            "LookupType": "Attendance.Lookup.AttendanceCode",
            name["code"]: code,
            name["meaning"]: meaning,
            "DisplayOrder": place,
            "IsVisible": True,
            "ResourceProvider": "DfE" if known and code == behind else "School",
            name["statutory"]: reference(
                "statutory code", behind, "Attendance.Lookup.StatutoryAttendanceCode"
            )
            if known
            else None,
        }


def _old_meaning(school: MadeUpSchool, code: str) -> str:
    found = [held.codes[code].meaning for held in code_sets(school.nation) if code in held.codes]
    return found[-1] if found else f"Code {code}"


def learner_row(pupil: Pupil, today: date) -> dict[str, Any]:
    """A pupil as LearnerIdentifiers has it, with the groups as they are now."""
    name = names("learners")
    born = pupil.date_of_birth
    state = "Current" if pupil.on_roll(today) else "Former"
    if pupil.on_roll_from and pupil.on_roll_from > today:
        state = "Future"
    return {
        name["external_id"]: guid("learner", pupil.pupil_id),
        "Forename": pupil.forename,
        "Surname": pupil.surname,
        "GenderCategory": pupil.gender,
        "AgeMonths": (today.year - born.year) * 12 + today.month - born.month if born else None,
        name["do_not_communicate"]: False,
        "OnRollState": state,
        "DateOfApplication": None,
        "Photograph": None,
        name["year_group"]: _group("YearGroup", pupil.year_group),
        name["registration_group"]: _group("PrimaryClass", pupil.registration_group),
        "CurrentHouse": None,
    }


def _group(kind: str, name: str) -> dict[str, Any] | None:
    return reference("group", f"{kind}/{name}", f"PastoralGroup.Definition.{kind}", name) if name else None


def group_rows(pupils: Iterable[Pupil]) -> Iterator[dict[str, Any]]:
    """Year groups and classes."""
    held = list(pupils)
    kinds = {
        "YearGroup": dict.fromkeys(pupil.year_group for pupil in held if pupil.year_group),
        "PrimaryClass": dict.fromkeys(pupil.registration_group for pupil in held if pupil.registration_group),
    }
    for kind, found in kinds.items():
        for place, name in enumerate(found, start=1):
            yield {
                "@odata.type": f"#SIMS.{kind}",
                "ExternalID": guid("group", f"{kind}/{name}"),
                "GroupType": kind,
                "ShortName": name,
                "FullName": name,
                "DisplayOrder": place,
            }


def personal_row(pupil: Pupil) -> dict[str, Any]:
    """A pupil as LearnerPersonals has it."""
    name = names("personals")
    texts = ("upn", "admission_number", "legal_forename", "legal_surname", "gender", "sen_status")
    more = ("preferred_forename", "preferred_surname", "ethnicity", "first_language")
    days = ("date_of_birth", "on_roll_from", "on_roll_to", "part_time_from", "part_time_to")
    return {
        name["external_id"]: guid("learner", pupil.pupil_id),
        name["person_id"]: pupil.pupil_id,
        **{name[field]: getattr(pupil, field) or None for field in (*texts, *more)},
        **{name[field]: _day(getattr(pupil, field)) for field in days},
        **{name[field]: getattr(pupil, field) for field in FLAGS},
    }


def contact_row(pupil_id: str, contact: Contact) -> dict[str, Any]:
    """An adult as linked to one pupil."""
    name = names("contacts")
    texts = ("title", "forename", "surname", "salutation", "relationship", "language", "email")
    plain = ("priority", "parental_responsibility", "court_order", "correspondence")
    return {
        name["external_id"]: guid("contact", f"{pupil_id}/{contact.contact_id}"),
        name["learner"]: reference("learner", pupil_id, "Learner.Identifier"),
        name["person_id"]: contact.contact_id,
        **{name[field]: getattr(contact, field) or None for field in texts},
        **{name[field]: getattr(contact, field) for field in plain},
        name["address"]: _address(contact.address),
    }


def record_row(mark: Mark, external_id: str) -> dict[str, Any]:
    """A mark."""
    name, qualifier = names("records"), names("qualifier")
    at = mark.recorded_at
    return {
        name["external_id"]: external_id,
        **_place(mark, name),
        name["code"]: _code_reference(mark.code),
        name["qualifier"]: {
            qualifier["minutes_late"]: mark.minutes_late,
            qualifier["comment"]: mark.comment or None,
        },
        name["recorded_at"]: utc_text(at) if at else None,
    }


def history_row(number: int, change: Amendment) -> dict[str, Any]:
    """A change of a mark."""
    name = names("histories")
    key = f"{change.pupil_id}/{change.date}/{change.half}/{change.amended_at.isoformat()}/{number}"
    return {
        name["external_id"]: guid("history", key),
        **_place(change, name),
        name["original"]: _code_reference(change.original) if change.original else None,
        name["code"]: _code_reference(change.amended) if change.amended else None,
        name["changed_at"]: utc_text(change.amended_at),
        name["changed_by"]: change.amended_by or None,
        name["role"]: change.role or None,
        name["reason"]: change.reason or None,
    }


def _place(of: Mark | Amendment, name: Mapping[str, str]) -> dict[str, Any]:
    """Whose mark it is, and of which half day."""
    return {
        name["attendee"]: {"ExternalID": _learner_guid(of.pupil_id), "Type": "Learner.Identifier"},
        name["event"]: {"ExternalID": _session_guid(of.date, of.half), "Type": STATUTORY_SESSION},
        name["start"]: _session_start(of.date, of.half),
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


@lru_cache(maxsize=2_000)
def _code_reference(code: str) -> dict[str, Any]:
    return reference("code", code, "Attendance.Lookup.AttendanceCode")


def _address(address: Address) -> dict[str, Any] | None:
    if address == Address():
        return None
    name = names("address")
    lines = (*address.lines, "", "", "")
    return {
        **{name[f"line_{number + 1}"]: lines[number] or None for number in range(3)},
        **{
            name[field]: getattr(address, field) or None
            for field in ("town", "county", "postcode", "country")
        },
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
