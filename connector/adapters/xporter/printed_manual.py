"""The manual that a live Xporter prints at /Queries, compared with the fields that we read and know."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from connector.adapters.xporter import fields
from connector.adapters.xporter.client import XporterClient
from connector.errors import AdapterError, Finding


def differences(client: XporterClient) -> Iterator[Finding]:
    """Yield what the school's own manual says otherwise than our list: fields of ours that it lacks, and fields that are new."""
    try:
        endpoints = client.information("Queries").get("Endpoints")
    except AdapterError as error:
        message = f"{error.message}: the field names could not be compared with the manual of today"
        yield Finding("Xporter Queries", message, error.fix, "warning")
        return
    printed = printed_fields(endpoints if isinstance(endpoints, list) else [])
    for path, ours in _ours().items():
        theirs = printed.get(path.lower())
        if theirs is None:
            continue  # not every endpoint was in the manual when this was written
        known = {name.casefold() for name in (*ours, *_known().get(path, ()))}
        there = {name.casefold() for name in theirs}
        gone = [
            name for name in ours if name.casefold() not in there and name not in _unprinted().get(path, ())
        ]
        new = [name for name in theirs if name.casefold() not in known]
        where = f"Xporter manual: {path}"
        if gone:
            message = f"no longer names {', '.join(gone)}, which are read"
            yield Finding(
                where, message, "compare the names in fields.toml of the xporter adapter", "warning"
            )
        if new:
            message = f"names fields that are new: {', '.join(new)}"
            fix = "report it to the makers of this connector: one of them may be a fact that is missing until now"
            yield Finding(where, message, fix, "warning")


def printed_fields(endpoints: list[object]) -> dict[str, list[str]]:
    """Given the rows of /Queries, return the fields of each endpoint by its path in small letters.

    The documentation is Markdown; its tables of fields have a head that begins with Field and ends with Consent Scope.
    """
    found: dict[str, list[str]] = {}
    for row in endpoints:
        path = str(row.get("Path") or "") if isinstance(row, dict) else ""
        if not isinstance(row, dict) or "/School/{estab}/" not in path:
            continue
        name = path.partition("/School/{estab}/")[2].partition("/")[0].lower()
        found.setdefault(name, []).extend(_names(str(row.get("Documentation") or "")))
    return {path: list(dict.fromkeys(names)) for path, names in found.items() if names}


def _names(markdown: str) -> Iterator[str]:
    inside = False
    for line in markdown.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) < 2:
            inside = False
        elif cells[0] == "Field" and cells[-1] == "Consent Scope":
            inside = True
        elif inside and not set(cells[0]) <= set("-: ") and cells[0]:
            yield cells[0]


def _ours() -> dict[str, list[str]]:
    """Return the names that we read, by the endpoint's path: the usual spelling of each."""
    found: dict[str, list[str]] = {}
    for table, endpoint in fields.TABLES.items():
        named = [one.names[0] for one in fields.fields(table).values() if one.names]
        found[endpoint.path] = list(dict.fromkeys([*found.get(endpoint.path, ()), *named]))
    return found


@cache
def _file() -> Mapping[str, Mapping[str, list[str]]]:
    text = files(__package__).joinpath("known_fields.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _known() -> Mapping[str, list[str]]:
    return _file()["known"]


def _unprinted() -> Mapping[str, list[str]]:
    return _file()["unprinted"]
