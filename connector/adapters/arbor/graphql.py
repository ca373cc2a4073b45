"""Reading by GraphQL: several types in one call, a page of rows at a time (docs/mis-arbor.md)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from connector.adapters.arbor.paging import read_pages
from connector.adapters.arbor.rows import ALWAYS, Filter, Row, Tree, Want, type_of
from connector.adapters.arbor.settings import ArborSettings
from connector.adapters.arbor.wire import GRAPHQL, HiddenError, body_of, no_access
from connector.errors import FatalError, RetryableError
from connector.http import Client

_PERSONS = frozenset({"Student", "Guardian"})
_SUFFIX = {"equals": "", "in": "_in", "from": "_after_or_equal", "to": "_before_or_equal"}
_ACCESS = re.compile(r"do not have access to `([\w.]+)`")
_UNKNOWN = re.compile(r"Cannot query field [\"'](\w+)[\"'] on type [\"'](\w+)[\"']")


class GraphqlSource:
    """Reads rows by GraphQL."""

    def __init__(self, client: Client, settings: ArborSettings) -> None:
        self._client = client
        self._size = settings.graphql_page_size
        self.together = settings.graphql_together
        self._flat = settings.graphql_person == "flat"

    def fetch(self, wants: Sequence[Want]) -> list[list[Row]]:
        """Return every want's rows; the first pages of all of them in one call where that is allowed."""
        if not self.together:
            return [self._all_pages(want, None) for want in wants]
        firsts = self._pages(wants, 0, self._size) if wants else []
        return [self._all_pages(want, first) for want, first in zip(wants, firsts, strict=True)]

    def first_rows(self, wants: Sequence[Want], count: int) -> list[list[Row]]:
        """Return the first rows of each want, up to so many."""
        if not self.together:
            return [self._pages([want], 0, count)[0] for want in wants]
        return self._pages(wants, 0, count) if wants else []

    def forget(self) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Do nothing: no thread runs."""

    def _all_pages(self, want: Want, first: list[Row] | None) -> list[Row]:
        return read_pages(
            lambda place, size: self._pages([want], place, size)[0],
            self._size,
            key=lambda row: str(row.get("id")),
            first=first,
            what=f"{GRAPHQL} {want.type}",
        )

    def _pages(self, wants: Sequence[Want], place: int, size: int) -> list[list[Row]]:
        """Return one page of each want in one call."""
        asked = " ".join(self._root(n, want, place, size) for n, want in enumerate(wants))
        what = " and ".join(dict.fromkeys(want.type for want in wants[:3]))
        answer = self._client.post(GRAPHQL, json_body={"query": f"{{ {asked} }}"}, safe=True, accept=(400,))
        body = body_of(f"reading {what}", answer)
        if body.get("errors"):
            raise _refusal(body["errors"])
        data = body.get("data")
        if not isinstance(data, dict):
            raise RetryableError(f"Arbor: reading {what} brought no data", fix="the next run asks again")
        pages = []
        for n, want in enumerate(wants):
            rows = data.get(f"r{n}")
            rows = [] if rows == {} else rows
            if not isinstance(rows, list):
                raise no_access(want.type)
            pages.append([self._nested(row, want.tree, want.type) for row in rows])
        return pages

    def _root(self, number: int, want: Want, place: int, size: int) -> str:
        arguments = "".join(f", {self._argument(condition)}" for condition in want.filters)
        fields = self._selection(want.tree, want.type)
        return f"r{number}: {want.type}(page_size: {size}, page_num: {place}{arguments}) {{ {fields} }}"

    @staticmethod
    def _argument(condition: Filter) -> str:
        value = list(condition.value) if isinstance(condition.value, tuple) else condition.value
        return f"{condition.path}{_SUFFIX[condition.operator]}: {json.dumps(value, ensure_ascii=False)}"

    def _selection(self, tree: Tree, owner: str) -> str:
        parts = []
        for name, below in tree.items():
            if below is None:
                parts.append(name)
            elif name == "person" and self._flat and owner in _PERSONS:
                flat = {k: v for k, v in below.items() if k != "id"}
                parts += ["person { id }", self._selection(flat, "")]
            else:
                parts.append(f"{name} {{ {self._selection(below, type_of(name))} }}")
        return " ".join(parts)

    def _nested(self, row: Any, tree: Tree, owner: str) -> Row:
        """Return a row with a flat person's names put back under ``person``. Raises FatalError for a field left out."""
        if not isinstance(row, dict):
            raise RetryableError("Arbor: a row is not an object", fix="the next run asks again")
        shown: Row = {}
        for name, below in tree.items():
            if name == "person" and below is not None and self._flat and owner in _PERSONS:
                held = row.get("person")
                person = {**held} if isinstance(held, dict) else {}
                person |= {k: self._value(row, k, v, "Person") for k, v in below.items() if k != "id"}
                shown["person"] = person
            else:
                shown[name] = self._value(row, name, below, owner)
        return shown

    def _value(self, row: Mapping[str, Any], name: str, below: Tree | None, owner: str) -> Any:
        if name not in row:
            raise no_access(f"{owner}.{name}")
        value = row[name]
        if below is not None and value in ([], {}):
            value = None  # an empty list or object where a related object was asked for
        if below is not None and value is None and name in ALWAYS:
            raise no_access(f"{owner}.{name}")
        if below is not None and isinstance(value, dict):
            return self._nested(value, below, type_of(name))
        return str(value) if name == "id" and value is not None else value


def _refusal(errors: Any) -> FatalError:
    """Return what GraphQL's errors mean. Their text can repeat a filter's value, so only names of fields are taken."""
    messages = [str(e.get("message", "")) for e in errors if isinstance(e, dict)]
    denied = [m.group(1) for message in messages if (m := _ACCESS.search(message))]
    unknown = [_name(m) for message in messages if (m := _UNKNOWN.search(message))]
    names = tuple(dict.fromkeys([*denied, *unknown]))
    if unknown:
        message = f"Arbor's GraphQL does not know {', '.join(dict.fromkeys(unknown))}"
        fix = 'set reads = "rest", or ask Arbor how this is called (docs/mis-arbor.md)'
        return HiddenError(names, message, fix)
    if denied:
        return no_access(*names)
    return FatalError(
        f"Arbor's GraphQL refused a query with {len(messages)} errors",
        fix='set reads = "rest", and report what `check` shows',
    )


def _name(unknown: re.Match[str]) -> str:
    """Return what an unknown field is called: a type where it is one of the query itself."""
    return unknown.group(1) if unknown.group(2) == "Query" else f"{unknown.group(2)}.{unknown.group(1)}"
