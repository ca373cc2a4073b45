"""Talking to Arbor: the HTTP client with Arbor's ways, and what its answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.adapters.arbor.rows import whole_of
from connector.adapters.arbor.settings import ArborSettings
from connector.errors import FatalError, RetryableError
from connector.http import Client, HttpConfig, basic

REST = "/rest-v2"
GRAPHQL = "/graphql/query"


def connect(settings: ArborSettings, secrets: Mapping[str, str], http: HttpConfig) -> Client:
    """Return a client for one school's Arbor. HTTP Basic on every request, on REST and GraphQL alike."""
    headers = {"x-mis-application-id": settings.application_id} if settings.application_id else {}
    return Client(
        "Arbor",
        settings.url,
        http,
        credentials=basic(secrets["username"], secrets["password"]),
        headers=headers,
        calls_per_second=settings.calls_per_second or None,
        busy_seconds=settings.busy_seconds,
        connections=max(4, settings.connections),
    )


def plural(name: str) -> str:
    """Return Arbor's own rule for paths and list keys."""
    if name.endswith(("ch", "s")):
        return f"{name}es"
    if name.endswith("y") and not name.endswith("ay"):
        return f"{name[:-1]}ies"
    return f"{name}s"


def lowered(name: str) -> str:
    """Return the key of a type in an answer: only the first letter is lowered."""
    return name[0].lower() + name[1:]


def path_of(type_name: str) -> str:
    """Return the list address of a type: UkDfe_UpnAssignment -> /rest-v2/uk-dfe_upn-assignments."""
    dashed = "".join(
        f"-{c}" if c.isupper() and i and type_name[i - 1].islower() else c
        for i, c in enumerate(plural(type_name))
    )
    return f"{REST}/{dashed.lower()}"


def href_of(type_name: str, row_id: str) -> str:
    """Return the address of one object."""
    return f"{path_of(type_name)}/{row_id}"


def id_of(href: str) -> str:
    """Return the id or code at the end of an address."""
    return href.rstrip("/").rsplit("/", 1)[-1]


def body_of(what: str, answer: Any) -> dict[str, Any]:
    """Return the JSON object of an answer.

    Arbor can report a failure inside an answer with status 200 (``response.code`` overrides the status). Raises
    RetryableError or FatalError for that, and for anything that is no object. An empty object may come as ``[]``.
    """
    body = answer.json()
    if body == []:
        body = {}
    if not isinstance(body, dict):
        raise RetryableError(f"Arbor: {what} was not answered with an object", fix="the next run asks again")
    response = body.get("response")
    code = whole_of(response.get("code")) if isinstance(response, dict) else None
    if code is not None and code >= 400:
        if code == 429 or code >= 500:
            raise RetryableError(f"Arbor: {what} failed inside with {code}", fix="the next run asks again")
        if answer.status < 400:
            raise FatalError(f"Arbor: {what} was refused inside with {code}")
    return body


class HiddenError(FatalError):
    """Arbor does not show something to this application."""

    def __init__(self, names: tuple[str, ...], message: str, fix: str) -> None:
        super().__init__(message, fix=fix)
        self.names = names
        """What: a type, or a property as Type.property."""


ASK = "ask Arbor (or the school's Arbor administrator) to add this permission to the application; `check` lists all"


def no_access(*names: str) -> HiddenError:
    """Return the error for a missing permission. It is never passed over unless the fact may be unknown (asked.py)."""
    return HiddenError(names, f"Arbor does not show {', '.join(names)} to this application", ASK)
