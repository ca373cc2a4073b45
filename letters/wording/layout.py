"""Lay out what every letter has, and what a wording names in brackets: letterhead, envelope, tables, signature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from letters.docx.look import ACCENT, PALE, TOP_MM
from letters.docx.table import HEADING_STYLE, Cell, Edge, Row
from letters.wording.phrases import PHRASES
from letters.wording.template_paper import TemplatePaper

# A window envelope (DL) shows what is from 45 to 80 mm below the top and from 20 mm to 105 mm from the left: eight lines.
# A longer block grows and moves the letter down; no line of it is cut.
ENVELOPE_TOP_MM, BODY_TOP_MM = 46, 82
LETTERHEAD_MM, FORM_LETTERHEAD_MM = 31, 26
ADDRESS_LINES = 7
ROOM_TO_SIGN_MM = 11
_TO_WRITE_ON = Edge("bottom", "808890", 6)
_TONES = {
    "green": ("2E7D32", "E8F3E9"),
    "amber": ("B26A00", "FDF1DC"),
    "red": ("B3261E", "FBE9E7"),
    "plain": (ACCENT, PALE),
}


class Layout:
    """Adds parts to one paper, in the paper's language."""

    def __init__(self, paper: TemplatePaper) -> None:
        self.paper = paper

    def say(self, name: str) -> str:
        """Return a phrase of the layouts in the paper's language."""
        return PHRASES[self.paper.language][name]

    def both_pages(self) -> tuple[str, str]:
        """Return how the pages of a document of two languages are numbered: "Tudalen · Page 1 / 3"."""
        return "\u00a0·\u00a0".join(PHRASES[one]["page"] for one in ("cy", "en")), "/"

    def letterhead(self, height_mm: float = LETTERHEAD_MM) -> None:
        """Add the school at the left, the logo at the right, a line below."""
        line = Edge("bottom", ACCENT, 12)
        school = Cell("«school_name»", style_id="Title", edge=line, vertical="top", more=(
            ("Letterhead", "«school_address»"), ("Letterhead", "«school_contact»"),
        ))  # fmt: skip
        logo = Cell("«Image:logo»", style_id="Letterhead", align="right", edge=line, vertical="top")
        widths = (self.paper.width_mm - 52, 52)
        self.paper.layout_table(widths, [Row([school, logo], height_mm=height_mm, exact=True)])

    def envelope(self) -> None:
        """Add name and address where a DL window shows them; date, pupil and reference at their right."""
        self._gap(ENVELOPE_TOP_MM - TOP_MM - LETTERHEAD_MM)
        address = [("Envelope", f"«address_line_{number}»") for number in range(1, ADDRESS_LINES + 1)]
        about = [("Aside", text) for text in ("**«pupil_name»**", self.say("class"), self.say("reference"))]
        row = Row(
            [
                Cell(self.say("addressee"), style_id="Envelope", vertical="top", more=address),
                Cell("«date»", style_id="Aside", vertical="top", more=about),
            ],
            height_mm=BODY_TOP_MM - ENVELOPE_TOP_MM,
        )
        table = self.paper.layout_table((92, self.paper.width_mm - 92), [row])
        for paragraph in table.rows[0].cells[0].paragraphs:
            paragraph.paragraph_format.right_indent = Mm(4)  # the window ends 90 mm from its left edge

    def _gap(self, height_mm: float) -> Paragraph:
        paragraph = self.paper.add("", "Gap")
        spacing = paragraph.paragraph_format
        spacing.space_after = spacing.space_before = Pt(0)
        spacing.line_spacing = Mm(height_mm)
        _exact(paragraph)
        return paragraph

    def dear(self, _: str = "") -> None:
        """Add the greeting."""
        self.paper.add(self.say("dear")).paragraph_format.space_before = Pt(6)

    def sign_off(self, _: str = "") -> None:
        """Add how to have the letter in another way, "Yours sincerely", the head's signature or room for it, name and title.

        Without a name the title alone stands under the room to sign.
        """
        self.paper.add(self.say("other_ways"))
        signed = [
            self.paper.add(self.say("sincerely")),
            self.paper.add("«Image:signature»"),
            self.paper.add("«?if_no_signature»", "Gap"),
        ]
        signed += [self._gap(ROOM_TO_SIGN_MM), self.paper.add("«/if_no_signature»", "Gap")]
        signed += [self.paper.add("**«head_name»**"), self.paper.add(self.say("head_title"))]
        for paragraph in signed:
            paragraph.paragraph_format.space_after = Pt(0)
        for paragraph in signed[:-1]:
            paragraph.paragraph_format.keep_with_next = True

    def figures(self, _: str = "") -> None:
        """Add the year to date: attendance, and both numbers it is made of."""
        widths = [self.paper.width_mm * share for share in (0.36, 0.19, 0.3, 0.15)]
        values = (
            ("«attendance_percent»%", self.say("span")),
            (self.say("attended_value"),),
            tuple(self.say(name) for name in ("missed_value", "missed_days", "missed_split")),
            ("«late»",),
        )
        cells = [
            Cell(first, style_id="Figure", vertical="top", more=[("Small", line) for line in more])
            for first, *more in values
        ]
        header = self._header("attendance", "attended", "missed", "late")
        self.paper.data_table(widths, [Row(cells)], self.say("figures_about"), header=header)

    def bands(self, _: str = "") -> None:
        """Add every band in one run of text, the pupil's own one bold and marked with words, to be read in black and white.

        A policy has up to seven: a table of them would take a third of the page.
        """
        name, percentages = self.say("band_name"), self.say("band_range")
        here = f"«?here» **{percentages}: {name} {self.say('here')}**«/here»"
        elsewhere = f"«?elsewhere» {percentages}: {name}«/elsewhere»"
        text = f"**{self.say('bands')}**«?bands» •{here}{elsewhere}«/bands»"
        self.paper.layout_table((self.paper.width_mm,), [Row([Cell(text, fill=PALE)])], padding=(27, 91))
        self.paper.after_table()

    def sessions(self, _: str = "") -> None:
        """Add the sessions that decided, one row a day and code."""
        day = "«session_date|dddd d MMMM yyyy»"
        cells = [day, self.say("session_halves"), "«session_code»", self.say("session_meaning")]
        self._rows(
            "sessions", (53, 41, 13, 63), ("when", "session", "code", "meaning"), cells, "sessions_about"
        )

    def lates(self, _: str = "") -> None:
        """Add late arrivals with the minutes, where they are recorded."""
        day = "«session_date|dddd d MMMM yyyy»"
        cells = [day, self.say("session_halves"), "«session_code»", self.say("session_minutes")]
        self._rows(
            "sessions", (66, 42, 22, 40), ("when", "session", "code", "minutes"), cells, "sessions_about"
        )

    def spells(self, name: str = "") -> None:
        """Add absences with days that follow each other in one row; those of the year unless another block is named."""
        cells = [
            self.say("spell_when"),
            self.say("spell_sessions"),
            "«session_code»",
            self.say("session_meaning"),
        ]
        heads = ("when", "sessions", "code", "meaning")
        self._rows(name or "absence_spells", (70.5, 21, 12, 66.5), heads, cells, "sessions_about")

    def earlier_forms(self, _: str = "") -> None:
        """Add the pupil's earlier consideration forms with the sessions that each used, for the office's forms."""
        cells = [
            "«earlier_form_date|d MMMM yyyy»\n«earlier_form_key»",
            self.say("earlier_form_sessions"),
            self.say("earlier_form_decision"),
        ]
        heads = ("form", "sessions_used", "decision")
        self._rows("earlier_forms", (38, 84, 48), heads, cells, "earlier_forms_about")

    def half_terms(self, _: str = "") -> None:
        """Add the year's half terms."""
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
        """Add the year's absences by code."""
        cells = ["«reason_code»", self.say("reason_name"), "«reason_sessions»"]
        self._rows(
            "reasons", (20, 110, 40), ("code", "reason", "sessions"), cells, "reasons_about", together=True
        )

    def adults(self, _: str = "") -> None:
        """Add adults with parental responsibility, for the office's and the authority's forms."""
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
        """Add a table with a header row and one row that repeats for each record of a block."""
        cells[0] = f"«?{block}»{cells[0]}"
        cells[-1] = f"{cells[-1]}«/{block}»"
        row = Row([_lines(text) for text in cells], keep=together)
        self.paper.data_table(widths, [row], self.say(about), header=self._header(*heads))

    def _header(self, *names: str) -> Row:
        return Row([_head(self.say(name) if name else "") for name in names])

    def banner(self, text: str) -> None:
        """Add a tinted line with a thick edge: "green: text", "amber: text", "red: text" or plain text."""
        tone, separator, words = text.partition(": ")
        if not separator or tone not in _TONES:
            tone, words = "plain", text
        colour, tint = _TONES[tone]
        cell = Cell(words, style_id="Normal", fill=tint, edge=Edge("left", colour, 48), vertical="top")
        table = self.paper.layout_table((self.paper.width_mm,), [Row([cell])])
        spacing = table.rows[0].cells[0].paragraphs[0].paragraph_format
        spacing.space_before = spacing.space_after = Pt(4)
        spacing.left_indent = spacing.right_indent = Mm(3)
        self.paper.after_table()

    def to_sign(self, text: str) -> None:
        """Add ruled lines for signatures by hand, on the page of what is signed: one for each name, by semicolons."""
        self.paper.keep_last_with_next()
        line = Cell(edge=_TO_WRITE_ON)
        rows = [
            Row(
                [_label(name.strip() or self.say("signed")), line, Cell(), _label(self.say("day")), line],
                height_mm=11,
            )
            for name in text.split(";")
        ]
        self.paper.data_table(
            (48, 70, 3, 17, 32), rows, self.say("form_about"), lines="none", row_headers=True
        )

    def form(self, rows: tuple[tuple[str, ...], ...], header: bool) -> None:
        """Add rows of label and value; with a header row, a table of as many columns. ``___`` leaves room to write."""
        columns = max(len(row) for row in rows)
        narrow = 60 if columns == 2 else self.paper.width_mm / columns
        widths = [narrow, *([(self.paper.width_mm - narrow) / (columns - 1)] * (columns - 1))]
        heads, body = (rows[:1], rows[1:]) if header else ((), rows)
        self.paper.data_table(
            widths,
            [_form_row(row, labelled=not header) for row in body],
            self.say("form_about"),
            header=Row([_head(text) for text in heads[0]]) if heads else None,
            lines="box",
            row_headers=not header,
        )

    def page(self, _: str = "") -> None:
        """Go on at the next page."""
        paragraph = self.paper.add("", "Gap")
        paragraph.paragraph_format.page_break_before = True

    def space(self) -> None:
        """Leave a little room below a letterhead."""
        self._gap(4)

    def add(self, name: str, text: str) -> None:
        """Add the part that a wording names in brackets. Raise ValueError for an unknown name."""
        known: dict[str, Callable[[str], None]] = {
            "dear": self.dear, "sign-off": self.sign_off, "figures": self.figures, "bands": self.bands,
            "sessions": self.sessions, "lates": self.lates, "spells": self.spells, "half-terms": self.half_terms,
            "reasons": self.reasons, "adults": self.adults, "banner": self.banner, "to-sign": self.to_sign,
            "page": self.page,
            "earlier-forms": self.earlier_forms,
        }  # fmt: skip
        if name not in known:
            raise ValueError(f"there is no part [{name}]: use one of {', '.join(known)}")
        known[name](text)


def _head(text: str) -> Cell:
    return Cell(text, style_id=HEADING_STYLE, fill=PALE)


def _label(text: str) -> Cell:
    return Cell(text, style_id=HEADING_STYLE, vertical="bottom")


def _lines(text: str) -> Cell:
    """Return a cell with a paragraph for each line of the text."""
    first, *more = text.split("\n")
    return Cell(first, more=[("TableText", line) for line in more])


def _form_row(texts: Sequence[str], *, labelled: bool) -> Row:
    """Return a row, its first cell a label if so; a cell of underscores stays empty, 3 mm high for each."""
    room = max(len(text) if set(text) == {"_"} else 0 for text in texts)
    cells = [Cell("") if set(text) == {"_"} else _lines(text) for text in texts]
    if labelled:
        cells[0] = _head(texts[0])
    return Row(cells, height_mm=3 * room or None)


def _exact(paragraph: Any) -> None:
    spacing = paragraph._p.get_or_add_pPr().find(qn("w:spacing"))
    spacing.set(qn("w:lineRule"), "exact")
