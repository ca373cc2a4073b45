"""The mock SIMS as a web application: tokens, subscription key, calls a second, and the two bases."""

from __future__ import annotations

import secrets
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request

from connector.mock.sims.answers import NotHereError, Service, body, error
from connector.mock.sims.filter import QueryError
from connector.mock.sims.school_rows import ORGANISATION
from connector.mock.sims.state import SimsOptions, State
from connector.mock.world import MockKind, World

CLIENT_ID = "sas-simsprimary-9d1f7a52-3c1e-4f0b-8a77-5e6b4c2d1f03"
CLIENT_SECRET = "mock-client-secret"  # noqa: S105
SUBSCRIPTION_KEY = "mock-subscription-key"
SCOPES = frozenset({"rapapi", "partner", "partner-read", "partner-write"})
_BASES = ("/ssli01/<service>/V3", "/dex/<service>/odata/V3")


class Gate:
    """Who may come in, and how often."""

    def __init__(self, world: World, options: SimsOptions) -> None:
        self._world = world
        self._options = options
        self._tokens: dict[str, float] = {}
        self._recent: deque[float] = deque()

    def token(self) -> Response:
        """POST /connect/token: OAuth client credentials with the school named in acr_values."""
        form = request.form
        basic = request.authorization
        client, secret = form.get("client_id"), form.get("client_secret")
        if basic is not None and basic.type == "basic":
            client, secret = basic.username, basic.password
        if form.get("grant_type") != "client_credentials":
            return _refused("unsupported_grant_type")
        if (client, secret) != (CLIENT_ID, CLIENT_SECRET):
            return _refused("invalid_client")
        scopes = form.get("scope", "").split()
        if not scopes or not set(scopes) <= SCOPES:
            return _refused("invalid_scope")
        if form.get("acr_values", "").lower() != f"orgselected:{ORGANISATION}":
            return _refused("invalid_request")
        token = secrets.token_urlsafe(48)
        self._tokens[token] = time.monotonic() + self._options.token_seconds
        return body(
            {
                "access_token": token,
                "expires_in": self._options.token_seconds,
                "token_type": "Bearer",
                "scope": " ".join(scopes),
            },
            {"Cache-Control": "no-store"},
        )

    def refusal(self) -> Response | None:
        """Why a call for data is not answered; None when it is."""
        key = request.headers.get("Ocp-Apim-Subscription-Key") or request.args.get("subscription-key")
        if key != SUBSCRIPTION_KEY:
            what = "invalid subscription key" if key else "missing subscription key"
            return _gateway(401, f"Access denied due to {what}.")
        waiting = self._too_many()
        if waiting:
            said = f"Rate limit is exceeded. Try again in {waiting} seconds."
            return _gateway(429, said, {"Retry-After": str(waiting)})
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if self._world.faults.strikes("expired", request.method, request.path):
            self._tokens.pop(token, None)
        if scheme.lower() != "bearer" or self._tokens.get(token, 0.0) < time.monotonic():
            asked = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            return _gateway(401, "Unauthorized. Access token is missing or invalid.", asked)
        return None

    def _too_many(self) -> int:
        """Seconds to wait; 0 when the call may go."""
        limit = self._options.calls_per_second
        now = time.monotonic()
        while self._recent and now - self._recent[0] >= 1.0:
            self._recent.popleft()
        if limit and len(self._recent) >= limit:
            return 1
        self._recent.append(now)
        return 0


def make_app(world: World, options: SimsOptions) -> Flask:
    """Return a Flask application over the world."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False
    with world.lock:
        state = State(world, options)
        state.sync()
    gate, service = Gate(world, options), Service(state)

    @app.before_request
    def admit() -> Response | None:
        if request.path.startswith("/mock/") or request.path == "/connect/token":
            return None
        with world.lock:
            return gate.refusal()

    @app.post("/connect/token")
    def token() -> Response:
        with world.lock:
            return gate.token()

    def answer(service: str, path: str = "") -> Response:
        root = request.url_root.rstrip("/") + _root(request.path, service)
        with world.lock:
            state.sync()
            return rows.answer(service, path, root, request)

    rows = service
    for number, base in enumerate(_BASES):
        for suffix in ("", "/", "/<path:path>"):
            app.add_url_rule(
                base + suffix,
                f"rows{number}{suffix}",
                answer,
                methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
                strict_slashes=False,
            )

    @app.errorhandler(NotHereError)
    @app.errorhandler(404)
    def nothing_here(_: Exception) -> Response:
        return _gateway(404, "Resource not found")

    @app.errorhandler(QueryError)
    def not_to_be_answered(problem: QueryError) -> Response:
        return error(400, f"The query specified in the URI is not valid. {problem}")

    @app.errorhandler(500)
    def broken(_: Exception) -> Response:
        return error(500, "the mock itself failed: see its error output")

    return app


def _root(path: str, service: str) -> str:
    """Return the service root of a request's path."""
    base = "/dex/{}/odata/V3" if path.startswith("/dex/") else "/ssli01/{}/V3"
    return base.format(service)


def _refused(reason: str) -> Response:
    return body({"error": reason}, status=400)


def _gateway(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Refuse a request as the gateway does before the API, in the documented shape of 429."""
    return body({"statusCode": status, "message": message}, headers, status)


def settings(url: str, options: SimsOptions) -> Mapping[str, Any]:
    """Return the adapter's settings to use against the mock at this address."""
    return {
        "url": url,
        "token_url": f"{url}/connect/token",
        "organisation": ORGANISATION,
        "client_id": CLIENT_ID,
        "calls_per_second": (options.calls_per_second or 0) * 0.9,
    }


MOCK = MockKind(
    name="sims",
    title="SIMS",
    options=SimsOptions,
    secrets={"client_secret": CLIENT_SECRET, "subscription_key": SUBSCRIPTION_KEY},
    settings=settings,
    make_app=make_app,
)
