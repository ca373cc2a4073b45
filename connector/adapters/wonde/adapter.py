"""The Wonde adapter: pupils whole each time (a few pages), marks by ``updated_after``."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import date
from urllib.parse import urlsplit

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
from connector.adapters.wonde import rows
from connector.adapters.wonde.bookmark import Bookmark, read_bookmark
from connector.adapters.wonde.client import Row, WondeClient
from connector.adapters.wonde.fields import names
from connector.adapters.wonde.settings import WondeSettings
from connector.errors import AdapterError, DataError, Finding
from connector.http import HttpConfig
from rules.school import Mark, Pupil, Session

CAPABILITIES = Capabilities(changes=True, contacts=True)
STUDENTS = ("students", "students-leaver", "students-pre-admission")
INCLUDES = "education_details,extended_details,year,groups,contacts,contacts.contact_details"
MARKS = "attendance/session"
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
        """Read the school and a row of every area; nothing else can be seen when the school itself is refused."""
        try:
            school = self._client.school()
        except AdapterError as error:
            return [Finding("Wonde", error.message, error.fix)]
        findings = list(self._region(school))
        missing = rows.missing_fields(collect=True)
        areas = {
            "attendance-codes": {},
            "students": {"include": INCLUDES},
            MARKS: {"updated_after": "2100-01-01 00:00:00"},
        }
        for area, params in areas.items():
            try:
                for row in self._client.pages(area, params):
                    if area == "students":
                        rows.pupil(row, self._settings.registration_group_type, missing)
                    break
            except AdapterError as error:
                findings.append(Finding(f"Wonde {area}", error.message, error.fix))
        return findings + missing.findings()

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Yield everything the run needs but the calendar, ending in PullEnd."""
        missing = rows.missing_fields()
        yield SchoolPage(rows.school(self._client.school()))
        code_rows = self._client.rows("attendance-codes")
        yield CodesPage(tuple(rows.code(row, missing) for row in code_rows))
        codes = {str(row[names("attendance_code")["id"]]): rows.code(row, missing).code for row in code_rows}
        students = self._students()
        pupils = [rows.pupil(row, self._settings.registration_group_type, missing) for row in students]
        _refuse_doubles(pupils)
        for start in range(0, len(pupils), PUPILS_A_PAGE):
            yield PupilPage(tuple(pupils[start : start + PUPILS_A_PAGE]))
        yield AllPupilsSent()
        before = read_bookmark(request, self._settings)
        pupil_ids = {str(row["id"]): str(row[names("student")["mis_id"]]) for row in students}
        ahead = yield from self._marks(request, before, pupil_ids, codes, missing)
        if before is None:
            yield AllMarksSent(request.history_from or date(2000, 1, 1), request.until)
        read_on = before.read_on if before else request.until
        yield PullEnd(Bookmark(request.until, read_on, ahead).text(), missing.warnings)

    def _students(self) -> list[Row]:
        """Return current, former and coming students, each once; the first list wins."""
        count = self._client.counts().get("students")
        found: dict[str, Row] = {}
        for resource in STUDENTS:
            wanted = count if resource == "students" else None
            for row in self._client.rows(resource, {"include": INCLUDES}, count=wanted):
                found.setdefault(str(row.get("id")), row)
        return list(found.values())

    def _marks(
        self,
        request: PullRequest,
        before: Bookmark | None,
        pupil_ids: dict[str, str],
        codes: dict[str, str],
        missing: MissingFields,
    ) -> Generator[MarkPage, None, tuple[Mark, ...]]:
        """Yield the marks up to the asked day; return those entered for later days, which no later change names."""
        since = before.since(self._settings) if before else None
        params = {"updated_after": since.strftime("%Y-%m-%d %H:%M:%S")} if since else {}
        known = set(pupil_ids.values())
        kept = before.ahead if before else ()
        marks = {_place(mark): mark for mark in kept if mark.pupil_id in known}
        cleared: set[tuple[str, Session]] = set()
        for row in self._client.rows(MARKS, params):
            found = rows.mark(row, pupil_ids, codes, missing)
            if isinstance(found, Mark):
                marks[_place(found)] = found
            elif found is not None:
                cleared.add(found)
                marks.pop(found, None)
        first = request.history_from or date.min
        held = [mark for mark in marks.values() if first <= mark.date <= request.until]
        for start in range(0, len(held), MARKS_A_PAGE):
            yield MarkPage(tuple(held[start : start + MARKS_A_PAGE]))
        if cleared:
            yield MarkPage((), tuple(sorted(cleared)))
        return tuple(mark for mark in marks.values() if mark.date > request.until)

    def _region(self, school: Row) -> Iterator[Finding]:
        """Yield a finding when the school lives in another region than the one asked."""
        domain = str((school.get("region") or {}).get("domain") or "")
        host = urlsplit(self._settings.url).hostname or ""
        if domain and domain.partition(":")[0] != host:
            yield Finding(
                "Wonde region",
                f"the school's data is at {domain}, not at {host}",
                f'set url = "https://{domain}"',
            )


def _place(mark: Mark) -> tuple[str, Session]:
    return mark.pupil_id, Session(mark.date, mark.half)


def _refuse_doubles(pupils: list[Pupil]) -> None:
    """Raise DataError when two students have one MIS id, since marks and letters go by it."""
    seen: set[str] = set()
    for pupil in pupils:
        if not pupil.pupil_id or pupil.pupil_id in seen:
            raise DataError(
                [
                    Finding(
                        "Wonde students",
                        "two students have one mis_id, or one has none",
                        "ask Wonde's support",
                    )
                ]
            )
        seen.add(pupil.pupil_id)
