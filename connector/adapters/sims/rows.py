"""SIMS's rows as school facts. A field that is not there at all is an error; a null one is an empty value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from connector.adapters.base import MisCode, MisSchool, by_priority
from connector.adapters.row_reader import MissingFields
from connector.adapters.sims.client import Row
from connector.adapters.sims.fields import words
from connector.adapters.sims.reader import Reader
from connector.errors import DataError, Finding
from rules.calendar import Period
from rules.codes import code_sets
from rules.school import FLAGS, KNOWABLE, Address, Contact, Pupil, Session

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


def school(row: Row, missing: MissingFields) -> MisSchool:
    """Return the school's own row."""
    get = Reader("schools", row, missing)
    texts = {name: get.text(name) for name in ("name", "urn", "phase", "telephone", "email")}
    return MisSchool(mis_id=get.text("external_id"), address=_address(get.row("address"), missing), **texts)


def codes(
    rows: Iterable[Row], statutory: Iterable[Row], missing: MissingFields, *, translate: bool
) -> dict[str, MisCode]:
    """Return attendance codes by ExternalID. With ``translate`` a school's own code is read as the statutory one behind it."""
    behind = {}
    for row in statutory:
        get = Reader("statutory_codes", row, missing)
        counts_as = words("counts_as").get(get.text("counts_as").lower(), "")
        behind[get.guid("external_id")] = MisCode(get.text("code"), get.text("meaning"), counts_as)  # type: ignore[arg-type]
    found = {}
    for row in rows:
        get = Reader("codes", row, missing)
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


def period(row: Row, missing: MissingFields) -> Period | None:
    """Return a calendar entry; None for a type that says nothing about school days."""
    get = Reader("periods", row, missing)
    kind = words("periods").get(get.text("kind").lower())
    start, end = get.day("start"), get.day("end")
    if kind is None or start is None or end is None:
        return None
    return Period(kind, get.text("name"), start, end, get.half("half"))  # type: ignore[arg-type]


def session(row: Row, missing: MissingFields) -> tuple[str, Session]:
    """Return a half day by its ExternalID. The half is what SIMS calls it, not what the time of day says."""
    get = Reader("sessions", row, missing)
    day, half = get.day("start"), get.half("half")
    if day is None or half is None:
        raise DataError(
            [Finding("SIMS StatutoryAttendanceSessions", "a session has no date or is neither AM nor PM")]
        )
    return get.guid("external_id"), Session(day, half)


def pupil(
    row: Row, pupil_id: str, learner: Row | None, missing: MissingFields, *, with_contacts: bool
) -> Pupil:
    """Return a pupil from the row in LearnerPersonals and that in LearnerIdentifiers, which has the groups as they are now."""
    get, groups = Reader("personals", row, missing), Reader("learners", learner, missing) if learner else None
    silent = groups is not None and groups.flag("do_not_communicate") is True
    return Pupil(
        pupil_id=pupil_id,
        year_group=groups.described("year_group") if groups else "",
        registration_group=groups.described("registration_group") if groups else "",
        **{name: get.text(name) for name in _TEXTS},  # type: ignore[arg-type]
        **{name: get.day(name) for name in _DAYS},  # type: ignore[arg-type]
        **{name: bool(get.flag(name)) for name in FLAGS},  # type: ignore[arg-type]
        unknown=get.not_known(KNOWABLE),
        contacts=_contacts(get.expanded("contacts"), missing, silent=silent) if with_contacts else (),
    )


def _contacts(rows: Iterable[Row], missing: MissingFields, *, silent: bool) -> tuple[Contact, ...]:
    """Return contacts in order of priority. Where a learner is not to be communicated about, nobody is written to."""
    found = [_contact(Reader("contacts", row, missing), missing) for row in rows]
    if silent:
        found = [replace(contact, correspondence=False) for contact in found]
    return by_priority(found)


def _contact(get: Reader, missing: MissingFields) -> Contact:
    texts = ("title", "forename", "surname", "salutation", "relationship", "language", "email")
    return Contact(
        contact_id=get.text("person_id") or get.text("external_id"),
        **{name: get.text(name) for name in texts},  # type: ignore[arg-type]
        priority=get.number("priority"),
        parental_responsibility=bool(get.flag("parental_responsibility")),
        court_order=get.flag("court_order"),
        correspondence=get.flag("correspondence"),
        address=_address(get.row("address"), missing),
    )


def _address(row: Row | None, missing: MissingFields) -> Address:
    if row is None:
        return Address()
    get = Reader("address", row, missing)
    lines = (get.text(f"line_{number}") for number in (1, 2, 3))
    return Address(
        tuple(line for line in lines if line),
        get.text("town"),
        get.text("county"),
        get.text("postcode"),
        get.text("country"),
    )
