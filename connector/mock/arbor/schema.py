"""The GraphQL schema of the mock Arbor, made from the table of types: for checking queries and for introspection."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
)

from connector.mock.arbor.types import ANY, KINDS, Kind

SUFFIXES: Mapping[str, str] = {
    "_after_or_equal": "from",
    "_before_or_equal": "to",
    "_after": "after",
    "_before": "before",
    "_from": "from",
    "_to": "to",
    "_search": "search",
    "_like": "like",
    "_in": "in",
}
"""End of a filter argument -> the operator it means; longer ones first."""

FLAT = ("Student", "Guardian", "Staff")
"""Types that show their person's fields as their own."""

PLAIN = ("id", "entityType", "href", "displayName", "modifiedDatetime")
"""Fields of every type."""

_SCALARS: Mapping[str, GraphQLOutputType] = {
    "text": GraphQLString,
    "int": GraphQLInt,
    "float": GraphQLFloat,
    "bool": GraphQLBoolean,
    "date": GraphQLString,
    "datetime": GraphQLString,
}
_FILTER = GraphQLScalarType(
    "FilterValue", description="A text, number, truth value or list of them", parse_value=lambda value: value
)


def person_fields(kind: Kind) -> tuple[str, ...]:
    """Fields that a type takes over from its person."""
    if kind.name not in FLAT:
        return ()
    return tuple(name for name in KINDS["Person"].fields if name not in kind.fields)


@cache
def collections(kind: Kind) -> Mapping[str, tuple[Kind, str]]:
    """Return lists that a person's types show of what refers to them: name -> (type, its property)."""
    if kind.name not in (*FLAT, "Person", "AcademicLevel", "RegistrationForm"):
        return {}
    found: dict[str, tuple[Kind, str]] = {}
    for other in KINDS.values():
        for field in other.fields.values():
            if field.target == kind.name and other.list_root not in kind.fields:
                found.setdefault(other.list_root, (other, field.name))
    return found


EXTRAS: Mapping[str, tuple[str, ...]] = {
    "Student": ("mostRecentEntryDate", "leavingDate", "displayAcademicLevel"),
}


@cache
def schema() -> GraphQLSchema:
    """Return the schema, the same for every mock."""
    anything = GraphQLInterfaceType("Entity", {name: GraphQLField(_plain(name)) for name in PLAIN})
    types: dict[str, GraphQLObjectType] = {}

    def output(target: str) -> GraphQLOutputType:
        return anything if target == ANY else types[target]

    def fields(kind: Kind) -> dict[str, GraphQLField]:
        found = {name: GraphQLField(_plain(name)) for name in PLAIN}
        for name, field in kind.fields.items():
            found[name] = GraphQLField(output(field.target) if field.target else _SCALARS[field.kind])
        for name in person_fields(kind):
            field = KINDS["Person"].fields[name]
            found[name] = GraphQLField(output(field.target) if field.target else _SCALARS[field.kind])
        for name, (other, _) in collections(kind).items():
            found[name] = GraphQLField(GraphQLList(types[other.name]))
        for name in EXTRAS.get(kind.name, ()):
            found[name] = GraphQLField(
                types["AcademicLevel"] if name == "displayAcademicLevel" else GraphQLString
            )
        return found

    for kind in KINDS.values():
        types[kind.name] = GraphQLObjectType(kind.name, partial(fields, kind), interfaces=[anything])
    query = GraphQLObjectType(
        "Query",
        lambda: {
            kind.name: GraphQLField(GraphQLList(GraphQLNonNull(types[kind.name])), args=_arguments(kind))
            for kind in KINDS.values()
        },
    )
    return GraphQLSchema(query, types=[*types.values()])


def _plain(name: str) -> Any:
    return GraphQLNonNull(GraphQLID) if name == "id" else GraphQLString


def _arguments(kind: Kind) -> dict[str, GraphQLArgument]:
    """Return the arguments that introspection shows; deeper paths work as well."""
    found = {"page_size": GraphQLArgument(GraphQLInt), "page_num": GraphQLArgument(GraphQLInt)}
    names = ["id", "modifiedDatetime", *person_fields(kind)]
    for name, field in kind.fields.items():
        names += [f"{name}__id", f"{name}__code"] if field.target else [name]
    for name in names:
        found[name] = GraphQLArgument(_FILTER)
        for suffix in ("_in", "_after", "_before", "_after_or_equal", "_before_or_equal"):
            found[name + suffix] = GraphQLArgument(_FILTER)
    return found
