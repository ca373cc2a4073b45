"""Whether a MIS can be reached at all, found out in seconds: `check` asks this before it asks anything else."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import requests

from connector.errors import AdapterError, RetryableError
from connector.http.diagnosis import ask_for_tunnel, speaks_tls
from connector.http.route import Route
from connector.http.settings import HttpConfig
from connector.http.transport import as_it_is, make_session, proxies_for, route_to
from connector.http.unreachable import cause_of, proxy_wants_login, silent_proxy, speaks_https

SECONDS = 8.0
"""The whole answer comes within this time."""
_ONE_WAIT = 3.0


def unreached(mis: str, addresses: Mapping[str, str], options: HttpConfig) -> dict[str, AdapterError]:
    """Given a MIS's addresses by the setting that holds each, return the error of each that cannot be reached.

    All are asked at the same time, once each, without credentials; any answer at all counts as reached. A name server
    can hold a look-up for longer than any time-out of ours, so a thread is left behind after ``SECONDS``.
    """
    errors: dict[str, AdapterError] = {}
    threads = []
    for setting, address in addresses.items():
        thread = threading.Thread(target=_note, args=(errors, mis, setting, address, options), daemon=True)
        thread.start()
        threads.append((setting, address, thread))
    until = time.monotonic() + SECONDS
    for _, _, thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    late = {s: _late(mis, route_to(a, options, s)) for s, a, thread in threads if thread.is_alive()}
    return {**errors, **late}


def _note(errors: dict[str, AdapterError], mis: str, setting: str, address: str, options: HttpConfig) -> None:
    error = _ask(mis, route_to(address, options, setting), options)
    if error is not None:
        errors[setting] = error


def _ask(mis: str, route: Route, options: HttpConfig) -> AdapterError | None:
    parts = urlsplit(route.url)
    url = f"{parts.scheme}://{parts.netloc}/"
    waits = (min(_ONE_WAIT, options.connect_seconds), min(_ONE_WAIT, options.read_seconds))
    status = None
    with make_session(options, 1) as session:
        try:
            with session.get(
                url,
                auth=as_it_is,
                proxies=dict(proxies_for(url, options)),
                timeout=waits,
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
        except requests.RequestException as error:
            cause = cause_of(mis, error, route)
            if cause is not None:
                return cause
    if status == 407:
        return proxy_wants_login(mis, route, ())
    if route.scheme == "http" and status in (None, 400) and speaks_tls(route.host, route.port):
        return speaks_https(mis, route)
    if status is None and route.proxy and ask_for_tunnel(route) is None:
        return silent_proxy(mis, route)
    return None


def _late(mis: str, route: Route) -> AdapterError:
    return RetryableError(
        f"{mis}: no connection to {route.host} port {route.port} in {SECONDS:.0f} seconds",
        fix=f"{route.correct} if the host or port is wrong, else see why this server cannot look the name up "
        "(DNS) or get out through the firewall",
    )
