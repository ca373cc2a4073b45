"""Students with their contacts, as Wonde sends them. What is null is empty, what is not there is not known."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from connector.adapters.base import by_priority
from connector.adapters.row_reader import MissingFields, RowReader
from connector.adapters.wonde.fields import GENDERS, fields, names, reader
from connector.adapters.wonde.settings import WondeSettings
from connector.adapters.wonde.wrapping import Row, id_of, many, one, unwrap
from rules.contact import Address, Contact
from rules.school import FLAGS, Pupil

_PHONES = ("phone_mobile", "phone_home", "phone_work", "phone")
"""In the order in which to call."""


def includes() -> str:
    """Return what to ask for with each student."""
    return ",".join(names("includes").values())


def pupil(row: Row, settings: WondeSettings, missing: MissingFields, *, gone: Collection[str] = ()) -> Pupil:
    """Return a student with its includes. ``gone``: ids of contacts that Wonde says are deleted."""
    student = reader("student", row, missing)
    education = block("education_details", row, "education", missing)
    extended = block("extended_details", row, "extended", missing)
    gender = student.text("gender")
    texts = ("legal_forename", "legal_surname", "preferred_forename", "preferred_surname")
    return Pupil(
        pupil_id=student.text("mis_id"),
        **{name: student.text(name) for name in texts},  # type: ignore[arg-type]
        upn=education.text("upn"),
        admission_number=education.text("admission_number"),
        date_of_birth=student.day("date_of_birth"),
        gender=GENDERS.get(gender.upper(), gender),
        year_group=block("year", row, "year", missing).text("year_group"),
        registration_group=_registration_group(row, settings.registration_group_type, missing),
        on_roll_from=education.day("on_roll_from"),
        on_roll_to=education.day("on_roll_to"),
        part_time_from=education.day("part_time_from"),
        part_time_to=education.day("part_time_to"),
        sen_status=extended.text("sen_status"),
        ethnicity=extended.text("ethnicity"),
        first_language=extended.text("first_language"),
        **{name: bool(extended.flag(name)) for name in FLAGS},  # type: ignore[arg-type]
        deceased=bool(student.flag("pupil_deceased")),
        unknown=extended.not_known((*FLAGS, "sen_status"))
        | education.not_known(("part_time_from", "part_time_to"))
        | student.not_known(("date_of_birth",)),
        contacts=by_priority(_contacts(row, settings, missing, gone)),
    )


def block(table: str, row: Row, include: str, missing: MissingFields) -> RowReader:
    """Return a reader of an included block. One that is there and empty has every field, with nothing in it."""
    key = names("includes").get(include, "")
    return reader(table, filled(table, row.get(key), there=key in row), missing)


def filled(table: str, value: object, *, there: bool = True) -> Row:
    """Return a block's fields; all of them, with nothing in them, where null or ``[]`` stands in its place.

    An object without a field is one whose fields are not approved.
    """
    nothing = there and unwrap(value) in (None, [])
    return dict.fromkeys(names(table).values()) if nothing else one(value, table) or {}


def _registration_group(row: Row, group_type: str, missing: MissingFields) -> str:
    """Return the registration group: the block of that name, else the group of its type among the groups."""
    key = names("includes").get("registration", "")
    held = one(row.get(key), key)
    name = reader("registration", held, missing).text("registration_group") if held else ""
    if name:
        return name
    groups = [reader("group", group, missing) for group in _list(row, "groups")]
    return next((group.text("name") for group in groups if group.text("type") == group_type), "")


def _list(row: Row, include: str) -> list[Row]:
    key = names("includes").get(include, "")
    return many(row.get(key), key)


def contact_rows(row: Row) -> list[Row]:
    """Return the contacts that hang on a student, the student among them where Wonde has it so."""
    return _list(row, "contacts")


def _contacts(
    row: Row, settings: WondeSettings, missing: MissingFields, gone: Collection[str]
) -> Iterable[Contact]:
    """Yield the adults of a student."""
    for contact in contact_rows(row):
        made = _contact(contact, settings, missing)
        if not is_the_same_person(contact, row) and id_of(contact) not in gone:
            yield made


def is_the_same_person(contact: Row, student: Row) -> bool:
    """Return whether a contact is the pupil: Wonde has pupils among their own contacts, flags set.

    A MIS may number contacts and pupils apart, so that the same number alone means nothing.
    """
    mine, theirs = names("contact"), names("student")
    upis = contact.get(mine.get("upi", "")), student.get(theirs.get("upi", ""))
    if all(upis):
        return bool(upis[0] == upis[1])
    same = [("mis_id", "mis_id"), ("forename", "preferred_forename"), ("surname", "preferred_surname")]
    return all(str(contact.get(mine.get(a, ""))) == str(student.get(theirs.get(b, ""))) for a, b in same)


def _contact(row: Row, settings: WondeSettings, missing: MissingFields) -> Contact:
    person = reader("contact", row, missing)
    # a flag that the MIS leaves empty says as little as one that is not there
    held = one(row.get("relationship"), "relationship") or {}
    pair = reader("relationship", {key: value for key, value in held.items() if value is not None}, missing)
    details = _details(row)
    correspondence = pair.flag("correspondence")
    return Contact(
        contact_id=person.text("mis_id") or id_of(row),
        title=person.text("title"),
        forename=person.text("forename"),
        surname=person.text("surname"),
        salutation=reader("contact_details", details, missing).text("salutation"),
        relationship=pair.text("relationship"),
        priority=pair.number("priority"),
        parental_responsibility=bool(pair.flag("parental_responsibility")),
        court_order=pair.flag("court_order"),
        correspondence=correspondence if settings.correspondence == "read" else None,
        language=person.text("language"),
        address=_address(details, missing),
        email=_email(reader("emails", _part(details, "emails"), missing)),
        telephones=_telephones(reader("phones", _part(details, "phones"), missing)),
        deceased=bool(person.flag("deceased")),
        refuge=bool(person.flag("refuge")),
    )


def _details(row: Row) -> Row:
    key = names("includes").get("contact_details", "").rpartition(".")[2]
    return filled("contact_details", row.get(key), there=key in row)


def _part(details: Row, name: str) -> Row:
    """Return a part of the contact details: what the block leaves out is not known, what is null is empty."""
    return filled(name, details.get(name), there=name in details)


def _email(emails: RowReader) -> str:
    """Return the first address that there is; the one at work is nobody's for letters from school."""
    addresses = (emails.text(name) for name in ("email", "email_primary", "email_home"))
    return next(filter(None, addresses), "")


def _telephones(phones: RowReader) -> tuple[str, ...]:
    """Return the numbers in the order in which to call, none twice however it is typed."""
    numbers: dict[str, str] = {}
    for name in _PHONES:
        number = phones.text(name)
        digits = re.sub(r"\D", "", number)
        digits = re.sub(r"^(?:00)?44(?:0)?", "0", digits) if number.startswith(("+44", "0044")) else digits
        if digits:
            numbers.setdefault(digits, number)
    return tuple(numbers.values())


def _address(details: Row, missing: MissingFields) -> Address:
    """Return the postal address where there is one, else the home address."""
    places = one(details.get("addresses"), "addresses") or {}
    for kind in ("postal", "home"):
        held = one(places.get(kind), "an address")
        if held is None:
            continue
        get = reader("place", held, missing)
        place = {name: get.text(name) for name in fields("place")}
        if any(place.values()):
            name = " ".join(filter(None, (place["apartment"], place["house_name"])))
            street = " ".join(filter(None, (place["house_number"], place["street"])))
            lines = tuple(line for line in (name, street, place["district"]) if line)
            return Address(lines, place["town"], place["county"], place["postcode"], place["country"])
    return Address()
