"""Pydantic's errors in this program's own words: the file, the path to the key, what is wrong, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from connector.errors import Finding, did_you_mean

_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
    "string_type": "must be text in quotes",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "list_type": "must be a list in square brackets",
    "tuple_type": "must be a list in square brackets",
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "date_type": "must be a date such as 2026-09-01, without quotes",
    "date_parsing": "must be a date such as 2026-09-01, without quotes",
    "date_from_datetime_parsing": "must be a date such as 2026-09-01, without quotes",
    "path_type": "must be a path in quotes",
}


def findings_of(error: ValidationError, model: type[BaseModel], file: str, prefix: str = "") -> list[Finding]:
    """Given what pydantic refused of ``model``, return one finding for each fault, in the order of the file."""
    return [_finding(details, model, file, prefix) for details in error.errors(include_url=False)]


def key_path(loc: Sequence[str | int], prefix: str = "") -> str:
    """Return a path such as `school[0].letters.logo`."""
    text = prefix
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text


def unknown_key(file: str, where: str, key: str, known: Iterable[str]) -> Finding:
    """Return the finding for a key that no table knows."""
    return Finding(f"{file}: {where}", "is not a known key", did_you_mean(key, known))


def example_of(field: FieldInfo) -> Any:
    """Return the field's example: a declared one, else what its description names after "such as"; None without either."""
    if field.examples:
        return field.examples[0]
    named = re.search(r"such as (\S+)", field.description or "")
    return named[1].rstrip(".,;") if named else None


def _finding(details: ErrorDetails, model: type[BaseModel], file: str, prefix: str) -> Finding:
    loc = tuple(step for step in details["loc"] if not str(step).startswith("function-"))
    where = f"{file}: {key_path(loc, prefix)}" if loc or prefix else file
    kind = details["type"]
    parent, found = _field_at(model, loc)
    if kind == "extra_forbidden":
        known = [f.alias or name for name, f in parent.model_fields.items()] if parent else []
        return Finding(where, _WORDS[kind], did_you_mean(str(loc[-1]), known))
    meaning = (found.description or "").split("\n")[0] if found else ""
    if kind == "missing":
        example = example_of(found) if found else None
        fix = f'add {loc[-1]} = "{example}"' if isinstance(example, str) else f"add {loc[-1]}"
        return Finding(where, _WORDS[kind], f"{fix}. {meaning}".rstrip(". ") + ".")
    return Finding(where, _message(details), meaning or "correct the value.")


def _message(details: ErrorDetails) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind in _WORDS:
        return _WORDS[kind]
    if kind == "literal_error":
        suggestion = f"must be {context['expected']}"
        given = details.get("input")
        return f"{suggestion}, not '{given}'" if isinstance(given, str) else suggestion
    if kind == "value_error":
        return str(context.get("error", details["msg"]))
    if kind == "string_pattern_mismatch":
        return f"'{str(details.get('input'))[:60]}' is not written in the right form"
    if kind == "too_short":
        return "must not be empty"
    message = details["msg"].removeprefix("Input ")
    return message[:1].lower() + message[1:]


def _field_at(
    model: type[BaseModel], loc: Sequence[str | int]
) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """Return the model that holds the last key of a path, and that key's field, as far as they are known."""
    current: type[BaseModel] | None = model
    found: FieldInfo | None = None
    for number, step in enumerate(loc):
        if isinstance(step, int):
            continue
        if current is None:
            return None, None
        fields: Mapping[str, FieldInfo] = current.model_fields
        found = fields.get(step) or next((f for f in fields.values() if f.alias == step), None)
        if number == len(loc) - 1:
            return current, found
        current = model_in(found.annotation) if found else None
    return current, found


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model inside an annotation such as `list[School]` or `School | None`; None when there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (list, tuple, Union, UnionType, Annotated):
        for part in get_args(annotation):
            inner = model_in(part)
            if inner:
                return inner
    return None
