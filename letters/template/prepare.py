"""Make the parts of a Word template ready for filling: checked, tidied, and with every paragraph counted."""

from __future__ import annotations

import re

from docx.oxml.ns import qn
from lxml import etree

from letters.docx.package import Package, to_xml
from letters.errors import TemplateError
from letters.template.merge_fields import MC, W_FLDSIMPLE, W_INSTR, W_P, W_T, Position, own_elements

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
# Traces of editing that a letter does not need, and that must not be there twice when a block repeats.
_TRACES = [
    qn(f"w:{name}")
    for name in (
        "proofErr", "lastRenderedPageBreak", "commentRangeStart", "commentRangeEnd", "commentReference",
        "permStart", "permEnd", "annotationRef",
    )
]  # fmt: skip
_TRACKED = {qn(f"w:{name}") for name in ("ins", "del", "moveFrom", "moveTo")}
_IDENTITIES = re.compile(r"\{.*\}(rsid\w*|paraId|textId)")
_SETTINGS_DROPPED = [qn(f"w:{name}") for name in ("mailMerge", "updateFields", "rsids", "trackRevisions")]
EXCERPT = 60


def read_story(package: Package, part: str) -> etree._Element:
    """Given the name of a part with text, return its tree, tidied. Raise TemplateError when Word saved it as Strict."""
    root = package.xml(part)
    if root.nsmap.get("w") != W:
        raise TemplateError(
            "it is not in the form Word saves by default; save it again as Word Document (.docx), not Strict",
            template=package.name,
            part=part,
        )
    _drop_bookmarks(root)
    for element in list(root.iter(*_TRACES)):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    for element in root.iter():
        for name in [name for name in element.attrib if _IDENTITIES.fullmatch(str(name))]:
            del element.attrib[name]
        if element.get(qn("w:dirty")) is not None:
            del element.attrib[qn("w:dirty")]
    return root


def _drop_bookmarks(root: etree._Element) -> None:
    """Remove bookmarks that nothing in the part refers to; the others stay."""
    code = " ".join(element.text or "" for element in root.iter(W_INSTR))
    code += " ".join(element.get(qn("w:instr"), "") for element in root.iter(W_FLDSIMPLE))
    anchors = {element.get(qn("w:anchor")) for element in root.iter(qn("w:hyperlink"))}
    dropped = set()
    for element in list(root.iter(qn("w:bookmarkStart"))):
        name = element.get(qn("w:name"), "")
        if name not in anchors and not re.search(rf"\b{re.escape(name)}\b", code):
            dropped.add(element.get(qn("w:id")))
    for element in list(root.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"))):
        parent = element.getparent()
        if element.get(qn("w:id")) in dropped and parent is not None:
            parent.remove(element)


def paragraphs(root: etree._Element, template: str, part: str) -> list[tuple[etree._Element, Position]]:
    """Return each paragraph of a part with its position. A fallback copy of a text box has the number before it.

    Raise TemplateError when changes are tracked: what the reader would see is then not settled.
    """
    located: list[tuple[etree._Element, Position]] = []
    number = 0
    for paragraph in root.iter(W_P):
        fallback = any(ancestor.tag == f"{MC}Fallback" for ancestor in paragraph.iterancestors())
        number += not fallback
        text = "".join(element.text or "" for element in own_elements(paragraph) if element.tag == W_T)
        excerpt = " ".join(text.split())
        if len(excerpt) > EXCERPT:
            excerpt = excerpt[: EXCERPT - 1].rstrip() + "…"
        position = Position(template, part, number, excerpt, fallback)
        if any(element.tag in _TRACKED for element in paragraph.iter()):
            raise position.error("there are tracked changes; accept or reject them in Word (Review)")
        located.append((paragraph, position))
    return located


def style_languages(package: Package, main: str) -> dict[str, str]:
    """Return the language that each style gives to its text, its own or that of the style it is based on."""
    for relationship in package.relationships(main):
        if relationship.kind == "styles":
            break
    else:
        return {}
    own: dict[str, str | None] = {}
    based: dict[str, str] = {}
    for style in package.xml(relationship.target).iterfind(qn("w:style")):
        name = style.get(qn("w:styleId"), "")
        language = style.find(f"{qn('w:rPr')}/{qn('w:lang')}")
        base = style.find(qn("w:basedOn"))
        own[name] = language.get(qn("w:val")) if language is not None else None
        based[name] = base.get(qn("w:val"), "") if base is not None else ""
    languages: dict[str, str] = {}
    for name in own:
        seen, at = set(), name
        while at in own and at not in seen:
            seen.add(at)
            language_tag = own[at]
            if language_tag:
                languages[name] = language_tag
                break
            at = based[at]
    return languages


def tidy_settings(package: Package, main: str) -> None:
    """Remove from the settings what makes Word ask about a data source, or update fields, on opening."""
    for relationship in package.relationships(main):
        if relationship.kind != "settings":
            continue
        root = package.xml(relationship.target)
        for name in _SETTINGS_DROPPED:
            for element in root.findall(name):
                root.remove(element)
        package.parts[relationship.target] = to_xml(root)


def refuse_unread_fields(root: etree._Element, package: Package, part: str) -> None:
    """Raise TemplateError when a MERGEFIELD remains that the finder could not reach."""
    code = [element.text or "" for element in root.iter(W_INSTR)]
    code += [element.get(qn("w:instr"), "") for element in root.iter(W_FLDSIMPLE)]
    if any("MERGEFIELD" in piece.upper() for piece in code):
        raise TemplateError(
            "a merge field is where it cannot be read; delete it and insert it again",
            template=package.name,
            part=part,
        )
