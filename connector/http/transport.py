"""Certificates and proxies: everything between us and the socket."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests
import truststore
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy

from connector.errors import ConfigError
from connector.http.address import is_loopback, origin
from connector.http.route import PROXY_OF_THE_SYSTEM, PROXY_SETTING, Route
from connector.http.settings import HttpConfig

# its debug lines show whole addresses, and a query can hold a UPN or a name
logging.getLogger("urllib3").setLevel(logging.WARNING)

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes. A page of marks is a few megabytes; more than this is a fault, not an answer."""


class _Transport(HTTPAdapter):
    """requests' transport with our own TLS context, through a proxy as well."""

    def __init__(self, context: ssl.SSLContext, connections: int) -> None:
        self._context = context
        super().__init__(pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002
        # The context already knows whom to trust; requests would add its own list of authorities to it.
        if url.lower().startswith("https"):
            conn.cert_reqs = "CERT_REQUIRED"


def tls_context(ca_bundle: Path | None) -> ssl.SSLContext:
    """Return the operating system's trust store, or only the authorities in ``ca_bundle`` (a PEM file).

    Schools' filters re-sign TLS with an authority that the system knows and Python's own list does not.
    Raises ConfigError when the bundle cannot be used.
    """
    if ca_bundle is None:
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        return ssl.create_default_context(cafile=ca_bundle)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"the CA bundle {ca_bundle} cannot be used ({type(error).__name__})",
            fix="name a readable PEM file with one or more CERTIFICATE blocks",
        ) from error


def make_session(options: HttpConfig, connections: int) -> requests.Session:
    """Return a session that keeps up to ``connections`` connections and takes nothing from the environment unless asked.

    Unless prevented, requests would take passwords from a ``.netrc`` file and use them instead.
    """
    session = requests.Session()
    session.trust_env = False
    transport = _Transport(tls_context(options.ca_bundle), connections)
    session.mount("https://", transport)
    session.mount("http://", transport)
    return session


def proxies_for(url: str, options: HttpConfig) -> Mapping[str, str]:
    """Return the proxies to use for an address: none to this machine, else the configured or the environment's."""
    if is_loopback(origin(url)[1]):
        return {}
    if options.proxy:
        return {"http": options.proxy, "https": options.proxy}
    return dict(get_environ_proxies(url))


def route_to(url: str, options: HttpConfig, setting: str = "url") -> Route:
    """Return the way to an address, for errors that name it. ``setting`` is the one that holds the address."""
    proxy = select_proxy(url, dict(proxies_for(url, options)))
    return Route(
        url, setting, proxy, PROXY_SETTING if options.proxy else PROXY_OF_THE_SYSTEM, options.ca_bundle
    )


def as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Stop requests from looking for credentials anywhere else: its ``auth`` argument."""
    return request
