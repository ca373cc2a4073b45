"""Make the parts of a Word template ready for filling: checked, tidied, and with every paragraph counted."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from docx.oxml.ns import qn
from lxml import etree

from letters.docx.field_codes import W_FLDSIMPLE, W_INSTR, count_all_pages, join_codes
from letters.docx.package import Package, detach, to_xml
from letters.errors import TemplateError
from letters.template.merge_fields import MC, W_T, own_elements
from letters.template.position import W_P, Faults, Position, Story
from letters.template.word_fields import W_BOOKMARK, W_BOOKMARK_END, W_ID, W_NAME

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
# Traces of editing that a letter does not need, and that must not be there twice when a block repeats.
_TRACES = [
    qn(f"w:{name}")
    for name in (
        "proofErr", "lastRenderedPageBreak", "commentRangeStart", "commentRangeEnd", "commentReference",
        "permStart", "permEnd", "annotationRef", "placeholder",
    )
]  # fmt: skip
_IDENTITIES = re.compile(r"\{.*\}(rsid\w*|paraId|textId|anchorId|editId)")
_SETTINGS_DROPPED = [
    qn(f"w:{name}") for name in ("mailMerge", "updateFields", "rsids", "trackRevisions", "docVars")
]
EXCERPT = 60


def read_story(package: Package, part: str) -> Story:
    """Given the name of a part with text, return it tidied. Raise TemplateError when Word saved it as Strict."""
    root = package.xml(part)
    if root.nsmap.get("w") != W:
        raise TemplateError(
            "it is not in the form Word saves by default; save it again as Word Document (.docx), not Strict",
            template=package.name,
            part=part,
        )
    for element in list(root.iter(*_TRACES)):
        detach(element)
    for element in root.iter():
        for name in [name for name in element.attrib if _IDENTITIES.fullmatch(str(name))]:
            del element.attrib[name]
        if element.get(qn("w:dirty")) is not None:
            del element.attrib[qn("w:dirty")]
    return Story(package.name, part, root, _paragraphs(root, package.name, part))


def count_pages(stories: Sequence[Story]) -> None:
    """Let a template of one section count its pages in the way that every program knows."""
    if sum(1 for story in stories for _ in story.root.iter(qn("w:sectPr"))) <= 1:
        for story in stories:
            join_codes(story.root)
            count_all_pages(story.root)


def drop_bookmarks(stories: Sequence[Story]) -> None:
    """Remove bookmarks that nothing in the template refers to; the others stay."""
    code = anchors = ""
    for story in stories:
        code += "".join(element.text or "" for element in story.root.iter(W_INSTR)) + " "
        code += " ".join(element.get(qn("w:instr"), "") for element in story.root.iter(W_FLDSIMPLE)) + " "
        anchors += " ".join(e.get(qn("w:anchor"), "") for e in story.root.iter(qn("w:hyperlink"))) + " "
    used = set(re.findall(r"\w+", code.casefold())) | set(anchors.casefold().split())
    for story in stories:
        names = {element.get(W_ID): element.get(W_NAME, "") for element in story.root.iter(W_BOOKMARK)}
        unused = {number for number, name in names.items() if name.casefold() not in used}
        remove_bookmarks(story.root, unused)


def remove_bookmarks(root: etree._Element, numbers: Collection[str | None]) -> None:
    """Remove the bookmarks of a part that have these numbers."""
    for element in [e for e in root.iter(W_BOOKMARK, W_BOOKMARK_END) if e.get(W_ID) in numbers]:
        detach(element)


def _paragraphs(root: etree._Element, template: str, part: str) -> list[tuple[etree._Element, Position]]:
    """Return each paragraph of a part with its position. A fallback copy of a text box has the number before it."""
    located: list[tuple[etree._Element, Position]] = []
    number = 0
    for paragraph in root.iter(W_P):
        fallback = any(ancestor.tag == f"{MC}Fallback" for ancestor in paragraph.iterancestors())
        number += not fallback
        text = "".join(element.text or "" for element in own_elements(paragraph) if element.tag == W_T)
        excerpt = " ".join(text.split())
        if len(excerpt) > EXCERPT:
            excerpt = excerpt[: EXCERPT - 1].rstrip() + "…"
        located.append((paragraph, Position(template, part, number, excerpt, fallback)))
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


def check_unread_fields(story: Story, faults: Faults, reported: Collection[Position]) -> None:
    """Add a fault when a MERGEFIELD remains that the finder could not reach, in no paragraph of those in ``reported``."""
    for element in story.root.iter(W_INSTR, W_FLDSIMPLE):
        code = element.text if element.tag == W_INSTR else element.get(qn("w:instr"), "")
        position = story.position(element) if "MERGEFIELD" in (code or "").upper() else None
        if position is not None and position not in reported:
            faults.add(position, "a merge field is where it cannot be read; delete it and insert it again")
            return
