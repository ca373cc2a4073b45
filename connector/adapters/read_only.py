"""The writing half of an adapter whose MIS takes neither notes nor documents: it holds none and refuses them."""

from __future__ import annotations

from connector.adapters.base import DocumentToWrite, Found, NoteToWrite
from connector.errors import FatalError


class ReadOnly:
    """Notes and documents of such a school go to a folder: see :mod:`connector.adapters.supplied`."""

    mis = "the MIS"
    """How errors call the MIS."""

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:  # noqa: ARG002
        """There are none."""
        return []

    def write_note(self, note: NoteToWrite) -> str:  # noqa: ARG002
        """Refused with FatalError."""
        raise self._refused("notes")

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:  # noqa: ARG002
        """There are none."""
        return []

    def write_document(self, document: DocumentToWrite) -> str:  # noqa: ARG002
        """Refused with FatalError."""
        raise self._refused("documents")

    def read_document(self, reference: str) -> bytes:  # noqa: ARG002
        """Refused with FatalError."""
        raise self._refused("documents")

    def _refused(self, what: str) -> FatalError:
        return FatalError(f"{self.mis} takes no {what}", fix="set folder under [school.supply]")
