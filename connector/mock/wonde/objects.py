"""The made-up school as Wonde's objects.

Field names are the mock's own statement of what Wonde sends, and know nothing of the adapter's. They stand in the
answer recorded for a SIMS school (rmcsharry/ep-richard, spec/webmocks/getStudentsFromWonde.json), in Wonde's
documentation or in public clients of it, but for those marked "assumed": no public source shows those.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from connector.mock.school.corrections import REGISTER_TAKEN, MarkChange
from connector.mock.school.made_up import MORE_NOTICE, MadeUpSchool
from rules.codes import Class, code_set_on
from rules.school import Address, Contact, Mark, Pupil

Block = dict[str, Any]
_GENDERS = {"F": "FEMALE", "M": "MALE"}
_CODE_TYPES = {
    Class.PRESENT: "PRESENT",
    Class.APPROVED: "APPROVED_EDUCATIONAL_ACTIVITY",
    Class.AUTHORISED: "AUTHORISED_ABSENCE",
    Class.UNAUTHORISED: "UNAUTHORISED_ABSENCE",
    Class.NOT_POSSIBLE: "ATTENDANCE_NOT_REQUIRED",
    Class.MISSING: "NO_MARK",
}
"""Assumed: the field ``type`` of an attendance code is public, its words are not."""


class Blocks:
    """Objects of one school as Wonde holds them at the end of a day."""

    def __init__(self, school: MadeUpSchool, school_id: str, today: date) -> None:
        self.school = school
        self.school_id = school_id
        self.today = today

    def school_object(self, domain: str) -> Block:
        """Return the school's own object; ``domain`` is the host that serves its region."""
        details = self.school.details
        number = {"la_code": "999", "establishment_number": "1001", "urn": int(details.urn)}
        lines = [*details.address.lines, "", ""]
        return {
            "id": self.school_id,
            "name": details.name,
            "establishment_number": number["establishment_number"],
            "urn": number["urn"],
            "phase_of_education": details.phase.upper(),
            "la_code": number["la_code"],
            "timezone": "Europe/London",
            "mis": "SIMS",
            "address": {
                "address_line_1": lines[0],
                "address_line_2": lines[1],
                "address_town": details.address.town,
                "address_postcode": details.address.postcode,
                "address_country": {"code": "GBR", "name": details.nation.title()},
            },
            "extended": {
                "allows_writeback": True,
                "has_timetables": False,
                "has_lesson_attendance": False,
                "audit_approved_at": moment(datetime.combine(self.school.first_day, time(9), UTC)),
            },
            "region": {
                "code": "GBR",
                "domain": domain,
                "school_url": f"https://{domain}/v1.0/schools/{self.school_id}",
                "identifiers": number,
            },
        }

    def students(self, kind: str, includes: frozenset[str]) -> Iterator[Block]:
        """Yield current students, leavers, or those who join later."""
        for pupil in self.school.pupils_known(self.today):
            spell = pupil.spells[-1]
            left = spell.end is not None and spell.end < self.today
            coming = spell.start is not None and spell.start > self.today
            if kind == ("students-leaver" if left else "students-pre-admission" if coming else "students"):
                yield self._student(pupil, includes)

    def _student(self, pupil: Pupil, includes: frozenset[str]) -> Block:
        natural = f"student/{pupil.pupil_id}"
        row: Block = {
            "id": wonde_id(natural),
            "upi": _hex(natural),
            "mis_id": pupil.pupil_id,
            "initials": None,
            "title": None,
            "forename": pupil.preferred_forename,
            "surname": pupil.preferred_surname,
            "middle_names": None,
            "legal_forename": pupil.legal_forename,
            "legal_surname": pupil.legal_surname,
            "gender": _GENDERS.get(pupil.gender, pupil.gender),
            "gender_identity": None,
            "date_of_birth": _day(pupil.date_of_birth),
            "restored_at": None,
            "created_at": moment(self._start()),
            "updated_at": moment(self._changed(pupil)),
        }
        if "education_details" in includes:
            row["education_details"] = {"data": _education(pupil)}
        if "extended_details" in includes:
            row["extended_details"] = {"data": _extended(pupil)}
        if "year" in includes:
            year = {"code": pupil.year_group, "name": pupil.year_group}
            row["year"] = {"data": year} if pupil.year_group else {"data": None}
        if "groups" in includes:
            row["groups"] = {
                "data": [self._group(pupil.registration_group)] if pupil.registration_group else []
            }
        if "contacts" in includes:
            deep = "contacts.contact_details" in includes
            row["contacts"] = {"data": [_contact(c, deep, paired=True) for c in pupil.contacts]}
        return row

    def contacts(self, includes: frozenset[str]) -> Iterator[Block]:
        """Yield each adult once, with the students when asked; the pair's relationship is then on the student."""
        pairs: dict[str, list[tuple[Pupil, Contact]]] = {}
        for pupil in self.school.pupils_known(self.today):
            for contact in pupil.contacts:
                pairs.setdefault(contact.contact_id, []).append((pupil, contact))
        for rows in pairs.values():
            block = _contact(rows[0][1], "contact_details" in includes, paired=False)
            if "students" in includes:
                students = [
                    {**self._student(p, frozenset()), "relationship": _relationship(c)} for p, c in rows
                ]
                block["students"] = {"data": students}
            yield block

    def groups(self) -> Iterator[Block]:
        """Yield the registration groups."""
        for name in self.school.registration_groups:
            yield self._group(name)

    def _group(self, name: str) -> Block:
        natural = f"group/{name}"
        return {
            "id": wonde_id(natural),
            "mis_id": str(int(_hex(natural)[:6], 16)),
            "name": name,
            "description": name,
            "type": "REGISTRATION",  # assumed: the word is in no public source
            "updated_at": moment(self._start()),
        }

    def attendance_codes(self) -> Iterator[Block]:
        """Yield the codes in force, and the one for no mark."""
        for code in code_set_on(self.school.nation, self.today).codes.values():
            yield _code(code.code, code.meaning, code.counts_as)
        yield _code("-", "No mark", Class.MISSING)

    def sessions(self) -> Iterator[Block]:
        """Yield AM/PM marks; one that was removed again comes with no code."""
        changed: dict[tuple[str, date, str], MarkChange] = {}
        for made in self.school.changes_known(self.today, ahead=True):
            changed[made.mark.pupil_id, made.mark.date, made.mark.half] = made
        for mark in self.school.marks_known(self.today, ahead=True):
            change = changed.pop((mark.pupil_id, mark.date, mark.half), None)
            taken = mark.recorded_at or datetime.combine(mark.date, REGISTER_TAKEN[mark.half], UTC)
            yield self._session(mark, change.changed_at if change else taken)
        for taken_away in changed.values():
            yield self._session(taken_away.mark, taken_away.changed_at)

    def _session(self, mark: Mark, updated: datetime) -> Block:
        """Return a row of ``attendance/session``. Assumed throughout, by likeness with the write-back's body."""
        natural = f"session/{mark.pupil_id}/{mark.date}/{mark.half}"
        return {
            "id": wonde_id(natural),
            "date": moment(datetime.combine(mark.date, time(), UTC)),
            "session": mark.half,
            "comment": mark.comment or None,
            "minutes_late": mark.minutes_late,
            "attendance_code": code_id(mark.code) if mark.code else None,
            "student": wonde_id(f"student/{mark.pupil_id}"),
            "employee": None,
            "created_at": moment(datetime.combine(mark.date, REGISTER_TAKEN[mark.half], UTC)),
            "updated_at": moment(updated.astimezone(UTC)),
        }

    def _start(self) -> datetime:
        return datetime.combine(self.school.first_day - timedelta(days=30), time(12), UTC)

    def _changed(self, pupil: Pupil) -> datetime:
        """Return when the student's row last changed: entered, or given a leaving date."""
        moments = [self._start()]
        for day in (day for spell in pupil.spells for day in (spell.start, spell.end)):
            if day and day - MORE_NOTICE <= self.today:
                moments.append(datetime.combine(day - MORE_NOTICE, time(12), UTC))
        return max(moments)


def code_id(code: str) -> str:
    """Return Wonde's id of an attendance code."""
    return wonde_id(f"code/{code}")


def wonde_id(natural: str) -> str:
    """Return an id of Wonde's form, always the same for the same thing."""
    return "A" + str(int(_hex(natural)[:12], 16))


def moment(when: datetime | None) -> Block | None:
    """Return a date-time as Wonde prints it."""
    if when is None:
        return None
    return {"date": when.strftime("%Y-%m-%d %H:%M:%S.000000"), "timezone_type": 3, "timezone": "UTC"}


def _day(day: date | None) -> Block | None:
    return moment(datetime.combine(day, time(), UTC)) if day else None


def _hex(natural: str) -> str:
    return hashlib.sha256(natural.encode()).hexdigest()[:32].upper()


def _code(code: str, meaning: str, counts_as: Class) -> Block:
    return {"id": code_id(code), "code": code, "description": meaning, "type": _CODE_TYPES[counts_as]}


def _education(pupil: Pupil) -> Block:
    return {
        "admission_number": pupil.admission_number,
        "upn": pupil.upn,
        "local_upn": None,
        "former_upn": None,
        "part_time": pupil.part_time_from is not None,
        "part_time_start_date": _day(pupil.part_time_from),  # assumed
        "part_time_end_date": _day(pupil.part_time_to),  # assumed
        "admission_date": _day(pupil.spells[-1].start),  # one of each: earlier spells are not given
        "leaving_date": _day(pupil.spells[-1].end),
        "current_nc_year": pupil.year_group,
    }


def _extended(pupil: Pupil) -> Block:
    return {
        "ethnicity": pupil.ethnicity,
        "first_language": pupil.first_language,
        "sen_status": pupil.sen_status,
        "in_lea_care": pupil.looked_after,
        "ever_in_care": None,
        "free_school_meals": pupil.fsm,
        "free_school_meals_6": None,
        "english_as_additional_language": pupil.eal,
        "premium_pupil_indicator": pupil.pupil_premium,
        "religion": None,
        "enrolment_status": "C",
        "social_worker": pupil.social_worker,  # assumed
        "child_protection_plan": pupil.child_protection,  # assumed
        "young_carer": pupil.young_carer,  # assumed
    }


def _contact(contact: Contact, deep: bool, *, paired: bool) -> Block:
    natural = f"contact/{contact.contact_id}"
    row: Block = {
        "id": wonde_id(natural),
        "upi": _hex(natural),
        "mis_id": contact.contact_id,
        "title": contact.title,
        "initials": None,
        "forename": contact.forename,
        "surname": contact.surname,
        "middle_names": None,
        "gender": None,
        "date_of_birth": None,
        "correspondence_language": contact.language,  # assumed
        "created_at": None,
        "updated_at": None,
    }
    if paired:
        row["relationship"] = {"data": _relationship(contact)}
    if deep:
        row["contact_details"] = {"data": _details(contact)}
    return row


def _relationship(contact: Contact) -> Block:
    return {
        "relationship": contact.relationship,
        "parental_responsibility": contact.parental_responsibility,
        "priority": contact.priority,
        "court_order": contact.court_order,
        "correspondence": contact.correspondence,
        "bill_payer": False,
        "lives_with_pupil": None,
    }


def _details(contact: Contact) -> Block:
    nothing = _place(Address())
    return {
        "phones": {"phone": None, "primary": None, "home": None, "work": None, "mobile": None},
        "emails": {"email": contact.email, "primary": contact.email, "home": None, "work": None},
        "addresses": {"home": _place(contact.address), "work": nothing, "postal": nothing},
        "salutation": contact.salutation,
    }


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
