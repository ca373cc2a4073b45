"""REST queries: filters, order and pages (docs/mis-arbor.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from connector.mock.arbor.rows import Ref, RowLike, Rows
from connector.mock.arbor.types import ANY, KINDS, Kind, kind_at

OPERATORS = ("equals", "from", "to", "after", "before", "search", "like", "in", "tagged")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Test = Callable[[RowLike], bool]


class QueryError(ValueError):
    """A query that names a property which the type has not; the text says which."""


def gathered(arguments: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Values by key, with ``key[0]=a&key[1]=b`` and ``key[]=a`` gathered under ``key``."""
    found: dict[str, list[str]] = {}
    for key, value in arguments:
        found.setdefault(re.sub(r"\[\d*\]$", "", key), []).append(value)
    return found


def matching(kind: Kind, arguments: Mapping[str, Sequence[str]], rows: Rows) -> Test:
    """Return the test that the ``filters.`` arguments ask for. Raises QueryError."""
    tests = [
        _test(kind, key, list(values), rows)
        for key, values in arguments.items()
        if key.startswith("filters.")
    ]
    return lambda row: all(test(row) for test in tests)


def _test(kind: Kind, key: str, values: list[str], rows: Rows) -> Test:
    parts = key.split(".")[1:]
    if parts[0] == "tags" and len(parts) > 1:
        tag, wanted = ".".join(parts[1:]), values[0]
        return lambda row: tag in row.tags and str(row.tags[tag]) == wanted
    if parts[0] == "self":
        return lambda row: values[0] in row.tags or values[0] in row.tags.values()
    operator = parts.pop() if parts[-1] in OPERATORS and len(parts) > 1 else "equals"
    follow = path(kind, parts, rows)
    test = compare(operator, values)
    return lambda row: test(follow(row))


def path(kind: Kind, names: Sequence[str], rows: Rows) -> Callable[[RowLike], Any]:
    """Return what a chain of properties leads to from a row. Raises QueryError for a property that is none."""
    at: Kind | None = kind
    for name in names:
        if name in ("id", "href", "code") or at is None:
            at = None
            continue
        field = at.fields.get(name)
        if field is None:
            raise QueryError(f"{at.name} has no property '{name}'")
        at = KINDS.get(field.target) if field.target != ANY else None

    def follow(row: RowLike) -> Any:
        value: Any = row
        for name in names:
            if isinstance(value, Ref):
                value = rows.row(value.type, value.id)
            if value is None:
                return None
            if name == "id":
                value = value.id
            elif name == "href":
                value = Ref(value.kind.name, value.id)
            else:
                value = value.value(name)
        return value

    return follow


def compare(operator: str, values: Sequence[str]) -> Callable[[Any], bool]:
    """Return the test of one operator on a value."""
    first = str(values[0])
    if operator == "in":
        return _one_of([part.strip() for value in values for part in str(value).split(",")])
    if operator in ("search", "like"):
        needle = first.strip("%").casefold()
        return lambda value: value is not None and needle in str(value).casefold()
    if operator in ("equals", "tagged"):
        if len(values) > 1:
            return lambda value: any(_same(value, word) for word in values)
        return lambda value: _same(value, first)
    bound = _comparable(first)
    tests: dict[str, Callable[[Any], bool]] = {
        "from": lambda value: value >= bound,
        "to": lambda value: value <= bound,
        "after": lambda value: value > bound,
        "before": lambda value: value < bound,
    }
    test = tests[operator]

    def ordered(value: Any) -> bool:
        if value is None or isinstance(value, Ref):
            return False
        if isinstance(value, int | float):
            try:
                return _numeric(operator, float(value), float(first))
            except ValueError:
                return False
        return test(_comparable(str(value)))

    return ordered


def _one_of(words: Sequence[str]) -> Callable[[Any], bool]:
    """Membership, by a set where a value is a text or an object named by its plain id."""
    plain = {word.upper() for word in words}
    addresses = [word for word in words if "/" in word]

    def test(value: Any) -> bool:
        if isinstance(value, Ref):
            return value.id.upper() in plain or any(same_object(value, word) for word in addresses)
        if isinstance(value, str) and value.upper() in plain:
            return True
        return (
            any(_same(value, word) for word in words) if not isinstance(value, str) or "-" in value else False
        )

    return test


def _numeric(operator: str, value: float, bound: float) -> bool:
    return {"from": value >= bound, "to": value <= bound, "after": value > bound, "before": value < bound}[
        operator
    ]


def _comparable(text: str) -> str:
    """Dates and times compare as text once a midnight is dropped."""
    text = text.strip().replace("T", " ", 1) if _DAY.match(text.strip()) else text
    return text.removesuffix(" 00:00:00")


def _same(value: Any, word: str) -> bool:
    if word == "NULL":
        return value is None
    if value is None:
        return False
    if isinstance(value, Ref):
        return same_object(value, word)
    if isinstance(value, bool):
        return value == (word.lower() in ("1", "true", "yes"))
    if isinstance(value, int | float):
        try:
            return float(value) == float(word)
        except ValueError:
            return False
    return _comparable(str(value)) == _comparable(word)


def same_object(ref: Ref, word: str) -> bool:
    """Return whether an address, id or code names this object."""
    parts = word.strip("/").split("/")
    if len(parts) > 1:
        kind = kind_at("".join(parts[1:-1]) or parts[0])
        return kind is not None and kind.name == ref.type and parts[-1].upper() == ref.id.upper()
    return word.upper() == ref.id.upper()


def in_order(found: list[RowLike], kind: Kind, order: str, rows: Rows) -> list[RowLike]:
    """Rows sorted by a property, those without it first. Raises QueryError."""
    follow = path(kind, order.split("."), rows)

    def key(row: RowLike) -> tuple[bool, str]:
        value = follow(row)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return True, f"{value:030.6f}"
        return value is not None, str(value.id if isinstance(value, Ref) else value or "")

    return sorted(found, key=key)
