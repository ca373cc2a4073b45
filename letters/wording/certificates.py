"""Certificates for a pupil: one landscape page within a frame."""

from __future__ import annotations

from typing import Any

from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.shared import Mm

from letters.wording.paper import ACCENT, DISPLAY, INK, QUIET, Paper, style
from letters.wording.phrases import PHRASES
from letters.wording.source import Wording, WordingError
from letters.wording.tables import add_table, bottom_edge, exact_height

_GOLD = "A67C1A"
_WORDS_MM, _SIGNATURE_MM = 122, 20
_FRAME = (
    f'<w:pgBorders {nsdecls("w")} w:offsetFrom="page">'
    + "".join(
        f'<w:{edge} w:val="thinThickSmallGap" w:sz="24" w:space="24" w:color="{_GOLD}"/>'
        for edge in ("top", "left", "bottom", "right")
    )
    + "</w:pgBorders>"
)


def certificate(wording: Wording) -> bytes:
    """Heading, subheadings and paragraphs of the wording, centred; then the head's signature and the date."""
    paper = Paper(
        wording.title,
        wording.language,
        landscape=True,
        margin_mm=28,
        marks_language=any(block.kind == "part" for block in wording.blocks),
    )
    document = paper.document
    section = document.sections[0]
    section.top_margin, section.bottom_margin = Mm(20), Mm(16)
    margins: Any = section._sectPr.find(qn("w:pgMar"))
    margins.addnext(parse_xml(_FRAME))
    styles = {
        "heading": style(document, "Heading 1", 36, ACCENT, before=14, after=8, font=DISPLAY),
        "subheading": style(document, "Heading 2", 30, INK, bold=True, before=10, after=10, font=DISPLAY),
        "paragraph": style(document, "Words", 16, INK, after=4, font=DISPLAY),
        "point": style(document, "Small Words", 12, QUIET, after=2),
    }
    for made in styles.values():
        made.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    table = add_table(paper, (paper.width_mm,), 1, "", lines="none")
    exact_height(table, _WORDS_MM, at_least=True)
    cell = table.rows[0].cells[0]
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    logo = paper.first(cell, "«Image:logo»", "Small Words")
    logo.paragraph_format.space_after = Mm(3)
    paper.paragraph("«school_name»", "Words", at=cell)
    for block in wording.blocks:
        if block.kind == "part" and block.name in PHRASES:
            paper.language = block.name
        elif block.kind in styles:
            paper.paragraph(block.text, styles[block.kind].name, at=cell)
        else:
            raise WordingError(
                f"{wording.language}/{wording.name}: a certificate has only headings, text and points"
            )
    paper.language = wording.language
    _signature(paper)
    return paper.save()


def _signature(paper: Paper) -> None:
    """Signature and date at the foot, each over a line and its caption."""
    third = paper.width_mm / 3
    table = add_table(paper, (third, third, third), 2, "", lines="none")
    left, _, right = table.rows[0].cells
    paper.first(left, "«Image:signature»", "Small Words")
    paper.first(right, "«date»", "Small Words")
    exact_height(table, _SIGNATURE_MM)
    for cell in (left, right):
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.BOTTOM
        bottom_edge(cell)
    left, _, right = table.rows[1].cells
    paper.first(left, "**«head_name»**\n«head_title»", "Small Words")
    paper.first(right, PHRASES[paper.language]["day"], "Small Words")
