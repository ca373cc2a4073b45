"""Paper for the shipped templates: text with merge fields and bold, in one language or two."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement
from docx.oxml.table import CT_Tbl
from docx.shared import Pt
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.text.paragraph import Paragraph

from letters.docx.look import BODY, LANGUAGES, LEFT_MM, LINE, letter_document
from letters.docx.paper import Paper
from letters.docx.table import Cell, Column, Lines, Row, build_table
from letters.wording.source import Piece, pieces

_LEAST_LINES = 6
"""A page has no fewer."""


GAP, AFTER_GAP = 5, 3
"""The height of an empty paragraph after a table and the room after it, in points; of two rooms that meet the larger counts."""


class TemplatePaper(Paper):
    """One template under construction. ``language`` may change on the way in a document of two.

    Nothing of it is compressed, so that any version of zlib gives the same bytes.
    """

    compression = 0

    def __init__(
        self,
        title: str,
        language: str,
        *,
        landscape: bool = False,
        margin_mm: float = LEFT_MM,
        marks_language: bool = False,
        size: float = BODY,
    ) -> None:
        """Begin a template. ``marks_language``: it holds two languages, so each run says which it is in.

        ``size`` is that of the text, in points.
        """
        self.marks_language = marks_language
        super().__init__(
            title,
            language=language,
            landscape=landscape,
            margin_mm=margin_mm,
            empty=partial(letter_document, body=size),
        )

    def write(self, paragraph: Paragraph, text: str) -> None:
        """Add a wording's line to a paragraph; ``\\n`` breaks the line within it."""
        for piece in pieces(text):
            if piece.field:
                paragraph._p.append(self._merge_field(piece))
                continue
            for number, line in enumerate(piece.text.split("\n")):
                run = paragraph.add_run()
                if number:
                    run.add_break()
                run.add_text(line)
                if piece.bold:
                    run.bold = True
                self._mark_language(run._r)

    def first(self, cell: Any, text: str, style: str) -> Paragraph:
        """Write the paragraph that a cell has from the start, and return it."""
        paragraph: Paragraph = cell.paragraphs[0]
        paragraph.style = style
        self.write(paragraph, text)
        return paragraph

    def _merge_field(self, piece: Piece) -> Any:
        picture = f' \\@ "{piece.picture}"' if piece.picture else ""
        field = self.word_field(f"MERGEFIELD {piece.text}{picture}", f"«{piece.text}»")
        if piece.bold:
            field[0].get_or_add_rPr().insert(0, OxmlElement("w:b"))
        return field

    def word_field(self, instruction: str, shown: str) -> Any:
        """Return a Word field in the language of the paper."""
        field = super().word_field(f" {instruction} ", shown)
        self._mark_language(field[0])
        return field

    def _mark_language(self, run: Any) -> None:
        """Text of a document with two languages says which it is in; that also decides month names."""
        if self.marks_language:
            language = OxmlElement("w:lang")
            language.set(qn("w:val"), LANGUAGES[self.language])
            run.get_or_add_rPr().append(language)

    def layout_table(
        self, widths_mm: Sequence[float], rows: Sequence[Row], padding: tuple[int, int] = (0, 0)
    ) -> Table:
        """Add a table that only sets things side by side, without lines; return it for filling its cells."""
        table = build_table(
            _columns(widths_mm),
            rows,
            description="",
            header_rows=None,
            lines="none",
            padding=padding,
            write=self._write_cell,
        )
        self._put(table, gap=False)
        return Table(cast(CT_Tbl, table), self.document._body)

    def data_table(
        self,
        widths_mm: Sequence[float],
        rows: Sequence[Row],
        description: str,
        *,
        header: Row | None = None,
        lines: Lines = "rows",
        row_headers: bool = False,
    ) -> None:
        """Add a table of facts. ``description`` is read out by a screen reader; ``row_headers``: labels come first."""
        table = build_table(
            _columns(widths_mm),
            rows,
            description=description,
            header_rows=[header] if header else None,
            row_headers=row_headers,
            lines=lines,
            colour=LINE,
            padding=(0, 0) if lines == "none" else (27, 91),
            write=self._write_cell,
        )
        self._put(table, gap=False)
        self.after_table()

    @property
    def parts(self) -> list[Any]:
        """The paragraphs and tables so far."""
        body = self.document.element.body
        return [part for part in body if part.tag in (qn("w:p"), qn("w:tbl"))]

    def keep_last_section(self, parts: Sequence[Any]) -> None:
        """Hold the last section on one page, from its heading on; with the one before it where it has few lines.

        What stands up to a table of any number of rows is left out: such a table may need more than a page.
        No letter or form then goes on to a page that holds nothing but a line to sign or a reference.
        """
        end = len(parts) - 1
        headings = [n for n in range(end) if _style(parts[n]).startswith("Heading")]
        start = headings.pop() if headings else end
        while headings and sum(map(_lines, parts[start:])) < _LEAST_LINES:
            start = headings.pop()
        any_length = [n + 1 for n in range(start, end) if _repeats(parts[n])]
        start = max([start, *any_length])
        for part in parts[start:end]:
            _keep_with_next(part)

    def close(self, parts: Sequence[Any], ways: str) -> None:
        """Put the last text of a letter and its signature into rows that no page break can split, all kept together.

        ``parts`` are those of the letter, ``ways`` the line before the signature. LibreOffice breaks a page between
        paragraphs of more than one line, although they are to be kept with the next, where a table stands before
        them. There are two rows, for it does not keep a table of one such row with what follows. The head's title
        follows the table, where Word wants a paragraph; the heading stays outside, where Word's navigation finds it.
        """
        number = next((n for n in range(len(parts) - 1, -1, -1) if ways in _text(parts[n])), None)
        if number is None:
            return
        headings = [n for n in range(number) if _style(parts[n]) == "Heading2"]
        tables = [n for n in range(number) if parts[n].tag == qn("w:tbl")]
        start = max([n + 1 for n in headings] + [n + 2 for n in tables], default=0)
        if not headings or start > headings[-1] + 1:
            start = max(start, number - 1)
        table = self.layout_table((self.width_mm,), [Row([Cell()]), Row([Cell()])])._tbl
        parts[start].addprevious(table)
        text, signature = table.iter(qn("w:tc"))
        _fill(text, parts[start : number + 1])
        title = next(n for n in range(number, len(parts)) if "«head_title" in _text(parts[n]))
        _fill(signature, parts[number + 1 : title])
        _keep_with_next(table)
        if self.parts[-1] is not parts[title]:
            Paragraph(parts[title], self.document._body).paragraph_format.space_after = Pt(8)

    def join_room_after_tables(self) -> None:
        """Give the room after a table to the text that follows it, in place of a small paragraph of its own.

        LibreOffice leaves a heading alone at the foot of a page where such a paragraph stands after a table before it.
        """
        for table, gap, text in zip(self.parts, self.parts[1:], self.parts[2:], strict=False):
            if table.tag != qn("w:tbl") or _style(gap) != "Gap" or _text(gap):
                continue
            if (
                text.tag != qn("w:p")
                or _style(text) == "Gap"
                or gap.find(f".//{qn('w:pageBreakBefore')}") is not None
            ):
                continue
            following = Paragraph(text, self.document._body)
            style = cast(ParagraphStyle, following.style).paragraph_format
            own = following.paragraph_format.space_before or style.space_before or Pt(0)
            following.paragraph_format.space_before = Pt(GAP + max(AFTER_GAP, own.pt))
            gap.getparent().remove(gap)

    def end(self) -> None:
        """Keep the paragraph that Word needs after a last table on the page of that table, and make it small.

        LibreOffice keeps a table of one row with what follows only where a page may break in the row.
        """
        *_, table, last = self.parts
        if not _text(last):
            spacing = Paragraph(last, self.document._body).paragraph_format
            spacing.space_after, spacing.line_spacing = Pt(0), Pt(1)
            rows = list(table.iter(qn("w:tr")))
            if len(rows) == 1:
                properties = rows[0].find(qn("w:trPr"))
                properties.remove(properties.find(qn("w:cantSplit")))

    def keep_last_with_next(self) -> None:
        """Hold the last part so far, with the room below it, on the page of what is added next."""
        *_, table, gap = self.parts
        last_row = list(table.iter(qn("w:tr")))[-1:] or [table]
        for part in (*last_row, gap):
            _keep_with_next(part)

    def after_table(self) -> None:
        """Leave the room that follows a table."""
        self.add("", "Gap").paragraph_format.space_after = Pt(AFTER_GAP)

    def _write_cell(self, paragraph: Any, text: str) -> None:
        self.write(Paragraph(paragraph, self.document._body), text)


def _keep_with_next(part: Any) -> None:
    """Hold every paragraph of a part on the page of what follows it."""
    for paragraph in part.iter(qn("w:p")):
        paragraph.get_or_add_pPr().get_or_add_keepNext().val = True


def _fill(cell: Any, parts: Sequence[Any]) -> None:
    """Put parts into an empty cell, in place of the paragraph that it has."""
    for empty in cell.findall(qn("w:p")):
        cell.remove(empty)
    for part in parts:
        cell.append(part)


def _text(part: Any) -> str:
    return "".join(text.text or "" for text in part.iter(qn("w:t")))


def _lines(part: Any) -> int:
    """Return the least lines that a part has on paper."""
    if part.tag == qn("w:p"):
        return int(bool(_text(part)))
    rows = [[sum(map(bool, map(_text, cell.iter(qn("w:p"))))) for cell in row.iter(qn("w:tc"))] for row in part.iter(qn("w:tr"))]  # fmt: skip
    return sum(max(row) for row in rows)


def _repeats(part: Any) -> bool:
    """Return whether a part is a table with a row for each record of a block, and is not to stay on one page."""
    rows = list(part.iter(qn("w:tr")))
    return bool(rows) and "TableStart" in rows[-1].xml and rows[-1].find(f".//{qn('w:keepNext')}") is None


def _style(part: Any) -> str:
    """Return a paragraph's style; empty for a table."""
    return part.style or "" if part.tag == qn("w:p") else ""


def _columns(widths_mm: Sequence[float]) -> list[Column]:
    return [Column("", width_mm) for width_mm in widths_mm]
