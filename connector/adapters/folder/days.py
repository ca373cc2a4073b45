"""The calendar of a register folder."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import cast

from connector.adapters.folder.table import Findings, Row, read_table
from rules.calendar import PERIOD_KINDS, Calendar, CalendarError, Period
from rules.school import Half

CALENDAR_COLUMNS = ("kind", "name", "start", "end", "half")
CLOSING = ("holiday", "inset", "closure")


def read_calendar(path: Path, findings: Findings) -> Calendar | None:
    """Given calendar.csv, return the calendar; None when it cannot be used, with the reasons in ``findings``."""
    table = read_table(path, findings, required=("kind", "start", "end"), known=CALENDAR_COLUMNS)
    if table is None:
        return None
    before = len(findings.errors)
    rows = [(row.number, period) for row in table for period in [_period(row)] if period]
    for kind in ("year", "term", "half_term"):
        ordered = sorted((entry for entry in rows if entry[1].kind == kind), key=lambda entry: entry[1].start)
        for (earlier, first), (later, second) in pairwise(ordered):
            if second.start <= first.end:
                message = f"the {kind} starts on {second.start}, inside the one of row {earlier}"
                table.error(later, "start", message, "correct the dates: they must not overlap")
    if len(findings.errors) > before:
        return None
    try:
        calendar = Calendar(tuple(period for _, period in rows))
    except CalendarError as error:
        findings.error(path.name, str(error))
        return None
    if not calendar.sessions:
        findings.error(path.name, "leaves no open session", "correct the half terms, holidays and closures")
        return None
    return calendar


def _period(row: Row) -> Period | None:
    kind = row.required("kind")
    start, end = row.day("start", required=True), row.day("end", required=True)
    half = row.one_of("half", ("AM", "PM"))
    if kind and kind not in PERIOD_KINDS:
        row.table.error(
            row.number, "kind", f"'{kind[:20]}' is not a kind", f"use one of {', '.join(PERIOD_KINDS)}"
        )
        return None
    if half and kind not in CLOSING:
        row.table.error(
            row.number, "half", f"a {kind} has no half", f"leave it to rows of {', '.join(CLOSING)}"
        )
    if not kind or start is None or end is None:
        return None
    if end < start:
        row.table.error(row.number, "end", f"{end} is before the start, {start}", "swap or correct the dates")
        return None
    name = row.text("name") or kind
    return Period(kind, name, start, end, cast(Half, half) if half else None)
