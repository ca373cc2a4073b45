"""Reads marks: a whole year of rows once, then what changed, the last days again, and those days' minutes late.

Xporter gives the marks of the academic year in hand. A first pull asks for whole months from the wanted history to the
end of this one and keeps the hash of that very request; later pulls of the month send the same request with the hash
and get what changed; each month begins with a full one. The last school days are read again besides, in whole weeks from Monday to Friday, which Xporter keeps ready.

Deleted rows name ids only. The marks of a pupil who leaves are among them, since the answer is of pupils on roll: they
stay as they are. Those of others are taken away.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from connector.adapters.base import AllMarksSent, MarkPage, Page, PullRequest
from connector.adapters.row_reader import MissingFields
from connector.adapters.xporter import rows
from connector.adapters.xporter.client import Row, Table, XporterClient, chunks
from connector.adapters.xporter.fields import DAY, MARKS
from connector.adapters.xporter.marks_string import CLOSED, NO_MARK, MarksStringError, read_marks
from connector.adapters.xporter.settings import XporterSettings
from connector.errors import DataError, Finding
from rules.calendar import school_year, week_start
from rules.school import Mark, Pupil, Session

MARKS_A_PAGE = 10_000
OPTIONS = "includeLeavers,excludeNoMarks"
"""Not excludeClosed: a session can be closed to one year group only, and is then no missing mark."""
_FORMAT = 2
"""Of the bookmark: one of another format asks for everything."""


def marks_of_rows(
    client: XporterClient,
    settings: XporterSettings,
    request: PullRequest,
    pupils: Mapping[str, Pupil],
    missing: MissingFields,
) -> Generator[Page, None, str | None]:
    """Yield pages of marks; return the bookmark."""
    reading = _Reading(client, settings, missing)
    first = year_start(request.until)
    kept = _kept(request.bookmark, settings, request.until)
    from_day = max(request.history_from or first, first)
    span = (
        kept["span"] if kept else [from_day.replace(day=1).isoformat(), _month_end(request.until).isoformat()]
    )
    changed = reading.stretch(span[0], span[1], changes=kept["changes"] if kept else "*")
    if kept and any(rows.session_of(row_id) is None for row_id in changed.deleted):
        kept, changed = None, reading.stretch(span[0], span[1], changes="*")
    start = date.fromisoformat(span[0])
    if kept:
        yield from _changes(changed, pupils, request.until, missing)
        start = max(request.by_date_from(date.fromisoformat(kept["until"])), start)
        recent = [mark for week in weeks(start, request.until) for mark in reading.week(week)]
        start = max(week_start(start), first)
    else:
        recent = [rows.mark(row, missing) for row in changed.rows]
    recent = [mark for mark in recent if first <= mark.date <= request.until and mark.code not in NO_MARK]
    recent = without_closures(recent, pupils)
    yield from reading.pages(recent, max(request.recent_from, start))
    yield AllMarksSent(start, request.until)
    until = request.until.isoformat()
    if not changed.next_changes:
        return None
    read_on = kept["read_on"] if kept else until
    return json.dumps(
        {
            "format": _FORMAT,
            "span": span,
            "changes": changed.next_changes,
            "read_on": read_on,
            "until": until,
        }
    )


class _Reading:
    """Asks for marks, all with the same options: a change set is only good for the request that it was made for."""

    def __init__(self, client: XporterClient, settings: XporterSettings, missing: MissingFields) -> None:
        self._client = client
        self._settings = settings
        self._missing = missing

    def stretch(self, start: str, end: str, changes: str | None = None) -> Table:
        """Return the marks between two days, or what changed of them."""
        params = {"DateFrom": start, "DateTo": end, "options": OPTIONS}
        asked = {"changedRows": changes} if changes else {}
        return self._client.table(MARKS, {**params, **asked}, page_size=self._settings.marks_page_size)

    def week(self, monday: date) -> Iterator[Mark]:
        table = self.stretch(monday.isoformat(), (monday + timedelta(days=4)).isoformat())
        return (rows.mark(row, self._missing) for row in table.rows)

    def pages(self, marks: list[Mark], detailed_from: date) -> Iterator[MarkPage]:
        """Yield marks; those from a day on with their minutes late and comments, where they are to be read."""
        plain = [mark for mark in marks if not self._settings.day_details or mark.date < detailed_from]
        yield from (MarkPage(page, details=False) for page in chunks(plain, MARKS_A_PAGE))
        if len(plain) == len(marks):
            return
        recent = [mark for mark in marks if mark.date >= detailed_from]
        details = {
            (mark.pupil_id, Session(mark.date, mark.half)): mark
            for day in sorted({mark.date for mark in recent})
            for mark in self._day(day)
        }
        known, unknown = [], []
        for mark in recent:
            detail = details.get((mark.pupil_id, Session(mark.date, mark.half)))
            if detail is not None and detail.code == mark.code:
                known.append(detail)
            else:
                unknown.append(mark)  # a leaver's, or one that was changed between the two answers
        yield from (MarkPage(page) for page in chunks(known, MARKS_A_PAGE))
        yield from (MarkPage(page, details=False) for page in chunks(unknown, MARKS_A_PAGE))

    def _day(self, day: date) -> Iterator[Mark]:
        table = self._client.table(DAY, day_params(day), page_size=self._settings.marks_page_size)
        marks = (rows.day_mark(row, day, self._missing) for row in table.rows)
        return (mark for mark in marks if mark is not None)


def day_params(day: date) -> dict[str, str]:
    """Return what asks for the sessions of one day."""
    return {"date": day.isoformat(), "attendanceType": "S", "options": "excludeNoMarks"}


def without_closures(marks: list[Mark], pupils: Mapping[str, Pupil]) -> list[Mark]:
    """Return the marks less those of sessions in which the whole school was closed, which is the calendar's matter.

    Those are sessions in which nobody has another mark, and most pupils on roll have that of a closed school or the day
    is of a weekend.
    """
    codes: dict[Session, Counter[str]] = {}
    for mark in marks:
        codes.setdefault(Session(mark.date, mark.half), Counter())[mark.code] += 1
    closed = set()
    for session, count in codes.items():
        if set(count) == {CLOSED}:
            on_roll = sum(pupil.on_roll(session.date) for pupil in pupils.values())
            if count[CLOSED] > on_roll / 2 or session.date.weekday() > 4:
                closed.add(session)
    return [mark for mark in marks if Session(mark.date, mark.half) not in closed]


def _changes(
    changed: Table, pupils: Mapping[str, Pupil], until: date, missing: MissingFields
) -> Iterator[MarkPage]:
    """Yield what a change set brings; a mark that is gone is taken away only from a pupil who has not left."""
    marks = [mark for mark in (rows.mark(row, missing) for row in changed.rows) if mark.date <= until]
    gone = [(mark.pupil_id, Session(mark.date, mark.half)) for mark in marks if mark.code in NO_MARK]
    for row_id in changed.deleted:
        session = rows.session_of(row_id)
        if session is not None and session[1] <= until:
            gone.append((session[0], Session(session[1], session[2])))
    held = [mark for mark in marks if mark.code not in NO_MARK]
    yield from (MarkPage(page, details=False) for page in chunks(held, MARKS_A_PAGE))
    cleared = tuple((pupil_id, at) for pupil_id, at in gone if _here(pupils.get(pupil_id), until))
    if cleared:
        yield MarkPage((), cleared)


def _here(pupil: Pupil | None, day: date) -> bool:
    return pupil is not None and (pupil.on_roll_to is None or pupil.on_roll_to >= day)


def _kept(bookmark: str | None, settings: XporterSettings, until: date) -> dict[str, Any] | None:
    """Return the bookmark's content while it still serves: same month, no later day, and the last full read not too old."""
    try:
        kept = json.loads(bookmark or "")
        read_on = date.fromisoformat(kept["read_on"])
        serves = (
            kept["format"] == _FORMAT
            and kept["span"][1] == _month_end(until).isoformat()
            and date.fromisoformat(kept["until"]) <= until
            and until - read_on < timedelta(days=settings.full_after_days)
        )
    except (ValueError, TypeError, KeyError):
        return None
    return kept if serves else None


def year_start(day: date) -> date:
    """Return the first of August before a day, when a school year begins: Xporter names no day of it."""
    return date(school_year(day), 8, 1)


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def weeks(start: date, end: date) -> list[date]:
    """Return the Mondays of the weeks that two days lie in and of those between."""
    first = week_start(start)
    return [first + timedelta(days=n) for n in range(0, (end - first).days + 1, 7)]


def marks_of_strings(
    students: list[Row], pupils: Mapping[str, Pupil], until: date, missing: MissingFields
) -> Iterator[Page]:
    """Yield marks of the year in hand, from one string for each pupil. Raise DataError for one that does not fit its dates."""
    marks: list[Mark] = []
    first: date | None = None
    for row in students:
        get = rows.reader("MarksString", row, missing)
        text, start, end = get.text("marks"), get.day("start"), get.day("end")
        if not text or start is None or end is None:
            continue
        first = min(first or start, start)
        pupil_id = rows.bare_id(rows.reader("Students", row, missing).text("pupil_id"))
        try:
            marks += read_marks(pupil_id, text, start, end)
        except MarksStringError as error:
            fix = 'set marks = "rows" under [school.mis], and report it to Groupcall\'s support'
            raise DataError([Finding("Xporter marks string", str(error), fix)]) from error
    wanted = without_closures([mark for mark in marks if mark.date <= until], pupils)
    yield from (MarkPage(page, details=False) for page in chunks(wanted, MARKS_A_PAGE))
    if first:
        yield AllMarksSent(first, until)
