"""Marks as Arbor holds them: AM/PM roll call records, and the attendance records that they were taken from.

A year of marks is half a million rows in a large school, so rows are made from the school's own marks when
asked for. A row's number follows from its session and pupil, so it stays the same whenever it is made.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from connector.mock.arbor.lookups import mark_ref
from connector.mock.arbor.rows import Change, Ref, RowLike, Rows
from connector.mock.arbor.types import KINDS, Kind
from connector.mock.school import MadeUpSchool
from rules.school import Mark, Session

OPENS = {"AM": time(8, 55), "PM": time(13, 0)}
CLOSES = {"AM": time(9, 25), "PM": time(13, 20)}
_NO_TAGS: Mapping[str, Any] = {}
_FIXED: Mapping[str, Any] = {"source": "REGISTER", "isRedundant": False}


@dataclass(slots=True)
class Held:
    """One mark with what the MIS adds to it."""

    mark: Mark
    number: int
    revision: int
    modified: datetime


class MarkRow:
    """A mark as a row of one of the two types."""

    __slots__ = ("_held", "_two", "id", "kind", "modified", "revision")

    def __init__(self, kind: Kind, held: Held, two_present_marks: bool) -> None:
        self.kind = kind
        self.id = str(held.number)
        self.revision = held.revision
        self.modified = held.modified
        self._held = held
        self._two = two_present_marks

    @property
    def tags(self) -> Mapping[str, Any]:
        return _NO_TAGS

    def value(self, name: str) -> Any:
        get = _VALUES[self.kind.name].get(name)
        if get is not None:
            return get(self._held)
        if name == "attendanceMark":
            return mark_ref(self._held.mark.code, two_present_marks=self._two)
        return _FIXED.get(name)


def _at(held: Held, times: Mapping[str, time]) -> str:
    return f"{held.mark.date.isoformat()} {times[held.mark.half].strftime('%H:%M:%S')}"


_SHARED: dict[str, Callable[[Held], Any]] = {
    "student": lambda held: Ref("Student", held.mark.pupil_id),
    "minutesLate": lambda held: held.mark.minutes_late,
}
_VALUES: dict[str, dict[str, Callable[[Held], Any]]] = {
    "AttendanceRollCallRecord": {
        **_SHARED,
        "recordDate": lambda held: held.mark.date.isoformat(),
        "attendanceRollCall": lambda held: Ref("AttendanceRollCall", held.mark.half),
        "sourceAttendanceRecord": lambda held: Ref("AttendanceRecord", str(held.number)),
    },
    "AttendanceRecord": {
        **_SHARED,
        "startDatetime": lambda held: _at(held, OPENS),
        "endDatetime": lambda held: _at(held, CLOSES),
        "recordNote": lambda held: held.mark.comment or None,
    },
}
MARK_TYPES = tuple(_VALUES)


class Marks:
    """The marks that are visible now, by number."""

    def __init__(self, school: MadeUpSchool, rows: Rows, *, two_present_marks: bool) -> None:
        self._rows = rows
        self._two = two_present_marks
        self._place = {pupil.pupil_id: n for n, pupil in enumerate(school.pupils)}
        self._pupils = [pupil.pupil_id for pupil in school.pupils]
        self._session = {session: n for n, session in enumerate(school.calendar.sessions)}
        self._sessions = school.calendar.sessions
        self.held: dict[int, Held] = {}
        self.numbers: list[int] = []
        self.log: list[Change] = []
        for name in MARK_TYPES:
            rows.stand_in(name, MarkTable(self, KINDS[name], two_present_marks))

    def number(self, mark: Mark) -> int:
        """Return the row's number of a mark."""
        session = self._session[Session(mark.date, mark.half)]
        return session * len(self._pupils) + self._place[mark.pupil_id] + 1

    def sync(self, marks: Iterable[Mark], now: datetime) -> None:
        """Make the rows agree with these marks, logging each difference under its own revision."""
        wanted = {self.number(mark): mark for mark in marks}
        gone = [number for number in self.held if number not in wanted]
        for number in gone:
            del self.held[number]
            self._note("delete", number)
        fresh = False
        for number, mark in wanted.items():
            held = self.held.get(number)
            if held is None:
                revision = self._note("create", number)
                self.held[number] = Held(mark, number, revision, mark.recorded_at or now)
                fresh = True
            elif held.mark is not mark and held.mark != mark:
                held.revision = self._note("update", number)
                held.mark, held.modified = mark, mark.recorded_at or now
        if gone or fresh:
            self.numbers = sorted(self.held)

    def between(self, type_name: str, first: date | None, last: date | None) -> Iterator[MarkRow]:
        """Rows of the marks between two days, both counted; None is no bound."""
        kind, width = KINDS[type_name], len(self._pupils)
        start, end = 0, len(self.numbers)
        if first:
            start = bisect_left(self.numbers, bisect_left(self._sessions, Session(first, "AM")) * width + 1)
        if last:
            end = bisect_right(self.numbers, bisect_right(self._sessions, Session(last, "PM")) * width)
        return (MarkRow(kind, self.held[number], self._two) for number in self.numbers[start:end])

    def _note(self, change: Any, number: int) -> int:
        revision = self._rows.next_revision()
        self.log.append(Change(revision, change, str(number)))
        return revision


class MarkTable:
    """One of the two types, seen as rows."""

    def __init__(self, marks: Marks, kind: Kind, two_present_marks: bool) -> None:
        self._marks = marks
        self._kind = kind
        self._two = two_present_marks

    def ids(self) -> Sequence[str]:
        return [str(number) for number in self._marks.numbers]

    def row(self, row_id: str) -> RowLike | None:
        held = self._marks.held.get(int(row_id)) if row_id.isdigit() else None
        return MarkRow(self._kind, held, self._two) if held else None

    def log(self) -> Sequence[Change]:
        return self._marks.log
