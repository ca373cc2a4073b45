"""OData's $filter: the part that clients of SIMS use, parsed and bound to a set's fields (OData 4.01 URL conventions).

Comparisons eq ne gt ge lt le and in, the words and or not, brackets, the functions contains, startswith, endswith,
tolower and toupper; null, true and false, numbers, texts, GUIDs, dates, date-times and enumeration words; paths
with a slash.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from connector.mock.sims.schema import COMPLEX_TYPES, EntitySet

Row = Mapping[str, Any]
Test = Callable[[Row], Any]
_COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
_FUNCTIONS = ("contains", "startswith", "endswith", "tolower", "toupper")
_TOKEN = re.compile(
    r"\s*(?:"
    r"(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[zZ]|[+ -]\d\d:\d\d)?)"
    r"|(?:guid)?'?(?P<guid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})'?"
    r"|(?P<date>\d{4}-\d\d-\d\d)"
    r"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<enum>[A-Za-z_][\w.]*'[^']*')"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<name>[A-Za-z_][\w./]*)"
    r"|(?P<mark>[(),])"
    r")"
)


class QueryError(ValueError):
    """A query option that cannot be answered; the text is for the body of the 400."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant and its kind: null, boolean, number, text, guid, date, datetime, enum."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Path:
    """A field, or a field of a field."""

    parts: tuple[str, ...]
    type: str


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function with what it works on."""

    name: str
    arguments: tuple[Any, ...]


Node = Literal | Path | Call


def parse_filter(text: str, entity_set: EntitySet) -> Node:
    """Return the parsed filter. Raises QueryError for one that SIMS would refuse."""
    parser = _Parser(text, entity_set)
    node = parser.either()
    parser.end()
    return node


def compiled(node: Node) -> Test:
    """Return a test of a row."""
    if isinstance(node, Literal):
        return lambda _row: node.value
    if isinstance(node, Path):
        return _reader(node)
    parts = [compiled(part) for part in node.arguments]
    return _OPERATIONS[node.name](*parts)


def bounds(node: Node | None, field: str) -> tuple[datetime | None, datetime | None]:
    """Return the earliest and latest moment of ``field`` that the filter leaves open; None is no bound."""
    if not isinstance(node, Call):
        return None, None
    if node.name == "and":
        lows, highs = zip(*(bounds(part, field) for part in node.arguments), strict=True)
        return max(filter(None, lows), default=None), min(filter(None, highs), default=None)
    if node.name in ("eq", "gt", "ge", "lt", "le"):
        left, right = node.arguments
        if isinstance(left, Path) and left.parts == (field,) and isinstance(right, Literal) and right.value:
            moment = datetime.fromisoformat(right.value)
            low = moment if node.name in ("eq", "gt", "ge") else None
            return low, moment if node.name in ("eq", "lt", "le") else None
    return None, None


def utc_text(moment: datetime) -> str:
    """Return a moment as every row writes it: in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Parser:
    """Recursive descent; or binds weakest, not strongest."""

    def __init__(self, text: str, entity_set: EntitySet) -> None:
        self._text = text
        self._set = entity_set
        self._tokens = _tokens(text)
        self._place = 0

    def either(self) -> Node:
        node = self._both()
        while self._take("name", "or"):
            node = Call("or", (node, self._both()))
        return node

    def end(self) -> None:
        if self._place < len(self._tokens):
            raise self._wrong()

    def _both(self) -> Node:
        node = self._negated()
        while self._take("name", "and"):
            node = Call("and", (node, self._negated()))
        return node

    def _negated(self) -> Node:
        if self._take("name", "not"):
            return Call("not", (self._negated(),))
        return self._compared()

    def _compared(self) -> Node:
        if self._take("mark", "("):
            node = self.either()
            self._need(")")
            return node
        left = self._operand()
        kind, word = self._peek()
        if kind == "name" and word in _COMPARISONS:
            self._place += 1
            return Call(word, self._alike(word, left, self._operand()))
        if kind == "name" and word == "in":
            self._place += 1
            return Call("in", (left, *self._listed(left)))
        return left

    def _listed(self, left: Node) -> tuple[Node, ...]:
        self._need("(")
        found = [self._alike("eq", left, self._operand())[1]]
        while self._take("mark", ","):
            found.append(self._alike("eq", left, self._operand())[1])
        self._need(")")
        return tuple(found)

    def _operand(self) -> Node:
        kind, word = self._peek()
        self._place += 1
        if kind == "name":
            if word in ("null", "true", "false"):
                return Literal(
                    "null" if word == "null" else "boolean", {"true": True, "false": False}.get(word)
                )
            if word in _FUNCTIONS and self._take("mark", "("):
                arguments = [self._operand()]
                while self._take("mark", ","):
                    arguments.append(self._operand())
                self._need(")")
                if len(arguments) != (1 if word in ("tolower", "toupper") else 2):
                    raise self._wrong()
                return Call(word, tuple(arguments))
            return self._path(word)
        if kind in ("", "mark"):
            raise self._wrong()
        return _literal(kind, word)

    def _path(self, word: str) -> Path:
        parts = tuple(word.split("/"))
        fields: Mapping[str, str] = self._set.fields
        type_name = ""
        for part in parts:
            if part not in fields:
                raise QueryError(f"Could not find a property named '{part}' on type '{self._set.type_name}'.")
            type_name = fields[part]
            fields = COMPLEX_TYPES.get(type_name, {})
        return Path(parts, type_name)

    def _alike(self, operator: str, left: Node, right: Node) -> tuple[Node, Node]:
        """Both sides of a comparison, or QueryError where their types do not go together."""
        if isinstance(left, Literal) and isinstance(right, Path):
            other, literal = self._alike(operator, right, left)
            return literal, other
        if isinstance(left, Path) and isinstance(right, Literal):
            return left, _fitted(operator, left.type, right)
        return left, right

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._place] if self._place < len(self._tokens) else ("", "")

    def _take(self, kind: str, word: str) -> bool:
        if self._peek() == (kind, word):
            self._place += 1
            return True
        return False

    def _need(self, mark: str) -> None:
        if not self._take("mark", mark):
            raise self._wrong()

    def _wrong(self) -> QueryError:
        return QueryError(f"Syntax error at position {self._place} in '{self._text}'.")


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise QueryError(f"Syntax error: character '{text[place:].strip()[0]}' is not valid in '{text}'.")
        found.append((match.lastgroup, match[match.lastgroup]))
        place = match.end()
    return found


def _literal(kind: str, word: str) -> Literal:
    if kind == "number":
        return Literal(kind, float(word) if "." in word else int(word))
    if kind == "guid":
        return Literal(kind, word.lower())
    if kind == "text":
        return Literal(kind, word[1:-1].replace("''", "'"))
    if kind == "enum":
        return Literal(kind, word.partition("'")[2][:-1])
    if kind == "datetime":
        try:
            moment = datetime.fromisoformat(word.replace(" ", "+").upper())
        except ValueError:
            raise QueryError(f"Unrecognized 'Edm.DateTimeOffset' literal '{word}'.") from None
        return Literal(kind, utc_text(moment if moment.tzinfo else moment.replace(tzinfo=UTC)))
    return Literal(kind, word)


def _fitted(operator: str, type_name: str, literal: Literal) -> Literal:
    """Return the literal as values of the type are written."""
    if type_name == "DateTimeOffset" and literal.kind == "text":
        literal = _literal("datetime", literal.value)
    allowed = {
        "DateTimeOffset": ("datetime",),
        "Date": ("date", "datetime", "text"),
        "Boolean": ("boolean",),
        "Int32": ("number",),
        "Guid": ("guid", "text"),
        "String": ("text", "guid", "enum"),
        "GroupTypeEnum": ("enum", "text"),
    }
    if literal.kind == "null" or literal.kind in allowed.get(type_name, ()):
        value = literal.value
        if type_name == "Date" and value is not None:
            value = value[:10]
        if type_name == "Guid" and value is not None:
            value = value.lower()
        return Literal(literal.kind, value)
    found = {"date": "Edm.Date", "datetime": "Edm.DateTimeOffset", "number": "Edm.Int32"}.get(
        literal.kind, "Edm.String"
    )
    raise QueryError(
        "A binary operator with incompatible types was detected. Found operand types "
        f"'Edm.{type_name}' and '{found}' for operator kind '{operator}'."
    )


def _reader(path: Path) -> Test:
    first, *rest = path.parts
    if not rest:
        return lambda row: row.get(first)

    def read(row: Row) -> Any:
        value: Any = row.get(first)
        for part in rest:
            value = value.get(part) if value is not None else None
        return value

    return read


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Test, Test], Test]:
    def of(left: Test, right: Test) -> Test:
        def test(row: Row) -> bool:
            a, b = left(row), right(row)
            return a is not None and b is not None and compare(a, b)

        return test

    return of


def _text_test(compare: Callable[[str, str], bool]) -> Callable[[Test, Test], Test]:
    return lambda left, right: lambda row: compare(str(left(row) or ""), str(right(row) or ""))


_OPERATIONS: Mapping[str, Callable[..., Test]] = {
    "and": lambda a, b: lambda row: bool(a(row) and b(row)),
    "or": lambda a, b: lambda row: bool(a(row) or b(row)),
    "not": lambda a: lambda row: not a(row),
    "eq": lambda a, b: lambda row: a(row) == b(row),
    "ne": lambda a, b: lambda row: a(row) != b(row),
    "in": lambda a, *rest: lambda row: a(row) in [one(row) for one in rest],
    "gt": _ordered(lambda a, b: a > b),
    "ge": _ordered(lambda a, b: a >= b),
    "lt": _ordered(lambda a, b: a < b),
    "le": _ordered(lambda a, b: a <= b),
    "contains": _text_test(lambda a, b: b in a),
    "startswith": _text_test(lambda a, b: a.startswith(b)),
    "endswith": _text_test(lambda a, b: a.endswith(b)),
    "tolower": lambda a: lambda row: str(a(row) or "").lower(),
    "toupper": lambda a: lambda row: str(a(row) or "").upper(),
}
