"""A list in pages ends, or is given up: no adapter asks for ever."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from itertools import count

import pytest

from connector.adapters import page_limits
from connector.adapters.arbor.paging import read_pages
from connector.adapters.page_limits import MOST_WITHOUT_NEWS, PageLimits
from connector.adapters.sims.client import SimsClient
from connector.adapters.sims.settings import SimsSettings
from connector.adapters.wonde.client import WondeClient
from connector.adapters.wonde.settings import WondeSettings
from connector.errors import RetryableError
from connector.http import HttpConfig
from tests.connector.http.servers import Script, answer, served

PATH = "https://mis.example/v1.0/students?cursor=secret"


def test_a_link_that_was_followed_before_is_given_up() -> None:
    limits = PageLimits("Wonde", PATH)
    limits.take(["1"], "two")
    limits.take(["2"], "three")
    with pytest.raises(RetryableError, match=r"^Wonde: /v1\.0/students does not come to an end") as given_up:
        limits.take(["3"], "two")
    assert "secret" not in str(given_up.value)
    assert given_up.value.fix


def test_a_page_that_links_to_itself_is_given_up_at_once() -> None:
    limits = PageLimits("Wonde", PATH)
    limits.take([], "two")
    with pytest.raises(RetryableError, match="read before"):
        limits.take([], "two")


@pytest.mark.parametrize("rows", [[], ["1"]])
def test_pages_that_bring_nothing_new_are_given_up_after_some(rows: list[str]) -> None:
    limits = PageLimits("Wonde", PATH)
    limits.take(["1"], "first")
    for number in range(MOST_WITHOUT_NEWS):
        limits.take(rows, f"page {number}")
    with pytest.raises(RetryableError, match="nothing new"):
        limits.take(rows, "one more")


def test_a_row_that_is_new_now_and_then_is_enough() -> None:
    limits = PageLimits("Wonde", PATH)
    for number in range(5 * MOST_WITHOUT_NEWS):
        limits.take([str(number // MOST_WITHOUT_NEWS)], f"page {number}")


def test_more_pages_than_a_school_has_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_limits, "MOST_PAGES", 20)
    limits = PageLimits("SIMS", "dex/Attendance/odata/V3/AttendanceRecords")
    for number in range(20):
        limits.take([str(number)])
    with pytest.raises(RetryableError, match="/dex/Attendance/odata/V3/AttendanceRecords does not"):
        limits.take(["20"])


def test_a_list_in_arbor_whose_pages_are_always_new_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_limits, "MOST_PAGES", 20)
    made_up = count()
    with pytest.raises(RetryableError, match="/rest-v2/students"):
        read_pages(
            lambda _, size: [str(next(made_up)) for _ in range(size)],
            50,
            key=str,
            what="/rest-v2/students",
        )


def test_a_list_in_arbor_that_brings_the_same_page_for_every_number_ends() -> None:
    assert read_pages(lambda _place, _size: ["1", "2"], 2, key=str, what="/rest-v2/students") == ["1", "2"]


# against servers on loopback --------------------------------------------------------------------------------


def wonde_page(next_path: Callable[[str], str], *rows: str) -> Script:
    """Return an answer of Wonde's with these ids and a link to the page that ``next_path`` makes of its own address."""

    def line(handler: BaseHTTPRequestHandler) -> None:
        link = f"http://{handler.headers['Host']}{next_path(handler.path)}"
        body = {"data": [{"id": row} for row in rows], "meta": {"pagination": {"next": link, "more": True}}}
        answer(body=json.dumps(body).encode())(handler)

    return line


def sims_page(next_path: Callable[[str], str], *rows: str) -> Script:
    """Return the same of SIMS's, a token where that is asked for."""

    def line(handler: BaseHTTPRequestHandler) -> None:
        if "token" in handler.path:
            answer(body=b'{"access_token": "t", "expires_in": 3600}')(handler)
            return
        link = f"http://{handler.headers['Host']}{next_path(handler.path)}"
        body = {"value": [{"ExternalID": row} for row in rows], "@odata.count": 9, "@odata.nextLink": link}
        answer(body=json.dumps(body).encode())(handler)

    return line


@pytest.mark.parametrize(
    "next_path", [lambda own: own, lambda _own: "/first"], ids=["itself", "round in a ring"]
)
def test_a_list_of_wonde_whose_next_page_is_one_that_was_read_is_given_up(
    next_path: Callable[[str], str],
) -> None:
    with served(wonde_page(next_path, "1", "2")) as server:
        settings = WondeSettings.model_validate({"url": server.url, "school_id": "A1", "calls_per_second": 0})
        client = WondeClient(settings, "token", HttpConfig(tries=1))
        with pytest.raises(RetryableError, match="does not come to an end: a page links to one") as given_up:
            list(client.pages("students"))
        client.close()
        assert len(server.seen) <= 3
    assert "/v1.0/schools/A1/students" in given_up.value.message
    assert given_up.value.fix


@pytest.mark.parametrize(
    "next_path", [lambda own: own, lambda _own: "/first"], ids=["itself", "round in a ring"]
)
def test_a_list_of_sims_whose_next_page_is_one_that_was_read_is_given_up(
    next_path: Callable[[str], str],
) -> None:
    with served(sims_page(next_path, "1", "2")) as server:
        given = {
            "url": server.url,
            "token_url": f"{server.url}/token",
            "organisation": "6f1c2a34-5b6d-4e7f-8a90-1b2c3d4e5f60",
            "client_id": "c",
            "calls_per_second": 0,
            "paging": "next",
        }
        secrets = {"client_secret": "s", "subscription_key": "k"}
        client = SimsClient(SimsSettings.model_validate(given), secrets, HttpConfig(tries=1))
        with pytest.raises(RetryableError, match="does not come to an end: a page links to one") as given_up:
            list(client.pages("learners"))
        client.close()
        assert len(server.seen) <= 4
    assert given_up.value.fix
