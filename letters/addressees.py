"""Who gets a letter about a pupil: the address, the greeting and the language.

Letters go to adults with parental responsibility; a court order or a no-correspondence flag always wins, and what
nobody says of either holds the letter. The dead are never written to. There is one letter per household, or one per
adult where the rule says per parent or the address must be kept secret. No letter has a name or an address of an adult
of another household. A letter that cannot be sent is held with a reason that names no person, because lists repeat it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pydantic import Field, model_validator

from letters.words.salutation import Name, envelope_names, salutation
from rules.school import Address, Contact, Pupil
from rules.settings import Table

ADDRESS_KEPT = "kept secret: ask the office"
"""What stands in forms and returns in place of an address that must be kept secret."""
WINDOW_LINES = 8
"""Lines that a DL envelope window shows: the name and the address together."""
_HOME_COUNTRIES = frozenset(
    {"", "gb", "gbr", "uk", "unitedkingdom", "greatbritain", "england", "wales", "scotland", "cymru"}
)


class NamedAddressee(Table):
    """Who gets the letters about looked-after children. Without this table they are held for a person to send."""

    name: str = Field(min_length=1, examples=["Head of the Virtual School"])
    """The name on the envelope."""
    salutation: str = Field(default="", examples=["Ms Okoro"])
    """How the letter greets, without "Dear"."""
    address: list[str] = Field(min_length=1, max_length=3, examples=[["Guildhall", "Alfred Gelder Street"]])
    """Up to three lines."""
    town: str = Field(default="", examples=["Hull"])
    """Post town."""
    postcode: str = Field(default="", examples=["HU1 2AA"])
    """Postcode. A letter needs it or the town."""
    language: Literal["", "en", "cy"] = ""
    """Language of the letter; empty means the school's."""

    @model_validator(mode="after")
    def _reachable(self) -> NamedAddressee:
        if not (self.town or self.postcode):
            raise ValueError("an address needs a postcode or a town")
        return self

    @property
    def postal_address(self) -> Address:
        """The address as a MIS would give it."""
        return Address(tuple(self.address), self.town, "", self.postcode)


@dataclass(frozen=True, slots=True)
class Addressee:
    """One envelope: who it is for and what is printed on it."""

    name: str
    lines: tuple[str, ...]
    """Address lines under the name, none empty, at most seven so that a DL window shows them all."""
    salutation: str
    language: str = ""
    """Two-letter tag; empty means the school's language."""
    contact_ids: tuple[str, ...] = ()
    household: str = ""
    """The same key for all letters to one address, however it is typed; the print pile is sorted by it."""


@dataclass(frozen=True, slots=True)
class Addressees:
    """The envelopes of one event for one pupil, or the reason why there are none."""

    letters: tuple[Addressee, ...]
    held: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Household:
    key: str
    contacts: list[Contact] = field(default_factory=list)


def addressees(
    pupil: Pupil,
    *,
    per_parent: bool,
    looked_after_to: NamedAddressee | None = None,
    informed: frozenset[str] = frozenset(),
    only: frozenset[str] = frozenset(),
) -> Addressees:
    """Given a pupil, return who is written to; ``looked_after_to`` is where letters about a looked-after child go.

    ``informed``: ids of contacts who have had their letter, and get no second copy. ``only``: ids of the
    contacts whom it concerns, such as the parent to whom a notice was given; empty for everybody.

    ``held`` is set, and ``letters`` is empty, when nobody may be written to or no address can be used; ``remarks``
    are for the officer to put right, though letters are sent. Neither names a person.
    """
    if pupil.looked_after:
        return _looked_after(per_parent, looked_after_to)
    adults = _ordered(pupil.contacts)
    with_responsibility = [adult for adult in adults if adult.parental_responsibility]
    concerned = [adult for adult in with_responsibility if not only or adult.contact_id in only]
    living = [adult for adult in concerned if not adult.deceased]
    not_barred = [a for a in living if a.court_order is not True and a.correspondence is not False]
    if not with_responsibility:
        return Addressees((), "no adult with parental responsibility is recorded: add one in the MIS")
    if not concerned:
        return Addressees(
            (),
            "the parent whom it concerns is not recorded as an adult with parental responsibility: correct the record or the MIS",
        )
    if not living:
        return Addressees(
            (), "every adult to whom it would go has died: someone has to decide who is informed"
        )
    if not not_barred:
        return Addressees(
            (),
            "every adult with parental responsibility is barred from letters by a court order or a "
            "no-correspondence flag: someone has to decide who is informed",
        )
    reachable = [adult for adult in not_barred if adult.address.usable]
    if not reachable:
        return Addressees(
            (),
            "no adult who may be written to has a usable address (a first line and a postcode or town): complete it in the MIS",
        )
    remarks: list[str] = []
    unreachable = len(not_barred) - len(reachable)
    if unreachable:
        who = "one adult" if unreachable == 1 else f"{unreachable} adults"
        verb = "has" if unreachable == 1 else "have"
        remarks.append(
            f"{who} with parental responsibility {verb} no usable address and gets no letter: complete it in the MIS"
        )
    reachable = [adult for adult in reachable if adult.contact_id not in informed]
    doubt = _not_known(reachable) or _not_secret(reachable, adults)
    if doubt:
        return Addressees((), doubt, tuple(remarks))
    households = (
        [_Household(_own_key(adult), [adult]) for adult in reachable]
        if per_parent
        else _households(reachable)
    )
    letters = []
    for household in households:
        others = [
            adult
            for adult in pupil.contacts
            if adult.contact_id not in {own.contact_id for own in household.contacts}
        ]
        letters.append(_envelope(household.contacts, others))
        if len({adult.language.casefold() for adult in household.contacts}) > 1:
            remarks.append(
                "the adults of one household have different letter languages on record: the first contact's is used"
            )
    return Addressees(tuple(letters), None, tuple(dict.fromkeys(remarks)))


def _not_known(adults: Sequence[Contact]) -> str:
    """Return why a letter waits of whose addressees nobody says whether they may be written to; empty for none."""
    if any(adult.court_order is None for adult in adults):
        what, column, setting = (
            "whether a court order restricts an adult to whom it would go",
            "court_order",
            'court_orders = "none on record"',
        )
    elif any(adult.correspondence is None for adult in adults):
        what, column, setting = (
            "whether an adult to whom it would go may be written to",
            "correspondence",
            'correspondence = "none barred"',
        )
    else:
        return ""
    return (
        f"nobody says {what}: enter it in the MIS or in the column {column} of contacts.csv ([school.supply] contacts), "
        f"or set {setting} under [school.contacts]"
    )


def _not_secret(reachable: Sequence[Contact], adults: Sequence[Contact]) -> str:
    """Return why a letter waits that would show one adult's secret address to another; empty for none."""
    secret = {household_key(adult.address) for adult in adults if adult.refuge}
    if any(not adult.refuge and household_key(adult.address) in secret for adult in reachable):
        return (
            "the address of one adult must be kept secret, and another adult to whom it would go has the same address:"
            " correct one of the two in the MIS"
        )
    return ""


def _own_key(adult: Contact) -> str:
    return f"adult {adult.contact_id}"


def household_key(address: Address) -> str:
    """Return the same text for two spellings of one address: letters and digits only, the postcode separate."""
    lines = "".join(_squeezed(part) for part in (*address.lines, address.town))
    return f"{lines}|{_squeezed(address.postcode)}"


def address_lines(address: Address, room: int = WINDOW_LINES - 1) -> tuple[str, ...]:
    """Return the lines of an address as they are printed, none empty, at most ``room`` of them.

    The country is left out within the UK, and the county when there is no room (Royal Mail needs neither); then lines are
    joined.
    """
    lines = [_spaced(line) for line in address.lines if line.strip()]
    town, county, postcode = (_spaced(part) for part in (address.town, address.county, address.postcode))
    country = "" if _squeezed(address.country) in _HOME_COUNTRIES else _spaced(address.country)
    if lines and town and _squeezed(lines[-1]) == _squeezed(town):
        lines.pop()
    tail = [part for part in (town, postcode.upper(), country) if part]
    if county and _squeezed(county) != _squeezed(town) and len(lines) + len(tail) < room:
        tail.insert(1 if town else 0, county)
    while len(lines) + len(tail) > room and len(lines) > 1:
        joined_at = min(range(len(lines) - 1), key=lambda n: len(lines[n]) + len(lines[n + 1]))
        lines[joined_at : joined_at + 2] = [f"{lines[joined_at]}, {lines[joined_at + 1]}"]
    if len(lines) + len(tail) > room:
        tail = [" ".join(tail[:2]), *tail[2:]]
    return (*lines, *tail)


def _looked_after(per_parent: bool, to: NamedAddressee | None) -> Addressees:
    """Return where letters about a looked-after child go: the authority is the parent, so only where the configuration says."""
    if per_parent:
        return Addressees(
            (),
            "the pupil is looked after: someone has to decide whether a notice to a parent can be requested",
        )
    if to is None or not to.postal_address.usable:
        return Addressees(
            (),
            "the pupil is looked after and the configuration does not say where such letters go: set looked_after_to",
        )
    envelope = Addressee(
        to.name,
        address_lines(to.postal_address),
        to.salutation or to.name,
        to.language,
        (),
        household_key(to.postal_address),
    )
    return Addressees((envelope,))


def _ordered(contacts: Sequence[Contact]) -> list[Contact]:
    """Return each adult once, first contact first.

    Rows are one adult's when they share the id, or the full name and the household. A bar in any of them applies to
    all; the row with parental responsibility and a usable address is the one used.
    """
    rows = sorted(contacts, key=lambda row: (row.priority is None, row.priority or 0))
    adults: list[list[Contact]] = []
    for row in rows:
        known = next((adult for adult in adults if any(_same_adult(row, other) for other in adult)), None)
        if known is None:
            adults.append([row])
        else:
            known.append(row)
    return [_merged(adult) for adult in adults]


def _same_adult(one: Contact, other: Contact) -> bool:
    if one.contact_id == other.contact_id:
        return True
    names = [(_squeezed(row.forename), _squeezed(row.surname)) for row in (one, other)]
    return (
        names[0] == names[1] and all(names[0]) and household_key(one.address) == household_key(other.address)
    )


def _merged(rows: Sequence[Contact]) -> Contact:
    best = max(rows, key=lambda row: (row.parental_responsibility, row.address.usable))
    return replace(
        best,
        court_order=_strictest((row.court_order for row in rows), strict=True),
        correspondence=_strictest((row.correspondence for row in rows), strict=False),
        deceased=any(row.deceased for row in rows),
        refuge=any(row.refuge for row in rows),
    )


def _strictest(said: Iterable[bool | None], *, strict: bool) -> bool | None:
    """Return the strict answer when any row gives it, None when any row gives none, otherwise the other answer."""
    answers = set(said)
    return strict if strict in answers else None if None in answers else not strict


def _households(adults: Sequence[Contact]) -> list[_Household]:
    households: dict[str, _Household] = {}
    for adult in adults:
        key = _own_key(adult) if adult.refuge else household_key(adult.address)
        households.setdefault(key, _Household(key)).contacts.append(adult)
    return list(households.values())


def _envelope(adults: Sequence[Contact], others: Sequence[Contact]) -> Addressee:
    names = [_name(adult) for adult in adults]
    return Addressee(
        name=envelope_names(names),
        lines=address_lines(adults[0].address),
        salutation=salutation(names, [_name(other) for other in others]),
        language=adults[0].language.strip().casefold(),
        contact_ids=tuple(adult.contact_id for adult in adults),
        household=_own_key(adults[0]) if adults[0].refuge else household_key(adults[0].address),
    )


def _name(adult: Contact) -> Name:
    return Name(adult.title, adult.forename, adult.surname, adult.salutation)


def _squeezed(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def _spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" ,")
