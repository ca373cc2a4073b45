"""The adults round a pupil, from three of Xporter's tables: who they are, whose they are, how to reach them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from connector.adapters.base import by_priority
from connector.adapters.row_reader import MissingFields, RowReader
from connector.adapters.xporter.rows import Row, bare_id, reader
from rules.school import Address, Contact

_TELEPHONES = ("T", "M")


def contacts(
    links: Iterable[Row], people: Iterable[Row], comms: Iterable[Row], missing: MissingFields
) -> dict[str, tuple[Contact, ...]]:
    """Return contacts by pupil id, in order of priority."""
    numbers = telephones(comms, missing)
    by_id = {adult.contact_id: adult for adult in (person(row, numbers, missing) for row in people)}
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
    get = reader("StudentContact", row, missing)
    return bare_id(get.text("pupil_id")), Contact(
        contact_id=bare_id(get.text("contact_id")),
        relationship=get.text("relationship"),
        priority=get.number("priority"),
        parental_responsibility=bool(get.flag("parental_responsibility")),
        court_order=get.flag("court_order"),
        correspondence=get.flag("correspondence"),
    )


def person(row: Row, numbers: Mapping[str, tuple[str, ...]], missing: MissingFields) -> Contact:
    """Return what a contact's own row says, and its telephone numbers: those of PersonComms, then the row's own."""
    get = reader("Contacts", row, missing)
    contact_id = bare_id(get.text("contact_id"))
    own = [get.text(name) for name in ("phone_home", "phone_work", "phone_mobile")]
    return Contact(
        contact_id=contact_id,
        title=get.text("title"),
        forename=get.text("forename"),
        surname=get.text("surname"),
        salutation=get.text("salutation"),
        language=get.text("language"),
        address=_address(get),
        email=get.text("email") or get.text("work_email"),
        telephones=without_doubles((*numbers.get(contact_id, ()), *own)),
        deceased=bool(get.flag("deceased")),
        refuge=bool(get.flag("refuge")),
    )


def telephones(comms: Iterable[Row], missing: MissingFields) -> dict[str, tuple[str, ...]]:
    """Return numbers by person's id: the default one first, then by priority."""
    found: dict[str, list[tuple[bool, int, str]]] = {}
    for row in comms:
        get = reader("PersonComms", row, missing)
        person_id, kind, number = bare_id(get.text("person_id")), get.text("kind").upper(), get.text("value")
        order, default = get.number("order"), get.flag("default")
        if kind in _TELEPHONES and number:
            last = 1_000_000 if order is None else order
            found.setdefault(person_id, []).append((default is not True, last, number))
    return {person_id: tuple(number for *_, number in sorted(rows)) for person_id, rows in found.items()}


def without_doubles(numbers: Iterable[str]) -> tuple[str, ...]:
    """Return numbers in their order, none twice: "01632 960101" and "01632960101" are one."""
    kept: dict[str, str] = {}
    for number in numbers:
        digits = "".join(sign for sign in number if sign.isdigit() or sign == "+")
        if digits:
            kept.setdefault(digits, number)
    return tuple(kept.values())


def _address(get: RowReader) -> Address:
    """Return the parts of SIMS's address as lines before the town: flat or house, number and street, district."""
    street = " ".join(filter(None, (get.text("house_number"), get.text("street"))))
    house = ", ".join(filter(None, (get.text("apartment"), get.text("house_name"))))
    lines = (house, street, get.text("district"))
    return Address(
        tuple(line for line in lines if line),
        get.text("town"),
        get.text("county"),
        get.text("postcode"),
        get.text("country"),
    )
