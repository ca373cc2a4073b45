"""The school itself, its attendance codes and marks as Wonde's objects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from connector.mock.school.corrections import REGISTER_TAKEN, MarkChange
from connector.mock.school.made_up import MadeUpSchool
from connector.mock.wonde.values import Block, code_id, midnight, moment, student_id, wonde_id
from connector.mock.wonde.wonde_options import WondeOptions
from rules.codes import Class, code_set_on
from rules.school import Mark

_CODE_TYPES = {
    Class.PRESENT: "PRESENT",
    Class.APPROVED: "APPROVED_EDUCATIONAL_ACTIVITY",
    Class.AUTHORISED: "AUTHORISED_ABSENCE",
    Class.UNAUTHORISED: "UNAUTHORISED_ABSENCE",
    Class.NOT_POSSIBLE: "ATTENDANCE_NOT_REQUIRED",
    Class.MISSING: "NO_MARK",
}
"""Assumed: the field ``type`` of an attendance code is public, its words are not."""


def school_object(school: MadeUpSchool, school_id: str, domain: str) -> Block:
    """Return the school's own object; ``domain`` is the host that serves its region."""
    details = school.details
    number = {"la_code": "999", "establishment_number": "1001", "urn": int(details.urn)}
    lines = [*details.address.lines, "", ""]
    return {
        "id": school_id,
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
            "audit_approved_at": moment(datetime.combine(school.first_day, time(9), UTC)),
        },
        "region": {
            "code": "GBR",
            "domain": domain,
            "school_url": f"https://{domain}/v1.0/schools/{school_id}",
            "identifiers": number,
        },
    }


def attendance_codes(school: MadeUpSchool, today: date) -> Iterator[Block]:
    """Yield the codes in force, and the one for no mark."""
    for code in code_set_on(school.nation, today).codes.values():
        yield _code(code.code, code.meaning, code.counts_as)
    yield _code("-", "No mark", Class.MISSING)


def _code(code: str, meaning: str, counts_as: Class) -> Block:
    return {"id": code_id(code), "code": code, "description": meaning, "type": _CODE_TYPES[counts_as]}


class Sessions:
    """AM/PM marks as rows of ``attendance/session``: assumed throughout, by likeness with the write-back's body."""

    def __init__(self, school: MadeUpSchool, today: date, options: WondeOptions) -> None:
        self._school = school
        self._today = today
        self._options = options

    def rows(self, includes: frozenset[str]) -> Iterator[Block]:
        """Yield every mark; one that was taken away comes with no code, or not at all."""
        changed: dict[tuple[str, date, str], MarkChange] = {}
        for made in self._school.changes_known(self._today, ahead=True):
            changed[made.mark.pupil_id, made.mark.date, made.mark.half] = made
        for mark in self._school.marks_known(self._today, ahead=True):
            change = changed.pop((mark.pupil_id, mark.date, mark.half), None)
            taken = mark.recorded_at or datetime.combine(mark.date, REGISTER_TAKEN[mark.half], UTC)
            yield self._row(mark, change.changed_at if change else taken, includes)
        if self._options.mark_removed == "empty":
            for taken_away in changed.values():
                yield self._row(taken_away.mark, taken_away.changed_at, includes)

    def _row(self, mark: Mark, updated: datetime, includes: frozenset[str]) -> Block:
        row: Block = {
            "id": wonde_id(f"session/{mark.pupil_id}/{mark.date}/{mark.half}"),
            "date": midnight(mark.date),
            "session": mark.half,
            "comment": mark.comment or None,
            "minutes_late": mark.minutes_late,
            "created_at": moment(datetime.combine(mark.date, REGISTER_TAKEN[mark.half], UTC)),
            "updated_at": moment(updated.astimezone(UTC)),
        }
        names = {
            "attendance_code": code_id(mark.code) if mark.code else None,
            "student": student_id(mark.pupil_id),
            "employee": None,
        }
        for name, found in names.items():
            row |= self._reference(name, found, included=name in includes)
        return row

    def _reference(self, name: str, found: str | None, *, included: bool) -> Block:
        how = self._options.references
        if included or how == "wrapped":
            return {name: {"data": {"id": found} if found else None}}
        if how == "include":
            return {}
        return {name: {"id": found} if found and how == "object" else found}
