"""The base that every shipped template stands on: A4, styles, fonts, languages, footer; saved without chance.

Position of the envelope: in a DL envelope with the usual window the address begins 50 mm from the top and 20 mm from
the left, and nothing else of the letter may be seen above 92 mm left of 110 mm.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import OxmlElement, parse_xml
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from letters.docx.zip_writer import ZipStart, pack
from letters.wording.source import Piece, pieces

FONT, DISPLAY = "Calibri", "Cambria"
INK, ACCENT, QUIET = "1F2A37", "1F4E79", "59636E"
PALE, LINE = "EEF2F6", "C3CCD6"
LANGUAGES = {"en": "en-GB", "cy": "cy-GB"}
LEFT_MM, TOP_MM, BOTTOM_MM = 20, 12, 14

_KEPT = frozenset(
    {
        "Normal",
        "Heading 1",
        "Heading 2",
        "Title",
        "Footer",
        "List Bullet",
        "Default Paragraph Font",
        "Normal Table",
        "Table Grid",
    }
)
_DROPPED = (
    RELATIONSHIP_TYPE.THEME,
    "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
    RELATIONSHIP_TYPE.CUSTOM_XML,
    RELATIONSHIP_TYPE.WEB_SETTINGS,
    RELATIONSHIP_TYPE.EXTENDED_PROPERTIES,
)
_NUMBERING = f"""<w:numbering {nsdecls("w")}><w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="singleLevel"/>
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:pStyle w:val="ListBullet"/><w:lvlText w:val="•"/>
<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="340" w:hanging="227"/></w:pPr></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""
_FONTS = f"""<w:fonts {nsdecls("w")}>
<w:font w:name="{FONT}"><w:altName w:val="Carlito"/><w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font>
<w:font w:name="{DISPLAY}"><w:altName w:val="Caladea"/><w:family w:val="roman"/><w:pitch w:val="variable"/></w:font>
</w:fonts>"""

_SETTINGS = (
    f'<w:settings {nsdecls("w")}><w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/>'
    '<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode" '
    'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
    '<w:themeFontLang w:val="{tag}"/><w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>'
)


class Paper:
    """One template under construction. Paragraphs are added to ``at``: the body, or a cell."""

    def __init__(
        self,
        title: str,
        language: str,
        *,
        landscape: bool = False,
        margin_mm: float = LEFT_MM,
        marks_language: bool = False,
    ) -> None:
        """``marks_language``: the document holds two, so each run says which it is in."""
        self.document: Document = docx.Document()
        self.language = language
        self.marks_language = marks_language
        self.width_mm = (297 if landscape else 210) - 2 * margin_mm
        _set_page(self.document, landscape, margin_mm)
        _set_styles(self.document, LANGUAGES[language])
        core = self.document.core_properties
        core.title, core.language, core.author, core.comments = title, LANGUAGES[language], "", ""
        for stamp in core._element.xpath("dcterms:created | dcterms:modified"):
            core._element.remove(stamp)

    def paragraph(self, text: str, style: str = "Normal", at: Any = None) -> Paragraph:
        """A paragraph of a wording's line: its text, fields and bold."""
        found = (at if at is not None else self.document).add_paragraph(style=style)
        assert isinstance(found, Paragraph)
        self.write(found, text)
        return found

    def first(self, cell: Any, text: str, style: str) -> Paragraph:
        """The paragraph that a cell has from the start, written."""
        found = cell.paragraphs[0]
        assert isinstance(found, Paragraph)
        found.style = style
        self.write(found, text)
        return found

    def write(self, paragraph: Paragraph, text: str) -> None:
        """Add a wording's line to a paragraph; ``\\n`` breaks the line within it."""
        for piece in pieces(text):
            if piece.field:
                paragraph._p.append(self._field(piece))
                continue
            for number, line in enumerate(piece.text.split("\n")):
                run = paragraph.add_run()
                if number:
                    run.add_break()
                run.add_text(line)
                if piece.bold:
                    run.bold = True
                self._mark_language(run._r)

    def _field(self, piece: Piece) -> Any:
        picture = f' \\@ "{piece.picture}"' if piece.picture else ""
        return self.word_field(f"MERGEFIELD {piece.text}{picture}", f"«{piece.text}»", piece.bold)

    def word_field(self, instruction: str, shown: str, bold: bool = False) -> Any:
        """A Word field as it stands in a paragraph, with what it shows until it is filled."""
        element = OxmlElement("w:fldSimple")
        element.set(qn("w:instr"), f" {instruction} ")
        run: Any = OxmlElement("w:r")
        if bold:
            run.get_or_add_rPr().append(OxmlElement("w:b"))
        text = OxmlElement("w:t")
        text.text = shown
        run.append(text)
        element.append(run)
        self._mark_language(run)
        return element

    def _mark_language(self, run: Any) -> None:
        """Text of a document with two languages says which it is in; that also decides month names."""
        if self.marks_language:
            properties = run.get_or_add_rPr()
            language = OxmlElement("w:lang")
            language.set(qn("w:val"), LANGUAGES[self.language])
            properties.append(language)

    def footer(self, left: str, page: str, of: str) -> None:
        """A footer with a text at the left and the page at the right."""
        section = self.document.sections[0]
        paragraph = section.footer.paragraphs[0]
        paragraph.style = "Footer"
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(self.width_mm), WD_TAB_ALIGNMENT.RIGHT)
        self.write(paragraph, f"{left}\t{page} ")
        paragraph._p.append(self.word_field("PAGE", "1"))
        self.write(paragraph, f" {of} ")
        paragraph._p.append(self.word_field("NUMPAGES", "1"))

    def save(self) -> bytes:
        """The template. The same wording gives the same bytes, whatever made them: nothing is compressed or dated."""
        written = io.BytesIO()
        self.document.save(written)
        with zipfile.ZipFile(written) as archive:
            entries = [pack(name, archive.read(name), 0) for name in archive.namelist()]
        return ZipStart(entries).finish([])


def _set_page(document: Document, landscape: bool, margin_mm: float) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.left_margin = section.right_margin = Mm(margin_mm)
    section.top_margin, section.bottom_margin = Mm(TOP_MM), Mm(BOTTOM_MM)
    section.header_distance, section.footer_distance = Mm(8), Mm(8)


def _set_styles(document: Document, tag: str) -> None:
    _slim(document, tag)
    normal = style(document, "Normal", 10.5, after=4)
    normal.paragraph_format.line_spacing = 1.05
    style(document, "Heading 1", 13, ACCENT, bold=True, before=2, after=5, keep=True)
    style(document, "Heading 2", 11, ACCENT, bold=True, before=6, after=1, keep=True)
    style(document, "Title", 16, ACCENT, bold=True, after=1)
    style(document, "Footer", 8, QUIET)
    bullet = style(document, "List Bullet", 10.5, after=2)
    bullet.paragraph_format.left_indent, bullet.paragraph_format.first_line_indent = Mm(6), Mm(-4)
    style(document, "Letterhead", 9, QUIET, after=0)
    style(document, "Envelope", 11, after=0)
    style(document, "Aside", 10, after=1)
    style(document, "Table Text", 9.5, after=0)
    style(document, "Table Head", 9, QUIET, bold=True, after=0)
    style(document, "Figure", 15, ACCENT, bold=True, after=0)
    style(document, "Small", 9, QUIET, after=0)
    style(document, "Gap", 4, after=0)
    for name in ("Table Text", "Table Head", "Figure", "Small", "Envelope", "Letterhead", "Gap", "Aside"):
        document.styles[name].paragraph_format.line_spacing = 1.0


def _slim(document: Document, tag: str) -> None:
    """Drop from python-docx's base document what no letter uses, and set its language and its fonts' stand-ins."""
    styles = document.styles
    for element in list(styles.element.findall(qn("w:style"))):
        name = element.find(qn("w:name"))
        if name is None or str(name.get(qn("w:val"))).casefold() not in {kept.casefold() for kept in _KEPT}:
            styles.element.remove(element)
        else:
            for linked in element.findall(qn("w:link")):
                element.remove(linked)
    latent = styles.element.find(qn("w:latentStyles"))
    if latent is not None:
        styles.element.remove(latent)
    defaults = styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    for element in list(defaults):
        defaults.remove(element)
    defaults.append(_fonts(FONT))
    for name, value in (("w:sz", "22"), ("w:szCs", "22")):
        size = OxmlElement(name)
        size.set(qn("w:val"), value)
        defaults.append(size)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), tag)
    defaults.append(language)
    _replace_parts(document, tag)


def _replace_parts(document: Document, tag: str) -> None:
    for relationships in (document.part.package.rels, document.part.rels):
        for key in [
            k
            for k, found in relationships.items()
            if found.reltype in _DROPPED or "thumbnail" in found.reltype
        ]:
            del relationships[key]
    for found in document.part.rels.values():
        if found.reltype == RELATIONSHIP_TYPE.NUMBERING:
            found.target_part._element = parse_xml(_NUMBERING)
        elif found.reltype == RELATIONSHIP_TYPE.FONT_TABLE:
            found.target_part._blob = (
                f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{_FONTS}'.encode()
            )
        elif found.reltype == RELATIONSHIP_TYPE.SETTINGS:
            found.target_part._element = parse_xml(_SETTINGS.format(tag=tag))


def style(
    document: Document,
    name: str,
    size: float,
    colour: str = INK,
    *,
    bold: bool = False,
    before: float = 0,
    after: float = 0,
    keep: bool = False,
    font: str = FONT,
) -> ParagraphStyle:
    """A paragraph style of ours, made where the base document has none."""
    styles = document.styles
    known = {found.name for found in styles}
    if name in known:
        made = styles[name]
        for part in ("w:pPr", "w:rPr"):
            for element in made.element.findall(qn(part)):
                made.element.remove(element)
    else:
        made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        made.base_style = styles["Normal"]
    assert isinstance(made, ParagraphStyle)
    made.quick_style = True
    made.font.size, made.font.bold = Pt(size), bold or None
    made.font.color.rgb = RGBColor.from_string(colour)
    properties = made.element.get_or_add_rPr()
    properties.insert(0, _fonts(font))
    spacing = made.paragraph_format
    spacing.space_before, spacing.space_after = Pt(before), Pt(after)
    if keep:
        spacing.keep_with_next = True
    if name.startswith("Heading"):
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), str(int(name[-1]) - 1))
        made.element.get_or_add_pPr().append(level)
    if name == "List Bullet":
        made.element.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = 1
    return made


def _fonts(font: str) -> Any:
    fonts = OxmlElement("w:rFonts")
    for attribute in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(attribute), font)
    return fonts
