"""Reads a school through Xporter: people whole each time (a few pages), marks as :mod:`connector.adapters.xporter.marks` says.

There is no calendar to be had: Xporter names holidays and events, and neither an academic year nor a term.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from connector.adapters.base import (
    AllPupilsSent,
    CodesPage,
    Page,
    PullEnd,
    PullRequest,
    PupilPage,
    SchoolPage,
)
from connector.adapters.row_reader import MissingFields
from connector.adapters.spells import joined_warning
from connector.adapters.xporter import fields, rows
from connector.adapters.xporter.adults import contacts
from connector.adapters.xporter.client import Row, Table, XporterClient, chunks
from connector.adapters.xporter.marks import marks_of_rows, marks_of_strings
from connector.adapters.xporter.settings import XporterSettings
from connector.errors import FatalError
from rules.school import Contact

PUPILS_A_PAGE = 200
STUDENT_OPTIONS = "includeLeavers,includePreAdmissions,includeGuests,includeSubsidiary"
MARKS_STRING = ",includeAttMarkString"
CONTACT_OPTIONS = "includeLeavers,includePreAdmissions"


def pull(client: XporterClient, settings: XporterSettings, request: PullRequest) -> Iterator[Page]:
    """Yield everything the run needs but the calendar, ending in PullEnd."""
    missing = fields.missing_fields()
    for row in client.table(fields.SCHOOL).rows[:1]:
        yield SchoolPage(rows.school(row, settings.estab, settings.urn, missing))
    yield CodesPage(tuple(rows.code(row, missing) for row in client.table(fields.CODES).rows))
    students = client.table(fields.STUDENTS, {"options": student_options(settings)})
    warnings = list(_stale(students.made, settings, request.until))
    adults = _adults(client, settings, missing)
    history = client.table(fields.ENROLMENTS).rows if settings.enrolment_history else ()
    spells, pupils_joined = rows.spells(history, missing)
    warnings += joined_warning(pupils_joined)
    groups = _groups(client, students, missing)
    read = [rows.pupil(row, adults, spells, groups, missing) for row in students.rows]
    pupils = [pupil for pupil in read if pupil is not None]
    if len(pupils) < len(read):
        warnings.append(
            f"Xporter: {len(read) - len(pupils)} pupil(s) who have left or are yet to come have no date of that "
            "and were left out (scope StudentExtended)"
        )
    for page in chunks(pupils, PUPILS_A_PAGE):
        yield PupilPage(page)
    yield AllPupilsSent()
    bookmark = None
    by_id = {pupil.pupil_id: pupil for pupil in pupils}
    if settings.marks == "string":
        yield from marks_of_strings(students.rows, by_id, request.until, missing)
    else:
        bookmark = yield from marks_of_rows(client, settings, request, by_id, missing)
    yield PullEnd(bookmark, (*warnings, *missing.warnings))


def student_options(settings: XporterSettings) -> str:
    """Return what asks for leavers, those to come, guests and, where they are wanted, marks strings."""
    return STUDENT_OPTIONS + (MARKS_STRING if settings.marks == "string" else "")


def _adults(
    client: XporterClient, settings: XporterSettings, missing: MissingFields
) -> Mapping[str, tuple[Contact, ...]]:
    if not settings.contacts:
        return {}
    links = client.table(fields.LINKS, {"options": CONTACT_OPTIONS}).rows
    people = client.table(fields.CONTACTS, {"options": CONTACT_OPTIONS}).rows
    return contacts(links, people, comms(client), missing)


def comms(client: XporterClient) -> list[Row]:
    """Return every way to reach a contact; none where the school does not give them, since contacts have three numbers of their own."""
    try:
        return client.table(fields.COMMS, {"PersonType": "Contact"}).rows
    except FatalError:
        return []


def _groups(client: XporterClient, students: Table, missing: MissingFields) -> dict[str, str]:
    """Return names of groups by id, where a pupil who has left or is yet to come has ids only."""
    if not any(rows.in_no_group(row, missing) for row in students.rows):
        return {}
    try:
        return dict(rows.group(row, missing) for row in client.table(fields.GROUPS).rows)
    except FatalError:
        return {}


def _stale(made: datetime | None, settings: XporterSettings, until: date) -> Iterator[str]:
    """Yield a warning when the copy of the MIS is too old."""
    oldest = datetime.combine(until, time(23, 59)) - timedelta(hours=settings.stale_after_hours)
    if made is not None and made < oldest:
        yield (
            f"Xporter's copy of the MIS was made on {made:%Y-%m-%d at %H:%M}, more than "
            f"{settings.stale_after_hours} hours ago: check that the agent in the school runs"
        )
