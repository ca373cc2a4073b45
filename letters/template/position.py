"""Say where in a template something stands, and collect what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from docx.oxml.ns import qn
from lxml import etree

from letters.errors import TemplateError

W_P = qn("w:p")
_IN_A_TABLE = {qn("w:tc"), qn("w:tr"), qn("w:tbl")}


@dataclass(frozen=True)
class Position:
    """Where in a template something stands: the paragraph is counted from 1, without fallback copies of text boxes.

    Paragraph 0 stands for the part as a whole.
    """

    template: str
    part: str
    paragraph: int
    excerpt: str
    fallback: bool = False

    def error(self, message: str, field: str | None = None) -> TemplateError:
        """Return a TemplateError that names this position."""
        return TemplateError(
            message, template=self.template, part=self.part, paragraph=self.paragraph, field=field
        )


@dataclass(frozen=True)
class Story:
    """One part with text: its tree, and each of its paragraphs with its position."""

    template: str
    part: str
    root: etree._Element
    paragraphs: list[tuple[etree._Element, Position]]

    def position(self, element: etree._Element) -> Position:
        """Return the position of an element: of its own paragraph, the first in it or in its cell or row, or the last before it."""
        by_element = dict(self.paragraphs)
        within = [element, *element.iterancestors()]
        holder = next((each for each in within if each.tag in _IN_A_TABLE), element)
        for paragraph in [each for each in within if each.tag == W_P] or holder.iter(W_P):
            return by_element[paragraph]
        last = None
        for each in self.root.iter():
            if each is element:
                break
            last = by_element.get(each, last)
        return last or Position(self.template, self.part, 0, "")


@dataclass
class Faults:
    """What is wrong with a template, in the order in which it is found."""

    found: list[TemplateError] = field(default_factory=list)
    _in_copies: list[TemplateError] = field(default_factory=list)

    def add(self, position: Position, message: str, field: str | None = None) -> None:
        """Add one fault, where it stands."""
        self.add_error(position.error(message, field), in_copy=position.fallback)

    def add_error(self, error: TemplateError, *, in_copy: bool = False) -> None:
        """Add one fault. ``in_copy`` says that it stands in the fallback copy of a text box."""
        (self._in_copies if in_copy else self.found).append(error)

    def raise_first(self) -> None:
        """Raise the first fault, which knows the others, if there is one; a copy's only when the original has none."""
        faults = {str(error): error for error in self.found or self._in_copies}
        if faults:
            first, *others = faults.values()
            first.also = tuple(others)
            raise first
