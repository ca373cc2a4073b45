"""Marks and their history from SIMS: which rows to ask for, and what each says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from connector.adapters.base import AmendmentPage, MarkPage, MisCode
from connector.adapters.row_reader import MissingFields
from connector.adapters.sims.client import Row, SimsClient
from connector.adapters.sims.fields import STATUTORY_SESSION, names
from connector.adapters.sims.reader import Reader, missing_fields
from connector.adapters.sims.settings import SimsSettings
from connector.errors import DataError, Finding
from rules.school import Amendment, Mark, Session

_MARK_FIELDS = ("external_id", "attendee", "event", "start", "code", "qualifier", "recorded_at")


@dataclass
class MarkReader:
    """Turns rows of marks and of their history into facts. Counts what it leaves out."""

    client: SimsClient
    settings: SimsSettings
    until: date
    """No mark after this day is wanted."""
    pupils: Mapping[str, str]
    """Pupil id by the learner's ExternalID."""
    sessions: Mapping[str, Session]
    """Half days by ExternalID."""
    codes: Mapping[str, MisCode]
    missing: MissingFields = field(default_factory=missing_fields)
    strangers: int = field(default=0, init=False)
    """Marks of learners whom SIMS does not list elsewhere."""

    def between(self, start: date, end: date) -> Iterator[MarkPage]:
        """Yield every mark between two days, both counted, in stretches that SIMS allows."""
        for first, last in stretches(start, end, self.settings.days_per_call):
            rows = self._by_learner if self.settings.marks_by == "learner" else self._by_record
            for page in rows(within(first, last)):
                yield self._page(page)

    def changed_since(self, day: date) -> Iterator[MarkPage]:
        """Yield marks made or changed since the start of a day."""
        for page in self.client.pages("records", function=_changes(day)):
            yield self._page(page)

    def history(self, start: date, end: date) -> Iterator[AmendmentPage]:
        """Return what was changed of the marks between two days."""
        for first, last in stretches(start, end, self.settings.days_per_call):
            query = {"$filter": within(first, last, "histories")}
            for page in self.client.pages("histories", query):
                yield self._amendments(page)

    def history_since(self, day: date) -> Iterator[AmendmentPage]:
        """Return what was changed since the start of a day."""
        for page in self.client.pages("histories", function=_changes(day)):
            yield self._amendments(page)

    def _by_record(self, wanted: str) -> Iterator[list[Row]]:
        return self.client.pages("records", {"$filter": wanted})

    def _by_learner(self, wanted: str) -> Iterator[list[Row]]:
        learner = names("learners")
        fields = ",".join(names("records")[name] for name in _MARK_FIELDS)
        query = {
            "$select": learner["external_id"],
            "$expand": f"{learner['records']}($filter={wanted};$select={fields})",
        }
        for page in self.client.pages("learners", query, self.settings.learners_page_size):
            yield [mark for row in page for mark in Reader("learners", row, self.missing).expanded("records")]

    def _page(self, rows: list[Row]) -> MarkPage:
        marks: list[Mark] = []
        cleared: list[tuple[str, Session]] = []
        for row in rows:
            get = Reader("records", row, self.missing)
            place = self._place(get)
            if place is None:
                continue
            pupil_id, session = place
            code = self._code(get, "code")
            if code:
                marks.append(self._mark(get, pupil_id, session, code))
            else:
                cleared.append(place)
        return MarkPage(tuple(marks), tuple(cleared))

    def _mark(self, get: Reader, pupil_id: str, session: Session, code: str) -> Mark:
        minutes, comment = None, ""
        qualifier = get.row("qualifier")
        if qualifier is not None:
            more = Reader("qualifier", qualifier, self.missing)
            minutes, comment = more.number("minutes_late"), more.text("comment")
        return Mark(pupil_id, *session, code, minutes, comment, get.moment("recorded_at"))

    def _amendments(self, rows: list[Row]) -> AmendmentPage:
        found = []
        for row in rows:
            get = Reader("histories", row, self.missing)
            place, at = self._place(get), get.moment("changed_at")
            original, amended = self._code(get, "original"), self._code(get, "code")
            if place is None or at is None or not original or original == amended:
                continue
            reason, by, role = (get.text(name) for name in ("reason", "changed_by", "role"))
            found.append(Amendment(place[0], *place[1], original, amended, at, reason, by, role))
        return AmendmentPage(tuple(found))

    def _place(self, get: Reader) -> tuple[str, Session] | None:
        """Return whose mark it is and of which half day; None for lessons, later days and learners who are not listed."""
        if get.reference_type("event") != STATUTORY_SESSION:
            return None
        session = self.sessions.get(get.reference("event"))
        if session is None:
            day = get.day("start")
            if day is not None and day > self.until:
                return None
            raise DataError(
                [
                    Finding(
                        "SIMS AttendanceRecords",
                        f"a mark of {day} belongs to a session that is not in StatutoryAttendanceSessions",
                        "ask the vendor whether all sessions may be read",
                    )
                ]
            )
        if session.date > self.until:
            return None
        pupil_id = self.pupils.get(get.reference("attendee"))
        if pupil_id is None:
            self.strangers += 1
            return None
        return pupil_id, session

    def _code(self, get: Reader, name: str) -> str:
        reference = get.reference(name)
        if not reference:
            return ""
        if reference not in self.codes:
            raise DataError(
                [Finding("SIMS AttendanceRecords", "a mark has a code that is not in the list of codes")]
            )
        return self.codes[reference].code


def stretches(start: date, end: date, days: int) -> Iterator[tuple[date, date]]:
    """Yield first and last day of each stretch of at most so many days."""
    while start <= end:
        last = min(end, start + timedelta(days=days - 1))
        yield start, last
        start = last + timedelta(days=1)


def within(start: date, end: date, area: str = "records") -> str:
    """Return the filter for two days, both counted. SIMS refuses a bare date here, so each has its time."""
    name = names(area)["start"]
    after = end + timedelta(days=1)
    return f"{name} ge {_midnight(start)} and {name} lt {_midnight(after)}"


def _changes(day: date) -> str:
    return f"SIMS.Changes(startDate={_midnight(day)})"


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
