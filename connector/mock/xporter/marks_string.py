"""A pupil's marks between two dates as one text, as the mock Xporter writes it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict

from rules.school import Half, Session

CLOSED, NO_MARK = "#", "-"
"""Documented for the range endpoint: the school is closed; nothing is recorded yet."""


class MarksLayout(BaseModel):
    """How the mock lays out a marks string, by the names of the adapter's setting ``marks_layout``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    shape: Literal["characters", "commas"] = "commas"
    """Only codes between commas can hold the two-character codes of August 2024."""
    days: Literal["weekdays", "all", "school_days"] = "weekdays"
    order: Literal["by_day", "all_mornings_first"] = "by_day"


def marks_string(
    codes: Mapping[Session, str],
    start: date,
    end: date,
    layout: MarksLayout,
    open_sessions: Collection[Session],
) -> str:
    """Return the marks from ``start`` to ``end``, both included, as one text.

    Where one character must hold a code of two, it is the code's first.
    """
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    if layout.days == "weekdays":
        days = [day for day in days if day.weekday() < 5]
    elif layout.days == "school_days":
        open_days = {session.date for session in open_sessions}
        days = [day for day in days if day in open_days]
    halves: tuple[Half, Half] = ("AM", "PM")
    sessions = [Session(day, half) for day in days for half in halves]
    if layout.order == "all_mornings_first":
        sessions.sort(key=lambda session: session.half)
    marks = [(codes.get(session) or NO_MARK) if session in open_sessions else CLOSED for session in sessions]
    return ",".join(marks) if layout.shape == "commas" else "".join(mark[0] for mark in marks)
