"""How reports name pupils and classes, and in which order they list them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from letters.words.english import year_group
from rules.register import Register
from rules.school import Contact, Pupil

FLAG_WORDS = {
    "fsm": "free school meals",
    "pupil_premium": "pupil premium",
    "eal": "English as an additional language",
    "looked_after": "looked after",
    "social_worker": "social worker",
    "child_protection": "child protection",
    "young_carer": "young carer",
}
SHORT_FLAGS = {
    "child_protection": "CP",
    "looked_after": "LAC",
    "social_worker": "SW",
    "young_carer": "YC",
    "fsm": "FSM",
    "pupil_premium": "PP",
    "eal": "EAL",
}
"""As staff write them, those that matter most for a call first."""
SHORT_FLAGS_MEANING = (
    "CP child protection, LAC looked after, SW social worker, YC young carer, FSM free school meals, "
    "PP pupil premium, EAL English as an additional language, SEN K support, SEN E education, health and care plan."
)
URGENT = ("child_protection", "looked_after", "social_worker")


def listed_name(pupil: Pupil) -> str:
    """ "Ashbridge, Olivia", by the name used in school."""
    return ", ".join(part for part in (pupil.surname, pupil.forename) if part) or pupil.pupil_id


def class_of(pupil: Pupil) -> str:
    """The registration group, or the year group where there is none."""
    return pupil.registration_group or year_group(pupil.year_group)


def flags_of(pupil: Pupil, wanted: Mapping[str, str] = SHORT_FLAGS) -> str:
    """The pupil's flags in short, SEN status among them."""
    found = [short for name, short in wanted.items() if name in pupil.flags]
    if pupil.sen_status in ("K", "E"):
        found.append(f"SEN {pupil.sen_status}")
    return " ".join(found)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that puts "2B" before "10A", and nursery and reception ("N", "R") before year 1."""
    early = {"n": -2, "nursery": -2, "r": -1, "reception": -1}
    found = []
    for place, part in enumerate(re.findall(r"\d+|[^\d\s]+", text.casefold().removeprefix("year "))):
        if part.isdigit():
            found.append((0, int(part), ""))
        elif place == 0 and part in early:
            found.append((0, early[part], ""))
        elif place == 0 and len(part) == 2 and part[0] in early:
            found += [(0, early[part[0]], ""), (1, 0, part[1])]
        else:
            found.append((1, 0, part))
    return tuple(found)


def in_order(pupils: Iterable[Pupil]) -> list[Pupil]:
    """By class, then surname and forename."""
    return sorted(
        pupils, key=lambda p: (natural(class_of(p)), p.surname.casefold(), p.forename.casefold(), p.pupil_id)
    )


def by_name(pupils: Iterable[Pupil]) -> list[Pupil]:
    """By surname and forename."""
    return sorted(pupils, key=lambda p: (p.surname.casefold(), p.forename.casefold(), p.pupil_id))


def classes(register: Register, day: date) -> dict[str, list[Pupil]]:
    """The pupils on roll on a day by registration group, groups in natural order, pupils by name."""
    found: dict[str, list[Pupil]] = {}
    for pupil in by_name(register.pupils):
        if pupil.on_roll(day) and pupil.registration_group:
            found.setdefault(pupil.registration_group, []).append(pupil)
    return {name: found[name] for name in sorted(found, key=natural)}


def first_contact(pupil: Pupil) -> Contact | None:
    """Whom to ring first: parental responsibility before none, then the MIS's order; never under a court order."""
    allowed = [c for c in pupil.contacts if not c.court_order]
    return min(
        allowed,
        key=lambda c: (not c.parental_responsibility, c.priority is None, c.priority or 0, c.contact_id),
        default=None,
    )


def contact_name(contact: Contact) -> str:
    """ "Ms Alex Ashbridge, mother"."""
    name = " ".join(part for part in (contact.title, contact.forename, contact.surname) if part)
    return ", ".join(part for part in (name, contact.relationship.lower()) if part)
