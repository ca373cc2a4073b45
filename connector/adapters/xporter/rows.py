"""Xporter's rows as school facts. A field that is not there at all is an error; an empty one is an empty value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from connector.adapters.base import MisCode, MisSchool, by_priority
from connector.adapters.spells import joined
from connector.adapters.xporter.client import Row
from connector.adapters.xporter.fields import CALENDAR_TYPES, STATISTICAL, names
from connector.errors import DataError, FatalError, Finding
from rules.calendar import Period
from rules.school import FLAGS, Address, Contact, Half, Mark, Pupil, Spell, SpellKind

_SPELL_KINDS: Mapping[str, SpellKind] = {"S": "subsidiary", "G": "guest"}
"""DfE's enrolment status; current (C), main (M) and the others are a main spell."""
_HALVES: Mapping[str, Half] = {"AM": "AM", "PM": "PM"}


def school(row: Row) -> MisSchool:
    """Return the school's own row."""
    get = _Reader("SchoolInfo", row)
    lines = tuple(line.strip() for line in get.text("address").replace("\r", "").split("\n") if line.strip())
    return MisSchool(
        mis_id=get.text("mis_id"),
        name=get.text("name"),
        urn=get.text("urn", needed=False),
        phase=get.text("phase"),
        telephone=get.text("telephone"),
        email=get.text("email"),
        address=Address(lines),
    )


def code(row: Row) -> MisCode:
    """Return an attendance code."""
    get = _Reader("AttendanceCodes", row)
    meaning = STATISTICAL.get(get.text("counts_as"), "")
    return MisCode(get.text("code"), get.text("meaning"), meaning)  # type: ignore[arg-type]


def period(row: Row) -> Period | None:
    """Return a calendar entry; None for a type that says nothing about school days."""
    get = _Reader("Calendar", row)
    kind = CALENDAR_TYPES.get(get.text("kind"))
    start, end = get.day("start"), get.day("end")
    if kind is None or start is None or end is None:
        return None
    return Period(kind, get.text("name"), start, end, _HALVES.get(get.text("half")))  # type: ignore[arg-type]


def contacts(links: Iterable[Row], people: Iterable[Row]) -> dict[str, tuple[Contact, ...]]:
    """Return contacts by pupil id, in order of priority."""
    by_id = {str(row.get(names("Contacts")["contact_id"])): row for row in people}
    found: dict[str, list[Contact]] = {}
    for link in links:
        get = _Reader("StudentContacts", link)
        person = by_id.get(get.text("contact_id"))
        if person is None:
            continue  # a link left behind by a deleted contact: nobody to write to
        found.setdefault(get.text("pupil_id"), []).append(_contact(get, _Reader("Contacts", person)))
    return {pupil_id: by_priority(adults) for pupil_id, adults in found.items()}


def _contact(link: _Reader, person: _Reader) -> Contact:
    priority = link.text("priority")
    number = " ".join(filter(None, (person.text("lines_number"), person.text("lines_street"))))
    lines = (person.text("lines_name"), number, person.text("lines_district"))
    return Contact(
        contact_id=link.text("contact_id"),
        title=person.text("title"),
        forename=person.text("forename"),
        surname=person.text("surname"),
        salutation=person.text("salutation"),
        relationship=link.text("relationship"),
        priority=int(priority) if priority.isdigit() else None,
        parental_responsibility=link.flag("parental_responsibility"),
        court_order=link.flag("court_order"),
        correspondence=link.flag("correspondence"),
        language=person.text("language"),
        address=Address(
            tuple(line for line in lines if line),
            person.text("town"),
            person.text("county"),
            person.text("postcode"),
            person.text("country"),
        ),
        email=person.text("email"),
    )


def spells(history: Iterable[Row]) -> tuple[dict[str, tuple[Spell, ...]], int]:
    """Return spells on roll by pupil id, and how many pupils have some that overlap or have no day."""
    held: dict[str, list[Spell]] = {}
    for row in history:
        get = _Reader("StudentEnrolmentHistory", row)
        kind = _SPELL_KINDS.get(get.text("kind").upper(), "main")
        held.setdefault(get.text("pupil_id"), []).append(Spell(get.day("start"), get.day("end"), kind))
    of_pupil = {pupil_id: joined(found) for pupil_id, found in held.items()}
    return of_pupil, sum(len(of_pupil[pupil_id]) < len(found) for pupil_id, found in held.items())


def pupil(
    row: Row, adults: Mapping[str, tuple[Contact, ...]], spells_of: Mapping[str, tuple[Spell, ...]]
) -> Pupil:
    """Return a student's row with its contacts and spells; without any, its entry and leaving date are the one spell."""
    get = _Reader("Students", row)
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
        **{name: get.flag(name) for name in FLAGS},  # type: ignore[arg-type]
        contacts=adults.get(pupil_id, ()),
        spells=spells_of.get(pupil_id, ()),
    )


def mark(row: Row) -> Mark:
    """Return a mark's row. Raises DataError for a session that is neither AM nor PM."""
    get = _Reader("AttendanceForDateRange", row)
    pupil_id, day, half = get.text("pupil_id"), get.day("date"), _HALVES.get(get.text("half"))
    if day is None or half is None:
        raise DataError([Finding(f"Xporter mark of pupil {pupil_id}", "has no date or no AM or PM session")])
    minutes = get.text("minutes_late")
    return Mark(pupil_id, day, half, get.text("code"), int(minutes) if minutes else None, get.text("comment"))


class _Reader:
    """Reads one row by our names."""

    def __init__(self, table: str, row: Row) -> None:
        self._table = table
        self._row = row
        self._names = names(table)

    def text(self, name: str, *, needed: bool = True) -> str:
        """Return a field as text, outer white space gone. Raises FatalError when the row has no such field."""
        value: Any = self._row.get(self._names[name], _ABSENT)
        if value is _ABSENT:
            if not needed:
                return ""
            raise FatalError(
                f"Xporter: {self._table} holds no field {self._names[name]}",
                fix="ask the school to tick it in its Xporter authorisation, or correct the name in fields.toml",
            )
        return "" if value is None else str(value).strip()

    def flag(self, name: str) -> bool:
        """Return a 0/1 field."""
        return self.text(name).lower() in ("1", "1.0", "true", "t", "y")

    def day(self, name: str) -> date | None:
        """Return a date or date-time as a date; None when empty."""
        value = self.text(name)
        try:
            return datetime.fromisoformat(value).date() if value else None
        except ValueError:
            raise DataError(
                [
                    Finding(
                        f"Xporter {self._table}.{self._names[name]}",
                        "is not an ISO date",
                        "report it to Groupcall's support",
                    )
                ]
            ) from None


_ABSENT = object()
