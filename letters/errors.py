"""What can go wrong with a template or a letter.

Messages name the template, the part, the paragraph and the field, and never a value: values are personal data.
"""

from __future__ import annotations


class LetterError(Exception):
    """Anything that stops a letter from being made.

    ``template``, ``part``, ``paragraph`` (counted from 1 within the part) and ``field`` say where, as far as it is
    known; the message names them too.
    """

    def __init__(
        self,
        message: str,
        *,
        template: str,
        part: str | None = None,
        paragraph: int | None = None,
        field: str | None = None,
    ) -> None:
        self.template = template
        self.part = part
        self.paragraph = paragraph
        self.field = field
        where = [f"template {template}"]
        if part:
            where.append(part)
        if paragraph:
            where.append(f"paragraph {paragraph}")
        if field:
            where.append(f"field {field}")
        super().__init__(f"{', '.join(where)}: {message}")


class TemplateError(LetterError):
    """The template itself cannot be used; correct it in Word."""

    also: tuple[TemplateError, ...] = ()
    """What else is wrong with the same template."""


class UnknownField(LetterError):  # noqa: N818 - reads as what it is
    """The template asks for a field that the product does not know."""


class MissingValue(LetterError):  # noqa: N818
    """A field of the template was given no value (or None)."""


class BadValue(LetterError):  # noqa: N818
    """A field was given a value of a type or shape that it cannot show."""


class PileError(Exception):
    """Several letters cannot be put into one document."""
