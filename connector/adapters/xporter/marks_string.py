"""Marks strings: a pupil's marks between two dates as one text (docs/mis-xporter.md).

No sample of such a string is public, so its layout is made of settings, and its length must fit the dates: a
string that does not fit is refused, never shifted into place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Literal

from rules.school import Half, Mark, Session
from rules.settings import Table


class MarksLayout(Table):
    """How a marks string is laid out. Every key is an assumption."""

    shape: Literal["auto", "characters", "commas"] = "auto"
    """Assumption: one character for each session, or codes separated by commas; auto decides by whether there is a comma."""
    days: Literal["weekdays", "all", "school_days"] = "weekdays"
    """Assumption: which days between the two dates the string has places for."""
    order: Literal["by_day", "all_mornings_first"] = "by_day"
    """Assumption: AM and PM of each day in turn, or every AM and then every PM."""
    filler: tuple[str, ...] = ("#", " ", "")
    """Assumption: what stands where the school is closed."""
    missing: tuple[str, ...] = ("-", "", " ")
    """Assumption: what stands for a session without a mark."""


class MarksStringError(ValueError):
    """A marks string that does not fit its dates."""


def places(start: date, end: date, layout: MarksLayout, school_days: Collection[date]) -> list[Session]:
    """Return the session that each place of the string stands for."""
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    if layout.days == "weekdays":
        days = [day for day in days if day.weekday() < 5]
    elif layout.days == "school_days":
        days = [day for day in days if day in school_days]
    halves: tuple[Half, Half] = ("AM", "PM")
    if layout.order == "all_mornings_first":
        return [Session(day, half) for half in halves for day in days]
    return [Session(day, half) for day in days for half in halves]


def read_marks(
    pupil_id: str, text: str, start: date, end: date, layout: MarksLayout, open_sessions: Collection[Session]
) -> Iterator[Mark]:
    """Given a pupil's marks string, yield the marks that it holds; closed and missing sessions yield none.

    ``open_sessions`` are those of the school's calendar. Raises MarksStringError when the length does not fit
    the dates.
    """
    shape = layout.shape if layout.shape != "auto" else ("commas" if "," in text else "characters")
    codes = text.split(",") if shape == "commas" else list(text)
    sessions = places(start, end, layout, {session.date for session in open_sessions})
    if len(codes) != len(sessions):
        raise MarksStringError(
            f"pupil {pupil_id}: a marks string from {start} to {end} must hold {len(sessions)} sessions, "
            f"and holds {len(codes)}"
        )
    for session, code in zip(sessions, codes, strict=True):
        closed = code in layout.filler and session not in open_sessions
        if not closed and code not in layout.missing:
            yield Mark(pupil_id, session.date, session.half, code.strip())
