"""Xporter's rows as school facts: the school, codes, pupils, their spells and marks. Adults: ``adults.py``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from connector.adapters.base import MisCode, MisSchool
from connector.adapters.row_reader import MissingFields, RowReader
from connector.adapters.spells import joined
from connector.adapters.xporter.fields import STATISTICAL, fields
from connector.errors import DataError, Finding
from rules.school import FLAGS, KNOWABLE, Address, Contact, Half, Mark, Pupil, Spell, SpellKind

Row = Mapping[str, object]

_SPELL_KINDS: Mapping[str, SpellKind] = {"S": "subsidiary", "G": "guest"}
"""DfE's enrolment status; current (C), main (M) and the others are a main spell."""
_PREFIX = re.compile(r"[A-Z]{2,3}-(?=.)")
_MARK_ID = re.compile(r"(?P<pupil>.+)\.(?P<day>\d{4}-\d\d-\d\d)\.(?P<half>AM|PM)", re.ASCII)


def reader(table: str, row: object, missing: MissingFields) -> RowReader:
    """Return a reader of a row of one of the tables of fields.toml."""
    return RowReader("Xporter", table, row, fields(table), missing)


def bare_id(text: str) -> str:
    """Given an id such as "PL-5101" or "5101", return it without the prefix that says of whom it is."""
    return _PREFIX.sub("", text, count=1)


def ids_in(value: object) -> tuple[str, ...]:
    """Return ids that come as a list or as one text with commas, without prefixes."""
    parts = value if isinstance(value, list) else str(value or "").split(",")
    return tuple(bare_id(str(part).strip()) for part in parts if str(part).strip())


def school(row: Row, estab: str, urn: str, missing: MissingFields) -> MisSchool:
    """Return the school's own row; its number with the authority and its unique reference number are given."""
    get = reader("SchoolInfo", row, missing)
    lines = (line.strip() for line in get.text("school_address").replace("\r", "").split("\n"))
    return MisSchool(
        mis_id=get.text("mis_id") or estab,
        name=get.text("school_name"),
        urn=urn,
        phase=get.text("phase"),
        telephone=get.text("school_telephone"),
        email=get.text("school_email"),
        address=Address(tuple(line for line in lines if line)),
    )


def code(row: Row, missing: MissingFields) -> MisCode:
    """Return an attendance code."""
    get = reader("AttendCodes", row, missing)
    meaning = STATISTICAL.get(" ".join(get.text("counts_as").lower().split()), "")
    return MisCode(get.text("code"), get.text("meaning"), meaning)  # type: ignore[arg-type]


def spells(history: Iterable[Row], missing: MissingFields) -> tuple[dict[str, tuple[Spell, ...]], int]:
    """Return spells on roll by pupil id, and how many pupils have some that overlap or have no day."""
    held: dict[str, list[Spell]] = {}
    for row in history:
        get = reader("StudentEnrolmentHistory", row, missing)
        kind = _SPELL_KINDS.get(get.text("kind").upper(), "main")
        held.setdefault(bare_id(get.text("pupil_id")), []).append(
            Spell(get.day("start"), get.day("end"), kind)
        )
    of_pupil = {pupil_id: joined(rows) for pupil_id, rows in held.items()}
    return of_pupil, sum(len(of_pupil[pupil_id]) < len(rows) for pupil_id, rows in held.items())


def pupil(
    row: Row,
    adults: Mapping[str, tuple[Contact, ...]],
    spells_of: Mapping[str, tuple[Spell, ...]],
    groups: Mapping[str, str],
    missing: MissingFields,
) -> Pupil | None:
    """Return a student's row with its contacts and spells; without any, its entry and leaving date are the one spell.

    ``groups``: names of groups by id, for those who have left. None for a pupil who has left or is yet to come, and
    whose day of that nobody says: such a pupil would count as on roll.
    """
    get = reader("Students", row, missing)
    pupil_id = bare_id(get.text("pupil_id"))
    status, start, end = get.text("status").lower(), get.day("on_roll_from"), get.day("on_roll_to")
    history = spells_of.get(pupil_id, ())
    if not history and ((status == "leaver" and end is None) or (status == "preadmission" and start is None)):
        return None
    kind = _SPELL_KINDS.get(get.text("enrolment_status").upper(), "main")
    legal, known_as = _names(get, "legal"), _names(get, "preferred")
    year, form = _groups(get, row, groups, missing)
    return Pupil(
        pupil_id=pupil_id,
        legal_forename=legal[0],
        legal_surname=legal[1],
        # the preferred ones are always there: they say something where they differ
        preferred_forename=known_as[0] if known_as[0] != legal[0] else "",
        preferred_surname=known_as[1] if known_as[1] != legal[1] else "",
        upn=get.text("upn"),
        admission_number=get.text("admission_number"),
        gender=get.text("gender"),
        year_group=year,
        registration_group=form,
        sen_status=get.text("sen_status"),
        ethnicity=get.text("ethnicity"),
        first_language=get.text("first_language"),
        date_of_birth=get.day("date_of_birth"),
        part_time_from=get.day("part_time_from"),
        part_time_to=get.day("part_time_to"),
        **{name: bool(get.flag(name)) for name in FLAGS},  # type: ignore[arg-type]
        deceased=bool(get.flag("pupil_deceased")),
        unknown=get.not_known(KNOWABLE),
        contacts=adults.get(pupil_id, ()),
        spells=history or (Spell(start, end, kind),),
    )


def _names(get: RowReader, kind: str) -> tuple[str, str]:
    return get.text(f"{kind}_forename"), get.text(f"{kind}_surname")


def _groups(get: RowReader, row: Row, groups: Mapping[str, str], missing: MissingFields) -> tuple[str, str]:
    """Return year group and form, whose names may have two blanks; for a pupil who is in none now, the former or coming ones."""
    year, form = get.text("year_group"), get.text("registration_group")
    if not year and not form:
        former = _former_groups(row, missing)
        year, form = (
            next(
                (
                    groups[i]
                    for when in ("leaving", "coming")
                    if (i := former.get(f"{when}_{kind}", "")) in groups
                ),
                "",
            )
            for kind in ("year_group", "registration_group")
        )
    return " ".join(year.split()), " ".join(form.split())


def _former_groups(row: Row, missing: MissingFields) -> dict[str, str]:
    """Return ids of the groups in which a pupil was, or is to be; nothing hangs on those that are not there."""
    get = reader("FormerGroups", row, missing)
    held = {name: get.text(name) for name in fields("FormerGroups") if get.has(name)}
    return {name: bare_id(text) for name, text in held.items() if text}


def in_no_group(row: Row, missing: MissingFields) -> bool:
    """Return whether a student's row names neither year group nor form, but ids of former or coming ones."""
    get = reader("Students", row, missing)
    now = get.text("year_group") or get.text("registration_group")
    return not now and bool(_former_groups(row, missing))


def group(row: Row, missing: MissingFields) -> tuple[str, str]:
    """Return (id, name) of a group."""
    get = reader("Group", row, missing)
    return bare_id(get.text("group_id")), get.text("name")


def mark(row: Row, missing: MissingFields) -> Mark:
    """Return a mark's row, without minutes late and comment. Raise DataError for a session that is neither AM nor PM."""
    get = reader("AttendanceForDateRange", row, missing)
    get.text("mark_id")
    pupil_id, day, half = bare_id(get.text("pupil_id")), get.day("date"), get.half("half")
    if (day is None or half is None) and not missing.collect:
        raise DataError([Finding(f"Xporter mark of pupil {pupil_id}", "has no date or no AM or PM session")])
    return Mark(pupil_id, day or date.min, half or "AM", get.text("code"))


def day_mark(row: Row, day: date, missing: MissingFields) -> Mark | None:
    """Return a session's mark of the one-day endpoint with minutes late and comment; None for a lesson's."""
    get = reader("AttendanceForDate", row, missing)
    half = get.half("half")
    if get.text("kind").upper() not in ("", "S") or half is None:
        return None
    minutes, comment = get.number("minutes_late"), get.text("comment")
    return Mark(bare_id(get.text("pupil_id")), day, half, get.text("code"), minutes, comment)


def session_of(mark_id: str) -> tuple[str, date, Half] | None:
    """Given a mark's id such as "9919.2016-08-26.AM", return pupil, day and half; None for an id of another form."""
    found = _MARK_ID.fullmatch(mark_id)
    if found is None:
        return None
    half: Half = "AM" if found["half"] == "AM" else "PM"
    return bare_id(found["pupil"]), date.fromisoformat(found["day"]), half
