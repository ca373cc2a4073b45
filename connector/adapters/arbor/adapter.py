"""The Arbor adapter: one open connection to one school's Arbor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from connector.adapters.arbor.checks import check
from connector.adapters.arbor.graphql import GraphqlSource
from connector.adapters.arbor.reads import Reads
from connector.adapters.arbor.rest import RestSource
from connector.adapters.arbor.rows import Source
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import connect
from connector.adapters.arbor.written.writes import Writes
from connector.adapters.base import Capabilities, DocumentToWrite, Found, NoteToWrite, Page, PullRequest
from connector.errors import Finding
from connector.http import HttpConfig

CAPABILITIES = Capabilities(
    changes=True, calendar=True, contacts=True, spells=True, amendments=False, notes=True, documents=True
)
WITHOUT_DOCUMENTS = replace(CAPABILITIES, documents=False)


class ArborAdapter:
    """See base.Adapter."""

    def __init__(self, settings: ArborSettings, secrets: Mapping[str, str], http: HttpConfig) -> None:
        able = CAPABILITIES if settings.documents else WITHOUT_DOCUMENTS
        self.capabilities = replace(able, records=bool(settings.record_notes))
        self._settings = settings
        self._client = connect(settings, secrets, http)
        self._rest = RestSource(self._client, settings)
        self._source: Source = (
            GraphqlSource(self._client, settings) if settings.reads == "graphql" else self._rest
        )
        self._reads = Reads(self._client, self._source, settings)
        self._writes = Writes(self._client, self._source, self._rest, settings)

    @property
    def requests_sent(self) -> int:
        """Requests so far, retries included."""
        return self._client.requests_sent

    @requests_sent.setter
    def requests_sent(self, value: int) -> None:
        self._client.requests_sent = value

    def check(self) -> list[Finding]:
        """Check connection, credentials and permissions, and read a little of everything as a pull does."""
        return check(self._client, self._reads, self._writes, self._settings)

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Yield everything, or what changed since the bookmark."""
        return self._reads.pull(request)

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        """Return pastoral notes with the key."""
        return self._writes.find_notes(pupil_id, key)

    def write_note(self, note: NoteToWrite) -> str:
        """Write a pastoral note."""
        return self._writes.write_note(note)

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:
        """Return documents with the key; Arbor files none on the school itself."""
        return [] if pupil_id is None else self._writes.documents.find(pupil_id, key)

    def write_document(self, document: DocumentToWrite) -> str:
        """Upload a document and tie it to the pupil."""
        return self._writes.write_document(document)

    def read_document(self, reference: str) -> bytes:
        """Return the bytes of a filed document."""
        return self._writes.documents.read(reference)

    def close(self) -> None:
        """Give connections and threads back."""
        self._rest.close()
        self._source.close()
        self._client.close()
