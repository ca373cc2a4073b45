"""Students, contacts and groups as Wonde's objects; ``fields.py`` says where each field is known from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from connector.mock.school.made_up import MORE_NOTICE, MadeUpSchool
from connector.mock.wonde.values import Block, hex_id, midnight, moment, student_id, wonde_id
from connector.mock.wonde.wonde_options import WondeOptions
from rules.contact import Address, Contact
from rules.school import Pupil

_GENDERS = {"F": "FEMALE", "M": "MALE"}


class People:
    """Everybody of one school as Wonde holds them at the end of a day."""

    def __init__(self, school: MadeUpSchool, today: date, options: WondeOptions) -> None:
        self.school = school
        self.today = today
        self._options = options
        self._deleted_at = datetime.combine(today, time(8), UTC)
        shown = set(options.restored)
        self._gone: set[str] = set()
        if not options.still_listed:
            self._gone = {*options.deleted_students, *options.deleted_contacts} - shown

    def students(self, kind: str, includes: frozenset[str]) -> Iterator[Block]:
        """Yield current students, leavers, or those who join later."""
        for number, pupil in enumerate(self.school.pupils_known(self.today)):
            spell = pupil.spells[-1]
            left = spell.end is not None and spell.end < self.today
            coming = spell.start is not None and spell.start > self.today
            listed = "students-leaver" if left else "students-pre-admission" if coming else "students"
            if kind == listed and pupil.pupil_id not in self._gone:
                yield self._student(pupil, includes, number)

    def _student(self, pupil: Pupil, includes: frozenset[str], number: int = -1) -> Block:
        row: Block = {
            "id": student_id(pupil.pupil_id),
            "upi": hex_id(f"student/{pupil.pupil_id}"),
            "mis_id": pupil.pupil_id,
            "initials": None,
            "title": None,
            "surname": pupil.preferred_surname,
            "forename": pupil.preferred_forename,
            "middle_names": None,
            "legal_surname": pupil.legal_surname,
            "legal_forename": pupil.legal_forename,
            "gender": _GENDERS.get(pupil.gender, pupil.gender),
            "gender_identity": None,
            "date_of_birth": midnight(pupil.date_of_birth),
            "restored_at": self._restored(pupil.pupil_id),
            "created_at": moment(self._start()),
            "updated_at": moment(self._changed(pupil)),
        }
        if "education_details" in includes:
            row["education_details"] = {"data": _education(pupil)}
        if "extended_details" in includes:
            row["extended_details"] = {"data": _extended(pupil)}
        if "contact_details" in includes:
            row["contact_details"] = {"data": _details(Contact(pupil.pupil_id))}
        if "year" in includes:
            year = {"code": pupil.year_group, "name": pupil.year_group}
            row["year"] = {"data": year if pupil.year_group else self._nothing()}
        group = pupil.registration_group
        if "registration" in includes:
            row["registration"] = {"data": _registration(group) if group else self._nothing()}
        if "groups" in includes:
            row["groups"] = {"data": [self._group(group)] if group else []}
        if "contacts" in includes:
            deep = "contacts.contact_details" in includes
            row["contacts"] = {"data": list(self._contacts_of(pupil, number, deep=deep))}
        return row

    def _contacts_of(self, pupil: Pupil, number: int, *, deep: bool) -> Iterator[Block]:
        every = self._options.pupil_among_contacts
        if every and number % every == 0:
            himself = _himself(pupil)
            yield {
                **self._contact(himself, deep=deep, paired=True),
                "upi": hex_id(f"student/{pupil.pupil_id}"),
            }
        for contact in pupil.contacts:
            if contact.contact_id not in self._gone:
                yield self._contact(contact, deep=deep, paired=True)

    def contacts(self, includes: frozenset[str]) -> Iterator[Block]:
        """Yield each adult once, with the students when asked; the pair's relationship is then on the student."""
        pairs: dict[str, list[tuple[Pupil, Contact]]] = {}
        for pupil in self.school.pupils_known(self.today):
            for contact in pupil.contacts:
                pairs.setdefault(contact.contact_id, []).append((pupil, contact))
        for contact_id, rows in pairs.items():
            if contact_id in self._gone:
                continue
            block = self._contact(rows[0][1], deep="contact_details" in includes, paired=False)
            if "students" in includes:
                students = [
                    {**self._student(p, frozenset()), "relationship": _relationship(c)} for p, c in rows
                ]
                block["students"] = {"data": students}
            yield block

    def _contact(self, contact: Contact, *, deep: bool, paired: bool) -> Block:
        natural = f"contact/{contact.contact_id}"
        row: Block = {
            "id": wonde_id(natural),
            "mis_id": contact.contact_id,
            "upi": hex_id(natural),
            "title": contact.title or None,
            "initials": None,
            "surname": contact.surname,
            "forename": contact.forename,
            "middle_names": None,
            "gender": None,
            "date_of_birth": None,
            "restored_at": self._restored(contact.contact_id),
            "created_at": moment(self._start()),
            "updated_at": moment(self._start()),
        }
        if paired:
            row["relationship"] = _relationship(contact)
        if deep:
            row["contact_details"] = {"data": _details(contact)}
        return row

    def groups(self) -> Iterator[Block]:
        """Yield the registration groups."""
        for name in self.school.registration_groups:
            yield self._group(name)

    def _group(self, name: str) -> Block:
        return {
            "id": wonde_id(f"group/{name}"),
            "mis_id": _group_number(name),
            "name": name,
            "description": name,
            "type": "REGISTRATION",  # the word is assumed
            "updated_at": moment(self._start()),
        }

    def deletions(self, kind: str) -> Iterator[Block]:
        """Yield what was deleted of one type; of every type without one."""
        deleted: Iterable[tuple[str, str]] = [
            *(("student", mis_id) for mis_id in self._options.deleted_students),
            *(("contact", mis_id) for mis_id in self._options.deleted_contacts),
        ]
        for what, mis_id in deleted:
            if kind in ("", what):
                yield {
                    "id": wonde_id(f"{what}/{mis_id}"),
                    "mis_id": mis_id,
                    "type": what,
                    "deleted_at": moment(self._deleted_at),
                }

    def _restored(self, mis_id: str) -> Block | None:
        back = mis_id in self._options.restored
        return moment(self._deleted_at + timedelta(hours=2)) if back else None

    def _nothing(self) -> Any:
        return [] if self._options.nothing == "list" else None

    def _start(self) -> datetime:
        return school_start(self.school)

    def _changed(self, pupil: Pupil) -> datetime:
        """Return when the student's row last changed: entered, or given a leaving date."""
        moments = [self._start()]
        for day in (day for spell in pupil.spells for day in (spell.start, spell.end)):
            if day and day - MORE_NOTICE <= self.today:
                moments.append(datetime.combine(day - MORE_NOTICE, time(12), UTC))
        return max(moments)


def school_start(school: MadeUpSchool) -> datetime:
    """Return when everybody was entered who was there from the start."""
    return datetime.combine(school.first_day - timedelta(days=30), time(12), UTC)


def _group_number(name: str) -> str:
    return str(int(hex_id(f"group/{name}")[:6], 16))


def _registration(name: str) -> Block:
    return {
        "id": wonde_id(f"group/{name}"),
        "mis_id": _group_number(name),
        "code": name,
        "name": name,
    }


def _education(pupil: Pupil) -> Block:
    return {
        "admission_number": pupil.admission_number,
        "upn": pupil.upn,
        "local_upn": None,
        "former_upn": None,
        "part_time": pupil.part_time_from is not None,
        "part_time_rate": None,
        "learner_number": None,
        "admission_date": midnight(pupil.spells[-1].start),  # one of each: earlier spells are not given
        "leaving_date": midnight(pupil.spells[-1].end),
        "current_nc_year": pupil.year_group,
    }


def _extended(pupil: Pupil) -> Block:
    return {
        "ethnicity": pupil.ethnicity or None,
        "first_language": pupil.first_language or None,
        "sen_status": pupil.sen_status or None,
        "in_lea_care": pupil.looked_after,
        "ever_in_care": None,
        "free_school_meals": pupil.fsm,
        "free_school_meals_6": None,
        "english_as_additional_language": pupil.eal,
        "english_as_additional_language_status": None,
        "premium_pupil_indicator": pupil.pupil_premium,
        "premium_pupil_notes": None,
        "service_children_indicator": None,
        "gifted_and_talented_status": None,
        "next_of_kin": None,
        "religion": None,
        "dietary_needs": None,
        "enrolment_status": "C",
    }


def _himself(pupil: Pupil) -> Contact:
    """Return the pupil as he stands among his own contacts, flags set, as in the recorded answer."""
    return Contact(
        pupil.pupil_id,
        forename=pupil.preferred_forename,
        surname=pupil.preferred_surname,
        relationship="Mother",
        priority=1,
        parental_responsibility=True,
        court_order=False,
        correspondence=True,
    )


def _relationship(contact: Contact) -> Block:
    return {
        "bill_payer": False,
        "lives_with_pupil": contact.priority == 1,
        "email_bills": False,
        "copy_bills": False,
        "court_order": contact.court_order,
        "pupil_report": False,
        "parental_responsibility": contact.parental_responsibility,
        "correspondence": contact.correspondence,
        "priority": contact.priority,
        "relationship": contact.relationship or None,
    }


def _details(contact: Contact) -> Block:
    nowhere = _place(Address())
    return {
        "phones": _phones(contact.telephones),
        "emails": {
            "email": contact.email or None,
            "primary": contact.email or None,
            "home": None,
            "work": None,
        },
        "addresses": {"home": _place(contact.address), "work": nowhere, "postal": nowhere},
        "salutation": contact.salutation or None,
    }


def _phones(numbers: tuple[str, ...]) -> Block:
    """Return a contact's numbers: ``phone`` repeats the first, and ``primary`` can be empty all the same."""
    mobile, home, work = (*numbers, None, None, None)[:3]
    return {"phone": mobile, "primary": None, "home": home, "work": work, "mobile": mobile}


def _place(address: Address) -> Block:
    lines = list(address.lines)
    name = lines.pop(0) if len(lines) == 3 else None
    street, district = (*lines, "", "")[:2]
    number = re.fullmatch(r"(\d+[A-Za-z]?) (.+)", street)
    return {
        "house_number": number[1] if number else None,
        "house_name": name,
        "apartment": None,
        "street": number[2] if number else street or None,
        "district": district or None,
        "town": address.town or None,
        "county": address.county or None,
        "country": address.country or None,
        "postcode": address.postcode or None,
    }
