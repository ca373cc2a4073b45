"""Letters on a pupil: uploaded, tied to the pupil, found again by the event's key (docs/mis-arbor.md).

Arbor's client documents the upload of a file, and nothing of how a file comes to be on a pupil. The ways known here
are settings; where the type Document is not there, a content tag ties the file's content to the pupil.

An upload takes a file and its name alone, so the name carries the key. An upload that was cut before it was tied is
found by that name: the next write of the event ties it, or removes it where its content is no longer the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Literal

import structlog

from connector.adapters.arbor.rest import RestSource
from connector.adapters.arbor.rows import Row, name_in, text_of
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import REST, body_of, href_of, id_of, lowered, path_of
from connector.adapters.arbor.written.written_objects import (
    answered,
    carries,
    dated,
    identity,
    listed,
    names,
    shows,
    tagged_with,
    unseen,
)
from connector.adapters.base import DocumentToWrite, Found
from connector.errors import FatalError, Finding, RetryableError, SkippableError
from connector.http import Answer, Client

UPLOAD = f"{REST}/documents/upload"
TAG_TYPES = ("File", "ContentTag")
FOLDER = "set documents = false in [school.mis] and name a folder for letters in [school.supply] folder"
MOST_LEFT = 20
"""Uploads of one key that are looked at."""
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

Way = Literal["update", "create", "tag"]

log = structlog.get_logger(__name__)


@dataclass
class Documents:
    """Documents of one school."""

    client: Client
    rest: RestSource
    settings: ArborSettings
    _shown: dict[str, bool] = field(default_factory=dict)
    """Whether this application can list a type."""
    _tags_kept: bool = False
    """Our user tag was found on a document: Arbor keeps them, so that looking by tag is enough."""
    _any_tagged: bool | None = None
    """Whether Arbor holds a content tag of ours; None: not looked yet."""
    _tied: set[str] = field(default_factory=set)
    """Files that were tied to their pupils just now: none of them is an upload that was cut."""
    _urls: dict[str, str] = field(default_factory=dict)
    """Where the file of a document found just now is, by the document's address."""

    # looking -----------------------------------------------------------------------------------------------

    def check(self) -> list[Finding]:
        """Return where letters go, where that is not the usual way, and what is missing for it."""
        if not self.settings.documents:
            return []
        name, link = self.settings.document_type, self.settings.document_link
        if link in ("update", "create") or (link == "auto" and self._shows(name)):
            findings = unseen(self.client, self.rest, name, f'set document_link = "auto", or {FOLDER}')
            return findings or self._uploads_unseen()
        where = "Arbor: writing letters"
        if not all(self._shows(one) for one in TAG_TYPES):
            why = f"this application sees neither {name} nor {' and '.join(TAG_TYPES)}, so no letter can be filed"
            return [Finding(where, why, f"ask Arbor for one of these permissions, or {FOLDER}")]
        message = (
            f"Arbor shows no {name}: letters are uploaded, and each is tied to its pupil by a content tag, which no "
            "public source says that staff see"
        )
        return [
            Finding(
                where, message, f"look for the first letter in Arbor; if it is not there, {FOLDER}", "warning"
            )
        ]

    def _uploads_unseen(self) -> list[Finding]:
        if self._shows("File"):
            return []
        message = "this application cannot see them: an upload that is cut stays in Arbor, tied to nobody"
        fix = "ask Arbor for the permission to read and delete File"
        return [Finding("Arbor: writing letters: uploaded files", message, fix, "warning")]

    def find(self, pupil_id: str, key: str) -> list[Found]:
        """Return documents on the pupil that carry the key, in whichever way they were tied."""
        rows = self._documents_on(pupil_id, key) if self._may_be(self.settings.document_type) else []
        found = []
        for row in rows:
            file = row.get("file") if isinstance(row.get("file"), dict) else None
            found.append(
                Found(
                    str(row["href"]), _plain_name(text_of(row, "fileName") or text_of(file, "fileName"), key)
                )
            )
            self._urls[str(row["href"])] = text_of(file, "url")
        if self._may_be("ContentTag") and self._are_tagged():
            for file in self._files_tagged(pupil_id, key):
                found.append(Found(str(file["href"]), _plain_name(text_of(file, "fileName"), key)))
                self._urls[str(file["href"])] = text_of(file, "url")
        return found

    def _may_be(self, type_name: str) -> bool:
        """Return whether to look for letters by a type: it is the way that is set, or Arbor shows it."""
        link = self.settings.document_link
        is_the_way = link != "auto" and (link == "tag") == (type_name == "ContentTag")
        return is_the_way or self._shows(type_name)

    def _are_tagged(self) -> bool:
        """Return whether letters may be tied by content tags: in this way, or because an earlier run did so.

        Where letters are tied in another way nothing of this program makes a tag meanwhile, so one look is enough.
        """
        link = self.settings.document_link
        if link == "tag" or (link == "auto" and not self._shows(self.settings.document_type)):
            return True
        if self._any_tagged is None:
            ours = [("filters.tagName.equals", self.settings.tag)]
            self._any_tagged = bool(self.rest.first_matching("ContentTag", ours, 1))
        return self._any_tagged

    def _shows(self, type_name: str) -> bool:
        if type_name not in self._shown:
            self._shown[type_name] = shows(self.client, self.rest, type_name)
        return self._shown[type_name]

    def _listed(self, type_name: str, *params: tuple[str, str]) -> list[Row]:
        return listed(self.client, self.rest, type_name, params)

    def _documents_on(self, pupil_id: str, key: str) -> list[Row]:
        name, owner, tag = self.settings.document_type, self.settings.document_pupil, self.settings.tag
        on_pupil = (f"filters.{owner}.equals", href_of("Student", pupil_id))
        rows: list[Row] = []
        if self.settings.find_by != "text":
            rows = self._listed(name, on_pupil, (f"filters.tags.{tag}", key))
            self._tags_kept = self._tags_kept or any(tagged_with(row, tag, key) for row in rows)
        if not rows and self.settings.find_by != "tag" and not self._tags_kept:
            rows = self._listed(name, on_pupil)
        summary = self.settings.document_summary
        return [
            row for row in rows if carries(row, key, tag, summary) and names(row, owner, "Student", pupil_id)
        ]

    def _files_tagged(self, pupil_id: str, key: str) -> Iterator[Row]:
        """Yield the files whose content is tagged with the pupil and the key."""
        tags = self._listed(
            "ContentTag",
            ("filters.tagged.equals", href_of("Student", pupil_id)),
            ("filters.tagValue.equals", key),
        )
        for row in tags:
            content = name_in(row, "content", "href")
            ours = text_of(row, "tagName") == self.settings.tag and text_of(row, "tagValue") == key
            if ours and content and names(row, "tagged", "Student", pupil_id):
                for file in self._listed("File", ("filters.content.equals", content)):
                    if name_in(file, "content", "href") == content:
                        yield file

    # writing -----------------------------------------------------------------------------------------------

    def write(self, document: DocumentToWrite, pupil_id: str) -> str:
        """Upload the file, or take an upload of it that was cut, and tie it to the pupil; return its address."""
        way = self._way()
        name = _name_with_key(document.file_name, document.key)
        file = self._left_behind(document, name) or self._upload(document, name)
        try:
            if way == "tag":
                return self._tag(file, document, pupil_id)
            return self._tie(way, file, document, pupil_id)
        except SkippableError:
            self._remove(file)
            raise

    def _way(self) -> Way:
        link = self.settings.document_link
        if link != "auto":
            return link
        if self._shows(self.settings.document_type):
            return "update"
        if all(self._shows(one) for one in TAG_TYPES):
            return "tag"
        raise FatalError(
            f"Arbor shows this application neither {self.settings.document_type} nor {' and '.join(TAG_TYPES)}, so no "
            "letter can be filed",
            fix=FOLDER,
        )

    def _upload(self, document: DocumentToWrite, name: str) -> Row:
        """Upload a file and return what Arbor made of it: any object that has an address (assumption)."""
        answer = self.client.post(UPLOAD, files={"file": (name, document.content, _WORD)}, accept=(422,))
        if answer.status == 422:
            raise SkippableError("Arbor refused the upload (422)", fix="see docs/mis-arbor.md")
        body = body_of("uploading a document", answer)
        for row in (body, *body.values()):
            if isinstance(row, dict) and isinstance(row.get("href"), str):
                return row
        for row in self._uploads(document.key):
            if text_of(row, "fileName") == name:
                return row
        raise FatalError(
            "Arbor answered an upload without an address", fix=f"{FOLDER}; see docs/mis-arbor.md"
        )

    def _tie(self, way: Way, file: Row, document: DocumentToWrite, pupil_id: str) -> str:
        """Tie an upload to the pupil as a Document: the one that the upload made, else a new one that names the file."""
        name, owner = self.settings.document_type, self.settings.document_pupil
        values: dict[str, Any] = {
            "entityType": name,
            owner: identity("Student", pupil_id),
            self.settings.document_summary: document.summary,
            self.settings.document_date: dated(document.date.isoformat()),
            "userTags": {self.settings.tag: document.key},
        }
        if document.share:
            values[self.settings.share_field] = True
        if way == "update" and not _is_file(file):
            if "fileName" in file:
                values["fileName"] = document.file_name  # staff need not see the key in it
            body = {"request": {lowered(name): values}}
            answer = self.client.request(
                "PUT", str(file["href"]), json_body=body, accept=(404, 422), safe=True
            )
            if answer.status == 404:
                raise RetryableError(
                    "Arbor took an upload and does not have it", fix="the next run files the letter again"
                )
        else:
            named = {"entityType": text_of(file, "entityType") or "File", "href": str(file["href"])}
            body = {"request": {lowered(name): {**values, "file": named, "fileName": document.file_name}}}
            answer = self.client.post(path_of(name), json_body=body, accept=(422,))
        row = answered("the document", answer, name)
        if not names(row, owner, "Student", pupil_id):
            raise SkippableError(
                f"Arbor took a document without tying it to the pupil by '{owner}'; it was removed",
                fix=f"set document_pupil to the property that names the pupil, or {FOLDER}",
            )
        self._tied.add(name_in(row, "file", "href"))
        return str(row["href"])

    def _tag(self, file: Row, document: DocumentToWrite, pupil_id: str) -> str:
        """Tie the content of an upload to the pupil by a content tag; return the file's address."""
        if not _is_file(file):
            file = self._read(name_in(file, "file", "href"), "File")
        content = name_in(file, "content", "href")
        if not content:
            raise SkippableError("Arbor shows no content of an uploaded file; it was removed", fix=FOLDER)
        if document.share:
            log.warning("a letter cannot be shared with guardians in this way", key=document.key)
        values = {
            "entityType": "ContentTag",
            "content": {"entityType": "Content", "href": content},
            "tagged": identity("Student", pupil_id),
            "tagName": self.settings.tag,
            "tagValue": document.key,
        }
        answer = self.client.post(
            path_of("ContentTag"), json_body={"request": {"contentTag": values}}, accept=(422,)
        )
        answered("the tag of a letter", answer, "ContentTag")
        return str(file["href"])

    # uploads that were cut ---------------------------------------------------------------------------------

    def _left_behind(self, document: DocumentToWrite, name: str) -> Row | None:
        """Return an upload of this very file that is tied to nobody; others of the event are removed."""
        same: Row | None = None
        for upload in self._uploads(document.key):
            if (
                same is None
                and text_of(upload, "fileName") == name
                and self._bytes(upload) == document.content
            ):
                same = upload.get("document") or upload
            else:
                self._remove(upload)
        return same

    def _uploads(self, key: str) -> Iterator[Row]:
        """Yield uploads of the event that are tied to nobody, each with the ``document`` that Arbor made of it, if any."""
        if not self._shows("File"):
            return
        params = [("filters.fileName.search", key)]
        for file in listed(self.client, self.rest, "File", params, MOST_LEFT, but=self._tied):
            if f"[{key}]" not in text_of(file, "fileName"):
                continue
            made = self._made_of(file)
            tied = any(row.get(self.settings.document_pupil) not in (None, "", [], {}) for row in made)
            if not tied and not self._is_tagged(file):
                yield {**file, "document": made[0] if made else None}

    def _made_of(self, file: Row) -> list[Row]:
        """Return the documents of a file."""
        if not self._shows(self.settings.document_type):
            return []
        href = str(file["href"])
        rows = listed(
            self.client, self.rest, self.settings.document_type, [("filters.file.equals", href)], MOST_LEFT
        )
        return [row for row in rows if name_in(row, "file", "href") == href]

    def _is_tagged(self, file: Row) -> bool:
        content = name_in(file, "content", "href")
        if not content or not self._shows("ContentTag"):
            return False
        rows = listed(self.client, self.rest, "ContentTag", [("filters.content.equals", content)], MOST_LEFT)
        return any(name_in(row, "content", "href") == content for row in rows)

    def _remove(self, upload: Row) -> None:
        """Remove an upload that is tied to nobody, with the file or document that goes with it, where Arbor lets us."""
        other = upload.get("file") or upload.get("document")
        hrefs = [text_of(upload, "href"), text_of(other, "href") if isinstance(other, dict) else ""]
        for href in sorted(filter(None, hrefs)):  # documents before files, which they may hold in place
            answer = self.client.request("DELETE", href, accept=(403, 404, 405, 422))
            if answer.status not in (200, 204, 404):
                log.warning(
                    "an uploaded file that is tied to nobody could not be removed from Arbor", row=href
                )

    # reading back ------------------------------------------------------------------------------------------

    def read(self, reference: str) -> bytes:
        """Return the bytes of a filed document, from the address that its file shows."""
        url = self._urls.pop(reference, "") or self._url_of(reference)
        return self.client.get(url, expect="bytes", elsewhere=True).content

    def _bytes(self, file: Row) -> bytes:
        url = text_of(file, "url")
        return self.client.get(url, expect="bytes", elsewhere=True).content if url else b""

    def _url_of(self, reference: str) -> str:
        is_file = _is_file({"href": reference})
        file: Any = self._read(reference, "File" if is_file else self.settings.document_type)
        if not is_file:
            file = file.get("file")
            if isinstance(file, dict) and not file.get("url") and file.get("href"):
                file = self._read(str(file["href"]), "File")
        if not isinstance(file, dict) or not file.get("url"):
            raise RetryableError(
                "Arbor shows no address for a document's file", fix="the next run asks again"
            )
        return str(file["url"])

    def _read(self, href: str, type_name: str) -> Row:
        answer: Answer = self.client.get(href, accept=(404,))
        if answer.status == 404:
            raise SkippableError(
                "a filed document is no longer in Arbor", fix="void the event, or file it again"
            )
        row = body_of("reading a document", answer).get(lowered(type_name))
        return row if isinstance(row, dict) else {}


def _is_file(row: Row) -> bool:
    href = text_of(row, "href")
    return href.removesuffix(f"/{id_of(href)}") == path_of("File")


def _name_with_key(file_name: str, key: str) -> str:
    path = PurePath(file_name)
    return f"{path.stem} [{key}]{path.suffix}"


def _plain_name(file_name: str, key: str) -> str:
    """Return a document's name as it was asked for: an upload carries the key in its name."""
    return file_name.replace(f" [{key}]", "")
