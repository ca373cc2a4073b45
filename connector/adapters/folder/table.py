"""One CSV file of a register folder, read whole or not at all, with every fault named by row and column.

Row numbers are those a spreadsheet shows: the header is row 1. No message repeats what stands in a cell, except
in files and columns that cannot hold anything personal.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.errors import DataError, Finding

_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PLAIN = re.compile(r"[0-9/.:T +-]{1,25}", re.ASCII)
_FOREIGN_BYTE = re.compile("[\udc80-\udcff]")
SCHOOL_TIME = ZoneInfo("Europe/London")
"""A time without a zone is taken as the school's own."""
MOST = 200
"""Errors of one file that are named one by one; a whole column gone wrong needs no line for each row."""


@dataclass
class Findings:
    """What was found wrong, in the order of reading, and what was passed over."""

    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    _said: Counter[str] = field(default_factory=Counter)
    _unsaid: Counter[str] = field(default_factory=Counter)

    def error(
        self,
        file: str,
        message: str,
        fix: str = "",
        *,
        row: int | None = None,
        column: str = "",
        unit: str = "row",
    ) -> None:
        """Note an error at a place. Beyond MOST of one file they are only counted."""
        if self._said[file] >= MOST:
            self._unsaid[file] += 1
            return
        self._said[file] += 1
        self.errors.append(Finding(_place(file, unit, row, column), message, fix))

    def warning(
        self, file: str, message: str, fix: str = "", *, row: int | None = None, column: str = ""
    ) -> None:
        """Note something that is reported and passed over."""
        self.warnings.append(Finding(_place(file, "row", row, column), message, fix, "warning"))

    def stop_if_any(self) -> None:
        """Raise DataError with every error found so far, if there is one."""
        if self.errors:
            more = [
                Finding(file, f"{count} more errors", "correct these first")
                for file, count in self._unsaid.items()
            ]
            raise DataError(self.errors + more)


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

    def __iter__(self) -> Iterator[Row]:
        return (Row(self, number, cells) for number, cells in self.rows)

    def __contains__(self, column: str) -> bool:
        return column in self.places

    def error(self, row: int, column: str, message: str, fix: str = "") -> None:
        """Note an error in one cell."""
        self.findings.error(self.file, message, fix, row=row, column=column, unit=self.unit)


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
        """Return an ISO date. ``personal`` keeps the cell's content out of the message."""
        value = self.required(column) if required else self.text(column)
        if not value:
            return None
        found = iso_day(value)
        if found is None:
            self.table.error(
                self.number,
                column,
                f"{shown(value, personal)}is not a date",
                "write it as YYYY-MM-DD",
            )
        return found

    def moment(self, column: str, *, required: bool = False) -> datetime | None:
        """Return an ISO date and time; without a zone it is the school's own time."""
        value = self.required(column) if required else self.text(column)
        if not value:
            return None
        found = iso_moment(value)
        if found is None:
            self.table.error(
                self.number,
                column,
                f"{shown(value)}is not a date and time",
                "write it as YYYY-MM-DDTHH:MM",
            )
        return found

    def flag(self, column: str, *, blank: bool = False) -> bool:
        """Return a 0/1 flag; ``blank`` is what an empty cell means."""
        value = self.text(column)
        if value not in ("", "0", "1"):
            self.table.error(self.number, column, "is neither 0 nor 1", "write 1 for yes and 0 for no")
        return blank if not value else value == "1"

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
    optional: bool = False,
) -> Table | None:
    """Given a CSV file, return its rows; None when it cannot be read, with the reasons in ``findings``.

    A missing file is an error unless ``optional``. Unknown columns are passed over with a warning.
    """
    file = path.name
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        if not optional:
            findings.error(file, "is missing", f"put {file} into the folder")
        return None
    except OSError as error:
        findings.error(file, f"cannot be read: {error.strerror}", "check the file and its permissions")
        return None
    before = len(findings.errors)
    rows = _rows(file, raw, findings)
    if len(findings.errors) > before:
        return None
    if not rows:
        findings.error(file, "is empty", "the first row names the columns")
        return None
    places = _header(file, rows[0], findings, required, known)
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
    return Table(file, findings, places, width, [row for row in kept if any(map(str.strip, row[1]))])


@lru_cache(maxsize=8192)
def iso_day(text: str) -> date | None:
    """Return the day of YYYY-MM-DD; None for anything else."""
    if not _ISO_DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def iso_moment(text: str) -> datetime | None:
    """Return the time of an ISO date and time, in the school's zone if it names none; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=SCHOOL_TIME)


def shown(value: str, personal: bool = False) -> str:
    """Return the value in quotes with a blank after it, when it is plainly a number or a date; otherwise nothing."""
    return f"'{value}' " if not personal and _PLAIN.fullmatch(value) else ""


def _place(file: str, unit: str, row: int | None, column: str) -> str:
    return file + (f" {unit} {row}" if row else "") + (f", column {column}" if column else "")


def _rows(file: str, raw: bytes, findings: Findings) -> list[list[str]]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.error(file, "is UTF-16, not UTF-8", 'save it as "CSV UTF-8"', row=1)
        return []
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        _name_foreign_bytes(file, raw, findings)
        return []
    rows: list[list[str]] = []
    try:
        # newline="" leaves line ends inside quotes as they are; strict refuses a quote that never closes
        rows.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        fix = "look for a quote that is not closed or not doubled"
        findings.error(file, "cannot be split into cells", fix, row=len(rows) + 1)
    return rows


def _name_foreign_bytes(file: str, raw: bytes, findings: Findings) -> None:
    """Note one finding per cell with bytes that are not UTF-8, with the place of the first such byte in the file."""
    text = raw.decode("utf-8", "surrogateescape")
    places = _foreign_places(text)
    header: list[str] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline="")), start=1):
            header = header or [cell.strip().lstrip("\ufeff") for cell in cells]
            for index, cell in enumerate(cells):
                foreign = _FOREIGN_BYTE.findall(cell)
                if foreign:
                    column = header[index] if number > 1 and index < len(header) else ""
                    byte = ord(foreign[0]) - 0xDC00
                    message = f"byte 0x{byte:02x} (byte {next(places) + 1} of the file) is not UTF-8"
                    findings.error(file, message, 'save the file as "CSV UTF-8"', row=number, column=column)
                    for _ in foreign[1:]:
                        next(places)
    except csv.Error:
        findings.error(file, "is not UTF-8 and cannot be split into cells", 'save it as "CSV UTF-8"')


def _foreign_places(text: str) -> Iterator[int]:
    """Return where in the file each byte stood that could not be decoded, in order, counted from 0."""
    place, done = 0, 0
    for match in _FOREIGN_BYTE.finditer(text):
        place += len(text[done : match.start()].encode("utf-8"))
        yield place
        place, done = place + 1, match.end()


def _header(
    file: str, cells: list[str], findings: Findings, required: Collection[str], known: Collection[str]
) -> dict[str, int] | None:
    places: dict[str, int] = {}
    before = len(findings.errors)
    for place, cell in enumerate(cells):
        column = cell.strip().lower()
        if column in known:
            if column in places:
                findings.error(file, "stands twice in the header", "keep one", row=1, column=column)
            places.setdefault(column, place)
        elif column:
            findings.warning(file, f"column {place + 1} of the header is not known and was not read", row=1)
    missing = [column for column in required if column not in places]
    if missing and not places and len(cells) == 1 and (";" in cells[0] or "\t" in cells[0]):
        findings.error(file, "its columns are not separated by commas", "save it with commas", row=1)
        return None
    for column in missing:
        findings.error(file, "the column is missing", "add it to the header", row=1, column=column)
    return places if len(findings.errors) == before else None
