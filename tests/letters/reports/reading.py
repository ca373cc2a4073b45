"""Reading a report back: its tables, words and texts."""

from __future__ import annotations

import io

from docx import Document
from docx.oxml.ns import qn
from lxml import etree


def rows_of(table: etree._Element) -> list[list[str]]:
    """Return the text of each cell of a ``w:tbl``; a cell over several columns counts once."""
    return [
        ["".join(t.text or "" for t in cell.iter(qn("w:t"))) for cell in row.iter(qn("w:tc"))]
        for row in table.iter(qn("w:tr"))
    ]


def tables(data: bytes) -> list[list[list[str]]]:
    """Return the rows of every table."""
    return [rows_of(table._tbl) for table in Document(io.BytesIO(data)).tables]


def table_under(data: bytes, heading: str) -> list[list[str]]:
    """Return the rows of the first table after a heading."""
    seen = False
    for element in Document(io.BytesIO(data)).element.body:
        if element.tag == qn("w:p") and text_in(element) == heading:
            seen = True
        elif seen and element.tag == qn("w:tbl"):
            return rows_of(element)
    raise AssertionError(f"no table under {heading}")


def words(data: bytes) -> str:
    """Return the paragraphs outside tables, one a line."""
    return "\n".join(p.text for p in Document(io.BytesIO(data)).paragraphs)


def text_in(element: etree._Element) -> str:
    """Return the text of a paragraph, joined."""
    return "".join(t.text or "" for t in element.iter(qn("w:t")))


def text_of(data: bytes) -> str:
    """Return all text of the body, header and footer, one run a line."""
    document = Document(io.BytesIO(data))
    section = document.sections[0]
    parts = [document.element, section.header._element, section.footer._element]
    return "\n".join(t.text or "" for part in parts for t in part.iter(qn("w:t")))
