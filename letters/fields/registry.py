"""Every merge field that a template may use, in one list.

``compose`` fills templates from it, ``letters fields`` prints it and ``letters check`` checks against it. Upper and
lower case in names make no difference; the names that offices know from SIMS mail merge are aliases.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

from letters.errors import UnknownField
from letters.facts import Facts
from letters.fields.condition import CONDITION_FIELDS
from letters.fields.earlier_step import EARLIER_FIELDS
from letters.fields.field import Column, Field, Kind
from letters.fields.figures import FIGURE_FIELDS
from letters.fields.leave import LEAVE_FIELDS
from letters.fields.on_record import RECORD_FIELDS
from letters.fields.policy import RULE_FIELDS
from letters.fields.pupil import PUPIL_FIELDS
from letters.fields.school import LETTER_FIELDS, SCHOOL_FIELDS
from letters.fields.tables import TABLE_FIELDS
from letters.template.segments import Value
from letters.template.template import FieldUse, Template
from letters.words import english

__all__ = [
    "FIELDS",
    "Column",
    "Field",
    "Kind",
    "chosen",
    "example_text",
    "examples",
    "find",
    "suggestion",
    "unknown",
    "values",
]

FIELDS: tuple[Field, ...] = (
    *SCHOOL_FIELDS,
    *LETTER_FIELDS,
    *PUPIL_FIELDS,
    *FIGURE_FIELDS,
    *EARLIER_FIELDS,
    *RULE_FIELDS,
    *CONDITION_FIELDS,
    *RECORD_FIELDS,
    *LEAVE_FIELDS,
    *TABLE_FIELDS,
)
"""All fields, in the order in which they are printed."""


@cache
def _by_name() -> dict[str, Field]:
    return {name.casefold(): field for field in FIELDS for name in (field.name, *field.aliases)}


def find(name: str) -> Field | None:
    """Return the field with that name or alias, in upper or lower case; None when there is none."""
    return _by_name().get(name.casefold())


def _columns(blocks: tuple[str, ...]) -> set[str]:
    fields = [find(block) for block in blocks]
    return {column.name for field in fields if field for column in field.columns}


def unknown(template: Template) -> tuple[FieldUse, ...]:
    """Return the fields of a template that do not exist or have another kind (a block used as text)."""
    return tuple(use for use in template.fields if not _known(use))


def _known(use: FieldUse) -> bool:
    if use.name.casefold() in _columns(use.blocks):
        return True
    field = find(use.name)
    kinds: dict[str, tuple[Kind, ...]] = {"block": ("rows", "yes/no"), "picture": ("picture",)}
    return field is not None and field.kind in kinds.get(use.kind, ("text", "number", "date"))


def suggestion(name: str) -> str:
    """Return the field name most similar to an unknown one; empty when none is similar."""
    names = [*_by_name(), *(column.name for field in FIELDS for column in field.columns)]
    return next(iter(difflib.get_close_matches(name.casefold(), names, n=1, cutoff=0.7)), "")


@cache
def chosen(template: Template, to_family: bool) -> tuple[tuple[str, Callable[[Facts], Value]], ...]:
    """Return what a template needs: (name as it is looked up, how it is filled). Computed once for each template.

    Raise UnknownField for a name that is no field, and, when the document goes ``to_family``, for a field that is for
    the office and the authority only.
    """
    fills: dict[str, Callable[[Facts], Value]] = {}
    for use in template.fields:
        if use.name.casefold() in _columns(use.blocks):
            continue
        field = find(use.name)
        if field is None or not _known(use):
            near = suggestion(use.name)
            raise _refused(template, use, f"no such field{f'; did you mean {near}?' if near else ''}")
        if to_family and field.office_only:
            raise _refused(
                template,
                use,
                "this field is for the office only and must not be used in a letter to a family",
            )
        fills[use.name.casefold()] = field.fill
    return tuple(fills.items())


def _refused(template: Template, use: FieldUse, message: str) -> UnknownField:
    return UnknownField(
        message, template=template.name, part=use.part, paragraph=use.paragraph, field=use.name
    )


def values(template: Template, facts: Facts, *, to_family: bool) -> dict[str, Value]:
    """Return a value for each field that the template uses. Raise UnknownField as :func:`chosen` does."""
    return {name: fill(facts) for name, fill in chosen(template, to_family)}


def examples() -> Mapping[str, Value]:
    """Return made-up values for every field and alias, for ``letters preview``."""
    return {name: field.example for field in FIELDS for name in (field.name, *field.aliases)}


def example_text(field: Field) -> str:
    """Return the example as it is printed in the list of fields."""
    if isinstance(field.example, date):
        return english.day(field.example)
    if isinstance(field.example, bool):
        return "yes" if field.example else "no"
    if isinstance(field.example, (str, int)):
        return str(field.example)
    return ""
