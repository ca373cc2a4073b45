"""AM/PM marks from Arbor's roll call records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from connector.adapters.arbor.asked import mark_want
from connector.adapters.arbor.rows import (
    Fetches,
    Row,
    Want,
    code_of,
    day_of,
    local,
    moment_of,
    name_in,
    related_id,
    whole_of,
)
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.base import PullRequest
from connector.errors import DataError
from rules.school import Half, Mark

IDS_AT_A_TIME = 500
_ROOM = 0.95
"""How full a page may be expected to be: a page that overflows must be read twice (paging.py)."""


class MarkReader:
    """Reads marks as they stand."""

    def __init__(self, source: Fetches, settings: ArborSettings, letters: dict[str, str]) -> None:
        """``letters``: register letter by the code of an attendance mark."""
        self._source = source
        self._settings = settings
        self._letters = letters
        self._halves: dict[str, Half] = {
            **dict.fromkeys(settings.morning_roll_calls, "AM"),
            **dict.fromkeys(settings.afternoon_roll_calls, "PM"),
        }
        self.unknown_roll_calls: set[str] = set()
        """Roll calls met that are neither the morning nor the afternoon session."""
        self.spoilt: set[str] = set()
        """Ids of rows that make no mark."""

    def between(
        self, start: date, end: date, days: Sequence[date], pupils: int
    ) -> Iterator[tuple[list[Mark], set[str]]]:
        """Yield marks of the days, a stretch at a time, with the ids of their rows.

        ``days`` are the school days; ``pupils`` says how many marks to expect in a session, so that a stretch
        fits one page.
        """
        wanted = [day for day in days if start <= day <= end]
        size = (
            self._settings.graphql_page_size
            if self._settings.reads == "graphql"
            else self._settings.page_size
        )
        per_session = max(1, pupils)
        sessions = int(size * _ROOM // per_session)
        if sessions >= 2:
            step = max(1, sessions // 2)
            for place in range(0, len(wanted), step):
                stretch = wanted[place : place + step]
                yield self._read(
                    mark_want(self._settings).where("recordDate", "from", stretch[0].isoformat()), stretch[-1]
                )
            return
        for day in wanted:
            for codes in (self._settings.morning_roll_calls, self._settings.afternoon_roll_calls):
                for code in codes:
                    want = mark_want(self._settings).where("attendanceRollCall__code", "equals", code)
                    yield self._read(want.where("recordDate", "from", day.isoformat()), day)

    def by_id(self, ids: Iterable[str], until: date) -> Iterator[tuple[list[Mark], set[str]]]:
        """Yield the marks of these rows, none of a day after ``until``; rows that are gone are not among the ids."""
        wanted = list(ids)
        for place in range(0, len(wanted), IDS_AT_A_TIME):
            want = mark_want(self._settings).where("id", "in", wanted[place : place + IDS_AT_A_TIME])
            yield self._marks(self._source.fetch([want])[0], until)

    def take(self, rows: Iterable[Row], until: date) -> list[Mark]:
        """Return the marks that these rows make, none of a day after ``until``."""
        return self._marks(rows, until)[0]

    def warnings(self) -> Iterator[str]:
        """Yield what was left out of all that was read, and why."""
        if self.unknown_roll_calls:
            yield (
                f"marks of the roll calls {', '.join(sorted(self.unknown_roll_calls))} were left out: they are "
                "neither morning nor afternoon in the settings"
            )
        if self.spoilt:
            yield f"{len(self.spoilt)} marks were left out: their date or minutes cannot be read"

    def _read(self, want: Want, last: date) -> tuple[list[Mark], set[str]]:
        rows = self._source.fetch([want.where("recordDate", "to", last.isoformat())])[0]
        return self._marks(rows, last)

    def _marks(self, rows: Iterable[Row], until: date) -> tuple[list[Mark], set[str]]:
        marks, ids = [], set()
        for row in rows:
            ids.add(str(row["id"]))
            try:
                mark = self._mark(row)
            except (DataError, ValueError):
                self.spoilt.add(str(row["id"]))
                continue
            if mark is not None and mark.date <= until:
                marks.append(mark)
        return marks, ids

    def _mark(self, row: Row) -> Mark | None:
        """Return one mark; None for a roll call that is neither session of the day."""
        roll_call = code_of(row.get("attendanceRollCall"))
        half = self._halves.get(roll_call)
        day = day_of(row.get("recordDate"), "roll call record recordDate")
        student = related_id(row, "student")
        if half is None:
            self.unknown_roll_calls.add(roll_call or "none")
        if half is None or day is None or not student:
            return None  # a mark of a pupil who was deleted names nobody
        code = code_of(row.get("attendanceMark"))
        letter = self._letters.get(
            code, code
        )  # a mark whose letter we do not know keeps its code: a named error later
        if self._settings.one_present_mark and letter == "/" and half == "PM":
            letter = "\\"
        return Mark(
            pupil_id=student,
            date=day,
            half=half,
            code=letter,
            minutes_late=_minutes(row.get("minutesLate")),
            comment=name_in(row, "sourceAttendanceRecord", "recordNote"),
            recorded_at=local(moment_of(row.get("modifiedDatetime"), "roll call record modifiedDatetime")),
        )


def _minutes(value: Any) -> int | None:
    """Return minutes late, of which none are not said. Raise ValueError for what is no number."""
    minutes = whole_of(value)
    if minutes is None and value not in (None, ""):
        raise ValueError("minutes late")
    return minutes or None


def window_start(settings: ArborSettings, request: PullRequest, last: date) -> date:
    """Given the last pull's day, return from which day marks are read whole.

    By REST that is the day after the last pull: each mark is a call, and the change log names what else is new.
    """
    unread = last + timedelta(days=1)
    if settings.reads == "rest":
        return unread
    return min(unread, max(request.recent_from, request.until - timedelta(days=settings.reread_days)))
