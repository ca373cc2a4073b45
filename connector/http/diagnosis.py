"""A second look at a connection that failed, to name the cause. Sends the MIS no request and none of its credentials."""

from __future__ import annotations

import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import NamedTuple

from requests.adapters import HTTPAdapter

from connector.http.issuer import issuer_in
from connector.http.route import Route

SECONDS = 3.0
"""Longest wait of each look."""


class Tunnel(NamedTuple):
    """What a proxy says when it is asked to connect to the MIS."""

    status: int
    logins: tuple[str, ...] = ()
    """The kinds of login that it asks for, such as "NTLM" and "Negotiate"."""


def certificate_issuer(route: Route) -> str:
    """Return who issued the certificate that is shown there, whether it is trusted or not; empty where that cannot be seen."""
    if route.proxy and route.proxy.lower().startswith("https"):
        return ""  # http.client speaks no TLS to a proxy
    context = _any_certificate()
    host, port = (route.proxy_host, route.proxy_port) if route.proxy else (route.host, route.port)
    connection = HTTPSConnection(host, port, timeout=SECONDS, context=context)
    if route.proxy:
        connection.set_tunnel(route.host, route.port, headers=_login(route))
    try:
        connection.connect()
        shown = connection.sock.getpeercert(binary_form=True)
    except (OSError, HTTPException):
        return ""
    finally:
        connection.close()
    return issuer_in(shown or b"")


def ask_for_tunnel(route: Route) -> Tunnel | None:
    """Ask the proxy to connect to the MIS, and return what it says; None when it does not answer as a proxy does."""
    secure = (route.proxy or "").lower().startswith("https")
    connection = (
        HTTPSConnection(route.proxy_host, route.proxy_port, timeout=SECONDS, context=_any_certificate())
        if secure
        else HTTPConnection(route.proxy_host, route.proxy_port, timeout=SECONDS)
    )
    target = f"{route.host}:{route.port}"
    try:
        connection.request("CONNECT", target, headers={"Host": target, **_login(route)})
        answer = connection.getresponse()
        asked = answer.headers.get_all("Proxy-Authenticate") or []
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
    kinds = (word.split()[0].rstrip(",") for word in asked if word.strip())
    return Tunnel(answer.status, tuple(dict.fromkeys(kinds)))


def speaks_tls(host: str, port: int) -> bool:
    """Return True when a TLS handshake succeeds there."""
    try:
        with socket.create_connection((host, port), timeout=SECONDS) as plain:
            _any_certificate().wrap_socket(plain, server_hostname=host).close()
    except OSError:
        return False
    return True


def _login(route: Route) -> dict[str, str]:
    """Return the header with the user name and password that the proxy's address holds, if it holds any."""
    return dict(HTTPAdapter().proxy_headers(route.proxy)) if route.proxy else {}


def _any_certificate() -> ssl.SSLContext:
    """Return a context that looks at any certificate: nothing is sent over its connections."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
