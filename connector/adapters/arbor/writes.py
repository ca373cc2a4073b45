"""Notes and documents on a pupil, written once and found again by the event's key.

Writing a pastoral note is Arbor's ordinary create. How an uploaded file is tied to a pupil is in no source:
the steps taken here are settings (docs/mis-arbor.md). A write is never repeated here: when its answer is lost, the
delivery first asks for the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.adapters.arbor.people import OF_STUDENT, UPN, upns_of
from connector.adapters.arbor.rest import RestSource
from connector.adapters.arbor.rows import Row, Source, Want, related_id, text_of
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import REST, body_of, href_of, id_of, lowered, path_of
from connector.adapters.base import DocumentToWrite, Found, NoteToWrite
from connector.errors import DataError, FatalError, RetryableError, SkippableError
from connector.http import Answer, Client

NOTE = Want("PastoralNote", "id summary content student { id }")
UPLOAD = f"{REST}/documents/upload"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass
class Writes:
    """Writes to one school. ``source`` reads rows as configured; ``rest`` looks for tags, which REST alone knows."""

    client: Client
    source: Source
    rest: RestSource
    settings: ArborSettings
    _upns: dict[str, list[Row]] = field(default_factory=dict)
    """Rows of UPNs by pupil."""
    _tags_kept: set[str] = field(default_factory=set)
    """Types on which our tag was found: Arbor keeps them, so that looking by tag is enough."""
    _urls: dict[str, str] = field(default_factory=dict)
    """Where the file of a document found just now is, by the document's address."""

    # notes -------------------------------------------------------------------------------------------------

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        """Return pastoral notes on the pupil that carry the key."""
        rows: list[Row] = []
        if self.settings.reads == "rest" and self.settings.find_by != "text":
            rows = self._tagged("PastoralNote", "student", pupil_id, key)
        if not rows and (self.settings.reads == "graphql" or self.settings.find_by != "tag"):
            rows = self.source.fetch([NOTE.where("student__id", "in", [pupil_id])])[0]
        return [
            Found(href_of("PastoralNote", str(row["id"])), text_of(row, "summary"), text_of(row, "content"))
            for row in rows
            if _carries(row, key, self.settings.tag, "summary", "content")
            and _is_on(row, "student", pupil_id)
        ]

    def write_note(self, note: NoteToWrite) -> str:
        """Create a pastoral note and return its address."""
        self._same_pupil(note)
        values: dict[str, Any] = {
            "entityType": "PastoralNote",
            "student": _identity("Student", note.pupil_id),
            "summary": note.summary,
            "content": note.text,
            "noteDate": _date(note.date.isoformat()),
            "userTags": {self.settings.tag: note.key},
        }
        if note.share:
            values[self.settings.share_field] = True
        answer = self.client.post(
            path_of("PastoralNote"), json_body={"request": {"pastoralNote": values}}, accept=(422,)
        )
        return _reference(_written("the note", answer, "PastoralNote"))

    # documents ---------------------------------------------------------------------------------------------

    def find_documents(self, pupil_id: str, key: str) -> list[Found]:
        """Return documents on the pupil that carry the key."""
        name, owner = self.settings.document_type, self.settings.document_pupil
        rows: list[Row] = []
        if self.settings.find_by != "text":
            rows = self._tagged(name, owner, pupil_id, key)
        if not rows and self.settings.find_by != "tag" and name not in self._tags_kept:
            rows = self._all_on(name, owner, pupil_id)
        found = []
        for row in rows:
            if _carries(row, key, self.settings.tag, self.settings.document_summary) and _is_on(
                row, owner, pupil_id
            ):
                found.append(Found(str(row["href"]), _file_name(row)))
                self._urls[str(row["href"])] = _file_address(row)
        return found

    def write_document(self, document: DocumentToWrite) -> str:
        """Upload the file, then tie it to the pupil with its summary and key; return the document's address."""
        if document.pupil_id is None:
            raise SkippableError(
                "Arbor has no place for a document about no single pupil",
                fix="let such documents go to a folder ([school.supply] folder)",
            )
        self._same_pupil(document)
        answer = self.client.post(
            UPLOAD, files={"file": (document.file_name, document.content, _WORD)}, accept=(422,)
        )
        uploaded = _uploaded(answer)
        name = self.settings.document_type
        values: dict[str, Any] = {
            "entityType": name,
            self.settings.document_pupil: _identity("Student", document.pupil_id),
            self.settings.document_summary: document.summary,
            self.settings.document_date: _date(document.date.isoformat()),
            "userTags": {self.settings.tag: document.key},
        }
        if document.share:
            values[self.settings.share_field] = True
        if self.settings.document_link == "update":
            body = {"request": {lowered(name): values}}
            linked = self.client.request(
                "PUT", str(uploaded["href"]), json_body=body, accept=(404, 422), safe=True
            )
            if linked.status == 404:
                raise RetryableError(
                    "Arbor took an upload and does not have it", fix="the next run files the letter again"
                )
        else:
            file = {"entityType": str(uploaded.get("entityType")), "href": str(uploaded["href"])}
            body = {"request": {lowered(name): {**values, "file": file, "fileName": document.file_name}}}
            linked = self.client.post(path_of(name), json_body=body, accept=(422,))
        return _reference(_written("the document", linked, name))

    def read_document(self, reference: str) -> bytes:
        """Return the bytes of a filed document, from the address that its file shows."""
        url = self._urls.pop(reference, "") or self._url_of(reference)
        return self.client.get(url, expect="bytes", elsewhere=True).content

    def _url_of(self, reference: str) -> str:
        answer = self.client.get(reference, accept=(404,))
        if answer.status == 404:
            raise SkippableError(
                "a filed document is no longer in Arbor", fix="void the event, or file it again"
            )
        document = body_of("reading a document", answer).get(lowered(self.settings.document_type))
        file = document.get("file") if isinstance(document, dict) else None
        if isinstance(file, dict) and not file.get("url") and file.get("href"):
            file = body_of("reading a file", self.client.get(str(file["href"]))).get("file")
        if not isinstance(file, dict) or not file.get("url"):
            raise RetryableError(
                "Arbor shows no address for a document's file", fix="the next run asks again"
            )
        return str(file["url"])

    # looking -----------------------------------------------------------------------------------------------

    def _tagged(self, type_name: str, owner: str, pupil_id: str, key: str) -> list[Row]:
        """Return objects on the pupil with this program's user tag: Arbor's own way to find what was made before."""
        params = [
            (f"filters.{owner}.equals", href_of("Student", pupil_id)),
            (f"filters.tags.{self.settings.tag}", key),
        ]
        found = self._listed(type_name, params)
        if any(_tagged_with(row, self.settings.tag, key) for row in found):
            self._tags_kept.add(type_name)
        return found

    def _all_on(self, type_name: str, owner: str, pupil_id: str) -> list[Row]:
        return self._listed(type_name, [(f"filters.{owner}.equals", href_of("Student", pupil_id))])

    def _listed(self, type_name: str, params: list[tuple[str, str]]) -> list[Row]:
        found = []
        for href in self.rest.matching(type_name, params):
            answer = self.client.get(href, accept=(404,))
            row = body_of(f"reading {type_name}", answer).get(lowered(type_name))
            if isinstance(row, dict) and answer.status != 404:
                found.append({**row, "id": id_of(href), "href": href})
        return found

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


def _identity(type_name: str, row_id: str) -> dict[str, str]:
    return {"entityType": type_name, "href": href_of(type_name, row_id)}


def _date(day: str) -> dict[str, str]:
    return {"entityType": "date", "date": f"{day} 00:00:00"}


def _tagged_with(row: Row, tag: str, key: str) -> bool:
    tags = row.get("userTags")
    return isinstance(tags, Mapping) and str(tags.get(tag, "")) == key


def _carries(row: Row, key: str, tag: str, *texts: str) -> bool:
    """Return True when the row has the key as our tag or in one of its texts."""
    return _tagged_with(row, tag, key) or any(f"[{key}]" in text_of(row, name) for name in texts)


def _is_on(row: Row, owner: str, pupil_id: str) -> bool:
    """Return True when the row names this pupil; a server that does not know a filter answers with everybody's."""
    held = row.get(owner)
    if not isinstance(held, dict):
        return False
    return str(held.get("id") or id_of(str(held.get("href", "")))) == pupil_id


def _file_name(row: Row) -> str:
    file = row.get("file")
    return text_of(row, "fileName") or (text_of(file, "fileName") if isinstance(file, dict) else "")


def _file_address(row: Row) -> str:
    """Return where the bytes are; empty when the document does not show it itself."""
    file = row.get("file")
    return text_of(file, "url") if isinstance(file, dict) else ""


def _written(what: str, answer: Answer, type_name: str) -> dict[str, Any]:
    """Return the object that a write answers with. 422 has no object: only this write is refused."""
    if answer.status == 422:
        raise SkippableError(
            f"Arbor refused {what} (422)",
            fix="see docs/mis-arbor.md for what Arbor must allow, then release the event",
        )
    found = body_of(f"writing {what}", answer).get(lowered(type_name))
    if not isinstance(found, dict) or not found.get("href"):
        raise RetryableError(
            f"Arbor took {what} without saying where it is", fix="the next run looks for it by its key"
        )
    return found


def _uploaded(answer: Answer) -> dict[str, Any]:
    """Return what an upload answers with: any object that has an address (assumption)."""
    if answer.status == 422:
        raise SkippableError("Arbor refused the upload (422)", fix="see docs/mis-arbor.md")
    body = body_of("uploading a document", answer)
    for found in (body, *body.values()):
        if isinstance(found, dict) and isinstance(found.get("href"), str):
            return found
    raise FatalError(
        "Arbor answered an upload without an address",
        fix="set documents = false and let letters go to a folder; see docs/mis-arbor.md",
    )


def _reference(found: Mapping[str, Any]) -> str:
    return str(found["href"])
