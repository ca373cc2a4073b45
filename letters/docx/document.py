"""The look that certificates, reports and evidence share: A4, styles, header, footer, and saving without chance.

Everything that is not a merge letter is built here with python-docx. The same input gives the same bytes: no
clock is read, and the parts are put into the zip with one fixed date.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Literal, Protocol

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph
from lxml import etree

from letters.docx.table import Cell, Column, Row, build_table, clean
from letters.docx.zip_writer import ZipStart, pack
from letters.wording import paper as letter_paper
from letters.wording.paper import ACCENT, LANGUAGES, PALE, QUIET
from letters.words.english import weekday

CAUTION = "7A2E00"
Tone = Literal["plain", "quiet", "strong", "warn"]


class School(Protocol):
    """What a report needs to know of the school. The letterhead facts of the configuration fit."""

    @property
    def name(self) -> str:
        """The school's name as it signs."""

    @property
    def head_name(self) -> str:
        """The head teacher's name; may be empty."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the strip at a report's head: the number large, its name small below, a remark under it."""

    value: str
    name: str
    remark: str = ""


class Paper:
    """One A4 document under construction. Add in reading order, then :meth:`save`."""

    def __init__(
        self,
        title: str,
        *,
        school: str,
        printed_on: date,
        subject: str = "",
        language: str = "en",
        landscape: bool = False,
        header: str = "",
        footer: str = "",
        margin_mm: float = 18,
    ) -> None:
        """``header`` stands at the head of every page; ``footer`` between the school's name and the page number."""
        self.title = clean(title)
        self.printed_on = printed_on
        self.width_mm = (297 if landscape else 210) - 2 * margin_mm
        known = language[:2] if language[:2] in LANGUAGES else "en"
        self._document: Document = docx.Document(io.BytesIO(_base(known, landscape, margin_mm)))
        self._picture = 0
        self._set_properties(school, subject, LANGUAGES[known])
        self._set_edges(school, header, footer)

    def heading(self, text: str, level: int = 1, *, new_page: bool = False) -> Paragraph:
        """A heading; level 0 is the document's title. ``new_page`` starts it on a fresh page."""
        style = "Title" if level == 0 else f"Heading {level}"
        paragraph = self._document.add_paragraph(clean(text), style=style)
        if new_page:
            paragraph.paragraph_format.page_break_before = True
        return paragraph

    def paragraph(self, text: str, tone: Tone = "plain", *, keep_with_next: bool = False) -> Paragraph:
        """A paragraph of plain text."""
        style = {"plain": "Normal", "quiet": "Quiet", "strong": "Lead", "warn": "Caution"}[tone]
        paragraph = self._document.add_paragraph(clean(text), style=style)
        if keep_with_next:
            paragraph.paragraph_format.keep_with_next = True
        return paragraph

    def bullets(self, texts: Iterable[str]) -> None:
        """A list of points."""
        for text in texts:
            self._document.add_paragraph(clean(text), style="List Bullet")

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Row],
        *,
        description: str,
        header_rows: Sequence[Row] = (),
        style: str = "Table Text",
        row_height_mm: float | None = None,
    ) -> None:
        """A table whose header row repeats on each page. ``description`` is read out by a screen reader.

        ``header_rows`` take the place of the single header row that the columns would give.
        """
        width = sum(column.width_mm for column in columns)
        scale = self.width_mm / width if width > self.width_mm else 1.0
        table = build_table(
            columns,
            rows,
            description=clean(description),
            header_rows=header_rows,
            style_id=style.replace(" ", ""),
            row_height_mm=row_height_mm,
            scale=scale,
        )
        body = self._document.element.body
        body.insert(len(body) - 1, table)  # before the section's properties, which stay last
        self._document.add_paragraph(style="Gap")

    def figures(self, figures: Sequence[Figure]) -> None:
        """The strip of main numbers."""
        width = self.width_mm / len(figures)
        columns = [Column(figure.name, width, "center") for figure in figures]
        values = Row([Cell(f.value, fill=PALE, bold=True, size=18, colour=ACCENT) for f in figures])
        names = Row([Cell(f.name, fill=PALE, bold=True, size=9) for f in figures])
        remarks = Row([Cell(f.remark, fill=PALE, size=8.5, colour=QUIET) for f in figures])
        table = build_table(
            columns,
            [names, remarks] if any(f.remark for f in figures) else [names],
            description="Main figures: " + "; ".join(f"{f.name} {f.value}" for f in figures),
            header_rows=[values],
            style_id="TableText",
            borders=False,
        )
        body = self._document.element.body
        body.insert(len(body) - 1, table)
        self._document.add_paragraph(style="Gap")

    def banner(self, large: str, small: str) -> None:
        """A few words to be read across a room, with a line below them."""
        table = build_table(
            [Column(small, self.width_mm, "center")],
            [Row([Cell(small, fill=PALE, bold=True, size=13)])],
            description=f"{small}: {large}",
            header_rows=[Row([Cell(large, fill=PALE, bold=True, size=40, colour=ACCENT)])],
            style_id="TableText",
            borders=False,
        )
        body = self._document.element.body
        body.insert(len(body) - 1, table)
        self._document.add_paragraph(style="Gap")

    def picture(self, png: bytes, *, width_mm: float, alt_text: str, caption: str = "") -> None:
        """A picture with the text that a screen reader reads out, and a caption below where one is given."""
        paragraph = self._document.add_paragraph(style="Picture")
        shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Mm(min(width_mm, self.width_mm)))
        self._picture += 1
        properties = shape._inline.docPr
        properties.set("id", str(self._picture))
        properties.set("name", f"Chart {self._picture}")
        properties.set("descr", clean(alt_text))
        paragraph.paragraph_format.keep_with_next = bool(caption)
        if caption:
            self._document.add_paragraph(clean(caption), style="Caption")

    def lines_to_sign(self, labels: Sequence[tuple[str, float]]) -> None:
        """Ruled lines side by side for a signature by hand: what each is for, and its share of the width."""
        paragraph = self._document.add_paragraph(style="Signature Line")
        end = 0.0
        for label, share in labels:
            end += share * self.width_mm
            paragraph.paragraph_format.tab_stops.add_tab_stop(
                Mm(end - 3), WD_TAB_ALIGNMENT.LEFT, WD_TAB_LEADER.LINES
            )
            paragraph.add_run(f"{clean(label)} \t  ")

    def page_break(self) -> None:
        """Go on at the next page."""
        self._document.add_paragraph(style="Gap").add_run().add_break(WD_BREAK.PAGE)

    def save(self) -> bytes:
        """The DOCX. The same additions give the same bytes."""
        written = io.BytesIO()
        self._document.save(written)
        with zipfile.ZipFile(written) as archive:
            return ZipStart([]).finish(pack(name, archive.read(name), 6) for name in archive.namelist())

    def _set_properties(self, school: str, subject: str, tag: str) -> None:
        core = self._document.core_properties
        stamp = datetime.combine(self.printed_on, time(), UTC)
        core.title, core.subject, core.author = self.title[:255], clean(subject)[:255], clean(school)[:255]
        core.created = core.modified = stamp
        core.language, core.comments, core.last_modified_by, core.revision = tag, "", "", 1

    def _set_edges(self, school: str, header: str, footer: str) -> None:
        section = self._document.sections[0]
        if header:
            head = section.header.paragraphs[0]
            head.style, head.alignment, head.text = "Header", WD_ALIGN_PARAGRAPH.RIGHT, clean(header)
        foot = section.footer.paragraphs[0]
        foot.style = "Footer"
        foot.paragraph_format.tab_stops.add_tab_stop(Mm(self.width_mm), WD_TAB_ALIGNMENT.RIGHT)
        parts = [clean(part) for part in (school, footer, weekday(self.printed_on)) if part]
        foot.add_run("  ·  ".join(parts) + "\tPage ")
        _field(foot, "PAGE")
        foot.add_run(" of ")
        _field(foot, "NUMPAGES")


@cache
def _base(language: str, landscape: bool, margin_mm: float) -> bytes:
    """An empty document in the letters' look with the styles that reports need beside it."""
    document = letter_paper.Paper("", language, landscape=landscape, margin_mm=margin_mm).document
    section = document.sections[0]
    section.top_margin, section.bottom_margin = Mm(16), Mm(15)
    style = letter_paper.style
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


def _field(paragraph: Paragraph, name: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run = etree.SubElement(field, qn("w:r"))
    etree.SubElement(run, qn("w:t")).text = "1"
    paragraph._p.append(field)
