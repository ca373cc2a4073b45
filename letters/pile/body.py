"""Rewrite the text of one document for the joined one: styles, lists, bookmarks and page counts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from docx.oxml.ns import qn
from lxml import etree

from letters.docx.field_codes import W_FLDSIMPLE, W_INSTR, count_all_pages, join_codes
from letters.docx.package import attributes, detach, parse_xml
from letters.pile.numbering import W_NUM_ID, W_VAL, DocumentLists
from letters.pile.page_numbers import W_FTR, has_page_number, page_number
from letters.pile.styles import StyleMap

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
W_P, W_PPR, W_TBL, W_TBLPR = qn("w:p"), qn("w:pPr"), qn("w:tbl"), qn("w:tblPr")
W_PSTYLE, W_RSTYLE, W_TBLSTYLE = qn("w:pStyle"), qn("w:rStyle"), qn("w:tblStyle")
W_NUMPR = qn("w:numPr")
W_ID, W_BOOKMARK, W_BOOKMARK_END = qn("w:id"), qn("w:bookmarkStart"), qn("w:bookmarkEnd")
_TRACES = tuple(
    qn(f"w:{name}") for name in ("commentRangeStart", "commentRangeEnd", "commentReference", "sectPrChange")
)
_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
_BEFORE_NUMBERING = {
    qn(f"w:{name}")
    for name in ("pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl")
}
_ALL_PAGES = re.compile(r"\bNUMPAGES\b", re.IGNORECASE)
# Word counts the pages of a section itself; what does not know that field asks for the number of the last page.
_PAGES = (
    '<mc:AlternateContent xmlns:w="{w}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    '<mc:Choice xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" Requires="w15">'
    '<w:instrText xml:space="preserve"/></mc:Choice>'
    '<mc:Fallback><w:instrText xml:space="preserve"/></mc:Fallback></mc:AlternateContent>'
)
_FIELD = (
    '<w:x xmlns:w="{w}"><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"/></w:r>'
    '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:x>'
)


@dataclass
class StoryRewriter:
    """What one document's body, headers, footers and notes are changed by."""

    number: int  # of the document, from 1
    styles: StyleMap
    lists: DocumentLists
    bookmarks: dict[str, str]  # old name to new
    end_mark: (
        str  # the bookmark on the document's last page; empty where pages are counted through all documents
    )
    one_section: bool

    def __call__(self, root: etree._Element) -> None:
        """Change ``root`` in place."""
        for element in list(root.iter(*_TRACES)):
            detach(element)
        for element, name, _ in attributes(root, "//@n:paraId | //@n:textId", _W14):
            del element.attrib[name]
        self._name_styles(root)
        for element in root.iter(W_NUM_ID):
            element.set(W_VAL, self.lists.number(element.get(W_VAL, "0")))
        self._count_pages(root)
        self._follow_bookmarks(root)

    def _name_styles(self, root: etree._Element) -> None:
        ids, numbered = self.styles.ids, self.styles.numbered
        for paragraph in root.iter(W_P) if numbered or self.styles.default_paragraph else ():
            properties = paragraph.find(W_PPR)
            style = properties.find(W_PSTYLE) if properties is not None else None
            name = style.get(W_VAL, "") if style is not None else self.styles.own_default
            if properties is None and (name in numbered or self.styles.default_paragraph):
                properties = etree.Element(W_PPR)
                paragraph.insert(0, properties)
            if properties is not None and name in numbered and properties.find(W_NUMPR) is None:
                _put_in_list(properties, *numbered[name])
            if properties is not None and style is None and self.styles.default_paragraph:
                properties.insert(0, _with_value(W_PSTYLE, self.styles.own_default))
        if self.styles.default_table:
            for table in root.iter(W_TBLPR):
                if table.find(W_TBLSTYLE) is None:
                    table.insert(0, _with_value(W_TBLSTYLE, self.styles.own_default_table))
        for element in root.iter(W_PSTYLE, W_RSTYLE, W_TBLSTYLE) if ids else ():
            element.set(W_VAL, ids.get(element.get(W_VAL, ""), element.get(W_VAL, "")))

    def _count_pages(self, root: etree._Element) -> None:
        join_codes(root)
        if self.one_section or not self.end_mark:
            count_all_pages(root)
        if not self.end_mark:
            if root.tag == W_FTR and not has_page_number(root):
                root.append(page_number())
            return
        for simple in [
            each for each in root.iter(W_FLDSIMPLE) if _ALL_PAGES.search(each.get(qn("w:instr"), ""))
        ]:
            runs = list(parse_xml(_FIELD.format(w=_W).encode()))
            runs[1][0].text = simple.get(qn("w:instr"))
            for run in (*runs[:3], *simple, runs[3]):
                simple.addprevious(run)
            detach(simple)
        for code in [each for each in root.iter(W_INSTR) if _ALL_PAGES.search(each.text or "")]:
            last_page = _ALL_PAGES.sub(f"PAGEREF {self.end_mark}", code.text or "")
            if not self.one_section:
                code.text = last_page
                continue
            either = parse_xml(_PAGES.format(w=_W).encode())
            either[0][0].text, either[1][0].text = _ALL_PAGES.sub("SECTIONPAGES", code.text or ""), last_page
            code.addprevious(either)
            detach(code)

    def _follow_bookmarks(self, root: etree._Element) -> None:
        if not self.bookmarks:
            return
        for element in root.iter(qn("w:hyperlink")):
            anchor = element.get(qn("w:anchor"))
            if anchor in self.bookmarks:
                element.set(qn("w:anchor"), self.bookmarks[anchor])
        words = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in self.bookmarks))
        for code in root.iter(W_INSTR):
            code.text = words.sub(lambda name: self.bookmarks[name[0]], code.text or "")
        for simple in root.iter(W_FLDSIMPLE):
            instruction = simple.get(qn("w:instr"), "")
            simple.set(qn("w:instr"), words.sub(lambda name: self.bookmarks[name[0]], instruction))


def _with_value(tag: str, value: str) -> etree._Element:
    element = etree.Element(tag)
    element.set(W_VAL, value)
    return element


def _put_in_list(properties: etree._Element, number: str, level: str) -> None:
    """Name the list that the style put the paragraph in, by the document's own number."""
    element = etree.Element(W_NUMPR)
    element.extend([_with_value(qn("w:ilvl"), level), _with_value(W_NUM_ID, number)])
    properties.insert(sum(child.tag in _BEFORE_NUMBERING for child in properties), element)
