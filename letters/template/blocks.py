"""Decide what repeats, what may vanish and what must stay whole, and mark it in the tree of one Word part.

A block runs from the field ``TableStart:Name`` to ``TableEnd:Name``:

- markers in different cells of a row, or in different rows: those rows;
- markers in one cell (or one paragraph) that hold all that the row shows: that row;
- markers in one paragraph otherwise: the text between them;
- markers in different paragraphs of one cell, text box, header or body: these paragraphs and all between.

A paragraph or a row that holds markers and nothing else does not appear in the letter.

A line is what a paragraph shows between two line breaks. A line that shows nothing but merge fields, white space and
punctuation is dropped when all these fields come out empty; a paragraph goes when none of its lines remains. The only
paragraph of a cell, text box, header, footer or footnote stays, and so does one that begins a page or ends a section.
"""

from __future__ import annotations

import copy
import unicodedata
from dataclasses import dataclass

from docx.oxml.ns import qn
from lxml import etree

from letters.errors import TemplateError
from letters.template.merge_fields import (
    MARK,
    W_BR,
    W_PPR,
    W_R,
    W_RPR,
    W_T,
    W_TXBX,
    MergeField,
    mark,
    own_elements,
)
from letters.template.position import W_P

W_TR, W_TBL, W_TC, W_BODY, W_SDTCONTENT = (
    qn("w:tr"),
    qn("w:tbl"),
    qn("w:tc"),
    qn("w:body"),
    qn("w:sdtContent"),
)
W_SDT, W_SDTPR, W_TCPR, W_TYPE = qn("w:sdt"), qn("w:sdtPr"), qn("w:tcPr"), qn("w:type")
_STAY = (qn("w:sectPr"), qn("w:pageBreakBefore"))
# A story or cell that Word calls damaged when it holds no paragraph.
_NEEDS_PARAGRAPH = frozenset(
    {W_TC, W_TXBX, W_SDTCONTENT} | {qn(f"w:{name}") for name in ("hdr", "ftr", "footnote", "endnote")}
)
_CONTAINERS = _NEEDS_PARAGRAPH | {W_BODY}
_SHOWS = frozenset(
    {
        qn(f"w:{name}")
        for name in ("drawing", "pict", "object", "sym", "fldChar", "fldSimple", "footnoteReference")
    }
    | {
        qn(f"w:{name}")
        for name in ("endnoteReference", "pgNum", "ruby", "dayLong", "monthLong", "yearLong", "control")
    }
    | {"{http://schemas.openxmlformats.org/officeDocument/2006/math}oMath"}
    | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"}
)
_SLOTS = ("field", "picture")
# Kinds of line: one that shows something always, one that goes with its fields, one with nothing in it.
SHOWN, VANISHING, BLANK = 0, 1, 2


def _slot(element: etree._Element) -> tuple[str, int] | None:
    """Return the kind and number of a slot or boundary, or None for anything else."""
    if isinstance(element, etree._ProcessingInstruction) and element.target == MARK:
        kind, _, number = (element.text or "").partition(" ")
        return kind, int(number)
    return None


@dataclass
class _Marker:
    number: int
    element: etree._Element
    paragraph: etree._Element
    field: MergeField

    def error(self, message: str) -> TemplateError:
        return self.field.position.error(message, self.field.name)


class BlockMarker:
    """Marks blocks and vanishing lines in one part. ``fields`` are those of the whole template, by slot number."""

    def __init__(self, root: etree._Element, fields: list[MergeField]) -> None:
        self._root = root
        self._fields = fields
        self._count = 0

    def mark(self) -> None:
        """Mark the whole part. Raise TemplateError for a block without its end, or one that crosses a table or a link."""
        pairs = self._pair()
        markers = {marker.element for pair in pairs for marker in pair}
        rows, tables = set(), set()
        for start, end in pairs:
            first, last = self._region(start, end)
            first.addprevious(mark("block", start.number))
            last.addnext(mark("endblock", start.number))
            if first.tag == W_TR:
                tables.add(next(first.iterancestors(W_TBL)))
                rows |= {first, last} if first is not last else set()
        for element in markers:
            _remove(element)
        emptied = [row for row in rows if not _shows(row)]
        emptied += [
            paragraph
            for paragraph in {marker.paragraph for pair in pairs for marker in pair}
            if not (_shows(paragraph) or _must_stay(paragraph) or _has_slot(paragraph))
        ]
        for paragraph in list(self._root.iter(W_P)):
            self._mark_lines(paragraph)
        for table in tables:
            self._guard(table, "table")
        for container in [each for each in self._root.iter() if each.tag in _NEEDS_PARAGRAPH]:
            inline = container.tag == W_SDTCONTENT and container.find(W_P) is None
            if not inline and any(child in emptied or _slot(child) for child in container):
                self._guard_container(container)
        for element in emptied:
            _remove(element)

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _pair(self) -> list[tuple[_Marker, _Marker]]:
        """Return the starts with their ends, outer blocks before the blocks inside them."""
        pairs: list[tuple[_Marker, _Marker]] = []
        waiting: list[tuple[_Marker, int]] = []
        for element in self._root.iter(etree.PI):
            kind, number = _slot(element) or ("", 0)
            if kind not in ("start", "stop"):
                continue
            marker = _Marker(number, element, next(element.iterancestors(W_P)), self._fields[number])
            if kind == "start":
                waiting.append((marker, len(pairs)))
                pairs.append((marker, marker))
                continue
            if not waiting:
                raise marker.error(
                    "TableEnd has no TableStart before it; insert TableStart, or delete TableEnd"
                )
            start, position = waiting.pop()
            if start.field.key != marker.field.key:
                raise marker.error(
                    f"TableEnd:{start.field.name} was expected here, for blocks may not cross; end the inner one first"
                )
            pairs[position] = (start, marker)
        if waiting:
            raise waiting[-1][0].error(
                "TableStart has no TableEnd in this part; insert TableEnd, or delete TableStart"
            )
        return pairs

    def _region(self, start: _Marker, end: _Marker) -> tuple[etree._Element, etree._Element]:
        """Return the first and last sibling of what the block covers, by the rules above."""
        common = _common_ancestor(start.element, end.element)
        row = _own_row(common)
        if common.tag == W_TR or (row is not None and not _shows_outside(row, start.element, end.element)):
            return (row, row) if row is not None else (common, common)
        if common.tag == W_TBL:
            return _child_towards(common, start.element), _child_towards(common, end.element)
        if start.paragraph is end.paragraph:
            if start.element.getparent() is not end.element.getparent():
                raise end.error(
                    "only one of TableStart and TableEnd is inside a link; put both inside it or both outside"
                )
            return start.element, end.element
        for marker in (start, end):
            if common.tag not in _CONTAINERS or marker.paragraph.getparent() is not common:
                raise marker.error(
                    "TableStart and TableEnd must both be in the same table, cell, box or body text; move one of them"
                )
        if _shows_outside(start.paragraph, start.element, None):
            raise start.error(
                "there is text before TableStart in its paragraph; put TableStart first, or on its own"
            )
        if _shows_outside(end.paragraph, None, end.element):
            raise end.error("there is text after TableEnd in its paragraph; put TableEnd last, or on its own")
        return start.paragraph, end.paragraph

    def _mark_lines(self, paragraph: etree._Element) -> None:
        """Mark the lines of a paragraph that are made of fields alone."""
        parent = paragraph.getparent()
        if parent is None or not _has_slot(paragraph):
            return
        content = [child for child in paragraph if child.tag != W_PPR]
        splits = not any((_slot(child) or ("",))[0] == "block" for child in content)
        breaks = [child for child in content if splits and _is_line_break(child)]
        lines: list[list[etree._Element]] = [[]]
        for child in content:
            if child in breaks:
                lines.append([])
            else:
                lines[-1].append(child)
        kinds = [_line_kind(line) for line in lines]
        stays = _must_stay(paragraph) or (
            parent.tag in _NEEDS_PARAGRAPH and sum(child.tag in (W_P, W_TBL, W_SDT) for child in parent) == 1
        )
        if VANISHING not in kinds or (stays and len(lines) == 1):
            return
        _append_after_properties(paragraph, mark("line", kinds[0]))
        for number, line_break in enumerate(breaks, start=1):
            line_break.addprevious(mark("break", 0))
            line_break.addnext(mark("line", kinds[number]))
        paragraph.append(mark("endlines", 0))
        self._guard(paragraph, "stay" if stays else "paragraph")

    def _guard(self, element: etree._Element, kind: str) -> None:
        number = self._next()
        element.addprevious(mark(kind, number))
        element.addnext(mark(f"end{kind}", number))

    def _guard_container(self, container: etree._Element) -> None:
        """Mark the content of a cell or story, followed by the paragraph it falls back on when none remains."""
        number = self._next()
        last = container.findall(W_P)[-1:]
        fallback = etree.Element(W_P)
        properties = last[0].find(W_PPR) if last else None
        if properties is not None:
            fallback.append(copy.deepcopy(properties))
        start = 1 if len(container) and container[0].tag in (W_TCPR, W_SDTPR) else 0
        container.insert(start, mark("story", number))
        container.extend([mark("fallback", number), fallback, mark("endstory", number)])


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _common_ancestor(one: etree._Element, other: etree._Element) -> etree._Element:
    above = set(one.iterancestors())
    return next(ancestor for ancestor in other.iterancestors() if ancestor in above)


def _own_row(element: etree._Element) -> etree._Element | None:
    """Return the table row that ``element`` stands in (or is), within the same story."""
    for ancestor in (element, *element.iterancestors()):
        if ancestor.tag == W_TR:
            return ancestor
        if ancestor.tag in (W_TXBX, W_TBL):
            return None
    return None


def _child_towards(ancestor: etree._Element, element: etree._Element) -> etree._Element:
    path = [element, *element.iterancestors()]
    return path[path.index(ancestor) - 1]


def _is_shown(element: etree._Element) -> bool:
    if element.tag == W_T:
        return bool((element.text or "").strip())
    if element.tag == W_BR:
        return element.get(W_TYPE, "textWrapping") != "textWrapping"
    return element.tag in _SHOWS or (_slot(element) or ("",))[0] in _SLOTS


def _shows(element: etree._Element) -> bool:
    """Whether ``element`` shows anything, apart from markers."""
    return any(_is_shown(each) for each in element.iter())


def _shows_outside(element: etree._Element, start: etree._Element | None, end: etree._Element | None) -> bool:
    """Whether ``element`` shows anything before ``start`` or after ``end``."""
    outside = start is not None
    for each in element.iter():
        if each is start:
            outside = False
        elif each is end:
            outside = True
        elif outside and _is_shown(each):
            return True
    return False


def _has_slot(paragraph: etree._Element) -> bool:
    return any((_slot(each) or ("",))[0] in (*_SLOTS, "block") for each in own_elements(paragraph))


def _must_stay(paragraph: etree._Element) -> bool:
    properties = paragraph.find(W_PPR)
    return properties is not None and any(properties.find(tag) is not None for tag in _STAY)


def _is_line_break(child: etree._Element) -> bool:
    content = [each for each in child if each.tag != W_RPR] if child.tag == W_R else []
    return len(content) == 1 and content[0].tag == W_BR and not _is_shown(content[0])


def _line_kind(line: list[etree._Element]) -> int:
    """VANISHING when a line shows merge fields (or optional text) and punctuation alone, else SHOWN or BLANK."""
    depth, fields, punctuation = 0, 0, 0
    for child in line:
        kind = (_slot(child) or ("",))[0]
        depth -= kind == "endblock"
        fields += kind == "block"
        if not depth:
            for each in child.iter():
                if (_slot(each) or ("",))[0] in _SLOTS:
                    fields += 1
                elif _is_shown(each):
                    punctuation += 1
                    if not _is_punctuation(each):
                        return SHOWN
        depth += kind == "block"
    if fields:
        return VANISHING
    return SHOWN if punctuation else BLANK


def _is_punctuation(element: etree._Element) -> bool:
    return element.tag == W_T and all(
        unicodedata.category(letter)[0] in "PZC" for letter in element.text or ""
    )


def _append_after_properties(paragraph: etree._Element, element: etree._Element) -> None:
    paragraph.insert(1 if len(paragraph) and paragraph[0].tag == W_PPR else 0, element)
