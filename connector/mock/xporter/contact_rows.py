"""The adults of the made-up school as Xporter's rows: Contacts, StudentContact, PersonComms."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from connector.mock.xporter.kinds import Row, address_fields, external_id, stamped, xid
from connector.mock.xporter.pupil_rows import PupilRows
from rules.school import Contact, Pupil


@dataclass(frozen=True)
class ContactRows:
    """Adults linked to pupils on roll, and by option to others. No order of a court, no mail flag: there are none (D18)."""

    of: PupilRows

    def _links(self, asked: Collection[str] = ()) -> Iterator[tuple[Pupil, Contact]]:
        for pupil in self.of.known({*asked, "includeguests", "includesubsidiary"}):
            for contact in pupil.contacts:
                yield pupil, contact

    def _adults(self, asked: Collection[str] = ()) -> Iterator[Contact]:
        """Yield each adult once."""
        seen: set[str] = set()
        for _, contact in self._links(asked):
            if contact.contact_id not in seen:
                seen.add(contact.contact_id)
                yield contact

    def contacts(self, asked: Collection[str]) -> Iterator[Row]:
        """Yield Contacts."""
        for contact in self._adults(asked):
            numbers = _numbers(contact)
            row: Row = {
                "Id": contact.contact_id,
                "XID": xid("Contact", contact.contact_id),
                "IdaasId": f"PC-{contact.contact_id}",
                "ExternalId": external_id("Contact", contact.contact_id),
                "Title": contact.title or None,
                "Suffix": None,
                "Surname": contact.surname,
                "Forename": contact.forename,
                "DisplayName": " ".join(filter(None, (contact.title, contact.forename, contact.surname))),
                "HomeLanguage": None,
                "HomeLanguageCode": None,
                "TranslatorRequired": 0,
                "WorkEmail": None,
                "WorkPhone": next((value for place, value in numbers if place == "W"), None),
                "HomeEmail": contact.email or None,
                "HomePhone": next((value for place, value in numbers if place == "H"), None),
                "MobilePhone": next((value for place, value in numbers if place == "M"), None),
                **address_fields(contact.address),
            }
            yield stamped(row, self.of.today)

    def links(self, asked: Collection[str]) -> Iterator[Row]:
        """Yield StudentContact: one row for each pair."""
        for pupil, contact in self._links(asked):
            row: Row = {
                "Id": f"PL-{pupil.pupil_id}.PC-{contact.contact_id}",
                "StudentId": pupil.pupil_id,
                "ContactId": contact.contact_id,
                "Relationship": contact.relationship,
                "Priority": contact.priority,
                "ParResp": int(contact.parental_responsibility),
            }
            yield stamped(row, self.of.today)

    def comms(self) -> Iterator[Row]:
        """Yield PersonComms: numbers and e-mail addresses of each adult, first the one to use first."""
        for contact in self._adults(("includeleavers", "includepreadmissions")):
            ways = [("M" if place == "M" else "T", place, value) for place, value in _numbers(contact)]
            ways += [("E", "H", contact.email)] if contact.email else []
            order: dict[bool, int] = {True: 0, False: 0}
            for number, (kind, place, value) in enumerate(ways, 1):
                order[kind == "E"] += 1
                row: Row = {
                    "Id": f"PC-{contact.contact_id}.{number}.{kind}",
                    "PersonId": contact.contact_id,
                    "PersonType": "Contact",
                    "CommsType": kind,
                    "LocationCode": place,
                    "Priority": order[kind == "E"],
                    "IsDefault": int(order[kind == "E"] == 1),
                    "Value": value,
                    "Notes": None,
                }
                yield stamped(row, self.of.today)


def _numbers(contact: Contact) -> list[tuple[str, str]]:
    """Return (location, number) of a contact's telephones, in the order to call them."""
    given: tuple[str, ...] = getattr(contact, "telephones", ())
    land = iter("HWWWWW")
    return [("M" if number.startswith("07") else next(land), number) for number in given]
