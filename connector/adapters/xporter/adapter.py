"""The Xporter adapter itself."""

from __future__ import annotations

from collections.abc import Iterator

from connector.adapters.base import (
    Capabilities,
    DocumentToWrite,
    Found,
    Http,
    NoteToWrite,
    Page,
    PullRequest,
)
from connector.adapters.xporter import reads
from connector.adapters.xporter.client import XporterClient
from connector.adapters.xporter.settings import XporterSettings
from connector.errors import AdapterError, FatalError, Finding

CAPABILITIES = Capabilities(changes=True, calendar=True, contacts=True)
_AREAS = ("SchoolInfo", "AttendanceCodes", "Calendar", "Students", "StudentContacts", "Contacts", reads.MARKS)


class XporterAdapter:
    """One school through Xporter on Demand. Xporter takes neither notes nor documents."""

    capabilities = CAPABILITIES

    def __init__(self, settings: XporterSettings, password: str, http: Http) -> None:
        self._settings = settings
        self._client = XporterClient(settings, password, http)
        self.requests_sent = 0

    def check(self) -> list[Finding]:
        """Sign in and read a page of every area; a sign-in that fails ends the check, for nothing else can be told."""
        findings = []
        try:
            self._client.status()
        except AdapterError as error:
            return [Finding("Xporter sign-in", error.message, error.mend)]
        for area in _AREAS:
            params = {"dateFrom": "2000-01-01", "dateTo": "2000-01-01"} if area == reads.MARKS else {}
            try:
                self._client.table(area, area, params)
            except AdapterError as error:
                findings.append(Finding(f"Xporter {area}", error.message, error.mend))
        self.requests_sent = self._client.requests_sent
        return findings

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """See :mod:`connector.adapters.xporter.reads`."""
        try:
            yield from reads.pull(self._client, self._settings, request)
        finally:
            self.requests_sent = self._client.requests_sent

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:  # noqa: ARG002
        """There are none: Xporter has no notes."""
        return []

    def write_note(self, note: NoteToWrite) -> str:  # noqa: ARG002
        """Refused."""
        raise FatalError("Xporter takes no notes", mend="set folder under [school.supply]")

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:  # noqa: ARG002
        """There are none: Xporter takes no documents."""
        return []

    def write_document(self, document: DocumentToWrite) -> str:  # noqa: ARG002
        """Refused."""
        raise FatalError("Xporter takes no documents", mend="set folder under [school.supply]")

    def read_document(self, reference: str) -> bytes:  # noqa: ARG002
        """Refused."""
        raise FatalError("Xporter holds no documents of ours")

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()
