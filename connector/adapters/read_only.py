"""What adapters share whose MIS takes neither notes nor documents: it holds none and refuses them."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from connector.adapters.base import DocumentToWrite, Found, NoteToWrite
from connector.errors import FatalError


class _MisClient(Protocol):
    @property
    def requests_sent(self) -> int: ...

    def close(self) -> None: ...


_C = TypeVar("_C", bound=_MisClient)


class ReadOnly(Generic[_C]):
    """Notes and documents of such a school go to a folder: see :mod:`connector.adapters.supplied`."""

    mis = "the MIS"
    """How errors call the MIS."""
    _client: _C
    """The adapter's own client."""

    @property
    def requests_sent(self) -> int:
        """How many requests have gone to the MIS so far."""
        return self._client.requests_sent

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:  # noqa: ARG002
        """Return none: the MIS holds none."""
        return []

    def write_note(self, note: NoteToWrite) -> str:  # noqa: ARG002
        """Raise FatalError."""
        raise self._refused("notes")

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:  # noqa: ARG002
        """Return none: the MIS holds none."""
        return []

    def write_document(self, document: DocumentToWrite) -> str:  # noqa: ARG002
        """Raise FatalError."""
        raise self._refused("documents")

    def read_document(self, reference: str) -> bytes:  # noqa: ARG002
        """Raise FatalError."""
        raise self._refused("documents")

    def _refused(self, what: str) -> FatalError:
        return FatalError(f"{self.mis} takes no {what}", fix="set folder under [school.supply]")
