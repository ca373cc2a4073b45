"""Writes a made-up school as a register folder (docs/register-folder.md, "A register folder")."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from connector.mock.school import MadeUpSchool
from rules.calendar import WEEKDAYS
from rules.school import FLAGS, Contact, Pupil

_PUPIL = (
    "pupil_id",
    "upn",
    "legal_forename",
    "legal_surname",
    "preferred_forename",
    "preferred_surname",
    "date_of_birth",
    "gender",
    "year_group",
    "registration_group",
    "on_roll_from",
    "on_roll_to",
    *FLAGS,
    "sen_status",
    "ethnicity",
    "first_language",
    "part_time_from",
    "part_time_to",
    "deceased",
)
_CONTACT = (
    "contact_id",
    "title",
    "forename",
    "surname",
    "salutation",
    "relationship",
    "priority",
    "parental_responsibility",
    "court_order",
    "correspondence",
    "language",
)
LACKING_FACTS = ("xporter", "wonde")
"""MISs that give not all facts of pupils and contacts: a school supplies the rest as files."""
_TELEPHONES = ("phone_1", "phone_2", "phone_3")
_ADDRESS = ("address_1", "address_2", "address_3", "town", "county", "postcode", "country", "email")
_AMENDMENT = ("pupil_id", "date", "half", "original", "amended", "reason", "amended_at", "amended_by", "role")


def write_register_folder(directory: str | Path, school: MadeUpSchool, as_of: date) -> Path:
    """Given a made-up school, write what its MIS held at the end of a day as a register folder, and return it.

    Files of an earlier call in the same directory are replaced.
    """
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    pupils = school.pupils_known(as_of)
    write_people(folder, school, as_of)
    returned = [pupil for pupil in pupils if len(pupil.spells) > 1]
    enrolments = folder / "enrolments.csv"
    enrolments.unlink(missing_ok=True)
    if returned:
        rows = ([p.pupil_id, _cell(s.start), _cell(s.end), s.kind] for p in returned for s in p.spells)
        _write(enrolments, ["pupil_id", "from", "to", "kind"], rows)
    write_calendar(folder / "calendar.csv", school)
    _write(
        folder / "marks.csv",
        ["pupil_id", "date", "session", "code", "minutes_late", "comment", "recorded_at"],
        (
            [
                m.pupil_id,
                _cell(m.date),
                m.half,
                m.code,
                _cell(m.minutes_late),
                m.comment,
                _cell(m.recorded_at),
            ]
            for m in school.marks_known(as_of, ahead=True)
        ),
    )
    _write(
        folder / "amendments.csv",
        ["session" if column == "half" else column for column in _AMENDMENT],
        ([_cell(getattr(a, c)) for c in _AMENDMENT] for a in school.amendments_known(as_of, ahead=True)),
    )
    (folder / "settings.toml").write_text(_settings(school, as_of), encoding="utf-8", newline="\n")
    return folder


def write_people(folder: Path, school: MadeUpSchool, as_of: date) -> dict[str, Path]:
    """Write pupils.csv and contacts.csv, for a MIS that lacks some of their facts, and return their paths by name."""
    folder.mkdir(parents=True, exist_ok=True)
    pupils = school.pupils_known(as_of)
    files = {name: folder / f"{name}.csv" for name in ("pupils", "contacts")}
    _write(files["pupils"], _PUPIL, ([_cell(getattr(p, c)) for c in _PUPIL] for p in pupils))
    _write(
        files["contacts"],
        ["pupil_id", *_CONTACT, *_TELEPHONES, *_ADDRESS, "deceased", "refuge"],
        (_contact_row(pupil, contact) for pupil in pupils for contact in pupil.contacts),
    )
    return files


def write_calendar(path: Path, school: MadeUpSchool) -> Path:
    """Write the made-up school's calendar.csv, for a MIS that gives none, and return its path."""
    periods = school.calendar.periods
    rows = (
        [p.kind, p.name, _cell(p.start), _cell(p.end), p.half or "", _weekday(p.weekday)] for p in periods
    )
    _write(path, ["kind", "name", "start", "end", "half", "weekday"], rows)
    return path


def _weekday(number: int | None) -> str:
    return "" if number is None else WEEKDAYS[number]


def _contact_row(pupil: Pupil, contact: Contact) -> list[str]:
    address = contact.address
    lines = [*address.lines, "", "", ""][:3]
    return [
        pupil.pupil_id,
        *(_cell(getattr(contact, column)) for column in _CONTACT),
        *[*contact.telephones, "", "", ""][:3],
        *lines,
        address.town,
        address.county,
        address.postcode,
        address.country,
        contact.email,
        _cell(contact.deceased),
        _cell(contact.refuge),
    ]


def _settings(school: MadeUpSchool, as_of: date) -> str:
    lines = [f'nation = "{school.nation}"']
    for plan in school.attendance_plans_known(as_of):
        lines += ["", "[[attendance_plans]]", f'pupil_id = "{plan.pupil_id}"', f"date = {plan.date}"]
    for leave in school.leave_requests_known(as_of):
        lines += ["", "[[leave_requests]]", f'pupil_id = "{leave.pupil_id}"', f"from = {leave.start}"]
        lines += [f"to = {leave.end}", f'kind = "{leave.kind}"', f"requested = {leave.requested}"]
    for notice in school.notices_known(as_of):
        lines += ["", "[[notices]]", f'pupil_id = "{notice.pupil_id}"']
        lines += [f'contact_id = "{notice.contact_id}"', f"issued = {notice.issued}"]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
