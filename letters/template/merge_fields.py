r"""Find the merge fields of a Word part and put a slot where each was.

A field is written as ``w:fldSimple``, or as runs between ``w:fldChar`` begin, separate and end with the instruction
split over any number of ``w:instrText`` (ECMA-376 Part 1, 17.16.2 and 17.16.5). Slots are processing instructions,
``<?letters KIND NUMBER?>``, so that they can stand anywhere in the tree until the part is cut into segments.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from docx.oxml.ns import qn
from lxml import etree

from letters.docx.field_codes import W_FLDCHAR, W_FLDSIMPLE, W_INSTR
from letters.docx.package import LINK_SCHEMES
from letters.errors import TemplateError
from letters.template.formats import (
    CASES,
    LANGUAGES,
    DateFormat,
    NumberFormat,
    base_language,
    date_format,
    number_format,
    show_date_by_default,
)
from letters.template.position import Faults, Position
from letters.template.word_fields import WordField, check_name

MARK = "letters"
W_R, W_T, W_RPR, W_PPR = qn("w:r"), qn("w:t"), qn("w:rPr"), qn("w:pPr")
W_TXBX = qn("w:txbxContent")
W_BR = qn("w:br")
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"

_TOKEN = re.compile(
    r'\\(?P<switch>[*@#!A-Za-z])|"(?P<quoted>(?:[^"\\]|\\.)*)"|[“”](?P<curly>[^“”]*)[“”]|(?P<word>[^\s"\\“”]+)'
)
_KINDS = (("tablestart:", "start"), ("tableend:", "stop"), ("image:", "picture"))
# A run holds its properties in a fixed order; w:rtl goes before these (ECMA-376 Part 1, 17.3.2.28).
_AFTER_RTL = {qn(f"w:{name}") for name in ("cs", "em", "lang", "eastAsianLayout", "specVanish", "oMath")}
# What is not text in a run but may hold a story of its own.
_PRUNED = {qn("w:drawing"), qn("w:pict"), qn("w:object"), f"{MC}AlternateContent"}


@dataclass
class MergeField:
    """One MERGEFIELD with its switches. ``name`` is as typed; ``key`` is what values are looked up by."""

    name: str
    kind: str  # text, date, picture, start or stop
    position: Position
    language: str | None = None  # of the run, when it is marked as one other than English
    show_date: DateFormat = show_date_by_default
    show_number: NumberFormat | None = None
    cases: list[str] = field(default_factory=list)
    before: str = ""
    after: str = ""

    @property
    def key(self) -> str:
        return self.name.lower()

    @property
    def plain(self) -> bool:
        """Whether a text value goes in as it is."""
        return not (self.cases or self.before or self.after or self.show_number)


def mark(kind: str, number: int) -> etree._Element:
    """Return a slot or boundary to stand in the tree."""
    return etree.ProcessingInstruction(MARK, f"{kind} {number}")


def read_instruction(code: str, position: Position) -> MergeField | None:
    """Given the code of a field, return the merge field it is, or None for another Word field.

    Raise TemplateError for a field that must not be in a letter, a field with no name, and a switch not understood.
    """
    tokens = list(_TOKEN.finditer(code))
    word = (tokens[0]["word"] or "").upper() if tokens else ""
    check_name(code, position)
    if word == "HYPERLINK":
        address = next((token["quoted"] or token["curly"] or token["word"] for token in tokens[1:2]), None)
        if address and not address.lower().startswith(LINK_SCHEMES):
            raise position.error(
                "a link leads to something that is neither a web page nor an e-mail address; remove the link"
            )
    if word != "MERGEFIELD":
        return None
    switches: list[tuple[str, list[str]]] = [("", [])]
    for token in tokens[1:]:
        if token["switch"]:
            switches.append((token["switch"].lower(), []))
        else:
            text = token["quoted"] if token["quoted"] is not None else (token["curly"] or token["word"])
            switches[-1][1].append(re.sub(r"\\(.)", r"\1", text or ""))
    name = " ".join(switches[0][1]).strip()
    kind = "text"
    for prefix, known in _KINDS:
        if name.lower().startswith(prefix):
            name, kind = name[len(prefix) :].strip(), known
    if not name:
        raise position.error("a MERGEFIELD has no name; delete it and insert it again")
    merge_field = MergeField(name, kind, position)
    for switch, arguments in switches[1:]:
        _apply_switch(merge_field, switch, arguments)
    return merge_field


def _apply_switch(merge_field: MergeField, switch: str, arguments: list[str]) -> None:
    argument = arguments[0] if arguments else ""
    if switch == "*":
        case = argument.lower()
        if case in CASES:
            merge_field.cases.append(case)
        elif case not in ("mergeformat", "charformat", "mergeformatinet"):
            raise merge_field.position.error(
                f"the switch \\* {argument} is not understood; use one of {', '.join(case.capitalize() for case in CASES)}",
                merge_field.name,
            )
        return
    try:
        if switch == "@":
            merge_field.show_date = date_format(" ".join(arguments))
            merge_field.kind = "date" if merge_field.kind == "text" else merge_field.kind
        elif switch == "#":
            merge_field.show_number = number_format(" ".join(arguments))
    except ValueError as error:
        raise merge_field.position.error(str(error), merge_field.name) from error
    if switch == "b":
        merge_field.before = argument
    elif switch == "f":
        merge_field.after = argument


def own_elements(paragraph: etree._Element) -> Iterator[etree._Element]:
    """Give all that is inside a paragraph in order, without the text boxes and pictures anchored to it."""
    for child in paragraph:
        yield child
        if child.tag not in _PRUNED:
            yield from own_elements(child)


def _split_runs(paragraph: etree._Element) -> None:
    """Give each field character, piece of code and line break a run of its own, with the same properties."""
    for run in [element for element in own_elements(paragraph) if element.tag == W_R]:
        content = [child for child in run if child.tag != W_RPR]
        if len(content) < 2 or not any(child.tag in (W_FLDCHAR, W_INSTR, W_BR) for child in content):
            continue
        properties = run.find(W_RPR)
        previous = run
        for child in content[1:]:
            single = etree.Element(W_R)
            if properties is not None:
                single.append(copy.deepcopy(properties))
            single.append(child)
            previous.addnext(single)
            previous = single


@dataclass
class _OpenField:
    paragraph: etree._Element
    position: Position
    runs: list[etree._Element]
    code: str = ""
    in_code: bool = True


class FieldFinder:
    """Replaces the merge fields of one part by slots; ``fields`` grows over all parts of a template.

    ``style_language`` holds the language that a style gives to its text, by style id.
    """

    def __init__(self, fields: list[MergeField], style_language: dict[str, str], faults: Faults) -> None:
        self.fields = fields
        self.faults = faults
        self.faulty: set[Position] = set()
        self.others: list[WordField] = []
        """Word's own fields that stay."""
        self._style_language = style_language
        self._open: list[_OpenField] = []

    def replace(self, paragraph: etree._Element, position: Position) -> None:
        """Put slots into one paragraph; a field that is broken or not allowed is added to the faults."""
        if next(paragraph.iter(W_FLDCHAR, W_FLDSIMPLE, W_BR), None) is None and not self._open:
            return
        _split_runs(paragraph)
        replaced: set[etree._Element] = set()
        for element in [each for each in own_elements(paragraph) if each.tag in (W_R, W_FLDSIMPLE)]:
            try:
                if element.tag == W_FLDSIMPLE:
                    if self._replace_simple(element, paragraph, position):
                        replaced.update(element.iter(W_R))
                elif element not in replaced:
                    self._pass(element, paragraph, position)
            except TemplateError as error:
                self.faults.add_error(error, in_copy=position.fallback)
                self.faulty.add(position)

    def finish(self) -> None:
        """Add a fault for each field that has begun and not ended."""
        for opened in self._open:
            self.faults.add(opened.position, "a field does not end; delete it and insert it again")
        self._open.clear()

    def _pass(self, run: etree._Element, paragraph: etree._Element, position: Position) -> None:
        for opened in self._open:
            opened.runs.append(run)
        for child in run:
            if child.tag == W_INSTR and self._open:
                self._open[-1].code += child.text or ""
            elif child.tag == W_FLDCHAR:
                self._boundary(child.get(qn("w:fldCharType"), ""), run, paragraph, position)

    def _boundary(
        self, kind: str, run: etree._Element, paragraph: etree._Element, position: Position
    ) -> None:
        if kind == "begin":
            self._open.append(_OpenField(paragraph, position, [run]))
        elif not self._open:
            raise position.error("a field ends that has not begun; delete it and insert it again")
        elif kind == "separate":
            self._open[-1].in_code = False
        elif kind == "end":
            self._close(self._open.pop(), paragraph, position)

    def _close(self, ended: _OpenField, paragraph: etree._Element, position: Position) -> None:
        merge_field = read_instruction(ended.code, position)
        self._refuse_nested(merge_field, position)
        if merge_field is None:
            self.others.append(WordField(ended.code, paragraph, position))
            return
        first = ended.runs[0]
        parent = first.getparent()
        if ended.paragraph is not paragraph or parent is None:
            raise position.error(
                "the field runs over the end of a paragraph; delete it and insert it again", merge_field.name
            )
        self._put_slot(merge_field, parent, parent.index(first), _shown_properties(ended.runs), paragraph)
        for run in ended.runs:
            holder = run.getparent()
            if holder is not None:
                holder.remove(run)

    def _refuse_nested(self, merge_field: MergeField | None, position: Position) -> None:
        # A value inside another field's code could become an instruction (IF, HYPERLINK, INCLUDETEXT).
        outer = self._open[-1] if self._open else None
        words = outer.code.split() if outer is not None else []
        if outer is None or not (outer.in_code or words[:1] == ["MERGEFIELD"]):
            return
        if merge_field is not None:
            raise position.error(
                f"the merge field is inside the field {words[0] if words else '?'}; "
                "use TableStart:/TableEnd: for optional text",
                merge_field.name,
            )
        if not words:
            raise position.error(
                "a field's name is made by another field, which is not allowed in a letter; delete both"
            )

    def _replace_simple(self, simple: etree._Element, paragraph: etree._Element, position: Position) -> bool:
        merge_field = read_instruction(simple.get(qn("w:instr"), ""), position)
        self._refuse_nested(merge_field, position)
        parent = simple.getparent()
        if merge_field is None or parent is None:
            self.others.append(WordField(simple.get(qn("w:instr"), ""), paragraph, position))
            return False
        runs = list(simple.iter(W_R))
        self._put_slot(merge_field, parent, parent.index(simple), _shown_properties(runs), paragraph)
        parent.remove(simple)
        return True

    def _put_slot(
        self,
        merge_field: MergeField,
        parent: etree._Element,
        index: int,
        properties: etree._Element | None,
        paragraph: etree._Element,
    ) -> None:
        number = len(self.fields)
        self.fields.append(merge_field)
        if merge_field.kind not in ("text", "date"):
            parent.insert(index, mark(merge_field.kind, number))
            return
        merge_field.language = self._language(properties, paragraph)
        right_to_left = _right_to_left(properties)
        pieces = (
            mark("field", number),
            _run(properties, number),
            mark("rtl", number),
            _run(right_to_left, number),
            mark("end", number),
        )
        for piece in reversed(pieces):
            parent.insert(index, piece)

    def _language(self, properties: etree._Element | None, paragraph: etree._Element) -> str | None:
        """Return the run's own language, else its style's, else the paragraph style's; None for English or none."""
        tag = None
        if properties is not None:
            own, style = properties.find(qn("w:lang")), properties.find(qn("w:rStyle"))
            tag = own.get(qn("w:val")) if own is not None else None
            if tag is None and style is not None:
                tag = self._style_language.get(style.get(qn("w:val"), ""))
        if tag is None:
            style = paragraph.find(f"{W_PPR}/{qn('w:pStyle')}")
            tag = self._style_language.get(style.get(qn("w:val"), "")) if style is not None else None
        language = base_language(tag or "en")
        return language if language in LANGUAGES - {"en"} else None


def _shown_properties(runs: list[etree._Element]) -> etree._Element | None:
    """Return the properties of the first run that shows text, else of the first run."""
    shown = [run for run in runs if run.find(W_T) is not None] or runs
    properties = shown[0].find(W_RPR) if shown else None
    return copy.deepcopy(properties) if properties is not None and len(properties) else None


def _run(properties: etree._Element | None, number: int) -> etree._Element:
    run = etree.Element(W_R)
    if properties is not None:
        run.append(properties)
    text = etree.SubElement(run, W_T)
    text.set(XML_SPACE, "preserve")
    text.append(mark("value", number))
    return run


def _right_to_left(properties: etree._Element | None) -> etree._Element:
    """Return the properties for right-to-left text, which Word sizes and sets bold by properties of its own."""
    result = copy.deepcopy(properties) if properties is not None else etree.Element(W_RPR)
    for plain, complex_script in (("w:b", "w:bCs"), ("w:i", "w:iCs"), ("w:sz", "w:szCs")):
        own = result.find(qn(plain))
        if own is not None and result.find(qn(complex_script)) is None:
            twin = etree.Element(qn(complex_script))
            twin.attrib.update(own.attrib)
            own.addnext(twin)
    if result.find(qn("w:rtl")) is None:
        later = next((child for child in result if child.tag in _AFTER_RTL), None)
        rtl = etree.Element(qn("w:rtl"))
        if later is None:
            result.append(rtl)
        else:
            later.addprevious(rtl)
    return result
