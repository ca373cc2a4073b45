"""A pupil's marks between two dates as one text: AM and PM of each of the seven days of a week (D18)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from rules.school import Half, Session

CLOSED, NO_MARK = "#", "-"
"""The school is closed; nothing is recorded yet (D18)."""
HALVES: tuple[Half, Half] = ("AM", "PM")


def code_at(codes: Mapping[Session, str], session: Session, open_sessions: Collection[Session]) -> str:
    """Return the mark of a session: its code, "-" where none is recorded, "#" where the school is closed."""
    return codes.get(session) or (NO_MARK if session in open_sessions else CLOSED)


def marks_string(
    codes: Mapping[Session, str],
    start: date,
    end: date,
    open_sessions: Collection[Session],
    *,
    commas: bool,
) -> str:
    """Return the marks from ``start`` to ``end``, both included, as one text.

    Without commas a code of two characters is its first one (assumption).
    """
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    marks = [code_at(codes, Session(day, half), open_sessions) for day in days for half in HALVES]
    return ",".join(marks) if commas else "".join(mark[0] for mark in marks)
