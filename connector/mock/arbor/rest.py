"""The REST side of the mock Arbor: lists of identities, details, change logs, creating, changing, deleting."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, request

from connector.mock.arbor import filters
from connector.mock.arbor.bodies import BodyError, read_body, read_values, requests_in
from connector.mock.arbor.registration import register_lessons, register_roll_call
from connector.mock.arbor.rows import Ref, Row, RowLike
from connector.mock.arbor.state import State
from connector.mock.arbor.types import ROOT, Kind, kind_at

_PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
"""One grey point: nobody's face."""
MODULES = ("ukdfe", "ukilr", "ukjcq", "cymru", "group", "cayman")


def rest(state: State) -> Blueprint:
    """Every address under ``/rest-v2``."""
    routes = Blueprint("rest", __name__, url_prefix=ROOT)
    desk = Desk(state)

    @routes.route("/<path:rest_of_path>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def any_address(rest_of_path: str) -> Response:
        with state.world.lock:
            return desk.serve([part for part in rest_of_path.split("/") if part])

    return routes


class Desk:
    """Answers one request at a time over the state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._rows = state.rows
        self._faults = state.world.faults

    def serve(self, parts: list[str]) -> Response:
        """Find out what an address means, and answer."""
        first = parts[0].lower()
        try:
            if first in ("attendance-roll-call-registration", "attendance-registration"):
                return self._registration(first)
            if first in ("documents", "document") and len(parts) == 2 and parts[1].lower() == "upload":
                return self._upload()
            if first == "files" and len(parts) == 3 and parts[2] == "download":
                return self._download(parts[1])
            if first == "profile-picture" and len(parts) == 3:
                return self._picture(parts[1], parts[2])
            kind, rest_of_path = _resource(parts)
            if kind is not None and kind.name == "Document" and not self._state.options.document_type:
                kind = None
            if kind is None or len(rest_of_path) > 1:
                return self.error(404, "Not Found", f"there is no resource at {ROOT}/{'/'.join(parts)}")
            if not rest_of_path:
                return self._collection(kind)
            if rest_of_path[0].lower() == "changelog":
                return self._changelog(kind)
            return self._single(kind, rest_of_path[0])
        except filters.QueryError as error:
            return self.error(400, "Bad Request", str(error))
        except BodyError as error:
            return self.error(error.code, error.reason, *error.findings)

    # reading -----------------------------------------------------------------------------------------------

    def _collection(self, kind: Kind) -> Response:
        if request.method == "POST":
            return self._create(kind)
        if request.method != "GET":
            return self.error(405, "Method Not Allowed", f"{request.method} is not for lists")
        if self._state.withheld(kind.name):
            return answer({})
        arguments = filters.gathered(request.args.items(multi=True))
        found = self._found(kind, arguments)
        order = arguments.get("order-property") or arguments.get("order_property")
        if order:
            found = filters.in_order(found, kind, order[0], self._rows)
            if (arguments.get("order-direction") or [""])[0].lower().startswith("desc"):
                found.reverse()
        page = self._page(found, arguments)
        return answer({kind.list_root: [self._identity(row) for row in page]})

    def _found(self, kind: Kind, arguments: Mapping[str, Sequence[str]]) -> list[RowLike]:
        test = filters.matching(kind, arguments, self._rows)
        moment = time.monotonic()
        tag = next((key for key in arguments if key.startswith("filters.tags.")), None)
        rows = self._rows.all(kind.name)
        if tag is not None:
            rows = self._rows.tagged(kind.name, tag.removeprefix("filters.tags."), arguments[tag][0])
        return [row for row in rows if test(row) and self._state.seen(kind.name, row.id, moment)]

    def _page(self, found: list[RowLike], arguments: Mapping[str, Sequence[str]]) -> list[RowLike]:
        options = self._state.options
        size = _number(arguments, "page-size", "page_size", "pageSize") or options.default_page_size
        if options.largest_page:
            size = min(size or options.largest_page, options.largest_page)
        if not size:
            return found
        number = _number(arguments, "page-number", "page_number", "page", "pageNumber")
        place = max(0, (options.first_page if number is None else number) - options.first_page)
        start = place * size
        page = found[start : start + size]
        if place and page and self._faults.strikes("duplicate-rows", "GET", request.path):
            page = [found[start - 1], *page]
        if place and self._faults.strikes("shifted-rows", "GET", request.path):
            page = found[start + 1 : start + 1 + size]
        return page

    def _single(self, kind: Kind, word: str) -> Response:
        row = self._rows.find(kind, word)
        if row is None or not self._state.seen(kind.name, row.id, time.monotonic()):
            return self.error(404, "Not Found", f"{kind.name} {word} was not found")
        if request.method == "GET":
            return answer(
                {} if self._state.withheld(kind.name) else {kind.root: self._detail(row, spoil=True)}
            )
        if request.method in ("PUT", "PATCH"):
            return self._change(kind, row)
        if request.method == "DELETE":
            return self._delete(kind, row)
        return self.error(405, "Method Not Allowed", "create with POST on the list")

    def _changelog(self, kind: Kind) -> Response:
        if self._state.withheld(kind.name):
            return answer({})
        arguments = filters.gathered(request.args.items(multi=True))
        start = _number(arguments, "from-revision", "fromRevision") or 0
        end = _number(arguments, "to-revision", "toRevision")
        changes = [
            {
                "changeType": change.change,
                "fromRevision": change.revision - 1,
                "toRevision": change.revision,
                "changedObject": {"entityType": kind.name, "href": kind.href(change.id)},
            }
            for change in self._rows.log(kind.name)
            if change.revision > start and (end is None or change.revision <= end)
        ]
        return answer({"changes": changes})

    def _identity(self, row: RowLike) -> dict[str, Any]:
        return {
            "entityType": row.kind.name,
            "href": row.kind.href(row.id),
            "displayName": self._rows.shown_name(row),
        }

    def _detail(self, row: RowLike, *, spoil: bool = False) -> dict[str, Any]:
        """One object with its related objects nested one level deep."""
        shown = self._scalars(row)
        for name, field in row.kind.fields.items():
            if not field.target or self._state.withheld(row.kind.name, name):
                continue
            shown[name] = self._related(row.value(name))
        if spoil and self._faults.strikes("hidden-fields", "GET", request.path):
            names = [name for name in row.kind.fields if name in shown]
            if names:
                shown.pop(names[row.revision % len(names)])
        return shown

    def _related(self, value: Any) -> Any:
        if not isinstance(value, Ref):
            return self._state.nothing
        if self._state.withheld(value.type):
            return {}
        related = self._rows.row(value.type, value.id)
        if related is None:
            return {"entityType": value.type, "href": value.href}
        if self._state.options.detail == "identity":
            return self._identity(related)
        shown = self._scalars(related)
        for name, field in related.kind.fields.items():
            if field.target and not self._state.withheld(related.kind.name, name):
                further = related.value(name)
                row = self._rows.row(further.type, further.id) if isinstance(further, Ref) else None
                hidden = isinstance(further, Ref) and self._state.withheld(further.type)
                shown[name] = {} if hidden else self._identity(row) if row else self._state.nothing
        return shown

    def _scalars(self, row: RowLike) -> dict[str, Any]:
        shown = self._identity(row)
        for name, field in row.kind.fields.items():
            if not field.target and not self._state.withheld(row.kind.name, name):
                shown[name] = self._state.printed(row.value(name), field.kind)
        if isinstance(row, Row):  # what a client wrote beyond the known properties
            shown |= {k: v for k, v in row.values.items() if k not in row.kind.fields}
        shown["revisionId"] = row.revision
        shown["userTags"] = dict(row.tags) or []
        return shown

    # writing -----------------------------------------------------------------------------------------------

    def _create(self, kind: Kind) -> Response:
        body = read_body(request.get_data())
        wanted, bulk = requests_in(body, kind)
        if not bulk:
            return answer({kind.root: self._detail(self._make(kind, wanted[0]))}, 201)
        results: list[dict[str, Any]] = []
        for given in wanted:
            try:
                shown = self._detail(self._make(kind, given))
                results.append({"status": {"success": True}, kind.root: shown})
            except BodyError as error:
                results.append({"status": {"success": False, "errors": list(error.findings)}})
        failed = all(not result["status"]["success"] for result in results)
        return answer({"results": results}, 422 if failed and results else 200)

    def _make(self, kind: Kind, given: Mapping[str, Any]) -> RowLike:
        values, tags = read_values(kind, given, self._state)
        if self._state.withheld(kind.name):
            raise BodyError(403, "Forbidden", f"no permission to create {kind.name}")
        now = self._state.world.now()
        row_id = (
            str(values.get("code")) if kind.by_code and values.get("code") else self._rows.new_id(kind.name)
        )
        kept_tags = tags if self._state.options.keep_user_tags else {}
        if self._faults.strikes("no-effect", "POST", request.path):
            return Row(kind, row_id, values, self._rows.next_revision(), now, dict(tags))
        row = self._rows.put(kind.name, row_id, values, now, kept_tags)
        self._after_write(row)
        return row

    def _change(self, kind: Kind, row: RowLike) -> Response:
        wanted, _ = requests_in(read_body(request.get_data()), kind)
        values, tags = read_values(kind, wanted[0], self._state, complete=False)
        if not isinstance(row, Row):
            raise BodyError(422, "Unprocessable Entity", "marks are written through the registration posts")
        if self._faults.strikes("no-effect", request.method, request.path):
            shown = Row(
                kind, row.id, {**row.values, **values}, row.revision + 1, row.modified, {**row.tags, **tags}
            )
            return answer({kind.root: self._detail(shown)})
        kept_tags = tags if self._state.options.keep_user_tags else {}
        self._after_write(self._rows.put(kind.name, row.id, values, self._state.world.now(), kept_tags))
        return answer({kind.root: self._detail(row)})

    def _after_write(self, row: RowLike) -> None:
        self._state.made(row)
        if self._faults.strikes("stale", request.method, request.path):
            self._state.hide_for_a_while(row, time.monotonic() + self._faults.stale_seconds)

    def _delete(self, kind: Kind, row: RowLike) -> Response:
        if self._faults.strikes("no-effect", "DELETE", request.path):
            return Response(status=204)
        if not self._rows.drop(kind.name, row.id):
            raise BodyError(422, "Unprocessable Entity", f"{kind.name} cannot be deleted here")
        self._state.dropped(kind.name, row.id)
        return Response(status=204)

    def _registration(self, address: str) -> Response:
        if request.method != "POST":
            return self.error(405, "Method Not Allowed", "marks are posted")
        body = read_body(request.get_data())
        silent = self._faults.strikes("no-effect", "POST", request.path)
        register = register_roll_call if address == "attendance-roll-call-registration" else register_lessons
        count = register(self._state, body, dry=silent)
        return answer({"response": {"success": True, "code": 200, "reason": f"{count} marks saved"}})

    def _upload(self) -> Response:
        if request.method != "POST":
            return self.error(405, "Method Not Allowed", "files are posted")
        part = request.files.get("file") or next(iter(request.files.values()), None)
        if part is None:
            raise BodyError(422, "Unprocessable Entity", "file: a part of this name is wanted")
        if self._state.withheld("Document"):
            raise BodyError(403, "Forbidden", "no permission to upload documents")
        content, name = part.read(), part.filename or "upload"
        row = self._state.upload(name, content, part.mimetype or "application/octet-stream")
        shown = answer({row.kind.root: self._detail(row)}, 201)
        if self._faults.strikes("no-effect", "POST", request.path):
            self._rows.drop(row.kind.name, row.id)
            self._state.dropped(row.kind.name, row.id)
        return shown

    def _download(self, file_id: str) -> Response:
        content = self._state.file_bytes(file_id)
        if content is None:
            return self.error(404, "Not Found", f"file {file_id} was not found")
        return Response(content, mimetype="application/octet-stream")

    def _picture(self, whose: str, row_id: str) -> Response:
        kind = kind_at(whose)
        if kind is None or self._rows.row(kind.name, row_id) is None:
            return self.error(404, "Not Found", f"there is no picture of {whose} {row_id}")
        return Response(_PICTURE, mimetype="image/png")

    def error(self, code: int, reason: str, *findings: str) -> Response:
        """Return an error in the shapes that Arbor’s clients read."""
        shape = self._state.options.error_shape
        errors = [
            {"exception": reason.replace(" ", "") + "Exception", "message": f, "trace": ""} for f in findings
        ]
        body: dict[str, Any] = {}
        if shape in ("both", "response"):
            body["response"] = {"success": False, "code": code, "reason": reason, "errors": errors}
        if shape in ("both", "status"):
            body["status"] = {"success": False, "code": code, "reason": reason, "errors": list(findings)}
        return answer(body, code)


def answer(body: Any, code: int = 200) -> Response:
    """JSON in the order given, as Arbor sends it."""
    return Response(json.dumps(body, ensure_ascii=False), code, mimetype="application/json")


def _resource(parts: list[str]) -> tuple[Kind | None, list[str]]:
    """Return the type that an address names, and what follows it; a module may stand in a part of its own."""
    if parts[0].lower().replace("-", "").replace("_", "") in MODULES and len(parts) > 1:
        return kind_at(parts[0] + parts[1]), parts[2:]
    return kind_at(parts[0]), parts[1:]


def _number(arguments: Mapping[str, Sequence[str]], *names: str) -> int | None:
    for name in names:
        if arguments.get(name):
            try:
                return int(arguments[name][0])
            except ValueError:
                raise filters.QueryError(f"{name} must be a whole number") from None
    return None
