"""Talks to Wonde: Bearer token, pages followed by their absolute ``next``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from connector.adapters.page_limits import PageLimits
from connector.adapters.wonde.settings import WondeSettings
from connector.adapters.wonde.wrapping import Row, id_of, many, one
from connector.errors import FatalError, RetryableError
from connector.http import Client, HttpConfig, bearer

_REREADS = 4
_ALIKE = 3


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list."""

    rows: list[Row]
    on_offer: frozenset[str] = field(default_factory=frozenset)
    """What Wonde says can be asked for with each row; empty when it does not say."""


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
        row = one(self._http.get(f"v1.0/schools/{self._settings.school_id}").json(), "the school")
        if row is None:
            raise FatalError(
                "Wonde gives no school", fix="check school_id and that url is the school's own region"
            )
        return row

    def count(self, resource: str) -> int | None:
        """Return how many rows Wonde counts in a list; None when it does not say, or does not let us ask."""
        try:
            body = self._http.get(self._path("counts"), {"include": resource}).json()
        except FatalError:
            return None  # a help against rows that move between pages, and no more
        held = one((one(body, "counts") or {}).get(resource), "counts") or {}
        count = str(held.get("count", ""))
        return int(count) if count.isdigit() else None

    def rows(self, resource: str, params: Mapping[str, str] | None = None) -> list[Row]:
        """Return every row of a list, each once.

        A list that is read by page number can move between two pages: it is then read again until it has as many
        rows as Wonde counts, or comes the same three times. Raises RetryableError when it never holds still.
        """
        count = None if self._settings.cursor else self.count(resource)
        readings: list[dict[str, Row]] = []
        for _ in range(_REREADS):
            readings.append({self._id(row, resource): row for row in self.pages(resource, params)})
            if self._settings.cursor or len(readings[-1]) == count:
                return list(readings[-1].values())
            last = readings[-_ALIKE:]
            if len(last) == _ALIKE and all(set(one) == set(last[0]) for one in last):
                return list(last[-1].values())
        raise RetryableError(
            f"Wonde: /{self._path(resource)} changed while its pages were read, {_REREADS} times",
            fix="the next run reads it again",
        )

    def pages(self, resource: str, params: Mapping[str, str] | None = None) -> Iterator[Row]:
        """Yield rows of a list as the pages bring them; following ``next`` as it stands."""
        for page in self.list_pages(resource, params):
            yield from page.rows

    def first_page(self, resource: str, params: Mapping[str, str] | None = None) -> ListPage:
        """Return the first page of a list."""
        return next(self.list_pages(resource, params))

    def list_pages(self, resource: str, params: Mapping[str, str] | None = None) -> Iterator[ListPage]:
        """Yield the pages of a list. Raises RetryableError for one that does not come to an end."""
        asked = {**(params or {}), "per_page": str(self._settings.per_page)}
        if self._settings.cursor:
            asked["cursor"] = "true"
        path = self._path(resource)
        limits = PageLimits("Wonde", path)
        body = self._http.get(path, asked).json()
        while True:
            if not isinstance(body, dict) or "data" not in body:
                raise FatalError(
                    f"Wonde: {resource} answered in another shape than documented",
                    fix="check that url is Wonde's address in the school's region",
                )
            rows = many(body, resource)
            meta = one(body.get("meta"), "meta") or {}
            yield ListPage(rows, frozenset(str(name) for name in meta.get("includes") or ()))
            following = (one(meta.get("pagination"), "meta.pagination") or {}).get("next")
            if not following:
                return
            limits.take((id_of(row) or repr(row) for row in rows), str(following))
            body = self._http.get(str(following)).json()

    def _id(self, row: Row, resource: str) -> str:
        """Return a row's id. Raises FatalError for one that has none: rows could not be told apart."""
        found = id_of(row)
        if not found:
            raise FatalError(
                f"Wonde: {resource} holds no field id",
                fix="ask the school to approve this permission in Wonde",
            )
        return found

    def _path(self, resource: str) -> str:
        return f"v1.0/schools/{self._settings.school_id}/{resource}"


def asked_with(includes: str) -> Mapping[str, str]:
    """Return the parameters of a request for rows with these includes."""
    return {"include": includes} if includes else {}


__all__ = ["ListPage", "Row", "WondeClient", "asked_with"]
