"""The register's history: every mark that changed, as a pull showed it and as the MIS itself records it.

Both sources are kept, each moment in UTC to the second, so that one moment is one however the MIS spells it.
What is shown of the two is settled on reading, over all that has arrived (:mod:`connector.store.mark_history`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby

from connector.store.coding import utc_text
from connector.store.mark_bytes import is_missing
from connector.store.mark_history import Change, one_history
from rules.school import Amendment, Session


def read_amendments(connection: sqlite3.Connection, pupil_id: str | None = None) -> tuple[Amendment, ...]:
    """Return every change of a mark once, in order of session and time, which is in UTC."""
    rows = connection.execute(
        "SELECT source, pupil_id, date, half, original, amended, amended_at, reason, amended_by, role, seen_at"
        " FROM amendments WHERE ?1 IS NULL OR pupil_id = ?1 ORDER BY pupil_id, date, half, id",
        (pupil_id,),
    )
    by_session = groupby(map(_change, rows), key=lambda change: change.session)
    return tuple(amendment for _, changes in by_session for amendment in one_history(list(changes)))


def _change(row: sqlite3.Row) -> Change:
    amendment = Amendment(
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
    return Change(row["source"], amendment, datetime.fromisoformat(row["seen_at"]))


def sessions_left_empty(connection: sqlite3.Connection) -> set[tuple[str, Session]]:
    """Return sessions whose mark was taken away at some time: a new mark there is a change, not a first entry."""
    rows = connection.execute("SELECT DISTINCT pupil_id, date, half FROM amendments WHERE amended = ''")
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
            *map(_code, codes),
            _to_the_second(amended_at),
            utc_text(seen_at),
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
    """Keep the MIS's own history; a change that comes twice is kept once, as it came last, and no change not at all."""
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
                _code(a.original),
                _code(a.amended),
                _to_the_second(a.amended_at),
                a.reason,
                a.amended_by,
                a.role,
                utc_text(seen_at),
            )
            for a in amendments
            if _code(a.original) != _code(a.amended)
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
        (row["pupil_id"], Session(date.fromisoformat(row["date"]), row["half"])): row["original"]
        for row in rows
    }


def last_amendment_seen_by(connection: sqlite3.Connection, moment: datetime) -> int:
    """Return the number of the last amendment that was seen up to a moment; 0 when there is none."""
    row = connection.execute(
        "SELECT coalesce(max(id), 0) AS id FROM amendments WHERE seen_at <= ?", (utc_text(moment),)
    ).fetchone()
    return int(row["id"])


def _code(code: str) -> str:
    """Return a code as it is kept: trimmed, and empty where there is no mark."""
    return "" if is_missing(code) else code.strip()


def _to_the_second(moment: datetime) -> str:
    return utc_text(moment.replace(microsecond=0))
