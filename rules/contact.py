"""An adult as linked to a pupil, and where the adult lives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NO_ADDRESS = re.compile(
    r"\W*(?:(?:no|not|none|nil|n/?a|nfa|unknown|withheld|homeless|tbc|tba|gone|moved|see|ask|same)\W*"
    r"|.*\bno fixed (?:abode|address)\b.*|n\.f\.a\.|no address.*|not (?:known|given|recorded|disclosed|applicable).*"
    r"|(?:current |new |home )?address (?:is )?(?:unknown|not known|withheld|to be confirmed|confidential|needed|required).*"
    r"|unknown address|to be confirmed|no longer .*|gone away|moved (?:away|out)|left (?:the )?area|see notes?|see file"
    r"|ask (?:the )?office|(?:same )?as above|do not (?:use|write|send|contact|post).*|heb gartref sefydlog|anhysbys)\W*",
    re.IGNORECASE,
)
"""A line in a field for an address that is none."""
_NOWHERE = "ZZ99"
"""How the postcodes begin that records use for no fixed abode and for an address that is not known."""
_PROFESSIONALS = re.compile(
    r"\b(?:social services|local authority|council|children['’]?s services|virtual school|solicitor|police|"
    r"probation|doctor|gp|nurse|health visitor|child ?minder|nursery|escort|interpreter|head ?teacher|teacher|"
    r"(?:social|case|key|support|youth|outreach|family|residential|care|contact|welfare|education|link)[ -]*work(?:er)?s?|"
    r"(?:welfare|attendance|liaison|probation|reviewing|education|placement) officer|iro|personal adviser|gweithiwr cymdeithasol)\b",
    re.IGNORECASE,
)
"""Relationships of people who have to do with a pupil by their office, and are no parent."""


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address as the MIS holds it. Any part may be empty."""

    lines: tuple[str, ...] = ()
    """Up to three lines before the town."""
    town: str = ""
    county: str = ""
    postcode: str = ""
    country: str = ""

    @property
    def usable(self) -> bool:
        """True when a letter could reach it: a first line and a postcode or a town, and no "No fixed abode" in any part."""
        given = [part for part in (*self.lines, self.town, self.postcode) if part.strip()]
        if any(_NO_ADDRESS.fullmatch(part) for part in given):
            return False
        if self.postcode.replace(" ", "").upper().startswith(_NOWHERE):
            return False
        return _has_letters(*self.lines) and _has_letters(self.postcode, self.town)


@dataclass(frozen=True, slots=True)
class Contact:
    """One adult as linked to one pupil. The same adult appears once per pupil, with the same contact_id."""

    contact_id: str
    title: str = ""
    forename: str = ""
    surname: str = ""
    salutation: str = ""
    """How the MIS says to greet this adult, without "Dear"; empty when it says nothing."""
    relationship: str = ""
    priority: int | None = None
    """1 is the first contact; None when the MIS gives no order."""
    parental_responsibility: bool = False
    court_order: bool | None = False
    """A court order restricts this adult: never written to, no matter what else is set. None: nobody says."""
    correspondence: bool | None = True
    """May be written to. False always wins over parental responsibility. None: nobody says."""
    language: str = ""
    """Language for letters as a two-letter tag ("cy"); empty means the school's own."""
    address: Address = field(default_factory=Address)
    email: str = ""
    telephones: tuple[str, ...] = ()
    """Numbers in the order in which to call them, none twice."""
    deceased: bool = False
    """Never written to and never named in a letter."""
    refuge: bool = False
    """The address must be kept secret from every other adult (docs/conventions.md, Who gets a letter)."""

    @property
    def is_parent(self) -> bool:
        """Whether the adult has parental responsibility and is no social worker or other professional."""
        return self.parental_responsibility and not self.is_professional

    @property
    def is_professional(self) -> bool:
        """Whether the relationship is that of a social worker, a solicitor or another professional."""
        return bool(_PROFESSIONALS.search(self.relationship))

    @property
    def barred(self) -> bool:
        """Whether a court order or a bar on correspondence is on record."""
        return self.court_order is True or self.correspondence is False


def _has_letters(*texts: str) -> bool:
    return any(letter.isalnum() for text in texts for letter in text)
