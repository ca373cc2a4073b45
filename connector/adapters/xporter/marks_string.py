"""Marks strings: a pupil's marks between two dates as one text (docs/mis-xporter.md).

Two places for each of the seven days of a week, AM then PM. Codes of two characters fit only where commas part them.
A string that does not fit its dates is refused, never shifted into place.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from rules.calendar import HALVES
from rules.school import Mark

NO_MARK = frozenset({"", "-"})
"""Nothing is recorded."""
CLOSED = "#"
"""The school is closed to the pupil."""


class MarksStringError(ValueError):
    """A marks string that does not fit its dates."""


def read_marks(pupil_id: str, text: str, start: date, end: date) -> Iterator[Mark]:
    """Given a pupil's marks string, yield the marks that it holds, those of a closed school among them; missing ones yield none.

    Both dates are counted. Raise MarksStringError when the length does not fit them.
    """
    codes = text.split(",") if "," in text else list(text)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    if len(codes) != 2 * len(days):
        raise MarksStringError(
            f"pupil {pupil_id}: a marks string from {start} to {end} must hold {2 * len(days)} sessions, "
            f"and holds {len(codes)}"
        )
    sessions = ((day, half) for day in days for half in HALVES)
    for (day, half), code in zip(sessions, codes, strict=True):
        if code.strip() not in NO_MARK:
            yield Mark(pupil_id, day, half, code.strip())
