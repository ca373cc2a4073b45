"""The school, its attendance codes and marks, as Wonde sends them. What is null is empty, what is not there is not known."""

from __future__ import annotations

from collections.abc import Mapping

from connector.adapters.base import MisCode, MisSchool
from connector.adapters.row_reader import MissingFields
from connector.adapters.wonde.fields import CODE_TYPES, fields, reader
from connector.adapters.wonde.wrapping import Row, id_of, one
from connector.errors import DataError, Finding
from rules.contact import Address
from rules.school import Mark, Session


def missing_fields(*, collect: bool = False) -> MissingFields:
    """Return what notes the fields that Wonde's answers lack."""
    return MissingFields("Wonde", "ask the school to approve this permission in Wonde", collect=collect)


def school(row: Row, missing: MissingFields) -> MisSchool:
    """Return the school's own object."""
    get = reader("school", row, missing)
    held = one(row.get("address"), "address") or {}
    place = reader("school_address", held, missing)
    country = one(held.get("address_country"), "address_country") or {}
    lines = tuple(line for line in (place.text("school_line_1"), place.text("school_line_2")) if line)
    address = Address(
        lines,
        place.text("school_town"),
        "",
        place.text("school_postcode"),
        str(country.get("name") or "").strip(),
    )
    return MisSchool(
        get.text("mis_id"), get.text("name"), get.text("urn"), get.text("phase"), address=address
    )


def code(row: Row, missing: MissingFields) -> tuple[str, MisCode]:
    """Return an attendance code by its id."""
    get = reader("attendance_code", row, missing)
    counts_as = CODE_TYPES.get(get.text("counts_as").upper(), "")
    text = get.text("code")
    if get.has("code") and not text:
        get.odd("code", "is empty", "report it to Wonde's support")
    return id_of(get.value("id")), MisCode(text, get.text("meaning"), counts_as)  # type: ignore[arg-type]


def mark_includes(row: Row) -> str:
    """Return what to ask for with each mark: the references that a row lacks without it."""
    wanted = (fields("attendance_session")[name] for name in ("student", "code"))
    return ",".join(field.names[0] for field in wanted if not any(name in row for name in field.names))


def mark(
    row: Row, pupil_ids: Mapping[str, str], codes: Mapping[str, str], missing: MissingFields
) -> Mark | tuple[str, Session] | None:
    """Return a session mark; or (pupil id, session) where its code was taken away; None for a pupil who is not listed."""
    get = reader("attendance_session", row, missing)
    pupil_id = pupil_ids.get(id_of(get.value("student")))
    day, half, code_id = get.day("date"), get.half("half"), id_of(get.value("code"))
    minutes, comment = get.number("minutes_late"), get.text("comment")
    if get.has("date") and day is None:
        get.odd("date", "is empty for a mark", "report it to Wonde's support")
    if get.has("half") and half is None:
        get.odd("half", "is neither AM nor PM", "report it to Wonde's support")
    if code_id and code_id not in codes:
        raise DataError(
            [
                Finding(
                    "Wonde attendance_session",
                    "a mark names an attendance code that is not in Wonde's list",
                    "ask the school to approve all attendance codes in Wonde, and if they are, Wonde's support",
                )
            ]
        )
    if pupil_id is None or day is None or half is None:
        return None
    if not code_id:
        return pupil_id, Session(day, half)
    return Mark(pupil_id, day, half, codes[code_id], minutes, comment)
