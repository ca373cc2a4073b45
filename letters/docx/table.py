"""Build tables as Word wants them: fixed widths, header rows that repeat, a description for a screen reader.

python-docx finds a cell by walking its table, which is slow for a year of sessions; so the table is built as
one piece of WordprocessingML (ECMA-376 Part 1, section 17.4) and put into the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from lxml import etree

Align = Literal["left", "center", "right"]
Lines = Literal["box", "rows", "none"]
Write = Callable[[etree._Element, str], None]

HEADING_STYLE = "TableHead"
"""Style id of table headings; its name is the one that LibreOffice tags cells by."""
HEADER_FILL = "D9E2EC"
RULE = "B4BFCA"
_TWIPS_PER_MM = 56.6929
_KEPT_TOGETHER = 10
"""A table of no more rows stays on one page."""
_SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
_SHOWN_SIDES = {"box": _SIDES, "rows": ("top", "bottom", "insideH"), "none": ()}

# What XML 1.0 cannot carry, and the marks that would turn the direction of the text after a name.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_SPACE = re.compile(r"[ \t]*[\r\n\t][ \r\n\t]*")

_W = {name: qn(f"w:{name}") for name in (
    "tbl", "tblPr", "tblStyle", "tblW", "tblBorders", "tblLayout", "tblCellMar", "tblLook", "tblDescription",
    "tblGrid", "gridCol", "tr", "trPr", "cantSplit", "trHeight", "tblHeader", "tc", "tcPr", "tcW", "gridSpan",
    "tcBorders", "shd", "vAlign", "p", "pPr", "pStyle", "keepNext", "jc", "r", "rPr", "b", "color", "sz", "t", "val",
    "w", "type", "fill", "hRule", "firstRow", "lastRow", "firstColumn", "lastColumn", "noHBand", "noVBand", "top",
    "left", "bottom", "right", "insideH", "insideV", "space",
)}  # fmt: skip


def clean(text: str) -> str:
    """Return one line that XML can hold: control characters and direction marks go, line ends become spaces."""
    return _SPACE.sub(" ", _FORBIDDEN.sub("", text))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what its header says, its width, how its cells are aligned."""

    header: str
    width_mm: float
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Edge:
    """A line along one side of a cell, as thick as so many eighths of a point."""

    side: Literal["left", "bottom"]
    colour: str
    eighths: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``fill`` and ``colour`` are six hexadecimal digits; ``size`` is in points."""

    text: str = ""
    fill: str = ""
    colour: str = ""
    bold: bool = False
    size: float | None = None
    align: Align | None = None
    """None: as the column."""
    span: int = 1
    style_id: str = ""
    """Paragraph style; empty: as the table."""
    more: Sequence[tuple[str, str]] = ()
    """Further paragraphs: style id and text."""
    edge: Edge | None = None
    vertical: Literal["top", "center", "bottom"] = "center"


@dataclass(frozen=True, slots=True)
class Row:
    """Cells of one row; plain text makes a plain cell. ``keep`` holds it on one page with the row after it.

    ``height_mm`` is the least height, or the exact one; None: as the table.
    """

    cells: Sequence[Cell | str]
    keep: bool = False
    height_mm: float | None = None
    exact: bool = False


def label(text: str) -> Cell:
    """Return a cell that names what is in its row: tagged as a heading of the table where a PDF is made of it."""
    return Cell(text, fill=HEADER_FILL, bold=True, style_id=HEADING_STYLE)


def build_table(
    columns: Sequence[Column],
    rows: Iterable[Row],
    *,
    description: str,
    header_rows: Sequence[Row] | None = (),
    row_headers: bool = False,
    style_id: str = "TableText",
    row_height_mm: float | None = None,
    lines: Lines = "box",
    colour: str = RULE,
    padding: tuple[int, int] = (20, 60),
    scale: float = 1.0,
    write: Write | None = None,
) -> etree._Element:
    """Return a ``w:tbl``. Widths are multiplied by ``scale``.

    ``header_rows``: empty makes one of the columns' headers, None makes none. ``description`` is empty for a table
    that only sets things side by side. ``row_headers`` says that the first cell of a row names what is in it; such
    cells have the style of :func:`label`. ``padding`` of a cell is in twips: above and below its text, left and right of it. ``write`` puts
    a text into a paragraph; None puts it in as a run with the cell's look.
    """
    widths = [round(column.width_mm * scale * _TWIPS_PER_MM) for column in columns]
    table = OxmlElement("w:tbl")
    heads = (header_rows is not None, row_headers)
    _properties(table, sum(widths), description, lines, colour, padding, heads)
    grid = etree.SubElement(table, _W["tblGrid"])
    for width in widths:
        etree.SubElement(grid, _W["gridCol"]).set(_W["w"], str(width))
    if header_rows is not None and not header_rows:
        names = [Cell(column.header, fill=HEADER_FILL, bold=True, align=column.align) for column in columns]
        header_rows = [Row(names)]
    body = list(rows)
    together = len(body) <= _KEPT_TOGETHER
    for row in header_rows or ():
        _row(table, row, columns, widths, style_id, row_height_mm, write, header=True, keep=True)
    for number, row in enumerate(body, 1):
        keep = row.keep or (together and number < len(body))
        _row(table, row, columns, widths, style_id, row_height_mm, write, header=False, keep=keep)
    return table


def _properties(
    table: etree._Element,
    width: int,
    description: str,
    lines: Lines,
    colour: str,
    padding: tuple[int, int],
    heads: tuple[bool, bool],
) -> None:
    properties = etree.SubElement(table, _W["tblPr"])
    _set(properties, "tblW", w=str(width), type="dxa")
    if lines != "none":
        borders = etree.SubElement(properties, _W["tblBorders"])
        for side in _SHOWN_SIDES[lines]:
            _set(borders, side, val="single", sz="4", space="0", color=colour)
    _set(properties, "tblLayout", type="fixed")
    margins = etree.SubElement(properties, _W["tblCellMar"])
    upright, across = padding
    for side, twips in (("top", upright), ("left", across), ("bottom", upright), ("right", across)):
        _set(margins, side, w=str(twips), type="dxa")
    if description:
        row, column = (int(there) for there in heads)
        _set(
            properties, "tblLook", val=f"{0x0600 + 0x20 * row + 0x80 * column:04X}", firstRow=str(row), lastRow="0",
            firstColumn=str(column), lastColumn="0", noHBand="1", noVBand="1",
        )  # fmt: skip
        _set(properties, "tblDescription", val=description)


def _row(
    table: etree._Element,
    row: Row,
    columns: Sequence[Column],
    widths: Sequence[int],
    style_id: str,
    height_mm: float | None,
    write: Write | None,
    *,
    header: bool,
    keep: bool,
) -> None:
    element = etree.SubElement(table, _W["tr"])
    properties = etree.SubElement(element, _W["trPr"])
    etree.SubElement(properties, _W["cantSplit"])
    height = row.height_mm or height_mm
    if height:
        rule = "exact" if row.exact else "atLeast"
        _set(properties, "trHeight", val=str(round(height * _TWIPS_PER_MM)), hRule=rule)
    if header:
        etree.SubElement(properties, _W["tblHeader"])
    position = 0
    for item in row.cells:
        cell = item if isinstance(item, Cell) else Cell(item)
        align = cell.align or columns[position].align
        width = sum(widths[position : position + cell.span])
        _cell(element, cell, width, align, style_id, write, keep=keep)
        position += cell.span
    assert position == len(columns), f"a row of {position} cells in a table of {len(columns)} columns"


def _cell(
    row: etree._Element,
    cell: Cell,
    width: int,
    align: Align,
    style_id: str,
    write: Write | None,
    *,
    keep: bool,
) -> None:
    element = etree.SubElement(row, _W["tc"])
    properties = etree.SubElement(element, _W["tcPr"])
    _set(properties, "tcW", w=str(width), type="dxa")
    if cell.span > 1:
        _set(properties, "gridSpan", val=str(cell.span))
    if cell.edge:
        borders = etree.SubElement(properties, _W["tcBorders"])
        _set(
            borders,
            cell.edge.side,
            val="single",
            sz=str(cell.edge.eighths),
            space="0",
            color=cell.edge.colour,
        )
    if cell.fill:
        _set(properties, "shd", val="clear", color="auto", fill=cell.fill)
    _set(properties, "vAlign", val=cell.vertical)
    for style, text in ((cell.style_id or style_id, cell.text), *cell.more):
        paragraph = etree.SubElement(element, _W["p"])
        look = etree.SubElement(paragraph, _W["pPr"])
        _set(look, "pStyle", val=style)
        if keep:
            etree.SubElement(look, _W["keepNext"])
        if align != "left":
            _set(look, "jc", val=align)
        if text and write:
            write(paragraph, text)
        elif text:
            _run(paragraph, text, cell)


def _run(paragraph: etree._Element, text: str, cell: Cell) -> None:
    run = etree.SubElement(paragraph, _W["r"])
    if cell.bold or cell.colour or cell.size:
        look = etree.SubElement(run, _W["rPr"])
        if cell.bold:
            etree.SubElement(look, _W["b"])
        if cell.colour:
            _set(look, "color", val=cell.colour)
        if cell.size:
            _set(look, "sz", val=str(round(2 * cell.size)))
    written = etree.SubElement(run, _W["t"])
    written.text = clean(text)
    written.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _set(parent: etree._Element, tag: str, **attributes: str) -> None:
    element = etree.SubElement(parent, _W[tag])
    for name, value in attributes.items():
        element.set(_W[name], value)
