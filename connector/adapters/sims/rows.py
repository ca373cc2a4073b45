"""SIMS's rows as school facts. A field that is not there at all is an error; a null one is an empty value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from connector.adapters.base import MisCode, MisSchool, by_priority
from connector.adapters.row_reader import MissingFields
from connector.adapters.sims.client import Row
from connector.adapters.sims.fields import words
from connector.adapters.sims.reader import Reader
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
    texts = {name: get.text(f"school_{name}") for name in ("name", "urn", "phase", "telephone", "email")}
    address = _address(get.row("school_address"), missing)
    return MisSchool(mis_id=get.text("external_id"), address=address, **texts)


def codes(
    rows: Iterable[Row], statutory: Iterable[Row], missing: MissingFields, *, translate: bool
) -> dict[str, MisCode]:
    """Return attendance codes by ExternalID. With ``translate`` a school's own code is read as the statutory one behind it."""
    behind = {}
    for row in statutory:
        get = Reader("statutory_codes", row, missing)
        counts_as = words("counts_as").get(get.text("counts_as").lower(), "")
        code, meaning = get.text("statutory_code"), get.text("statutory_meaning")
        behind[get.guid("external_id")] = MisCode(code, meaning, counts_as)  # type: ignore[arg-type]
    found = {}
    for row in rows:
        get = Reader("codes", row, missing)
        own, meaning = get.text("code"), get.text("meaning")
        if get.has("code") and not own:
            get.odd("code", "is empty", "report it to the vendor")
        known = behind.get(get.reference("statutory"))
        if known and known.code and translate and own != known.code and not _in_a_code_set(own):
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


def session(row: Row, missing: MissingFields) -> tuple[str, Session] | None:
    """Return a half day by its ExternalID. The half is what SIMS calls it, not what the time of day says.

    None, in a check, for one that cannot be read.
    """
    get = Reader("sessions", row, missing)
    day, half, external_id = get.day("start"), get.half("half"), get.guid("external_id")
    if get.has("start") and day is None:
        get.odd("start", "is empty for a session", "report it to the vendor")
    if get.has("half") and half is None:
        get.odd("half", "is neither AM nor PM", "report it to the vendor")
    return (external_id, Session(day, half)) if day and half else None


def pupil(
    row: Row, pupil_id: str, learner: Row | None, missing: MissingFields, *, links: Iterable[Row]
) -> Pupil:
    """Return a pupil from the row in LearnerPersonals and that in LearnerIdentifiers, which has the groups as they are now.

    ``links``: the rows of the contacts.
    """
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
        deceased=bool(get.flag("pupil_deceased")),
        contacts=by_priority(_contacts(links, missing, silent=silent)),
    )


def is_stale(link: Row, external_id: str, missing: MissingFields) -> bool:
    """Return whether a link to a contact names another record than the learner whom it hangs on.

    A link that a school has deleted can still come through the pupil's old applicant record; it then names that one.
    """
    return Reader("contacts", link, missing).reference("learner") not in ("", external_id)


def off_roll_without_a_date(pupil: Pupil, learner: Row | None, missing: MissingFields) -> bool:
    """Return whether SIMS says that a pupil is not on roll and gives no date that would say when."""
    state = Reader("learners", learner, missing).text("on_roll_state") if learner else ""
    return bool(state) and state.casefold() != "current" and not (pupil.on_roll_from or pupil.on_roll_to)


def _contacts(rows: Iterable[Row], missing: MissingFields, *, silent: bool) -> Iterable[Contact]:
    """Yield contacts. Where a learner is not to be communicated about, nobody is written to."""
    for row in rows:
        contact = _contact(Reader("contacts", row, missing), missing)
        yield replace(contact, correspondence=False) if silent else contact


def _contact(get: Reader, missing: MissingFields) -> Contact:
    texts = ("title", "forename", "surname", "salutation", "relationship", "language", "email")
    return Contact(
        contact_id=get.text("person_id") or get.text("external_id"),
        **{name: get.text(name) for name in texts},
        priority=get.number("priority"),
        parental_responsibility=bool(get.flag("parental_responsibility")),
        court_order=get.flag("court_order"),
        correspondence=get.flag("correspondence"),
        address=_address(get.row("address"), missing),
        telephones=tuple(filter(None, (get.text("phone"),))),
        deceased=bool(get.flag("deceased")),
        refuge=bool(get.flag("refuge")),
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
