"""Entering and withdrawing records: each is checked like a row of records.csv, and against the school's pupils."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import cast

from connector.adapters.folder.csv_table import Row, Table
from connector.adapters.folder.findings import Findings, bare_id
from connector.adapters.folder.record_row import RECORD_COLUMNS, Record, cells_of, record_of
from connector.adapters.folder.records_file import RECORD_TABLES
from connector.errors import ConfigError
from connector.store import Store
from connector.store.facts.entered_records import Entry
from connector.store.facts.records_by_source import RecordTable
from rules.pupil_record import PupilRecord
from rules.school import FormDecision, LeaveRequest, Notice

Fault = tuple[str, str, str]
"""The column, what is wrong with it, and what to do."""
_DONE = {
    "visit": None,
    "contact": None,
    "return-sent": None,
    "meeting": ("held", "missed"),
    "referral": None,
    "contract": ("signed", "declined", "kept", "not kept", "ended"),
}
"""Kinds that say what has been done, each with the decisions that say so; None: any."""
_MOST_YEARS = 20
"""A pupil is at a school for fewer years; a day further away has a wrong year."""


@dataclass(frozen=True, slots=True)
class Entered:
    """What became of a record that was to be entered."""

    entry: Entry
    is_new: bool
    """False: the same was entered before; then the book is as it was."""


class Book:
    """The records that people entered for one school. A change is a transaction of its own."""

    def __init__(self, store: Store, *, today: date) -> None:
        self._store = store
        self._today = today
        pupils = store.facts.pupils()
        self._contacts = {
            pupil.pupil_id: {contact.contact_id for contact in pupil.contacts} for pupil in pupils
        }

    def read(self, row: Row) -> tuple[Record | None, Sequence[Fault]]:
        """Return what a row says, and all that is wrong with it; a record with a fault must not be entered."""
        findings = Findings()
        record = record_of(replace(row, table=replace(row.table, findings=findings)))
        faults = list(findings.by_column)
        named = {column for column, _, _ in faults}
        others = list(self._faults_of_pupil(row.text("pupil_id")) if record is None else self._faults(record))
        if record is not None and others and not faults and self._stands(record):
            return record, []
        return record, [*faults, *(fault for fault in others if fault[0] not in named)]

    def _stands(self, record: Record) -> bool:
        """Return whether the same is on record; it was right when it was entered, and a contact may have left since."""
        entry = self._store.facts.entered.find(cells_of(record))
        return entry is not None and entry.withdrawn_at is None

    def enter(
        self, records: Sequence[Record], *, at: datetime, by: str, origin: str = "", again: bool = False
    ) -> list[Entered]:
        """Enter records without a fault, each once, all in one transaction; return what became of each.

        Of the same content that stands already, that entry is returned. So is one that was withdrawn, unless a person
        enters it ``again``.
        """
        entered = self._store.facts.entered
        found: list[Entered] = []
        with self._store.transaction():
            for record in records:
                cells = cells_of(record)
                known = entered.find(cells)
                if known is not None and not (again and known.withdrawn_at):
                    found.append(Entered(known, is_new=False))
                    continue
                table = cast(RecordTable, RECORD_TABLES[type(record)])
                number = entered.add(cells, record, table, at=at, by=by, origin=origin)
                found.append(Entered(Entry(number, cells, origin, at, by), is_new=True))
            if any(one.is_new for one in found):
                entered.renew()
        return found

    def withdraw(self, number: int, *, at: datetime, by: str, why: str) -> Entry:
        """Withdraw an entry that stands, and return it. Raise ConfigError when there is none, or without a reason."""
        entered = self._store.facts.entered
        entry = entered.entry(number)
        if entry is None:
            raise ConfigError(
                f"no record here has the number {number}",
                fix="see `records list`; what a records file or the MIS says is taken out there",
            )
        if entry.withdrawn_at is not None:
            raise ConfigError(
                f"record {number} was withdrawn on {entry.withdrawn_at.date()} already",
                fix="enter it with `records add` if it holds after all",
            )
        if not why.strip():
            raise ConfigError("--reason is empty", fix="say why the record does not hold")
        with self._store.transaction():
            entered.withdraw(number, at=at, by=by, why=why.strip())
            entered.renew()
        found = entered.entry(number)
        assert found is not None
        return found

    def _nearly(self, pupil_id: str) -> str:
        """Return what to do about an unknown id: the one that a spreadsheet may have made it from, where there is one."""
        alike = [known for known in self._contacts if bare_id(known) == bare_id(pupil_id)]
        if len(alike) == 1:
            return f"did you mean {alike[0]}? Excel drops leading zeros unless the column is text"
        return "give the id by which the MIS knows the pupil"

    def _faults_of_pupil(self, pupil_id: str) -> Iterator[Fault]:
        if not self._contacts:
            yield (
                "pupil_id",
                "is not known: no pupil has been read from the MIS yet",
                "run once, then enter it",
            )
        elif pupil_id and pupil_id not in self._contacts:
            yield "pupil_id", "is no pupil of the school", self._nearly(pupil_id)

    def _faults(self, record: Record) -> Iterator[Fault]:
        """Yield what is wrong with a record besides its form: whom it is about, and a day that has not been."""
        contact_id = getattr(record, "contact_id", "")
        contacts = self._contacts.get(record.pupil_id)
        yield from self._faults_of_pupil(record.pupil_id)
        if contact_id and contacts is not None and contact_id not in contacts:
            known = ", ".join(sorted(contacts - {""})) or "none has an id"
            yield "contact_id", "is no contact of the pupil", f"use one of the pupil's: {known}"
        day = date.fromisoformat(cells_of(record)["date"])
        if _done_on(record) > self._today:
            yield "date", f"lies ahead of today, {self._today}", "write the day on which it happened"
        elif abs(day.year - self._today.year) > _MOST_YEARS:
            yield "date", f"is more than {_MOST_YEARS} years away", "correct the year"


def _done_on(record: Record) -> date:
    """Return the day on which a record says that something has been done; the first of all days where it may lie ahead."""
    match record:
        case Notice(issued=day) | FormDecision(decided=day) | LeaveRequest(requested=day):
            return day
        case PupilRecord(kind=kind, day=day, decision=decision) if kind in _DONE:
            words = _DONE[kind]
            return day if words is None or decision in words else date.min
    return date.min


def system_user() -> str:
    """Return the user of the operating system, who enters what is entered; a service's may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "a user without a name"


def row_of(cells: Mapping[str, str]) -> Row:
    """Return cells by column as a row that can be read."""
    columns = {column: place for place, column in enumerate(RECORD_COLUMNS)}
    values = [cells.get(column, "") for column in RECORD_COLUMNS]
    table = Table("records", Findings(), columns, len(values), [])
    return Row(table, 1, values)
