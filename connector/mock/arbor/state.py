"""Everything the mock Arbor holds: what the made-up school knows by today, and written to it by clients."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from connector.mock.arbor.lookups import attendance_mark, attendance_marks, code_lists, mark_ref
from connector.mock.arbor.marks import MARK_TYPES, Marks
from connector.mock.arbor.pupil_facts import PupilFacts
from connector.mock.arbor.row_maker import iso
from connector.mock.arbor.rows import Ref, Row, RowLike, Rows
from connector.mock.arbor.school_facts import SchoolFacts
from connector.mock.arbor.types import Kind
from connector.mock.world import World
from connector.mock.written import WrittenDocument, WrittenNote
from rules.school import Pupil

USER = "attendance-connector"
PASSWORD = "dpt-mock-token"  # noqa: S105


class ArborOptions(BaseModel):
    """How this Arbor behaves where no source says how the real one does (docs/mis-arbor.md)."""

    model_config = ConfigDict(extra="forbid")

    first_page: Literal[0, 1] = 1
    """Number of the first page of a REST list; with 1 page 0 is the first page too."""
    default_page_size: int | None = None
    """Rows of a REST list when no page size is asked; None: all."""
    largest_page: int | None = None
    """No REST page is longer, even when more is asked for; None: as asked."""
    largest_graphql_page: int = 3000
    detail: Literal["scalars", "identity"] = "scalars"
    """What a related object inside an object shows: its own scalars, or its identity only."""
    two_present_marks: bool = False
    """PRESENT and PRESENT_PM instead of one PRESENT for both halves."""
    graphql: bool = True
    """False: the GraphQL endpoint is not there (404)."""
    withheld: tuple[str, ...] = ()
    """Types ("CourtOrder") and fields ("Person.dateOfBirth") that this application has no permission for."""
    error_shape: Literal["both", "response", "status"] = "both"
    keep_user_tags: bool = True
    """False: user tags are taken and forgotten."""
    empty_related: Literal["null", "list"] = "null"
    """What stands where there is no related object: null, or [] as a PHP server may print it."""
    date_objects: bool = False
    """True: dates are objects with the date inside, which Arbor's client reads as well as text."""
    number_ids: bool = False
    """True: GraphQL gives ids as numbers."""
    keep_unknown_properties: bool = True
    """False: properties that a type is not known to have are taken and forgotten."""
    link_documents: bool = True
    """False: an upload makes a file but no document."""
    document_type: bool = True
    """False: there is no type Document at all, as in Arbor's own clients; an upload makes a file with its content."""
    numbers_of: Literal["guardian", "person"] = "guardian"
    """Whose an adult's telephone numbers are."""
    limit_per_minute: int | None = Field(default=None, ge=1)
    """Calls a minute before 429 comes; None: no limit."""


class State:
    """The rows, kept in step with the world. Every caller holds ``world.lock``."""

    def __init__(self, world: World, options: ArborOptions) -> None:
        self.world = world
        self.options = options
        self.rows = Rows()
        self._pupils = PupilFacts(world.school, self.rows, numbers_of=options.numbers_of)
        school = SchoolFacts(world.school, self.rows)
        self._marks = Marks(world.school, self.rows, two_present_marks=options.two_present_marks)
        self._known: dict[tuple[str, str], dict[str, Any]] = {}
        self._by_pupil: dict[str, tuple[Pupil, list[tuple[str, str, dict[str, Any]]]]] = {}
        self._version: tuple[date, int] | None = None
        self._unseen: dict[tuple[str, str], float] = {}
        self._bytes: dict[str, bytes] = {}
        """Content of uploaded files by the file's id."""
        now = world.now()
        for type_name, row_id, values in (
            *code_lists(),
            *attendance_marks(world.school.nation, two_present_marks=options.two_present_marks),
            *school.school(),
            *school.calendar(),
        ):
            self.rows.put(type_name, row_id, values, now)
        self.sync()

    def sync(self) -> None:
        """Bring the rows up to what the school knows by today."""
        version = self.world.version
        if version == self._version:
            return
        self._version = version
        self._sync_pupils()
        marks = self.world.school.marks_known(self.world.today, ahead=True)
        for letter in {mark.code for mark in marks}:
            self._know_letter(letter)
        self._marks.sync(marks, self.world.now())

    def _sync_pupils(self) -> None:
        known: dict[tuple[str, str], dict[str, Any]] = {}
        for pupil in self.world.school.pupils_known(self.world.today):
            held = self._by_pupil.get(pupil.pupil_id)
            if held is None or held[0] != pupil:
                held = (pupil, list(self._pupils.pupil(pupil)))
                self._by_pupil[pupil.pupil_id] = held
            known.update({(type_name, row_id): values for type_name, row_id, values in held[1]})
        leave = self._pupils.absence_notes(self.world.school.leave_requests_known(self.world.today))
        known.update({(type_name, row_id): values for type_name, row_id, values in leave})
        now = self.world.now()
        for (type_name, row_id), values in known.items():
            before = self._known.get((type_name, row_id))
            if before is None and self.rows.row(type_name, row_id) is not None:
                continue  # a code list's entry, or a row that a client made
            changed = {k: v for k, v in values.items() if before is None or before.get(k) != v}
            if changed:
                self.rows.put(type_name, row_id, changed, now)
        for type_name, row_id in self._known:
            if (type_name, row_id) not in known:
                self.rows.drop(type_name, row_id)
        self._known = known

    def _know_letter(self, letter: str) -> None:
        ref = mark_ref(letter, two_present_marks=self.options.two_present_marks)
        if self.rows.row(ref.type, ref.id) is None:
            values = attendance_mark(letter, f"Code {letter}", None, 99, active=True)
            self.rows.put(ref.type, ref.id, {"code": ref.id, **values}, self.world.now())

    def candidates(self, kind: Kind, arguments: Mapping[str, Any]) -> Iterable[RowLike]:
        """Rows that may fit a query: by id where ids are given, marks by their days, else all of the type."""
        moment = time.monotonic()
        wanted = arguments.get("id_in", arguments.get("id"))
        rows: Iterable[RowLike | None]
        if wanted is not None:
            ids = wanted if isinstance(wanted, list) else [wanted]
            rows = (self.rows.row(kind.name, str(one)) for one in dict.fromkeys(ids))
        elif kind.name in MARK_TYPES:
            name = "recordDate" if kind.name == "AttendanceRollCallRecord" else "startDatetime"
            rows = self._marks.between(kind.name, *_bounds(arguments, name))
        else:
            rows = self.rows.all(kind.name)
        return (row for row in rows if row is not None and self.seen(kind.name, row.id, moment))

    @property
    def nothing(self) -> Any:
        """What stands where there is no related object."""
        return None if self.options.empty_related == "null" else []

    def printed(self, value: Any, kind: str) -> Any:
        """Return a scalar of this kind as answers show it."""
        if self.options.date_objects and value and kind in ("date", "datetime"):
            return {"entityType": "date", "date": str(value) if " " in str(value) else f"{value} 00:00:00"}
        return value

    def withheld(self, type_name: str, field: str = "") -> bool:
        """Return whether the application has no permission for a type, or for a field of it."""
        return type_name in self.options.withheld or (
            bool(field) and f"{type_name}.{field}" in self.options.withheld
        )

    # what clients write ------------------------------------------------------------------------------------

    def made(self, row: RowLike) -> None:
        """Enter a note or document that was made or changed in the list of what was written."""
        if row.kind.name == "PastoralNote":
            self.world.written.keep_note(
                WrittenNote(
                    note_id=row.id,
                    pupil_id=_ref_id(row.value("student")),
                    summary=row.value("summary") or "",
                    text=row.value("content") or "",
                    date=_day(row.value("noteDate")),
                    tags={str(k): str(v) for k, v in row.tags.items()},
                )
            )
        elif row.kind.name == "Document":
            student, file = row.value("student"), row.value("file")
            self.world.written.keep_document(
                WrittenDocument(
                    document_id=row.id,
                    pupil_id=_ref_id(student) or None,
                    file_name=row.value("fileName") or "",
                    content=self._bytes.get(_ref_id(file), b""),
                    summary=row.value("summary") or "",
                    date=_day(row.value("documentDate")),
                    shared=bool(row.value("isSharedWithGuardians")),
                    tags={str(k): str(v) for k, v in row.tags.items()},
                )
            )
        elif row.kind.name == "ContentTag":
            self._tagged(row)

    def _tagged(self, tag: RowLike) -> None:
        """Enter a file whose content was tagged with a pupil (assumption: so it is on the pupil)."""
        tagged, content = tag.value("tagged"), tag.value("content")
        for file in self.rows.all("File"):
            if isinstance(tagged, Ref) and tagged.type == "Student" and file.value("content") == content:
                name, word = str(tag.value("tagName")), str(tag.value("tagValue"))
                self.world.written.keep_document(
                    WrittenDocument(
                        document_id=file.id,
                        pupil_id=tagged.id,
                        file_name=file.value("fileName") or "",
                        content=self._bytes.get(file.id, b""),
                        summary=f"[{word}]",
                        tags={name: word},
                    )
                )

    def dropped(self, type_name: str, row_id: str) -> None:
        """Take a deleted note or document from the list of what was written."""
        if type_name == "PastoralNote":
            self.world.written.drop_note(row_id)
        elif type_name in ("Document", "File"):
            self.world.written.drop_document(row_id)

    def hide_for_a_while(self, row: RowLike, until: float) -> None:
        """Hide this row from reads until that moment (the fault "stale")."""
        self._unseen[row.kind.name, row.id] = until

    def seen(self, type_name: str, row_id: str, moment: float) -> bool:
        """Return whether a row is no longer hidden."""
        until = self._unseen.get((type_name, row_id))
        if until is None:
            return True
        if moment >= until:
            del self._unseen[type_name, row_id]
            return True
        return False

    def upload(self, file_name: str, content: bytes, mime_type: str) -> Row:
        """Keep an uploaded file and return its document (or, with no documents to link, the file)."""
        now = self.world.now()
        file_id = self.rows.new_id("File")
        content_id = self.rows.new_id("Content")
        self.rows.put("Content", content_id, {"contentName": file_name}, now)
        file = self.rows.put(
            "File",
            file_id,
            {
                "content": Ref("Content", content_id),
                "fileName": file_name,
                "fileSize": len(content),
                "mimeType": mime_type,
                "fileIdentifier": f"mock-{file_id}",
                "url": f"/rest-v2/files/{file_id}/download",
                "compressed": False,
            },
            now,
        )
        self._bytes[file_id] = content
        if not (self.options.link_documents and self.options.document_type):
            return file
        values: Mapping[str, Any] = {
            "file": Ref("File", file_id),
            "fileName": file_name,
            "summary": None,
            "documentDate": iso(self.world.today),
            "isSharedWithGuardians": False,
        }
        document = self.rows.put("Document", self.rows.new_id("Document"), values, now)
        self.made(document)
        return document

    def file_bytes(self, file_id: str) -> bytes | None:
        """Return the bytes of an uploaded file."""
        return self._bytes.get(file_id) if self.rows.row("File", file_id) else None


def _bounds(arguments: Mapping[str, Any], name: str) -> tuple[date | None, date | None]:
    """Return the first and last day that a query for marks can mean."""
    exact = arguments.get(name)
    first = exact or arguments.get(f"{name}_after_or_equal") or arguments.get(f"{name}_after")
    last = exact or arguments.get(f"{name}_before_or_equal") or arguments.get(f"{name}_before")
    try:
        return _day(first), _day(last)
    except ValueError:
        return None, None


def _ref_id(value: Any) -> str:
    return value.id if isinstance(value, Ref) else ""


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None
