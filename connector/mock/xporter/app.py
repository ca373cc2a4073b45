"""The mock Xporter as a web application: the token, the endpoints, pages, change sets and errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask, Response, request

from connector.mock.world import MockKind, World
from connector.mock.xporter.copies import Copies
from connector.mock.xporter.endpoint_rows import ESTAB
from connector.mock.xporter.envelope import NO_ERROR, body_of
from connector.mock.xporter.habits import XporterOptions
from connector.mock.xporter.manual import ENDPOINTS, granted, queries
from connector.mock.xporter.write_back import answer_of, written_marks

RELYING_PARTY = "attendance-connector"
PASSWORD = "xod-mock-secret"  # noqa: S105 - the mock's own
_REFUSED = "Relying Party not found for estab or secret not correct"


def make_app(world: World, options: XporterOptions) -> Flask:
    """Return a Flask application over the world."""
    app = Flask(__name__)
    copies = Copies(world, options)

    @app.post("/idaas/sts/STS/GetToken")
    @app.post("/api/oauth/GetToken")
    def token() -> Response:
        asked = _token_fields()
        known = asked.get("relyingparty") == RELYING_PARTY and asked.get("password") == PASSWORD
        if not known or asked.get("estab") not in (ESTAB, None, "") or not asked.get("thirdpartyid"):
            return _information(token=None, expires="0001-01-01T00:00:00", ExceptionMessage=_REFUSED)
        with world.lock:
            issued, until = copies.issue_token()
        return _json(
            {"Message": None, "ExceptionMessage": None, "token": issued, "expires": _seven_digits(until)}
        )

    @app.get("/api/v1/School/<estab>/<endpoint>")
    @app.get("/api/v1/School/<estab>/<endpoint>/")
    @app.get("/api/v1/School/<estab>/<endpoint>/<row_id>")
    def school_data(estab: str, endpoint: str, row_id: str | None = None) -> Response:
        refused = _refuse(copies, estab)
        if refused is not None:
            return refused
        found = ENDPOINTS.get(endpoint.lower())
        if found is None:
            return _error(404, f"The endpoint {endpoint} is not known")
        if not granted(found.scope, options.scopes):
            return _error(403, f"The scope for {found.path} is not granted")
        args = _args() | ({"id": row_id} if row_id else {})
        if args.get("onlygetdbstatus", "").lower() == "true":
            # K: a table of this name among the tables that a client takes apart; its fields are not documented
            return _json({"DbStatus": [{"Status": "OK"}]})
        try:
            with world.lock:
                tables = copies.tables(found, args)
                body = body_of(copies, request.path, args, tables)
        except ValueError as error:
            return _error(400, str(error))
        return _json(body)

    @app.get("/api/v1/TokenDetails")
    def token_details() -> Response:
        held = request.headers.get("Authorization", "").partition(" ")[2]
        return _refuse(copies, ESTAB) or _information(
            Estab=ESTAB,
            Expires=_seven_digits(copies.tokens[held]),
            Name="Made-up attendance app",
            RelyingParty=RELYING_PARTY,
            Scopes=list(options.scopes),
        )

    @app.get("/api/v1/Scopes")
    def scopes() -> Response:
        rows = [
            {"Name": name, "Category": "Students", "Description": "made-up wording"}
            for name in options.scopes
        ]
        return _refuse(copies, ESTAB) or _information(Scopes=rows)

    @app.get("/api/v1/Queries")
    def manual() -> Response:
        return _refuse(copies, ESTAB) or _information(Endpoints=queries(), Queries=[])

    @app.get("/api/v1/Usage")
    def usage() -> Response:
        month = f"{world.today:%Y-%m}"
        area = {
            "Area": "request",
            "Total": copies.requests,
            "Today": copies.requests,
            "ThisMonth": copies.requests,
            "History": [{"month": month, "count": copies.requests}],
        }
        return _refuse(copies, ESTAB) or _json(
            {"Usage": [{"Estab": ESTAB, "RP": RELYING_PARTY, "Areas": [area]}]}
        )

    @app.get("/api/v1/GDPRIDs")
    def hidden_people() -> Response:
        row = {
            "IsOptIn": False,
            "Estab": ESTAB,
            "RelyingParty": RELYING_PARTY,
            "MIS": None,
            "StudentIds": list(options.hidden_pupils),
            "StaffIds": [],
            "ContactIds": [],
            "OtherIds": [],
        }
        return _refuse(copies, ESTAB) or _information(GDPR=[row])

    @app.post("/api/v1/Attendance/<estab>/")
    @app.post("/api/v1/AttendanceAsync/<estab>/")
    def write_back(estab: str) -> Response:
        refused = _refuse(copies, estab)
        if refused is not None:
            return refused
        if not granted("WritebackAttendance", options.scopes):
            return _error(403, "The scope WritebackAttendance is not granted")
        later = "/AttendanceAsync/" in request.path
        try:
            with world.lock:
                marks = written_marks(world, request.get_json(force=True, silent=True), later=later)
                for mark in marks:
                    world.school.correct_mark(
                        *mark[:4], minutes_late=mark.minutes, comment=mark.notes, at=world.now()
                    )
        except (ValueError, LookupError) as error:
            return _error(400, str(error))
        return _json(answer_of(world, later=later))

    @app.errorhandler(404)
    def nothing_here(_: Exception) -> Response:
        return _error(404, "There is nothing at this address")

    return app


def _args() -> dict[str, str]:
    return {name.lower(): value for name, value in request.args.items()}


def _token_fields() -> dict[str, Any]:
    """Return the token request's fields: JSON or a form, in any case of their names; clients send both."""
    given = request.form.to_dict() or request.get_json(force=True, silent=True) or {}
    return {str(name).lower(): value for name, value in given.items()} if isinstance(given, dict) else {}


def _seven_digits(moment: datetime) -> str:
    """Return a time as tokens have it: seven digits of a second, and Z (R18)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def _refuse(copies: Copies, estab: str) -> Response | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    copies.requests += 1
    if copies.world.faults.strikes("expired", request.method, request.path):
        copies.tokens.pop(token, None)
    if scheme.lower() != "idaas" or not copies.good(token):
        return _error(401, "The token is missing, not known or has expired")
    if estab != ESTAB:
        return _error(403, "This estab is not authorised")
    return None


def _information(**body: Any) -> Response:
    """Return an answer about Xporter itself, which carries the four error fields (R18)."""
    return _json({**body, **{name: body.get(name) for name in NO_ERROR}})


def _error(status: int, text: str) -> Response:
    """Return an error in the body with status 200 (R18), or the real status where the caller asked for it (assumption)."""
    real = _args().get("httpstatuscodes", "").lower() == "true"
    return _json({**NO_ERROR, "ExceptionMessage": text}, status if real else 200)


def _json(body: Mapping[str, Any], status: int = 200) -> Response:
    """Return a body in the order of its keys, one line, UTF-8 (R18): clients take the first table as the data."""
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status, content_type="application/json; charset=utf-8")


def settings(url: str, options: XporterOptions) -> Mapping[str, Any]:  # noqa: ARG001
    """Return the adapter's settings to use against the mock at this address."""
    return {
        "url": url,
        "token_url": f"{url}/idaas/sts/STS/GetToken",
        "estab": ESTAB,
        "relying_party": RELYING_PARTY,
    }


MOCK = MockKind(
    name="xporter",
    title="Xporter on Demand",
    options=XporterOptions,
    secrets={"password": PASSWORD},
    settings=settings,
    make_app=make_app,
)
