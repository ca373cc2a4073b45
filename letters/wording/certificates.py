"""Certificates for a pupil: one landscape page within a frame."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.shared import Mm

from letters.docx.look import ACCENT, DISPLAY, INK, QUIET, style
from letters.docx.table import Cell, Edge, Row
from letters.wording.phrases import PHRASES
from letters.wording.source import Wording, WordingError
from letters.wording.template_paper import TemplatePaper

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
    """Return the template of a certificate: the wording, centred; then the head's signature and the date."""
    paper = TemplatePaper(
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
    words = Row([Cell("«Image:logo»", style_id="SmallWords")], height_mm=_WORDS_MM)
    cell = paper.layout_table((paper.width_mm,), [words]).rows[0].cells[0]
    cell.paragraphs[0].paragraph_format.space_after = Mm(3)
    paper.add("«school_name»", "Words", at=cell)
    for block in wording.blocks:
        if block.kind == "part" and block.name in PHRASES:
            paper.language = block.name
        elif block.kind in styles:
            paper.add(block.text, styles[block.kind].name, at=cell)
        else:
            raise WordingError(
                f"{wording.language}/{wording.name}: a certificate has only headings, text and points"
            )
    paper.language = wording.language
    _signature(paper)
    return paper.save()


def _signature(paper: TemplatePaper) -> None:
    """Add signature and date at the foot, each over a line and its caption."""
    line = Edge("bottom", "808890", 6)
    signature, day = (
        Cell(text, edge=line, vertical="bottom", style_id="SmallWords")
        for text in ("«Image:signature»", "«date»")
    )
    languages = list(PHRASES) if paper.marks_language else [paper.language]
    titles, days = (
        " / ".join(PHRASES[one][name] for one in sorted(languages)) for name in ("head_title", "day")
    )
    name = Cell(f"**«head_name»**\n{titles}", style_id="SmallWords", vertical="top")
    caption = Cell(days, style_id="SmallWords", vertical="top")
    rows = [
        Row([signature, Cell(), day], height_mm=_SIGNATURE_MM, exact=True),
        Row([name, Cell(), caption]),
    ]
    paper.layout_table((paper.width_mm / 3,) * 3, rows)
