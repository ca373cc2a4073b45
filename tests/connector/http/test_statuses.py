"""Which refusals pass and are asked again, which do not, and how long is waited: against real servers on loopback."""

from __future__ import annotations

import pytest

from connector.errors import AdapterError, FatalError, RetryableError
from connector.http import HttpConfig
from tests.connector.http.servers import NOW, Waits, answer, client, served

PASSING = (408, 425, 500, 502, 503, 504, 507, 520, 521, 525, 530)
LASTING = (400, 405, 424, 426, 501, 505, 506, 508, 519, 531)


@pytest.mark.parametrize("status", PASSING)
def test_a_passing_fault_is_asked_again_so_often_and_no_more(status: int) -> None:
    with served(answer(status), answer()) as server, client(server.url) as mis:
        assert mis.get("/x").json() == {"ok": True}
    with served(answer(status)) as server, client(server.url) as mis:
        with pytest.raises(RetryableError, match=str(status)) as gave_up:
            mis.get("/x")
        assert len(server.seen) == 4
    assert gave_up.value.fix


@pytest.mark.parametrize("status", LASTING)
def test_a_neighbour_of_those_is_fatal_at_once(status: int) -> None:
    with served(answer(status)) as server, client(server.url) as mis:
        with pytest.raises(FatalError):
            mis.get("/x")
        assert len(server.seen) == 1


@pytest.mark.parametrize(("status", "sent"), [(425, 2), (429, 2), (408, 1), (507, 1), (520, 1)])
def test_a_write_is_sent_again_only_after_a_status_that_says_it_was_not_carried_out(
    status: int, sent: int
) -> None:
    with served(answer(status), answer()) as server, client(server.url) as mis:
        try:
            mis.post("/x", json_body={})
        except RetryableError:
            assert sent == 1
        assert len(server.seen) == sent


# 403 -------------------------------------------------------------------------------------------------------

SPENT = [
    {"Retry-After": "7"},
    {"X-RateLimit-Remaining": "0"},
    {"x-ratelimit-remaining": " 0 "},
    {"X-Rate-Limit-Remaining": "0"},
    {"RateLimit-Remaining": "0"},
    {"X-RateLimit-Remaining-Day": "0"},
    {"RateLimit": "limit=100, remaining=0, reset=50"},
    {"RateLimit": '"default";r=0;t=50'},
]
LEFT: list[dict[str, str]] = [
    {},
    {"X-RateLimit-Remaining": "1"},
    {"X-RateLimit-Remaining": "100"},
    {"X-RateLimit-Limit": "0"},
    {"RateLimit": "limit=100, remaining=10, reset=0"},
    {"RateLimit": '"default";r=10;t=0'},
]


@pytest.mark.parametrize("headers", SPENT)
def test_a_403_about_spent_calls_passes(headers: dict[str, str]) -> None:
    with served(answer(403, **headers), answer()) as server, client(server.url) as mis:
        assert mis.get("/x").json() == {"ok": True}
    with served(answer(403, **headers)) as server, client(server.url) as mis:
        with pytest.raises(RetryableError) as gave_up:
            mis.get("/x")
        assert len(server.seen) == 4
    assert "calls that the MIS allows are spent" in gave_up.value.message
    assert "permission" not in str(gave_up.value)


@pytest.mark.parametrize("headers", LEFT)
def test_a_403_without_that_is_a_missing_permission(headers: dict[str, str]) -> None:
    with served(answer(403, **headers)) as server, client(server.url) as mis:
        with pytest.raises(FatalError) as refused:
            mis.get("/x")
        assert len(server.seen) == 1
    assert "permission" in refused.value.fix


def test_a_write_refused_because_calls_are_spent_is_sent_again() -> None:
    with served(answer(403, **{"X-RateLimit-Remaining": "0"}), answer()) as server, client(server.url) as mis:
        mis.post("/x", json_body={})
        assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("reset", "wait"),
    [("9", 9.0), (str(int(NOW.timestamp()) + 11), 11.0), (str(int(NOW.timestamp()) - 5), 0.0)],
)
@pytest.mark.parametrize("status", [403, 429])
def test_when_the_calls_are_allowed_again_is_waited_for(status: int, reset: str, wait: float) -> None:
    waits = Waits()
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
    with served(answer(status, **headers), answer()) as server, client(server.url, waits) as mis:
        mis.get("/x")
    assert waits == [wait]


@pytest.mark.parametrize(("asked", "sent"), [("60", 4), ("61", 1)])
def test_calls_spent_for_longer_than_the_longest_pause_are_not_asked_for_again(asked: str, sent: int) -> None:
    with served(answer(403, **{"Retry-After": asked})) as server, client(server.url) as mis:
        with pytest.raises(RetryableError) as gave_up:
            mis.get("/x")
        assert len(server.seen) == sent
    assert gave_up.value.retry_after == float(asked)


# check -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "sent"), [(answer(503), 2), (answer(body=b"<html>"), 2), (answer(429), 5), (answer(200), 1)]
)
def test_check_tries_twice_what_fails_and_still_waits_for_a_busy_mis(line, sent: int) -> None:
    http = HttpConfig(connect_seconds=2, read_seconds=2, tries=5).for_check()
    with served(line) as server, client(server.url, http=http) as mis:
        try:
            mis.get("/x")
        except RetryableError:
            assert sent > 1
        assert len(server.seen) == sent


def test_check_never_tries_more_often_than_the_settings_say() -> None:
    http = HttpConfig(tries=1).for_check()
    with served(answer(503)) as server, client(server.url, http=http) as mis:
        with pytest.raises(RetryableError):
            mis.get("/x")
        assert len(server.seen) == 1


# JSON ------------------------------------------------------------------------------------------------------


def test_an_object_comes_as_it_is() -> None:
    with served(answer(body=b'{"a": 1}')) as server, client(server.url) as mis:
        assert mis.get("/x").object() == {"a": 1}


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"[]", "a list"), (b'[{"id": 1}]', "a list"), (b"null", "no object"), (b"", "no object")],
)
def test_what_is_no_object_is_named_with_its_request_and_shows_no_value(body: bytes, kind: str) -> None:
    with (
        served(answer(body=body)) as server,
        client(server.url) as mis,
        pytest.raises(
            FatalError, match=f"MIS: GET /x answered with {kind} where an object was expected"
        ) as odd,
    ):
        mis.get("/x", {"upn": "A999"}).object()
    assert odd.value.fix
    assert "A999" not in str(odd.value)


# another server than the MIS -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        answer(404),
        answer(body=b"<html>Welcome to our school</html>"),
        answer(302, Location="http://school.example/x"),
        answer(302, Location="/x"),
    ],
)
def test_a_server_that_is_not_the_mis_is_named_with_the_setting_of_its_address(line) -> None:
    http = HttpConfig(tries=1)
    with (
        served(line) as server,
        client(server.url, http=http, setting="token_url") as mis,
        pytest.raises(AdapterError) as odd,
    ):
        mis.get("/x")
    assert "correct `token_url` in [school.mis]" in odd.value.fix
