"""The adults round a made-up family: who they are to the children, where they live, who may be written to."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

from connector.mock.school.names import STREETS, WELSH_STREETS, Community
from rules.school import Address, Contact, Nation

Situation = Literal[
    "together",
    "one parent",
    "separated",
    "court order",
    "no correspondence",
    "no address",
    "foster care",
    "grandparent",
    "no parental responsibility",
]

SPECIAL: tuple[Situation, ...] = (
    "separated",
    "court order",
    "no correspondence",
    "no address",
    "foster care",
    "grandparent",
    "no parental responsibility",
)
"""Situations that every made-up school has at least once, if it has that many families."""

_TITLES = {"Mother": "Mrs", "Father": "Mr", "Stepfather": "Mr", "Grandmother": "Mrs", "Foster carer": "Ms"}


@dataclass(frozen=True, slots=True)
class Household:
    """One family: its name, language and situation, and the adults as linked to each of its children."""

    number: int
    community: Community
    surname: str
    situation: Situation
    contacts: tuple[Contact, ...]
    hard_up: bool
    """Eligible for free school meals."""


class Registry:
    """Gives out contact ids and addresses, none of them twice by accident."""

    def __init__(self, rng: random.Random, nation: Nation) -> None:
        self._rng = rng
        self._nation = nation
        self._contact_ids = count(5001)

    def contact_id(self) -> str:
        return str(next(self._contact_ids))

    def address(self) -> Address:
        """Make up an address; its postcode area does not exist."""
        rng = self._rng
        if self._nation == "wales":
            street, town, county, area = rng.choice(WELSH_STREETS), "Aberllyn", "Sir Gwynwy", "QY"
        else:
            street, town, county, area = rng.choice(STREETS), "Marlbrook", "Hollinshire", "QX"
        first = f"{rng.randint(1, 180)} {street}"
        lines: tuple[str, ...] = (first,)
        if rng.random() < 0.12:
            lines = (f"Flat {rng.randint(1, 12)}{rng.choice('AB')}", first)
        if rng.random() < 0.1:
            lines = (*lines, rng.choice(("Upper Hollin", "Low Moor", "Brookside Estate")))
        postcode = (
            f"{area}{rng.randint(1, 9)} {rng.randint(1, 9)}{rng.choice('ABDEFGHJ')}{rng.choice('LNPQRSTU')}"
        )
        return Address(lines, town, county, postcode, "United Kingdom")


def make_household(
    number: int,
    community: Community,
    surname: str,
    situation: Situation,
    *,
    registry: Registry,
    rng: random.Random,
    nation: Nation,
) -> Household:
    """Given what kind of family it is, return it with its adults."""
    home = registry.address()
    language = community.tag if community.tag != "en" and rng.random() < 0.6 else ""
    if nation == "wales" and community.tag == "en" and rng.random() < 0.1:
        language = "cy"
    build = _Builder(registry, rng, community, surname, home, language)
    mother = build.adult("Mother", 1)
    father = build.adult("Father", 2)
    elsewhere = replace(father, address=registry.address())
    adults: tuple[Contact, ...]
    match situation:
        case "together":
            adults = (mother, father)
        case "one parent":
            adults = (mother if rng.random() < 0.85 else replace(father, priority=1),)
        case "separated":
            adults = (mother, elsewhere, build.adult("Stepfather", 3, responsible=False))
        case "court order":
            adults = (mother, replace(elsewhere, court_order=True))
        case "no correspondence":
            adults = (mother, replace(elsewhere, correspondence=False))
        case "no address":
            adults = (mother, replace(father, address=Address(), priority=2))
        case "foster care":
            carer = build.adult("Foster carer", 1, responsible=False)
            worker = replace(
                build.adult("Social worker", 2), address=_COUNCIL, correspondence=True, language=""
            )
            adults = (carer, worker)
        case "grandparent":
            adults = (build.adult("Grandmother", 1), replace(elsewhere, priority=None))
        case "no parental responsibility":
            adults = (mother, replace(father, parental_responsibility=False))
    hard_up = rng.random() < (0.2 if situation == "together" else 0.42)
    return Household(number, community, surname, situation, adults, hard_up)


_COUNCIL = Address(
    ("Children’s Services", "County Hall"), "Marlbrook", "Hollinshire", "QX1 1AA", "United Kingdom"
)


@dataclass(frozen=True, slots=True)
class _Builder:
    registry: Registry
    rng: random.Random
    community: Community
    surname: str
    home: Address
    language: str

    def adult(self, relationship: str, priority: int, *, responsible: bool = True) -> Contact:
        """One adult of the family at its home address."""
        rng = self.rng
        woman = relationship in ("Mother", "Grandmother", "Foster carer")
        forename = rng.choice(self.community.girls if woman else self.community.boys)
        surname = self.surname
        if relationship in ("Stepfather", "Foster carer", "Social worker") or rng.random() < 0.12:
            surname = rng.choice(self.community.surnames)
        title = _TITLES.get(relationship, "")
        if woman and rng.random() < 0.3:
            title = "Miss" if rng.random() < 0.5 else "Ms"
        if rng.random() < 0.02:
            title = "Dr"
        known_as = f"{title} {surname}".strip() if rng.random() < 0.8 else ""
        contact_id = self.registry.contact_id()
        return Contact(
            contact_id=contact_id,
            title=title,
            forename=forename,
            surname=surname,
            salutation=known_as,
            relationship=relationship,
            priority=priority,
            parental_responsibility=responsible,
            language=self.language,
            address=self.home,
            email=f"family{contact_id}@mail.example" if rng.random() < 0.85 else "",
            telephones=_telephones(contact_id, priority),
        )


def _telephones(contact_id: str, priority: int | None) -> tuple[str, ...]:
    """Return a mobile number, and of the first contact one at home, of those that Ofcom keeps for made-up people."""
    last = f"{int(contact_id) % 1000:03}"
    return (f"07700 900{last}", f"01632 960{last}") if priority == 1 else (f"07700 900{last}",)
