"""Taking in a file of records, row by row: good rows are entered, and each faulty one is named with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from connector.adapters.folder.columns import Columns
from connector.adapters.folder.csv_table import Row, read_table
from connector.adapters.folder.findings import Findings
from connector.adapters.folder.record_row import RECORD_COLUMNS
from connector.adapters.folder.records_file import NEEDED
from connector.errors import Finding
from connector.records.book import Book, Entered, Fault

Result = Literal["taken", "already known", "withdrawn before", "faulty"]


@dataclass(frozen=True, slots=True)
class RowTaken:
    """What became of one row."""

    row: int
    """As a spreadsheet numbers it: the header is row 1."""
    result: Result
    number: int | None = None
    """The record's number in the book; None for a faulty row."""
    pupil_id: str = ""
    kind: str = ""
    date: str = ""
    """The three as they stand in the book; of a faulty row as in the file, empty where they are at fault."""
    faults: Sequence[Fault] = ()

    @property
    def what_to_do(self) -> str:
        """What is wrong with the row and what to do about it; empty where nothing is."""
        if self.result == "withdrawn before":
            return f"record {self.number} was withdrawn; to enter it again: records add"
        return "; ".join(
            f"{column}{': ' if column else ''}{message}{f' - {fix}' if fix else ''}"
            for column, message, fix in self.faults
        )


@dataclass(frozen=True, slots=True)
class FileTaken:
    """What became of a file."""

    rows: Sequence[RowTaken] = ()
    faults: Sequence[Finding] = ()
    """Why nothing of it could be read, or which rows are no rows."""
    warnings: Sequence[str] = ()
    """Such as columns that were not read."""

    def count(self, result: Result) -> int:
        """Return how many rows came to this."""
        return sum(row.result == result for row in self.rows)

    @property
    def faulty(self) -> int:
        """How many rows could not be read; a file that could not be read at all is one."""
        return self.count("faulty") + len(self.faults)


DAY_FIRST = "%d/%m/%Y"


def take_file(book: Book, path: Path, *, at: datetime, by: str, columns: Columns | None = None) -> FileTaken:
    """Enter every good row of a CSV file that is not in the book yet. A faulty row keeps no other one out.

    Where no form of dates is set, they may stand as Excel saves them in this country: the day first, 03/10/2026.
    """
    findings = Findings()
    table = read_table(path, findings, required=NEEDED, known=RECORD_COLUMNS, columns=columns)
    if table is not None:
        table = replace(table, date_format=table.date_format or DAY_FIRST)
    read = [(row, *book.read(row)) for row in table or ()]
    good = [record for _, record, faults in read if record is not None and not faults]
    entered = iter(book.enter(good, at=at, by=by, origin=path.name))
    rows = [
        _faulty(row, faults) if record is None or faults else _entered(row, next(entered))
        for row, record, faults in read
    ]
    warnings = [f"{warning.where}: {warning.message}" for warning in findings.warnings]
    return FileTaken(rows, findings.errors, warnings)


def _faulty(row: Row, faults: Sequence[Fault]) -> RowTaken:
    at_fault = {column for column, _, _ in faults}
    pupil_id, kind, day = (
        "" if column in at_fault else row.text(column) for column in ("pupil_id", "kind", "date")
    )
    return RowTaken(row.number, "faulty", None, pupil_id, kind, day, faults)


def _entered(row: Row, entered: Entered) -> RowTaken:
    entry = entered.entry
    result: Result = (
        "taken" if entered.is_new else "withdrawn before" if entry.withdrawn_at else "already known"
    )
    cells = entry.cells
    return RowTaken(row.number, result, entry.id, cells["pupil_id"], cells["kind"], cells["date"])
