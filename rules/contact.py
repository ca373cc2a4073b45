"""An adult as linked to a pupil, and where the adult lives."""

from __future__ import annotations

from dataclasses import dataclass, field


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
        """True when a letter could reach it: a first line and a postcode or a town."""
        return any(line.strip() for line in self.lines) and bool(self.postcode.strip() or self.town.strip())


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
    def may_be_written_to(self) -> bool:
        """Whether letters may go to this adult at all: what nobody says counts as a bar."""
        return self.court_order is False and self.correspondence is True and not self.deceased
