"""Wonde's objects as school facts. A field that is not there at all is an error; an empty one is an empty value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from connector.adapters.base import MisCode, MisSchool, by_priority
from connector.adapters.wonde.client import Row, unwrap
from connector.adapters.wonde.fields import CODE_TYPES, GENDERS, names
from connector.errors import DataError, FatalError, Finding
from rules.school import Address, Contact, Half, Mark, Pupil, Session

_HALVES: Mapping[str, Half] = {"AM": "AM", "PM": "PM"}


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


def code(row: Row) -> MisCode:
    """Return an attendance code."""
    get = _Reader("attendance_code", row)
    return MisCode(get.text("code"), get.text("meaning"), CODE_TYPES.get(get.text("counts_as"), ""))  # type: ignore[arg-type]


def pupil(row: Row, registration_type: str) -> Pupil:
    """Return a student with its includes."""
    student = _Reader("student", row)
    education = _Reader("education_details", _block(row, "education_details"))
    extended = _Reader("extended_details", _block(row, "extended_details"))
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
        year_group=_Reader("year", year).text("year_group") if year else "",
        registration_group=_registration_group(row, registration_type),
        on_roll_from=education.day("on_roll_from"),
        on_roll_to=education.day("on_roll_to"),
        part_time_from=education.day("part_time_from"),
        part_time_to=education.day("part_time_to"),
        sen_status=extended.text("sen_status"),
        ethnicity=extended.text("ethnicity"),
        first_language=extended.text("first_language"),
        fsm=extended.flag("fsm"),
        pupil_premium=extended.flag("pupil_premium"),
        eal=extended.flag("eal"),
        looked_after=extended.flag("looked_after"),
        social_worker=extended.flag("social_worker"),
        child_protection=extended.flag("child_protection"),
        young_carer=extended.flag("young_carer"),
        contacts=_contacts(row),
    )


def _registration_group(row: Row, registration_type: str) -> str:
    groups = [_Reader("group", group) for group in unwrap(row.get("groups")) or []]
    return next((group.text("name") for group in groups if group.text("type") == registration_type), "")


def _contacts(row: Row) -> tuple[Contact, ...]:
    return by_priority(_contact(contact) for contact in unwrap(row.get("contacts")) or [])


def _contact(row: Row) -> Contact:
    person = _Reader("contact", row)
    pair = _Reader("relationship", _block(row, "relationship"))
    details = _block(row, "contact_details")
    priority = pair.text("priority")
    return Contact(
        contact_id=person.text("mis_id"),
        title=person.text("title"),
        forename=person.text("forename"),
        surname=person.text("surname"),
        salutation=str(details.get("salutation") or "").strip(),
        relationship=pair.text("relationship"),
        priority=int(priority) if priority.isdigit() else None,
        parental_responsibility=pair.flag("parental_responsibility"),
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
    row: Row, pupil_ids: Mapping[str, str], codes: Mapping[str, str]
) -> Mark | tuple[str, Session] | None:
    """Return a session mark; or (pupil id, session) where its code was taken away; None for a pupil who is not known."""
    get = _Reader("attendance_session", row)
    pupil_id = pupil_ids.get(_id_of(get.value("student")))
    day, half = get.day("date"), _HALVES.get(get.text("half").upper())
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
    minutes = get.text("minutes_late")
    return Mark(pupil_id, day, half, codes[code_id], int(minutes) if minutes else None, get.text("comment"))


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


class _Reader:
    """Reads one object by our names."""

    def __init__(self, block: str, row: Row) -> None:
        self._block = block
        self._row = row
        self._names = names(block)

    def value(self, name: str) -> Any:
        """Return a field as it is. Raises FatalError when the object has no such field."""
        field = self._names[name]
        if field not in self._row:
            raise FatalError(
                f"Wonde: {self._block} holds no field {field}",
                fix="ask the school to approve this permission in Wonde, or correct the name in fields.toml",
            )
        return self._row[field]

    def text(self, name: str) -> str:
        """Return a field as text, outer white space gone."""
        value = self.value(name)
        return "" if value is None else str(value).strip()

    def flag(self, name: str) -> bool:
        """Return a yes/no field: true/false or 1/0, for sources differ."""
        return self.text(name).lower() in ("1", "true", "yes")

    def day(self, name: str) -> date | None:
        """Return a date: text, or Wonde's object with its own ``date``; None when empty."""
        value = self.value(name)
        if isinstance(value, dict):
            value = value.get("date")
        try:
            return datetime.fromisoformat(str(value)[:10]).date() if value else None
        except ValueError:
            raise DataError(
                [
                    Finding(
                        f"Wonde {self._block}.{self._names[name]}",
                        "is not a date",
                        "report it to Wonde's support",
                    )
                ]
            ) from None
