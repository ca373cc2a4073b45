"""Find what a template must not hold besides fields: tracked changes, content controls with a prompt, typed placeholders."""

from __future__ import annotations

import re

from docx.oxml.ns import qn
from lxml import etree

from letters.docx.field_codes import W_FLDSIMPLE, W_INSTR, W_INSTRUCTION
from letters.docx.package import Package
from letters.template.position import Faults, Position, Story
from letters.template.typed import drawn_words, spoken_words, text_of, typed_placeholder

_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_TEXT_CHANGES = {
    qn(f"w:{name}") for name in ("ins", "del", "moveFrom", "moveTo", "delText", "delInstrText")
} | {
    f"{_W14}conflictIns",
    f"{_W14}conflictDel",
}
_FORMATTING_CHANGES = {
    qn(f"w:{name}")
    for name in (
        "rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblPrExChange", "tblGridChange", "trPrChange",
        "tcPrChange", "numberingChange",
    )
}  # fmt: skip
_CELL_CHANGES = {qn(f"w:{name}") for name in ("cellIns", "cellDel", "cellMerge")}
_OFF = ("0", "false", "off")
W_SDT, W_SDTPR, W_SDTCONTENT, W_VAL = qn("w:sdt"), qn("w:sdtPr"), qn("w:sdtContent"), qn("w:val")
_BINDINGS = {qn("w:dataBinding"), "{http://schemas.microsoft.com/office/word/2012/wordml}dataBinding"}
_FIELD_NAME = re.compile(r"[a-z]+(?:_[a-z0-9]+)+", re.IGNORECASE)
_RENEWED = {qn(f"w:{part}{form}") for part in ("day", "month", "year") for form in ("Long", "Short")}
_DRAWN_PARTS = ("word/charts/", "word/diagrams/")
_TITLE = "{http://purl.org/dc/elements/1.1/}title"


def check_tracked(story: Story, faults: Faults) -> None:
    """Add a fault for each paragraph with tracked changes: what the reader would see is then not settled."""
    reported: set[tuple[int, str]] = set()
    of_rows = {
        change for row in story.root.iter(qn("w:trPr")) for change in row if change.tag in _TEXT_CHANGES
    }
    for element in story.root.iter(etree.Element):
        if element.tag in _FORMATTING_CHANGES:
            what = "tracked changes of formatting"
        elif element.tag in _CELL_CHANGES or element in of_rows:
            what = "tracked changes of table rows or cells"
        elif element.tag in _TEXT_CHANGES:
            what = "tracked changes"
        else:
            continue
        position = story.position(element)
        if (position.paragraph, what) not in reported:
            reported.add((position.paragraph, what))
            faults.add(position, f"there are {what}; accept or reject them in Word (Review)")


def check_controls(story: Story, faults: Faults) -> set[Position]:
    """Add a fault for each content control that nothing fills, and return where they stand.

    Such a control shows its prompt, takes its text from a property of the document, or is called like a merge field.
    """
    reported = set()
    for control in story.root.iter(W_SDT):
        properties = control.find(W_SDTPR)
        if properties is None:
            continue
        prompt = properties.find(qn("w:showingPlcHdr"))
        bound = any(child.tag in _BINDINGS for child in properties)
        shown = prompt is not None and prompt.get(W_VAL, "1").lower() not in _OFF
        names = [e.get(W_VAL, "") for tag in ("alias", "tag") for e in properties.iterfind(qn(f"w:{tag}"))]
        if bound:
            what = "takes its text from a property of the document"
        elif shown or _in_prompt_style(control):
            what = "shows its prompt"
        elif any(map(_FIELD_NAME.fullmatch, names)) and not _holds_a_field(control):
            what = "is called like a merge field and holds none"
        else:
            continue
        named = next(filter(None, names), "")
        called = f"the content control {named}" if named else "a content control"
        position = story.position(control)
        reported.add(position)
        faults.add(
            position,
            f"{called} {what}, and nothing fills it; delete it and insert the merge field in its place",
        )
    return reported


def _holds_a_field(control: etree._Element) -> bool:
    codes = [element.text or "" for element in control.iter(W_INSTR)]
    codes += [element.get(W_INSTRUCTION, "") for element in control.iter(W_FLDSIMPLE)]
    return "MERGEFIELD" in "".join(codes).upper()


def _in_prompt_style(control: etree._Element) -> bool:
    content = control.find(W_SDTCONTENT)
    return content is not None and any(
        style.get(W_VAL) == "PlaceholderText" for style in content.iter(qn("w:rStyle"))
    )


def check_typed(story: Story, faults: Faults, reported: set[Position]) -> None:
    """Add a fault for each paragraph with a placeholder typed as text, except those in ``reported``; and for Word's blocks
    that show the day on which a letter is opened (ECMA-376 Part 1, 17.3.3)."""
    for element in story.root.iter(*_RENEWED):
        faults.add(
            story.position(element),
            "a date block shows the day on which the letter is opened; delete it, or use the merge field date",
        )
    for paragraph, position in story.paragraphs:
        typed = typed_placeholder(text_of(paragraph))
        if typed and position not in reported:
            faults.add(position, _typed(typed))
    for element, words in spoken_words(story.root):
        typed = typed_placeholder(words)
        if typed:
            faults.add(story.position(element), f"an alternative or ornamental text: {_typed(typed)}")


def check_other_parts(package: Package, faults: Faults) -> None:
    """Add a fault for placeholders typed in charts, diagrams and the document's title."""
    for part in package.parts:
        if part.startswith(_DRAWN_PARTS) and part.endswith(".xml"):
            words = list(drawn_words(package.xml(part)))
        elif part == "docProps/core.xml":
            words = [package.xml(part).findtext(_TITLE) or ""]
        else:
            continue
        for typed in dict.fromkeys(filter(None, map(typed_placeholder, words))):
            faults.add(Position(package.name, part, 0, ""), _typed(typed))


def _typed(placeholder: str) -> str:
    return (
        f"{placeholder} is typed as text and would be printed as it stands; insert it as a merge field "
        "(Insert, Quick Parts, Field, MergeField), or delete it"
    )
