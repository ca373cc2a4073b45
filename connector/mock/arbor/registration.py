"""The two posts that write marks (docs/mis-arbor.md)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from connector.mock.arbor.bodies import BodyError, invalid, read_ref
from connector.mock.arbor.state import State
from rules.school import Half


class _Entry(NamedTuple):
    pupil_id: str
    day: date
    half: Half
    code: str
    minutes: int | None
    note: str


def register_roll_call(state: State, body: Mapping[str, Any], *, dry: bool = False) -> int:
    """Write AM/PM marks, all or none, and return how many. Raises BodyError."""
    return _write(state, [_roll_call(state, mark) for mark in _marks(body)], dry)


def register_lessons(state: State, body: Mapping[str, Any], *, dry: bool = False) -> int:
    """Write marks by the start of their session, all or none, and return how many. Raises BodyError."""
    return _write(state, [_lesson(state, mark) for mark in _marks(body)], dry)


def _marks(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    wanted = body.get("request", body)
    marks = wanted.get("marks") if isinstance(wanted, dict) else None
    if not isinstance(marks, list) or not all(isinstance(mark, dict) for mark in marks):
        raise invalid("marks: a list of objects is wanted")
    return marks


def _roll_call(state: State, mark: Mapping[str, Any]) -> _Entry:
    if mark.get("recordDate"):
        day = _moment(mark["recordDate"]).date()
        half = _half(mark.get("rollCall"))
    elif mark.get("rollCallDateTime"):
        moment = _moment(mark["rollCallDateTime"])
        day, half = moment.date(), "AM" if moment.hour < 12 else "PM"
    else:
        raise invalid("recordDate with rollCall, or rollCallDateTime, is wanted")
    return _entry(state, mark, day, half)


def _lesson(state: State, mark: Mapping[str, Any]) -> _Entry:
    if not mark.get("sessionStartTime"):
        raise invalid("sessionStartTime: this value should not be blank")
    moment = _moment(mark["sessionStartTime"])
    return _entry(state, mark, moment.date(), "AM" if moment.hour < 12 else "PM")


def _entry(state: State, mark: Mapping[str, Any], day: date, half: Half) -> _Entry:
    student = read_ref(mark.get("student"), "Student", state)
    chosen = read_ref(mark.get("attendanceMark"), "AttendanceMark", state)
    row = state.rows.row(chosen.type, chosen.id)
    letter = str(row.value("attendanceMark")) if row else ""
    if letter == "/" and half == "PM":
        letter = "\\"
    minutes = mark.get("minutesLate")
    try:
        return _Entry(
            student.id, day, half, letter, None if minutes is None else int(minutes), mark.get("note") or ""
        )
    except (TypeError, ValueError):
        raise invalid("minutesLate must be a whole number") from None


def _half(word: Any) -> Half:
    text = str(word.get("href", "") if isinstance(word, dict) else word or "").upper().rsplit("/", 1)[-1]
    if text in ("AM", "MORNING", "1"):
        return "AM"
    if text in ("PM", "AFTERNOON", "2"):
        return "PM"
    raise invalid("rollCall: AM or PM is wanted")


def _moment(value: Any) -> datetime:
    text = value.get("date") if isinstance(value, dict) else value
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        raise invalid(f"'{text}' is not a date") from None


def _write(state: State, entries: list[_Entry], dry: bool) -> int:
    school = state.world.school
    known = {pupil.pupil_id for pupil in school.pupils}
    closed = [
        e for e in entries if e.pupil_id not in known or (e.day, e.half) not in school.calendar.sessions
    ]
    if closed:
        raise BodyError(
            422, "Unprocessable Entity", f"{len(closed)} marks are not for an open session of a pupil"
        )
    if not dry:
        for entry in entries:
            school.correct_mark(
                entry.pupil_id,
                entry.day,
                entry.half,
                entry.code,
                at=state.world.now(),
                minutes_late=entry.minutes,
                comment=entry.note,
            )
        state.sync()
    return len(entries)
