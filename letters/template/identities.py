"""Give drawings, content controls and shapes ids of their own, in each copy of a block too.

Word calls a document damaged, or drops what is doubled, when two of them share an id. Inside a block an id is a token
in the template, which the filling replaces by a new number for each copy (``letters.template.segments.CopyId``).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence

from docx.oxml.ns import qn
from lxml import etree

from letters.docx.package import detach
from letters.template.merge_fields import MARK
from letters.template.position import Story
from letters.template.prepare import remove_bookmarks
from letters.template.word_fields import W_BOOKMARK, W_BOOKMARK_END, W_ID, W_NAME

TOKEN = re.compile(r"__letters_id_(\d+)__")
_DOCPR, _SDTPR, _VAL = qn("wp:docPr"), qn("w:sdtPr"), qn("w:val")
_V = "{urn:schemas-microsoft-com:vml}"
_SHAPE_TYPE = f"{_V}shapetype"
_SPID = "{urn:schemas-microsoft-com:office:office}spid"


def _token(number: int) -> str:
    return f"__letters_id_{number}__"


def _with_depth(root: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """Give each element of a part in order, and whether it is inside a block."""
    depth = 0
    for element in root.iter():
        if isinstance(element, etree._ProcessingInstruction) and element.target == MARK:
            kind = (element.text or "").partition(" ")[0]
            depth += (kind == "block") - (kind == "endblock")
        elif isinstance(element.tag, str):
            yield element, depth > 0


def number_ids(stories: Sequence[Story]) -> int:
    """Give drawings and content controls numbers through all parts, tokens inside blocks; return the next free number."""
    number = 0
    for story in stories:
        _own_shape_types(story.root)
        control_ids = set(story.root.iterfind(f".//{_SDTPR}/{W_ID}"))
        for element, in_block in list(_with_depth(story.root)):
            if element.tag == _DOCPR:
                name = "id"
            elif element in control_ids:
                name = _VAL
            elif in_block and str(element.tag).startswith(_V) and element.get("id"):
                number += 1
                _rename_shape(element, f"shape_{_token(number)}")
                continue
            else:
                continue
            number += 1
            element.set(name, _token(number) if in_block else str(number))
    return number + 1


def _rename_shape(shape: etree._Element, name: str) -> None:
    shape.attrib.pop(_SPID, "")
    shape.set("id", name)
    owner = shape.getnext() if shape.tag == _SHAPE_TYPE else None
    if owner is not None:  # _own_shape_types has put the type before the shape that it is for
        owner.set("type", f"#{name}")


def _own_shape_types(root: etree._Element) -> None:
    """Give each shape inside a block the definition of its type, which Word keeps only with the first that uses it."""
    shapes = [(e, in_block) for e, in_block in _with_depth(root) if str(e.tag).startswith(_V)]
    types = {e.get("id", ""): e for e, _ in shapes if e.tag == _SHAPE_TYPE}
    for element, in_block in shapes:
        if element.tag == _SHAPE_TYPE and in_block:
            detach(element)
    defined = {e.get("id", "") for e, in_block in shapes if e.tag == _SHAPE_TYPE and not in_block}
    for shape, in_block in shapes:
        name = shape.get("type", "").removeprefix("#")
        if name not in types or (not in_block and name in defined):
            continue
        own = copy.deepcopy(types[name])
        own.tail = None
        shape.addprevious(own)
        if not in_block:
            defined.add(name)


def bookmarks_in_blocks(stories: Sequence[Story]) -> frozenset[str]:
    """Return the names of bookmarks that stand wholly or partly in a block, and remove them: a copy may not have two."""
    names: set[str] = set()
    for story in stories:
        numbers = {
            element.get(W_ID)
            for element, in_block in _with_depth(story.root)
            if in_block and element.tag in (W_BOOKMARK, W_BOOKMARK_END)
        }
        names |= {e.get(W_NAME, "") for e in story.root.iter(W_BOOKMARK) if e.get(W_ID) in numbers}
        remove_bookmarks(story.root, numbers)
    return frozenset(names)
