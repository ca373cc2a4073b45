"""School facts and events as JSON text and back, exactly.

The values are plain frozen dataclasses of a few kinds of field, so this is small; it does not check, because the
text was written here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from rules.rule.outcome import Outcome

_T = TypeVar("_T")


def to_text(value: object) -> str:
    """JSON of dataclasses, named tuples, dates, times and what JSON knows; equal values give equal text."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


def from_text(kind: type[_T], text: str) -> _T:
    """Return the dataclass of a text that :func:`to_text` made."""
    read: Callable[[Any], _T] = _reader(cast(Any, kind))
    return read(json.loads(text))


def many_from_text(kind: type[_T], text: str) -> tuple[_T, ...]:
    """Several values of one kind, from the JSON of a list of them."""
    read: Callable[[Any], _T] = _reader(cast(Any, kind))
    return tuple(read(value) for value in json.loads(text))


def utc_text(moment: datetime) -> str:
    """Return a moment in UTC, in the form that compares as text; one without a zone is taken as UTC."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _plain(value: object) -> object:
    if isinstance(value, Outcome):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {name: getattr(value, name) for name in _names(type(value))}
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, frozenset):
        return sorted(value)  # equal sets give equal text
    raise TypeError(f"cannot be kept: {type(value).__name__}")


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    """How a value of a type is read from what JSON gives."""
    if hint is date:
        return date.fromisoformat
    if hint is datetime:
        return datetime.fromisoformat
    if hint is Outcome:
        return Outcome.parse
    if is_dataclass(hint):
        return _dataclass_reader(cast(type, hint))
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint.model_validate
    origin, inner = get_origin(hint), get_args(hint)
    if origin is frozenset:
        return frozenset
    if origin is tuple:
        one = _reader(inner[0])
        return lambda values: tuple(one(value) for value in values)
    if origin in (Union, UnionType):
        return _optional_reader(inner)
    if isinstance(hint, type) and issubclass(hint, tuple):
        return _named_tuple_reader(hint)
    assert origin is Literal or hint in (str, int, bool, float) or _is_mapping(origin), hint
    return lambda value: value


def _dataclass_reader(kind: type) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {name: _reader(hints[name]) for name in _names(kind)}

    def read(values: dict[str, Any]) -> Any:
        # a field that came with a later version of the program has its default
        return kind(**{name: one(values[name]) for name, one in readers.items() if name in values})

    return read


def _named_tuple_reader(kind: type) -> Callable[[Any], Any]:
    readers = [_reader(hint) for hint in get_type_hints(kind).values()]
    return lambda values: kind(*(one(value) for one, value in zip(readers, values, strict=True)))


def _optional_reader(inner: tuple[Any, ...]) -> Callable[[Any], Any]:
    kinds = [kind for kind in inner if kind is not NoneType]
    if len(kinds) > 1:  # such as str | int, which JSON already keeps apart
        return lambda value: value
    one = _reader(kinds[0])
    return lambda value: None if value is None else one(value)


def _is_mapping(origin: Any) -> bool:
    return isinstance(origin, type) and issubclass(origin, Mapping)
