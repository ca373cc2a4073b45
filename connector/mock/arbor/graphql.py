"""The GraphQL side of the mock Arbor (docs/mis-arbor.md).

graphql-core parses, checks and introspects. The rows themselves are printed here: a page of marks is thousands
of objects of the same shape, for which a general executor takes a hundred times as long.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import graphql as gql
from flask import Blueprint, Response, request
from graphql.execution.values import get_argument_values, get_variable_values
from graphql.language import ast

from connector.mock.arbor import filters
from connector.mock.arbor.rest import answer
from connector.mock.arbor.rows import Ref, RowLike
from connector.mock.arbor.schema import EXTRAS, FLAT, SUFFIXES, collections, person_fields, schema
from connector.mock.arbor.state import State
from connector.mock.arbor.types import KINDS, Kind

Getter = Callable[[RowLike], Any]
Nodes = tuple[ast.FieldNode, ...]

_RULES = [
    rule
    for rule in gql.specified_rules
    # unknown arguments are checked here, by following the path that they spell; a filter takes any type
    if rule.__name__ not in ("KnownArgumentNamesRule", "VariablesInAllowedPositionRule")
]

_VALUES = re.compile(r'"(?:[^"\\]|\\.)*"|\b\d+\b')
_LISTS = re.compile(r"\[0(?:\s*,?\s*0)*\]")
_sound: set[str] = set()
"""Queries found sound, less their values: clients ask the same with other ids, and other numbers of them, again and again."""
_parsed = lru_cache(maxsize=100)(gql.parse)


class AccessError(Exception):
    """A field that the application has no permission for."""

    def __init__(self, what: str, node: ast.Node) -> None:
        super().__init__(f"You do not have access to `{what}`.")
        self.node = node


def graphql(state: State) -> Blueprint:
    """``POST /graphql/query``."""
    routes = Blueprint("graphql", __name__)

    @routes.route("/graphql/query", methods=["POST"])
    @routes.route("/graphql", methods=["POST"])
    def query() -> Response:
        try:
            body = json.loads(request.get_data() or b"{}")
            text, variables = str(body["query"]), body.get("variables") or {}
        except (ValueError, KeyError, TypeError):
            return answer({"errors": [{"message": "The body must be JSON with a `query`."}]}, 400)
        with state.world.lock:
            return answer(run(state, text, variables, body.get("operationName")))

    return routes


def run(state: State, text: str, variables: Mapping[str, Any], operation_name: str | None) -> dict[str, Any]:
    """Return the answer to a query: ``data``, or ``errors`` alone."""
    try:
        document = _parsed(text)
        shape = _LISTS.sub("[0]", _VALUES.sub("0", text))
        if shape not in _sound:
            errors = gql.validate(schema(), document, _RULES)
            if errors:
                return {"errors": [error.formatted for error in errors]}
            if len(_sound) > 1000:
                _sound.clear()
            _sound.add(shape)
        operation = gql.get_operation_ast(document, operation_name)
        if operation is None or operation.operation is not ast.OperationType.QUERY:
            return {"errors": [{"message": "Name one query to run; nothing can be changed here."}]}
        reader = Reader(state, document, operation, variables)
        if reader.introspects:
            result = gql.execute_sync(
                schema(), document, variable_values=dict(variables), operation_name=operation_name
            )
            return dict(result.formatted)
        return {"data": reader.data()}
    except gql.GraphQLError as error:
        return {"errors": [error.formatted]}
    except AccessError as error:
        return {"errors": [_located(str(error), error.node)]}
    except filters.QueryError as error:
        return {"errors": [{"message": str(error)}]}


def _located(message: str, node: ast.Node) -> dict[str, Any]:
    place = gql.get_location(node.loc.source, node.loc.start) if node.loc else None
    locations = [{"line": place.line, "column": place.column}] if place else []
    return {"message": message, "locations": locations}


class Reader:
    """Runs one query."""

    def __init__(
        self,
        state: State,
        document: gql.DocumentNode,
        operation: ast.OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._state = state
        self._operation = operation
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, ast.FragmentDefinitionNode)
        }
        coerced = get_variable_values(schema(), operation.variable_definitions or (), dict(variables))
        if isinstance(coerced, list):
            raise coerced[0]
        self._variables: Any = coerced
        # by the identity of the nodes: comparing parsed queries goes through the whole tree each time
        self._shapes: dict[tuple[int, str], list[tuple[str, Getter]]] = {}
        self._printed: dict[tuple[int, Ref], Any] = {}
        self._kept: list[Mapping[str, Nodes]] = []
        self._roots = self._collected([operation.selection_set], None)

    @property
    def introspects(self) -> bool:
        """True when the query asks for the schema itself."""
        return any(nodes[0].name.value in ("__schema", "__type") for nodes in self._roots.values())

    def data(self) -> dict[str, Any]:
        """Every root field's rows."""
        return {key: self._root(nodes) for key, nodes in self._roots.items()}

    def _root(self, nodes: Nodes) -> Any:
        name = nodes[0].name.value
        if name == "__typename":
            return "Query"
        kind = KINDS[name]
        if self._state.withheld(name):
            raise AccessError(name, nodes[0])
        arguments = self._arguments(nodes[0])
        found = self._found(kind, arguments)
        size = min(int(arguments.get("page_size") or 3000), self._state.options.largest_graphql_page)
        start = int(arguments.get("page_num") or 0) * size
        faults = self._state.world.faults
        page = found[start : start + size]
        if start and page and faults.strikes("duplicate-rows", "POST", request.path):
            page = [found[start - 1], *page]
        if start and faults.strikes("shifted-rows", "POST", request.path):
            page = found[start + 1 : start + 1 + size]
        if faults.strikes("hidden-fields", "POST", request.path):
            fields = [n for n in self._collected([n.selection_set for n in nodes], kind).values() if n]
            raise AccessError(f"{name}.{fields[-1][0].name.value}", fields[-1][0])
        shape = self._shape(nodes, kind)
        return [{key: get(row) for key, get in shape} for row in page]

    def _arguments(self, node: ast.FieldNode) -> dict[str, Any]:
        definition = schema().query_type.fields[node.name.value]  # type: ignore[union-attr]
        known = get_argument_values(definition, node, self._variables)
        for argument in node.arguments or ():
            name = argument.name.value
            if name not in known:
                known[name] = self._plain(argument.value)
        return known

    def _plain(self, node: ast.ValueNode) -> Any:
        values = getattr(self._variables, "coerced", self._variables)
        return gql.value_from_ast_untyped(node, values)

    def _found(self, kind: Kind, arguments: Mapping[str, Any]) -> list[RowLike]:
        tests = [
            self._test(kind, name, value)
            for name, value in arguments.items()
            if name not in ("page_size", "page_num")
        ]
        rows = self._state.candidates(kind, arguments)
        return [row for row in rows if all(test(row) for test in tests)]

    def _test(self, kind: Kind, name: str, value: Any) -> Callable[[RowLike], bool]:
        names, operator = _path(kind, name)
        words = [_word(one) for one in value] if isinstance(value, list) else [_word(value)]
        test = filters.compare(operator, words or [""])
        if names == ["modifiedDatetime"]:
            return lambda row: test(_moment(row))
        follow = filters.path(kind, names, self._state.rows)
        return lambda row: test(follow(row))

    # printing ----------------------------------------------------------------------------------------------

    def _collected(self, sets: Sequence[ast.SelectionSetNode | None], kind: Kind | None) -> dict[str, Nodes]:
        """Return the fields asked of a type by answer key, with fragments opened and directives applied."""
        found: dict[str, list[ast.FieldNode]] = {}

        def open_set(selections: ast.SelectionSetNode | None) -> None:
            for node in selections.selections if selections else ():
                if not self._wanted(node):
                    continue
                if isinstance(node, ast.FieldNode):
                    found.setdefault((node.alias or node.name).value, []).append(node)
                    continue
                part: Any = node
                if isinstance(node, ast.FragmentSpreadNode):
                    part = self._fragments[node.name.value]
                condition = part.type_condition.name.value if part.type_condition else None
                if kind is None or condition in (None, "Entity", kind.name):
                    open_set(part.selection_set)

        for selections in sets:
            open_set(selections)
        return {key: tuple(nodes) for key, nodes in found.items()}

    def _wanted(self, node: ast.SelectionNode) -> bool:
        for directive in node.directives or ():
            value = bool(self._plain(directive.arguments[0].value)) if directive.arguments else True
            if (directive.name.value == "skip" and value) or (
                directive.name.value == "include" and not value
            ):
                return False
        return True

    def _shape(self, nodes: Nodes, kind: Kind) -> list[tuple[str, Getter]]:
        """How to print what these nodes ask of a row of this type."""
        place = (id(nodes), kind.name)
        if place not in self._shapes:
            asked = self._collected([node.selection_set for node in nodes], kind)
            self._kept.append(asked)
            self._shapes[place] = [(key, self._getter(sub, kind)) for key, sub in asked.items()]
        return self._shapes[place]

    def _getter(self, nodes: Nodes, kind: Kind) -> Getter:
        name = nodes[0].name.value
        if self._state.withheld(kind.name, name):
            raise AccessError(f"{kind.name}.{name}", nodes[0])
        if name == "id" and self._state.options.number_ids:
            return lambda row: int(row.id) if row.id.isdigit() else row.id
        if name == "id":
            return lambda row: row.id
        if name in ("entityType", "__typename"):
            return lambda row: row.kind.name
        if name == "href":
            return lambda row: row.kind.href(row.id)
        if name == "displayName":
            return self._state.rows.shown_name
        if name == "modifiedDatetime":
            return _moment
        field = kind.fields.get(name)
        if field is not None:
            if not field.target and field.kind in ("date", "datetime"):
                return lambda row: self._state.printed(row.value(name), field.kind)
            if not field.target:
                return lambda row: row.value(name)
            if self._state.withheld(field.target):
                raise AccessError(field.target, nodes[0])
            if field.target in KINDS:
                self._shape(nodes, KINDS[field.target])  # refused whether or not a row has such an object
            return lambda row: self._related(nodes, row.value(name))
        if name in person_fields(kind):
            return self._through_person(nodes, name)
        if name in collections(kind):
            return self._collection(nodes, *collections(kind)[name])
        assert name in EXTRAS.get(kind.name, ())
        return self._extra(nodes, name)

    def _related(self, nodes: Nodes, value: Any) -> Any:
        if not isinstance(value, Ref):
            return self._state.nothing
        place = (id(nodes), value)
        if place not in self._printed:
            row = self._state.rows.row(value.type, value.id)
            self._printed[place] = (
                {key: get(row) for key, get in self._shape(nodes, row.kind)} if row else None
            )
        return self._printed[place]

    def _through_person(self, nodes: Nodes, name: str) -> Getter:
        if self._state.withheld("Person", name):
            raise AccessError(f"Person.{name}", nodes[0])
        rows, target = self._state.rows, KINDS["Person"].fields[name].target
        if target and self._state.withheld(target):
            raise AccessError(target, nodes[0])
        if target in KINDS:
            self._shape(nodes, KINDS[target])

        def get(row: RowLike) -> Any:
            ref = row.value("person")
            person = rows.row(ref.type, ref.id) if isinstance(ref, Ref) else None
            value = person.value(name) if person else None
            kind = KINDS["Person"].fields[name].kind
            return self._related(nodes, value) if target else self._state.printed(value, kind)

        return get

    def _collection(self, nodes: Nodes, other: Kind, field: str) -> Getter:
        if self._state.withheld(other.name):
            raise AccessError(other.name, nodes[0])
        shape = self._shape(nodes, other)
        by_owner: dict[Any, list[RowLike]] = {}
        for found in self._state.rows.all(other.name):
            by_owner.setdefault(found.value(field), []).append(found)
        return lambda row: [
            {key: get(one) for key, get in shape} for one in by_owner.get(Ref(row.kind.name, row.id), [])
        ]

    def _extra(self, nodes: Nodes, name: str) -> Getter:
        rows = self._state.rows

        def get(row: RowLike) -> Any:
            me = Ref("Student", row.id)
            if name == "displayAcademicLevel":
                found = [m for m in rows.all("AcademicLevelMembership") if m.value("student") == me]
                return self._related(nodes, found[-1].value("academicLevel")) if found else None
            spells = [e for e in rows.all("EducationalInstitutionEnrolment") if e.value("student") == me]
            return (
                spells[-1].value("entryDate" if name == "mostRecentEntryDate" else name) if spells else None
            )

        return get


def _path(kind: Kind, name: str) -> tuple[list[str], str]:
    """Return a filter argument as the properties it follows and its operator: ``student__id_in`` -> student, id; in."""
    *outer, last = name.split("__")
    operator = "equals"
    at: Kind | None = kind
    for step in outer:
        field = at.fields.get(step) if at else None
        at = KINDS.get(field.target) if field else None
    if at is None or last not in at.fields:
        for suffix, meaning in SUFFIXES.items():
            if last.endswith(suffix):
                last, operator = last.removesuffix(suffix), meaning
                break
    names = [*outer, last]
    if len(names) == 1 and kind.name in FLAT and last in person_fields(kind):
        names = ["person", last]
    return names, operator


def _word(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _moment(row: RowLike) -> str:
    return row.modified.strftime("%Y-%m-%d %H:%M:%S")
