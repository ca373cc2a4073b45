"""The Wonde adapter: pupils whole each time (a few pages), marks by ``updated_after``."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from connector.adapters.base import (
    AllMarksSent,
    AllPupilsSent,
    Capabilities,
    CodesPage,
    MarkPage,
    Page,
    PullEnd,
    PullRequest,
    PupilPage,
    SchoolPage,
)
from connector.adapters.read_only import ReadOnly
from connector.adapters.row_reader import MissingFields
from connector.adapters.wonde import people, rows
from connector.adapters.wonde.bookmark import Bookmark, read_bookmark
from connector.adapters.wonde.check import (
    CODES,
    CURRENT,
    LEAVERS,
    MARKS,
    OPTIONAL_LISTS,
    STUDENTS,
    Check,
    refused_ids,
    strangers_only,
)
from connector.adapters.wonde.client import Row, WondeClient, asked_with
from connector.adapters.wonde.deletions import Deletions
from connector.adapters.wonde.settings import WondeSettings
from connector.adapters.wonde.wrapping import id_of
from connector.errors import DataError, FatalError, Finding
from connector.http import HttpConfig
from rules.school import SCHOOL_TIME, Mark, Pupil, Session

CAPABILITIES = Capabilities(changes=True, contacts=True)
PUPILS_A_PAGE = 200
MARKS_A_PAGE = 10_000


class WondeAdapter(ReadOnly[WondeClient]):
    """One school through Wonde. There is no calendar there, and neither notes nor documents can be written."""

    mis = "Wonde"
    capabilities = CAPABILITIES

    def __init__(self, settings: WondeSettings, token: str, http: HttpConfig) -> None:
        self._settings = settings
        self._client = WondeClient(settings, token, http)

    def check(self) -> list[Finding]:
        """Read the school and rows of every list as a pull does."""
        return Check(self._client, self._settings, datetime.now(SCHOOL_TIME).date()).findings()

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Yield everything the run needs but the calendar, ending in PullEnd."""
        missing = rows.missing_fields()
        yield SchoolPage(rows.school(self._client.school(), missing))
        codes = dict(rows.code(row, missing) for row in self._client.rows(CODES))
        yield CodesPage(tuple(codes.values()))
        people_read = self._people(missing)
        doubles = list(refused_ids(people_read.pupils))
        if doubles:
            raise DataError(doubles)
        for start in range(0, len(people_read.pupils), PUPILS_A_PAGE):
            yield PupilPage(tuple(people_read.pupils[start : start + PUPILS_A_PAGE]))
        yield AllPupilsSent()
        before = read_bookmark(request, self._settings)
        code_of = {code_id: code.code for code_id, code in codes.items()}
        marks = _Marks(people_read.ids, code_of, missing)
        ahead = yield from self._marks(request, before, marks)
        if before is None:
            yield AllMarksSent(request.history_from or date(2000, 1, 1), request.until)
        read_on = before.read_on if before else request.until
        warnings = (*people_read.warnings(), *marks.warnings(), *missing.warnings)
        yield PullEnd(Bookmark(request.until, read_on, ahead).text(), warnings)

    def _people(self, missing: MissingFields) -> _People:
        """Return current, former and coming students, each once: the first list wins."""
        found = _People()
        deletions = Deletions(self._client)
        asked = asked_with(people.includes())
        for resource in STUDENTS:
            earlier = set(found.ids.values())
            for row in self._rows_of(resource, asked):
                if id_of(row) in found.ids:
                    continue
                # of those who left nobody knows whether leaving counts as a deletion
                if resource == CURRENT and deletions.gone(row):
                    found.deleted_students += 1
                    continue
                gone = {id_of(contact) for contact in people.contact_rows(row) if deletions.gone(contact)}
                found.deleted_contacts += len(gone)
                pupil = people.pupil(row, self._settings, missing, gone=gone)
                if resource == LEAVERS and pupil.on_roll_to is None:
                    found.undated_leavers += 1  # who is no longer listed counts as gone from today
                    continue
                found.ids[id_of(row)] = pupil.pupil_id
                if pupil.pupil_id not in earlier:
                    found.pupils.append(pupil)
        return found

    def _rows_of(self, resource: str, asked: Mapping[str, str]) -> list[Row]:
        """Return the rows of a list of students; none of a list that a pull can do without and that is refused."""
        try:
            return self._client.rows(resource, asked)
        except FatalError:
            if resource not in OPTIONAL_LISTS:
                raise
            return []  # `check` says so

    def _marks(
        self, request: PullRequest, before: Bookmark | None, reading: _Marks
    ) -> Generator[MarkPage, None, tuple[Mark, ...]]:
        """Yield the marks up to the asked day; return those entered for later days, which no later change names."""
        since = before.since(self._settings) if before else None
        params = {"updated_after": since.strftime("%Y-%m-%d %H:%M:%S")} if since else {}
        known = set(reading.pupil_ids.values())
        kept = before.ahead if before else ()
        marks = {_place(mark): mark for mark in kept if mark.pupil_id in known}
        cleared: set[tuple[str, Session]] = set()
        for row in self._mark_rows(params):
            found = reading.read(row)
            if isinstance(found, Mark):
                marks[_place(found)] = found
                cleared.discard(_place(found))
            elif found is not None:
                cleared.add(found)
                marks.pop(found, None)
        if before is None:
            reading.refuse_strangers_only()
        first = request.history_from or date.min
        held = [mark for mark in marks.values() if first <= mark.date <= request.until]
        for start in range(0, len(held), MARKS_A_PAGE):
            yield MarkPage(tuple(held[start : start + MARKS_A_PAGE]))
        if cleared:
            yield MarkPage((), tuple(sorted(cleared)))
        return tuple(mark for mark in marks.values() if mark.date > request.until)

    def _mark_rows(self, params: Mapping[str, str]) -> Iterator[Row]:
        """Yield marks, asked for again with the student and the code where these come only when included."""
        lacking = ""
        for row in self._client.pages(MARKS, params):
            lacking = rows.mark_includes(row)
            if lacking:
                break
            yield row
        if lacking:
            yield from self._client.pages(MARKS, {**params, **asked_with(lacking)})


@dataclass
class _People:
    """The students of one pull."""

    pupils: list[Pupil] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    """Pupil id by Wonde's id; several of Wonde's can be one pupil who left and came back."""
    undated_leavers: int = 0
    deleted_students: int = 0
    deleted_contacts: int = 0

    def warnings(self) -> Iterator[str]:
        """Yield what was left out."""
        if self.undated_leavers:
            yield f"Wonde: {self.undated_leavers} student(s) who left have no leaving date and were left out"
        if self.deleted_students:
            yield f"Wonde: {self.deleted_students} student(s) that Wonde still lists are deleted and were left out"
        if self.deleted_contacts:
            yield f"Wonde: {self.deleted_contacts} contact(s) that Wonde still lists are deleted and were left out"


@dataclass
class _Marks:
    """Reads the marks of one pull, and counts those of students whom Wonde does not list."""

    pupil_ids: Mapping[str, str]
    codes: Mapping[str, str]
    missing: MissingFields
    read_so_far: int = 0
    strangers: int = 0

    def read(self, row: Row) -> Mark | tuple[str, Session] | None:
        """Return what a row says; None for a student who is not listed."""
        found = rows.mark(row, self.pupil_ids, self.codes, self.missing)
        self.read_so_far += 1
        self.strangers += found is None
        return found

    def refuse_strangers_only(self) -> None:
        """Raise FatalError when no mark at all is of a listed student: the field must be another."""
        if self.read_so_far and self.strangers == self.read_so_far:
            finding = strangers_only(self.read_so_far)
            raise FatalError(f"{finding.where} {finding.message}", fix=finding.fix)

    def warnings(self) -> Iterator[str]:
        """Yield what was left out."""
        if self.strangers:
            yield f"Wonde: {self.strangers} mark(s) of students whom Wonde does not list were left out"


def _place(mark: Mark) -> tuple[str, Session]:
    return mark.pupil_id, Session(mark.date, mark.half)
