"""The settings reference, made from the same models as the example file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connector.adapters import adapter_kinds
from connector.adapters.base import AdapterKind
from connector.config.example import toml_value
from connector.config.findings import example_of, model_in
from connector.config.school import MisConfig, SchoolConfig
from connector.config.service import ServiceConfig

_HEAD = """\
# Settings reference

Every key that `config.toml` may have. A key that is not on this page is an error; all errors are shown at once, each with
the path to its key. Paths are counted from the folder of the file. Passwords and tokens are never in it: see
*Where secrets are kept* in the [README](../README.md). A commented file to start from:
[`config.example.toml`](../config.example.toml), or `attendance-connector init`.
"""
_NAMES = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "date": "date",
    "Path": "path",
    "FilePath": "path",
}


def reference_text() -> str:
    """Return the whole page as Markdown."""
    lines = [_HEAD, *_table("[service]", ServiceConfig), *_table("[[school]]", SchoolConfig)]
    for kind in adapter_kinds().values():
        lines += _adapter(kind)
    return "\n".join(lines).rstrip() + "\n"


def _adapter(kind: AdapterKind) -> Iterator[str]:
    yield f'## `[school.mis]` with `adapter = "{kind.name}"`'
    yield ""
    yield f"{kind.title}."
    for secret in kind.secrets:
        yield ""
        yield f"Secret `{secret.name}` (`attendance-connector credentials set {secret.name}`): {secret.meaning}."
    yield ""
    yield from _keys(kind.settings, "school.mis")


def _table(header: str, model: type[BaseModel]) -> Iterator[str]:
    yield f"## `{header}`"
    yield ""
    yield " ".join((model.__doc__ or "").split())
    yield ""
    yield from _keys(model, header.strip("[]"))


def _keys(model: type[BaseModel], path: str) -> Iterator[str]:
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    inner = {key: table for key, field in fields.items() if (table := model_in(field.annotation))}
    if len(inner) < len(fields):
        yield "| key | value | without it | meaning |"
        yield "| --- | --- | --- | --- |"
        for key, field in fields.items():
            if key not in inner:
                yield _row(key, field)
        yield ""
    for key, table in inner.items():
        if table is MisConfig:
            yield f"## `[{path}.{key}]`"
            yield ""
            yield f"{' '.join((MisConfig.__doc__ or '').split())} Its keys depend on the adapter: see below."
            yield ""
            continue
        several = "list" in str(fields[key].annotation)
        yield from _table(f"[[{path}.{key}]]" if several else f"[{path}.{key}]", table)


def _row(key: str, field: FieldInfo) -> str:
    example = example_of(field)
    meaning = " ".join((field.description or "").split())
    if example is not None:
        meaning += f" Example: `{toml_value(example)}`."
    without = "required" if field.is_required() else _without(field)
    cells = (f"`{key}`", _kind(field.annotation), without, meaning)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _without(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True, validated_data={})
    return "none" if default in (None, "", [], (), {}) else f"`{toml_value(default)}`"


def _kind(annotation: Any) -> str:
    """Return a type in plain words."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _kind(inner[0])
    if origin is Literal:
        return ", ".join(toml_value(value) for value in inner if value != "")
    if origin in (Union, UnionType):
        return " or ".join(_kind(part) for part in inner if part is not NoneType)
    if origin in (list, tuple):
        return f"list of {_kind(inner[0])}"
    if origin is dict:
        return "table"
    return _NAMES.get(getattr(annotation, "__name__", ""), "text")


if __name__ == "__main__":
    sys.stdout.write(reference_text())
