"""A pupil's contacts, from Arbor's rows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from connector.adapters.arbor.pupils.batch import Batch, rows_of
from connector.adapters.arbor.rows import (
    Owner,
    Row,
    flag_of,
    in_force,
    name_in,
    number_of,
    owner_of,
    related_id,
    text_of,
    whole_of,
)
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import no_access
from rules.school import Address, Contact


def contacts_of(
    rows: Iterable[Row], child: Collection[Owner], batch: Batch, day: date, settings: ArborSettings
) -> tuple[Contact, ...]:
    """Return the adults round a pupil, first contact first; ``child``: the pupil as Arbor's rows name them."""
    contacts = [_contact(row, child, batch, day, settings) for row in rows if related_id(row, "guardian")]
    contacts.sort(key=lambda contact: (contact.priority is None, contact.priority or 0))
    return tuple(contacts)


def has_died(person: Mapping[str, object]) -> bool:
    """Return whether Arbor marks a person as deceased, or gives a date of death, readable or not."""
    return bool(flag_of(person.get("deceased"))) or person.get("dateOfDeath") not in (None, "", [], {})


def _contact(row: Row, child: Collection[Owner], batch: Batch, day: date, settings: ArborSettings) -> Contact:
    guardian = row["guardian"]
    person = guardian.get("person")
    if person is None:
        raise no_access("Guardian.person")
    me = {("Guardian", str(guardian["id"])), ("Person", str(person.get("id", "")))}
    address = _address_row(me, batch, day)
    return Contact(
        contact_id=str(guardian["id"]),
        title=name_in(person, "title", "title"),
        forename=text_of(person, "preferredFirstName") or text_of(person, "legalFirstName"),
        surname=text_of(person, "preferredLastName") or text_of(person, "legalLastName"),
        relationship=name_in(row, "guardianRelationshipType", "relationshipName"),
        priority=_priority(row),
        parental_responsibility=bool(flag_of(row.get("isLegalGuardian"))),
        court_order=_restricted(me, child, batch, day, settings),
        correspondence=_correspondence(row, settings),
        language=_letter_language(me, batch),
        address=address_of(address["postalAddress"] if address else None),
        email=_email(me, batch),
        telephones=_telephones(me, batch, settings),
        deceased=has_died(person),
        refuge=_refuge(guardian, me, batch, day, settings),
    )


def _priority(row: Row) -> int | None:
    """Return the order in which to call; Arbor's client has it as text."""
    number = whole_of(row.get("emergencyContactPriority"))
    return 1 if number is None and flag_of(row.get("isPrimaryGuardian")) else number


def _correspondence(row: Row, settings: ArborSettings) -> bool | None:
    """Return whether an adult may be written to; None where Arbor does not say whether they unsubscribed."""
    if not settings.unsubscribed_means_no_letters:
        return True
    unsubscribed = flag_of(row.get("unsubscribedFromComms"))
    return None if unsubscribed is None else not unsubscribed


def _restricted(
    me: Collection[Owner], child: Collection[Owner], batch: Batch, day: date, settings: ArborSettings
) -> bool | None:
    """Return True when an order in force names this adult and, where it names children at all, this child.

    None where court orders are not read or not shown: nobody says.
    """
    if settings.court_order_parties == "none" or "court_order" in batch.hidden.facts:
        return None
    parties: dict[str, set[Owner]] = defaultdict(set)
    for row in batch.orders:
        if in_force(row["courtOrder"] or {}, day, "CourtOrder"):
            parties[related_id(row, "courtOrder")].add(owner_of(row, "party"))
    for named in parties.values():
        children = {owner for owner in named if owner[0] == "Student"}
        if named & set(me) and (not children or children & set(child)):
            return True
    return False


def _address_rows(me: Collection[Owner], batch: Batch, day: date) -> list[Row]:
    """Return the addresses in force, the one for letters first, the last entered of several."""
    rows = [
        row
        for row in rows_of(batch.addresses, me)
        if in_force(row, day, "PostalAddressOccupancy") and isinstance(row.get("postalAddress"), dict)
    ]
    return sorted(rows, key=lambda row: (not flag_of(row.get("isCorrespondenceAddress")), -number_of(row)))


def _address_row(me: Collection[Owner], batch: Batch, day: date) -> Row | None:
    """Return where letters go: the correspondence address in force, else any in force, else none."""
    return next(iter(_address_rows(me, batch, day)), None)


def _refuge(guardian: Row, me: Collection[Owner], batch: Batch, day: date, settings: ArborSettings) -> bool:
    """Return whether an adult's address must be kept secret: by its type, or by what the adult lets be shared."""
    secret = {_word(word) for word in settings.refuge_address_types}
    if any(_word(text_of(row, "postalAddressType")) in secret for row in _address_rows(me, batch, day)):
        return True
    return settings.unshared_is_refuge and flag_of(guardian.get("shareContactDetails")) is False


def _word(text: str) -> str:
    return text.casefold().replace("_", " ").strip()


def address_of(row: Row | None) -> Address:
    """Return a postal address; empty for none."""
    if row is None:
        return Address()
    lines = tuple(text for name in ("address1", "address2", "address3") if (text := text_of(row, name)))
    return Address(
        lines=lines,
        town=text_of(row, "postalTown"),
        county=text_of(row, "postalState"),
        postcode=text_of(row, "postalCode"),
        country=name_in(row, "country", "longName"),
    )


def _email(me: Collection[Owner], batch: Batch) -> str:
    rows = [row for row in rows_of(batch.emails, me) if text_of(row, "emailAddress").strip()]
    rows.sort(
        key=lambda row: (
            text_of(row, "emailAddressType").upper() == "WORK",
            whole_of(row.get("dataOrder")) or 0,
            number_of(row),
        )
    )
    return text_of(rows[0], "emailAddress").strip() if rows else ""


def _telephones(me: Collection[Owner], batch: Batch, settings: ArborSettings) -> tuple[str, ...]:
    """Return an adult's numbers, the lowest ranking first, none twice however it is written."""
    owners = {"guardian": ("Guardian",), "person": ("Person",)}.get(settings.telephone_owner, ())
    who = [owner for owner in me if not owners or owner[0] in owners]
    rows = rows_of(batch.telephones, who)
    rows.sort(key=lambda row: (_ranking(row) is None, _ranking(row) or 0, number_of(row)))
    numbers: dict[str, str] = {}
    for row in rows:
        number, extension = text_of(row, "number").strip(), text_of(row, "extensionNumber").strip()
        if number:
            shown = f"{number} ext. {extension}" if extension else number
            numbers.setdefault(f"{_dialled(number)} {_dialled(extension)}", shown)
    return tuple(numbers.values())


def _ranking(row: Row) -> int | None:
    return whole_of(row.get("telephoneNumberRanking"))


def _dialled(number: str) -> str:
    """Return the digits that are dialled within the country: +44 (0)1632 960 001 is 01632960001."""
    digits = re.sub(r"[^\d+]", "", number.replace("(0)", ""))
    return re.sub(r"^(\+44|0044)", "0", digits)


def _letter_language(me: Collection[Owner], batch: Batch) -> str:
    """Return the two-letter tag of an adult's first language; empty for English, in which letters are anyway."""
    for row in batch.about("LanguageAbility", me):
        if flag_of(row.get("isFirstLanguage")) and isinstance(row.get("language"), dict):
            tag = name_in(row, "language", "iso6391Alpha2").lower()
            return "" if tag == "en" else tag
    return ""
