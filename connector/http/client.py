"""The HTTP client that every adapter shares."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception

from connector.errors import AdapterError, FatalError, RetryableError
from connector.http import failures
from connector.http.address import check_address, is_secure, origin
from connector.http.credentials import Credentials, no_credentials
from connector.http.pace import Pace
from connector.http.route import Route
from connector.http.settings import HttpConfig
from connector.http.transport import LARGEST_ANSWER, as_it_is, make_session, proxies_for, route_to

Params = Mapping[str, Any] | Sequence[tuple[str, Any]]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LONGEST_CHAIN = 5
_FIRST_WAIT = 0.5
_QUICK_TRIES = 2
_CHUNK = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """A whole answer: never cut short, never larger than allowed."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    what: str = ""
    """Which request it answers, for errors: "SIMS: GET /students"."""

    def json(self) -> Any:
        """Return the parsed body; None for an empty one. Client has checked that it parses when JSON was asked."""
        return self._parsed

    @cached_property
    def _parsed(self) -> Any:
        """The body, parsed once however often it is asked for: a page of marks is megabytes."""
        return json.loads(self.content) if self.content.strip() else None

    def object(self) -> dict[str, Any]:
        """Return the parsed body where it is a JSON object. Raise FatalError for anything else, such as PHP's ``[]``."""
        body = self.json()
        if not isinstance(body, dict):
            kind = "a list" if isinstance(body, list) else "no object"
            raise FatalError(
                f"{self.what} answered with {kind} where an object was expected",
                fix="see that the address is the MIS's own; if it is, send us what `check --show` prints",
            )
        return body


class _TryError(Exception):
    """One try failed. ``again`` says whether this very request may be sent once more; ``busy``, that the MIS asks to wait."""

    def __init__(self, error: AdapterError, *, again: bool, busy: bool = False) -> None:
        super().__init__(str(error))
        self.error = error
        self.again = again
        self.busy = busy


class Client:
    """Talks to one MIS. Safe to share between threads; close it when done.

    A request that reads (GET, or ``safe=True``) is tried again after anything that may pass: a failed
    connection, a time-out, a busy or failing MIS, an answer cut short or not JSON. A request that writes is sent again
    only when it certainly had no effect (no connection was made, or the MIS took no more calls); after anything else RetryableError goes
    up to the caller, who must first ask the MIS whether the write arrived.
    """

    def __init__(
        self,
        name: str,
        address: str,
        options: HttpConfig,
        *,
        credentials: Credentials = no_credentials,
        setting: str = "url",
        headers: Mapping[str, str] | None = None,
        calls_per_second: float | None = None,
        busy_seconds: float | None = None,
        connections: int = 8,
        largest_answer: int = LARGEST_ANSWER,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``name`` is how errors call the MIS, ``setting`` the one that holds ``address``; ``headers`` go with every request and hold no secret.

        ``busy_seconds`` is how long to wait after a 429 that does not say; None: as after any other failure.
        """
        self.name = name
        self.address = check_address(address)
        self._setting = setting
        self.requests_sent = 0
        self._options = options
        self._credentials = credentials
        self._headers = {
            "User-Agent": "attendance-connector",
            "Accept": "application/json",
            **(headers or {}),
        }
        self._pace = Pace(calls_per_second, clock, sleep)
        self._largest = largest_answer
        self._busy_seconds = busy_seconds
        self._clock, self._sleep, self._now = clock, sleep, now
        self._session = make_session(options, connections)
        self._counting = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def get(self, path: str, params: Params | None = None, **more: Any) -> Answer:
        """Send a GET, as ``request``."""
        return self.request("GET", path, params=params, **more)

    def post(self, path: str, **more: Any) -> Answer:
        """Send a POST, as ``request``; a write unless ``safe=True``."""
        return self.request("POST", path, **more)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json_body: Any = None,
        data: Any = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        credentials: Credentials | None = None,
        accept: Collection[int] = (),
        expect: Literal["json", "bytes"] = "json",
        safe: bool | None = None,
        elsewhere: bool = False,
    ) -> Answer:
        """Send and return the answer.

        ``path`` is under the MIS's address, or an absolute address on the same host (a next link). Statuses
        200-299 and those in ``accept`` are answers. ``expect="json"`` makes sure that a body parses as JSON.
        ``safe`` says that sending twice does no harm; by default true for GET and HEAD only. ``elsewhere``
        allows an address on another host (a file store), which then gets no credentials.
        Raises RetryableError or FatalError.
        """
        url = self._url(path, elsewhere=elsewhere)
        what = f"{self.name}: {method} {urlsplit(url).path}"
        safe = method in ("GET", "HEAD") if safe is None else safe
        prepared = {"method": method, "params": params, "json": json_body, "data": data, "files": files}
        secret = credentials or self._credentials

        def once() -> Answer:
            self._pace.wait()
            extra = {**self._headers, **(headers or {})}
            try:
                answer = self._send(what, url, extra, secret, prepared, expect)
            except requests.RequestException as error:
                mine = failures.of_exception(what, error, self._route(url))
                again = isinstance(mine, RetryableError) and (safe or failures.never_left(error))
                raise _TryError(mine, again=again) from None
            except RetryableError as error:
                raise _TryError(error, again=safe) from None
            if 200 <= answer.status < 300 or answer.status in accept:
                return answer
            failed = failures.of_status(
                what, answer.status, answer.headers, self._now(), self._route(url), self._busy_seconds
            )
            again = isinstance(failed, RetryableError) and self._again(answer.status, failed, safe=safe)
            raise _TryError(failed, again=again, busy=answer.status in failures.WITHOUT_EFFECT)

        return self._try(once)

    def _try(self, once: Callable[[], Answer]) -> Answer:
        retrying = Retrying(
            stop=self._is_enough,
            wait=self._wait,
            retry=retry_if_exception(lambda error: isinstance(error, _TryError) and error.again),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(once)
        except _TryError as failed:
            raise failed.error from None

    def _is_enough(self, state: RetryCallState) -> bool:
        failed = state.outcome.exception() if state.outcome else None
        busy = isinstance(failed, _TryError) and failed.busy
        tries = self._options.tries
        return state.attempt_number >= (
            min(tries, _QUICK_TRIES) if self._options.is_quick and not busy else tries
        )

    def _again(self, status: int, failed: RetryableError, *, safe: bool) -> bool:
        """Return whether to ask again in this run: not where the calls are spent for longer than the longest pause."""
        if status == 403 and (failed.retry_after or 0.0) > self._options.longest_wait_seconds:
            return False
        return safe or status in failures.WITHOUT_EFFECT

    def _wait(self, state: RetryCallState) -> float:
        """Return what the MIS asked for, else 0.5 s doubled at each try with up to half as much again; capped."""
        wait = _asked(state.outcome.exception() if state.outcome else None)
        if wait is None:
            wait = _FIRST_WAIT * 2.0 ** (state.attempt_number - 1) * random.uniform(1.0, 1.5)  # noqa: S311
        return min(wait, self._options.longest_wait_seconds)

    def _url(self, path: str, *, elsewhere: bool) -> str:
        if "://" not in path:
            return f"{self.address}/{path.lstrip('/')}"
        if origin(path) != origin(self.address) and not (elsewhere and is_secure(path)):
            raise FatalError(
                f"{self.name} pointed to another host for more of its answer",
                fix=self._route(self.address).correct,
            )
        return path

    def _route(self, url: str) -> Route:
        """Return the way to an address, for errors; only the MIS's own is in a setting."""
        own = origin(url) == origin(self.address)
        return route_to(url, self._options, self._setting if own else "")

    def _send(
        self,
        what: str,
        url: str,
        headers: Mapping[str, str],
        secret: Credentials,
        prepared: dict[str, Any],
        expect: str,
    ) -> Answer:
        """Send one try and follow its redirects; credentials go to the MIS's own host only."""
        for _ in range(_LONGEST_CHAIN):
            own = origin(url) == origin(self.address)
            answer = self._exchange(what, url, {**headers, **(secret() if own else {})}, prepared, expect)
            if answer.status not in _REDIRECTS or "Location" not in answer.headers:
                return answer
            if prepared["method"] not in ("GET", "HEAD"):
                raise FatalError(
                    f"{what} was redirected; a request with a body is never sent elsewhere",
                    fix=self._route(self.address).correct,
                )
            url = urljoin(url, answer.headers["Location"])
            prepared = {**prepared, "params": None}
            if not is_secure(url):
                raise FatalError(
                    f"{what} was redirected to an address without TLS", fix=self._route(self.address).correct
                )
        raise FatalError(
            f"{what} was redirected more than {_LONGEST_CHAIN} times", fix=self._route(self.address).correct
        )

    def _exchange(
        self, what: str, url: str, headers: Mapping[str, str], prepared: dict[str, Any], expect: str
    ) -> Answer:
        with self._counting:
            self.requests_sent += 1
        with self._session.request(
            url=url,
            headers=dict(headers),
            auth=as_it_is,
            proxies=dict(proxies_for(url, self._options)),
            timeout=(self._options.connect_seconds, self._options.read_seconds),
            allow_redirects=False,
            stream=True,
            **prepared,
        ) as response:
            answer = Answer(response.status_code, response.headers, self._read(what, response), what)
        if expect == "json" and 200 <= answer.status < 300:
            _check_json(what, answer, self._route(url))
            if self._options.seen is not None:
                self._options.seen.note(urlsplit(url).path, answer.json())
        return answer

    def _read(self, what: str, response: requests.Response) -> bytes:
        """Return the body, up to the limit in size, and in time ten times the read time-out (a dripping server)."""
        parts, size = [], 0
        deadline = self._clock() + 10 * self._options.read_seconds
        for part in response.iter_content(_CHUNK):
            parts.append(part)
            size += len(part)
            if size > self._largest:
                raise FatalError(
                    f"{what} answered with more than {self._largest // (1024 * 1024)} MiB",
                    fix="make the page size smaller in the configuration",
                )
            if self._clock() > deadline:
                raise RetryableError(f"{what}: the answer did not end in time", fix="the next run asks again")
        return b"".join(parts)


def _asked(failed: BaseException | None) -> float | None:
    """Return how many seconds the MIS asked to wait."""
    if isinstance(failed, _TryError) and isinstance(failed.error, RetryableError):
        return failed.error.retry_after
    return None


def _check_json(what: str, answer: Answer, route: Route) -> None:
    try:
        answer.json()
    except ValueError:
        page = answer.content.lstrip()[:1] == b"<"
        found = "a web page" if page else "something that is not JSON, or cut short,"
        raise RetryableError(
            f"{what} answered with {found} where JSON was asked",
            fix=f"if this persists, {route.host} is not the MIS ({route.correct}), or a web filter's page is in the way"
            if page
            else "the next run asks again",
        ) from None
