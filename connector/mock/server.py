"""Serves a mock MIS on loopback, in a thread, over HTTP/1.1 with connections that stay open.

Flask answers; werkzeug listens. What goes wrong on the wire is brought about here, for every MIS alike.
"""

from __future__ import annotations

import json
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from types import TracebackType
from typing import Any, Self

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

from connector.errors import ConfigError
from connector.mock.faults import Faults
from connector.mock.pages import pages
from connector.mock.school import MadeUpSchool, make_school
from connector.mock.world import MockKind, Seen, World, mock_kind

HOST = "127.0.0.1"
_AFTER = ("drop-after", "error-500-after", "truncated", "invalid-json", "list-for-object", "lists-within")
"""Faults of an answer to a call that took effect."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it goes over the wire."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    cut: bool = False
    """Send only half the body, then close."""


class Front:
    """Stands between the wire and the mock: logs every request and brings about the faults of the wire."""

    def __init__(self, app: Flask, world: World) -> None:
        self._app = app
        self._world = world

    def answer(self, environ: dict[str, Any]) -> Reply | None:
        """Return the reply to a request, or None to cut the connection."""
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path.startswith("/mock/"):
            return self._app_reply(environ)
        faults = self._world.faults

        def strikes(name: str) -> bool:
            return faults.strikes(name, method, path)

        fault = next(
            (name for name in ("drop-before", "error-500", "busy", "busy-silent", "html") if strikes(name)),
            "",
        )
        if strikes("slow"):
            time.sleep(faults.slow_seconds)
        reply = self._without_effect(fault) if fault else self._app_reply(environ)
        if not fault and reply is not None:
            fault = next((n for n in _AFTER if strikes(n)), "")
            reply = self._spoilt(fault, reply) if fault else reply
        status = int(reply.status[:3]) if reply else None
        self._world.requests.append(Seen(method, path, environ["QUERY_STRING"], status, fault))
        return reply

    def _app_reply(self, environ: dict[str, Any]) -> Reply:
        parts, status, headers = run_wsgi_app(self._app, environ)
        return Reply(status, list(headers), b"".join(parts))

    def _without_effect(self, fault: str) -> Reply | None:
        if fault == "drop-before":
            return None
        if fault == "html":
            page = b"<!DOCTYPE html><html><body><h1>Please sign in</h1></body></html>"
            return Reply("200 OK", [("Content-Type", "text/html; charset=utf-8")], page)
        if fault == "error-500":
            return _plain("500 INTERNAL SERVER ERROR")
        asked = [("Retry-After", str(self._world.faults.busy_seconds))] if fault == "busy" else []
        return _plain("429 TOO MANY REQUESTS", asked)

    def _spoilt(self, fault: str, reply: Reply) -> Reply | None:
        if fault == "drop-after":
            return None
        if fault == "error-500-after":
            return _plain("500 INTERNAL SERVER ERROR")
        if fault == "truncated":
            return Reply(reply.status, reply.headers, reply.body, cut=True)
        if fault in ("list-for-object", "lists-within"):
            return Reply(reply.status, reply.headers, _with_lists(reply.body, within=fault == "lists-within"))
        return Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2] + b"\x00{")


def _with_lists(body: bytes, *, within: bool) -> bytes:
    """Return an answer with empty lists in the place of objects; as it is where it is no JSON object."""
    try:
        held = json.loads(body)
    except ValueError:
        return body
    if not isinstance(held, dict):
        return body
    emptied = {name: _emptied(value) for name, value in held.items()} if within else []
    return json.dumps(emptied).encode()


def _emptied(value: Any) -> Any:
    """Return an object as an empty list, and rows with every object in them so."""
    if isinstance(value, dict):
        return []
    if isinstance(value, list):
        return [
            {name: _emptied(one) for name, one in row.items()} if isinstance(row, dict) else row
            for row in value
        ]
    return value


def _plain(status: str, headers: list[tuple[str, str]] | None = None) -> Reply:
    code = int(status[:3])
    body = json.dumps({"response": {"success": False, "code": code, "reason": status[4:].title()}}).encode()
    return Reply(status, [("Content-Type", "application/json"), *(headers or [])], body)


class _Wire(WSGIRequestHandler):
    """werkzeug's own handler closes each connection after one answer; clients of a MIS keep theirs open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.server.open_connections.add(self.connection)  # type: ignore[attr-defined]
        self.server.connections_made += 1  # type: ignore[attr-defined]

    def finish(self) -> None:
        self.server.open_connections.discard(self.connection)  # type: ignore[attr-defined]
        super().finish()

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        environ = self.make_environ()
        # read whole, so that the next request on this connection starts where it should
        chunked = self.headers.get("Transfer-Encoding", "").lower().strip() == "chunked"
        length = None if chunked else int(self.headers.get("Content-Length") or 0)
        body = environ["wsgi.input"].read() if length is None else self.rfile.read(length)
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("wsgi.input_terminated", None)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        reply = self.server.app.answer(environ)  # type: ignore[attr-defined]
        if reply is None:
            self.close_connection = True
            return
        code, _, reason = reply.status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in reply.headers:
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        if int(code) != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
        self.wfile.flush()
        self.close_connection = self.close_connection or reply.cut

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Nothing: a request line can hold a UPN."""


class MockServer:
    """A mock MIS over a made-up school; a context manager that serves while it is open."""

    def __init__(
        self,
        kind: MockKind | str,
        school: MadeUpSchool,
        *,
        today: date | None = None,
        port: int = 0,
        tls: bool = False,
        faults: Faults | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """``today`` defaults to the school's last day; port 0 takes a free one; ``options`` are the mock's own."""
        self.kind = mock_kind(kind) if isinstance(kind, str) else kind
        self.options = self.kind.options.model_validate(dict(options or {}))
        self.world = World(school, today or school.last_day, faults or Faults())
        self.app = self.kind.make_app(self.world, self.options)
        self.app.register_blueprint(pages(self.world))
        self.ca_bundle: str | None = None
        self._port, self._tls = port, tls
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def today(self) -> date:
        """The mock's day: what its MIS holds is what was known at the end of it."""
        return self.world.today

    @today.setter
    def today(self, day: date) -> None:
        self.world.today = day

    @property
    def url(self) -> str:
        """The address to point an adapter at."""
        assert self._server is not None, "the server is not open"
        return f"http{'s' if self._tls else ''}://{HOST}:{self._server.port}"

    @property
    def connections_made(self) -> int:
        """How many connections clients have opened so far."""
        return int(self._server.connections_made) if self._server else 0  # type: ignore[attr-defined]

    @property
    def settings(self) -> dict[str, Any]:
        """The adapter's settings to use against this server."""
        return dict(self.kind.settings(self.url, self.options))

    @property
    def secrets(self) -> dict[str, str]:
        """The credentials that this server accepts."""
        return dict(self.kind.secrets)

    def announcement(self) -> str:
        """One line of JSON: everything needed to use the server."""
        school = self.world.school
        return json.dumps(
            {
                "mis": self.kind.name,
                "url": self.url,
                "credentials": self.secrets,
                "settings": self.settings,
                **({"ca_bundle": self.ca_bundle} if self.ca_bundle else {}),
                "school": {
                    "name": school.details.name,
                    "pupils": len(school.pupils),
                    "seed": school.seed,
                    "first_day": school.first_day.isoformat(),
                    "last_day": school.last_day.isoformat(),
                    "today": self.today.isoformat(),
                },
            }
        )

    def __enter__(self) -> Self:
        context = self._throwaway_authority() if self._tls else None
        try:
            server = make_server(
                HOST,
                self._port,
                Front(self.app, self.world),  # type: ignore[arg-type]
                threaded=True,
                request_handler=_Wire,
                ssl_context=context,
            )
        except (OSError, SystemExit) as error:
            raise ConfigError(
                f"port {self._port} on this machine cannot be used", fix="choose another with --port, or 0"
            ) from error
        server.open_connections = set()  # type: ignore[attr-defined]
        server.connections_made = 0  # type: ignore[attr-defined]
        self._server = server
        self._thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.shutdown()
        self._thread.join()
        for connection in list(self._server.open_connections):  # type: ignore[attr-defined]
            _close(connection)
        self._server.server_close()
        if self._folder:
            self._folder.cleanup()

    def _throwaway_authority(self) -> SSLContext:
        import trustme  # slow to import, and only TLS needs it

        self._folder = tempfile.TemporaryDirectory(prefix="mock-ca-")
        authority = trustme.CA()
        bundle = Path(self._folder.name) / "ca.pem"
        authority.cert_pem.write_to_path(str(bundle))
        self.ca_bundle = str(bundle)
        context = SSLContext(PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST, "localhost").configure_cert(context)
        return context


def _close(connection: socket.socket) -> None:
    """Wake a thread that waits for the next request on an open connection."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client has closed it meanwhile


def serve_forever(
    name: str,
    announce: Callable[[str], object],
    *,
    pupils: int = 420,
    weeks: int = 13,
    seed: int = 1,
    port: int = 0,
    tls: bool = False,
    today: date | None = None,
    faults: Mapping[str, float] | None = None,
    options: Mapping[str, Any] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Serve a mock MIS until interrupted (or until ``stop`` is set), having announced one line of JSON.

    Raises ConfigError when it cannot be opened, ValueError for an unknown mock or fault.
    """
    school = make_school(pupils=pupils, weeks=weeks, seed=seed)
    until = stop or threading.Event()
    with MockServer(
        name, school, today=today, port=port, tls=tls, faults=Faults(faults, seed=seed), options=options
    ) as server:
        announce(server.announcement())
        try:
            while not until.wait(0.5):
                pass  # a wait without end cannot be interrupted on Windows
        except KeyboardInterrupt:
            return
