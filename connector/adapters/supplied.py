"""What a MIS lacks, supplied from elsewhere: an adapter wrapped so that to the run it looks like one that has it all.

========================  ====================================  =======================================================
supplied                  file                                  how it joins
========================  ====================================  =======================================================
calendar                  calendar.csv of a register folder     in place of any calendar the MIS gives
contacts                  contacts.csv of a register folder     by contact and column (see adapters/supplied_people.py);
                                                                where the MIS gives none, they are those of the file
pupils                    pupils.csv of a register folder       by pupil and column, what the MIS does not give
records, exclusions       settings.toml or records.csv of a     added to what the MIS gives
                          register folder
notes, documents          a folder (see adapters/filing.py)     only those that the MIS does not take
========================  ====================================  =======================================================

The supplied files are read and checked before the MIS is asked, so a faulty one stops the pull before it began.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import Field, PrivateAttr, ValidationInfo, model_validator

from connector.adapters.base import (
    Adapter,
    CalendarPage,
    Capabilities,
    DocumentToWrite,
    Found,
    NoteToWrite,
    Page,
    PullEnd,
    PullRequest,
    PupilPage,
)
from connector.adapters.filing import Filing
from connector.adapters.folder.columns import SCHOOL_COLUMNS, Columns, columns_of
from connector.adapters.folder.csv_table import read_table
from connector.adapters.folder.days import read_calendar
from connector.adapters.folder.findings import Findings
from connector.adapters.folder.people import (
    CONTACT_COLUMNS,
    CONTACT_NEEDED,
    PUPIL_COLUMNS,
    contacts_of,
    pupils_of,
)
from connector.adapters.folder.reads import ALL_COLUMNS
from connector.adapters.folder.records_file import read_records
from connector.adapters.folder.settings_file import SettingsFile, read_settings_file, record_page
from connector.adapters.supplied_people import SuppliedPeople
from connector.errors import DataError, FatalError, Finding, SkippableError
from rules.calendar import Calendar
from rules.settings import FilePath, Table


class SupplyConfig(Table):
    """What the MIS lacks, from elsewhere."""

    calendar: FilePath | None = Field(default=None, examples=["calendar.csv"])
    """A calendar.csv as in a register folder, for a MIS that gives no calendar."""
    contacts: FilePath | None = Field(default=None, examples=["contacts.csv"])
    """A contacts.csv as in a register folder, for a MIS that gives no contacts or not all of what is needed of them: court orders, who may be written to, salutations, telephone numbers, who has died, secret addresses. A filled cell fills what the MIS leaves open for that contact."""
    pupils: FilePath | None = Field(default=None, examples=["pupils.csv"])
    """A pupils.csv with what the MIS does not give of pupils: social worker, part-time timetables, who has died and the like. A column is the list of the pupils to whom it applies."""
    records: FilePath | None = Field(default=None, examples=["records.toml"])
    """What people did (docs/records.md) and exclusions: a file as a register folder's settings.toml, or its records.csv. It is taken as it is in each run: what is no longer in it no longer counts."""
    folder: FilePath | None = Field(default=None, examples=["letters-out"])
    """Folder for notes and letters, for a MIS that takes none: a folder per pupil, each with an index.csv."""
    folders_by_upn: bool = False
    """Name those folders by UPN in place of the MIS's own id, which staff seldom know."""
    _columns: dict[str, str] = PrivateAttr(default_factory=dict)

    @property
    def files(self) -> tuple[str, ...]:
        """Return for what a file is named: calendar, contacts, pupils, records."""
        return tuple(name for name in ("calendar", "contacts", "pupils", "records") if getattr(self, name))

    @property
    def columns(self) -> dict[str, str]:
        """Return `[school.columns]`, which is a table of its own: the validation context's "columns"."""
        return self._columns

    @model_validator(mode="after")
    def _named(self, info: ValidationInfo) -> SupplyConfig:
        self._columns.update((info.context or {}).get("columns", {}))
        return self


def supplement(adapter: Adapter, supply: SupplyConfig) -> Adapter:
    """Given an adapter and what to supply, return an adapter that has both; the same one when nothing is supplied."""
    return SupplementedAdapter(adapter, supply) if supply.files or supply.folder else adapter


def supplemented(capabilities: Capabilities, supply: SupplyConfig) -> Capabilities:
    """Return what an adapter with these capabilities can do once supplied."""
    folder = supply.folder is not None
    return replace(
        capabilities,
        calendar=capabilities.calendar or supply.calendar is not None,
        contacts=capabilities.contacts or supply.contacts is not None,
        notes=capabilities.notes or folder,
        documents=capabilities.documents or folder,
        school_documents=capabilities.school_documents or folder,
        records=capabilities.records or supply.records is not None,
    )


@dataclass(frozen=True)
class _Supplied:
    """The supplied files, read and checked."""

    calendar: Calendar | None
    people: SuppliedPeople
    records: SettingsFile | None
    warnings: tuple[Finding, ...]


class SupplementedAdapter:
    """An adapter around another one. Its bookmark holds the other's bookmark and what the people's files were."""

    def __init__(self, adapter: Adapter, supply: SupplyConfig) -> None:
        self._adapter = adapter
        self._supply = supply
        self._upns: dict[str, str] = {}
        self._filing = Filing(supply.folder, self._folder_name) if supply.folder else None
        own = adapter.capabilities
        self._files_notes = self._filing is not None and not own.notes
        self._files_documents = self._filing is not None and not own.documents
        self._files_school_documents = self._filing is not None and not own.school_documents
        self.capabilities = supplemented(own, supply)

    @property
    def requests_sent(self) -> int:
        """Requests of the wrapped adapter."""
        return self._adapter.requests_sent

    def check(self) -> list[Finding]:
        """Return what the wrapped adapter finds, less what the files answer, and every fault of the files and folder."""
        findings = self._adapter.check()
        supplied, own = self._check_files()
        if supplied is not None:
            findings = [finding for finding in findings if finding.fact not in supplied.people.facts]
        return findings + own

    def check_supplied(self) -> list[Finding]:
        """Return every fault of the supplied files and folder; the MIS is not asked."""
        return self._check_files()[1]

    def _check_files(self) -> tuple[_Supplied | None, list[Finding]]:
        supplied, findings = None, []
        try:
            supplied = self._read()
            findings += [*supplied.warnings, *supplied.people.findings()]
        except DataError as error:
            findings += error.findings
        return supplied, findings + (self._filing.check() if self._filing else [])

    def pull(self, request: PullRequest) -> Iterator[Page]:
        """Yield the wrapped adapter's pages with what is supplied put in. Raises DataError for faulty supplied files."""
        supplied = self._read()
        people = supplied.people
        inner, mark = _open_bookmark(request.bookmark)
        if mark != people.mark:
            inner = None
        if supplied.calendar:
            yield CalendarPage(supplied.calendar.periods)
        for page in self._adapter.pull(replace(request, bookmark=inner)):
            if isinstance(page, CalendarPage) and supplied.calendar:
                continue
            if isinstance(page, PupilPage):
                self._upns.update((pupil.pupil_id, pupil.upn) for pupil in page.pupils)
                yield people.join(page)
            elif isinstance(page, PullEnd):
                if supplied.records:
                    yield record_page(supplied.records, supplied=True)
                warnings = [f"{warning.where}: {warning.message}" for warning in supplied.warnings]
                warnings += people.warnings(whole=inner is None)
                bookmark = _close_bookmark(page.bookmark, people.mark)
                yield PullEnd(bookmark, (*page.warnings, *warnings))
            else:
                yield page

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        """Return notes under the key, where notes go."""
        if self._filing and self._files_notes:
            return self._filing.find_notes(pupil_id, key)
        return self._adapter.find_notes(pupil_id, key)

    def write_note(self, note: NoteToWrite) -> str:
        """Write a note where notes go."""
        if self._filing and self._files_notes:
            self._check_upn(note.pupil_id, note.upn)
            return self._filing.write_note(note)
        return self._adapter.write_note(note)

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:
        """Return documents under the key, where documents of that pupil (or the school) go."""
        if self._filing and self._files(pupil_id):
            documents = self._filing.find_documents(pupil_id, key)
            return [replace(document, reference=_FILED + document.reference) for document in documents]
        return self._adapter.find_documents(pupil_id, key)

    def write_document(self, document: DocumentToWrite) -> str:
        """File a document where documents go."""
        if self._filing and self._files(document.pupil_id):
            if document.pupil_id is not None:
                self._check_upn(document.pupil_id, document.upn)
            return _FILED + self._filing.write_document(document)
        return self._adapter.write_document(document)

    def read_document(self, reference: str) -> bytes:
        """Return the bytes of a document, wherever it was filed."""
        if reference.startswith(_FILED):
            if self._filing is None:
                raise FatalError("a document is in a folder that is no longer configured")
            return self._filing.read_document(reference.removeprefix(_FILED))
        return self._adapter.read_document(reference)

    def close(self) -> None:
        """Close the wrapped adapter."""
        self._adapter.close()

    def _files(self, pupil_id: str | None) -> bool:
        return self._files_school_documents if pupil_id is None else self._files_documents

    def _folder_name(self, pupil_id: str) -> str:
        return (self._upns.get(pupil_id, "") if self._supply.folders_by_upn else "") or pupil_id

    def _check_upn(self, pupil_id: str, upn: str) -> None:
        """Refuse a pupil whose UPN in the MIS has changed."""
        known = self._upns.setdefault(pupil_id, upn)
        if known and upn and known != upn:
            raise SkippableError(
                f"pupil {pupil_id} now has another UPN in the MIS",
                fix="check whose id it is; nothing was written",
            )

    def _read(self) -> _Supplied:
        """Read every supplied file. Raises DataError with all that is wrong with them."""
        findings = Findings()
        supply = self._supply
        columns = columns_of([(SCHOOL_COLUMNS, supply.columns)], ALL_COLUMNS, findings)
        calendar = read_calendar(supply.calendar, findings, columns) if supply.calendar else None
        people = self._read_people(findings, columns)
        if supply.records and not supply.records.is_file():
            findings.error(supply.records.name, "is missing", "correct its path in the configuration")
        records = _records_of(supply.records, findings, columns) if supply.records else None
        findings.stop_if_any()
        return _Supplied(calendar, people, records, tuple(findings.warnings))

    def _read_people(self, findings: Findings, columns: Columns) -> SuppliedPeople:
        people = SuppliedPeople(in_place=not self._adapter.capabilities.contacts)
        supply = self._supply
        if supply.contacts:
            table = read_table(
                supply.contacts, findings, required=CONTACT_NEEDED, known=CONTACT_COLUMNS, columns=columns
            )
            people.contacts = contacts_of(table) if table else {}
            people.contact_columns = tuple(table.places) if table else ()
        if supply.pupils:
            table = read_table(
                supply.pupils, findings, required=("pupil_id",), known=PUPIL_COLUMNS, columns=columns
            )
            rows = pupils_of(table) if table else {}
            people.pupils = {pupil_id: pupil for pupil_id, (_, pupil) in rows.items()}
            people.pupil_columns = tuple(table.places) if table else ()
        return people


def _records_of(path: Path, findings: Findings, columns: Columns) -> SettingsFile:
    if path.suffix.casefold() == ".csv":
        return SettingsFile().with_records(read_records(path, findings, None, columns))
    return read_settings_file(path, findings)


_FILED = "folder:"


def _open_bookmark(bookmark: str | None) -> tuple[str | None, str]:
    """Return the wrapped adapter's bookmark and the mark of the people's files; one not made here asks for everything."""
    try:
        held = json.loads(bookmark or "")
        return held["inner"], held["contacts"]
    except (ValueError, TypeError, KeyError):
        return None, ""


def _close_bookmark(inner: str | None, mark: str) -> str | None:
    return None if inner is None else json.dumps({"inner": inner, "contacts": mark})
