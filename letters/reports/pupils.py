"""How reports name, flag and order pupils, and whom to phone about them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from letters.addressees import adults_of
from letters.words.english import year_group
from letters.words.not_a_name import is_no_name
from letters.words.salutation import Name, full_name
from rules.register import Register
from rules.school import Contact, Pupil

SHORT_FLAGS = {
    "child_protection": "CP",
    "looked_after": "LAC",
    "social_worker": "SW",
    "young_carer": "YC",
    "fsm": "FSM",
    "pupil_premium": "PP",
    "eal": "EAL",
}
"""The abbreviations that staff use, most urgent for a call first."""
SHORT_FLAGS_MEANING = (
    "CP child protection, LAC looked after, SW social worker, YC young carer, FSM free school meals, "
    "PP pupil premium, EAL English as an additional language, SEN K support, SEN E education, health and care plan."
)
URGENT = ("child_protection", "looked_after", "social_worker")


def listed_name(pupil: Pupil) -> str:
    """Return "Ashbridge, Olivia", by the name used in school."""
    return ", ".join(part for part in (pupil.surname, pupil.forename) if part) or pupil.pupil_id


def legal_listed_name(pupil: Pupil) -> str:
    """Return "Ashbridge, Olivia", by the legal name, for lists that go to the authority."""
    legal = (pupil.legal_surname or pupil.surname, pupil.legal_forename or pupil.forename)
    return ", ".join(part for part in legal if part) or pupil.pupil_id


def class_of(pupil: Pupil) -> str:
    """Return the registration group, or the year group where there is none."""
    return pupil.registration_group or year_group(pupil.year_group)


def flags_of(pupil: Pupil) -> str:
    """Return the pupil's flags and SEN status as abbreviations."""
    flags = [short for name, short in SHORT_FLAGS.items() if name in pupil.flags]
    if pupil.sen_status in ("K", "E"):
        flags.append(f"SEN {pupil.sen_status}")
    return " ".join(flags)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sorting key that puts "2B" before "10A", and nursery and reception ("N", "R") before year 1."""
    early = {"n": -2, "nursery": -2, "r": -1, "reception": -1}
    key = []
    for index, part in enumerate(re.findall(r"\d+|[^\d\s]+", text.casefold().removeprefix("year "))):
        if part.isdigit():
            key.append((0, int(part), ""))
        elif index == 0 and part in early:
            key.append((0, early[part], ""))
        elif index == 0 and len(part) == 2 and part[0] in early:
            key += [(0, early[part[0]], ""), (1, 0, part[1])]
        else:
            key.append((1, 0, part))
    return tuple(key)


def in_order(pupils: Iterable[Pupil]) -> list[Pupil]:
    """Sort pupils by class, then surname and forename."""
    return sorted(
        pupils, key=lambda p: (natural(class_of(p)), p.surname.casefold(), p.forename.casefold(), p.pupil_id)
    )


def by_name(pupils: Iterable[Pupil]) -> list[Pupil]:
    """Sort pupils by surname and forename."""
    return sorted(pupils, key=lambda p: (p.surname.casefold(), p.forename.casefold(), p.pupil_id))


def classes(register: Register, day: date) -> dict[str, list[Pupil]]:
    """Return the pupils whom a list of a day may name, by registration group, groups in natural order, pupils by name.

    Those without a group come last, under the empty name.
    """
    members: dict[str, list[Pupil]] = {}
    for pupil in by_name(register.pupils):
        if pupil.listed_on(day):
            members.setdefault(pupil.registration_group.strip(), []).append(pupil)
    return {name: members[name] for name in sorted(members, key=lambda name: (not name, natural(name)))}


def leavers(register: Register, start: date, end: date) -> list[tuple[Pupil, date]]:
    """Return the pupils who left the roll between two days and are not back on the second, with their last day, by class."""
    found = []
    for pupil in in_order(register.pupils):
        days = [spell.end for spell in pupil.stretches if spell.end is not None and start <= spell.end < end]
        if days and not pupil.on_roll(end) and not pupil.deceased:
            found.append((pupil, max(days)))
    return found


def phone_order(pupil: Pupil) -> list[Contact]:
    """Return whom to phone, in order: with parental responsibility first, then in the MIS's order.

    Each adult once, whatever rows there are. No one under a court order or of whom nobody says whether there is one, no
    one barred from contact, no one whose name or relationship says that something else is meant ("DO NOT CONTACT"), and
    no one who has died. Of a pupil who is looked after the MIS's order alone counts: the authority is the parent.
    """
    return sorted(
        filter(_may_be_phoned, adults_of(pupil.contacts)),
        key=lambda c: (
            not (c.is_parent or pupil.looked_after),
            c.priority is None,
            c.priority or 0,
            c.contact_id,
        ),
    )


def _may_be_phoned(contact: Contact) -> bool:
    plain = not is_no_name(
        Name(contact.title, contact.forename, contact.surname, contact.salutation), contact.relationship
    )
    return (
        contact.court_order is False
        and contact.correspondence is not False
        and not contact.deceased
        and plain
    )


def adults_left_out(pupil: Pupil) -> str:
    """Return what a list of calls says of living adults whom it passes over for want of a fact; empty for none."""
    living = [adult for adult in adults_of(pupil.contacts) if not (adult.deceased or adult.barred)]
    if any(adult.court_order is None for adult in living):
        return "Of an adult nobody says whether a court order restricts contact: see the MIS"
    if any(not _may_be_phoned(adult) for adult in living):
        return "An adult’s record holds words that are no name: see the MIS"
    return ""


def phone_first(pupil: Pupil) -> str:
    """Return whom to phone first and the numbers in order: "Ms Alex Ashbridge, mother: 01482 000000, 07700 900000".

    Where the first has no number on record and a later one has, that one follows.
    """
    order = phone_order(pupil)
    if not order:
        open_ones = any(c.court_order is None and not c.deceased for c in pupil.contacts)
        return "nobody says whom a court order restricts" if open_ones else "no contact on record"
    numbers = next((c for c in order if c.telephones), None)
    if numbers is None:
        return contact_name(order[0])
    called = f"{contact_name(numbers)}: {', '.join(numbers.telephones)}"
    return called if numbers is order[0] else f"{contact_name(order[0])}, no number on record; then {called}"


def contact_name(contact: Contact) -> str:
    """Return a contact's name and relationship: "Ms Alex Ashbridge, mother"."""
    name = full_name(contact.title, contact.forename, contact.surname)
    return ", ".join(part for part in (name, contact.relationship.lower()) if part)
