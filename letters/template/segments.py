"""The segments of a Word part: literal text, and slots that are filled by joining strings.

The tree of a part is serialised once with its slots as processing instructions; ``letters.template.cut`` turns that
text into nested segments. Filling walks the segments; nothing is parsed, and a value can only become escaped text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeAlias, TypeVar
from xml.sax.saxutils import escape, quoteattr

from letters.docx.picture import Picture
from letters.errors import BadValue, MissingValue
from letters.template.blocks import BLANK, VANISHING
from letters.template.formats import CASES
from letters.template.merge_fields import MergeField

# A datetime is a date; None stands for no picture and is refused elsewhere.
Value: TypeAlias = str | int | Decimal | date | bool | Picture | Sequence[Mapping[str, "Value"]] | None
Scope: TypeAlias = Mapping[str, Value]

# Text without any of these goes into XML as it is: markup, control characters, right-to-left scripts, astral planes.
_UNUSUAL = re.compile(
    "[^\u0020-\u0025\u0027-\u003b\u003d\u003f-\u007e\u00a0-\u058f\u1e00-\u1fff\u2010-\u2027\u2030-\u205e\u20a0-\u20cf]"
)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_INLINE = (
    '<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{width}" cy="{height}"/>'
    '<wp:docPr id="{id}" name="Picture {id}" descr={alt}/><wp:cNvGraphicFramePr/>'
    '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
    '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
    '<pic:nvPicPr><pic:cNvPr id="{id}" name="Picture {id}" descr={alt}/><pic:cNvPicPr/></pic:nvPicPr>'
    '<pic:blipFill><a:blip xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'r:embed="{rel}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
    '<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
    "</wp:inline></w:drawing></w:r>"
)
_BREAK = '</w:t><w:br/><w:t xml:space="preserve">'
_TAB = '</w:t><w:tab/><w:t xml:space="preserve">'
_Refusal = TypeVar("_Refusal", MissingValue, BadValue)


@dataclass
class Filling:
    """One filling of one part: its language, and what it collects: pictures used, ids given out, characters removed."""

    language: str
    relationship_prefix: str
    next_drawing_id: int
    pictures: list[Picture] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    copy_ids: dict[str, str] = field(default_factory=dict)
    """The ids in use in the copy of a block that is being made."""

    def drawing_id(self) -> int:
        self.next_drawing_id += 1
        return self.next_drawing_id - 1

    def relationship(self, picture: Picture) -> str:
        """Return the relationship id of a picture within the part; the same file gets the same id."""
        names = [known.part_name for known in self.pictures]
        if picture.part_name not in names:
            self.pictures.append(picture)
            names.append(picture.part_name)
        return f"{self.relationship_prefix}{names.index(picture.part_name) + 1}"


@dataclass(slots=True)
class TextSlot:
    """A text or date field, with the XML of its run for left-to-right and for right-to-left text."""

    field: MergeField
    key: str
    plain: bool
    run: tuple[str, str]
    right_to_left_run: tuple[str, str]

    def render(self, filling: Filling, scope: Scope, out: list[str]) -> bool:
        """Put the value into ``out`` and return whether anything can be seen."""
        value = scope.get(self.key)
        text = value if type(value) is str and self.plain else self._text(value, filling.language)
        if not text:
            return False
        before, after = self.run
        if _UNUSUAL.search(text):
            text, right_to_left = self._escaped(text, filling)
            if not text:
                return False
            if right_to_left:
                before, after = self.right_to_left_run
        out += (before, text, after)
        return True

    def _text(self, value: Value, language: str) -> str:
        field = self.field
        if isinstance(value, str):
            text = _numeric_text(value, field) if field.show_number else value
        elif value is None:
            raise _refuse(MissingValue, field, "no value was given")
        elif isinstance(value, date):
            text = field.show_date(value, field.language or language)
        elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            text = _number_text(Decimal(value), field)
        else:
            raise _refuse(BadValue, field, f"a text field cannot show a value of type {type(value).__name__}")
        for case in field.cases:
            text = CASES[case](text)
        return f"{field.before}{text}{field.after}" if text else ""

    def _escaped(self, text: str, filling: Filling) -> tuple[str, bool]:
        """Return the text as XML inside ``w:t``, and whether it is mainly right to left."""
        text = _LINE_ENDS.sub("\n", text)
        illegal = sorted(set(_ILLEGAL.findall(text)))
        if illegal:
            codes = ", ".join(f"U+{ord(character):04X}" for character in illegal)
            filling.removed.append(f"{self.field.name}: {codes}")
            text = _ILLEGAL.sub("", text)
        right_to_left = _is_right_to_left(text)
        return escape(text).replace("\n", _BREAK).replace("\t", _TAB), right_to_left


@dataclass(slots=True)
class PictureSlot:
    """An ``Image:`` field."""

    field: MergeField

    def render(self, filling: Filling, scope: Scope, out: list[str]) -> bool:
        """Put the picture into ``out``; None leaves nothing."""
        if self.field.key not in scope:
            raise _refuse(MissingValue, self.field, "no picture was given (None leaves it out)")
        value = scope[self.field.key]
        if value is None:
            return False
        if not isinstance(value, Picture):
            raise _refuse(
                BadValue, self.field, f"a picture was expected, not a value of type {type(value).__name__}"
            )
        try:
            width, height = value.extent
        except ValueError as error:
            raise _refuse(BadValue, self.field, str(error)) from error
        alt = quoteattr(_ILLEGAL.sub("", " ".join(value.alt_text.split())))
        relationship = filling.relationship(value)
        out.append(
            _INLINE.format(width=width, height=height, id=filling.drawing_id(), alt=alt, rel=relationship)
        )
        return True


@dataclass(slots=True)
class CopyId:
    """An id inside a block, by the number that the template knows it by: new in each copy, the same within one."""

    number: str

    def render(self, filling: Filling, _scope: Scope, out: list[str]) -> bool:
        if self.number not in filling.copy_ids:
            filling.copy_ids[self.number] = str(filling.drawing_id())
        out.append(filling.copy_ids[self.number])
        return False


@dataclass(slots=True)
class Block:
    """What repeats once for each record, or is kept or dropped."""

    field: MergeField
    content: list[Segment]

    def render(self, filling: Filling, scope: Scope, out: list[str]) -> bool:
        """Put the copies into ``out`` and return whether there is one."""
        key = self.field.key
        value = scope.get(key)
        if value is None:
            raise _refuse(MissingValue, self.field, "no records were given for this block, nor True or False")
        if isinstance(value, bool):
            if value:
                self._copy(filling, scope, out)
            return value
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise _refuse(BadValue, self.field, "a block takes records, True or False")
        for record in value:
            if not isinstance(record, Mapping):
                raise _refuse(
                    BadValue, self.field, "a record of a block must be a mapping of fields to values"
                )
            inner = {**scope, **{name.lower(): item for name, item in record.items()}}
            self._copy(filling, inner, out)
        return bool(value)

    def _copy(self, filling: Filling, scope: Scope, out: list[str]) -> None:
        outer, filling.copy_ids = filling.copy_ids, dict(filling.copy_ids)
        render_all(self.content, filling, scope, out)
        filling.copy_ids = outer


@dataclass(slots=True)
class Lines:
    """A paragraph with lines of fields alone: an empty one is removed with its line break."""

    head: list[Segment]
    lines: list[tuple[int, list[Segment]]]  # SHOWN, VANISHING or BLANK, and what it holds
    breaks: list[list[Segment]]  # between lines; breaks[0] stands before lines[1]
    tail: list[Segment]
    stays: bool

    def render(self, filling: Filling, scope: Scope, out: list[str]) -> bool:
        """Put the lines that remain into ``out`` and return whether there is one."""
        kept: list[str] = []
        shown = False
        first = True
        for number, (kind, line) in enumerate(self.lines):
            text: list[str] = []
            filled = render_all(line, filling, scope, text)
            if kind == VANISHING and not filled:
                continue
            if not first:
                render_all(self.breaks[number - 1], filling, scope, kept)
            first = False
            kept += text
            shown = shown or kind != BLANK
        if shown or self.stays:
            render_all(self.head, filling, scope, out)
            out += kept
            render_all(self.tail, filling, scope, out)
        return shown


@dataclass(slots=True)
class Story:
    """The content of a cell, text box, header or note, which must end in a paragraph."""

    content: list[Segment]
    fallback: list[Segment]

    def render(self, filling: Filling, scope: Scope, out: list[str]) -> bool:
        text: list[str] = []
        shown = render_all(self.content, filling, scope, text)
        out += text
        if not "".join(text).rstrip().endswith(("</w:p>", "<w:p/>", "</w:sdt>")):
            render_all(self.fallback, filling, scope, out)
        return shown


@dataclass(slots=True)
class Table:
    """A table with rows that may all go; Word calls a table without rows damaged, so it goes too."""

    content: list[Segment]

    def render(self, filling: Filling, scope: Scope, out: list[str]) -> bool:
        text: list[str] = []
        shown = render_all(self.content, filling, scope, text)
        if any("<w:tr>" in piece or "<w:tr " in piece for piece in text):
            out += text
        return shown


Segment: TypeAlias = str | TextSlot | PictureSlot | CopyId | Block | Lines | Story | Table


def render_all(segments: list[Segment], filling: Filling, scope: Scope, out: list[str]) -> bool:
    """Put all segments into ``out`` and return whether any slot among them showed something."""
    shown = False
    for segment in segments:
        if type(segment) is str:
            out.append(segment)
        elif segment.render(filling, scope, out):  # type: ignore[union-attr]
            shown = True
    return shown


def _refuse(kind: type[_Refusal], merge_field: MergeField, message: str) -> _Refusal:
    at = merge_field.position
    return kind(message, template=at.template, part=at.part, paragraph=at.paragraph, field=merge_field.name)


def _number_text(value: Decimal, merge_field: MergeField) -> str:
    if not value.is_finite():
        raise _refuse(BadValue, merge_field, "the number is not finite")
    return merge_field.show_number(value) if merge_field.show_number else f"{value:f}"


def _numeric_text(text: str, merge_field: MergeField) -> str:
    """Show a text that is a number by the field's numeric picture, as Word does; return other text as it is."""
    if re.fullmatch(r"-?\d{1,15}(\.\d{1,10})?", text, re.ASCII):
        return _number_text(Decimal(text), merge_field)
    return text


def _is_right_to_left(text: str) -> bool:
    kinds = [unicodedata.bidirectional(letter) for letter in text]
    rightward = sum(kind in ("R", "AL") for kind in kinds)
    return rightward > sum(kind == "L" for kind in kinds)
