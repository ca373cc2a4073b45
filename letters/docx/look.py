"""The look that letters, certificates and reports share: A4, fonts, colours, paragraph styles, language."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import OxmlElement, parse_xml
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from letters.docx.theme import theme_xml

FONT, DISPLAY = "Calibri", "Cambria"
INK, ACCENT, QUIET, CAUTION = "1F2A37", "1F4E79", "59636E", "7A2E00"
PALE, LINE = "EEF2F6", "C3CCD6"
LANGUAGES = {"en": "en-GB", "cy": "cy-GB"}
BODY = 11.0
"""Size of a letter's text in points, where its wording sets no other."""
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


def letter_document(language: str, landscape: bool, margin_mm: float, body: float = BODY) -> Document:
    """Return an empty document with the page and the styles of letters. ``language`` is a key of ``LANGUAGES``.

    ``body`` is the size of the text in points; headings, tables and the footer go with it. What an envelope's window
    shows and the letterhead keep their size.
    """
    document: Document = docx.Document()
    _set_page(document, landscape, margin_mm)
    _set_styles(document, LANGUAGES[language], body)
    return document


def report_document(language: str, landscape: bool, margin_mm: float) -> Document:
    """Return an empty document with the styles of letters and those that reports need as well."""
    document: Document = docx.Document(io.BytesIO(_empty_report(language, landscape, margin_mm)))
    return document


@cache
def _empty_report(language: str, landscape: bool, margin_mm: float) -> bytes:
    document = letter_document(language, landscape, margin_mm)
    section = document.sections[0]
    section.top_margin, section.bottom_margin = Mm(16), Mm(15)
    for style_name in ("Normal", "List Bullet"):
        document.styles[style_name].font.size = Pt(10.5)
    document.styles["Footer"].font.size = Pt(8)
    document.styles["Table Heading"].font.size = Pt(9)
    for style_name, size, before, after in (("Heading 1", 14, 11, 4), ("Heading 2", 11.5, 8, 3)):
        heading = document.styles[style_name]
        heading.font.size = Pt(size)
        heading.paragraph_format.space_before = Pt(before)
        heading.paragraph_format.space_after = Pt(after)
    style(document, "Heading 3", 10.5, before=6, after=2, bold=True, keep=True)
    style(document, "Title", 20, ACCENT, bold=True, after=4, keep=True)
    style(document, "Header", 8.5, QUIET)
    style(document, "Caption", 9, QUIET, after=8)
    style(document, "Quiet", 9, QUIET, after=4)
    style(document, "Lead", 11.5, after=6)
    style(document, "Caution", 10, CAUTION, after=5)
    style(document, "Table Text", 9)
    style(document, "Grid Text", 8)
    style(document, "Copy Text", 9.5, after=3)
    style(document, "Gap", 5)
    style(document, "Picture", 5, before=2, after=2)
    style(document, "Signature Line", 10, before=16)
    for style_name in ("Table Text", "Grid Text", "Gap", "Picture", "Header", "Copy Text"):
        document.styles[style_name].paragraph_format.line_spacing = 1.0
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _set_page(document: Document, landscape: bool, margin_mm: float) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.left_margin = section.right_margin = Mm(margin_mm)
    section.top_margin, section.bottom_margin = Mm(TOP_MM), Mm(BOTTOM_MM)
    section.header_distance, section.footer_distance = Mm(8), Mm(8)


def _set_styles(document: Document, tag: str, body: float) -> None:
    _slim(document, tag)
    normal = style(document, "Normal", body, after=4)
    normal.paragraph_format.line_spacing = 1.05
    style(document, "Heading 1", body + 2, ACCENT, bold=True, before=2, after=5, keep=True)
    style(document, "Heading 2", body + 0.5, ACCENT, bold=True, before=5, after=1, keep=True)
    style(document, "Title", 16, ACCENT, bold=True, after=1)
    style(document, "Footer", max(9, body - 2), QUIET)
    bullet = style(document, "List Bullet", body, after=2)
    bullet.paragraph_format.left_indent, bullet.paragraph_format.first_line_indent = Mm(6), Mm(-4)
    style(document, "Letterhead", 9, QUIET, after=0)
    style(document, "Envelope", 10.5, after=0)
    style(document, "Aside", body - 1, after=1)
    style(document, "Table Text", body - 1, after=0)
    style(document, "Table Head", body - 1, QUIET, bold=True, after=0)
    style(document, "Figure", body + 2, ACCENT, bold=True, after=0)
    style(document, "Small", body - 1, QUIET, after=0)
    style(document, "Gap", 4, after=0)
    for name in ("Table Text", "Table Head", "Figure", "Small", "Envelope", "Letterhead", "Gap", "Aside"):
        document.styles[name].paragraph_format.line_spacing = 1.0
    document.styles["Envelope"].paragraph_format.line_spacing = Pt(12)
    # LibreOffice tags the cells of this style, and of no other, as headings of their table in a PDF.
    document.styles["Table Head"].element.find(qn("w:name")).set(qn("w:val"), "Table Heading")


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
        for key, line in list(relationships.items()):
            if line.reltype in _DROPPED or "thumbnail" in line.reltype:
                del relationships[key]
    for line in document.part.rels.values():
        if line.reltype == RELATIONSHIP_TYPE.NUMBERING:
            line.target_part._element = parse_xml(_NUMBERING)
        elif line.reltype == RELATIONSHIP_TYPE.FONT_TABLE:
            fonts = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{_FONTS}'
            line.target_part._blob = fonts.encode()
        elif line.reltype == RELATIONSHIP_TYPE.THEME:
            line.target_part._blob = theme_xml(FONT, DISPLAY)
        elif line.reltype == RELATIONSHIP_TYPE.SETTINGS:
            line.target_part._element = parse_xml(_SETTINGS.format(tag=tag))


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
    """Return a paragraph style with this look, added where the document has none of the name."""
    styles = document.styles
    if name in {each.name for each in styles}:
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
