"""The mock Wonde as a web application: tokens, pages and cursors, deletions, write-back of marks."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request

from connector.mock.wonde.fields import STUDENT_INCLUDES
from connector.mock.wonde.state import EMPTY, LISTS, SCHOOL_ID, State
from connector.mock.wonde.values import Block
from connector.mock.wonde.wonde_options import WondeOptions
from connector.mock.world import MockKind, World

TOKEN = "wonde-mock-token"  # noqa: S105 - the mock's own


def make_app(world: World, options: WondeOptions) -> Flask:
    """Return a Flask application over the world."""
    app = Flask(__name__)
    app.url_map.strict_slashes = False
    state = State(world, options)

    @app.before_request
    def admit() -> Response | None:
        if request.path.startswith("/mock/"):
            return None
        if not _token_is_right() or world.faults.strikes("expired", request.method, request.path):
            return _error(401, "unauthorized", "The token is not accepted")
        return None

    @app.get("/v1.0/schools")
    @app.get("/v1.0/schools/<any(all, pending, audited, declined, revoked):listed>")
    def schools(listed: str = "") -> Response:
        rows = [state.school(_host())] if listed in ("", "all") else []
        return _page(state, [row for row in rows if _searched(row)], "school")

    @app.get("/v1.0/schools/<school_id>")
    def school(school_id: str) -> Response:
        if school_id != SCHOOL_ID:
            return _no_school()
        return jsonify(data=state.shown([state.school(_host())], "school")[0], meta={"includes": []})

    @app.get("/v1.0/meta/schools/<school_id>")
    def meta(school_id: str) -> Response:
        if school_id != SCHOOL_ID:
            return _no_school()
        return jsonify(
            data={"online": True, "approved": True, "audited": True, "custom_attendance_codes": False}
        )

    @app.get("/v1.0/attendance-codes")
    def all_codes() -> Response:
        return _page(state, state.rows("attendance-codes", frozenset()), "attendance_code")

    @app.get("/v1.0/schools/<school_id>/<path:resource>")
    def listing(school_id: str, resource: str) -> Response:
        if school_id != SCHOOL_ID:
            return _no_school()
        with world.lock:
            return _resource(state, resource.rstrip("/"))

    @app.post("/v1.0/schools/<school_id>/attendance/session")
    def write_marks(school_id: str) -> Response:
        if school_id != SCHOOL_ID:
            return _no_school()
        with world.lock:
            return _write_back(state)

    @app.get("/v1.0/writebacks/<writeback_id>")
    def writeback(writeback_id: str) -> Response:
        with world.lock:
            status = state.writebacks.read(writeback_id)
        if status is None:
            return _error(404, "not_found", "No such write-back")
        return jsonify(data={"id": writeback_id, "status": status})

    @app.post("/v1.0/schools/<school_id>/request-access")
    @app.delete("/v1.0/schools/<school_id>/revoke-access")
    def access(school_id: str) -> Response:
        return jsonify(success=True, state="approved", message=f"Access to {school_id} is as asked")

    @app.errorhandler(404)
    def nothing_here(_: Exception) -> Response:
        return _error(404, "not_found", "There is nothing at this address")

    @app.errorhandler(405)
    def not_so(_: Exception) -> Response:
        return _error(405, "method_not_allowed", "This address does not take that method")

    return app


def _token_is_right() -> bool:
    """Bearer in any case, Basic with the token as user, or (one client does so) Basic with the bare token."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" or given == TOKEN:
        return given == TOKEN
    try:
        return scheme.lower() == "basic" and base64.b64decode(given).decode().partition(":")[0] == TOKEN
    except (binascii.Error, UnicodeDecodeError):
        return False


def _error(status: int, code: str, message: str) -> Response:
    """Refuse a request. That errors are JSON objects is known, their fields are assumed."""
    reply = jsonify(error=code, error_description=message, message=message)
    reply.status_code = status
    return reply


def _no_school() -> Response:
    return _error(404, "not_found", "This token has no such school")


def _host() -> str:
    return request.host.partition(":")[0]


def _searched(school: Block) -> bool:
    """Return whether the school is what ``postcode`` and ``establishment_number`` ask for."""
    postcode, number = str(school["address"]["address_postcode"]), school["establishment_number"]
    asked = request.args.get("establishment_number", number)
    return postcode.startswith(request.args.get("postcode", "")) and bool(asked == number)


def _resource(state: State, resource: str) -> Response:
    includes = frozenset(filter(None, request.args.get("include", "").replace(" ", "").split(",")))
    if resource in state.options.closed:
        return _error(403, "forbidden", "The school has not approved this")
    if resource == "counts":
        kinds = [name for name in ("students", "contacts") if name in includes]
        return jsonify(data={name: {"data": {"count": len(state.rows(name, frozenset()))}} for name in kinds})
    if resource in EMPTY:
        return _page(state, [], "")
    if resource in LISTS:
        rows = state.rows(resource, includes, request.args.get("type", ""))
        since = request.args.get("updated_after")
        if since:
            rows = state.changed(rows, datetime.fromisoformat(since).replace(tzinfo=None))
        return _page(state, rows, LISTS[resource])
    head, _, row_id = resource.rpartition("/")
    if head in LISTS:
        found = [row for row in state.rows(head, includes) if row.get("id") == row_id]
        if found:
            return jsonify(data=state.shown(found, LISTS[head])[0], meta={"includes": _on_offer(LISTS[head])})
        return _error(404, "not_found", "No such row")
    return _error(404, "not_found", "There is nothing at this address")


def _on_offer(what: str) -> list[str]:
    return list(STUDENT_INCLUDES) if what == "student" else []


def _page(state: State, rows: list[Block], what: str) -> Response:
    args = request.args
    asked = args.get("per_page", "")
    size = int(asked) if asked.isdigit() else state.options.default_per_page
    size = max(1, min(size, state.options.largest_page))
    cursor = args.get("cursor", "").lower()
    by_cursor = cursor not in ("", "false", "0")
    number = int(cursor) if by_cursor and cursor.isdigit() else int(args.get("page", 1))
    start = (number - 1) * size
    faults = state.world.faults
    page = rows[start : start + size]
    if number > 1 and not by_cursor and faults.strikes("shifted-rows", request.method, request.path):
        page = rows[start + 1 : start + 1 + size]
    if number > 1 and faults.strikes("duplicate-rows", request.method, request.path):
        page = [rows[start - 1], *page]
    more = start + size < len(rows)

    def link(to: int) -> str:
        kept = {name: value for name, value in args.items() if name not in ("page", "cursor")}
        where = {"cursor": to} if by_cursor else {"page": to}
        return f"{request.scheme}://{request.host}{request.path}?{urlencode({**kept, **where, 'per_page': size})}"

    following = link(number + 1) if more else None
    if state.options.next_is_itself:
        following = request.url
    if faults.strikes("endless-pages", request.method, request.path):
        page, following = [], request.url
    pagination = {
        "next": following,
        "previous": link(number - 1) if number > 1 else None,
        "more": more,
        # one that was asked for is echoed as text, as in the recorded answer
        "per_page": None if by_cursor else (asked or size),
        "current_page": None if by_cursor else number,
    }
    hidden = faults.strikes("hidden-fields", request.method, request.path)
    return jsonify(
        data=state.shown(page, what, fault=hidden),
        meta={"pagination": pagination, "includes": _on_offer(what)},
    )


def _write_back(state: State) -> Response:
    """Queue marks; anything wrong with any of them refuses the whole request with 422."""
    body = request.get_json(force=True, silent=True)
    rows = body.get("attendance") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        return _error(422, "validation_error", "attendance must be a list of marks")
    faults = state.writebacks.faults_of(rows)
    if faults:
        reply = jsonify(message="The given data was invalid.", errors=faults)
        reply.status_code = 422
        return reply
    effect = not state.world.faults.strikes("no-effect", request.method, request.path)
    return jsonify(writeback_id=state.writebacks.queue(rows, effect=effect))


def settings(url: str, options: WondeOptions) -> Mapping[str, Any]:  # noqa: ARG001 - every mock takes them
    """Return the adapter's settings to use against the mock at this address."""
    return {"url": url, "school_id": SCHOOL_ID, "calls_per_second": 0}


MOCK = MockKind(
    name="wonde",
    title="Wonde",
    options=WondeOptions,
    secrets={"token": TOKEN},
    settings=settings,
    make_app=make_app,
)
