"""Turn what went wrong on the network into one of the program's errors. No text here holds a body, a query or a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from connector.errors import AdapterError, FatalError, RetryableError
from connector.http.route import Route
from connector.http.unreachable import cause_of

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504, 507, *range(520, 531)})
"""Statuses that may be different next time; 520 to 530 are a content network's about the server behind it."""
WITHOUT_EFFECT = frozenset({403, 425, 429})
"""Of those statuses, the ones that say that the request was not carried out: even a write may be sent again."""

_NONE_LEFT = re.compile(r"\s*0+(?:\.0+)?(?:\D|$)")
_NONE_LEFT_OF = re.compile(r"\b(?:remaining|r)\s*=\s*0+\b")
_OF_THE_CLOCK = 1e9

_FIXES = {
    401: "the MIS does not accept the credentials: set them again with `credentials set`",
    403: "the credentials are right but lack a permission: ask for it in the MIS (`check` names the areas)",
    407: "a proxy wants a login of its own: let it pass this server without one, or see `proxy` in [school.http]",
    413: "the MIS refuses something that large",
}


def of_status(
    what: str,
    status: int,
    headers: Mapping[str, str],
    now: datetime,
    route: Route,
    busy_seconds: float | None = None,
) -> AdapterError:
    """Return the error for an HTTP status that is no answer; ``busy_seconds`` stands in for a 429's Retry-After."""
    asked = retry_after(headers.get("Retry-After"), now)
    if asked is None:
        asked = limit_resets(headers, now)
    if status == 403 and limit_spent(headers):
        return RetryableError(
            f"{what} answered 403: the calls that the MIS allows are spent",
            fix="the next run asks again; if this persists, see what else uses the same credentials, or ask for a higher limit",
            retry_after=asked,
        )
    if status in PASSING:
        return RetryableError(
            f"{what} answered {status}",
            fix="the MIS is busy or failing: the next run asks again",
            retry_after=busy_seconds if asked is None and status == 429 else asked,
        )
    if status == 404:
        return FatalError(
            f"{what} answered 404: {route.host} has nothing there",
            fix=f"{route.correct} if that is not the MIS, else ask the MIS's vendor whether this data is open to the school",
        )
    return FatalError(f"{what} answered {status}", fix=_FIXES.get(status, ""))


def of_exception(what: str, error: requests.RequestException, route: Route) -> AdapterError:
    """Return the error for a request that got no whole answer."""
    cause = cause_of(what, error, route)
    if cause is not None:
        return cause
    if isinstance(error, requests.exceptions.SSLError):
        return RetryableError(f"{what}: the secure connection failed", fix="the next run asks again")
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
        sign in str(error)
        for sign in (
            "NewConnectionError",
            "NameResolutionError",
            "Connection refused",
            "Tunnel connection failed",
        )
    )


def limit_spent(headers: Mapping[str, str]) -> bool:
    """Return True when a refusal is about the number of calls: it says when to come back, or that none is left.

    ``X-RateLimit-Remaining: 0`` and its spellings, and ``RateLimit: limit=100, remaining=0`` (the IETF's draft).
    """
    return "Retry-After" in headers or any(
        _NONE_LEFT.match(value) if "remaining" in name else _NONE_LEFT_OF.search(value)
        for name, value in _rate_limit(headers)
    )


def limit_resets(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds until calls are allowed again by ``X-RateLimit-Reset`` and its spellings, where none is left.

    The number is seconds from now, or of the clock (since 1970) where it is that large.
    """
    if not limit_spent(headers):
        return None
    for name, value in _rate_limit(headers):
        text = value.strip()
        if "reset" in name and text.isdigit():
            seconds = float(text)
            return max(0.0, seconds - now.timestamp()) if seconds >= _OF_THE_CLOCK else seconds
    return None


def _rate_limit(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        plain = name.casefold().replace("-", "")
        if "ratelimit" in plain:
            yield plain, value


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
