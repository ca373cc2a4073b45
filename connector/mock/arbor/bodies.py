"""What clients send to the mock Arbor: JSON under any Content-Type, in every spelling the SDKs use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from connector.mock.arbor.rows import Ref
from connector.mock.arbor.state import State
from connector.mock.arbor.types import ANY, KINDS, Field, Kind, kind_at

_IDENTITY = frozenset({"entityType", "href", "displayName", "revisionId", "id"})
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "PastoralNote": ("student", "content"),
    "AcademicNote": ("student", "content"),
    "SafeguardingNote": ("student", "content"),
    "Note": ("note",),
    "Student": ("person",),
}


class BodyError(Exception):
    """A body that cannot be taken, with the answer it gets."""

    def __init__(self, code: int, reason: str, *findings: str) -> None:
        super().__init__(reason)
        self.code, self.reason, self.findings = code, reason, findings


def invalid(*findings: str) -> BodyError:
    """Return the answer 422, which has no root key."""
    return BodyError(422, "Unprocessable Entity", *findings)


def read_body(data: bytes) -> dict[str, Any]:
    """Return the JSON object of a request. Raises BodyError 400 for anything else."""
    try:
        body = json.loads(data or b"null")
    except ValueError:
        raise BodyError(400, "Bad Request", "the body is not JSON") from None
    if not isinstance(body, dict):
        raise BodyError(400, "Bad Request", "the body must be a JSON object")
    return body


def requests_in(body: Mapping[str, Any], kind: Kind) -> tuple[list[Mapping[str, Any]], bool]:
    """Return the objects of this type in a body, and whether it asks for many. Raises BodyError 422 without the root key."""
    wanted = body.get("request", body)
    if isinstance(wanted, list):
        return [_rooted(one, kind) for one in wanted], True
    return [_rooted(wanted, kind)], False


def _rooted(given: Any, kind: Kind) -> Mapping[str, Any]:
    if isinstance(given, dict):
        for key, value in given.items():
            found = kind_at(key)
            if found is not None and found.name == kind.name and isinstance(value, dict):
                return value
    raise invalid(f"the root key '{kind.root}' is missing")


def read_values(
    kind: Kind, given: Mapping[str, Any], state: State, *, complete: bool = True
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values and user tags of an object as sent. ``complete`` checks for what the type needs. Raises BodyError."""
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name in _IDENTITY or name == "userTags":
            continue
        field = kind.fields.get(name)
        if field or state.options.keep_unknown_properties:
            values[name] = _value(field, value, state) if field else value
    if complete:
        missing = [name for name in _REQUIRED.get(kind.name, ()) if values.get(name) in (None, "")]
        if missing:
            raise invalid(*(f"{name}: this value should not be blank" for name in missing))
    tags = given.get("userTags")
    return values, dict(tags) if isinstance(tags, dict) else {}


def _value(field: Field, value: Any, state: State) -> Any:
    if value is None:
        return None
    if field.target:
        return read_ref(value, field.target, state)
    if isinstance(value, dict) and value.get("entityType") == "date":
        value = value.get("date")
    if field.kind == "date" and isinstance(value, str):
        return value[:10]
    if field.kind == "int" and isinstance(value, str) and value.strip().lstrip("-").isdigit():
        return int(value)
    if field.kind == "bool" and isinstance(value, str):
        return value.lower() in ("1", "true", "yes")
    return value


def read_ref(value: Any, target: str, state: State) -> Ref:
    """Return the related object that a client names: a nested object, an address, an id or a code. Raises BodyError 422."""
    if isinstance(value, dict):
        href = value.get("href")
        if href:
            value = href
        elif kind_at(str(value.get("entityType", ""))) is not None:
            return _new(kind_at(str(value["entityType"])), value, state)
    word = str(value)
    parts = word.strip("/").split("/")
    kind = kind_at("".join(parts[1:-1])) if len(parts) > 2 else KINDS.get(target)
    if kind is None or (target not in (ANY, kind.name)):
        raise invalid(f"'{word}' is no {target}")
    row = state.rows.find(kind, parts[-1])
    if row is None:
        raise invalid(f"there is no {kind.name} {parts[-1]}")
    return Ref(kind.name, row.id)


def _new(kind: Kind | None, given: Mapping[str, Any], state: State) -> Ref:
    """Make a related object that is sent whole together with the one it belongs to."""
    assert kind is not None
    values, tags = read_values(kind, given, state)
    row = state.rows.put(kind.name, state.rows.new_id(kind.name), values, state.world.now(), tags)
    return Ref(kind.name, row.id)
