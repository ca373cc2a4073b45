"""The folder adapter: a register folder in, a folder per pupil out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from connector.adapters.base import (
    AllMarksSent,
    AllPupilsSent,
    AmendmentPage,
    CalendarPage,
    Capabilities,
    DocumentToWrite,
    FilesPage,
    Found,
    MarkPage,
    NoteToWrite,
    Page,
    PullEnd,
    PullRequest,
    PupilPage,
)
from connector.adapters.facts_not_given import findings_of_people
from connector.adapters.folder.reads import OPTIONAL_FILES, FolderFacts, TableSource, read_folder
from connector.adapters.folder.settings import FolderSettings
from connector.adapters.folder.settings_file import record_page
from connector.adapters.folder.superstar import read_report
from connector.adapters.folder.writes import check_pupil, open_filing
from connector.errors import AdapterError, DataError, Finding, RetryableError
from rules.codes import Class
from rules.register import Register
from rules.school import Pupil

CAPABILITIES = Capabilities(
    calendar=True,
    contacts=True,
    spells=True,
    amendments=True,
    notes=True,
    documents=True,
    school_documents=True,
    records=True,
)
PUPILS_A_PAGE = 200
MARKS_A_PAGE = 10_000
_T = TypeVar("_T")


class FolderAdapter:
    """An adapter over a register folder. Each pull reads the whole folder; nothing is yielded unless all of it is good."""

    capabilities = CAPABILITIES

    def __init__(self, settings: FolderSettings) -> None:
        self._settings = settings
        self._pupils: dict[str, Pupil] | None = None
        self._filing = open_filing(settings.letters_folder, settings.name_folders_by, self._pupil)
        self.requests_sent = 0

    def check(self) -> list[Finding]:
        """Return every fault of the register folder and of the folder for notes and letters, and what was passed over."""
        findings: list[Finding] = []
        try:
            facts = self._read()
            findings += [*facts.warnings, *findings_of_people(facts.pupils)]
            register = facts.register()
            findings += [Finding("marks.csv", text, severity="warning") for text in register.warnings]
            findings += _unknown_codes(register)
        except DataError as error:
            findings += error.findings
        except AdapterError as error:
            findings.append(Finding("register folder", error.message, error.fix))
        return findings + self._filing.check()

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Yield everything in the folder from ``history_from`` to ``until``. Raises DataError with every fault."""
        facts = self._read()
        marks = [
            mark
            for mark in facts.marks
            if mark.date <= request.until
            and (request.history_from is None or mark.date >= request.history_from)
        ]
        yield FilesPage(self._optional_files())
        yield CalendarPage(facts.calendar.periods)
        for pupils in _pages(facts.pupils, PUPILS_A_PAGE):
            yield PupilPage(pupils)
        yield AllPupilsSent()
        for part in _pages(marks, MARKS_A_PAGE):
            yield MarkPage(part)
        if marks:
            # an export without any mark is taken for a failed one, not for a register that was emptied
            yield AllMarksSent(min(mark.date for mark in marks), request.until)
        if facts.amendments:
            yield AmendmentPage(facts.amendments)
        yield record_page(facts.settings)
        yield PullEnd(None, tuple(f"{warning.where}: {warning.message}" for warning in facts.warnings))

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        """Return notes in the pupil's folder under the key."""
        return self._filing.find_notes(pupil_id, key)

    def write_note(self, note: NoteToWrite) -> str:
        """File a note; a folder shares nothing with guardians."""
        check_pupil(note, self._pupil)
        return self._filing.write_note(note)

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:
        """Return documents in the pupil's folder (or the school's) under the key."""
        return self._filing.find_documents(pupil_id, key)

    def write_document(self, document: DocumentToWrite) -> str:
        """File a document."""
        check_pupil(document, self._pupil)
        return self._filing.write_document(document)

    def read_document(self, reference: str) -> bytes:
        """Return the bytes of a filed document."""
        return self._filing.read_document(reference)

    def close(self) -> None:
        """Do nothing: nothing is held open."""

    def _optional_files(self) -> tuple[str, ...]:
        """Return the optional files that are there; a report stands for its file."""
        reports = {f"{report.kind}.csv" for report in self._settings.reports}
        folder = self._settings.register_folder
        return tuple(file for file in OPTIONAL_FILES if file in reports or (folder / file).is_file())

    def _pupil(self, pupil_id: str) -> Pupil | None:
        if self._pupils is None:
            self._pupils = {pupil.pupil_id: pupil for pupil in self._read().pupils}
        return self._pupils.get(pupil_id)

    def _read(self) -> FolderFacts:
        """Read the folder. Raises RetryableError when an export changes a file meanwhile."""
        folder = self._settings.register_folder
        before = _state(folder)
        reports: dict[str, TableSource] = {
            report.kind: partial(read_report, folder, report) for report in self._settings.reports
        }
        facts = read_folder(folder, reports, self._settings.columns)
        if _state(folder) != before:
            raise RetryableError(
                "the register folder changed while it was read",
                fix="let the export finish; the next run reads it",
            )
        self._pupils = {pupil.pupil_id: pupil for pupil in facts.pupils}
        return facts


def _unknown_codes(register: Register) -> list[Finding]:
    """Note one finding per code that the code set of its day does not have."""
    places = np.argwhere(register.classes == Class.UNRECOGNISED)
    first: dict[str, tuple[str, date]] = {}
    for row, column in places:
        day = register.sessions[column].date
        first.setdefault(register.code_at(row, column), (register.code_set_on(day).name, day))
    return [
        Finding(
            "marks.csv, column code",
            # what is longer than any code may be something else that slipped into the column
            f"{repr(code) if len(code) <= 3 else 'a longer text'} is no code of {code_set} (first on {day})",
            "correct the marks; until then they count in no total",
        )
        for code, (code_set, day) in first.items()
    ]


def _state(folder: Path) -> list[tuple[str, int, int]]:
    """Return names, sizes and times of the CSV files."""
    found = []
    for path in sorted(folder.glob("*.csv")):
        with suppress(FileNotFoundError):
            state = path.stat()
            found.append((path.name, state.st_size, state.st_mtime_ns))
    return found


def _pages(items: Sequence[_T], size: int) -> Iterator[tuple[_T, ...]]:
    return (tuple(items[start : start + size]) for start in range(0, len(items), size))
