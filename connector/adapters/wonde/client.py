"""Talks to Wonde: Bearer token, pages followed by their absolute ``next``, includes unwrapped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connector.adapters.page_limits import PageLimits
from connector.adapters.wonde.settings import WondeSettings
from connector.errors import FatalError, RetryableError
from connector.http import Client, HttpConfig, bearer

Row = Mapping[str, Any]
_REREADS = 4


class WondeClient:
    """One school at Wonde."""

    def __init__(self, settings: WondeSettings, token: str, http: HttpConfig) -> None:
        self._settings = settings
        self._http = Client(
            "Wonde",
            settings.url,
            http,
            credentials=bearer(token),
            calls_per_second=settings.calls_per_second or None,
        )

    @property
    def requests_sent(self) -> int:
        """Requests so far, retries included."""
        return self._http.requests_sent

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def school(self) -> Row:
        """Return the school's own object."""
        body = self._http.get(f"v1.0/schools/{self._settings.school_id}").json()
        return _object(body, "school")

    def counts(self) -> Mapping[str, int]:
        """Return how many students and contacts Wonde holds."""
        found = _object(
            self._http.get(self._path("counts"), {"include": "students,contacts"}).json(), "counts"
        )
        return {name: int(unwrap(found[name])["count"]) for name in ("students", "contacts") if name in found}

    def rows(
        self, resource: str, params: Mapping[str, str] | None = None, *, count: int | None = None
    ) -> list[Row]:
        """Return every row of a list, each once.

        With ``count`` the rows are read again when they are not that many, as when the list moved between two
        pages. Raises RetryableError when they never are.
        """
        for _ in range(_REREADS):
            found = {str(row.get("id")): row for row in self.pages(resource, params)}
            if count is None or len(found) == count:
                return list(found.values())
        raise RetryableError(
            f"Wonde: /{self._path(resource)} does not hold as many rows as Wonde counts, {_REREADS} times",
            fix="the next run reads it again",
        )

    def pages(self, resource: str, params: Mapping[str, str] | None = None) -> Iterator[Row]:
        """Yield rows of a list as the pages bring them; following ``next`` as it stands."""
        asked = {**(params or {}), "per_page": str(self._settings.per_page)}
        if self._settings.cursor:
            asked["cursor"] = "true"
        path = self._path(resource)
        limits = PageLimits("Wonde", path)
        body = self._http.get(path, asked).json()
        while True:
            rows = body.get("data") if isinstance(body, dict) else None
            if not isinstance(rows, list):
                raise FatalError(f"Wonde: {resource} answered in another shape than documented")
            yield from rows
            following = ((body.get("meta") or {}).get("pagination") or {}).get("next")
            if not following:
                return
            limits.take((str(row.get("id")) for row in rows), str(following))
            body = self._http.get(str(following)).json()

    def _path(self, resource: str) -> str:
        return f"v1.0/schools/{self._settings.school_id}/{resource}"


def unwrap(value: Any) -> Any:
    """Return what an include holds, out of its ``{"data": ...}``; None for an absent one."""
    return value.get("data") if isinstance(value, dict) and set(value) <= {"data", "meta"} else value


def _object(body: Any, what: str) -> Row:
    found = unwrap(body)
    if not isinstance(found, dict):
        raise FatalError(
            f"Wonde gives no {what}", fix="check school_id and that url is the school's own region"
        )
    return found
