"""Talks to Xporter on Demand: the token, errors inside answers with status 200, tables, pages and change sets."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from connector.adapters.page_limits import PageLimits
from connector.adapters.xporter.fields import Endpoint
from connector.adapters.xporter.settings import XporterSettings
from connector.errors import FatalError, RetryableError
from connector.http import Client, HttpConfig, no_credentials

Row = Mapping[str, Any]
_T = TypeVar("_T")
_TOKEN_TROUBLE = ("token", "authoris", "authoriz", "expired")
_ERROR_STATUSES = (400, 401, 403, 404)
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
    made: datetime | None = None
    """When Xporter's copy was made, in the school's time; None when the answer does not say."""


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

    def sign_in(self) -> None:
        """Make sure of a token before a request, so that the tries of one are not multiplied by the other's."""
        with self._lock:
            if self._token is None:
                self._token = self._new_token()

    def table(
        self, endpoint: Endpoint, params: Mapping[str, str] | None = None, *, page_size: int | None = None
    ) -> Table:
        """Read every page of an endpoint's table.

        Rows that appear on two pages or are missed between two (the table moved meanwhile) are noticed by their
        ids and the count that Xporter gives, and the table is read again. Raises RetryableError when it never
        holds still.
        """
        for _ in range(_REREADS):
            table = self._read_pages(endpoint, params or {}, page_size or self._settings.page_size)
            if table is not None:
                return table
        raise RetryableError(
            f"Xporter: /{self._path(endpoint)} changed while its pages were read, {_REREADS} times",
            fix="the next run reads it again",
        )

    def sample(self, endpoint: Endpoint, params: Mapping[str, str] | None = None, *, rows: int = 20) -> Table:
        """Read the first rows of an endpoint's table."""
        body = self._data(endpoint, {**(params or {}), "page": "1", "pageSize": str(rows)})
        return Table(list(_rows(body, endpoint)), [], None, _made(body))

    def information(self, name: str) -> Mapping[str, Any]:
        """Return what Xporter says of itself: TokenDetails, Queries, GDPRIDs."""
        return self._get(f"api/v1/{name}", name, "EndpointInfo", {})

    def _read_pages(self, endpoint: Endpoint, params: Mapping[str, str], size: int) -> Table | None:
        """Return a table; None when its pages do not fit together. The last page is that of PageCount: each names a next one."""
        rows: dict[str, Row] = {}
        deleted: set[str] = set()
        page, pages, wanted = 1, 1, 0
        next_changes: str | None = None
        made: datetime | None = None
        limits = PageLimits("Xporter", self._path(endpoint))
        while page <= pages:
            body = self._data(endpoint, {**params, "page": str(page), "pageSize": str(size)})
            on_page = {_id(row, endpoint): row for row in _rows(body, endpoint)}
            rows |= on_page
            limits.take(on_page)
            deleted.update(_deleted(body, endpoint))
            counts = _first(body, "__pagination__")
            # an answer without counts is whole
            pages = _count(counts, "PageCount", endpoint) if counts else 1
            count = _count(counts, "RowCount", endpoint) if counts else len(on_page)
            if page > 1 and count != wanted:
                return None
            wanted = count
            next_changes = _value(_first(body, "__changedRows__"), "NextChangedRows") or next_changes
            made = made or _made(body)
            page += 1
        if len(rows) != wanted:
            return None
        return Table(list(rows.values()), sorted(deleted), next_changes, made)

    def _path(self, endpoint: Endpoint) -> str:
        return f"api/v1/School/{self._settings.estab}/{endpoint.path}"

    def _data(self, endpoint: Endpoint, params: Mapping[str, str]) -> Mapping[str, Any]:
        return self._get(self._path(endpoint), endpoint.path, endpoint.scope, params)

    def _get(self, path: str, name: str, scope: str, params: Mapping[str, str]) -> Mapping[str, Any]:
        asked = {**params, **({"httpStatusCodes": "true"} if self._settings.http_status_codes else {})}
        self.sign_in()
        try:
            return self._asked(path, asked, name, scope)
        except TokenRefusedError:
            self._token = None  # it may have expired in mid-run: one new token, one more try
            self.sign_in()
        return self._asked(path, asked, name, scope)

    def _asked(self, path: str, params: Mapping[str, str], name: str, scope: str) -> Mapping[str, Any]:
        answer = self._http.get(path, params, accept=_ERROR_STATUSES)
        return _checked(answer.json(), answer.status, name, scope)

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
            accept=_ERROR_STATUSES,
            credentials=no_credentials,
        )
        body = answer.json()
        token = _value(body, "token") if isinstance(body, dict) else None
        if not token:
            raise FatalError(
                "Xporter gives no token for this school",
                fix="check estab, relying_party and the password (`credentials set`), and that the school has not "
                "paused the connection in its Xporter authorisation",
            )
        return str(token)


def _checked(body: Any, status: int, name: str, scope: str) -> Mapping[str, Any]:
    """Return the body, unless it holds an error: Xporter puts errors in the body, with any status."""
    said = ""
    if isinstance(body, dict):
        said = (
            f"{_value(body, 'ExceptionType') or ''} {_value(body, 'ExceptionMessage') or ''}".strip().lower()
        )
    if status == 401 or any(word in said for word in _TOKEN_TROUBLE):
        raise TokenRefusedError(
            f"Xporter refuses the token for {name}", fix="check that the school's authorisation is not paused"
        )
    if status == 403 or "scope" in said or "permission" in said:
        raise FatalError(
            f"Xporter has no permission for {name}",
            fix=f"ask the school to tick the scope {scope} in its Xporter authorisation",
        )
    if "timeout" in said or "unavailable" in said or "database" in said:
        raise RetryableError(f"Xporter cannot answer {name} at present", fix="the next run asks again")
    if said or status >= 400:
        raise FatalError(
            f"Xporter refuses {name}",
            fix=f"check that the school grants the scope {scope}; if it does, ask Groupcall's support what is wrong",
        )
    if not isinstance(body, dict):
        raise FatalError(
            f"Xporter: {name} answered in a shape that is not documented",
            fix="report it to Groupcall's support",
        )
    return body


def _rows(body: Mapping[str, Any], endpoint: Endpoint) -> list[Row]:
    """Return the rows of an answer's data table: under a known key, else of the first table that is no part of the envelope."""
    tables = {key: value for key, value in body.items() if isinstance(value, list)}
    by_case = {key.lower(): value for key, value in tables.items()}
    rows = next((by_case[key.lower()] for key in endpoint.tables if key.lower() in by_case), None)
    if rows is None:
        rows = next((value for key, value in tables.items() if not _envelope(key)), None)
    if rows is None:
        raise FatalError(
            f"Xporter: {endpoint.path} holds no table {endpoint.tables[0]}",
            fix="report it to Groupcall's support: the name of the table is another one than in their manual",
        )
    return [row for row in rows if isinstance(row, dict)]


def _envelope(key: str) -> bool:
    return key.lower() == "meta" or key.startswith("__") or key.lower().endswith("_deleted")


def _deleted(body: Mapping[str, Any], endpoint: Endpoint) -> Iterator[str]:
    """Yield the ids of rows of the data table that are gone."""
    keys = {f"{key}_deleted".lower() for key in endpoint.tables}
    for key, rows in body.items():
        if key.lower() in keys and isinstance(rows, list):
            yield from (str(row["Id"]) for row in rows if isinstance(row, dict) and row.get("Id"))


def _first(body: Mapping[str, Any], key: str) -> Row:
    rows = body.get(key)
    return rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}


def _value(row: Row, name: str) -> Any:
    """Return a field in any case of its name; None when it is not there."""
    return next((value for key, value in row.items() if key.lower() == name.lower()), None)


def _id(row: Row, endpoint: Endpoint) -> str:
    row_id = _value(row, endpoint.row_id)
    if row_id in (None, ""):
        raise FatalError(
            f"Xporter: a row of {endpoint.path} has no {endpoint.row_id}",
            fix=f"ask the school to tick the scope {endpoint.scope} in its Xporter authorisation",
        )
    return str(row_id)


def _count(row: Row, name: str, endpoint: Endpoint) -> int:
    try:
        return int(row[name])
    except (KeyError, TypeError, ValueError):
        raise FatalError(
            f"Xporter: {endpoint.path} gives no {name}", fix="report it to Groupcall's support"
        ) from None


def _made(body: Mapping[str, Any]) -> datetime | None:
    """Return when the copy was made; later pages and change sets do not say."""
    text = str(_value(_first(body, "meta"), "DateTime") or "")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


def chunks(items: list[_T], size: int) -> Iterator[tuple[_T, ...]]:
    """Return a list in tuples of at most that size."""
    return (tuple(items[start : start + size]) for start in range(0, len(items), size))
