"""OData's query options of one request: parsed, and carried out on rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.mock.sims.filter import Node, QueryError, Row, compiled, parse_filter
from connector.mock.sims.schema import COMPLEX_TYPES, EntitySet

_KNOWN = ("filter", "select", "expand", "orderby", "top", "skip", "count")
_PART = re.compile(r"^\s*(\w+)\s*(?:\((.*)\))?\s*$", re.DOTALL)


@dataclass(frozen=True)
class Query:
    """What is asked of one set."""

    set: EntitySet
    filter: Node | None = None
    filter_text: str = ""
    select: tuple[str, ...] = ()
    """Empty: every field."""
    expand: Mapping[str, Query] = field(default_factory=dict)
    order: tuple[tuple[str, bool], ...] = ()
    """(path, descending)."""
    top: int | None = None
    skip: int = 0
    count: bool = False


def parse_query(options: Mapping[str, str], entity_set: EntitySet, sets: Mapping[str, EntitySet]) -> Query:
    """Query options of a request, with or without the dollar sign. Raises QueryError for one that cannot be answered.

    ``sets``: every set by area, for those that are expanded.
    """
    given = {
        name.removeprefix("$").lower(): value for name, value in options.items() if not name.startswith("@")
    }
    unknown = [name for name in options if name.startswith("$") and name[1:].lower() not in _KNOWN]
    if unknown:
        raise QueryError(f"The query parameter '{unknown[0]}' is not supported.")
    filter_text = given.get("filter", "").strip()
    return Query(
        entity_set,
        parse_filter(filter_text, entity_set) if filter_text else None,
        filter_text,
        _select(given.get("select", ""), entity_set),
        _expand(given.get("expand", ""), entity_set, sets),
        tuple(_order(part, entity_set) for part in split(given.get("orderby", ""), ",")),
        _number(given, "top"),
        _number(given, "skip") or 0,
        given.get("count", "").lower() == "true",
    )


def chosen(rows: Iterable[Row], query: Query) -> list[Row]:
    """Return the rows that the filter lets through, in the order asked for."""
    if query.filter is None:
        found = list(rows)
    else:
        test = compiled(query.filter)
        found = [row for row in rows if test(row)]
    for path, descending in reversed(query.order):
        parts = path.split("/")
        found.sort(key=lambda row: _sortable(row, parts), reverse=descending)
    return found


def split(text: str, mark: str) -> list[str]:
    """Parts of a text between marks that stand in no bracket and no quotation."""
    parts, depth, quoted, start = [], 0, False, 0
    for place, letter in enumerate(text):
        if letter == "'":
            quoted = not quoted
        elif not quoted and letter in "()":
            depth += 1 if letter == "(" else -1
        elif not quoted and depth == 0 and letter == mark:
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _sortable(row: Row, parts: Sequence[str]) -> tuple[bool, str | float]:
    value = row
    for part in parts:
        value = value.get(part) if value is not None else None  # type: ignore[assignment]
    if value is None:
        return False, ""
    return True, float(value) if isinstance(value, int | float) else str(value)


def _select(text: str, entity_set: EntitySet) -> tuple[str, ...]:
    names = tuple(name for name in split(text, ",") if name != "*")
    for name in names:
        if name.partition("/")[0] not in {**entity_set.fields, **entity_set.expands}:
            raise _no_property(name, entity_set)
    return tuple(name.partition("/")[0] for name in names)


def _expand(text: str, entity_set: EntitySet, sets: Mapping[str, EntitySet]) -> dict[str, Query]:
    found = {}
    for part in split(text, ","):
        match = _PART.match(part)
        if match is None:
            raise QueryError(f"Syntax error in $expand at '{part}'.")
        name, inner = match[1], match[2] or ""
        if name not in entity_set.expands:
            raise _no_property(name, entity_set)
        options = dict(option.partition("=")[::2] for option in split(inner, ";"))
        found[name] = parse_query(options, sets[entity_set.expands[name]], sets)
    return found


def _order(part: str, entity_set: EntitySet) -> tuple[str, bool]:
    path, _, direction = part.partition(" ")
    first, _, rest = path.partition("/")
    if first not in entity_set.fields:
        raise _no_property(first, entity_set)
    if rest and rest not in COMPLEX_TYPES.get(entity_set.fields[first], {}):
        raise _no_property(rest, entity_set)
    if direction.strip().lower() not in ("", "asc", "desc"):
        raise QueryError(f"Syntax error in $orderby at '{part}'.")
    return path, direction.strip().lower() == "desc"


def _number(given: Mapping[str, str], name: str) -> int | None:
    if name not in given:
        return None
    if not given[name].strip().isdigit():
        raise QueryError(f"Invalid value '{given[name]}' for ${name} query option found.")
    return int(given[name])


def _no_property(name: str, entity_set: EntitySet) -> QueryError:
    return QueryError(f"Could not find a property named '{name}' on type '{entity_set.type_name}'.")
