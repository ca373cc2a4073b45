"""Find placeholders that are typed as text, which a letter would print as they stand.

Offices know four ways to write one: ``«x»``, ``<<x>>``, ``{{x}}`` and ``${x}``. Word keeps each as ordinary text, in as
many runs as it likes, unless it was inserted as a merge field. Halves count too: what is left of a field that was half
deleted prints just as badly.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from docx.oxml.ns import qn
from lxml import etree

from letters.template.merge_fields import MARK, W_T, own_elements

FIELD = "\ufffc"
"""Stands in a paragraph's text for a merge field."""
_BLANKS = {qn(f"w:{name}") for name in ("br", "cr", "tab", "ptab")}
_M_T = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_HYPHEN = qn("w:noBreakHyphen")
# Attributes with words that a screen reader says, or that are drawn (ornamental text of VML).
_SPOKEN = ("descr", "title", "alt", "string", qn("w:tooltip"))
_SPOKEN_ELEMENTS = {qn("w:tblCaption"), qn("w:tblDescription")}

_PROMPTS = (
    "click or tap here to enter|click here to enter|click or tap to enter|click to enter|"
    "click here to type|choose an item|choose a building block|type text here"
)
_TYPED = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"[«‹《≪][^«»‹›《》≪≫]{0,60}[»›》≫]?|[»›》≫]",
        r"<<[^<>]{0,60}(?:>>?)?|>>",
        r"[$#%]?\{\{?[^{}]{0,60}\}{0,2}|\}",
        r"\bMERGEFIELD\b|\bTable(?:Start|End)\s?:\s?\w*|\bImage:\w+",
        r"\\\*\s?(?:MERGEFORMAT|CHARFORMAT|Upper|Lower|FirstCap|Caps)\b|\\[@#]\s?[\"“]",
        rf"<[a-z{FIELD}/][^<>@:]{{0,60}}>",
        r"\[\[[^\[\]]{0,60}(?:\]\]?)?|\]\]",
        r"\[\s?(?!(?:delete|tick|please|see|sic|circle|optional|if)\b)[^\W\d][^\[\]]{0,60}\]",
        r"%\w+%|%%\w+|#[a-z]\w*#|@@\w+|(?<!\w)\$[a-z]\w*|(?<!\w)([@~^|])[a-z]\w*\1|\*\|[^|]{1,60}\|\*",
        r"(?<![\w@./:\\&=?%#~+-])[a-z]+\d*(?:_[a-z0-9]+)+(?!\w*(?:_|@|/|\.\w))",
        r"\berror! (?:reference|bookmark|no text|unknown|not a|main|hyperlink|filename|use the)",
        _PROMPTS,
    )
]


def typed_placeholder(text: str) -> str | None:
    """Given the text of a paragraph, return the first placeholder typed in it, None when there is none.

    Letters are compared in their plain forms, and what cannot be seen (zero-width characters) is passed over.
    """
    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFKC", text)
        if unicodedata.category(letter) != "Cf" or letter == FIELD
    )
    plain = " ".join(plain.split())
    matches = [found for pattern in _TYPED if (found := pattern.search(plain))]
    if not matches:
        return None
    first = min(matches, key=lambda found: (found.start(), -found.end()))
    return first[0].replace(FIELD, "…").strip()


def text_of(paragraph: etree._Element) -> str:
    """Return what a paragraph shows, its runs joined, with :data:`FIELD` for each merge field."""
    letters: list[str] = []
    for element in own_elements(paragraph):
        if isinstance(element, etree._ProcessingInstruction):
            if element.target == MARK and (element.text or "").split()[0] in _STANDS_FOR_A_FIELD:
                letters.append(FIELD)
        elif element.tag in (W_T, _M_T):
            letters.append(element.text or "")
        elif element.tag in _BLANKS:
            letters.append(" ")
        elif element.tag == _HYPHEN:
            letters.append("-")
    return "".join(letters)


_STANDS_FOR_A_FIELD = ("field", "picture", "start", "stop")


def spoken_words(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Give each text of a part that stands in an attribute: alternative texts, and ornamental text that is drawn."""
    for element in root.iter(etree.Element):
        for name in _SPOKEN:
            words = element.get(name)
            if words:
                yield element, words
        if element.tag in _SPOKEN_ELEMENTS:
            yield element, element.get(qn("w:val"), "")


def drawn_words(root: etree._Element) -> Iterator[str]:
    """Give each text of a chart or a diagram, paragraph by paragraph, and the text that a chart keeps of its sheet."""
    for element in root.iter(etree.Element):
        name = etree.QName(element).localname
        if name == "p" and element.tag != qn("w:p"):
            yield "".join(each.text or "" for each in element.iter(etree.Element) if each.tag == _DRAWN_T)
        elif name == "v":
            yield element.text or ""


_DRAWN_T = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
