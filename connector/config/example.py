"""The commented configuration: the example at the root of the project, and what `init` writes.

Made from the models, so that it cannot disagree with them. A key that must be given, or that was
given, is written out; every other one is a comment showing its default or an example.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from connector.adapters import adapter_kinds
from connector.adapters.base import AdapterKind
from connector.config.findings import example_of, model_in
from connector.config.school import MisConfig, SchoolConfig
from connector.config.service import ServiceConfig

_HEAD = """\
# Configuration of the attendance connector.
#
# A line such as "#key = value" is switched off and shows the default or an example: take the # away to use it.
# Paths are counted from the folder of this file. Passwords and tokens are never in this file:
# 'attendance-connector credentials set' keeps them in the operating system's keyring.
# After a change: 'attendance-connector check'.
"""
_WIDTH = 100
Chosen = Mapping[str, Any]


def example_text() -> str:
    """Return the whole example, with the Arbor adapter's table in use and every other adapter's as a comment."""
    return config_text({"service": {}, "school": {}, "mis": {"adapter": "arbor"}}, all_adapters=True)


def config_text(chosen: Mapping[str, Chosen], *, all_adapters: bool = False) -> str:
    """Given values by table ("service", "school", "mis" with its "adapter"), return a commented file.

    A required key that was not chosen stands with its example. Raises KeyError for an unknown adapter.
    """
    kinds = adapter_kinds()
    mis = dict(chosen.get("mis", {}))
    used = kinds[str(mis.get("adapter", "arbor"))]
    school = chosen.get("school", {})
    tables = tuple(key for key, field in SchoolConfig.model_fields.items() if model_in(field.annotation))
    keys = tuple(key for key in SchoolConfig.model_fields if key not in tables)
    parts = [_HEAD, _table("[service]", ServiceConfig, chosen.get("service", {}))]
    parts += [_table("[[school]]", SchoolConfig, school, skip=tables), _mis_table(used, mis)]
    if all_adapters:
        parts += [_other(kind) for name, kind in sorted(kinds.items()) if name != used.name]
    rest = list(_keys(SchoolConfig, school, "school", skip=(*keys, "mis")))[1:]
    return "\n".join(parts) + "\n" + "\n".join(rest) + "\n"


def _mis_table(kind: AdapterKind, chosen: Chosen) -> str:
    lines = [*_comment(MisConfig.__doc__ or ""), "[school.mis]", ""]
    lines += [*_comment(MisConfig.model_fields["adapter"].description or ""), f'adapter = "{kind.name}"']
    for secret in kind.secrets:
        lines += _comment(f"Secret '{secret.name}' (not here, but in the keyring): {secret.meaning}")
    lines += _keys(kind.settings, chosen, "school.mis")
    return "\n".join(lines) + "\n"


def _other(kind: AdapterKind) -> str:
    table = _mis_table(kind, {}).splitlines()
    shown = table[table.index(f'adapter = "{kind.name}"') :]
    lines = [f"# For {kind.title}, put this in place of the table above.", "#[school.mis]"]
    lines += [line if line.startswith("#") or not line else f"#{line}" for line in shown]
    return "\n".join(lines) + "\n"


def _table(
    header: str,
    model: type[BaseModel],
    chosen: Chosen,
    *,
    skip: tuple[str, ...] = (),
    commented: bool = False,
) -> str:
    """Return a table with its keys, then its sub-tables."""
    lines = [*_comment(model.__doc__ or ""), f"#{header}" if commented else header]
    lines += _keys(model, chosen, header.strip("[]"), skip=skip, commented=commented)
    return "\n".join(lines) + "\n"


def _keys(
    model: type[BaseModel],
    chosen: Chosen,
    path: str,
    *,
    skip: tuple[str, ...] = (),
    commented: bool = False,
) -> Iterator[str]:
    tables: list[str] = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        inner = model_in(field.annotation)
        if key in skip:
            continue
        if inner is not None:
            several = "list" in str(field.annotation)
            optional = several or field.default is None
            header = f"[[{path}.{key}]]" if several else f"[{path}.{key}]"
            given = chosen.get(key, {})
            tables.append(_table(header, inner, given, commented=commented or (optional and not given)))
            continue
        yield ""
        yield from _comment(field.description or "")
        yield _line(key, field, chosen, commented)
    for table in tables:
        yield ""
        yield table.rstrip("\n")


def _line(key: str, field: FieldInfo, chosen: Chosen, commented: bool) -> str:
    if key in chosen:
        return f"{key} = {toml_value(chosen[key])}"
    default = field.get_default(call_default_factory=True, validated_data={})
    example = example_of(field)
    if field.is_required():
        text = f"{key} = {toml_value(example if example is not None else '')}"
        return f"#{text}" if commented else text
    shown = (
        example if default in (None, "", [], (), {}, PydanticUndefined) and example is not None else default
    )
    return f"#{key} = {toml_value('' if shown is None else shown)}"


def toml_value(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, Path):
        value = value.as_posix()
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, tuple | set | frozenset):
        value = sorted(value) if isinstance(value, set | frozenset) else list(value)
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update(value)
        return table.as_string()
    return str(tomlkit.item(value).as_string())


def _comment(text: str) -> list[str]:
    words = " ".join(text.split())
    return [f"# {line}" for line in textwrap.wrap(words, _WIDTH - 2)] if words else []


if __name__ == "__main__":
    sys.stdout.write(example_text())
