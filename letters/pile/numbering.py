"""Bring the list numbering of many Word documents into one, so that each document's lists begin at one again."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from docx.oxml.ns import nsdecls, qn
from lxml import etree

from letters.docx.package import Package, detach, parse_xml, to_xml

W_VAL, W_NUM, W_ABSTRACT = qn("w:val"), qn("w:num"), qn("w:abstractNum")
W_NUM_ID, W_ABSTRACT_ID = qn("w:numId"), qn("w:abstractNumId")
W_LVL, W_ILVL = qn("w:lvl"), qn("w:ilvl")
W_STYLE_LINK, W_NUM_STYLE_LINK = qn("w:styleLink"), qn("w:numStyleLink")
# Identities by which Word joins lists of different documents, links to styles that are found by number as well, and
# bullets that are pictures.
_DROPPED = (
    *(qn(f"w:{name}") for name in ("nsid", "tmpl", "pStyle", "lvlPicBulletId")),
    W_STYLE_LINK,
    W_NUM_STYLE_LINK,
)


def c14n(element: etree._Element) -> bytes:
    """Return the element in one agreed spelling, for comparing."""
    written: bytes = etree.tostring(element, method="c14n", exclusive=True)
    return written


class Lists:
    """The numbering part under construction."""

    def __init__(self) -> None:
        self._abstracts: dict[bytes, int] = {}
        self._shared: dict[tuple[int, bytes], str] = {}
        self._abstract_xml: list[etree._Element] = []
        self._num_xml: list[etree._Element] = []

    def of(self, source: Package, part: str | None) -> DocumentLists:
        """Return the lists of one document, whose numbering part is ``part``."""
        root = source.xml(part) if part else parse_xml(f"<w:numbering {nsdecls('w')}/>".encode())
        abstracts = {each.get(W_ABSTRACT_ID, ""): each for each in root.iterfind(W_ABSTRACT)}
        nums = {each.get(W_NUM_ID, ""): each for each in root.iterfind(W_NUM)}
        return DocumentLists(self, abstracts, nums)

    def add(self, num: etree._Element, abstract: etree._Element) -> str:
        """Add a list; return its number. Bullets of the same look are shared, counted lists begin at one again."""
        known = self._abstract(abstract)
        bullets = _is_bulleted(abstract)
        overrides = num.findall(qn("w:lvlOverride"))
        key = (known, b"".join(c14n(each) for each in overrides))
        if bullets and key in self._shared:
            return self._shared[key]
        number = str(len(self._num_xml) + 1)
        made = etree.Element(W_NUM)
        made.set(W_NUM_ID, number)
        etree.SubElement(made, W_ABSTRACT_ID).set(W_VAL, str(known))
        made.extend(copy.deepcopy(overrides) if bullets else _restarted(abstract, overrides))
        self._num_xml.append(made)
        self._shared[key] = number
        return number

    def _abstract(self, abstract: etree._Element) -> int:
        made = copy.deepcopy(abstract)
        made.set(W_ABSTRACT_ID, "0")
        for name in _DROPPED:
            for each in list(made.iter(name)):
                detach(each)
        key = c14n(made)
        if key not in self._abstracts:
            self._abstracts[key] = len(self._abstracts)
            made.set(W_ABSTRACT_ID, str(self._abstracts[key]))
            self._abstract_xml.append(made)
        return self._abstracts[key]

    def xml(self) -> bytes | None:
        """Return the numbering part, or None when there is no list."""
        if not self._num_xml:
            return None
        root = parse_xml(f"<w:numbering {nsdecls('w')}/>".encode())
        root.extend([*self._abstract_xml, *self._num_xml])
        return to_xml(root)


def _restarted(abstract: etree._Element, overrides: list[etree._Element]) -> list[etree._Element]:
    """Return the list's changes of level, with each level set to begin at its first number."""
    own = {each.get(W_ILVL): each for each in overrides}
    made = []
    for level in abstract.iterfind(W_LVL):
        depth = level.get(W_ILVL, "0")
        start = level.find(qn("w:start"))
        override = copy.deepcopy(own[depth]) if depth in own else etree.Element(qn("w:lvlOverride"))
        override.set(W_ILVL, depth)
        if override.find(qn("w:startOverride")) is None:
            first = etree.Element(qn("w:startOverride"))
            first.set(W_VAL, start.get(W_VAL, "1") if start is not None else "1")
            override.insert(0, first)
        made.append(override)
    return made


@dataclass
class DocumentLists:
    """Return the lists of one document, each added to the whole when it is first asked for."""

    whole: Lists
    abstracts: dict[str, etree._Element]
    nums: dict[str, etree._Element]
    _numbers: dict[str, str] = field(default_factory=dict)

    def number(self, old: str) -> str:
        """Given the document's own number of a list, return the new one. 0 takes a list away, and stays."""
        if old not in self._numbers:
            definition = self._definition(old)
            self._numbers[old] = self.whole.add(*definition) if definition else "0"
        return self._numbers[old]

    def counts(self, old: str) -> bool:
        """Whether a list has numbers or letters that go on from one item to the next."""
        definition = self._definition(old)
        return definition is not None and not _is_bulleted(definition[1])

    def _definition(self, old: str) -> tuple[etree._Element, etree._Element] | None:
        num = self.nums.get(old)
        link = num.find(W_ABSTRACT_ID) if num is not None else None
        abstract = self.abstracts.get(link.get(W_VAL, "")) if link is not None else None
        if num is None or abstract is None:
            return None
        elsewhere = abstract.find(W_NUM_STYLE_LINK)
        if elsewhere is not None:
            for other in self.abstracts.values():
                own = other.find(W_STYLE_LINK)
                if own is not None and own.get(W_VAL) == elsewhere.get(W_VAL):
                    return num, other
        return num, abstract


def _is_bulleted(abstract: etree._Element) -> bool:
    return all(form.get(W_VAL) in ("bullet", "none") for form in abstract.iter(qn("w:numFmt")))
