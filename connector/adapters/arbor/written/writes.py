"""Notes on a pupil, written once and found again by the event's key; letters are in documents.py.

Writing a pastoral note is Arbor's ordinary create. A write is never repeated here: when its answer is lost, the
delivery first asks for the key.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connector.adapters.arbor.asked import OF_STUDENT, UPN
from connector.adapters.arbor.pupils.people import upns_of
from connector.adapters.arbor.rest import RestSource
from connector.adapters.arbor.rows import Row, Source, Want, related_id, text_of
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import ASK, href_of, path_of
from connector.adapters.arbor.written.documents import FOLDER, Documents
from connector.adapters.arbor.written.written_objects import (
    answered,
    carries,
    dated,
    identity,
    listed,
    names,
    unseen,
)
from connector.adapters.base import DocumentToWrite, Found, NoteToWrite
from connector.errors import DataError, Finding, SkippableError
from connector.http import Client

NOTE = Want("PastoralNote", "id summary content student { id }")


@dataclass
class Writes:
    """Writes to one school. ``source`` reads rows as configured; ``rest`` looks for tags, which REST alone knows."""

    client: Client
    source: Source
    rest: RestSource
    settings: ArborSettings
    _upns: dict[str, list[Row]] = field(default_factory=dict)
    """Rows of UPNs by pupil."""

    def __post_init__(self) -> None:
        self.documents = Documents(self.client, self.rest, self.settings)

    def check(self) -> list[Finding]:
        """Return where notes and documents cannot be looked for. That they can be written shows the first write."""
        fix = f"{ASK}, or let notes and letters go to a folder: {FOLDER}"
        return unseen(self.client, self.rest, "PastoralNote", fix) + self.documents.check()

    # notes -------------------------------------------------------------------------------------------------

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        """Return pastoral notes on the pupil that carry the key."""
        rows: list[Row] = []
        if self.settings.reads == "rest" and self.settings.find_by != "text":
            tagged = [
                ("filters.student.equals", href_of("Student", pupil_id)),
                (f"filters.tags.{self.settings.tag}", key),
            ]
            rows = listed(self.client, self.rest, "PastoralNote", tagged)
        if not rows and (self.settings.reads == "graphql" or self.settings.find_by != "tag"):
            rows = self.source.fetch([NOTE.where("student__id", "in", [pupil_id])])[0]
        return [
            Found(href_of("PastoralNote", str(row["id"])), text_of(row, "summary"), text_of(row, "content"))
            for row in rows
            if carries(row, key, self.settings.tag, "summary", "content")
            and names(row, "student", "Student", pupil_id)
        ]

    def write_note(self, note: NoteToWrite) -> str:
        """Create a pastoral note and return its address."""
        self._same_pupil(note)
        values: dict[str, Any] = {
            "entityType": "PastoralNote",
            "student": identity("Student", note.pupil_id),
            "summary": note.summary,
            "content": note.text,
            "noteDate": dated(note.date.isoformat()),
            "userTags": {self.settings.tag: note.key},
        }
        if note.share:
            values[self.settings.share_field] = True
        answer = self.client.post(
            path_of("PastoralNote"), json_body={"request": {"pastoralNote": values}}, accept=(422,)
        )
        return str(answered("the note", answer, "PastoralNote")["href"])

    # documents ---------------------------------------------------------------------------------------------

    def write_document(self, document: DocumentToWrite) -> str:
        """File a document on a pupil; return its address."""
        if document.pupil_id is None:
            raise SkippableError(
                "Arbor has no place for a document about no single pupil",
                fix="let such documents go to a folder ([school.supply] folder)",
            )
        self._same_pupil(document)
        return self.documents.write(document, document.pupil_id)

    def _same_pupil(self, item: NoteToWrite | DocumentToWrite) -> None:
        """Raise SkippableError unless the pupil of this number has this UPN in Arbor, on the item's day or later."""
        pupil_id = str(item.pupil_id)
        if pupil_id not in self._upns:
            want = OF_STUDENT[UPN].where("student__id", "in", [pupil_id])
            found = self.source.fetch([want])[0]
            self._upns[pupil_id] = [row for row in found if related_id(row, "student") == pupil_id]
        try:
            upns = upns_of(self._upns[pupil_id], item.date)
        except DataError:
            raise SkippableError(
                f"a UPN of pupil {pupil_id} has a start or end in Arbor that is not a date, nothing was written",
                fix="correct it in Arbor, then release the event",
            ) from None
        if item.upn.strip().upper() not in upns:
            raise SkippableError(
                f"pupil {pupil_id} has another UPN in Arbor than in our register, nothing was written",
                fix="look at the pupil in Arbor; the next run reads the UPN again",
            )
