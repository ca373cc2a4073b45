"""Notes and letters as files in folders: the route for a MIS that takes none, and of the folder adapter.

::

    ROOT/pupils/<pupil's number>/index.csv      what staff open: one line per note and letter
    ROOT/pupils/<pupil's number>/Attendance – ….docx
    ROOT/pupils/<pupil's number>/.filed.jsonl   what the program relies on
    ROOT/school/…                               documents about no single pupil

A line goes into ``.filed.jsonl`` before the file is put in place, and a file is put in place whole (written next
to it, then renamed). So after a crash a line without a file means "not filed", and a file is never half there. A
file that staff renamed is known again by its content.
``index.csv`` is made again from those lines; staff may edit, keep open or delete it without harm.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal

import structlog

from connector.adapters.base import DocumentToWrite, Found, NoteToWrite
from connector.adapters.file_names import safe_file_name, safe_folder_name, with_suffix
from connector.adapters.whole_files import TEMPORARY
from connector.adapters.whole_files import folder_errors as _errors_when
from connector.adapters.whole_files import put_file as _put
from connector.errors import FatalError, Finding, RetryableError, SkippableError
from rules.files.held import may_be_held, patiently, read_file, what_to_do, why

log = structlog.get_logger(__name__)
JOURNAL = ".filed.jsonl"
INDEX = "index.csv"
INDEX_COLUMNS = ("date", "kind", "key", "title", "file_name", "reference")


@dataclass(frozen=True, slots=True)
class Filed:
    """One note or document that was filed, or was about to be when the program stopped."""

    pupil_id: str | None
    date: str
    kind: Literal["note", "document"]
    key: str
    title: str
    """A note's or document's summary as staff read it."""
    file_name: str
    asked_for: str = ""
    """The name that was asked for, where another file had it or it cannot be one."""
    sha256: str = ""
    """Of the content, so that a file is known again when staff have given it another name."""


class Filing:
    """Notes and documents under one root folder. ``folder_name`` gives the folder of a pupil seen for the first time.

    A pupil keeps the folder once used, also when ``folder_name`` would later say another. Folders are named by a
    number of the pupil, never by name. Raises RetryableError when the place cannot be written or read now.
    """

    def __init__(self, root: Path, folder_name: Callable[[str], str] = str) -> None:
        self.root = root
        self._folder_name = folder_name
        self._folders: dict[str, str] | None = None

    def check(self) -> list[Finding]:
        """Return what is wrong with the folder, found out by writing a file there and deleting it."""
        probe = self.root / f"{TEMPORARY}check"
        try:
            self._make(self.root)
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            return [
                Finding(
                    "folder for notes and letters",
                    f"cannot be written: {error.strerror or type(error).__name__}",
                    "create the folder and let the service's user write to it",
                )
            ]
        except RetryableError as error:
            return [Finding("folder for notes and letters", error.message, error.fix)]
        return []

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        """Return the notes filed on a pupil under an event key."""
        notes = []
        for filed, path in self._held(pupil_id, key, "note"):
            with _errors_when("read"):
                text = read_file(path).decode("utf-8-sig")
            notes.append(Found(self._reference(path), filed.title, text))
        return notes

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:
        """Return the documents filed on a pupil, or on the school, under an event key."""
        return [
            Found(self._reference(path), filed.asked_for or filed.file_name)
            for filed, path in self._held(pupil_id, key, "document")
        ]

    def write_note(self, note: NoteToWrite) -> str:
        """File a note as a text file and return its reference. The same note filed again is the same file."""
        title = note.summary.removesuffix(f"[{note.key}]").strip()
        name = f"Note – {title} – {note.date.isoformat()}.txt"
        content = note.text.encode("utf-8-sig")
        return self._file(note.pupil_id, note.date, "note", note.key, note.summary, name, content)

    def write_document(self, document: DocumentToWrite) -> str:
        """File a document and return its reference. The same document filed again is the same file."""
        return self._file(
            document.pupil_id,
            document.date,
            "document",
            document.key,
            document.summary,
            document.file_name,
            document.content,
        )

    def read_document(self, reference: str) -> bytes:
        """Return the bytes of a filed document. Raises SkippableError when the file is no longer there."""
        path = self.root / reference
        if ".." in reference.split("/") or not path.resolve().is_relative_to(self.root.resolve()):
            raise FatalError("the reference of a document points outside the folder for notes and letters")
        with _errors_when("read"):
            try:
                return read_file(path)
            except FileNotFoundError as error:
                raise SkippableError(
                    "a filed document is no longer in its folder", fix="put it back, or void the event"
                ) from error

    def _file(
        self,
        pupil_id: str | None,
        day: date,
        kind: Literal["note", "document"],
        key: str,
        title: str,
        file_name: str,
        content: bytes,
    ) -> str:
        folder = self._folder(pupil_id, create=True)
        wished = name = safe_file_name(file_name)
        number = 1
        while True:
            asked_for = "" if name == file_name else file_name
            digest = hashlib.sha256(content).hexdigest()
            filed = Filed(pupil_id, day.isoformat(), kind, key, title, name, asked_for, digest)
            state = self._state(folder, filed, content)
            if state == "same":
                return self._reference(folder / name)
            if state == "free":
                break
            number += 1
            name = with_suffix(wished, f" ({number})")
        with _errors_when("written"):
            self._append(folder, filed)
            _put(folder / name, content)
            self._write_index(folder)
        return self._reference(folder / name)

    def _state(self, folder: Path, filed: Filed, content: bytes) -> Literal["free", "same", "taken"]:
        """Return whether the name is free for this write: unused, or used by this very write when it was cut off."""
        name = filed.file_name.casefold()
        lines = [line for line in self._lines(folder) if line.file_name.casefold() == name]
        own = all((line.kind, line.key) == (filed.kind, filed.key) for line in lines)
        path = folder / filed.file_name
        with _errors_when("read"):
            if not path.exists():
                return "free" if own else "taken"
            return "same" if lines and own and read_file(path) == content else "taken"

    def _held(self, pupil_id: str | None, key: str, kind: str) -> list[tuple[Filed, Path]]:
        folder = self._folder(pupil_id, create=False)
        held: dict[str, tuple[Filed, Path]] = {}
        lines = self._lines(folder)
        for filed in lines:
            if (filed.key, filed.kind) != (key, kind):
                continue
            path = folder / filed.file_name
            if not path.is_file():
                renamed = self._renamed(folder, filed, {line.file_name for line in lines})
                if renamed is None:
                    continue
                path = renamed
            held[filed.file_name] = (filed, path)
        return list(held.values())

    def _renamed(self, folder: Path, filed: Filed, known: Collection[str]) -> Path | None:
        """Return the file that staff have given another name; None when there is none of that content."""
        if not filed.sha256:
            return None
        with _errors_when("read"):
            for path in sorted(folder.glob(f"*{Path(filed.file_name).suffix}")):
                if path.name in known or path.is_symlink() or not path.is_file():
                    continue
                if hashlib.sha256(read_file(path)).hexdigest() == filed.sha256:
                    return path
        return None

    def _folder(self, pupil_id: str | None, *, create: bool) -> Path:
        """Return the folder of a pupil, or of the school. Raise SkippableError where it leads elsewhere."""
        with _errors_when("written" if create else "read"):
            if pupil_id is None:
                folder = self.root / "school"
            else:
                folder = self.root / "pupils" / self._name_for(pupil_id)
            if not Path(os.path.realpath(folder)).is_relative_to(os.path.realpath(folder.parent)):
                raise SkippableError(
                    "the folder for these notes and letters is a link to another place",
                    fix="put a folder in the place of the link, then release the event",
                )
            if create:
                self._make(self.root)
                folder.mkdir(parents=True, exist_ok=True)
                for left in folder.glob(f"{TEMPORARY}*"):
                    patiently(partial(left.unlink, missing_ok=True))
        return folder

    def _make(self, root: Path) -> None:
        """Make the root, but not what it lies in: a network drive that is not there must not be replaced by a folder."""
        if not root.parent.is_dir():
            raise RetryableError(
                "the place of the folder for notes and letters is not there",
                fix="connect the drive, or correct the setting",
            )
        root.mkdir(exist_ok=True)

    def _name_for(self, pupil_id: str) -> str:
        """Return the pupil's folder: the one used before, else a new name that no other pupil has."""
        if self._folders is None:
            self._folders = {}
            for folder in sorted((self.root / "pupils").glob("*/")):
                first = next(iter(self._lines(folder)), None)
                if first and first.pupil_id is not None:
                    self._folders.setdefault(first.pupil_id, folder.name)
        known = self._folders.get(pupil_id)
        if known is None:
            known = safe_folder_name(self._folder_name(pupil_id) or pupil_id)
            if known in self._folders.values():
                known = f"{known}-{hashlib.sha256(pupil_id.encode()).hexdigest()[:8]}"
            self._folders[pupil_id] = known
        return known

    def _lines(self, folder: Path) -> list[Filed]:
        """Return the journal of a folder. A last line cut off by a crash was never acted on and is passed over."""
        with _errors_when("read"):
            try:
                text = read_file(folder / JOURNAL).decode("utf-8", errors="replace").replace("\r\n", "\n")
            except FileNotFoundError:
                return []
        lines = []
        for line in text.split("\n"):  # a title may hold other line ends
            with suppress(ValueError, TypeError):
                lines.append(Filed(**json.loads(line)))
        return lines

    def _append(self, folder: Path, filed: Filed) -> None:
        if filed in self._lines(folder):
            return
        line = json.dumps(asdict(filed), ensure_ascii=False) + "\n"
        with patiently(lambda: (folder / JOURNAL).open("a+b")) as journal:
            if journal.tell():
                journal.seek(-1, os.SEEK_END)
                if journal.read(1) != b"\n":
                    line = "\n" + line
            journal.write(line.encode("utf-8"))
            journal.flush()
            os.fsync(journal.fileno())

    def _write_index(self, folder: Path) -> None:
        """Write index.csv again. Where somebody keeps it open, which on Windows forbids replacing it, that is logged.

        The letters and notes themselves are filed all the same, and the next write to the folder replaces the index.
        """
        rows: dict[str, list[str]] = {}
        for filed in self._lines(folder):
            if (folder / filed.file_name).is_file():
                reference = self._reference(folder / filed.file_name)
                rows[filed.file_name] = [
                    filed.date,
                    filed.kind,
                    filed.key,
                    filed.title,
                    filed.file_name,
                    reference,
                ]
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(INDEX_COLUMNS)
        writer.writerows(rows.values())
        try:
            _put(folder / INDEX, text.getvalue().encode("utf-8-sig"))
        except OSError as error:
            if not (isinstance(error, PermissionError) or may_be_held(error)):
                raise
            log.warning(
                f"{INDEX} could not be renewed: {why(error)}; the next letter or note in its folder renews it",
                what_to_do=what_to_do(error, "check the permissions of the service's user"),
            )

    def _reference(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()
