"""Servers on loopback that behave as networks of schools do: scripted answers, TLS by an unknown authority, proxies."""

from __future__ import annotations

import base64
import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme

from connector.http import Client, HttpConfig

Script = Callable[[BaseHTTPRequestHandler], None]
NOW = datetime(2025, 11, 3, 17, 0, tzinfo=UTC)


class Scripted:
    """A server that answers each request by the next line of a script, and remembers what was asked."""

    def __init__(self, *script: Script) -> None:
        self.script = list(script)
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.url = ""
        self.authority: trustme.CA | None = None
        """Who issued the certificate of a server over TLS."""


@contextmanager
def served(*script: Script, context: ssl.SSLContext | None = None) -> Iterator[Scripted]:
    """Serve the script, a line a request; its last line answers everything that comes after. ``context``: over TLS."""
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

    with _listening(Handler, context) as port:
        scripted.url = f"http{'s' if context else ''}://127.0.0.1:{port}"
        yield scripted


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: Any) -> None:
        """Say nothing: a client that hangs up in the middle of a handshake is meant."""


@contextmanager
def _listening(handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None = None) -> Iterator[int]:
    server = _Server(("127.0.0.1", 0), handler)
    if context is not None:
        # the handshake is made in the request's own thread, so that one that hangs does not hold the others
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.server_port
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


def certified(
    organisation: str = "Smooth Filter Ltd", name: str = "127.0.0.1", valid_until: datetime | None = None
) -> tuple[trustme.CA, ssl.SSLContext]:
    """Return a made-up authority, and a server's context with a certificate that it issued."""
    authority = trustme.CA(organization_name=organisation)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=valid_until).configure_cert(context)
    return authority, context


@contextmanager
def over_tls(
    *script: Script,
    organisation: str = "Smooth Filter Ltd",
    name: str = "127.0.0.1",
    valid_until: datetime | None = None,
) -> Iterator[Scripted]:
    """Serve the script over https, with a certificate for ``name`` by an authority that nothing trusts."""
    authority, context = certified(organisation, name, valid_until)
    with served(*script, context=context) as scripted:
        scripted.authority = authority
        yield scripted


@contextmanager
def silent() -> Iterator[int]:
    """Accept connections on a port of 127.0.0.1 and never say anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def dropping() -> Iterator[int]:
    """Yield a port of 127.0.0.1 where a connection is neither made nor refused, as behind a firewall that drops."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(3):  # the queue of connections that nobody accepts is full after these
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[1]


def closed_port() -> int:
    """Return a port of 127.0.0.1 that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Proxy:
    """A proxy that answers CONNECT with a status, or tunnels to a server of ours whatever name was asked for."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[str] = []


@contextmanager
def proxy(
    *,
    status: int = 200,
    login: str = "",
    logins: tuple[str, ...] = (),
    tunnel_to: str = "",
    context: ssl.SSLContext | None = None,
) -> Iterator[Proxy]:
    """Open a proxy. ``login`` is the user name and password that it takes, with a colon between; ``logins`` are the kinds of login that it asks for; ``tunnel_to`` is a server's address."""
    made = Proxy()

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            made.asked.append(self.path)
            token = base64.b64encode(login.encode()).decode()
            known = not login or self.headers.get("Proxy-Authorization") == f"Basic {token}"
            answered = status if known else 407
            self.send_response(answered)
            for kind in logins:
                self.send_header("Proxy-Authenticate", kind)
            if answered != 200:
                self.send_header("Content-Length", "0")
            self.end_headers()
            self.close_connection = True
            if tunnel_to and known:
                host, _, port = tunnel_to.partition("://")[2].partition(":")
                with socket.create_connection((host, int(port))) as behind:
                    _pump(self.connection, behind)

        def log_message(self, *args: Any) -> None:
            pass

    with _listening(Handler, context) as port:
        made.url = f"http{'s' if context else ''}://127.0.0.1:{port}"
        yield made


def _pump(one: socket.socket, other: socket.socket) -> None:
    while True:
        ready, _, _ = select.select([one, other], [], [], 5)
        for source in ready:
            data = source.recv(65536)
            if not data:
                return
            (other if source is one else one).sendall(data)
        if not ready:
            return


@contextmanager
def refusing_plain_http(context: ssl.SSLContext) -> Iterator[int]:
    """Open a TLS port that answers plain http with 400, as nginx and Apache do."""

    class Handler(BaseHTTPRequestHandler):
        def setup(self) -> None:
            if self.request.recv(1, socket.MSG_PEEK) == b"\x16":  # a TLS handshake begins so
                self.request = context.wrap_socket(self.request, server_side=True)
            super().setup()

        def finish(self) -> None:
            super().finish()
            self.request.close()

        def do_GET(self) -> None:
            answer(400)(self)

        def log_message(self, *args: Any) -> None:
            pass

    with _listening(Handler) as port:
        yield port
