"""The Xporter adapter itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from connector.adapters.base import Capabilities, Page, PullRequest
from connector.adapters.read_only import ReadOnly
from connector.adapters.row_reader import MissingFields
from connector.adapters.xporter import reads, rows
from connector.adapters.xporter.client import Row, XporterClient
from connector.adapters.xporter.settings import XporterSettings
from connector.errors import AdapterError, DataError, Finding
from connector.http import HttpConfig

CAPABILITIES = Capabilities(changes=True, calendar=True, contacts=True)
_AREAS = ("SchoolInfo", "AttendanceCodes", "Calendar", "Students", "StudentContacts", "Contacts", reads.MARKS)


class XporterAdapter(ReadOnly[XporterClient]):
    """One school through Xporter on Demand. Xporter takes neither notes nor documents."""

    mis = "Xporter"
    capabilities = CAPABILITIES

    def __init__(self, settings: XporterSettings, password: str, http: HttpConfig) -> None:
        self.capabilities = replace(CAPABILITIES, spells=settings.enrolment_history)
        self._settings = settings
        self._client = XporterClient(settings, password, http)

    def check(self) -> list[Finding]:
        """Sign in and read a page of every area; a sign-in that fails ends the check, since nothing else can be seen."""
        findings: list[Finding] = []
        missing = rows.missing_fields(collect=True)
        try:
            self._client.status()
        except AdapterError as error:
            return [Finding("Xporter sign-in", error.message, error.fix)]
        history = (reads.ENROLMENTS,) if self._settings.enrolment_history else ()
        for area in (*_AREAS, *history):
            params = {"dateFrom": "2000-01-01", "dateTo": "2000-01-01"} if area == reads.MARKS else {}
            try:
                found = self._client.table(area, area, params).rows[:1]
                for row in found:
                    _look(area, row, missing)
            except AdapterError as error:
                findings.append(Finding(f"Xporter {area}", error.message, error.fix))
            except DataError as error:
                findings += error.findings
        return findings + missing.findings()

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Read as :mod:`connector.adapters.xporter.reads` says."""
        return reads.pull(self._client, self._settings, request)


def _look(area: str, row: Row, missing: MissingFields) -> None:
    """Read a row as a pull reads it, so that what it lacks is noted."""
    if area == "SchoolInfo":
        rows.school(row, missing)
    elif area == "AttendanceCodes":
        rows.code(row, missing)
    elif area == "Calendar":
        rows.period(row, missing)
    elif area == "Students":
        rows.pupil(row, {}, {}, missing)
    elif area == "StudentContacts":
        rows.linked(row, missing)
    elif area == "Contacts":
        rows.person(row, missing)
    elif area == reads.ENROLMENTS:
        rows.spells([row], missing)
