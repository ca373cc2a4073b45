"""Xporter's rows as school facts. A field that is not there at all is an error; an empty one is an empty value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from connector.adapters.base import MisCode, MisSchool, by_priority
from connector.adapters.row_reader import MissingFields, RowReader
from connector.adapters.spells import joined
from connector.adapters.xporter.client import Row
from connector.adapters.xporter.fields import CALENDAR_TYPES, STATISTICAL, fields
from connector.errors import DataError, Finding
from rules.calendar import Period
from rules.school import FLAGS, KNOWABLE, Address, Contact, Mark, Pupil, Spell, SpellKind

_SPELL_KINDS: Mapping[str, SpellKind] = {"S": "subsidiary", "G": "guest"}
"""DfE's enrolment status; current (C), main (M) and the others are a main spell."""


def missing_fields(*, collect: bool = False) -> MissingFields:
    """Return what notes the fields that Xporter's answers lack."""
    return MissingFields("Xporter", "ask the school to tick it in its Xporter authorisation", collect=collect)


def _reader(table: str, row: Row, missing: MissingFields) -> RowReader:
    return RowReader("Xporter", table, row, fields(table), missing)


def school(row: Row, missing: MissingFields) -> MisSchool:
    """Return the school's own row."""
    get = _reader("SchoolInfo", row, missing)
    lines = tuple(line.strip() for line in get.text("address").replace("\r", "").split("\n") if line.strip())
    return MisSchool(
        mis_id=get.text("mis_id"),
        name=get.text("name"),
        urn=get.text("urn"),
        phase=get.text("phase"),
        telephone=get.text("telephone"),
        email=get.text("email"),
        address=Address(lines),
    )


def code(row: Row, missing: MissingFields) -> MisCode:
    """Return an attendance code."""
    get = _reader("AttendanceCodes", row, missing)
    meaning = STATISTICAL.get(get.text("counts_as"), "")
    return MisCode(get.text("code"), get.text("meaning"), meaning)  # type: ignore[arg-type]


def period(row: Row, missing: MissingFields) -> Period | None:
    """Return a calendar entry; None for a type that says nothing about school days."""
    get = _reader("Calendar", row, missing)
    kind = CALENDAR_TYPES.get(get.text("kind"))
    start, end = get.day("start"), get.day("end")
    if kind is None or start is None or end is None:
        return None
    return Period(kind, get.text("name"), start, end, get.half("half"))  # type: ignore[arg-type]


def contacts(
    links: Iterable[Row], people: Iterable[Row], missing: MissingFields
) -> dict[str, tuple[Contact, ...]]:
    """Return contacts by pupil id, in order of priority."""
    by_id = {adult.contact_id: adult for adult in (person(row, missing) for row in people)}
    found: dict[str, list[Contact]] = {}
    for row in links:
        pupil_id, link = linked(row, missing)
        adult = by_id.get(link.contact_id)
        if adult is not None:  # otherwise a link left behind by a deleted contact: nobody to write to
            found.setdefault(pupil_id, []).append(
                replace(
                    adult,
                    relationship=link.relationship,
                    priority=link.priority,
                    parental_responsibility=link.parental_responsibility,
                    court_order=link.court_order,
                    correspondence=link.correspondence,
                )
            )
    return {pupil_id: by_priority(adults) for pupil_id, adults in found.items()}


def linked(row: Row, missing: MissingFields) -> tuple[str, Contact]:
    """Return a pupil's id and what a link says of a contact: everything but who it is."""
    get = _reader("StudentContacts", row, missing)
    return get.text("pupil_id"), Contact(
        contact_id=get.text("contact_id"),
        relationship=get.text("relationship"),
        priority=get.number("priority"),
        parental_responsibility=bool(get.flag("parental_responsibility")),
        court_order=get.flag("court_order"),
        correspondence=get.flag("correspondence"),
    )


def person(row: Row, missing: MissingFields) -> Contact:
    """Return what a contact's own row says: who it is, and the address."""
    get = _reader("Contacts", row, missing)
    number = " ".join(filter(None, (get.text("lines_number"), get.text("lines_street"))))
    lines = (get.text("lines_name"), number, get.text("lines_district"))
    return Contact(
        contact_id=get.text("contact_id"),
        title=get.text("title"),
        forename=get.text("forename"),
        surname=get.text("surname"),
        salutation=get.text("salutation"),
        language=get.text("language"),
        address=Address(
            tuple(line for line in lines if line),
            get.text("town"),
            get.text("county"),
            get.text("postcode"),
            get.text("country"),
        ),
        email=get.text("email"),
    )


def spells(history: Iterable[Row], missing: MissingFields) -> tuple[dict[str, tuple[Spell, ...]], int]:
    """Return spells on roll by pupil id, and how many pupils have some that overlap or have no day."""
    held: dict[str, list[Spell]] = {}
    for row in history:
        get = _reader("StudentEnrolmentHistory", row, missing)
        kind = _SPELL_KINDS.get(get.text("kind").upper(), "main")
        held.setdefault(get.text("pupil_id"), []).append(Spell(get.day("start"), get.day("end"), kind))
    of_pupil = {pupil_id: joined(found) for pupil_id, found in held.items()}
    return of_pupil, sum(len(of_pupil[pupil_id]) < len(found) for pupil_id, found in held.items())


def pupil(
    row: Row,
    adults: Mapping[str, tuple[Contact, ...]],
    spells_of: Mapping[str, tuple[Spell, ...]],
    missing: MissingFields,
) -> Pupil:
    """Return a student's row with its contacts and spells; without any, its entry and leaving date are the one spell."""
    get = _reader("Students", row, missing)
    pupil_id = get.text("pupil_id")
    texts = (
        "upn",
        "admission_number",
        "legal_forename",
        "legal_surname",
        "preferred_forename",
        "preferred_surname",
    )
    more = ("gender", "year_group", "registration_group", "sen_status", "ethnicity", "first_language")
    days = ("date_of_birth", "on_roll_from", "on_roll_to", "part_time_from", "part_time_to")
    return Pupil(
        pupil_id=pupil_id,
        **{name: get.text(name) for name in (*texts, *more)},  # type: ignore[arg-type]
        **{name: get.day(name) for name in days},  # type: ignore[arg-type]
        **{name: bool(get.flag(name)) for name in FLAGS},  # type: ignore[arg-type]
        unknown=get.not_known(KNOWABLE),
        contacts=adults.get(pupil_id, ()),
        spells=spells_of.get(pupil_id, ()),
    )


def mark(row: Row, missing: MissingFields) -> Mark:
    """Return a mark's row. Raises DataError for a session that is neither AM nor PM."""
    get = _reader("AttendanceForDateRange", row, missing)
    pupil_id, day, half = get.text("pupil_id"), get.day("date"), get.half("half")
    if day is None or half is None:
        raise DataError([Finding(f"Xporter mark of pupil {pupil_id}", "has no date or no AM or PM session")])
    return Mark(pupil_id, day, half, get.text("code"), get.number("minutes_late"), get.text("comment"))
