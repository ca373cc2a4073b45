"""From the school's file straight to a Register: bytes to a matrix, without a value per mark."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from connector.store.amendments import read_amendments
from connector.store.facts.fact_history import FactHistory
from connector.store.facts.school_facts import Facts
from connector.store.mark_bytes import SLOTS, CodeTable, is_missing, session_at, slot_of, storage_year
from rules.calendar import HALVES, Calendar
from rules.pupil_record import part_time_days
from rules.register import Register, on_roll_matrix
from rules.school import Mark, Nation, Pupil, Session

_DETAILS = "SELECT pupil_id, date, half, minutes_late, comment FROM mark_details"


def read_register(
    connection: sqlite3.Connection,
    *,
    nation: Nation,
    welsh_d_attended: bool = True,
    calendar: Calendar | None = None,
    instead: Mapping[str, Pupil] = {},
) -> Register:
    """Return everything held, as :func:`rules.register.build_register` would make it. Raise CalendarError.

    ``calendar`` and ``instead`` (pupils by id) take the place of what is held, to see what they would make of it.
    """
    facts, history = Facts(connection), FactHistory(connection)
    calendar = calendar or Calendar(facts.calendar())
    recorded = facts.pupil_records()
    part_time = part_time_days(recorded)
    pupils = tuple(
        _with_timetable(instead.get(pupil.pupil_id, pupil), part_time.get(pupil.pupil_id, ()))
        for pupil in facts.pupils()
    )
    row_of = {pupil.pupil_id: row for row, pupil in enumerate(pupils)}
    columns = _Columns(calendar)
    codes, table = _codes(connection)
    matrix = np.zeros((len(pupils), len(calendar.sessions)), dtype=np.uint8)
    not_listed = outside = 0
    for pupil_id, year, blob in connection.execute("SELECT pupil_id, year, codes FROM marks"):
        stored = np.frombuffer(blob, dtype=np.uint8)
        row = row_of.get(pupil_id)
        if row is None:
            not_listed += int(np.count_nonzero(stored))
            continue
        of_year, slots = columns.of_year(year)
        picked = stored[slots]
        matrix[row, of_year] = table[picked]
        outside += int(np.count_nonzero(stored) - np.count_nonzero(picked))
    on_roll = on_roll_matrix(pupils, calendar.sessions)
    off_roll = int(np.count_nonzero(matrix[~on_roll]))
    matrix[~on_roll] = 0
    minutes, comments = _details(connection, row_of, columns, on_roll)
    return Register(
        nation=nation,
        calendar=calendar,
        pupils=pupils,
        codes=codes,
        matrix=matrix,
        minutes_late=minutes,
        comments=comments,
        amendments=read_amendments(connection),
        attendance_plans=facts.attendance_plans(),
        leave_requests=facts.leave_requests(),
        exclusions=facts.exclusions(),
        notices=facts.notices(),
        notices_to_improve=facts.notices_to_improve(),
        form_decisions=facts.form_decisions(),
        pupil_records=recorded,
        flag_days=history.flag_days(),
        past_dates=_with_dates(history.past_dates(), part_time),
        welsh_d_attended=welsh_d_attended,
        warnings=(
            *calendar.warnings,
            *(
                f"{count} mark(s) {where} passed over"
                for where, count in (
                    ("outside the calendar", outside),
                    ("outside the pupil's time on roll", off_roll),
                    ("of a pupil who is not listed", not_listed),
                )
                if count
            ),
        ),
    )


def read_marks(connection: sqlite3.Connection, pupil_id: str | None = None) -> Iterator[Mark]:
    """Yield every mark held, of one pupil or of all, by pupil and then in order of time. Not fast: for people and tests."""
    table = CodeTable(connection)
    details = {
        (row["pupil_id"], Session(date.fromisoformat(row["date"]), row["half"])): row
        for row in connection.execute(_DETAILS)
    }
    rows = connection.execute(
        "SELECT pupil_id, year, codes FROM marks WHERE ?1 IS NULL OR pupil_id = ?1 ORDER BY pupil_id, year",
        (pupil_id,),
    )
    for owner, year, blob in rows:
        for slot, index in enumerate(blob):
            if index:
                session = session_at(year, slot)
                more = details.get((owner, session))
                minutes, comment = (more["minutes_late"], more["comment"]) if more else (None, "")
                yield Mark(owner, session.date, session.half, table.code(index), minutes, comment)


def marks_off_calendar(
    connection: sqlite3.Connection, calendar: Calendar, until: date, days: int
) -> tuple[int, int]:
    """Count marks on days without school, and all marks, in the last so many days up to a date."""
    start = until - timedelta(days=days - 1)
    sessions = {Session(start + timedelta(days=n), half) for n in range(days) for half in HALVES}
    open_sessions = set(calendar.sessions)
    outside = marks = 0
    slots: dict[int, list[tuple[int, bool]]] = {}
    for session in sessions:
        slots.setdefault(storage_year(session.date), []).append(
            (slot_of(session.date, session.half), session in open_sessions)
        )
    for year, of_year in slots.items():
        picked = np.array([slot for slot, _ in of_year], dtype=np.intp)
        is_open = np.array([known for _, known in of_year], dtype=np.bool_)
        for (blob,) in connection.execute("SELECT codes FROM marks WHERE year = ?", (year,)):
            held = np.frombuffer(blob, dtype=np.uint8)[picked] > 0
            marks += int(np.count_nonzero(held))
            outside += int(np.count_nonzero(held & ~is_open))
    return outside, marks


def _with_timetable(pupil: Pupil, recorded: Sequence[tuple[date, date | None]]) -> Pupil:
    """Return the pupil with the last part-time timetable on record, where neither MIS nor file gives one."""
    if pupil.part_time_from or pupil.part_time_to or not recorded:
        return pupil
    start, end = recorded[-1]
    known = pupil.unknown - {"part_time_from", "part_time_to"}
    return replace(pupil, part_time_from=start, part_time_to=end, unknown=known)


def _with_dates(
    past: Mapping[str, tuple[tuple[str, date], ...]],
    part_time: Mapping[str, Sequence[tuple[date, date | None]]],
) -> dict[str, tuple[tuple[str, date], ...]]:
    """Return the dates of timetables that the MIS no longer has, with those of every one that is on record."""
    dates = dict(past)
    for pupil_id, spans in part_time.items():
        own = [("part_time_from", start) for start, _ in spans]
        own += [("part_time_to", end) for _, end in spans if end is not None]
        dates[pupil_id] = (*dates.get(pupil_id, ()), *own)
    return dates


class _Columns:
    """Which column of the matrix each stored session has."""

    def __init__(self, calendar: Calendar) -> None:
        self.column_of = {session: column for column, session in enumerate(calendar.sessions)}
        self._years: dict[int, tuple[list[int], list[int]]] = {}
        for session, column in self.column_of.items():
            columns, slots = self._years.setdefault(storage_year(session.date), ([], []))
            columns.append(column)
            slots.append(slot_of(session.date, session.half))
        self._arrays = {
            year: (np.array(columns, dtype=np.intp), np.array(slots, dtype=np.intp))
            for year, (columns, slots) in self._years.items()
        }

    def of_year(self, year: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return a year's matrix columns and the bytes they are read from."""
        none = np.zeros(0, dtype=np.intp)
        return self._arrays.get(year, (none, none))


def _codes(connection: sqlite3.Connection) -> tuple[tuple[str, ...], NDArray[np.uint8]]:
    """Return the register's codes, trimmed, and for each stored index the register's one."""
    found = [""]
    place = {"": 0}
    table = np.zeros(256, dtype=np.uint8)
    for index, code in connection.execute("SELECT idx, code FROM codes ORDER BY idx"):
        if is_missing(code):
            continue
        trimmed = code.strip()
        if trimmed not in place:
            place[trimmed] = len(found)
            found.append(trimmed)
        table[index] = place[trimmed]
    return tuple(found), table


def _details(
    connection: sqlite3.Connection,
    row_of: dict[str, int],
    columns: _Columns,
    on_roll: NDArray[np.bool_],
) -> tuple[dict[tuple[int, int], int], dict[tuple[int, int], str]]:
    minutes: dict[tuple[int, int], int] = {}
    comments: dict[tuple[int, int], str] = {}
    assert SLOTS == 2 * 366
    days = {session.date.isoformat(): session.date for session in columns.column_of}
    for detail in connection.execute(_DETAILS):
        row = row_of.get(detail["pupil_id"])
        day = days.get(detail["date"])
        column = None if day is None else columns.column_of.get(Session(day, detail["half"]))
        if row is None or column is None or not on_roll[row, column]:
            continue
        if detail["minutes_late"]:
            minutes[row, column] = detail["minutes_late"]
        if detail["comment"]:
            comments[row, column] = detail["comment"]
    return minutes, comments
