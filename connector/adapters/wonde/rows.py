"""Wonde's objects as school facts. A field that is not there at all is an error; an empty one is an empty value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.adapters.base import MisCode, MisSchool, by_priority
from connector.adapters.row_reader import MissingFields, RowReader
from connector.adapters.wonde.client import Row, unwrap
from connector.adapters.wonde.fields import CODE_TYPES, GENDERS, fields
from connector.errors import DataError, FatalError, Finding
from rules.school import FLAGS, Address, Contact, Mark, Pupil, Session


def missing_fields(*, collect: bool = False) -> MissingFields:
    """Return what notes the fields that Wonde's answers lack."""
    return MissingFields("Wonde", "ask the school to approve this permission in Wonde", collect=collect)


def _reader(block: str, row: Row, missing: MissingFields) -> RowReader:
    return RowReader("Wonde", block, row, fields(block), missing)


def school(row: Row) -> MisSchool:
    """Return the school's own object."""
    place = row.get("address") or {}
    lines = [str(place.get(f"address_line_{n}") or "").strip() for n in (1, 2)]
    address = Address(
        tuple(line for line in lines if line),
        str(place.get("address_town") or ""),
        "",
        str(place.get("address_postcode") or ""),
        str((place.get("address_country") or {}).get("name") or ""),
    )
    return MisSchool(
        str(row.get("id") or ""),
        str(row.get("name") or ""),
        str(row.get("urn") or ""),
        str(row.get("phase_of_education") or ""),
        address=address,
    )


def code(row: Row, missing: MissingFields) -> MisCode:
    """Return an attendance code."""
    get = _reader("attendance_code", row, missing)
    return MisCode(get.text("code"), get.text("meaning"), CODE_TYPES.get(get.text("counts_as"), ""))  # type: ignore[arg-type]


def pupil(row: Row, registration_type: str, missing: MissingFields) -> Pupil:
    """Return a student with its includes."""
    student = _reader("student", row, missing)
    education = _reader("education_details", _block(row, "education_details"), missing)
    extended = _reader("extended_details", _block(row, "extended_details"), missing)
    year = unwrap(row.get("year"))
    gender = student.text("gender")
    return Pupil(
        pupil_id=student.text("mis_id"),
        upn=education.text("upn"),
        admission_number=education.text("admission_number"),
        legal_forename=student.text("legal_forename"),
        legal_surname=student.text("legal_surname"),
        preferred_forename=student.text("preferred_forename"),
        preferred_surname=student.text("preferred_surname"),
        date_of_birth=student.day("date_of_birth"),
        gender=GENDERS.get(gender, gender),
        year_group=_reader("year", year, missing).text("year_group") if year else "",
        registration_group=_registration_group(row, registration_type, missing),
        on_roll_from=education.day("on_roll_from"),
        on_roll_to=education.day("on_roll_to"),
        part_time_from=education.day("part_time_from"),
        part_time_to=education.day("part_time_to"),
        sen_status=extended.text("sen_status"),
        ethnicity=extended.text("ethnicity"),
        first_language=extended.text("first_language"),
        **{name: bool(extended.flag(name)) for name in FLAGS},  # type: ignore[arg-type]
        unknown=extended.not_known((*FLAGS, "sen_status"))
        | education.not_known(("part_time_from", "part_time_to"))
        | student.not_known(("date_of_birth",)),
        contacts=_contacts(row, missing),
    )


def _registration_group(row: Row, registration_type: str, missing: MissingFields) -> str:
    groups = [_reader("group", group, missing) for group in unwrap(row.get("groups")) or []]
    return next((group.text("name") for group in groups if group.text("type") == registration_type), "")


def _contacts(row: Row, missing: MissingFields) -> tuple[Contact, ...]:
    return by_priority(_contact(contact, missing) for contact in unwrap(row.get("contacts")) or [])


def _contact(row: Row, missing: MissingFields) -> Contact:
    person = _reader("contact", row, missing)
    pair = _reader("relationship", _block(row, "relationship"), missing)
    details = _block(row, "contact_details")
    return Contact(
        contact_id=person.text("mis_id"),
        title=person.text("title"),
        forename=person.text("forename"),
        surname=person.text("surname"),
        salutation=str(details.get("salutation") or "").strip(),
        relationship=pair.text("relationship"),
        priority=pair.number("priority"),
        parental_responsibility=bool(pair.flag("parental_responsibility")),
        court_order=pair.flag("court_order"),
        correspondence=pair.flag("correspondence"),
        language=person.text("language"),
        address=_address(details),
        email=str((unwrap(details.get("emails")) or {}).get("email") or "").strip(),
    )


def _address(details: Row) -> Address:
    """Return the postal address where there is one, else the home address."""
    places = unwrap(details.get("addresses")) or {}
    for kind in ("postal", "home"):
        place = {name: str(value or "").strip() for name, value in (places.get(kind) or {}).items()}
        if any(place.values()):
            name = " ".join(filter(None, (place.get("apartment"), place.get("house_name"))))
            street = " ".join(filter(None, (place.get("house_number"), place.get("street"))))
            lines = tuple(line for line in (name, street, place.get("district", "")) if line)
            return Address(
                lines,
                place.get("town", ""),
                place.get("county", ""),
                place.get("postcode", ""),
                place.get("country", ""),
            )
    return Address()


def mark(
    row: Row, pupil_ids: Mapping[str, str], codes: Mapping[str, str], missing: MissingFields
) -> Mark | tuple[str, Session] | None:
    """Return a session mark; or (pupil id, session) where its code was taken away; None for a pupil who is not known."""
    get = _reader("attendance_session", row, missing)
    pupil_id = pupil_ids.get(_id_of(get.value("student")))
    day, half = get.day("date"), get.half("half")
    if pupil_id is None:
        return None
    if day is None or half is None:
        raise DataError([Finding(f"Wonde mark of pupil {pupil_id}", "has no date or no AM or PM session")])
    code_id = _id_of(get.value("code"))
    if not code_id:
        return pupil_id, Session(day, half)
    if code_id not in codes:
        raise DataError(
            [
                Finding(
                    f"Wonde mark of pupil {pupil_id}",
                    "names an attendance code that is not in Wonde's list",
                    "ask Wonde's support",
                )
            ]
        )
    return Mark(pupil_id, day, half, codes[code_id], get.number("minutes_late"), get.text("comment"))


def _id_of(value: Any) -> str:
    """Return the id of a related object: given as itself, as an object, or wrapped."""
    found = unwrap(value)
    return str(found.get("id") or "") if isinstance(found, dict) else str(found or "")


def _block(row: Row, name: str) -> Row:
    found = unwrap(row.get(name))
    if found is None:
        raise FatalError(
            f"Wonde: a row lacks the block {name}", fix="ask the school to approve this permission in Wonde"
        )
    return found  # type: ignore[no-any-return]
