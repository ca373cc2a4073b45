"""Servers on loopback that behave as networks of schools do: scripted answers, TLS by an unknown authority, proxies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from connector.http import Client, HttpConfig

Script = Callable[[BaseHTTPRequestHandler], None]
NOW = datetime(2025, 11, 3, 17, 0, tzinfo=UTC)


class Scripted:
    """A server that answers each request by the next line of a script, and remembers what was asked."""

    def __init__(self, *script: Script) -> None:
        self.script = list(script)
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.url = ""


@contextmanager
def served(*script: Script) -> Iterator[Scripted]:
    """Serve the script, a line a request; its last line answers everything that comes after."""
    scripted = Scripted(*script)

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            line = scripted.script[min(len(scripted.seen), len(scripted.script) - 1)]
            scripted.seen.append((self.command, self.path, dict(self.headers)))
            line(self)

        do_GET = do_POST = do_PUT = handle_one  # noqa: N815

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    scripted.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield scripted
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(
    status: int = 200, body: bytes = b'{"ok": true}', *, length: int | None = None, **headers: str
) -> Script:
    """Return a line that sends an answer."""

    def line(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return line


def cut(handler: BaseHTTPRequestHandler) -> None:
    """Return a line that closes the connection without an answer."""
    handler.close_connection = True


class Waits(list[float]):
    """Stands in for sleeping, and remembers how long it would have been."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@contextmanager
def client(
    url: str, waits: Waits | None = None, *, http: HttpConfig | None = None, **more: Any
) -> Iterator[Client]:
    found = Client(
        "MIS",
        url,
        http or HttpConfig(connect_seconds=2, read_seconds=2, tries=4, longest_wait_seconds=60),
        sleep=waits if waits is not None else Waits(),
        now=lambda: NOW,
        **more,
    )
    try:
        yield found
    finally:
        found.close()
