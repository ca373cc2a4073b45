"""Marks written back through Xporter: checked first, then all or nothing (D18). No callback is made."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from connector.mock.world import World
from rules.codes import code_set_on
from rules.school import Half

MOST_NOTES = 500


class WrittenMark(NamedTuple):
    """One mark of a request."""

    pupil_id: str
    day: date
    half: Half
    code: str
    minutes: int | None
    notes: str


def written_marks(world: World, body: Any, *, later: bool) -> list[WrittenMark]:
    """Return the session marks of a request. Raise ValueError for what the manual says is refused at once."""
    given = body if isinstance(body, dict) else {}
    rows = given.get("Marks") or []
    if not rows:
        raise ValueError("there are no marks")
    if later and not given.get("Callback"):
        raise ValueError("Callback is mandatory")
    if len({row.get("Date") for row in rows}) != 1:
        raise ValueError("one date a call")
    known = {pupil.pupil_id for pupil in world.school.pupils_known(world.today)}
    marks = [_checked(world, row, known) for row in rows]
    return [mark for mark in marks if mark is not None]


def _checked(world: World, row: dict[str, Any], known: set[str]) -> WrittenMark | None:
    """Return a session's mark, None for a lesson's, which the made-up school does not keep."""
    pupil_id, notes, code = str(row.get("StudentId")), str(row.get("Notes") or ""), str(row.get("Mark"))
    if pupil_id not in known:
        raise ValueError("a StudentId is not known")
    if len(notes) > MOST_NOTES:
        raise ValueError("Notes are too long")
    day = date.fromisoformat(str(row.get("Date")))
    if code not in code_set_on(world.school.nation, day).codes:
        raise ValueError("a Mark is not known")
    if row.get("MarkType") == "L":
        if not row.get("InstanceId"):
            raise ValueError("a lesson's mark has no InstanceId")
        return None
    half = row.get("Session")
    if half not in ("AM", "PM"):
        raise ValueError("Session is neither AM nor PM")
    minutes = row.get("Mins")
    return WrittenMark(pupil_id, day, half, code, None if minutes is None else int(minutes), notes)


def answer_of(world: World, *, later: bool) -> dict[str, Any]:
    """Return the answer: that of the waiting form is not documented (assumption), that of the other is (D18)."""
    success = {"Message": "success", "ExceptionType": None, "ExceptionMessage": None, "InnerException": None}
    if not later:
        return success
    tracking = f"{world.now():%Y%m%d%H%M%S}.{UUID(int=len(world.school.book.changes))}"
    row = {"trackingid": tracking, "errorquery": "Writeback.AttendanceAsync_OnError"}
    return {"TrackingId": tracking, "DataSet": {"trackingid": [row]}, **success}
