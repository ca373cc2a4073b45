"""What a wording names in brackets, and what every letter has: letterhead, envelope, tables, signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from letters.wording.paper import ACCENT, PALE, TOP_MM, Paper
from letters.wording.phrases import PHRASES
from letters.wording.tables import (
    Look,
    add_table,
    bottom_edge,
    exact_height,
    fill,
    keep_rows_whole,
    left_edge,
    mark_header,
    shade,
)

ENVELOPE_TOP_MM, BODY_TOP_MM = 50, 92
LETTERHEAD_MM, FORM_LETTERHEAD_MM = 31, 26
OWN_BAND = "D9E4EF"
_KEPT_TOGETHER = 7  # rows of a form that are not parted by a page's end
_TONES = {
    "green": ("2E7D32", "E8F3E9"),
    "amber": ("B26A00", "FDF1DC"),
    "red": ("B3261E", "FBE9E7"),
    "plain": (ACCENT, PALE),
}


class Parts:
    """Puts parts into one paper, in the paper's language."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper

    def say(self, name: str) -> str:
        """A phrase of the layouts in the paper's language."""
        return PHRASES[self.paper.language][name]

    def letterhead(self, height_mm: float = LETTERHEAD_MM) -> None:
        """School at the left, logo at the right, a line below."""
        table = add_table(self.paper, (self.paper.width_mm - 52, 52), 1, "", lines="none")
        left, right = table.rows[0].cells
        self.paper.first(left, "«school_name»", "Title")
        self.paper.paragraph("«school_address»", "Letterhead", at=left)
        self.paper.paragraph("«school_contact»", "Letterhead", at=left)
        logo = self.paper.first(right, "«Image:logo»", "Letterhead")
        logo.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        exact_height(table, height_mm)
        _line_below(table, ACCENT)

    def envelope(self) -> None:
        """Name and address where a DL window shows them; date, pupil and reference beside."""
        self._gap(ENVELOPE_TOP_MM - TOP_MM - LETTERHEAD_MM)
        table = add_table(self.paper, (92, self.paper.width_mm - 92), 1, "", lines="none")
        left, right = table.rows[0].cells
        self.paper.first(left, "«addressee»", "Envelope")
        for number in range(1, 7):
            self.paper.paragraph(f"«address_line_{number}»", "Envelope", at=left)
        for paragraph in left.paragraphs:
            paragraph.paragraph_format.right_indent = Mm(4)  # the window ends 90 mm from its left edge
        self.paper.first(right, "«date»", "Aside")
        for line in ("**«pupil_name»**", self.say("class"), self.say("reference")):
            self.paper.paragraph(line, "Aside", at=right)
        exact_height(table, BODY_TOP_MM - ENVELOPE_TOP_MM)

    def _gap(self, height_mm: float) -> None:
        paragraph = self.paper.paragraph("", "Gap")
        spacing = paragraph.paragraph_format
        spacing.space_after = spacing.space_before = Pt(0)
        spacing.line_spacing = Mm(height_mm)
        _exact(paragraph)

    def dear(self, _: str = "") -> None:
        """The greeting."""
        self.paper.paragraph(self.say("dear"))

    def sign_off(self, _: str = "") -> None:
        """Yours sincerely, the head's signature where the school gives one, name and title."""
        whole = "\n\n\n«Image:signature»\n**«head_name»**\n«head_title»"
        paragraph = self.paper.paragraph(self.say("sincerely") + whole)
        paragraph.paragraph_format.space_before = Pt(6)
        paragraph.paragraph_format.keep_together = True

    def figures(self, _: str = "") -> None:
        """The year to date: attendance, and both numbers it is made of."""
        widths = [self.paper.width_mm * share for share in (0.3, 0.24, 0.28, 0.18)]
        table = add_table(self.paper, widths, 2, self.say("figures_about"))
        heads = [self.say(name) for name in ("attendance", "attended", "missed", "late")]
        values = (
            f"«attendance_percent»%\n{self.say('span')}",
            self.say("attended_value"),
            f"{self.say('missed_value')}\n{self.say('missed_days')}\n{self.say('missed_split')}",
            "«late»",
        )
        for cell, head in zip(table.rows[0].cells, heads, strict=True):
            fill(self.paper, cell, Look(head, "Table Head", PALE))
        for cell, value in zip(table.rows[1].cells, values, strict=True):
            first, *more = value.split("\n")
            fill(self.paper, cell, Look(first, "Figure"))
            for line in more:
                self.paper.paragraph(line, "Small", at=cell)
            _to_top(cell)
        mark_header(table)
        keep_rows_whole(table, with_next=True)
        self._after_table()

    def bands(self, _: str = "") -> None:
        """Every band, the pupil's own one shaded and marked in words, so that it reads in black and white."""
        table = add_table(self.paper, (62, 44, 64), 3, self.say("bands_about"))
        for cell, head in zip(table.rows[0].cells, (self.say("band"), self.say("range"), ""), strict=True):
            fill(self.paper, cell, Look(head, "Table Head", PALE))
        name, stretch = self.say("band_name"), self.say("band_range")
        own = (f"«?bands»«?here»**{name}**", f"**{stretch}**", f"**{self.say('here')}**«/here»")
        other = (f"«?elsewhere»{name}", stretch, "«/elsewhere»«/bands»")
        for row, texts in zip(table.rows[1:], (own, other), strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                fill(self.paper, cell, Look(text))
        for cell in table.rows[1].cells:
            shade(cell, OWN_BAND)
        left_edge(table.rows[1].cells[0], ACCENT)
        mark_header(table)
        keep_rows_whole(table, with_next=True)
        self._after_table()

    def sessions(self, _: str = "") -> None:
        """The sessions that decided, one row a day and code."""
        day = "«session_date|dddd d MMMM yyyy»"
        cells = [day, self.say("session_halves"), "«session_code»", self.say("session_meaning")]
        self._rows(
            "sessions", (58, 42, 13, 57), ("when", "session", "code", "meaning"), cells, "sessions_about"
        )

    def lates(self, _: str = "") -> None:
        """Late arrivals with the minutes, where they are recorded."""
        day = "«session_date|dddd d MMMM yyyy»"
        cells = [day, self.say("session_halves"), "«session_code»", "«session_minutes»"]
        self._rows(
            "sessions", (66, 42, 22, 40), ("when", "session", "code", "minutes"), cells, "sessions_about"
        )

    def spells(self, name: str = "") -> None:
        """Absences with days that follow each other in one row; those of the year unless another block is named.

        The table stays on one page where it fits on one.
        """
        cells = [
            self.say("spell_when"),
            self.say("spell_sessions"),
            "«session_code»",
            self.say("session_meaning"),
        ]
        heads = ("when", "sessions", "code", "meaning")
        self._rows(name or "absence_spells", (72, 22, 13, 63), heads, cells, "sessions_about", together=True)

    def half_terms(self, _: str = "") -> None:
        """The year's half terms."""
        share = self.say("attended_value").replace("«", "«half_term_")
        cells = [
            "«half_term»",
            "«half_term_percent»",
            share,
            "«half_term_authorised»",
            "«half_term_unauthorised»",
        ]
        heads = ("half_term", "range", "attended", "authorised", "unauthorised")
        self._rows("half_terms", (50, 26, 36, 29, 29), heads, cells, "half_terms_about", together=True)

    def reasons(self, _: str = "") -> None:
        """The year's absences by code."""
        cells = ["«reason_code»", self.say("reason_name"), "«reason_sessions»"]
        self._rows(
            "reasons", (20, 110, 40), ("code", "reason", "sessions"), cells, "reasons_about", together=True
        )

    def adults(self, _: str = "") -> None:
        """Adults with parental responsibility, for the office's and the authority's forms."""
        cells = ["«adult_name»", "«adult_relationship»", "«adult_address»\n«adult_email»\n«adult_remark»"]
        self._rows("adults", (50, 36, 84), ("adult", "relationship", "address"), cells, "adults_about")

    def _rows(
        self,
        block: str,
        widths: tuple[float, ...],
        heads: tuple[str, ...],
        cells: list[str],
        about: str,
        *,
        together: bool = False,
    ) -> None:
        """A table with a header row and one row that repeats for each record of a block."""
        table = add_table(self.paper, widths, 2, self.say(about))
        for cell, head in zip(table.rows[0].cells, heads, strict=True):
            fill(self.paper, cell, Look(self.say(head), "Table Head", PALE))
        cells[0] = f"«?{block}»{cells[0]}"
        cells[-1] = f"{cells[-1]}«/{block}»"
        for cell, text in zip(table.rows[1].cells, cells, strict=True):
            fill(self.paper, cell, Look(text))
        mark_header(table)
        keep_rows_whole(table, with_next=together, last_too=together)
        self._after_table()

    def banner(self, text: str) -> None:
        """A tinted line with a thick edge: "green: text", "amber: text", "red: text" or plain text."""
        tone, separator, words = text.partition(": ")
        if not separator or tone not in _TONES:
            tone, words = "plain", text
        edge, tint = _TONES[tone]
        table = add_table(self.paper, (self.paper.width_mm,), 1, "", lines="none")
        cell = table.rows[0].cells[0]
        paragraph = self.paper.first(cell, words, "Normal")
        spacing = paragraph.paragraph_format
        spacing.space_before = spacing.space_after = Pt(4)
        spacing.left_indent = spacing.right_indent = Mm(3)
        shade(cell, tint)
        left_edge(cell, edge, 48)
        self._after_table()

    def to_sign(self, text: str) -> None:
        """Ruled lines for signatures by hand: one for each name, parted by semicolons."""
        names = [name.strip() for name in text.split(";")] if text else [""]
        table = add_table(self.paper, (48, 72, 18, 32), len(names), self.say("form_about"), lines="none")
        for row, name in zip(table.rows, names, strict=True):
            for cell, words in zip(
                row.cells, (name or self.say("signed"), "", self.say("day"), ""), strict=True
            ):
                fill(self.paper, cell, Look(words, "Table Text"))
            for index in (1, 3):
                bottom_edge(row.cells[index])
            row.height = Mm(11)
        keep_rows_whole(table, with_next=True)
        self._after_table()

    def form(self, rows: tuple[tuple[str, ...], ...], header: bool) -> None:
        """Rows of label and value; with a header row, a table of as many columns. ``___`` leaves room to write."""
        columns = max(len(row) for row in rows)
        narrow = 52 if columns == 2 else self.paper.width_mm / columns
        widths = [narrow, *([(self.paper.width_mm - narrow) / (columns - 1)] * (columns - 1))]
        table = add_table(self.paper, widths, len(rows), self.say("form_about"), lines="box")
        for index, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
            for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                is_head = header and index == 0
                label = is_head or (place == 0 and not header)
                room = set(text) == {"_"}
                fill(
                    self.paper,
                    cell,
                    Look(
                        "" if room else text, "Table Head" if label else "Table Text", PALE if label else ""
                    ),
                )
                if room:
                    row.height = Mm(3 * len(text))
        if header:
            mark_header(table)
        keep_rows_whole(table, with_next=len(rows) <= _KEPT_TOGETHER)
        self._after_table()

    def page(self, _: str = "") -> None:
        """Go on at the next page."""
        paragraph = self.paper.paragraph("", "Gap")
        paragraph.paragraph_format.page_break_before = True

    def space(self) -> None:
        """A little room below a letterhead."""
        self._gap(4)

    def _after_table(self) -> None:
        self.paper.paragraph("", "Gap").paragraph_format.space_after = Pt(3)

    def add(self, name: str, text: str) -> None:
        """The part that a wording names in brackets. Raise ValueError for an unknown name."""
        known: dict[str, Callable[[str], None]] = {
            "dear": self.dear, "sign-off": self.sign_off, "figures": self.figures, "bands": self.bands,
            "sessions": self.sessions, "lates": self.lates, "spells": self.spells, "half-terms": self.half_terms,
            "reasons": self.reasons, "adults": self.adults, "banner": self.banner, "to-sign": self.to_sign,
            "page": self.page,
        }  # fmt: skip
        if name not in known:
            raise ValueError(f"there is no part [{name}]: use one of {', '.join(known)}")
        known[name](text)


def _to_top(cell: Any) -> None:
    alignment = cell._tc.get_or_add_tcPr().find(qn("w:vAlign"))
    alignment.set(qn("w:val"), "top")


def _exact(paragraph: Any) -> None:
    spacing = paragraph._p.get_or_add_pPr().find(qn("w:spacing"))
    spacing.set(qn("w:lineRule"), "exact")


def _line_below(table: Any, colour: str) -> None:
    borders = table._tbl.tblPr.find(qn("w:tblBorders"))
    edge = borders.find(qn("w:bottom"))
    for name, value in (("w:val", "single"), ("w:sz", "12"), ("w:space", "0"), ("w:color", colour)):
        edge.set(qn(name), value)
