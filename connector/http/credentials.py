"""What a request carries to prove who asks: headers, made again for each try.

They are kept apart from ordinary headers so that they can be left off when a request leaves the MIS's host.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

Credentials = Callable[[], Mapping[str, str]]
"""Given nothing, the headers that carry the secret. Asked before each try, so a renewed token is used at once."""


def no_credentials() -> Mapping[str, str]:
    """Return no header, for requests that need none, such as asking for a token."""
    return {}


def basic(user: str, password: str) -> Credentials:
    """Return the header of HTTP Basic (RFC 7617), in UTF-8."""
    token = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
    return lambda: {"Authorization": f"Basic {token}"}


def bearer(token: str) -> Credentials:
    """Return the header of HTTP Bearer (RFC 6750)."""
    return lambda: {"Authorization": f"Bearer {token}"}
