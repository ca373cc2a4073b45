"""Marks written back: refused at once with 422, or queued and applied after a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from connector.mock.wonde.objects import attendance_codes
from connector.mock.wonde.values import student_id
from connector.mock.world import World
from rules.school import Half

_REQUIRED = ("date", "session", "student_id", "attendance_code_id")


@dataclass
class Writeback:
    """One request, waiting or done."""

    rows: list[Mapping[str, Any]]
    reads: int
    """How often it is still read as queued."""
    status: str = "queued"
    """Assumed: what ``writebacks/{id}`` says is in no public source."""


class Writebacks:
    """The queue. Every caller holds ``world.lock``."""

    def __init__(self, world: World, *, reads: int) -> None:
        self._world = world
        self._reads = reads
        self._made: dict[str, Writeback] = {}

    def faults_of(self, rows: list[Mapping[str, Any]]) -> dict[str, list[str]]:
        """Return what is wrong with marks by the place in the request: any fault refuses the whole of it.

        That an unknown code or student is refused at once is assumed: the clients only know that 422 is a list of
        faults.
        """
        students, codes = self._students(), self._codes()
        faults: dict[str, list[str]] = {}
        for number, row in enumerate(rows):
            for name in _REQUIRED:
                if not row.get(name):
                    faults[f"attendance.{number}.{name}"] = [f"The {name} field is required."]
            if row.get("session") not in ("AM", "PM", None, ""):
                faults[f"attendance.{number}.session"] = ["The session must be AM or PM."]
            if row.get("date") and not _is_date(row["date"]):
                faults[f"attendance.{number}.date"] = ["The date is not a valid date."]
            for name, known in (("student_id", students), ("attendance_code_id", codes)):
                if row.get(name) and row[name] not in known:
                    faults[f"attendance.{number}.{name}"] = [f"The selected {name} is invalid."]
            if not str(row.get("minutes_late") or 0).isdigit():
                faults[f"attendance.{number}.minutes_late"] = ["The minutes_late must be an integer."]
        return faults

    def queue(self, rows: list[Mapping[str, Any]], *, effect: bool) -> str:
        """Take marks in and return the write-back's id; without ``effect`` nothing will come of them."""
        writeback_id = f"W{len(self._made) + 1:08d}"
        self._made[writeback_id] = Writeback(rows if effect else [], self._reads)
        return writeback_id

    def read(self, writeback_id: str) -> str | None:
        """Return how far a write-back is; None for an id that was never given. Applies it when its time has come."""
        held = self._made.get(writeback_id)
        if held is None:
            return None
        if held.status == "queued":
            if held.reads > 0:
                held.reads -= 1
            else:
                self._apply(held.rows)
                held.status = "complete"
        return held.status

    def _apply(self, rows: list[Mapping[str, Any]]) -> None:
        students, codes = self._students(), self._codes()
        for row in rows:
            half: Half = "AM" if row["session"] == "AM" else "PM"
            self._world.school.correct_mark(
                students[row["student_id"]],
                date.fromisoformat(row["date"][:10]),
                half,
                codes[row["attendance_code_id"]],
                at=self._world.now().astimezone(UTC),
                minutes_late=int(row["minutes_late"]) if row.get("minutes_late") else None,
                comment=row.get("comment") or "",
            )

    def _students(self) -> dict[str, str]:
        return {student_id(pupil.pupil_id): pupil.pupil_id for pupil in self._world.school.pupils}

    def _codes(self) -> dict[str, str]:
        rows = attendance_codes(self._world.school, self._world.today)
        return {row["id"]: row["code"] for row in rows}


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return False
    return True
