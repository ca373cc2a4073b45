"""A pull from SIMS: the school, its codes and calendar, pupils with their contacts, marks and their history.

People are few and are read whole each time. Marks are read whole at first and every few weeks; in between come
those changed since the last pull's day, and the last school days again. SIMS.Changes names no deleted marks as far
as is known, so a mark taken away from an older day is noticed when everything is read again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from connector.adapters.base import (
    AllMarksSent,
    AllPupilsSent,
    CalendarPage,
    CodesPage,
    MisCode,
    Page,
    PullEnd,
    PullRequest,
    PupilPage,
    SchoolPage,
)
from connector.adapters.row_reader import MissingFields
from connector.adapters.sims import rows
from connector.adapters.sims.client import SimsClient
from connector.adapters.sims.fields import names
from connector.adapters.sims.marks import MarkReader
from connector.adapters.sims.reader import Reader, missing_fields
from connector.adapters.sims.settings import SimsSettings
from connector.errors import DataError, FatalError, Finding
from rules.calendar import Calendar, CalendarError, Period
from rules.school import Pupil, Session

PUPILS_A_PAGE = 200
_OVERLAP = timedelta(days=1)
"""Changes are asked for from a day earlier, so that neither a clock nor a time zone loses one."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Where the last complete pull stopped."""

    until: date
    full: date
    """The day of the last pull that read every mark."""
    start: date
    """The first day whose marks that one read."""

    def text(self) -> str:
        """Return the bookmark as text."""
        return json.dumps({name: getattr(self, name).isoformat() for name in ("until", "full", "start")})


def read_bookmark(text: str | None) -> Bookmark | None:
    """Return the bookmark that was handed out; None for none, and for one that is not ours, so that all is read."""
    try:
        held = json.loads(text or "null")
        return Bookmark(*(date.fromisoformat(held[name]) for name in ("until", "full", "start")))
    except (ValueError, TypeError, KeyError):
        return None


def pull(client: SimsClient, settings: SimsSettings, request: PullRequest) -> Iterator[Page]:
    """Yield everything the run needs, ending in PullEnd."""
    missing = missing_fields()
    for row in client.rows("schools")[:1]:
        yield SchoolPage(rows.school(row, missing))
    codes = read_codes(client, settings, missing)
    yield CodesPage(tuple({code.code: code for code in codes.values()}.values()))
    periods = read_periods(client, missing) if settings.calendar else ()
    if settings.calendar:
        yield CalendarPage(periods)
    pupils = read_pupils(client, settings, missing)
    people = list(pupils.values())
    for place in range(0, len(people), PUPILS_A_PAGE):
        yield PupilPage(tuple(people[place : place + PUPILS_A_PAGE]))
    yield AllPupilsSent()
    yield from _marks(client, settings, request, periods, pupils, codes, missing)


def _marks(
    client: SimsClient,
    settings: SimsSettings,
    request: PullRequest,
    periods: tuple[Period, ...],
    pupils: dict[str, Pupil],
    codes: dict[str, MisCode],
    missing: MissingFields,
) -> Iterator[Page]:
    until = request.until
    start = request.history_from or _first_day(periods, until)
    before = read_bookmark(request.bookmark)
    if before and (
        until < before.until or (until - before.full).days >= settings.full_after_days or start < before.start
    ):
        before = None
    marks = MarkReader(
        client,
        settings,
        until,
        {external_id: pupil.pupil_id for external_id, pupil in pupils.items()},
        read_sessions(client, min(start, before.start) if before else start, until, missing),
        codes,
        missing,
    )
    if before is None:
        yield from marks.between(start, until)
        yield AllMarksSent(start, until)
        if settings.amendments:
            yield from marks.history(start, until)
        bookmark = Bookmark(until, until, start)
    else:
        since = before.until - _OVERLAP
        yield from marks.changed_since(since)
        recent = max(request.by_date_from(before.until), before.start)
        yield from marks.between(recent, until)
        yield AllMarksSent(recent, until)
        if settings.amendments:
            yield from marks.history_since(since)
            # what was changed before its day: the pull that saw the change left it out
            yield from marks.history(before.until + timedelta(days=1), until)
        bookmark = Bookmark(until, before.full, before.start)
    warnings = (
        (f"SIMS: {marks.strangers} mark(s) of learners whom SIMS does not list were left out",)
        if marks.strangers
        else ()
    )
    yield PullEnd(bookmark.text(), (*warnings, *missing.warnings))


def read_codes(client: SimsClient, settings: SimsSettings, missing: MissingFields) -> dict[str, MisCode]:
    """Return attendance codes by ExternalID."""
    return rows.codes(
        client.rows("codes"),
        client.rows("statutory_codes"),
        missing,
        translate=settings.local_codes == "statutory",
    )


def read_periods(client: SimsClient, missing: MissingFields) -> tuple[Period, ...]:
    """Return the calendar. Raises DataError for one that cannot be used."""
    found = (rows.period(row, missing) for row in client.rows("periods"))
    periods = tuple(sorted((p for p in found if p), key=lambda p: (p.start, p.end, p.kind)))
    try:
        Calendar(periods)
    except CalendarError as error:
        raise DataError(
            [
                Finding(
                    "SIMS calendar", str(error), "correct it, or set calendar = false and supply calendar.csv"
                )
            ]
        ) from error
    return periods


def read_pupils(client: SimsClient, settings: SimsSettings, missing: MissingFields) -> dict[str, Pupil]:
    """Return every learner, past and future ones too, by ExternalID. Raises FatalError when two have one pupil id."""
    learners = {Reader("learners", row, missing).guid("external_id"): row for row in client.rows("learners")}
    query = {"$expand": names("personals")["contacts"]} if settings.contacts else {}
    found: dict[str, Pupil] = {}
    for row in client.rows("personals", query, settings.learners_page_size):
        external_id = Reader("personals", row, missing).guid("external_id")
        pupil_id = str(row.get(settings.pupil_id_field) or "").strip()
        if not pupil_id:
            raise FatalError(
                f"SIMS: LearnerPersonals holds no {settings.pupil_id_field} for a learner",
                fix='correct the setting pupil_id_field; pupil_id_field = "ExternalID" always serves',
            )
        found[external_id] = rows.pupil(
            row, pupil_id, learners.get(external_id), missing, with_contacts=settings.contacts
        )
    if len({pupil.pupil_id for pupil in found.values()}) != len(found):
        raise FatalError(
            f"SIMS: two learners have the same {settings.pupil_id_field}",
            fix='set pupil_id_field = "ExternalID"',
        )
    return found


def read_sessions(client: SimsClient, start: date, end: date, missing: MissingFields) -> dict[str, Session]:
    """Return half days between two days by ExternalID; a bare date serves nowhere, so each has its time."""
    name = names("sessions")["start"]
    query = {
        "$filter": f"{name} ge {start.isoformat()}T00:00:00Z and {name} lt {(end + timedelta(days=1)).isoformat()}T00:00:00Z"
    }
    return dict(rows.session(row, missing) for row in client.rows("sessions", query))


def _first_day(periods: tuple[Period, ...], until: date) -> date:
    """Return the start of the calendar's first year; without a calendar 1 September of the year in hand."""
    if periods:
        return Calendar(periods).years[0].start
    return date(until.year if until.month >= 9 else until.year - 1, 9, 1)
