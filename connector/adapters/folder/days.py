"""The calendar of a register folder."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import cast

from connector.adapters.folder.columns import Columns
from connector.adapters.folder.csv_table import Row, read_table
from connector.adapters.folder.findings import Findings
from rules.calendar import PERIOD_KINDS, WEEKDAYS, Calendar, CalendarError, Period, PeriodKind

CALENDAR_COLUMNS = ("kind", "name", "start", "end", "half", "weekday")
BY_HALF = ("holiday", "inset", "closure", "weekly", "open")
"""Kinds of row that may be about one half of a day."""


def read_calendar(path: Path, findings: Findings, columns: Columns | None = None) -> Calendar | None:
    """Given calendar.csv, return the calendar; None when it cannot be used, with the reasons in ``findings``."""
    needed = ("kind", "start", "end")
    table = read_table(path, findings, required=needed, known=CALENDAR_COLUMNS, columns=columns)
    if table is None:
        return None
    before = findings.count
    rows = [(row.number, period) for row in table for period in [_period(row)] if period]
    for kind in ("year", "term", "half_term"):
        ordered = sorted((entry for entry in rows if entry[1].kind == kind), key=lambda entry: entry[1].start)
        for (earlier, first), (later, second) in pairwise(ordered):
            if second.start <= first.end:
                message = f"the {kind} starts on {second.start}, inside the one of row {earlier}"
                fix = "correct the dates: they must not overlap"
                table.error(later, "start", message, fix, same=f"{kind} overlaps")
    if findings.count > before:
        return None
    try:
        calendar = Calendar(tuple(period for _, period in rows))
    except CalendarError as error:
        findings.error(path.name, str(error))
        return None
    _warn_of_idle_rows(rows, calendar, path.name, findings)
    if not calendar.sessions:
        findings.error(path.name, "leaves no open session", "correct the half terms, holidays and closures")
        return None
    return calendar


def _warn_of_idle_rows(
    rows: list[tuple[int, Period]], calendar: Calendar, file: str, findings: Findings
) -> None:
    """Note rows ``open`` about days that are school days anyway: the day meant is probably another."""
    if not any(period.kind == "open" for _, period in rows):
        return
    usual = set(Calendar(tuple(p for p in calendar.periods if p.kind != "open")).sessions)
    for number, period in rows:
        if period.kind == "open" and usual.issuperset(period.sessions):
            message = "every session of the open row is a school session without it"
            findings.warning(file, message, "correct the date, or delete the row", row=number, column="start")


def _period(row: Row) -> Period | None:
    before = row.table.findings.count
    kind = row.required("kind").lower().replace(" ", "_")
    start, end = row.day("start", required=True), row.day("end", required=True)
    half, weekday = row.half("half"), _weekday(row)
    if kind and kind not in PERIOD_KINDS:
        message, fix = f"'{kind[:20]}' is not a kind", f"use one of {', '.join(PERIOD_KINDS)}"
        row.table.error(row.number, "kind", message, fix, same="kind")
        return None
    if half and kind not in BY_HALF:
        fix = f"leave it to rows of {', '.join(BY_HALF)}"
        row.table.error(row.number, "half", f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} has no half", fix)
    if weekday is not None and kind != "weekly":
        fix = "empty the cell, or use the kind weekly"
        row.table.error(row.number, "weekday", f"a row of kind {kind} has no weekday", fix)
    if kind == "weekly" and not row.text("weekday"):
        fix = f"write one of {', '.join(WEEKDAYS)}"
        row.table.error(row.number, "weekday", "a weekly row names the day of the week", fix)
    if start is None or end is None or row.table.findings.count > before:
        return None
    if end < start:
        message = f"{end} is before the start, {start}"
        row.table.error(row.number, "end", message, "swap or correct the dates", same="before")
        return None
    if weekday is not None and start + timedelta(days=(weekday - start.weekday()) % 7) > end:
        message = f"no {WEEKDAYS[weekday]} lies between {start} and {end}"
        row.table.error(row.number, "weekday", message, "correct the weekday or the dates", same="none")
        return None
    return Period(cast(PeriodKind, kind), row.text("name") or kind, start, end, half, weekday)


def _weekday(row: Row) -> int | None:
    name = row.text("weekday").capitalize()
    if name in WEEKDAYS:
        return WEEKDAYS.index(name)
    if name:
        fix = f"write one of {', '.join(WEEKDAYS)}"
        row.table.error(row.number, "weekday", "is no day of the week", fix)
    return None
