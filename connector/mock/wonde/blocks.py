"""The made-up school told in Wonde's objects."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from connector.adapters.wonde.fields import CODE_TYPES, GENDERS, names
from connector.mock.corrections import REGISTER_TAKEN, MarkChange
from connector.mock.school import MORE_NOTICE, MadeUpSchool
from rules.codes import Class, code_set_on
from rules.school import Address, Contact, Mark, Pupil

Block = dict[str, Any]
_TYPE_OF = {ours: theirs for theirs, ours in CODE_TYPES.items()}
_GENDER_OF = {letter: word for word, letter in GENDERS.items()}
_WORDS = {
    Class.PRESENT: "present",
    Class.APPROVED: "approved",
    Class.AUTHORISED: "authorised",
    Class.UNAUTHORISED: "unauthorised",
    Class.NOT_POSSIBLE: "not_possible",
}


class Blocks:
    """Objects of one school as Wonde holds them at the end of a day."""

    def __init__(self, school: MadeUpSchool, school_id: str, today: date) -> None:
        self.school = school
        self.school_id = school_id
        self.today = today

    def school_object(self, domain: str) -> Block:
        """The school's own object; ``domain`` is where its region is served."""
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
        """Current students, leavers, or those to come."""
        for pupil in self.school.pupils_known(self.today):
            left = pupil.on_roll_to is not None and pupil.on_roll_to < self.today
            coming = pupil.on_roll_from is not None and pupil.on_roll_from > self.today
            if kind == ("students-leaver" if left else "students-pre-admission" if coming else "students"):
                yield self._student(pupil, includes)

    def _student(self, pupil: Pupil, includes: frozenset[str]) -> Block:
        field, natural = names("student"), f"student/{pupil.pupil_id}"
        row: Block = {
            "id": wonde_id(natural),
            "upi": _hex(natural),
            field["mis_id"]: pupil.pupil_id,
            "initials": None,
            "title": None,
            "middle_names": None,
            "gender_identity": None,
            field["gender"]: _GENDER_OF.get(pupil.gender, pupil.gender),
            field["date_of_birth"]: _day(pupil.date_of_birth),
            "restored_at": None,
            "created_at": moment(self._start()),
            "updated_at": moment(self._changed(pupil)),
        }
        for name in ("legal_forename", "legal_surname", "preferred_forename", "preferred_surname"):
            row[field[name]] = getattr(pupil, name)
        if "education_details" in includes:
            row["education_details"] = {"data": _education(pupil)}
        if "extended_details" in includes:
            row["extended_details"] = {"data": _extended(pupil)}
        if "year" in includes:
            year = {"code": pupil.year_group, names("year")["year_group"]: pupil.year_group}
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
        """Each adult once, with the students when asked; the pair's relationship then sits on the student."""
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
        """Registration groups."""
        for name in self.school.registration_groups:
            yield self._group(name)

    def _group(self, name: str) -> Block:
        field = names("group")
        natural = f"group/{name}"
        return {
            "id": wonde_id(natural),
            "mis_id": str(int(_hex(natural)[:6], 16)),
            field["name"]: name,
            "description": name,
            field["type"]: "REGISTRATION",
            "updated_at": moment(self._start()),
        }

    def attendance_codes(self) -> Iterator[Block]:
        """The codes in force, and the mark for none."""
        field = names("attendance_code")
        for code in code_set_on(self.school.nation, self.today).codes.values():
            yield {
                field["id"]: code_id(code.code),
                field["code"]: code.code,
                field["meaning"]: code.meaning,
                field["counts_as"]: _TYPE_OF[_WORDS[code.counts_as]],
            }
        yield {
            field["id"]: code_id("-"),
            field["code"]: "-",
            field["meaning"]: "No mark",
            field["counts_as"]: _TYPE_OF["missing"],
        }

    def sessions(self) -> Iterator[Block]:
        """AM/PM marks, those taken away again among them with no code."""
        changed: dict[tuple[str, date, str], MarkChange] = {}
        for made in self.school.changes_known(self.today):
            changed[made.mark.pupil_id, made.mark.date, made.mark.half] = made
        for mark in self.school.marks_known(self.today):
            change = changed.pop((mark.pupil_id, mark.date, mark.half), None)
            taken = mark.recorded_at or datetime.combine(mark.date, REGISTER_TAKEN[mark.half], UTC)
            yield self._session(mark, change.changed_at if change else taken)
        for taken_away in changed.values():
            yield self._session(taken_away.mark, taken_away.changed_at)

    def _session(self, mark: Mark, updated: datetime) -> Block:
        field = names("attendance_session")
        natural = f"session/{mark.pupil_id}/{mark.date}/{mark.half}"
        return {
            field["id"]: wonde_id(natural),
            field["date"]: moment(datetime.combine(mark.date, time(), UTC)),
            field["half"]: mark.half,
            field["comment"]: mark.comment or None,
            field["minutes_late"]: mark.minutes_late,
            field["code"]: code_id(mark.code) if mark.code else None,
            field["student"]: wonde_id(f"student/{mark.pupil_id}"),
            "employee": None,
            "created_at": moment(datetime.combine(mark.date, REGISTER_TAKEN[mark.half], UTC)),
            "updated_at": moment(updated.astimezone(UTC)),
        }

    def _start(self) -> datetime:
        return datetime.combine(self.school.first_day - timedelta(days=30), time(12), UTC)

    def _changed(self, pupil: Pupil) -> datetime:
        """When the student's row last changed: entered, or given a leaving date."""
        moments = [self._start()]
        for day in (pupil.on_roll_from, pupil.on_roll_to):
            if day and day - MORE_NOTICE <= self.today:
                moments.append(datetime.combine(day - MORE_NOTICE, time(12), UTC))
        return max(moments)


def code_id(code: str) -> str:
    """Wonde's id of an attendance code."""
    return wonde_id(f"code/{code}")


def wonde_id(natural: str) -> str:
    """An id of Wonde's form, always the same for the same thing."""
    return "A" + str(int(_hex(natural)[:12], 16))


def moment(when: datetime | None) -> Block | None:
    """A date-time as Wonde prints it."""
    if when is None:
        return None
    return {"date": when.strftime("%Y-%m-%d %H:%M:%S.000000"), "timezone_type": 3, "timezone": "UTC"}


def _day(day: date | None) -> Block | None:
    return moment(datetime.combine(day, time(), UTC)) if day else None


def _hex(natural: str) -> str:
    return hashlib.sha256(natural.encode()).hexdigest()[:32].upper()


def _education(pupil: Pupil) -> Block:
    field = names("education_details")
    row: Block = {
        "local_upn": None,
        "former_upn": None,
        "part_time": pupil.part_time_from is not None,
        "current_nc_year": pupil.year_group,
        field["upn"]: pupil.upn,
        field["admission_number"]: pupil.admission_number,
    }
    for name in ("on_roll_from", "on_roll_to", "part_time_from", "part_time_to"):
        row[field[name]] = _day(getattr(pupil, name))
    return row


def _extended(pupil: Pupil) -> Block:
    ours = names("extended_details")
    plain = {"ever_in_care": None, "free_school_meals_6": None, "religion": None, "enrolment_status": "C"}
    return {**plain, **{theirs: getattr(pupil, name) for name, theirs in ours.items()}}


def _contact(contact: Contact, deep: bool, *, paired: bool) -> Block:
    field, natural = names("contact"), f"contact/{contact.contact_id}"
    row: Block = {
        "id": wonde_id(natural),
        "upi": _hex(natural),
        field["mis_id"]: contact.contact_id,
        "initials": None,
        "middle_names": None,
        "gender": None,
        "date_of_birth": None,
        "created_at": None,
        "updated_at": None,
    }
    for name in ("title", "forename", "surname", "language"):
        row[field[name]] = getattr(contact, name)
    if paired:
        row["relationship"] = {"data": _relationship(contact)}
    if deep:
        row["contact_details"] = {"data": _details(contact)}
    return row


def _relationship(contact: Contact) -> Block:
    field = names("relationship")
    plain: Mapping[str, Any] = {"bill_payer": False, "lives_with_pupil": None}
    return {**plain, **{theirs: getattr(contact, ours) for ours, theirs in field.items()}}


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
