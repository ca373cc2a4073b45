"""Who gets a letter about a pupil: the address, the greeting and the language.

Letters go to adults with parental responsibility; a court order or a no-correspondence flag always wins, and what
nobody says of either holds the letter. The dead are never written to. There is one letter per household, or one per
adult where the rule says per parent or the address must be kept secret. No letter has a name or an address of an adult
of another household. A letter that cannot be sent is held with a reason that names no person, because lists repeat it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from letters.homes import (
    WINDOW_LINES as WINDOW_LINES,
)  # how addresses are printed and compared is had from here
from letters.homes import address_lines as address_lines
from letters.homes import household_key as household_key
from letters.homes import may_be_one_home, parts
from letters.words.not_a_name import is_no_name
from letters.words.salutation import Name, envelope_name, envelope_names, names_too, salutation
from rules.law import age
from rules.school import Address, Contact, Pupil
from rules.settings import Table

ADDRESS_KEPT = "kept secret: ask the office"
"""What stands in forms and returns in place of an address that must be kept secret."""
NO_ADDRESS = "no address recorded"
"""What stands in forms of an adult of whom no address is known."""
_ANY_RELATION = frozenset(
    {"", "parent", "carer", "parent carer", "parent or carer", "guardian", "contact", "other", "other contact", "other relative",
     "relative", "other family member", "family", "emergency contact", "unknown"}
)  # fmt: skip
"""Relationships that set nobody apart: the same adult may be "Father" in another row."""


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
    on: date | None = None,
) -> Addressees:
    """Given a pupil, return who is written to; ``looked_after_to`` is where letters about a looked-after child go.

    ``informed``: ids of contacts who have had their letter, and get no second copy. ``only``: ids of the
    contacts whom it concerns, such as the parent to whom a notice was given; empty for everybody. ``on``: the letter's
    day; a pupil who is 18 by then is asked about first.

    ``held`` is set, and ``letters`` is empty, when nobody may be written to or no address can be used; ``remarks``
    are for the officer to put right, though letters are sent. Neither names a person.
    """
    if pupil.looked_after:
        return _looked_after(per_parent, looked_after_to)
    if on is not None and age.is_adult(pupil.date_of_birth, on):
        return Addressees(
            (),
            "the pupil is 18: someone has to decide whether to write to the pupil or, if the pupil agrees, to the parents",
        )
    adults = adults_of(pupil.contacts)
    with_responsibility = [adult for adult in adults if adult.is_parent]
    concerned = [adult for adult in with_responsibility if not only or adult.contact_id in only]
    living = [adult for adult in concerned if not adult.deceased]
    not_barred = [adult for adult in living if not adult.barred]
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
    if any(adult.parental_responsibility and adult.is_professional for adult in adults):
        remarks.append(
            "a social worker or other professional is recorded with parental responsibility and gets no letter: "
            "correct it in the MIS"
        )
    unreachable = len(not_barred) - len(reachable)
    if unreachable:
        who = "one adult" if unreachable == 1 else f"{unreachable} adults"
        verb = "has" if unreachable == 1 else "have"
        remarks.append(
            f"{who} with parental responsibility {verb} no usable address and gets no letter: complete it in the MIS"
        )
    reachable = [adult for adult in reachable if adult.contact_id not in informed]
    doubt = (
        _no_name(reachable)
        or _seen_by_barred(reachable, adults)
        or _not_known(reachable)
        or _not_secret(reachable, adults)
    )
    if doubt:
        return Addressees((), doubt, tuple(remarks))
    households = (
        [_Household(_own_key(adult), [adult]) for adult in reachable]
        if per_parent
        else _households(reachable)
    )
    letters = []
    for household in households:
        own = {adult.contact_id for adult in household.contacts}
        others = [adult for adult in pupil.contacts if adult.contact_id not in own]
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


def _no_name(reachable: Sequence[Contact]) -> str:
    """Return why a letter waits whose envelope would bear words that are no name; empty for none."""
    if any(is_no_name(_name(adult), adult.relationship) for adult in reachable):
        return (
            "the name, greeting or relationship of an adult to whom it would go has words or signs that are no part of a name, such as "
            '"deceased" or "do not contact": see what they mean, and correct the record in the MIS'
        )
    return ""


def _seen_by_barred(reachable: Sequence[Contact], adults: Sequence[Contact]) -> str:
    """Return why a letter waits that an adult under a court order could open, or whose greeting names one; empty for none.

    A parent who merely gets no post, because the other one at the same address does, is no reason to wait.
    """
    ordered = [adult for adult in adults if adult.court_order and not adult.deceased]
    for adult in reachable:
        if any(may_be_one_home(adult.address, other.address) for other in ordered if other.address.usable):
            return (
                "an adult barred from letters by a court order has the same address as one to whom it would go: "
                "someone has to decide how that one is informed, or correct the address in the MIS"
            )
        if adult.salutation and any(names_too(adult.salutation, _name(adult), _name(one)) for one in ordered):
            return "the greeting of an adult to whom it would go names an adult who is barred by a court order: correct it in the MIS"
    return ""


def _own_key(adult: Contact) -> str:
    return f"adult {adult.contact_id}"


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


def adults_of(contacts: Sequence[Contact]) -> list[Contact]:
    """Return each adult once, first contact first.

    Rows are one adult's when they share the id, or the full name and the household and no relationship sets them apart,
    as father and son of one name. A bar in any of them applies to
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
    names = [(parts(row.forename), parts(row.surname)) for row in (one, other)]
    return (
        names[0] == names[1]
        and all(names[0])
        and household_key(one.address) == household_key(other.address)
        and not _relations_differ(one, other)
    )


def _relations_differ(one: Contact, other: Contact) -> bool:
    """Check whether two rows of one name are of two people: father and son, or mother and grandmother."""
    relations = {" ".join(parts(row.relationship)) for row in (one, other)} - _ANY_RELATION
    return len(relations) > 1


def _merged(rows: Sequence[Contact]) -> Contact:
    best = max(rows, key=lambda row: (row.is_parent, row.address.usable))
    return replace(
        best,
        court_order=_strictest((row.court_order for row in rows), strict=True),
        correspondence=_strictest((row.correspondence for row in rows), strict=False),
        deceased=any(row.deceased for row in rows),
        refuge=any(row.refuge for row in rows),
        telephones=tuple(dict.fromkeys(number for row in rows for number in row.telephones)),
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


def liable(pupil: Pupil, only: frozenset[str] = frozenset()) -> Addressees:
    """Return every living parent for forms that go to the office and the authority, and never home.

    Each has a form of their own, also a parent who may not be written to, which stands after the name. An address that
    must be kept secret is left out. ``only`` as in :func:`addressees`. Held when there is no parent, when a name is no name, or for a looked-after child.
    """
    if pupil.looked_after:
        return _looked_after(True, None)
    parents = [adult for adult in adults_of(pupil.contacts) if adult.is_parent and not adult.deceased]
    concerned = [adult for adult in parents if not only or adult.contact_id in only]
    if not concerned:
        return Addressees(
            (),
            "no living adult with parental responsibility is recorded whom it concerns: add one in the MIS",
        )
    doubt = _no_name([adult for adult in concerned if not adult.barred])
    if doubt:
        return Addressees((), doubt)
    return Addressees(tuple(_on_a_form(adult) for adult in concerned))


def _on_a_form(adult: Contact) -> Addressee:
    remark = written_to(adult)
    lines = (ADDRESS_KEPT,) if adult.refuge else address_lines(adult.address, 9) or (NO_ADDRESS,)
    name = envelope_name(_name(adult))
    return Addressee(f"{name} ({remark})" if remark else name, lines, name, "", (adult.contact_id,))


def written_to(adult: Contact) -> str:
    """Return what a form says of a parent who may not be written to; empty for one who may."""
    if adult.court_order:
        return "do not write to: court order"
    if adult.correspondence is False:
        return "do not write to"
    if adult.court_order is None or adult.correspondence is None:
        return "not known whether to write to"
    return ""
