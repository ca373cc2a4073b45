"""Fields of Word in a tree: their codes, and which of them count pages."""

from __future__ import annotations

import re

from docx.oxml.ns import qn
from lxml import etree

from letters.docx.package import detach

W_FLDCHAR, W_INSTR, W_FLDSIMPLE, W_INSTRUCTION = (
    qn("w:fldChar"),
    qn("w:instrText"),
    qn("w:fldSimple"),
    qn("w:instr"),
)
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_SECTION_PAGES = re.compile(r"\bSECTIONPAGES\b", re.IGNORECASE)


def join_codes(root: etree._Element) -> None:
    """Put the code of each field into one piece; Word splits it as it likes, even inside a word."""
    first: etree._Element | None = None
    for element in list(root.iter(W_FLDCHAR, W_INSTR)):
        if element.tag == W_FLDCHAR:
            first = None
        elif first is None:
            first = element
        else:
            first.text = f"{first.text or ''}{element.text or ''}"
            first.set(_XML_SPACE, "preserve")
            detach(element)


def count_all_pages(root: etree._Element) -> None:
    """Let a part count the pages of the document in place of the section's, which only Word can count."""
    for element in root.iter(W_INSTR):
        element.text = _SECTION_PAGES.sub("NUMPAGES", element.text or "")
    for element in root.iter(W_FLDSIMPLE):
        element.set(W_INSTRUCTION, _SECTION_PAGES.sub("NUMPAGES", element.get(W_INSTRUCTION, "")))
