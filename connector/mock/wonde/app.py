"""The mock Wonde as a web application: tokens, pages and cursors, deletions, write-back of marks."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field

from connector.mock.wonde.objects import Block, Blocks, code_id, wonde_id
from connector.mock.world import MockKind, World
from rules.school import Half

SCHOOL_ID = "A9990010010"
TOKEN = "wonde-mock-token"  # noqa: S105 - the mock's own
LISTS = (
    "students",
    "students-leaver",
    "students-pre-admission",
    "contacts",
    "groups",
    "attendance-codes",
    "attendance/session",
)
EMPTY = (
    "achievements", "behaviours", "classes", "doctors", "employees", "employee-absences", "events", "exclusions",
    "lessons", "attendance/lesson", "attendance-summaries", "medical-conditions", "medical-events", "medical-notes",
    "periods", "photos", "rooms", "subjects",
)  # fmt: skip
"""Lists that Wonde has and this school has nothing in."""


class WondeOptions(BaseModel):
    """How this Wonde behaves where no source says how the real one does."""

    model_config = ConfigDict(extra="forbid")

    default_per_page: int = Field(default=50, ge=1)
    largest_page: int = Field(default=200, ge=1)
    lag_hours: int = Field(default=0, ge=0)
    """How long a change in the MIS takes to reach Wonde (its updated_at is then that much later)."""
    writeback_reads: int = Field(default=1, ge=0)
    """How often a write-back is read as queued before it is applied."""
    hidden: tuple[str, ...] = ()
    """Includes and fields that the school has not approved."""
    domain: str = ""
    """What region.domain says; empty: the address the request came to."""


class State:
    """Lists made once for each state of the school, and the queue of write-backs."""

    def __init__(self, world: World, options: WondeOptions) -> None:
        self.world = world
        self.options = options
        self.writebacks: dict[str, dict[str, Any]] = {}
        self._made: dict[object, list[Block]] = {}

    def rows(self, resource: str, includes: frozenset[str]) -> list[Block]:
        """All rows of a list."""
        key = (self.world.version, resource, includes)
        if key not in self._made:
            if len(self._made) > 30:
                self._made.clear()
            blocks = Blocks(self.world.school, SCHOOL_ID, self.world.today)
            self._made[key] = {
                "contacts": lambda: list(blocks.contacts(includes)),
                "groups": lambda: list(blocks.groups()),
                "attendance-codes": lambda: list(blocks.attendance_codes()),
                "attendance/session": lambda: list(blocks.sessions()),
            }.get(resource, lambda: list(blocks.students(resource, includes)))()
        return self._made[key]


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
    @app.get("/v1.0/schools/all")
    @app.get("/v1.0/schools/<any(pending, audited, declined, revoked):_state>")
    def schools(_state: str = "") -> Response:
        return _page(state, [] if _state else [_school(state)])

    @app.get("/v1.0/schools/<school_id>")
    def school(school_id: str) -> Response:
        return jsonify(data=_school(state), meta={"includes": []}) if school_id == SCHOOL_ID else _no_school()

    @app.get("/v1.0/meta/schools/<school_id>")
    def meta(school_id: str) -> Response:
        if school_id != SCHOOL_ID:
            return _no_school()
        return jsonify(
            data={"online": True, "approved": True, "audited": True, "custom_attendance_codes": False}
        )

    @app.get("/v1.0/attendance-codes")
    def all_codes() -> Response:
        return _page(state, state.rows("attendance-codes", frozenset()))

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
            return _tell_writeback(state, writeback_id)

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
    reply = jsonify(error=code, error_description=message, message=message)
    reply.status_code = status
    return reply


def _no_school() -> Response:
    return _error(404, "not_found", "This token has no such school")


def _school(state: State) -> Block:
    blocks = Blocks(state.world.school, SCHOOL_ID, state.world.today)
    return blocks.school_object(state.options.domain or request.host.partition(":")[0])


def _resource(state: State, resource: str) -> Response:
    includes = frozenset(filter(None, request.args.get("include", "").replace(" ", "").split(",")))
    if resource == "counts":
        kinds = [name for name in ("students", "contacts") if name in includes]
        return jsonify(data={name: {"data": {"count": len(state.rows(name, frozenset()))}} for name in kinds})
    if resource == "deletions":
        return _page(state, [])
    if resource in EMPTY:
        return _page(state, [])
    if resource in LISTS:
        return _page(state, _after(state, state.rows(resource, includes)), includes)
    head, _, row_id = resource.rpartition("/")
    if head in LISTS:
        found = [row for row in state.rows(head, includes) if row.get("id") == row_id]
        return (
            jsonify(data=found[0], meta={"includes": []})
            if found
            else _error(404, "not_found", "No such row")
        )
    return _error(404, "not_found", "There is nothing at this address")


def _after(state: State, rows: list[Block]) -> list[Block]:
    """Rows changed since ``updated_after``, as far as they have reached Wonde."""
    given = request.args.get("updated_after")
    if not given:
        return rows
    since = datetime.fromisoformat(given).replace(tzinfo=None)
    lag = timedelta(hours=state.options.lag_hours)
    return [row for row in rows if _updated(row) + lag >= since]


def _updated(row: Block) -> datetime:
    """When a row last changed; rows without a time count as always changed."""
    updated = row.get("updated_at") or {"date": "9000-01-01"}
    return datetime.fromisoformat(updated["date"])


def _page(state: State, rows: list[Block], includes: frozenset[str] = frozenset()) -> Response:
    args = request.args
    size = max(1, min(int(args.get("per_page", state.options.default_per_page)), state.options.largest_page))
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
    if faults.strikes("endless-pages", request.method, request.path):
        page, following = [], request.url
    pagination = {
        "next": following,
        "previous": link(number - 1) if number > 1 else None,
        "more": more,
        "per_page": None if by_cursor else size,
        "current_page": None if by_cursor else number,
    }
    return jsonify(data=_visible(state, page), meta={"pagination": pagination, "includes": sorted(includes)})


def _visible(state: State, rows: list[Block]) -> list[Block]:
    hidden = set(state.options.hidden)
    if state.world.faults.strikes("hidden-fields", request.method, request.path):
        hidden |= {"education_details", "relationship", "attendance_code", "code"}
    return [_without(row, hidden) for row in rows] if hidden else rows


def _without(value: Any, hidden: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(part, hidden) for name, part in value.items() if name not in hidden}
    return [_without(part, hidden) for part in value] if isinstance(value, list) else value


def _write_back(state: State) -> Response:
    """Queue marks; anything wrong with any of them refuses the whole request with 422."""
    body = request.get_json(force=True, silent=True)
    rows = body.get("attendance") if isinstance(body, dict) else None
    if not isinstance(rows, list) or not rows:
        return _error(422, "validation_error", "attendance must be a list of marks")
    faults: dict[str, list[str]] = {}
    for number, row in enumerate(rows):
        for name in ("date", "session", "student_id", "attendance_code_id"):
            if not row.get(name):
                faults[f"attendance.{number}.{name}"] = [f"The {name} field is required."]
        if row.get("session") not in ("AM", "PM", None):
            faults[f"attendance.{number}.session"] = ["The session must be AM or PM."]
    if faults:
        reply = jsonify(message="The given data was invalid.", errors=faults)
        reply.status_code = 422
        return reply
    writeback_id = f"W{len(state.writebacks) + 1:08d}"
    if not state.world.faults.strikes("no-effect", request.method, request.path):
        state.writebacks[writeback_id] = {
            "rows": rows,
            "reads": state.options.writeback_reads,
            "status": "queued",
        }
    return jsonify(writeback_id=writeback_id)


def _tell_writeback(state: State, writeback_id: str) -> Response:
    held = state.writebacks.get(writeback_id)
    if held is None:
        return _error(404, "not_found", "No such write-back")
    if held["status"] == "queued":
        if held["reads"] > 0:
            held["reads"] -= 1
        else:
            held["status"] = _apply(state, held["rows"])
    return jsonify(data={"id": writeback_id, "status": held["status"]})


def _apply(state: State, rows: list[Mapping[str, Any]]) -> str:
    school = state.world.school
    pupils = {wonde_id(f"student/{p.pupil_id}"): p.pupil_id for p in school.pupils}
    codes = {row["id"]: row["code"] for row in state.rows("attendance-codes", frozenset())}
    assert code_id("-") in codes
    for row in rows:
        half: Half = "AM" if row["session"] == "AM" else "PM"
        try:
            school.correct_mark(
                pupils[row["student_id"]],
                datetime.fromisoformat(row["date"]).date(),
                half,
                codes[row["attendance_code_id"]],
                at=state.world.now().astimezone(UTC),
                minutes_late=int(row["minutes_late"]) if row.get("minutes_late") else None,
                comment=row.get("comment") or "",
            )
        except (LookupError, ValueError):
            return "failed"
    return "complete"


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
