"""Talks to Xporter on Demand: the token, errors inside answers with status 200, pages and change sets."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from connector.adapters.page_limits import PageLimits
from connector.adapters.xporter.settings import XporterSettings
from connector.errors import FatalError, RetryableError
from connector.http import Client, HttpConfig, no_credentials

Row = Mapping[str, Any]
_T = TypeVar("_T")
_TOKEN_TROUBLE = ("token", "authoris", "authoriz", "expired")
_REREADS = 4


class TokenRefusedError(FatalError):
    """The token in use is not accepted (any more)."""


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of one table, and what has changed of it when that was asked."""

    rows: list[Row]
    deleted: list[str]
    """Ids of rows that are gone since the change set asked from."""
    next_changes: str | None
    """The hash to ask with next time."""


class XporterClient:
    """One school's Xporter. Answers are whole tables; a table whose pages do not fit together is read again."""

    def __init__(self, settings: XporterSettings, password: str, http: HttpConfig) -> None:
        self._settings = settings
        self._password = password
        self._http = Client("Xporter", settings.url, http, credentials=self._authorisation)
        parts = urlsplit(settings.token_url)
        self._sign_in = Client(
            "Xporter sign-in", f"{parts.scheme}://{parts.netloc}", http, setting="token_url"
        )
        self._token: str | None = None
        self._lock = threading.Lock()

    @property
    def requests_sent(self) -> int:
        """Requests to both hosts."""
        return self._http.requests_sent + self._sign_in.requests_sent

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self._sign_in.close()

    def table(
        self,
        endpoint: str,
        table: str,
        params: Mapping[str, str] | None = None,
        *,
        page_size: int | None = None,
    ) -> Table:
        """Read every page of an endpoint's table.

        Rows that appear on two pages or are missed between two (the table moved meanwhile) are noticed by their
        ids and the count that Xporter gives, and the table is read again. Raises RetryableError when it never
        holds still.
        """
        for _ in range(_REREADS):
            found = self._read_pages(endpoint, table, params or {}, page_size or self._settings.page_size)
            if found is not None:
                return found
        raise RetryableError(
            f"Xporter: /{self._path(endpoint)} changed while its pages were read, {_REREADS} times",
            fix="the next run reads it again",
        )

    def status(self) -> list[Row]:
        """Return the state of Xporter's cached copies of the MIS."""
        body = self._get("Students", {"onlyGetDbStatus": "true"})
        return [row for row in body.get("__dbStatus__") or [] if isinstance(row, dict)]

    def _read_pages(self, endpoint: str, table: str, params: Mapping[str, str], size: int) -> Table | None:
        rows: dict[str, Row] = {}
        deleted: set[str] = set()
        page, pages, wanted = 1, 1, 0
        next_changes: str | None = None
        limits = PageLimits("Xporter", self._path(endpoint))
        while page <= pages:
            body = self._get(endpoint, {**params, "page": str(page), "pageSize": str(size)})
            on_page = {_id(row, endpoint): row for row in _array(body, endpoint, table)}
            rows |= on_page
            limits.take(on_page)
            deleted.update(str(row.get("Id", "")) for row in body.get(f"{table}_deleted") or [])
            counts = (_array(body, endpoint, "__pagination__") or [{}])[0]
            pages, count = _count(counts, "PageCount", endpoint), _count(counts, "RowCount", endpoint)
            if page > 1 and count != wanted:
                return None
            wanted = count
            changes = (body.get("__changedRows__") or [{}])[0]
            next_changes = changes.get("NextChangedRows") or next_changes
            page += 1
        return (
            Table(list(rows.values()), sorted(deleted - {""}), next_changes) if len(rows) == wanted else None
        )

    def _path(self, endpoint: str) -> str:
        return f"api/v1/School/{self._settings.estab}/{endpoint}"

    def _get(self, endpoint: str, params: Mapping[str, str]) -> dict[str, Any]:
        path = self._path(endpoint)
        asked = {**params, **({"httpStatusCodes": "true"} if self._settings.http_status_codes else {})}
        self._sign_in_once()
        try:
            return _checked(self._http.get(path, asked, accept=(400, 401, 403, 404)).json(), endpoint)
        except TokenRefusedError:
            self._token = None  # it may have expired in mid-run: one new token, one more try
            self._sign_in_once()
        return _checked(self._http.get(path, asked, accept=(400, 401, 403, 404)).json(), endpoint)

    def _sign_in_once(self) -> None:
        """Make sure of a token before a request, so that the tries of one are not multiplied by the other's."""
        with self._lock:
            if self._token is None:
                self._token = self._new_token()

    def _authorisation(self) -> Mapping[str, str]:
        return {"Authorization": f"Idaas {self._token}"}

    def _new_token(self) -> str:
        settings = self._settings
        asked = {
            "estab": settings.estab,
            "relyingParty": settings.relying_party,
            "password": self._password,
            "thirdpartyid": settings.third_party_id,
        }
        form = settings.token_as_form
        answer = self._sign_in.post(
            urlsplit(settings.token_url).path,
            data=asked if form else None,
            json_body=None if form else asked,
            safe=True,
            accept=(400, 401, 403),
            credentials=no_credentials,
        )
        token = (answer.json() or {}).get("token")
        if not token:
            raise FatalError(
                "Xporter gives no token for this school",
                fix="check estab, relying_party and the password (`credentials set`), and that the school has not "
                "paused the connection in its Xporter authorisation",
            )
        return str(token)


def _checked(body: Any, endpoint: str) -> dict[str, Any]:
    """Return the body, unless it holds an error: Xporter puts errors in the body, with any status."""
    if not isinstance(body, dict):
        raise FatalError(f"Xporter: {endpoint} answered in a shape that is not documented")
    if body.get("ExceptionMessage") or body.get("ExceptionType"):
        said = f"{body.get('ExceptionType')} {body.get('ExceptionMessage')}".lower()
        if any(word in said for word in _TOKEN_TROUBLE):
            raise TokenRefusedError(
                f"Xporter refuses the token for {endpoint}",
                fix="check that the school's authorisation is not paused",
            )
        if "scope" in said or "permission" in said:
            raise FatalError(
                f"Xporter has no permission for {endpoint}",
                fix="ask the school to tick this data in its authorisation",
            )
        if "timeout" in said or "unavailable" in said or "database" in said:
            raise RetryableError(
                f"Xporter cannot answer {endpoint} at present", fix="the next run asks again"
            )
        raise FatalError(f"Xporter refuses {endpoint}", fix="check the endpoint's parameters in the settings")
    return body


def _array(body: Mapping[str, Any], endpoint: str, table: str) -> list[Row]:
    rows = body.get(table)
    if not isinstance(rows, list):
        raise FatalError(
            f"Xporter: {endpoint} holds no table '{table}'",
            fix="compare with fields.toml of the xporter adapter",
        )
    return rows


def _id(row: Row, endpoint: str) -> str:
    found = row.get("Id", row.get("EstabId"))
    if found in (None, ""):
        raise FatalError(
            f"Xporter: a row of {endpoint} has no Id",
            fix="ask the school to include identifiers in its authorisation",
        )
    return str(found)


def _count(row: Row, name: str, endpoint: str) -> int:
    try:
        return int(row[name])
    except (KeyError, TypeError, ValueError):
        raise FatalError(f"Xporter: {endpoint} gives no {name}") from None


def chunks(items: list[_T], size: int) -> Iterator[tuple[_T, ...]]:
    """Return a list in tuples of at most that size."""
    return (tuple(items[start : start + size]) for start in range(0, len(items), size))
