"""The register's history: every mark that changed, as we saw it and as the MIS itself tells it.

Both sources are kept. Where the MIS's history tells a change that we had seen, directly or in several steps, its
row is the one to show, because it knows who made the change and when (docs/conventions.md).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from rules.school import Amendment, Half, Session

_SHOWN = (
    "SELECT pupil_id, date, half, original, amended, amended_at, reason, amended_by, role FROM amendments"
    " WHERE told_by IS NULL"
)


def read_amendments(connection: sqlite3.Connection, pupil_id: str | None = None) -> tuple[Amendment, ...]:
    """Every change of a mark, told once, in order of session and time."""
    rows = connection.execute(f"{_SHOWN} AND (?1 IS NULL OR pupil_id = ?1)", (pupil_id,))
    found = [
        Amendment(
            row[0],
            date.fromisoformat(row[1]),
            row[2],
            row[3],
            row[4],
            datetime.fromisoformat(row[5]),
            *row[6:],
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda a: (a.pupil_id, a.date, a.half, _moment(a.amended_at))))


def sessions_left_empty(connection: sqlite3.Connection) -> set[tuple[str, Session]]:
    """Sessions whose mark was taken away at some time: a new mark there is a change, not a first entry."""
    rows = connection.execute(
        "SELECT DISTINCT pupil_id, date, half FROM amendments WHERE trim(amended) IN ('', '-')"
    )
    return {(row[0], Session(date.fromisoformat(row[1]), row[2])) for row in rows}


def add_seen(
    connection: sqlite3.Connection,
    pupil_id: str,
    session: Session,
    codes: tuple[str, str],
    *,
    amended_at: datetime,
    seen_at: datetime,
) -> int:
    """Record a change (original, amended) that a pull showed; return its row."""
    cursor = connection.execute(
        "INSERT INTO amendments (source, pupil_id, date, half, original, amended, amended_at, seen_at)"
        " VALUES ('seen', ?, ?, ?, ?, ?, ?, ?)",
        (
            pupil_id,
            session.date.isoformat(),
            session.half,
            *codes,
            amended_at.isoformat(),
            seen_at.isoformat(),
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def forget_seen(connection: sqlite3.Connection, row: int) -> None:
    """Take back a change that a later row of the same pull contradicts: of two rows the later one wins."""
    connection.execute("DELETE FROM amendments WHERE id = ? AND source = 'seen'", (row,))


def add_told(connection: sqlite3.Connection, amendments: Iterable[Amendment], *, seen_at: datetime) -> None:
    """Keep the MIS's own history; a change told twice is kept once, with what was told last."""
    connection.executemany(
        "INSERT INTO amendments (source, pupil_id, date, half, original, amended, amended_at, reason,"
        " amended_by, role, seen_at) VALUES ('mis', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (pupil_id, date, half, original, amended, amended_at) WHERE source = 'mis'"
        " DO UPDATE SET reason = excluded.reason, amended_by = excluded.amended_by, role = excluded.role",
        [
            (
                a.pupil_id,
                a.date.isoformat(),
                a.half,
                a.original.strip(),
                a.amended.strip(),
                a.amended_at.isoformat(),
                a.reason,
                a.amended_by,
                a.role,
                seen_at.isoformat(),
            )
            for a in amendments
        ],
    )


class _Row(NamedTuple):
    id: int
    source: str
    original: str
    amended: str
    at: datetime


def match_sources(connection: sqlite3.Connection) -> None:
    """Tie each change that we saw to the step or steps of the MIS's history that tell the same."""
    rows = connection.execute(
        "SELECT pupil_id, date, half, id, source, trim(original), trim(amended), amended_at FROM amendments"
        " WHERE (pupil_id, date, half) IN"
        "   (SELECT pupil_id, date, half FROM amendments WHERE source = 'seen' AND told_by IS NULL"
        "    INTERSECT SELECT pupil_id, date, half FROM amendments WHERE source = 'mis')"
        " ORDER BY pupil_id, date, half, id"
    )
    sessions: dict[tuple[str, str, Half], list[_Row]] = {}
    for pupil_id, day, half, row_id, source, original, amended, at in rows:
        row = _Row(row_id, source, original, amended, _moment(datetime.fromisoformat(at)))
        sessions.setdefault((pupil_id, day, half), []).append(row)
    for session in sessions.values():
        told = sorted((row for row in session if row.source == "mis"), key=lambda row: (row.at, row.id))
        for seen, by in _pairs([row for row in session if row.source == "seen"], told):
            connection.execute("UPDATE amendments SET told_by = ? WHERE id = ?", (by, seen))


def _pairs(seen: Sequence[_Row], told: Sequence[_Row]) -> Iterable[tuple[int, int]]:
    """Each seen change with the last of the consecutive told steps that lead from its original to its result."""
    start = 0
    for change in seen:
        span = _span(change, told, start)
        if span is not None:
            start = span + 1
            yield change.id, told[span].id


def _span(change: _Row, told: Sequence[_Row], start: int) -> int | None:
    for first in range(start, len(told)):
        if _code(told[first].original) != _code(change.original):
            continue
        for last in range(first, len(told)):
            if last > first and _code(told[last].original) != _code(told[last - 1].amended):
                break
            if _code(told[last].amended) == _code(change.amended):
                return last
    return None


def _code(code: str) -> str:
    return "" if code == "-" else code


def _moment(at: datetime) -> datetime:
    """Times with and without a zone in one order; one without is taken as UTC, which decides nothing but order."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
