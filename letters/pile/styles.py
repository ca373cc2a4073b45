"""Bring the styles of many Word documents into one, so that each document keeps its own look.

Documents from one template have the same styles, and these are kept once. A style that means something else under
the same name is added under a new one.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from docx.oxml.ns import qn
from lxml import etree

from letters.docx.package import Package, to_xml
from letters.pile.numbering import W_NUM_ID, W_VAL, DocumentLists, c14n

W_STYLE, W_STYLE_ID, W_DEFAULT, W_TYPE = qn("w:style"), qn("w:styleId"), qn("w:default"), qn("w:type")
W_BASED_ON, W_LINK, W_NEXT, W_NAME = qn("w:basedOn"), qn("w:link"), qn("w:next"), qn("w:name")
W_RPR, W_PPR = qn("w:rPr"), qn("w:pPr")
# The order in which Word wants properties (ECMA-376 Part 1, 17.3.1.26 and 17.3.2.28).
_PPR_ORDER = [
    qn(f"w:{name}")
    for name in (
        "pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr",
        "suppressLineNumbers", "pBdr", "shd", "tabs", "suppressAutoHyphens", "kinsoku", "wordWrap", "overflowPunct",
        "topLinePunct", "autoSpaceDE", "autoSpaceDN", "bidi", "adjustRightInd", "snapToGrid", "spacing", "ind",
        "contextualSpacing", "mirrorIndents", "suppressOverlap", "jc", "textDirection", "textAlignment",
        "textboxTightWrap", "outlineLvl", "divId", "cnfStyle", "rPr", "sectPr", "pPrChange",
    )
]  # fmt: skip
_RPR_ORDER = [
    qn(f"w:{name}")
    for name in (
        "rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "smallCaps", "strike", "dstrike", "outline", "shadow",
        "emboss", "imprint", "noProof", "snapToGrid", "vanish", "webHidden", "color", "spacing", "w", "kern",
        "position", "sz", "szCs", "highlight", "u", "effect", "bdr", "shd", "fitText", "vertAlign", "rtl", "cs", "em",
        "lang", "eastAsianLayout", "specVanish", "oMath",
    )
]  # fmt: skip
_STYLE_ORDER = [
    qn(f"w:{name}")
    for name in (
        "name", "aliases", "basedOn", "next", "link", "autoRedefine", "hidden", "uiPriority", "semiHidden",
        "unhideWhenUsed", "qFormat", "locked", "personal", "personalCompose", "personalReply", "rsid", "pPr", "rPr",
        "tblPr", "trPr", "tcPr", "tblStylePr",
    )
]  # fmt: skip
# Properties whose parts are each set on their own, so that a style may set one and inherit another.
_BY_PARTS = {qn("w:spacing"), qn("w:ind"), qn("w:lang")}
# What holds in Word when nothing says otherwise.
_WORDS_OWN = {
    W_PPR: {qn("w:spacing"): {"w:before": "0", "w:after": "0", "w:line": "240", "w:lineRule": "auto"}},
    W_RPR: {
        qn("w:rFonts"): {f"w:{script}": "Times New Roman" for script in ("ascii", "hAnsi", "eastAsia", "cs")},
        qn("w:sz"): {"w:val": "20"},
        qn("w:szCs"): {"w:val": "20"},
        qn("w:kern"): {"w:val": "0"},
    },
}


@dataclass(frozen=True)
class StyleMap:
    """How a document's styles are called in the whole: new ids where they differ, and its numbered styles."""

    ids: dict[str, str] = field(default_factory=dict)
    default_paragraph: str = ""
    """To be named where a paragraph names no style; empty when the whole's own default will do."""
    default_table: str = ""
    numbered: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By the document's own style id: its list number and level, where the list counts."""
    own_default: str = ""
    """The document's own name of its default paragraph style."""
    own_default_table: str = ""


class Styles:
    """The styles part under construction; the first document's is the ground."""

    def __init__(self) -> None:
        self._root: etree._Element | None = None
        self._known: dict[str, bytes] = {}
        self._defaults = b""
        self._maps: dict[tuple[bytes, bytes], StyleMap] = {}
        self._own: dict[str, str] = {}  # default style by type
        self._renamed = 0

    def of(self, source: Package, part: str | None, numbering: bytes, lists: DocumentLists) -> StyleMap:
        """Add the styles of one document that are new, and return the names they have in the whole."""
        if part is None:
            return StyleMap()
        key = (source.parts[part], numbering)
        if key not in self._maps:
            self._maps[key] = self._add(source.xml(part), lists)
        return self._maps[key]

    def xml(self) -> bytes | None:
        """Return the styles part, or None when no document has one."""
        return to_xml(self._root) if self._root is not None else None

    def _add(self, root: etree._Element, lists: DocumentLists) -> StyleMap:
        styles = {each.get(W_STYLE_ID, ""): each for each in root.iterfind(W_STYLE)}
        numbered = {style_id: found for style_id in styles if (found := _numbered(style_id, styles, lists))}
        own = {kind: _default(styles, kind) for kind in ("paragraph", "table")}
        for each in root.iter(W_NUM_ID):
            each.set(W_VAL, lists.number(each.get(W_VAL, "0")))
        spelled = {name: c14n(style) for name, style in styles.items()}
        defaults = root.find(qn("w:docDefaults"))
        defaults_spelled = c14n(defaults) if defaults is not None else b""
        if self._root is None:
            self._root, self._known, self._defaults = root, spelled, defaults_spelled
            self._own = own
            return StyleMap(numbered=numbered, own_default=own["paragraph"])
        other_ground = defaults_spelled != self._defaults
        renamed = {
            name for name in styles if other_ground or self._known.get(name, spelled[name]) != spelled[name]
        }
        while more := {name for name in set(styles) - renamed if _leans_on(styles[name], renamed)}:
            renamed |= more
        self._renamed += bool(renamed)
        ids = {name: f"{name}-{self._renamed + 1}" for name in renamed}
        ground = _explicit(defaults, self._root) if other_ground else None
        for name, style in styles.items():
            if name in ids or name not in self._known:
                self._append(style, ids, ground)
                self._known[ids.get(name, name)] = spelled[name]
        named = {kind: ids.get(name, name) for kind, name in own.items()}
        differing = {kind: name if name != self._own[kind] else "" for kind, name in named.items()}
        return StyleMap(
            ids, differing["paragraph"], differing["table"], numbered, own["paragraph"], own["table"]
        )

    def _append(self, style: etree._Element, ids: dict[str, str], defaults: etree._Element | None) -> None:
        assert self._root is not None
        made = copy.deepcopy(style)
        own = style.get(W_STYLE_ID, "")
        if made.get(W_DEFAULT) is not None:
            del made.attrib[W_DEFAULT]  # the ground's own defaults stay the only ones
        if own in ids:
            made.set(W_STYLE_ID, ids[own])
            made.set(qn("w:customStyle"), "1")
            for aliases in made.findall(qn("w:aliases")):
                made.remove(aliases)
        name = made.find(W_NAME)
        if name is not None:
            name.set(W_VAL, self._new_name(name.get(W_VAL, own)))
        for tag in (W_BASED_ON, W_LINK, W_NEXT):
            for each in made.findall(tag):
                each.set(W_VAL, ids.get(each.get(W_VAL, ""), each.get(W_VAL, "")))
        if defaults is not None and made.find(W_BASED_ON) is None and made.get(W_TYPE) == "paragraph":
            _fold(made, defaults)
        self._root.append(made)

    def _new_name(self, wanted: str) -> str:
        """Return the name, or the name with a number where it is taken: Word knows a style by its name."""
        assert self._root is not None
        taken = {each.get(W_VAL, "").lower() for each in self._root.iterfind(f"{W_STYLE}/{W_NAME}")}
        names = (wanted, *(f"{wanted} (look {number})" for number in range(2, len(taken) + 3)))
        return next(name for name in names if name.lower() not in taken)


def _default(styles: dict[str, etree._Element], kind: str) -> str:
    """Return the id of the default style of a type, or the empty string."""
    for name, style in styles.items():
        if style.get(W_TYPE) == kind and style.get(W_DEFAULT) in ("1", "true", "on"):
            return name
    return ""


def _leans_on(style: etree._Element, others: set[str]) -> bool:
    return any(each.get(W_VAL) in others for tag in (W_BASED_ON, W_LINK) for each in style.iterfind(tag))


def _numbered(
    style_id: str, styles: dict[str, etree._Element], lists: DocumentLists
) -> tuple[str, str] | None:
    """Return the list and level that a style puts its paragraphs in, itself or by what it is based on, if the list counts."""
    seen: set[str] = set()
    at = style_id
    while at in styles and at not in seen:
        seen.add(at)
        number = styles[at].find(f"{W_PPR}/{qn('w:numPr')}/{W_NUM_ID}")
        if number is not None:
            level = styles[at].find(f"{W_PPR}/{qn('w:numPr')}/{qn('w:ilvl')}")
            old = number.get(W_VAL, "0")
            return (old, level.get(W_VAL, "0") if level is not None else "0") if lists.counts(old) else None
        base = styles[at].find(W_BASED_ON)
        at = base.get(W_VAL, "") if base is not None else ""
    return None


def _explicit(defaults: etree._Element | None, ground: etree._Element) -> etree._Element:
    """Return a document's defaults, with Word's own values for what they leave open but the ground's would set."""
    made = copy.deepcopy(defaults) if defaults is not None else etree.Element(qn("w:docDefaults"))
    for tag, holder in ((W_PPR, "w:pPrDefault"), (W_RPR, "w:rPrDefault")):
        settled = ground.find(f"{qn('w:docDefaults')}/{qn(holder)}/{tag}")
        outer = made.find(qn(holder))
        if outer is None:
            outer = etree.SubElement(made, qn(holder))
        inner = outer.find(tag)
        if inner is None:
            inner = etree.SubElement(outer, tag)
        for each in settled if settled is not None else ():
            own = inner.find(each.tag)
            if each.tag in _WORDS_OWN[tag] and (own is None or each.tag in _BY_PARTS):
                own = etree.SubElement(inner, each.tag) if own is None else own
                for name, value in _WORDS_OWN[tag][each.tag].items():
                    if own.get(qn(name)) is None:
                        own.set(qn(name), value)
    return made


def _fold(style: etree._Element, defaults: etree._Element) -> None:
    """Give a style what its own document's defaults said, where it says nothing itself."""
    for tag, holder, order in ((W_PPR, "w:pPrDefault", _PPR_ORDER), (W_RPR, "w:rPrDefault", _RPR_ORDER)):
        said = defaults.find(f"{qn(holder)}/{tag}")
        if said is None:
            continue
        own = style.find(tag)
        if own is None:
            own = etree.SubElement(style, tag)
        for each in said:
            mine = own.find(each.tag)
            if mine is None:
                own.append(copy.deepcopy(each))
            elif each.tag in _BY_PARTS:
                for name, value in each.attrib.items():
                    if mine.get(name) is None:
                        mine.set(name, value)
        own[:] = sorted(own, key=lambda child: order.index(child.tag) if child.tag in order else len(order))
    style[:] = sorted(
        style, key=lambda child: _STYLE_ORDER.index(child.tag) if child.tag in _STYLE_ORDER else 99
    )
