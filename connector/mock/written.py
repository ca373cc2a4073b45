"""What was written into a mock MIS: the notes and documents that staff would find on a pupil."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class WrittenNote:
    """A note on a pupil's record."""

    note_id: str
    pupil_id: str
    summary: str
    text: str
    date: date | None = None
    shared: bool = False
    """Seen by guardians."""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WrittenDocument:
    """A document on a pupil's record, or on the school's when ``pupil_id`` is None."""

    document_id: str
    pupil_id: str | None
    file_name: str
    content: bytes
    summary: str = ""
    date: date | None = None
    shared: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


class Written:
    """Everything written, in the order it came. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._notes: dict[str, WrittenNote] = {}
        self._documents: dict[str, WrittenDocument] = {}

    def keep_note(self, note: WrittenNote) -> None:
        """Add a note, or put it in place of the one with its id."""
        with self._lock:
            self._notes[note.note_id] = note

    def keep_document(self, document: WrittenDocument) -> None:
        """Add a document, or put it in place of the one with its id."""
        with self._lock:
            self._documents[document.document_id] = document

    def drop_note(self, note_id: str) -> None:
        """Take a note away; nothing happens when there is none."""
        with self._lock:
            self._notes.pop(note_id, None)

    def drop_document(self, document_id: str) -> None:
        """Take a document away; nothing happens when there is none."""
        with self._lock:
            self._documents.pop(document_id, None)

    def notes(self, pupil_id: str | None = None) -> list[WrittenNote]:
        """All notes, or one pupil's."""
        with self._lock:
            return [n for n in self._notes.values() if pupil_id is None or n.pupil_id == pupil_id]

    def documents(self, pupil_id: str | None = None) -> list[WrittenDocument]:
        """All documents (the school's own among them), or one pupil's."""
        with self._lock:
            return [d for d in self._documents.values() if pupil_id is None or d.pupil_id == pupil_id]

    def school_documents(self) -> list[WrittenDocument]:
        """Documents filed on the school itself."""
        with self._lock:
            return [d for d in self._documents.values() if d.pupil_id is None]

    def document(self, document_id: str) -> WrittenDocument | None:
        """One document by its id."""
        with self._lock:
            return self._documents.get(document_id)
