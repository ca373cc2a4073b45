"""An adapter that a service steers: it can read everything again, and gives way when a stop is asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

from connector.adapters.base import (
    Adapter,
    Capabilities,
    DocumentToWrite,
    Found,
    NoteToWrite,
    Page,
    PullRequest,
)
from connector.errors import Finding, RetryableError


class SteeredAdapter:
    """Hands every call on. Once ``stop`` is set nothing new is begun: what is not written waits for the next run.

    A write that has begun is finished and read back. The refusal is a RetryableError, because trying again later
    is exactly what helps.
    """

    def __init__(self, adapter: Adapter, *, full: bool = False, stop: threading.Event | None = None) -> None:
        self._adapter = adapter
        self._full = full
        self._stop = stop or threading.Event()
        self._writing = False
        self.capabilities: Capabilities = adapter.capabilities

    @property
    def requests_sent(self) -> int:
        """Those of the adapter."""
        return self._adapter.requests_sent

    def check(self) -> list[Finding]:
        """As the adapter."""
        return self._adapter.check()

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """As the adapter; from the beginning when everything is to be read again."""
        if self._full:
            request = replace(request, bookmark=None)
        for page in self._adapter.pull(request):
            self._give_way()
            yield page

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        """As the adapter, unless this would begin a new write."""
        self._begin()
        return self._adapter.find_notes(pupil_id, key)

    def write_note(self, note: NoteToWrite) -> str:
        """As the adapter."""
        self._writing = True
        return self._adapter.write_note(note)

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:
        """As the adapter, unless this would begin a new write."""
        self._begin()
        return self._adapter.find_documents(pupil_id, key)

    def write_document(self, document: DocumentToWrite) -> str:
        """As the adapter."""
        self._writing = True
        return self._adapter.write_document(document)

    def read_document(self, reference: str) -> bytes:
        """As the adapter."""
        return self._adapter.read_document(reference)

    def close(self) -> None:
        """As the adapter."""
        self._adapter.close()

    def _begin(self) -> None:
        """The first look-up after a write reads it back; the next one begins something new."""
        if self._writing:
            self._writing = False
        else:
            self._give_way()

    def _give_way(self) -> None:
        if self._stop.is_set():
            raise RetryableError("a stop was asked for; what is left is done in the next run")
