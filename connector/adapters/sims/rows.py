"""SIMS's rows as school facts. A field that is not there at all is an error; a null one is an empty value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from connector.adapters.base import MisCode, MisSchool, by_priority
from connector.adapters.sims.client import Row
from connector.adapters.sims.fields import names, set_path, words
from connector.errors import DataError, FatalError, Finding
from rules.calendar import Period
from rules.codes import code_sets
from rules.school import FLAGS, Address, Contact, Half, Pupil, Session

HALVES: Mapping[str, Half] = {"AM": "AM", "PM": "PM"}
_TEXTS = (
    "upn",
    "admission_number",
    "legal_forename",
    "legal_surname",
    "preferred_forename",
    "preferred_surname",
    "gender",
    "sen_status",
    "ethnicity",
    "first_language",
)
_DAYS = ("date_of_birth", "on_roll_from", "on_roll_to", "part_time_from", "part_time_to")


def school(row: Row) -> MisSchool:
    """Return the school's own row."""
    get = Reader("schools", row)
    texts = {name: get.text(name) for name in ("name", "urn", "phase", "telephone", "email")}
    return MisSchool(mis_id=get.text("external_id"), address=_address(get.row("address")), **texts)


def codes(rows: Iterable[Row], statutory: Iterable[Row], *, translate: bool) -> dict[str, MisCode]:
    """Return attendance codes by ExternalID. With ``translate`` a school's own code is read as the statutory one behind it."""
    behind = {}
    for row in statutory:
        get = Reader("statutory_codes", row)
        counts_as = words("counts_as").get(get.text("counts_as").lower(), "")
        behind[get.guid("external_id")] = MisCode(get.text("code"), get.text("meaning"), counts_as)  # type: ignore[arg-type]
    found = {}
    for row in rows:
        get = Reader("codes", row)
        own, meaning = get.text("code"), get.text("meaning")
        known = behind.get(get.reference("statutory"))
        if known and translate and own != known.code and not _in_a_code_set(own):
            found[get.guid("external_id")] = known
        else:
            found[get.guid("external_id")] = MisCode(own, meaning, known.counts_as if known else "")
    return found


def _in_a_code_set(code: str) -> bool:
    return code in ("", "-") or any(
        code in held.codes for nation in ("england", "wales") for held in code_sets(nation)
    )


def period(row: Row) -> Period | None:
    """Return a calendar entry; None for a type that says nothing about school days."""
    get = Reader("periods", row)
    kind = words("periods").get(get.text("kind").lower())
    start, end = get.day("start"), get.day("end")
    if kind is None or start is None or end is None:
        return None
    return Period(kind, get.text("name"), start, end, HALVES.get(get.text("half").upper()))  # type: ignore[arg-type]


def session(row: Row) -> tuple[str, Session]:
    """Return a half day by its ExternalID. The half is what SIMS calls it, not what the time of day says."""
    get = Reader("sessions", row)
    day, half = get.day("start"), HALVES.get(get.text("half").upper())
    if day is None or half is None:
        raise DataError(
            [Finding("SIMS StatutoryAttendanceSessions", "a session has no date or is neither AM nor PM")]
        )
    return get.guid("external_id"), Session(day, half)


def pupil(row: Row, pupil_id: str, learner: Row | None, *, with_contacts: bool) -> Pupil:
    """Return a pupil from the row in LearnerPersonals and that in LearnerIdentifiers, which has the groups as they are now."""
    get, groups = Reader("personals", row), Reader("learners", learner) if learner else None
    silent = groups is not None and groups.flag("do_not_communicate")
    return Pupil(
        pupil_id=pupil_id,
        year_group=groups.described("year_group") if groups else "",
        registration_group=groups.described("registration_group") if groups else "",
        **{name: get.text(name) for name in _TEXTS},  # type: ignore[arg-type]
        **{name: get.day(name) for name in _DAYS},  # type: ignore[arg-type]
        **{name: get.flag(name) for name in FLAGS},  # type: ignore[arg-type]
        contacts=_contacts(get.expanded("contacts"), silent=silent) if with_contacts else (),
    )


def _contacts(rows: Iterable[Row], *, silent: bool) -> tuple[Contact, ...]:
    """Return contacts in order of priority. Where a learner is not to be communicated about, nobody is written to."""
    found = [_contact(Reader("contacts", row)) for row in rows]
    if silent:
        found = [replace(contact, correspondence=False) for contact in found]
    return by_priority(found)


def _contact(get: Reader) -> Contact:
    texts = ("title", "forename", "surname", "salutation", "relationship", "language", "email")
    return Contact(
        contact_id=get.text("person_id") or get.text("external_id"),
        **{name: get.text(name) for name in texts},
        priority=get.number("priority"),
        parental_responsibility=get.flag("parental_responsibility"),
        court_order=get.flag("court_order"),
        correspondence=get.flag("correspondence"),
        address=_address(get.row("address")),
    )


def _address(row: Row | None) -> Address:
    if row is None:
        return Address()
    get = Reader("address", row)
    lines = (get.text(f"line_{number}") for number in (1, 2, 3))
    return Address(
        tuple(line for line in lines if line),
        get.text("town"),
        get.text("county"),
        get.text("postcode"),
        get.text("country"),
    )


class Reader:
    """One row, read by our names. Raises FatalError when a field that is needed is not there at all."""

    def __init__(self, table: str, row: Row) -> None:
        self._table = table
        self._row = row
        self._names = names(table)

    def _value(self, name: str) -> Any:
        their = self._names[name]
        if their not in self._row:
            raise FatalError(
                f"SIMS: {self._called()} holds no field {their}",
                fix="ask the vendor for the permission to read it, or correct the name in fields.toml",
            )
        return self._row[their]

    def _called(self) -> str:
        return set_path(self._table)[1] if self._table in names("sets") else self._table.title()

    def _wrong(self, name: str, what: str) -> DataError:
        return DataError([Finding(f"SIMS {self._called()}.{self._names[name]}", what, "correct it in SIMS")])

    def text(self, name: str) -> str:
        """Return a field as text, outer white space gone."""
        value = self._value(name)
        return "" if value is None else str(value).strip()

    def guid(self, name: str) -> str:
        """Return an id that rows are joined by; its case does not matter. Raises FatalError for an empty one."""
        value = self.text(name).lower()
        if not value:
            raise FatalError(f"SIMS: a row of {self._called()} has no {self._names[name]}")
        return value

    def row(self, name: str) -> Row | None:
        """Return a value made of fields; None when empty."""
        value = self._value(name)
        if value is not None and not isinstance(value, dict):
            raise FatalError(f"SIMS: {self._called()}.{self._names[name]} has another shape than documented")
        return value

    def reference(self, name: str) -> str:
        """Return the ExternalID of the row that a reference points to; empty for none."""
        value = self.row(name)
        return str(value.get("ExternalID") or "").lower() if value else ""

    def reference_type(self, name: str) -> str:
        """Return the Type of a reference; empty for none."""
        value = self.row(name)
        return str(value.get("Type") or "") if value else ""

    def described(self, name: str) -> str:
        """Return the Description of a reference; empty for none."""
        value = self.row(name)
        if value is None:
            return ""
        if "Description" not in value:
            raise FatalError(f"SIMS: {self._called()}.{self._names[name]} has no Description")
        return str(value["Description"] or "").strip()

    def flag(self, name: str) -> bool:
        """Return a true/false field; null is false, but for correspondence, where saying nothing forbids nothing."""
        value = self._value(name)
        if value is None:
            return name == "correspondence"
        if isinstance(value, bool):
            return value
        if str(value).strip().lower() in ("0", "1", "t", "f", "true", "false"):
            return str(value).strip().lower() in ("1", "t", "true")
        raise self._wrong(name, "is neither true nor false")

    def number(self, name: str) -> int | None:
        """Return a whole number; None when empty."""
        value = self.text(name)
        if value and not value.isdigit():
            raise self._wrong(name, "is no whole number")
        return int(value) if value else None

    def day(self, name: str) -> date | None:
        """Return a date or date-time as a date; None when empty."""
        value = self.text(name)
        try:
            return date.fromisoformat(value[:10]) if value else None
        except ValueError:
            raise self._wrong(name, "is no date") from None

    def moment(self, name: str) -> datetime | None:
        """Return a date-time with its zone; None when empty."""
        value = self.text(name)
        try:
            found = datetime.fromisoformat(value) if value else None
        except ValueError:
            raise self._wrong(name, "is no date and time") from None
        if found is not None and found.tzinfo is None:
            raise self._wrong(name, "has no time zone")
        return found

    def expanded(self, name: str) -> list[Row]:
        """Return rows that were expanded inside this one, all of them. Raises FatalError when SIMS gives only some."""
        rows = self._value(name)
        if not isinstance(rows, list) or f"{self._names[name]}@odata.nextLink" in self._row:
            raise FatalError(
                f"SIMS: {self._called()} does not bring all of {self._names[name]} with it",
                fix='set marks_by = "record"'
                if name == "records"
                else "set contacts = false and supply contacts.csv",
            )
        return rows
