"""Reads a school through Xporter: people whole each time (a few pages), marks by change set.

A first pull reads every mark from the wanted history to the end of the academic year in hand and keeps the hash of
that very request; later pulls send the same request with the hash and get what changed. The last school days are
always read again besides. Deleted rows name ids only, so a deletion outside those days makes the next read a full one.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from connector.adapters.base import (
    AllMarksSent,
    AllPupilsSent,
    CalendarPage,
    CodesPage,
    MarkPage,
    Page,
    PullEnd,
    PullRequest,
    PupilPage,
    SchoolPage,
)
from connector.adapters.row_reader import MissingFields
from connector.adapters.spells import joined_warning
from connector.adapters.xporter import rows
from connector.adapters.xporter.client import Row, Table, XporterClient, chunks
from connector.adapters.xporter.fields import names
from connector.adapters.xporter.marks_string import MarksStringError, read_marks
from connector.adapters.xporter.settings import XporterSettings
from connector.errors import DataError, FatalError, Finding
from rules.calendar import Calendar, CalendarError, Period
from rules.school import Mark

ENROLMENTS = "StudentEnrolmentHistory"
MARKS = "AttendanceForDateRange"
PUPILS_A_PAGE = 200
MARKS_A_PAGE = 10_000
_STUDENT_OPTIONS = "includeLeavers,includePreAdmissions"


def pull(client: XporterClient, settings: XporterSettings, request: PullRequest) -> Iterator[Page]:
    """Yield everything the run needs, ending in PullEnd."""
    missing = rows.missing_fields()
    warnings = list(_stale(client.status(), settings, request.until))
    for row in client.table("SchoolInfo", "SchoolInfo").rows[:1]:
        yield SchoolPage(rows.school(row, missing))
    codes = client.table("AttendanceCodes", "AttendanceCodes").rows
    yield CodesPage(tuple(rows.code(row, missing) for row in codes))
    periods = _periods(client, missing)
    yield CalendarPage(periods)
    students = read_students(client, settings)
    links = client.table("StudentContacts", "StudentContacts").rows
    people = client.table("Contacts", "Contacts").rows
    adults = rows.contacts(links, people, missing)
    history = client.table(ENROLMENTS, ENROLMENTS).rows if settings.enrolment_history else ()
    spells, pupils_joined = rows.spells(history, missing)
    warnings += joined_warning(pupils_joined)
    pupils = [rows.pupil(row, adults, spells, missing) for row in students]
    for page in chunks(pupils, PUPILS_A_PAGE):
        yield PupilPage(page)
    yield AllPupilsSent()
    calendar = _calendar(periods)
    if settings.marks == "string":
        yield from _marks_of_strings(students, settings, request, calendar)
        yield PullEnd(None, (*warnings, *missing.warnings))
        return
    bookmark = yield from _marks_of_rows(client, settings, request, calendar, missing)
    yield PullEnd(bookmark, (*warnings, *missing.warnings))


def read_students(client: XporterClient, settings: XporterSettings) -> list[Row]:
    """Return every student's row, leavers and those admitted for later among them."""
    options = _STUDENT_OPTIONS + (",includeAttMarkString" if settings.marks == "string" else "")
    return client.table("Students", "Students", {"options": options}).rows


def _periods(client: XporterClient, missing: MissingFields) -> tuple[Period, ...]:
    found = (rows.period(row, missing) for row in client.table("Calendar", "Calendar").rows)
    return tuple(period for period in found if period is not None)


def _calendar(periods: tuple[Period, ...]) -> Calendar:
    try:
        return Calendar(periods)
    except CalendarError as error:
        raise DataError([Finding("Xporter calendar", str(error))]) from error


def _marks_of_rows(
    client: XporterClient,
    settings: XporterSettings,
    request: PullRequest,
    calendar: Calendar,
    missing: MissingFields,
) -> Generator[Page, None, str | None]:
    """Yield pages of marks; return the bookmark."""
    year = calendar.year_of(request.until)
    kept = _kept(request.bookmark, settings, request.until, year.end)
    first = request.history_from or calendar.years[0].start
    span = kept["span"] if kept else [first.isoformat(), year.end.isoformat()]
    params = {"dateFrom": span[0], "dateTo": span[1], "changedRows": kept["changes"] if kept else "*"}
    changed = client.table(MARKS, MARKS, params, page_size=settings.marks_page_size)
    if kept and changed.deleted and not _all_recent(changed, request.recent_from):
        kept = None
        changed = client.table(
            MARKS, MARKS, {**params, "changedRows": "*"}, page_size=settings.marks_page_size
        )
    yield from _mark_pages(changed.rows, request.until, missing)
    if kept is None:
        yield AllMarksSent(date.fromisoformat(span[0]), request.until)
    else:
        start = request.by_date_from(date.fromisoformat(kept["until"]))
        window = {"dateFrom": start.isoformat(), "dateTo": request.until.isoformat()}
        recent = client.table(MARKS, MARKS, window, page_size=settings.marks_page_size)
        yield from _mark_pages(recent.rows, request.until, missing)
        yield AllMarksSent(start, request.until)
    until = request.until.isoformat()
    read_on = kept["read_on"] if kept else until
    return (
        json.dumps({"span": span, "changes": changed.next_changes, "read_on": read_on, "until": until})
        if changed.next_changes
        else None
    )


def _all_recent(changed: Table, recent_from: date) -> bool:
    """Return whether each deleted mark lies in the days that are read again anyway: its id says so, where it holds a date."""
    return all(_date_in(mark_id) >= recent_from for mark_id in changed.deleted)


def _date_in(mark_id: str) -> date:
    for part in mark_id.replace("_", "|").split("|"):
        try:
            return date.fromisoformat(part)
        except ValueError:
            continue
    return date.min


def _kept(
    bookmark: str | None, settings: XporterSettings, until: date, year_end: date
) -> dict[str, Any] | None:
    """Return the bookmark's content while it still serves: same academic year, no later day, and the last full read not too old."""
    try:
        kept = json.loads(bookmark or "")
        read_on = date.fromisoformat(kept["read_on"])
        serves = (
            kept["span"][1] == year_end.isoformat()
            and date.fromisoformat(kept["until"]) <= until
            and until - read_on < timedelta(days=settings.full_after_days)
        )
    except (ValueError, TypeError, KeyError):
        return None
    return kept if serves else None


def _mark_pages(found: list[Row], until: date, missing: MissingFields) -> Iterator[MarkPage]:
    marks = [mark for mark in (rows.mark(row, missing) for row in found) if mark.date <= until]
    return (MarkPage(page) for page in chunks(marks, MARKS_A_PAGE))


def _marks_of_strings(
    students: list[Row], settings: XporterSettings, request: PullRequest, calendar: Calendar
) -> Iterator[Page]:
    """Yield marks of the year in hand, from one string for each pupil."""
    open_sessions = frozenset(calendar.sessions)
    field, id_name = names("StudentsMarks"), names("Students")["pupil_id"]
    marks: list[Mark] = []
    first: date | None = None
    for row in students:
        missing = [name for name in field.values() if name not in row]
        if missing:
            raise FatalError(f"Xporter: Students holds no field {missing[0]}", fix='set marks = "rows"')
        if not row[field["marks"]]:
            continue
        start, end = (datetime.fromisoformat(str(row[field[name]])).date() for name in ("start", "end"))
        first = min(first or start, start)
        try:
            marks += read_marks(
                str(row[id_name]), str(row[field["marks"]]), start, end, settings.marks_layout, open_sessions
            )
        except MarksStringError as error:
            raise DataError(
                [
                    Finding(
                        "Xporter marks string",
                        str(error),
                        "set marks_layout to what the school's strings look like",
                    )
                ]
            ) from error
    for page in chunks([mark for mark in marks if mark.date <= request.until], MARKS_A_PAGE):
        yield MarkPage(page)
    if first:
        yield AllMarksSent(first, request.until)


def _stale(status: list[Row], settings: XporterSettings, until: date) -> Iterator[str]:
    """Yield a warning for each cached copy that is not fit or too old."""
    oldest = datetime.combine(until, time(23, 59)) - timedelta(hours=settings.stale_after_hours)
    for row in status:
        name, state = row.get("Name", "a database"), str(row.get("Status", ""))
        if state and state.upper() != "OK":
            yield f"Xporter: {name} is {state}: its data may be old"
        updated = str(row.get("LastUpdated") or "")
        if updated and datetime.fromisoformat(updated).replace(tzinfo=None) < oldest:
            yield f"Xporter: {name} was last filled more than {settings.stale_after_hours} hours ago"
