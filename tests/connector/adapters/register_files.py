"""A small register folder of two pupils, to write out and change in tests of how a folder is read."""

from __future__ import annotations

from pathlib import Path

from connector.adapters.folder.reads import read_folder
from connector.errors import DataError

CALENDAR = """\
kind,name,start,end,half,weekday
term,Autumn,2025-09-03,2025-12-19,,
half_term,Autumn 1,2025-09-03,2025-10-24,,
half_term,Autumn 2,2025-11-03,2025-12-19,,
"""
PUPILS = "pupil_id,year_group\n0042,5\n18,5\n"
MARKS = """\
pupil_id,date,session,code
0042,2025-09-03,AM,/
0042,2025-09-03,PM,\\
18,2025-09-03,AM,I
18,2025-09-03,PM,I
"""
EXPECTED = [
    ("0042", "2025-09-03", "AM", "/"),
    ("0042", "2025-09-03", "PM", "\\"),
    ("18", "2025-09-03", "AM", "I"),
    ("18", "2025-09-03", "PM", "I"),
]


def write(folder: Path, **files: str | bytes) -> Path:
    """Write the folder with some files (by name without ending) in place of the usual ones, or in addition."""
    folder.mkdir(exist_ok=True)
    for name, text in {"calendar": CALENDAR, "pupils": PUPILS, "marks": MARKS, **files}.items():
        file = "settings.toml" if name == "settings" else f"{name}.csv"
        (folder / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def marks(folder: Path, **options: object) -> list[tuple[str, str, str, str]]:
    """Return the marks of a folder as tuples of text."""
    facts = read_folder(folder, **options)  # type: ignore[arg-type]
    return [(mark.pupil_id, mark.date.isoformat(), mark.half, mark.code) for mark in facts.marks]


def refused(folder: Path, **options: object) -> list[str]:
    """Each fault of a folder as where, what is wrong, what to do."""
    try:
        read_folder(folder, **options)  # type: ignore[arg-type]
    except DataError as error:
        return [f"{finding.where}: {finding.message} | {finding.fix}" for finding in error.findings]
    raise AssertionError("the folder was read")


def warned(folder: Path) -> list[str]:
    """Each warning about a folder."""
    return [f"{warning.where}: {warning.message}" for warning in read_folder(folder).warnings]
