"""The mock Xporter as a web application: the token, the endpoints, pages and change sets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask, Response, jsonify, request
from pydantic import BaseModel, ConfigDict, Field

from connector.mock.world import MockKind, World
from connector.mock.xporter.marks_string import CLOSED, NO_MARK, MarksLayout
from connector.mock.xporter.school_tables import Row, Tables, with_hash

ESTAB = "9991001"
RELYING_PARTY = "attendance-connector"
PASSWORD = "xod-mock-secret"  # noqa: S105 - the mock's own
ENDPOINTS = {
    "schoolinfo": ("SchoolInfo",),
    "students": ("Students",),
    "studentenrolmenthistory": ("StudentEnrolmentHistory",),
    "groups": ("Group", "StudentMembers"),
    "studentcontacts": ("StudentContacts",),
    "contacts": ("Contacts",),
    "calendar": ("Calendar",),
    "attendancecodes": ("AttendanceCodes",),
    "attendancefordate": ("AttendanceForDate",),
    "attendancefordaterange": ("AttendanceForDateRange",),
    "attendancesummary": ("AttendanceSummary",),
    "historicalattendancesummary": ("HistoricalAttendanceSummary",),
    "linkeddocuments": ("LinkedDocuments",),
    "counts": ("Counts",),
}
"""Path (case does not matter) -> its tables, the data table first."""
DATABASES = {"XodSchoolData": 1440, "XodAttendanceSummary": 1440, "XodAttendanceForDate": 30}
"""Cached copies and their life in minutes."""


class XporterOptions(BaseModel):
    """How this Xporter behaves where no source says how the real one does."""

    model_config = ConfigDict(extra="forbid")

    default_page_size: int = Field(default=25, ge=1)
    """Rows of a page when only ``page`` is asked."""
    largest_page: int = Field(default=5000, ge=1)
    stale_days: int = Field(default=0, ge=0)
    """The cached copies show the school as it was so many days ago, and their status says so."""
    token_minutes: int = Field(default=60, ge=1)
    marks_layout: MarksLayout = MarksLayout()
    hidden: tuple[str, ...] = ()
    """Fields that the school has not ticked in its authorisation."""


class State:
    """Tokens handed out, and snapshots of tables by the hash that was given for them."""

    def __init__(self, world: World, options: XporterOptions) -> None:
        self.world = world
        self.options = options
        self.tokens: set[str] = set()
        self.snapshots: dict[str, dict[str, str]] = {}
        self.markers: dict[object, str] = {}
        self._copies: dict[object, list[list[Row]]] = {}

    def issue_token(self) -> str:
        """Issue a new token."""
        token = hashlib.sha256(f"{len(self.tokens)}/{self.world.school.seed}".encode()).hexdigest()
        self.tokens.add(token)
        return token

    def cached(self, endpoint: str) -> list[list[Row]]:
        """Return the tables of an endpoint as this request asks for them, made once for each state of the school."""
        left_out = ("page", "pagesize", "changedrows")
        asked = tuple(sorted((n.lower(), v) for n, v in request.args.items() if n.lower() not in left_out))
        key = (self.world.version, endpoint, asked)
        if key not in self._copies:
            if len(self._copies) > 40:
                self._copies.clear()
            self._copies[key] = [with_hash(table, self.world.today) for table in _rows(self, endpoint)]
        return self._copies[key]

    def tables(self) -> Tables:
        """Return the cached copy of the MIS as it is now."""
        shown = self.world.today - timedelta(days=self.options.stale_days)
        return Tables(self.world.school, shown, ESTAB, self.options.marks_layout)


def make_app(world: World, options: XporterOptions) -> Flask:
    """Return a Flask application over the world."""
    app = Flask(__name__)
    state = State(world, options)

    @app.post("/idaas/sts/STS/GetToken")
    @app.post("/api/oauth/GetToken")
    def token() -> Response:
        asked = _asked()
        if asked.get("relyingparty") != RELYING_PARTY or asked.get("password") != PASSWORD:
            return _token_reply(None, "Relying Party not found for estab or secret not correct")
        if asked.get("estab") not in (ESTAB, None, ""):
            return _token_reply(None, "Relying Party not found for estab or secret not correct")
        if not asked.get("thirdpartyid"):
            return _token_reply(None, "thirdpartyid is missing")
        with world.lock:
            issued = state.issue_token()
        return _token_reply(issued, None, datetime.now(UTC) + timedelta(minutes=options.token_minutes))

    @app.get("/api/v1/School/<estab>/<endpoint>")
    @app.get("/api/v1/School/<estab>/<endpoint>/")
    @app.get("/api/v1/School/<estab>/<endpoint>/<row_id>")
    def school_data(estab: str, endpoint: str, row_id: str | None = None) -> Response:
        refused = _refuse(state, estab)
        if refused is not None:
            return refused
        found = ENDPOINTS.get(endpoint.lower())
        if found is None:
            return _error(404, "NotFoundException", f"The endpoint {endpoint} is not known")
        if request.args.get("onlyGetDbStatus", "").lower() == "true":
            return jsonify(__dbStatus__=_status(state))
        try:
            with world.lock:
                rows = list(state.cached(endpoint.lower()))
        except ValueError as error:
            return _error(400, "ArgumentException", str(error))
        if row_id is not None:
            rows[0] = [row for row in rows[0] if str(row.get("Id")) == row_id]
        return _reply(state, found, rows)

    @app.get("/api/v1/TokenDetails")
    def token_details() -> Response:
        return _refuse(state, ESTAB) or jsonify(
            TokenDetails=[{"Id": "1", "Estab": ESTAB, "RelyingParty": RELYING_PARTY}]
        )

    @app.get("/api/v1/Scopes")
    def scopes() -> Response:
        names = ("Attendance", "School", "SEN", "Student", "StudentDemographic", "StudentExtended")
        return _refuse(state, ESTAB) or jsonify(
            Scopes=[{"Id": str(n), "Name": name} for n, name in enumerate(names)]
        )

    @app.post("/api/v1/Attendance/<estab>/")
    @app.post("/api/v1/AttendanceAsync/<estab>/")
    def writeback(estab: str) -> Response:
        return _refuse(state, estab) or _error(
            403, "ScopeException", "The scope WritebackAttendance is not granted"
        )

    @app.errorhandler(404)
    def nothing_here(_: Exception) -> Response:
        return _error(404, "NotFoundException", "There is nothing at this address")

    return app


def _asked() -> dict[str, Any]:
    """Return the token request's fields: JSON or a form, in any case of their names."""
    given = request.form.to_dict() or request.get_json(force=True, silent=True) or {}
    return {str(name).lower(): value for name, value in given.items()} if isinstance(given, dict) else {}


def _token_reply(token: str | None, trouble: str | None, expires: datetime | None = None) -> Response:
    until = expires.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z" if expires else "0001-01-01T00:00:00"
    return jsonify(
        token=token,
        expires=until,
        Message="" if token else "An error has occurred.",
        ExceptionType=None if token else "AuthenticationException",
        ExceptionMessage=trouble,
        InnerException=None,
    )


def _refuse(state: State, estab: str) -> Response | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if state.world.faults.strikes("expired", request.method, request.path):
        state.tokens.discard(token)
    if scheme.lower() != "idaas" or token not in state.tokens:
        return _error(401, "AuthorisationException", "The token is missing, not known or has expired")
    if estab != ESTAB:
        return _error(403, "AuthorisationException", "The token is not authorised for this estab")
    return None


def _error(status: int, kind: str, text: str) -> Response:
    """Return an error with status 200 unless the caller asked for real statuses."""
    reply = jsonify(
        Message="An error has occurred.", ExceptionType=kind, ExceptionMessage=text, InnerException=None
    )
    real = request.args.get("httpStatusCodes", "").lower() == "true"
    reply.status_code = status if real else 200
    return reply


def _status(state: State) -> list[Row]:
    filled = datetime.combine(
        state.world.today - timedelta(days=state.options.stale_days), datetime.min.time()
    )
    moment = (filled + timedelta(hours=17 if not state.options.stale_days else 3)).isoformat()
    fit = "OK" if not state.options.stale_days else "Stale"
    return [
        {"Id": str(n), "Name": name, "Status": fit, "LastUpdated": moment, "TTL": life}
        for n, (name, life) in enumerate(DATABASES.items(), 1)
    ]


def _rows(state: State, endpoint: str) -> list[Iterable[Row]]:
    """Return the rows of each table of an endpoint. Raises ValueError for parameters that make no sense."""
    tables, args = state.tables(), {name.lower(): value for name, value in request.args.items()}
    options = frozenset(filter(None, args.get("options", "").lower().split(",")))
    match endpoint:
        case "students":
            rows = tables.students(options)
            status = args.get("studentstatus")
            return [[row for row in rows if not status or row["StudentStatus"] == status]]
        case "groups":
            kind = args.get("type", "RegGrp")
            members = tables.student_members(kind) if "includestudentmembers" in options else []
            return [tables.groups(kind, options), members]
        case "attendancefordate":
            day = date.fromisoformat(args.get("date", state.world.today.isoformat())[:10])
            return [tables.attendance(day, day)]
        case "attendancefordaterange":
            start, end = args.get("datefrom"), args.get("dateto")
            if not start or not end:
                raise ValueError("dateFrom and dateTo are needed")
            return [tables.attendance(date.fromisoformat(start[:10]), date.fromisoformat(end[:10]))]
        case "historicalattendancesummary":
            return [tables.history(int(args.get("schoolyear", tables.today.year - 1)))]
        case "linkeddocuments":
            return [[]]
        case "counts":
            return [[{"Id": "1", "Students": sum(1 for _ in tables.students(options))}]]
    plain = {
        "schoolinfo": tables.school_info,
        "studentenrolmenthistory": tables.enrolment_history,
        "studentcontacts": tables.student_contacts,
        "contacts": tables.contacts,
        "calendar": tables.calendar,
        "attendancecodes": tables.attendance_codes,
        "attendancesummary": tables.summaries,
    }
    return [plain[endpoint]()]


def _reply(state: State, found: tuple[str, ...], rows: list[list[Row]]) -> Response:
    """Apply changes first, then the page, as Xporter does; the data table comes first in the body."""
    args = {name.lower(): value for name, value in request.args.items()}
    body: dict[str, Any] = {}
    main = _visible(state, rows[0])
    changed, deleted, marker = main, None, None
    if "changedrows" in args:
        change_set = _changes(state, args["changedrows"], main)
        if change_set is None:
            return _error(400, "ArgumentException", "changedRows is not a hash that was given out")
        changed, deleted, marker = change_set
    page, counts = _page(state, args, changed)
    body[found[0]] = page
    for table, more in zip(found[1:], rows[1:], strict=False):
        body[table] = more
    body["__pagination__"] = [counts]
    asked = args.get("changedrows")
    body["__changedRows__"] = [
        {
            "SnapshotDate": None,
            "SnapshotRP": None,
            "PreviousChangedRows": None if asked in (None, "*") else asked,
            "RequestedChangedRows": asked,
            "NextChangedRows": marker,
            "NextUrl": f"?changedRows={marker}&page=1&pageSize={counts['PageSize']}" if marker else None,
        }
    ]
    if deleted is not None:
        body[f"{found[0]}_deleted"] = [{"Id": row_id} for row_id in deleted]
    return Response(json.dumps(body, ensure_ascii=False), mimetype="application/json")


def _visible(state: State, rows: list[Row]) -> list[Row]:
    hidden = set(state.options.hidden)
    if state.world.faults.strikes("hidden-fields", request.method, request.path):
        hidden |= {"ParResp", "UPN", "Mark"}
    if not hidden:
        return rows
    return [{name: value for name, value in row.items() if name not in hidden} for row in rows]


def _changes(state: State, asked: str, rows: list[Row]) -> tuple[list[Row], list[str], str] | None:
    """(rows new or changed since the hash, ids gone since then, hash for next time)."""
    marker = _snapshot(state, rows)
    now = state.snapshots[marker]
    if asked == "*":
        return rows, [], marker
    before = state.snapshots.get(asked)
    if before is None:
        return None
    changed = [row for row in rows if before.get(str(row["Id"])) != row["RowHash"]]
    return changed, sorted(set(before) - set(now)), marker


def _snapshot(state: State, rows: list[Row]) -> str:
    """Return the hash that stands for these rows' hashes; worked out once for each state of the school."""
    given = tuple(
        sorted((n.lower(), v) for n, v in request.args.items() if n.lower() not in ("changedrows", "page"))
    )
    key = (state.world.version, request.path, given)
    if key not in state.markers:
        now = {str(row["Id"]): row["RowHash"] for row in rows}
        text = json.dumps([request.path, given, sorted(now.items())])
        marker = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        state.snapshots[marker] = now
        state.markers[key] = marker
    return state.markers[key]


def _page(state: State, args: Mapping[str, str], rows: list[Row]) -> tuple[list[Row], Row]:
    wanted = args.get("pagesize")
    paged = wanted is not None or "page" in args
    size = min(int(wanted), state.options.largest_page) if wanted else state.options.default_page_size
    size = max(size, 1) if paged else max(len(rows), 1)
    number = int(args.get("page", 1))
    count = max(1, -(-len(rows) // size))
    start = (number - 1) * size
    faults = state.world.faults
    if number > 1 and faults.strikes("shifted-rows", request.method, request.path):
        start += 1
    page = rows[start : number * size]
    if number > 1 and faults.strikes("duplicate-rows", request.method, request.path):
        page = [rows[start - 1], *page[: size - 1]]
    if faults.strikes("endless-pages", request.method, request.path):
        page, count = [], number + 1
    following = f"?page={number + 1}&pageSize={size}" if number < count else None
    counts = {
        "PageSize": size,
        "PageNumber": number,
        "PageCount": count,
        "RowCount": len(rows),
        "NextPage": following,
    }
    return page, counts


def settings(url: str, options: XporterOptions) -> Mapping[str, Any]:
    """Return the adapter's settings to use against the mock at this address."""
    return {
        "url": url,
        "token_url": f"{url}/api/oauth/GetToken",
        "estab": ESTAB,
        "relying_party": RELYING_PARTY,
        "marks_layout": {**options.marks_layout.model_dump(), "filler": [CLOSED], "missing": [NO_MARK]},
    }


MOCK = MockKind(
    name="xporter",
    title="Xporter on Demand",
    options=XporterOptions,
    secrets={"password": PASSWORD},
    settings=settings,
    make_app=make_app,
)
