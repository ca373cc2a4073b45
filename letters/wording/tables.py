"""Tables of the shipped templates: how they look, and what makes them readable by a screen reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm
from docx.table import Table

from letters.wording.paper import LINE, Paper

_EDGES = ("top", "left", "bottom", "right", "insideH", "insideV")


@dataclass(frozen=True, slots=True)
class Look:
    """A cell's shading, and its style and text."""

    text: str
    style: str = "Table Text"
    fill: str = ""
    bold: bool = False


def add_table(
    paper: Paper, widths_mm: Sequence[float], rows: int, description: str, *, lines: str = "h"
) -> Table:
    """An empty table of fixed widths. ``lines``: h under each row, box around all cells, none.

    ``description`` is what a screen reader says of it; empty for a table that only places things.
    """
    table: Table = paper.document.add_table(rows, len(widths_mm))
    table.alignment = WD_TABLE_ALIGNMENT.LEFT
    table.autofit = False
    properties = table._tbl.tblPr
    for name in ("w:tblStyle", "w:tblLook"):
        for element in properties.findall(qn(name)):
            properties.remove(element)
    width = properties.find(qn("w:tblW"))
    if width is None:
        width = OxmlElement("w:tblW")
        properties.insert(0, width)
    width.set(qn("w:type"), "dxa")
    width.set(qn("w:w"), str(round(sum(widths_mm) * 56.693)))
    properties.append(_borders(lines))
    properties.append(_margins(0 if lines == "none" else 1.6))
    if description:
        for name in ("w:tblCaption", "w:tblDescription"):
            element = OxmlElement(name)
            element.set(qn("w:val"), description)
            properties.append(element)
    _order(properties)
    for column, width_mm in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width_mm)
        for cell in column.cells:
            cell.width = Mm(width_mm)
    return table


def fill(paper: Paper, cell: Any, look: Look) -> None:
    """Put text, style and shading into a cell. A line break in the text begins a paragraph."""
    first, *more = look.text.split("\n")
    paper.first(cell, _bold(first, look.bold), look.style)
    for line in more:
        paper.paragraph(_bold(line, look.bold), look.style, at=cell)
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    if look.fill:
        shade(cell, look.fill)


def shade(cell: Any, colour: str) -> None:
    """A cell's background."""
    shading = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", colour)):
        shading.set(qn(name), value)
    properties = cell._tc.get_or_add_tcPr()
    place = properties.find(qn("w:vAlign"))
    if place is None:
        properties.append(shading)
    else:
        place.addprevious(shading)


def left_edge(cell: Any, colour: str, eighths: int = 36) -> None:
    """A thick line at a cell's left, the accent of a banner."""
    borders = OxmlElement("w:tcBorders")
    edge = OxmlElement("w:left")
    for name, value in (("w:val", "single"), ("w:sz", str(eighths)), ("w:space", "0"), ("w:color", colour)):
        edge.set(qn(name), value)
    borders.append(edge)
    properties = cell._tc.get_or_add_tcPr()
    shading = properties.find(qn("w:shd"))
    if shading is not None:
        shading.addprevious(borders)
    else:
        properties.append(borders)


def bottom_edge(cell: Any) -> None:
    """A line below a cell, to write on."""
    borders = OxmlElement("w:tcBorders")
    edge = OxmlElement("w:bottom")
    for name, value in (("w:val", "single"), ("w:sz", "6"), ("w:space", "0"), ("w:color", "808890")):
        edge.set(qn(name), value)
    borders.append(edge)
    cell._tc.get_or_add_tcPr().find(qn("w:vAlign")).addprevious(borders)


def mark_header(table: Table) -> None:
    """Word repeats the first row on each page, and a screen reader says it with each cell."""
    row = table.rows[0]._tr.get_or_add_trPr()
    row.append(OxmlElement("w:tblHeader"))


def keep_rows_whole(table: Table, *, with_next: bool = False, last_too: bool = False) -> None:
    """No row breaks over a page; with ``with_next`` the whole table stays on one, where it fits.

    ``last_too``: the last row is one that repeats, so it keeps to the next as well.
    """
    for row in table.rows:
        properties = row._tr.get_or_add_trPr()
        whole = OxmlElement("w:cantSplit")
        properties.insert(0, whole)
        if with_next and (last_too or row._tr is not table.rows[-1]._tr):
            for cell in row.cells:
                for paragraph in cell.paragraphs:
                    paragraph.paragraph_format.keep_with_next = True


def exact_height(table: Table, height_mm: float, row: int = 0, *, at_least: bool = False) -> None:
    """Fix a row's height."""
    table.rows[row].height = Mm(height_mm)
    table.rows[row].height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST if at_least else WD_ROW_HEIGHT_RULE.EXACTLY


def _bold(text: str, bold: bool) -> str:
    return f"**{text}**" if bold and text else text


def _borders(lines: str) -> Any:
    borders = OxmlElement("w:tblBorders")
    shown = {"h": ("top", "bottom", "insideH"), "box": _EDGES, "none": ()}[lines]
    for edge in _EDGES:
        element = OxmlElement(f"w:{edge}")
        element.set(qn("w:val"), "single" if edge in shown else "nil")
        if edge in shown:
            for name, value in (("w:sz", "4"), ("w:space", "0"), ("w:color", LINE)):
                element.set(qn(name), value)
        borders.append(element)
    return borders


def _margins(millimetres: float) -> Any:
    margins = OxmlElement("w:tblCellMar")
    sides = (("top", 0.3), ("left", 1.0), ("bottom", 0.3), ("right", 1.0))
    for side, share in sides:
        element = OxmlElement(f"w:{side}")
        element.set(qn("w:w"), str(round(millimetres * share * 56.693)))
        element.set(qn("w:type"), "dxa")
        margins.append(element)
    return margins


_ORDER = [
    qn(f"w:{name}")
    for name in (
        "tblStyle", "tblpPr", "tblOverlap", "bidiVisual", "tblStyleRowBandSize", "tblStyleColBandSize", "tblW", "jc",
        "tblCellSpacing", "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook", "tblCaption",
        "tblDescription",
    )
]  # fmt: skip


def _order(properties: Any) -> None:
    """A table's properties stand in the order that the schema asks for (ECMA-376 Part 1, 17.4.59)."""
    properties[:] = sorted(properties, key=lambda element: _ORDER.index(element.tag))
