"""The folder in which an office keeps its own list of what people did, for those who use no command line.

Each run takes in every CSV file there, leaves it where it is, and writes an answer file next to it with a line for each
row. Rows are known by their content, so the office goes on adding rows to the same file.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connector.adapters.folder.columns import Columns
from connector.adapters.whole_files import TEMPORARY, put_file
from connector.errors import TO_DO
from connector.records.book import Book
from connector.records.taking import FileTaken, take_file
from connector.store.facts.entered_records import EnteredRecords, Entry
from letters.words.english import count
from rules.files.held import may_be_held, patiently, read_file, what_to_do, why

ANSWER = " - answer.csv"
"""How the name of an answer file ends; what comes before is the name of the file that it answers."""
SETTING = "run.records_folder"
_SPREADSHEETS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
_SETTLED_SECONDS = 2.0
"""A file that changed less long ago may still be being written."""
_NAMED = 5
_HEADER = ("row", "result", "record", "pupil_id", "kind", "date", "what to do")


@dataclass
class FolderTaken:
    """What became of the files of one run."""

    taken: int = 0
    """Rows that were new."""
    faulty: int = 0
    warnings: list[str] = field(default_factory=list)
    """What the office should know, without personal data."""


def take_folder(
    folder: Path,
    book: Book,
    entered: EnteredRecords,
    *,
    at: datetime,
    by: str,
    columns: Columns | None = None,
    answer: bool = True,
) -> FolderTaken:
    """Take in every file of the folder; a fault never stops a run. ``answer``: write the answer files, too."""
    found = FolderTaken()
    try:
        inside = sorted(patiently(lambda: list(folder.iterdir())))
    except OSError as error:
        fix = what_to_do(error, f"correct {SETTING}, or check the drive and the rights of the service's user")
        found.warnings.append(f"the folder for records cannot be read: {why(error)}. {TO_DO}{fix}")
        return found
    files = [path for path in inside if _is_list(path)]
    found.warnings += [
        f"{path.name} is a spreadsheet and no CSV file: no record of it was read. {TO_DO}save it as CSV UTF-8"
        for path in inside
        if path.suffix.casefold() in _SPREADSHEETS and not _is_hidden(path)
    ]
    waiting = [path for path in files if _waits(path)]
    found.warnings += [
        f"{path.name} is open or being written: its records wait for the next run" for path in waiting
    ]
    taken = {
        path: take_file(book, path, at=at, by=by, columns=columns) for path in files if path not in waiting
    }
    gone = _no_longer_there(taken, waiting, entered)
    for path, of_file in taken.items():
        found.taken += of_file.count("taken")
        found.faulty += of_file.faulty
        found.warnings += of_file.warnings
        if of_file.faulty:
            rows = count(of_file.faulty, "row")
            where = f"see {_answer_name(path)} next to it" if answer else "its answer file will name them"
            found.warnings.append(f"{rows} of records in {path.name} could not be read: {where}")
        for origin in sorted({entry.origin for entry in gone[path]}):
            of_origin = [entry for entry in gone[path] if entry.origin == origin]
            in_it = "in it" if origin == path.name else f"in {path.name}, which took its place,"
            found.warnings.append(
                f"{count(len(of_origin), 'record')} taken from {origin} before {'is' if len(of_origin) == 1 else 'are'} no longer"
                f" {in_it} and still on record: {', '.join(str(entry.id) for entry in of_origin[:_NAMED])}."
                f" {TO_DO}where one does not hold: records withdraw"
            )
        if answer:
            found.warnings += _put_answer(path, of_file, gone[path])
    return found


def _is_list(path: Path) -> bool:
    return (
        path.suffix.casefold() == ".csv"
        and not path.name.casefold().endswith(ANSWER)
        and not _is_hidden(path)
        and path.is_file()
    )


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(("~$", ".", TEMPORARY))


def _waits(path: Path) -> bool:
    """Return whether a file is open in another program, or changed a moment ago."""
    try:
        if 0 <= time.time() - path.stat().st_mtime < _SETTLED_SECONDS:
            return True
        read_file(path)
    except OSError as error:
        return may_be_held(error) or isinstance(error, FileNotFoundError)
    return False


def _answer_name(path: Path) -> str:
    return f"{path.stem}{ANSWER}"


def _put_answer(path: Path, taken: FileTaken, gone: Sequence[Entry]) -> Sequence[str]:
    """Write a file's answer where it says something new; return why it could not be written."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    writer.writerows(_lines(taken, gone))
    content = text.getvalue().encode(
        "utf-8-sig"
    )  # with a mark, without which Excel takes it for Windows-1252
    target = path.with_name(_answer_name(path))
    try:
        if not (target.exists() and read_file(target) == content):
            put_file(target, content)
    except OSError as error:
        fix = what_to_do(error, f"check the rights of the service's user in the folder of {SETTING}")
        return [f"{target.name} could not be written: {why(error)}. {TO_DO}{fix}"]
    return []


def _lines(taken: FileTaken, gone: Sequence[Entry]) -> Iterator[tuple[object, ...]]:
    for fault in taken.faults:
        what = " - ".join(text for text in (f"{fault.where}: {fault.message}", fault.fix) if text)
        yield "", "faulty", "", "", "", "", what
    for warning in taken.warnings:
        yield "", "please note", "", "", "", "", warning
    for row in taken.rows:
        yield row.row, row.result, row.number or "", row.pupil_id, row.kind, row.date, row.what_to_do
    for entry in gone:
        cells = entry.cells
        what = f"still on record; where it does not hold: records withdraw {entry.id}"
        yield "", "no longer in the file", entry.id, cells["pupil_id"], cells["kind"], cells["date"], what


def _no_longer_there(
    taken: Mapping[Path, FileTaken], waiting: Sequence[Path], entered: EnteredRecords
) -> dict[Path, list[Entry]]:
    """Return by file what it once said and no file says now; nothing of a file that could not be read as a whole.

    A file that is gone was renamed when another has half of its records or more; else the office put it away. While a file
    waits to be read, a record may have moved into it.
    """
    gone: dict[Path, list[Entry]] = {path: [] for path in taken}
    if waiting:
        return gone
    there = {path: {row.number for row in of_file.rows} for path, of_file in taken.items()}
    anywhere = {number for numbers in there.values() for number in numbers}
    for origin, entries in entered.by_file().items():
        named = [path for path in taken if path.name == origin]
        renamed = [
            path
            for path, numbers in there.items()
            if 2 * sum(e.id in numbers for e in entries) >= len(entries)
        ]
        for path in (named or renamed)[:1]:
            if not taken[path].faults:
                gone[path] += [entry for entry in entries if entry.id not in anywhere]
    return gone
