"""A footer with the page's number, for documents that have none where pages are counted through a whole bundle."""

from __future__ import annotations

import re

from docx.oxml.ns import nsdecls, qn
from lxml import etree

from letters.docx.field_codes import W_FLDSIMPLE, W_INSTR, W_INSTRUCTION
from letters.docx.package import parse_xml

W_FTR = qn("w:ftr")
_PAGE = re.compile(r"\s*PAGE\b", re.IGNORECASE)
_RUN = '<w:r><w:rPr><w:sz w:val="18"/></w:rPr><w:t xml:space="preserve">{}</w:t></w:r>'
_FIELD = '<w:fldSimple w:instr=" {} "><w:r><w:rPr><w:sz w:val="18"/></w:rPr><w:t>1</w:t></w:r></w:fldSimple>'


def has_page_number(root: etree._Element) -> bool:
    """Return whether a header or footer shows the page's number."""
    codes = [element.text or "" for element in root.iter(W_INSTR)]
    codes += [element.get(W_INSTRUCTION, "") for element in root.iter(W_FLDSIMPLE)]
    return any(_PAGE.match(code) for code in codes)


def page_number() -> etree._Element:
    """Return a paragraph at the right: "Page 8 of 12"."""
    words = _RUN.format("Page ") + _FIELD.format("PAGE") + _RUN.format(" of ") + _FIELD.format("NUMPAGES")
    return parse_xml(f'<w:p {nsdecls("w")}><w:pPr><w:jc w:val="right"/></w:pPr>{words}</w:p>'.encode())


def footer_with_page_number() -> etree._Element:
    """Return a footer with nothing else."""
    footer = parse_xml(f"<w:ftr {nsdecls('w')}/>".encode())
    footer.append(page_number())
    return footer
