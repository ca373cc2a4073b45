"""Build one A4 document of headings, paragraphs, tables and pictures, and save it the same way each time.

Certificates, reports and evidence are built here with python-docx, and the shipped templates on top of it
(``letters.wording.template_paper``). The same input gives the same bytes: no clock is read, and the parts are put
into the zip with one fixed date.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal, Protocol

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from letters.docx.look import ACCENT, LANGUAGES, PALE, QUIET, report_document
from letters.docx.table import Cell, Column, Row, build_table, clean
from letters.docx.zip_writer import ZipStart, zip_entry
from letters.words.english import weekday

_TOGETHER = "\u00a0"
"""A space at which no line breaks."""
_BEFORE_PAGE = " " * 6
"""Least room between a footer's text and its page number; a text that leaves less goes on to a second line."""

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

    compression = 6

    def __init__(
        self,
        title: str,
        *,
        school: str = "",
        printed_on: date | None = None,
        subject: str = "",
        language: str = "en",
        landscape: bool = False,
        header: str = "",
        footer: str = "",
        margin_mm: float = 18,
        empty: Callable[[str, bool, float], Document] = report_document,
    ) -> None:
        """Begin a document on the page and with the styles that ``empty`` gives.

        ``header`` stands at the head of every page. With ``printed_on`` every page has a footer: the school's name,
        ``footer``, that day and the page number; without, the properties give no day.
        """
        self.title = clean(title)
        self.language = language[:2] if language[:2] in LANGUAGES else "en"
        self.width_mm = (297 if landscape else 210) - 2 * margin_mm
        self.document = empty(self.language, landscape, margin_mm)
        self._picture = 0
        self._set_properties(school, subject, printed_on)
        if header:
            head = self.document.sections[0].header.paragraphs[0]
            head.style, head.alignment, head.text = "Header", WD_ALIGN_PARAGRAPH.RIGHT, clean(header)
        if printed_on:
            parts = [clean(part) for part in (school, footer, weekday(printed_on)) if part]
            self.number_pages("  ·  ".join(parts), "Page", "of")

    def _set_properties(self, school: str, subject: str, printed_on: date | None) -> None:
        core = self.document.core_properties
        for stamp in core._element.xpath("dcterms:created | dcterms:modified"):
            core._element.remove(stamp)
        core.title, core.subject, core.author = self.title[:255], clean(subject)[:255], clean(school)[:255]
        core.language, core.revision = LANGUAGES[self.language], 1
        core.comments = core.last_modified_by = ""
        if printed_on:
            core.created = core.modified = datetime.combine(printed_on, time(), UTC)

    def write(self, paragraph: Paragraph, text: str) -> None:
        """Add text to a paragraph."""
        paragraph.add_run(text)

    def add(self, text: str, style: str = "Normal", at: Any = None) -> Paragraph:
        """Add a paragraph to the document, or to the cell ``at``."""
        paragraph: Paragraph = (self.document if at is None else at).add_paragraph(style=style)
        if text:
            self.write(paragraph, text)
        return paragraph

    def heading(self, text: str, level: int = 1, *, new_page: bool = False) -> Paragraph:
        """Add a heading; level 0 is the document's title. ``new_page`` starts it on a fresh page."""
        paragraph = self.add(clean(text), "Title" if level == 0 else f"Heading {level}")
        if new_page:
            paragraph.paragraph_format.page_break_before = True
        return paragraph

    def paragraph(self, text: str, tone: Tone = "plain", *, keep_with_next: bool = False) -> Paragraph:
        """Add a paragraph of plain text."""
        style = {"plain": "Normal", "quiet": "Quiet", "strong": "Lead", "warn": "Caution"}[tone]
        paragraph = self.add(clean(text), style)
        if keep_with_next:
            paragraph.paragraph_format.keep_with_next = True
        return paragraph

    def bullets(self, texts: Iterable[str]) -> None:
        """Add a list of points."""
        for text in texts:
            self.add(clean(text), "List Bullet")

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Row],
        *,
        description: str,
        header_rows: Sequence[Row] | None = (),
        row_headers: bool = False,
        style: str = "Table Text",
        row_height_mm: float | None = None,
    ) -> None:
        """Add a table whose header row repeats on each page. ``description`` is read out by a screen reader.

        ``header_rows`` take the place of the single header row that the columns would give; None makes none.
        ``row_headers`` says that the first cell of a row names what is in it. A table wider than the
        page is scaled down to its width.
        """
        width = sum(column.width_mm for column in columns)
        scale = self.width_mm / width if width > self.width_mm else 1.0
        table = build_table(
            columns,
            rows,
            description=clean(description),
            header_rows=header_rows,
            row_headers=row_headers,
            style_id=style.replace(" ", ""),
            row_height_mm=row_height_mm,
            scale=scale,
        )
        self._put(table)

    def figures(self, figures: Sequence[Figure]) -> None:
        """Add the strip of main numbers."""
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
            lines="none",
        )
        self._put(table)

    def banner(self, large: str, small: str) -> None:
        """Add a few words to be read across a room, with a line below them."""
        table = build_table(
            [Column(small, self.width_mm, "center")],
            [Row([Cell(small, fill=PALE, bold=True, size=13)])],
            description=f"{small}: {large}",
            header_rows=[Row([Cell(large, fill=PALE, bold=True, size=40, colour=ACCENT)])],
            lines="none",
        )
        self._put(table)

    def _put(self, table: Any, *, gap: bool = True) -> None:
        body = self.document.element.body
        body.insert(len(body) - 1, table)  # before the section's properties, which stay last
        if gap:
            self.add("", "Gap")

    def picture(self, png: bytes, *, width_mm: float, alt_text: str, caption: str = "") -> None:
        """Add a picture with the text that a screen reader reads out, and a caption below where one is given.

        It stays on one page with its caption, else with the table that follows it.
        """
        paragraph = self.add("", "Picture")
        shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Mm(min(width_mm, self.width_mm)))
        self._picture += 1
        properties = shape._inline.docPr
        properties.set("id", str(self._picture))
        properties.set("name", f"Chart {self._picture}")
        properties.set("descr", clean(alt_text))
        paragraph.paragraph_format.keep_with_next = True
        if caption:
            self.add(clean(caption), "Caption")

    def lines_to_sign(self, labels: Sequence[tuple[str, float]]) -> None:
        """Add ruled lines side by side for signatures by hand: what each is for, and its share of the width."""
        paragraph = self.add("", "Signature Line")
        end = 0.0
        for label, share in labels:
            end += share * self.width_mm
            paragraph.paragraph_format.tab_stops.add_tab_stop(
                Mm(end - 3), WD_TAB_ALIGNMENT.LEFT, WD_TAB_LEADER.LINES
            )
            paragraph.add_run(f"{clean(label)} \t  ")

    def number_pages(self, left: str, page: str, of: str) -> None:
        """Add a footer with a text at the left and, in these words, the page and the number of pages at the right."""
        paragraph = self.document.sections[0].footer.paragraphs[0]
        paragraph.style = "Footer"
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(self.width_mm), WD_TAB_ALIGNMENT.RIGHT)
        self.write(paragraph, f"{left}{_BEFORE_PAGE}\t{page}{_TOGETHER}")
        paragraph._p.append(self.word_field("PAGE", "1"))
        self.write(paragraph, f"{_TOGETHER}{of}{_TOGETHER}")
        paragraph._p.append(self.word_field("NUMPAGES", "1"))

    def word_field(self, instruction: str, shown: str) -> Any:
        """Return a Word field as it stands in a paragraph, with what it shows until it is updated."""
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), instruction)
        run = OxmlElement("w:r")
        text = OxmlElement("w:t")
        text.text = shown
        run.append(text)
        field.append(run)
        return field

    def save(self) -> bytes:
        """Return the DOCX. The same additions give the same bytes."""
        written = io.BytesIO()
        self.document.save(written)
        with zipfile.ZipFile(written) as archive:
            entries = [zip_entry(name, archive.read(name), self.compression) for name in archive.namelist()]
        return ZipStart(entries).finish([])
