"""The mock SIMS's answers: paths, keys, bound functions, pages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from flask import Request, Response

from connector.mock.sims.filter import QueryError, Row
from connector.mock.sims.metadata import metadata, sets_of
from connector.mock.sims.query import Query, parse_query
from connector.mock.sims.schema import COMPLEX_TYPES, EntitySet, find_set
from connector.mock.sims.state import State

_SEGMENT = re.compile(r"^([\w.]+)(?:\((.*)\))?$", re.DOTALL)
_MAX_PAGE = re.compile(r"odata\.maxpagesize\s*=\s*(\d+)", re.IGNORECASE)
_HIDDEN: Mapping[str, tuple[str, ...]] = {
    "personals": ("PreferredSurname",),
    "contacts": ("Surname",),
    "records": ("AttendanceCode",),
    "histories": ("PreviousAttendanceCode",),
    "sessions": ("SessionName",),
    "codes": ("Code",),
    "periods": ("PeriodType",),
}
"""What the fault "hidden-fields" leaves out."""


class NotHereError(LookupError):
    """No such resource."""


@dataclass(frozen=True)
class Asked:
    """One request for rows, read from its path."""

    set: EntitySet
    of: Row | None = None
    """The row whose navigation property is asked for."""
    key: str | None = None
    since: datetime | None = None
    count_only: bool = False


class Service:
    """Answers requests under one base, such as /ssli01/Attendance/V3."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._sets = state.sets
        self._faults = state.world.faults

    def answer(self, service: str, path: str, root: str, request: Request) -> Response:
        """Answer a request. Raises NotHereError and QueryError; the caller turns them into 404 and 400."""
        own = sets_of(self._sets, service)
        if not own:
            raise NotHereError
        if path == "$metadata":
            document = metadata(self._sets, service)
            return Response(document, content_type="application/xml;charset=utf-8", headers=_VERSION)
        if path in ("", "/"):
            value = [{"name": s.name, "kind": "EntitySet", "url": s.name} for s in own]
            return body({"@odata.context": f"{root}/$metadata", "value": value})
        asked = self._read_path(service, path.strip("/"), request.args)
        if request.method == "POST":
            return self._post(asked, root, request)
        if asked.key is not None:
            return self._one(asked, root, request)
        return self._list(asked, root, request)

    def _read_path(self, service: str, path: str, arguments: Mapping[str, str]) -> Asked:
        first, *rest = path.split("/")
        name, key = _segment(first)
        found = find_set(self._sets, service, name)
        if found is None:
            raise NotHereError
        asked = Asked(found, key=_key(found, key))
        for segment in rest:
            name, inner = _segment(segment)
            if segment == "$count" and asked.key is None:
                asked = replace(asked, count_only=True)
            elif name in ("SIMS.Changes", "Changes") and asked.key is None and asked.set.changes:
                asked = replace(asked, since=_start_date(inner or "", arguments))
            elif asked.key is not None and name in asked.set.expands and inner is None:
                row = self._state.find(asked.set.area, asked.key)
                if row is None:
                    raise NotHereError
                asked = Asked(self._sets[asked.set.expands[name]], of=row)
            else:
                raise NotHereError
        return asked

    def _list(self, asked: Asked, root: str, request: Request) -> Response:
        query = parse_query(request.args.to_dict(), asked.set, self._sets)
        found = self._state.asked(query, of=asked.of, since=asked.since)
        if asked.count_only:
            return Response(str(len(found)), content_type="text/plain", headers=_VERSION)
        preferred = _MAX_PAGE.search(request.headers.get("Prefer", ""))
        most = min(self._state.options.largest_page, int(preferred[1]) if preferred else 10**9)
        wanted = len(found) if query.top is None else query.top
        rows = self._page(found, query.skip, min(wanted, most), request)
        envelope: dict[str, Any] = {"@odata.context": f"{root}/$metadata#{asked.set.name}"}
        if query.count:
            envelope["@odata.count"] = len(found)
        hidden = self._hidden(request)
        envelope["value"] = [self._shown(row, query, hidden) for row in rows]
        left = min(wanted, len(found) - query.skip) - most
        if left > 0 and self._state.options.next_link:
            envelope["@odata.nextLink"] = _next_link(request, query, most)
        if self._faults.strikes("endless-pages", request.method, request.path):
            envelope |= {"value": [], "@odata.nextLink": request.url}
        return body(envelope, {"Preference-Applied": preferred[0]} if preferred else {})

    def _page(self, found: Sequence[Row], start: int, size: int, request: Request) -> Sequence[Row]:
        if start and self._faults.strikes("duplicate-rows", request.method, request.path):
            start -= 1
        if start and self._faults.strikes("shifted-rows", request.method, request.path):
            start += 1
        return found[start : start + size]

    def _one(self, asked: Asked, root: str, request: Request) -> Response:
        assert asked.key is not None
        row = self._state.find(asked.set.area, asked.key)
        if row is None:
            raise NotHereError
        query = parse_query(request.args.to_dict(), asked.set, self._sets)
        context = {"@odata.context": f"{root}/$metadata#{asked.set.name}/$entity"}
        return body({**context, **self._shown(row, query, self._hidden(request))})

    def _post(self, asked: Asked, root: str, request: Request) -> Response:
        if asked.set.area != "records" or asked.key or asked.since or asked.of:
            return error(405, "The requested resource does not support http method 'POST'.")
        given = request.get_json(force=True, silent=True)
        if not isinstance(given, dict):
            raise QueryError("The body must be a JSON object.")
        stale = self._faults.strikes("stale", "POST", request.path)
        row = self._state.post_record(
            given,
            effect=not self._faults.strikes("no-effect", "POST", request.path),
            seen_after=self._faults.stale_seconds if stale else 0.0,
        )
        place = f"{root}/{asked.set.name}({row['ExternalID']})"
        context = {"@odata.context": f"{root}/$metadata#{asked.set.name}/$entity"}
        return body({**context, **row}, {"Location": place}, 201)

    def _hidden(self, request: Request) -> bool:
        return self._faults.strikes("hidden-fields", request.method, request.path)

    def _shown(self, row: Row, query: Query, hidden: bool) -> dict[str, Any]:
        """Return a row as it is answered: selected fields, expanded rows, nothing that is withheld."""
        chosen = query.select
        shown = {
            name: value
            for name, value in row.items()
            if not chosen or name in chosen or name.startswith("@odata.type")
        }
        for name, inner in query.expand.items():
            found = self._state.asked(inner, of=row)
            top = len(found) if inner.top is None else inner.top
            most = self._state.options.largest_expand or top
            shown[name] = [self._shown(one, inner, hidden) for one in found[inner.skip :][: min(top, most)]]
            if top > most and len(found) > most:
                shown[f"{name}@odata.nextLink"] = f"{query.set.name}({row['ExternalID']})/{name}?$skip={most}"
        left_out = self._state.left_out(query.set.name)
        if hidden and query.set.area in _HIDDEN:
            left_out.update(_HIDDEN[query.set.area])
        for name, kind in query.set.fields.items():
            if kind in COMPLEX_TYPES and isinstance(shown.get(name), dict):
                inside = self._state.left_out(kind)
                shown[name] = {key: value for key, value in shown[name].items() if key not in inside}
        for name in left_out:
            shown.pop(name, None)
        return shown


_VERSION = {"OData-Version": "4.0"}


def body(value: Mapping[str, Any], headers: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """Return a JSON answer as OData writes it."""
    return Response(
        json.dumps(value, ensure_ascii=False),
        status,
        headers={**_VERSION, **(headers or {})},
        content_type="application/json;odata.metadata=minimal;odata.streaming=true;charset=utf-8",
    )


def error(status: int, message: str) -> Response:
    """Return an OData error body in the standard's shape; what SIMS itself says is not known."""
    return body({"error": {"code": "", "message": message}}, status=status)


def _segment(text: str) -> tuple[str, str | None]:
    match = _SEGMENT.match(text)
    return (match[1], match[2]) if match else (text, None)


def _key(entity_set: EntitySet, text: str | None) -> str | None:
    """Return the ExternalID in a key: alone, named, or one of several parts. Its group type must then fit as well."""
    if text is None:
        return None
    parts = dict(
        part.strip().partition("=")[::2] if "=" in part else ("ExternalID", part.strip())
        for part in text.split(",")
    )
    found = parts.get("ExternalID", "").strip("'{} ").removeprefix("guid'").lower()
    if not re.fullmatch(r"[0-9a-f-]{36}", found):
        raise QueryError(f"The key of {entity_set.name} must be a GUID.")
    return found


def _start_date(text: str, arguments: Mapping[str, str]) -> datetime:
    """Return the moment in startDate=..., in the path or behind an alias; a bare date is its first moment."""
    name, _, value = text.partition("=")
    value = value.strip()
    if value.startswith("@"):
        value = arguments.get(value, "")
    try:
        found = datetime.fromisoformat(value.strip("'").replace(" ", "+").upper())
    except ValueError:
        raise QueryError("SIMS.Changes needs startDate as a date and time.") from None
    if name.strip() != "startDate":
        raise QueryError("SIMS.Changes needs startDate as a date and time.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _next_link(request: Request, query: Query, given: int) -> str:
    options = {name: value for name, value in request.args.items() if name not in ("$skip", "$top")}
    options["$skip"] = str(query.skip + given)
    if query.top is not None:
        options["$top"] = str(query.top - given)
    return f"{request.base_url}?{urlencode(options, quote_via=quote, safe='$(),/:')}"
