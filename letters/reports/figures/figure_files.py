"""A table of figures as a file for a spreadsheet or an engine: CSV, XLSX or Parquet.

A text that a spreadsheet would take for a formula stays a text: in XLSX by the cell's type, in CSV by an apostrophe
before it. openpyxl and pyarrow are loaded by the first file of their kind.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from letters.docx.table import clean
from letters.reports.figures.figure_tables import FigureTable, Kind, Value
from letters.words.english import day

EXTRA = "figures"
"""The extra of the package that brings the library for Parquet."""
_FORMULA = ("=", "+", "-", "@")
_WIDEST = 40
_FORMATS: dict[Kind, str] = {
    "text": "@",
    "count": "#,##0",
    "percent": "0.0",
    "day": "yyyy-mm-dd",
    "yes_no": "@",
}


@dataclass(frozen=True, slots=True)
class About:
    """What a file says of itself: the school, the day up to which its figures go, and the policy of its bands."""

    school: str
    as_of: date
    policy: str


def csv_file(table: FigureTable, about: About) -> bytes:  # noqa: ARG001
    """Return the table as CSV in UTF-8 with a BOM, so that Excel reads it. Dates are ISO, yes and no are words."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(column.name for column in table.columns)
    writer.writerows([_as_text(value) for value in row] for row in table.rows)
    return text.getvalue().encode("utf-8-sig")


def _as_text(value: Value) -> str:
    if isinstance(value, str):
        text = clean(value).strip()
        return f"'{text}" if text.startswith(_FORMULA) else text
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def xlsx_file(table: FigureTable, about: About) -> bytes:
    """Return the table as an Excel workbook of typed cells, with a sheet that says what it is. The same table gives the same cells."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = table.title
    for number, column in enumerate(table.columns, 1):
        _put(sheet.cell(1, number), column.name, "text")
        sheet.cell(1, number).font = Font(bold=True)
        shown = [column.name, *(_as_text(row[number - 1]) for row in table.rows)]
        sheet.column_dimensions[get_column_letter(number)].width = min(max(map(len, shown)) + 2, _WIDEST)
    for line, row in enumerate(table.rows, 2):
        for number, (column, value) in enumerate(zip(table.columns, row, strict=True), 1):
            if value is not None and value != "":
                _put(sheet.cell(line, number), value, column.kind)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    notes = book.create_sheet("About")
    for line, (name, text) in enumerate(_about(table, about), 1):
        _put(notes.cell(line, 1), name, "text")
        notes.cell(line, 1).font = Font(bold=True)
        _put(notes.cell(line, 2), text, "text")
    notes.column_dimensions["A"].width, notes.column_dimensions["B"].width = 22, 90
    book.properties.creator, book.properties.title = clean(about.school), table.title
    book.properties.created = book.properties.modified = datetime.combine(about.as_of, time(), UTC).replace(
        tzinfo=None
    )
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _put(cell: Any, value: Value, kind: Kind) -> None:
    """Put a value into a cell as its kind; a text is never a formula, also when somebody edits the cell."""
    if kind in ("text", "yes_no"):
        text = ("yes" if value else "no") if isinstance(value, bool) else clean(str(value))
        cell.value = text
        cell.data_type = "s"
        cell.quotePrefix = text.lstrip().startswith(_FORMULA)
    else:
        cell.value = float(value) if isinstance(value, Decimal) else value
    cell.number_format = _FORMATS[kind]


def _about(table: FigureTable, about: About) -> list[tuple[str, str]]:
    return [
        ("Table", table.title),
        ("School", about.school),
        ("Figures up to", f"{day(about.as_of)}, from the start of the school year"),
        ("Policy", about.policy),
        ("For", "The school's own use: pupils are named and small numbers are shown. Do not pass it on."),
        (
            "Percentages",
            "A pupil's percentage is cut to one decimal as in letters; those of groups and weeks are rounded half up to one "
            "decimal, as the Department for Education does.",
        ),
        ("Sessions", "A session is half a school day. Missing and unrecognised marks are in no total."),
    ]


def parquet_file(table: FigureTable, about: About) -> bytes:
    """Return the table as Parquet with typed columns and what it is as metadata. Raise ModuleNotFoundError without pyarrow."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds: dict[Kind, pa.DataType] = {
        "text": pa.string(),
        "count": pa.int64(),
        "percent": pa.decimal128(4, 1),
        "day": pa.date32(),
        "yes_no": pa.bool_(),
    }
    arrays = [
        pa.array([row[number] for row in table.rows], type=kinds[column.kind])
        for number, column in enumerate(table.columns)
    ]
    schema = pa.schema(
        [pa.field(column.name, kinds[column.kind]) for column in table.columns],
        metadata={name.lower(): text for name, text in _about(table, about)},
    )
    written = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), written)
    return written.getvalue()


FILES: dict[str, Callable[[FigureTable, About], bytes]] = {
    ".csv": csv_file,
    ".xlsx": xlsx_file,
    ".parquet": parquet_file,
}
"""How a table is written, by the ending of the file's name."""
