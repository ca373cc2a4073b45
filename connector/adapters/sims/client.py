"""Talks to the SIMS web API: the token, calls a second, waits after 429, pages that must fit together."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from connector.adapters.page_limits import PageLimits
from connector.adapters.sims.fields import names, set_path
from connector.adapters.sims.settings import SimsSettings
from connector.errors import FatalError, RetryableError
from connector.http import Answer, Client, HttpConfig, no_credentials

Row = Mapping[str, Any]
LARGEST_PAGE = 1000
_READS = 4
_PAGE_TRIES = 6
_FIRST_WAIT = 2.0
_LONGEST_WAIT = 3600.0
_RENEW_BEFORE = 60.0
_SECONDS = re.compile(r"in (\d+) second")
_PROPERTY = re.compile(r"property named '(\w{1,60})'")


class SimsClient:
    """One school's SIMS. Rows of one set come page by page; pages that do not fit together are read again."""

    def __init__(
        self,
        settings: SimsSettings,
        secrets: Mapping[str, str],
        http: HttpConfig,
        *,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._secret = secrets["client_secret"]
        self._key = secrets["subscription_key"]
        self._http = Client(
            "SIMS",
            settings.url,
            http,
            credentials=self._credentials,
            calls_per_second=settings.calls_per_second or None,
        )
        parts = urlsplit(settings.token_url)
        self._sign_in = Client("SIMS sign-in", f"{parts.scheme}://{parts.netloc}", http, setting="token_url")
        self._tries, self._longest = max(1, http.tries), min(http.longest_wait_seconds, _LONGEST_WAIT)
        self._sleep, self._clock = sleep, clock
        self._token: str | None = None
        self._good_until = 0.0
        self._lock = threading.Lock()

    @property
    def requests_sent(self) -> int:
        """Requests to both hosts."""
        return self._http.requests_sent + self._sign_in.requests_sent

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
        self._sign_in.close()

    def first(
        self, area: str, query: Mapping[str, str] | None = None, *, top: int = 1, function: str = ""
    ) -> list[Row]:
        """Return at most so many rows of a set (or of a function bound to it): enough to see whether it can be read.

        Raises FatalError for rows without an ExternalID, which no list of pages could be put together from.
        """
        asked = {"$orderby": names(area)["external_id"], **(query or {}), "$top": str(top)}
        found = _values(self._get(self._path(area, function), asked), area)
        for row in found:
            _id(row, area)
        return found

    def rows(self, area: str, query: Mapping[str, str] | None = None, size: int | None = None) -> list[Row]:
        """Return every row of a set, each once."""
        found = {_id(row, area): row for page in self.pages(area, query, size) for row in page}
        return list(found.values())

    def pages(
        self,
        area: str,
        query: Mapping[str, str] | None = None,
        size: int | None = None,
        *,
        function: str = "",
    ) -> Iterator[list[Row]]:
        """Yield every row of a set (or of a function bound to it) in order of ExternalID.

        A row that comes twice, a page that does not follow on the page before it, and a total that differs
        from SIMS's own count are noticed, and reading begins again; rows may then come twice, and the later
        one stands. Raises RetryableError when the set never holds still.
        """
        asked = {**(query or {}), "$orderby": names(area)["external_id"]}
        path, rows = self._path(area, function), min(size or LARGEST_PAGE, self._settings.page_size)
        read = self._by_skip if self._settings.paging == "skip" else self._by_link
        for _ in range(_READS):
            if (yield from read(area, path, asked, rows)):
                return
        raise RetryableError(
            f"SIMS: /{path} changed while its pages were read, {_READS} times",
            fix="the next run reads it again",
        )

    def _by_skip(
        self, area: str, path: str, query: Mapping[str, str], size: int
    ) -> Generator[list[Row], None, bool]:
        """Yield pages by $top and $skip. Each begins with the last row of the page before, which proves that it follows on."""
        seen: dict[str, None] = {}
        total: int | None = None
        limits = PageLimits("SIMS", path)
        while total is None or len(seen) < total:
            last = next(reversed(seen), None)
            asked = {**query, "$top": str(min(size + 1, LARGEST_PAGE) if seen else size)}
            asked |= {"$skip": str(len(seen) - 1)} if seen else {"$count": "true"}
            body = self._following(area, path, asked, last)
            if body is None:
                return False
            rows = _values(body, area)[1 if seen else 0 :]
            total = _count(body, area) if not seen else total
            if any(_id(row, area) in seen for row in rows) or not (rows or total == len(seen)):
                return False
            seen.update(dict.fromkeys(_id(row, area) for row in rows))
            limits.take(_id(row, area) for row in rows)
            yield rows
        return len(seen) == total

    def _following(
        self, area: str, path: str, query: Mapping[str, str], last: str | None
    ) -> dict[str, Any] | None:
        """Return the page that begins with the row ``last``; None when it does not come."""
        for _ in range(_PAGE_TRIES):
            body = self._get(path, query)
            rows = _values(body, area)
            if last is None or (rows and _id(rows[0], area) == last):
                return body
        return None

    def _by_link(
        self, area: str, path: str, query: Mapping[str, str], size: int
    ) -> Generator[list[Row], None, bool]:
        """Yield pages by SIMS's own links. Only the count and the ids prove that they fit together."""
        seen: set[str] = set()
        limits = PageLimits("SIMS", path)
        headers = {"Prefer": f"odata.maxpagesize={size}"}
        body = self._get(path, {**query, "$count": "true"}, headers)
        total = _count(body, area)
        while True:
            rows = _values(body, area)
            ids = [_id(row, area) for row in rows]
            link = body.get("@odata.nextLink")
            if link:
                limits.take(ids, str(link))
            if len({*ids, *seen}) != len(ids) + len(seen):
                return False
            seen.update(ids)
            yield rows
            if not link:
                return len(seen) == total
            body = self._get(urljoin(f"{self._settings.url}/{path}", str(link)), None, headers)

    def _path(self, area: str, function: str = "") -> str:
        service, name = set_path(area)
        dex = self._settings.base == "dex"
        path = f"dex/{service}/odata/V3/{name}" if dex else f"ssli01/{service}/V3/{name}"
        return f"{path}/{function}" if function else path

    def _get(
        self, path: str, query: Mapping[str, str] | None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Return the body of an answer. One new token when the one in use is refused; waits after 429."""
        what = "SIMS: " + urlsplit(path).path.rpartition("V3/")[2]
        renewed, busy = False, 0
        while True:
            self._have_token()
            answer = self._http.get(path, query, headers=headers, accept=(400, 401, 404, 429))
            if answer.status == 429:
                busy += 1
                wait = self._wait(answer, busy)
                if busy >= self._tries:
                    raise RetryableError(
                        f"{what} was refused {busy} times because of too many calls",
                        fix="see that nothing else of this vendor asks SIMS at the same time",
                        retry_after=wait,
                    )
                self._sleep(wait)
            elif answer.status == 401 and not renewed and "subscription key" not in _message(answer):
                self._token, renewed = None, True  # it may have expired in mid-run
            else:
                return _checked(what, answer)

    def _wait(self, answer: Answer, times: int) -> float:
        """Return the advised wait, doubled each time, or what the answer asks for when that is longer."""
        said = _SECONDS.search(_message(answer))
        header = answer.headers.get("Retry-After", "")
        asked = max(float(said[1]) if said else 0.0, float(header) if header.isdigit() else 0.0)
        wait = max(asked, _FIRST_WAIT * 2.0 ** (times - 1))
        return min(wait * self._settings.back_off_scale, self._longest)

    def _have_token(self) -> None:
        """Ask for a token when there is none, or it is about to expire."""
        with self._lock:
            if self._token is None or self._clock() >= self._good_until:
                self._token, seconds = self._new_token()
                self._good_until = self._clock() + max(0.0, seconds - _RENEW_BEFORE)

    def _credentials(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Ocp-Apim-Subscription-Key": self._key}

    def _new_token(self) -> tuple[str, float]:
        settings = self._settings
        answer = self._sign_in.post(
            urlsplit(settings.token_url).path,
            data={
                "grant_type": "client_credentials",
                "client_id": settings.client_id,
                "client_secret": self._secret,
                "scope": settings.scope,
                "acr_values": settings.acr_values.replace("{organisation}", settings.organisation),
            },
            safe=True,
            accept=(400, 401, 403),
            credentials=no_credentials,
        )
        body = answer.json() if answer.status == 200 else {}
        token = body.get("access_token") if isinstance(body, dict) else None
        if not token:
            raise FatalError(
                f"SIMS gives no token for this school (answered {answer.status})",
                fix="check client_id, organisation, scope and the client secret (`credentials set`), and that the "
                "school still grants access in SIMS ID",
            )
        return str(token), float(body.get("expires_in") or 3600)


def _checked(what: str, answer: Answer) -> dict[str, Any]:
    """Return the body of a good answer, else raise FatalError. Of a refusal's text only a field's name is repeated."""
    said = _message(answer)
    if answer.status == 401:
        raise FatalError(
            f"{what} refuses the {'subscription key' if 'subscription key' in said else 'token'}",
            fix="set subscription_key again with `credentials set`"
            if "subscription key" in said
            else "check that the school still grants access in SIMS ID, and the scope",
        )
    if answer.status in (400, 404):
        name = _PROPERTY.search(said)
        raise FatalError(
            f"{what} " + (f"has no field {name[1]}" if name else f"answered {answer.status}"),
            fix="compare fields.toml of the sims adapter with the service's $metadata, and see the settings base, "
            "marks_by, calendar, contacts and amendments",
        )
    body = answer.json()
    if not isinstance(body, dict):
        raise FatalError(f"{what} answered in a shape that is not documented")
    return body


def _message(answer: Answer) -> str:
    """Return what a refusal says, lower case kept as it is; empty when it cannot be read."""
    try:
        body = json.loads(answer.content)
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    return str((error.get("message") if isinstance(error, dict) else body.get("message")) or "")


def _values(body: Mapping[str, Any], area: str) -> list[Row]:
    rows = body.get("value")
    if not isinstance(rows, list):
        raise FatalError(
            f"SIMS: {set_path(area)[1]} answered without 'value'",
            fix="check the address and the base setting",
        )
    return rows


def _id(row: Row, area: str) -> str:
    found = row.get(names(area)["external_id"])
    if not found:
        raise FatalError(
            f"SIMS: a row of {set_path(area)[1]} has no {names(area)['external_id']}",
            fix="ask the vendor for the permission to read it",
        )
    return str(found).lower()


def _count(body: Mapping[str, Any], area: str) -> int:
    """Return how many rows there are by SIMS's own count. Without it a page lost at the end could not be noticed."""
    count = body.get("@odata.count")
    if isinstance(count, int | str) and str(count).isdigit():
        return int(count)
    raise FatalError(
        f"SIMS: {set_path(area)[1]} gives no @odata.count, so it is not known whether all rows came",
        fix="ask the vendor whether $count=true is supported there",
    )
