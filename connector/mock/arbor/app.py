"""The mock Arbor as a web application: who may come in, how often, and where to."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request

from connector.mock.arbor.rest import Desk, rest
from connector.mock.arbor.state import PASSWORD, USER, ArborOptions, State
from connector.mock.world import MockKind, World


def make_app(world: World, options: ArborOptions) -> Flask:
    """Return a Flask application over the world."""
    app = Flask(__name__)
    with world.lock:
        state = State(world, options)
    desk = Desk(state)
    recent: deque[float] = deque()

    @app.before_request
    def admit() -> Response | None:
        if request.path.startswith("/mock/"):
            return None
        given = request.authorization
        right = (
            given is not None
            and given.type == "basic"
            and (given.username, given.password) == (USER, PASSWORD)
        )
        if not right or world.faults.strikes("expired", request.method, request.path):
            refused = desk.error(401, "Unauthorized", "the credentials are not accepted")
            refused.headers["WWW-Authenticate"] = 'Basic realm="Arbor"'
            return refused
        if options.limit_per_minute:
            now = time.monotonic()
            while recent and now - recent[0] > 60:
                recent.popleft()
            if len(recent) >= options.limit_per_minute:
                return desk.error(429, "Too Many Requests", "try again in a minute")
            recent.append(now)
        with world.lock:
            state.sync()
        return None

    @app.errorhandler(404)
    def nothing_here(_: Exception) -> Response:
        return desk.error(404, "Not Found", "there is nothing at this address")

    @app.errorhandler(500)
    def broken(_: Exception) -> Response:
        return desk.error(500, "Internal Server Error", "the mock itself failed: see its error output")

    app.register_blueprint(rest(state))
    if options.graphql:
        from connector.mock.arbor.graphql import graphql

        app.register_blueprint(graphql(state))
    return app


def settings(url: str, options: ArborOptions) -> Mapping[str, Any]:
    """Return the adapter's settings to use against the mock at this address."""
    no_waiting = {
        "calls_per_second": 0,
        "busy_seconds": 1,
    }  # a mock on this machine accepts requests at any rate
    return {"url": url, **no_waiting, **({} if options.graphql else {"reads": "rest"})}


MOCK = MockKind(
    name="arbor",
    title="Arbor",
    options=ArborOptions,
    secrets={"username": USER, "password": PASSWORD},
    settings=settings,
    make_app=make_app,
)
