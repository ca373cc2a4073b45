"""The bytes of a CSV file as rows of cells: what encoding it is in, and what separates its columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator

from connector.adapters.folder.cells import visible
from connector.adapters.folder.findings import FIRST_ROWS, Findings

_LONGEST_HEADER = 20_000
UTF_8 = 'save the file as "CSV UTF-8"'
_FOREIGN_BYTE = re.compile("[\udc80-\udcff]")
_NOT_WINDOWS = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_SEPARATOR_LINE = re.compile(r'"?sep=([^\r\n])"?[,;\t]*(?:\r\n|\n|\r)', re.IGNORECASE)
_OTHER_FILES = {
    b"\xff\xfe": "is UTF-16, not UTF-8",
    b"\xfe\xff": "is UTF-16, not UTF-8",
    b"PK\x03\x04": "is an Excel workbook, not CSV",
    b"\xd0\xcf\x11\xe0": "is an Excel workbook, not CSV",
}


def rows_of(
    file: str, raw: bytes, columns_in: Callable[[list[str]], int], findings: Findings
) -> list[list[str]]:
    """Given a file's bytes, return its rows; none where it cannot be read, with the reasons in ``findings``.

    ``columns_in`` counts the known columns of a header. Excel's first line ``sep=;`` is no row: a spreadsheet does
    not show it.
    """
    for start, message in _OTHER_FILES.items():
        if raw.startswith(start):
            findings.error(file, message, UTF_8, row=1)
            return []
    if b"\0" in raw:
        findings.error(file, "holds zero bytes: it is UTF-16, or damaged", UTF_8)
        return []
    text = raw.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    declared = _SEPARATOR_LINE.match(text)
    body = text[declared.end() :] if declared else text
    separator = _separator(body, declared[1] if declared else "", columns_in)
    if not text.isascii() and _FOREIGN_BYTE.search(text):
        _name_foreign_bytes(file, text, body, len(raw) - len(_bytes(text)), separator, findings)
        return []
    rows: list[list[str]] = []
    try:
        # newline="" leaves line ends inside quotes as they are; strict refuses a quote that never closes
        rows.extend(csv.reader(io.StringIO(visible(body), newline=""), delimiter=separator, strict=True))
    except csv.Error:
        fix = "look for a quote that is not closed or not doubled"
        findings.error(file, "cannot be split into cells", fix, row=len(rows) + 1)
    return rows


def _separator(text: str, declared: str, columns_in: Callable[[list[str]], int]) -> str:
    """Return what separates the columns: of the usual ones, the one under which most of the header is known."""
    start = visible(text[:_LONGEST_HEADER])

    def known(separator: str) -> int:
        try:
            return columns_in(next(csv.reader(io.StringIO(start, newline=""), delimiter=separator), []))
        except csv.Error:
            return 0

    # max takes the first of equals: the one that the file itself declares, then the comma
    return max(dict.fromkeys([*([declared] if declared else []), ",", ";", "\t"]), key=known)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _name_foreign_bytes(
    file: str, text: str, body: str, mark: int, separator: str, findings: Findings
) -> None:
    """Note the first cells of each column with bytes that are not UTF-8, with the place of the byte in the file."""
    offset = mark + len(_bytes(text)) - len(_bytes(body))
    places = _foreign_places(body)
    windows = all(ord(byte) - 0xDC00 not in _NOT_WINDOWS for byte in _FOREIGN_BYTE.findall(text))
    cause = "it is probably in Windows-1252, as Excel's plain CSV is: " if windows else ""
    header: list[str] = []
    cells_of: Counter[str] = Counter()
    try:
        reader = csv.reader(io.StringIO(body, newline=""), delimiter=separator)
        for number, cells in enumerate(reader, start=1):
            header = header or [cell.strip() for cell in cells]
            for index, cell in enumerate(cells):
                foreign = _FOREIGN_BYTE.findall(cell)
                if not foreign:
                    continue
                column = header[index] if number > 1 and index < len(header) else ""
                first, *_ = [next(places) for _ in foreign]
                at = offset + first
                cells_of[column] += 1
                message = f"byte 0x{ord(foreign[0]) - 0xDC00:02x} (byte {at + 1} of the file) is not UTF-8"
                more = cells_of[column] > FIRST_ROWS
                findings.error(
                    file,
                    message if not more else "other cells of the column are not UTF-8 either",
                    cause + UTF_8,
                    row=number,
                    column=column,
                )
    except csv.Error:
        findings.error(file, "is not UTF-8 and cannot be split into cells", cause + UTF_8)


def _foreign_places(text: str) -> Iterator[int]:
    """Yield where each byte stands that could not be decoded, in order, counted from 0."""
    place, done = 0, 0
    for match in _FOREIGN_BYTE.finditer(text):
        place += len(text[done : match.start()].encode("utf-8"))
        yield place
        place, done = place + 1, match.end()
