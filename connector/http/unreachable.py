"""Why a MIS cannot be reached: the host, the cause, and the setting to change."""

from __future__ import annotations

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from http.client import BadStatusLine

import requests
from urllib3.exceptions import ConnectTimeoutError

from connector.errors import AdapterError, FatalError, RetryableError
from connector.http.diagnosis import ask_for_tunnel, certificate_issuer
from connector.http.route import PROXY_OF_THE_SYSTEM, PROXY_SETTING, Route

_TUNNEL_FAILED = re.compile(r"Tunnel connection failed: (\d{3})")
_NO_ROUTE = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL})
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG")
_TLS_ALERT = "\x15\x03"
_WRONG_NAME = frozenset({62, 0x800B010F})
_EXPIRED = frozenset({10, 0x800B0101})
_NOT_YET_VALID = frozenset({9})
"""What is wrong with a certificate, by OpenSSL's numbers (x509_vfy.h) and by Windows' (winerror.h: CERT_E_…)."""


def cause_of(what: str, error: requests.RequestException, route: Route) -> AdapterError | None:
    """Return the error for a request that never reached the MIS; None when that was not the trouble."""
    inside = list(_causes(error))
    if isinstance(error, requests.exceptions.ProxyError):
        return _of_proxy(what, inside, route)
    for cause in inside:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _untrusted(what, cause, route)
        if isinstance(cause, ssl.SSLError) and any(sign in str(cause) for sign in _NO_TLS):
            return FatalError(
                f"{what}: {route.host} does not speak https on port {route.port}",
                fix=f"{route.correct}: the port of https is usually 443",
            )
        if isinstance(cause, BadStatusLine) and _TLS_ALERT in str(cause):
            return speaks_https(what, route)
    cause_in_words = _no_connection(inside, route.host, route.port)
    if cause_in_words:
        return RetryableError(f"{what}: {cause_in_words}", fix=_fix_of_address(inside, route))
    if isinstance(error, requests.exceptions.Timeout) and any("handshake" in str(one) for one in inside):
        return RetryableError(
            f"{what}: {route.host} port {route.port} accepts connections and does not answer in TLS",
            fix=f"{route.correct} (host and port), or see which firewall or filter is in between",
        )
    return None


def speaks_https(what: str, route: Route) -> FatalError:
    """Return the error for plain http to a port that speaks https."""
    return FatalError(
        f"{what}: {route.host} speaks https on port {route.port}, and the address says http",
        fix=f"{route.correct}: write https:// in it",
    )


def proxy_wants_login(what: str, route: Route, logins: tuple[str, ...]) -> FatalError:
    """Return the error for a proxy that lets nobody through without a login of its own."""
    where = f"the proxy {route.proxy_host} port {route.proxy_port}" if route.proxy else "a proxy on the way"
    exception = f"let the proxy pass this server to {route.host} without a login"
    if not logins or any(kind.casefold() == "basic" for kind in logins):
        way = f"{exception}, or write the proxy's address with a user name and password in {PROXY_OF_THE_SYSTEM}"
    else:
        way = (
            f"{exception}; the connector cannot log in by {' or '.join(logins)}, so otherwise install a helper "
            f"that can (such as Px or Cntlm) and name its address in {PROXY_SETTING}"
        )
    wanted = f" ({', '.join(logins)})" if logins else ""
    return FatalError(f"{what}: {where} wants a login{wanted}, status 407", fix=way)


def silent_proxy(what: str, route: Route) -> RetryableError:
    """Return the error for a proxy that accepts connections and does not do what a proxy does."""
    return RetryableError(
        f"{what}: {route.proxy_host} port {route.proxy_port} does not answer as a proxy",
        fix=f"correct {route.proxy_setting}: host, port, and http:// or https://",
    )


def _of_proxy(what: str, inside: list[BaseException], route: Route) -> AdapterError:
    name = f"the proxy {route.proxy_host} port {route.proxy_port}"
    fix = f"correct {route.proxy_setting}, or take it out if the school has no proxy"
    for cause in inside:
        failed = _TUNNEL_FAILED.search(str(cause)) if isinstance(cause, OSError) else None
        if failed:
            return _no_tunnel(what, int(failed[1]), route)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return FatalError(
                f"{what}: the certificate of {name} is not trusted",
                fix=f"write http:// in {route.proxy_setting} if the proxy speaks plain http, else name its "
                "authority in `ca_bundle` in [school.http]",
            )
        if isinstance(cause, ssl.SSLError) and any(sign in str(cause) for sign in _NO_TLS):
            return FatalError(
                f"{what}: {name} speaks plain http", fix=f"write http:// in {route.proxy_setting}"
            )
    words = _no_connection(inside, route.proxy_host, route.proxy_port)
    if words:
        return RetryableError(f"{what}: the proxy cannot be reached: {words}", fix=fix)
    return silent_proxy(what, route)


def _no_tunnel(what: str, status: int, route: Route) -> AdapterError:
    name, target = f"the proxy {route.proxy_host} port {route.proxy_port}", f"{route.host} port {route.port}"
    if status == 407:
        asked = ask_for_tunnel(route)
        return proxy_wants_login(what, route, asked.logins if asked else ())
    if status in (403, 401):
        return FatalError(
            f"{what}: {name} does not let this server connect to {target} (status {status})",
            fix=f"have the proxy or filter allow {target}; if that is not the MIS, {route.correct}",
        )
    if status >= 500 and status != 501:
        return RetryableError(
            f"{what}: {name} could not connect to {target} (status {status})",
            fix=f"{route.correct} if the host or port is wrong, else see whether the proxy can reach it",
        )
    return FatalError(
        f"{what}: {route.proxy_host} port {route.proxy_port} is no proxy for https (status {status})",
        fix=f"correct {route.proxy_setting}: host and port",
    )


def _untrusted(what: str, error: ssl.SSLCertVerificationError, route: Route) -> FatalError:
    issuer = certificate_issuer(route)
    by = f"issued by {issuer}" if issuer else "of an issuer that could not be read"
    host = f"{route.host} port {route.port}"
    code = getattr(error, "verify_code", 0)
    if code in _WRONG_NAME or "not valid for" in str(error):
        return FatalError(
            f"{what}: the certificate of {host}, {by}, is for another host name",
            fix=f"{route.correct}: write the name that the certificate is for",
        )
    if code in _EXPIRED | _NOT_YET_VALID:
        state = "is not valid yet" if code in _NOT_YET_VALID else "has expired"
        return FatalError(
            f"{what}: the certificate of {host}, {by}, {state}",
            fix=f"check this server's date and clock; if they are right, tell whoever runs {route.host}",
        )
    if route.ca_bundle is None:
        trust = "save its authority as a PEM file and name that in `ca_bundle` in [school.http], or add it to this server's trust store"
    else:
        trust = f"add its authority to {route.ca_bundle.name}, the file of `ca_bundle` in [school.http], or take ca_bundle out to trust what the system trusts"
    return FatalError(
        f"{what}: the certificate of {host}, {by}, is not trusted",
        fix=f"if that is the school's web filter, which re-signs TLS, {trust}; if not, {route.correct}",
    )


def _no_connection(inside: list[BaseException], host: str, port: int) -> str:
    """Return why no connection was made, in words; empty when one was."""
    # the innermost says most: urllib3 wraps all of them in an error that some releases derive from a time-out
    if _any(inside, socket.gaierror):
        return f"the name {host} was not found"
    if _any(inside, ConnectionRefusedError):
        return f"{host} refuses connections on port {port}"
    if any(isinstance(cause, OSError) and cause.errno in _NO_ROUTE for cause in inside):
        return f"there is no way from here to {host} port {port}"
    if _any(inside, ConnectTimeoutError):
        return f"no connection to {host} port {port} in time"
    return ""


def _any(inside: list[BaseException], kind: type[BaseException]) -> bool:
    return any(isinstance(cause, kind) for cause in inside)


def _fix_of_address(inside: list[BaseException], route: Route) -> str:
    if _any(inside, socket.gaierror):
        return f"{route.correct} if the name is wrong, else see why this server cannot look it up (DNS)"
    if _any(inside, ConnectionRefusedError):
        return f"{route.correct} if the host or port is wrong, else see whether the MIS is running"
    proxy = "" if route.proxy else f", or name the school's proxy: {PROXY_SETTING}"
    return (
        f"{route.correct} if the host or port is wrong, else let this server out through the firewall{proxy}"
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and every error inside it: requests and urllib3 wrap what the socket says several times."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [*one.args, getattr(one, "reason", None), getattr(one, "original_error", None)]
        waiting += [one.__cause__, one.__context__]
