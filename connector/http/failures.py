"""Turn what went wrong on the network into one of the program's errors. No text here holds a body, a query or a secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from connector.errors import AdapterError, FatalError, RetryableError

PASSING = frozenset({429, 500, 502, 503, 504})
"""Statuses that may be different next time."""

_FIXES = {
    401: "the MIS does not accept the credentials: set them again with `credentials set`",
    403: "the credentials are right but lack a permission: ask for it in the MIS (`check` names the areas)",
    404: "the address does not exist there: check the MIS's address in the configuration",
    407: "the proxy needs credentials of its own: see the proxy setting of the configuration",
    413: "the MIS refuses something that large",
}


def of_status(
    what: str, status: int, headers: Mapping[str, str], now: datetime, busy_seconds: float | None = None
) -> AdapterError:
    """Return the error for an HTTP status that is no answer; ``busy_seconds`` stands in for a 429's Retry-After."""
    if status in PASSING:
        asked = retry_after(headers.get("Retry-After"), now)
        return RetryableError(
            f"{what} answered {status}",
            fix="the MIS is busy or failing: the next run asks again",
            retry_after=busy_seconds if asked is None and status == 429 else asked,
        )
    return FatalError(f"{what} answered {status}", fix=_FIXES.get(status, ""))


def of_exception(what: str, error: requests.RequestException) -> AdapterError:
    """Return the error for a request that got no whole answer."""
    if isinstance(error, requests.exceptions.SSLError):
        if "CERTIFICATE_VERIFY_FAILED" in str(error) or "verify failed" in str(error):
            return FatalError(
                f"{what}: the server's certificate is not trusted",
                fix="if the school's filter re-signs TLS, add its authority to the system's trust store "
                "or name it in the ca_bundle setting",
            )
        return RetryableError(f"{what}: the secure connection failed", fix="the next run asks again")
    if isinstance(error, requests.exceptions.ProxyError):
        return RetryableError(f"{what}: the proxy did not connect", fix="check the proxy setting")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return RetryableError(
            f"{what}: no connection in time", fix="check the address and the school's network"
        )
    if isinstance(error, requests.exceptions.Timeout):
        return RetryableError(f"{what}: no answer in time", fix="the next run asks again")
    if isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return RetryableError(f"{what}: the connection failed or was cut", fix="the next run asks again")
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return RetryableError(f"{what}: the answer arrived damaged", fix="the next run asks again")
    return FatalError(f"{what}: the request could not be made ({type(error).__name__})")


def never_left(error: requests.RequestException) -> bool:
    """Return True when the request certainly did not reach the MIS, so that even a write may be sent again."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    # urllib3 says why inside; a connection that was never made is the only safe case.
    return isinstance(error, requests.exceptions.ConnectionError) and any(
        sign in str(error) for sign in ("NewConnectionError", "NameResolutionError", "Connection refused")
    )


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (RFC 9110 section 10.2.3): a number, or a date."""
    if value is None:
        return None
    text = value.strip()
    if text.isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, (when - now).total_seconds())
