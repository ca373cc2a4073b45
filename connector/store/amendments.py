"""The register's history: every mark that changed, as a pull showed it and as the MIS itself records it.

Both sources are kept. Where the MIS's history has a change that a pull had shown, directly or in several steps, its
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
    """Return every change of a mark once, in order of session and time."""
    rows = connection.execute(f"{_SHOWN} AND (?1 IS NULL OR pupil_id = ?1)", (pupil_id,))
    amendments = [
        Amendment(
            pupil_id=row["pupil_id"],
            date=date.fromisoformat(row["date"]),
            half=row["half"],
            original=row["original"],
            amended=row["amended"],
            amended_at=datetime.fromisoformat(row["amended_at"]),
            reason=row["reason"],
            amended_by=row["amended_by"],
            role=row["role"],
        )
        for row in rows
    ]
    return tuple(sorted(amendments, key=lambda a: (a.pupil_id, a.date, a.half, _moment(a.amended_at))))


def sessions_left_empty(connection: sqlite3.Connection) -> set[tuple[str, Session]]:
    """Return sessions whose mark was taken away at some time: a new mark there is a change, not a first entry."""
    rows = connection.execute(
        "SELECT DISTINCT pupil_id, date, half FROM amendments WHERE trim(amended) IN ('', '-')"
    )
    return {(row["pupil_id"], Session(date.fromisoformat(row["date"]), row["half"])) for row in rows}


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


def add_from_mis(
    connection: sqlite3.Connection, amendments: Iterable[Amendment], *, seen_at: datetime
) -> None:
    """Keep the MIS's own history; a change that comes twice is kept once, as it came last."""
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


def last_amendment(connection: sqlite3.Connection) -> int:
    """Return the number of the last amendment on record; 0 when there is none."""
    return int(connection.execute("SELECT coalesce(max(id), 0) AS id FROM amendments").fetchone()["id"])


def codes_before(connection: sqlite3.Connection, after: int) -> dict[tuple[str, Session], str]:
    """Return, for each session whose mark a pull has shown to change since an amendment, its code until then."""
    rows = connection.execute(
        "SELECT pupil_id, date, half, original FROM amendments WHERE source = 'seen' AND id > ? ORDER BY id DESC",
        (after,),
    )
    return {
        (row["pupil_id"], Session(date.fromisoformat(row["date"]), row["half"])): row["original"].strip()
        for row in rows
    }


def last_amendment_seen_by(connection: sqlite3.Connection, moment: datetime) -> int:
    """Return the number of the last amendment that was seen up to a moment; 0 when there is none."""
    row = connection.execute(
        "SELECT coalesce(max(id), 0) AS id FROM amendments WHERE seen_at <= ?", (moment.isoformat(),)
    ).fetchone()
    return int(row["id"])


class _Change(NamedTuple):
    id: int
    source: str
    original: str
    amended: str
    at: datetime


def match_sources(connection: sqlite3.Connection) -> None:
    """Tie each change that a pull showed to the step or steps of the MIS's history that amount to the same."""
    rows = connection.execute(
        "SELECT pupil_id, date, half, id, source, trim(original) AS original, trim(amended) AS amended, amended_at"
        " FROM amendments WHERE (pupil_id, date, half) IN"
        "   (SELECT pupil_id, date, half FROM amendments WHERE source = 'seen' AND told_by IS NULL"
        "    INTERSECT SELECT pupil_id, date, half FROM amendments WHERE source = 'mis')"
        " ORDER BY pupil_id, date, half, id"
    )
    sessions: dict[tuple[str, str, Half], list[_Change]] = {}
    for row in rows:
        at = _moment(datetime.fromisoformat(row["amended_at"]))
        change = _Change(row["id"], row["source"], row["original"], row["amended"], at)
        sessions.setdefault((row["pupil_id"], row["date"], row["half"]), []).append(change)
    for changes in sessions.values():
        of_mis = sorted((one for one in changes if one.source == "mis"), key=lambda one: (one.at, one.id))
        for seen, step in _pairs([one for one in changes if one.source == "seen"], of_mis):
            connection.execute("UPDATE amendments SET told_by = ? WHERE id = ?", (step, seen))


def _pairs(seen: Sequence[_Change], of_mis: Sequence[_Change]) -> Iterable[tuple[int, int]]:
    """Yield each seen change with the last of the MIS's consecutive steps from its original to its result."""
    start = 0
    for change in seen:
        last = _last_step(change, of_mis, start)
        if last is not None:
            start = last + 1
            yield change.id, of_mis[last].id


def _last_step(change: _Change, steps: Sequence[_Change], start: int) -> int | None:
    for first in range(start, len(steps)):
        if _code(steps[first].original) != _code(change.original):
            continue
        for last in range(first, len(steps)):
            if last > first and _code(steps[last].original) != _code(steps[last - 1].amended):
                break
            if _code(steps[last].amended) == _code(change.amended):
                return last
    return None


def _code(code: str) -> str:
    return "" if code == "-" else code


def _moment(at: datetime) -> datetime:
    """Return a time with a zone; one without is taken as UTC, which decides nothing but order."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)
