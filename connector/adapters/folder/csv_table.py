"""One CSV file of a register folder, read whole or not at all, with every fault named by row and column.

Row numbers are those a spreadsheet shows: the header is row 1. No message repeats what stands in a cell, except
in files and columns that cannot hold anything personal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import cast

from connector.adapters.folder.cells import CODED, bare, date_help, day_of, moment_of, shown
from connector.adapters.folder.columns import Columns
from connector.adapters.folder.csv_text import rows_of
from connector.adapters.folder.findings import FIRST_ROWS, Findings
from rules.school import Half


@dataclass
class Table:
    """The rows of one file. ``places`` gives each known column's index; a short row is as if filled with blanks."""

    file: str
    findings: Findings
    places: dict[str, int]
    width: int
    rows: list[tuple[int, list[str]]]
    """(row number, cells) of every row that is not blank; each has a cell for every column."""
    unit: str = "row"
    """What the file calls a row."""
    date_format: str = ""
    """As in strptime; dates in YYYY-MM-DD are read besides."""

    def __iter__(self) -> Iterator[Row]:
        return (Row(self, number, cells) for number, cells in self.rows)

    def __contains__(self, column: str) -> bool:
        return column in self.places

    def error(self, row: int, column: str, message: str, fix: str = "", *, same: str = "") -> None:
        """Note an error in one cell; those of a column with the same message, or ``same``, become one finding."""
        self.findings.error(self.file, message, fix, row=row, column=column, unit=self.unit, same=same)

    def date_error(self, row: int, column: str, value: str, personal: bool = False) -> None:
        """Note a cell that should hold a date. ``personal`` keeps its content out of the message."""
        fix = date_help(value, self.date_format)
        self.error(row, column, f"{shown(value, personal)}is not a date", fix, same=f"date: {fix}")


@dataclass(frozen=True, slots=True)
class Row:
    """One row, read by column name. A value that cannot be read is noted as an error and comes back as None."""

    table: Table
    number: int
    cells: list[str]

    def text(self, column: str) -> str:
        """Return the trimmed cell; empty when the file has no such column."""
        place = self.table.places.get(column)
        return "" if place is None else self.cells[place].strip()

    def required(self, column: str) -> str:
        """Return the trimmed cell, which must not be empty."""
        value = self.text(column)
        if not value:
            self.table.error(self.number, column, "is empty", "fill it in or delete the row")
        return value

    def day(self, column: str, *, required: bool = False, personal: bool = False) -> date | None:
        """Return a date, in ISO or in the file's own form. ``personal`` keeps the cell's content out of the message."""
        value = self.required(column) if required else self.text(column)
        if not value:
            return None
        day = day_of(value, self.table.date_format)
        if day is None:
            self.table.date_error(self.number, column, value, personal)
        return day

    def moment(self, column: str, *, required: bool = False) -> datetime | None:
        """Return a date and time; without a zone it is the school's own time."""
        value = self.required(column) if required else self.text(column)
        if not value:
            return None
        moment = moment_of(value, self.table.date_format)
        if moment is None:
            message, fix = f"{shown(value)}is not a date and time", "write it as YYYY-MM-DDTHH:MM"
            self.table.error(self.number, column, message, fix, same="time")
        return moment

    def half(self, column: str, *, required: bool = False) -> Half | None:
        """Return AM or PM, written in any case; None for an empty cell."""
        value = (self.required(column) if required else self.text(column)).upper()
        if value in ("", "AM", "PM"):
            return cast(Half, value) if value else None
        self.table.error(self.number, column, "is neither AM nor PM", "write AM or PM")
        return None

    def flag(self, column: str, *, blank: bool = False) -> bool:
        """Return a 0/1 flag; ``blank`` is what an empty cell means."""
        value = self.flag_or_none(column)
        return blank if value is None else value

    def flag_or_none(self, column: str) -> bool | None:
        """Return a 0/1 flag; None for an empty cell and where the file has no such column: nobody says."""
        value = self.text(column)
        if value not in ("", "0", "1"):
            self.table.error(self.number, column, "is neither 0 nor 1", "write 1 for yes and 0 for no")
        return value == "1" if value else None

    def number_or_none(self, column: str, *, least: int) -> int | None:
        """Return a whole number not below ``least``; None for an empty cell."""
        value = self.text(column)
        if not value:
            return None
        if not (value.isascii() and value.isdigit()) or int(value) < least:
            self.table.error(
                self.number, column, f"is not a whole number from {least} up", "correct or empty the cell"
            )
            return None
        return int(value)

    def one_of(self, column: str, allowed: Sequence[str]) -> str:
        """Return one of a few words, or empty."""
        value = self.text(column)
        if value and value not in allowed:
            self.table.error(
                self.number, column, f"is none of {', '.join(allowed)}", "correct or empty the cell"
            )
        return value


def read_table(
    path: Path,
    findings: Findings,
    *,
    required: Collection[str],
    known: Collection[str],
    instead: Collection[str] = (),
    optional: bool = False,
    columns: Columns | None = None,
) -> Table | None:
    """Given a CSV file, return its rows; None when it cannot be read, with the reasons in ``findings``.

    A missing file is an error unless ``optional``. Unknown columns are passed over with a warning. The columns of
    ``instead`` do in place of the ``required`` ones. ``columns`` says where headers and dates are not the usual ones.
    """
    file, columns = path.name, columns or Columns()
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        if not optional:
            findings.error(file, "is missing", f"put {file} into the folder")
        return None
    except OSError as error:
        findings.error(file, f"cannot be read: {error.strerror}", "check the file and its permissions")
        return None
    before = findings.count
    rows = rows_of(file, raw, lambda header: columns.count(header, known), findings)
    if findings.count > before:
        columns.all_read = False
        return None
    if not rows:
        findings.error(file, "is empty", "the first row names the columns")
        return None
    places = _header(file, rows[0], findings, (required, instead or required), known, columns)
    if places is None:
        return None
    width = len(rows[0])
    kept: list[tuple[int, list[str]]] = []
    for number, cells in enumerate(rows[1:], start=2):
        if len(cells) == width:
            kept.append((number, cells))
        elif len(cells) < width:
            if any(cell.strip() for cell in cells):
                kept.append((number, cells + [""] * (width - len(cells))))
        elif any(cell.strip() for cell in cells):
            # also when the last one is blank: a comma inside a value has shifted the rest
            message = f"has {len(cells)} values under {width} columns"
            findings.error(file, message, "put values that hold a comma in quotes", row=number)
    coded = sorted({place for column, place in places.items() if column in CODED})
    if any("'" in cells[place] or '="' in cells[place] for _, cells in kept for place in coded):
        for _, cells in kept:
            for place in coded:
                cells[place] = bare(cells[place])
    table = Table(file, findings, places, width, [], date_format=columns.date_format)
    table.rows = [row for row in kept if any(map(str.strip, row[1]))]
    return table


def _header(
    file: str,
    cells: list[str],
    findings: Findings,
    required: tuple[Collection[str], Collection[str]],
    known: Collection[str],
    columns: Columns,
) -> dict[str, int] | None:
    before = findings.count
    columns.read(cells, known)
    places, twice, unknown = columns.places(cells, known)
    for column in twice:
        findings.error(file, "stands twice in the header", "keep one", row=1, column=column)
    # of two ways to fill a file, the one it comes nearer to
    missing = min(([column for column in way if column not in places] for way in required), key=len)
    for column in missing:
        fix = columns.help_for(column, [cells[place].strip() for place in unknown])
        findings.error(file, "the column is missing", fix, row=1, column=column)
    if unknown and findings.count == before:
        numbers = [str(place + 1) for place in unknown]
        named = ", ".join(numbers[:FIRST_ROWS]) + (
            f" and {len(numbers) - FIRST_ROWS} more" if len(numbers) > FIRST_ROWS else ""
        )
        words = (
            f"column {named} of the header is" if len(numbers) == 1 else f"columns {named} of the header are"
        )
        verb = "was" if len(numbers) == 1 else "were"
        findings.warning(file, f"{words} not known and {verb} not read", row=1)
    return places if findings.count == before else None
