"""The HTTP client, against real servers on loopback."""

from __future__ import annotations

import base64
import time
from datetime import timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from connector.errors import AdapterError, ConfigError, FatalError, RetryableError
from connector.http import HttpConfig, basic, check_address
from connector.http.pace import Pace
from connector.mock.school import make_school
from connector.mock.server import MockServer
from tests.connector.http.servers import NOW, Script, Waits, answer, client, cut, served

# addresses -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["http://school.example", "ftp://school.example", "school.example", "https://", ""]
)
def test_an_address_that_is_not_https_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        check_address(url)


@pytest.mark.parametrize(
    "url", ["https://school.example/", "http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:9"]
)
def test_https_is_taken_and_plain_http_on_this_machine(url: str) -> None:
    assert check_address(url) == url.rstrip("/")


def test_a_password_in_the_address_is_refused_without_repeating_it() -> None:
    with pytest.raises(ConfigError) as refused:
        check_address("https://user:hunter2@school.example")
    assert "hunter2" not in str(refused.value)


def test_an_answer_is_parsed_once_however_often_it_is_asked() -> None:
    with served(answer()) as server, client(server.url, Waits()) as mis:
        given = mis.get("/x")
        assert given.json() is given.object() is given.json()


# trying again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad",
    [
        answer(500),
        answer(503),
        answer(429),
        cut,
        answer(body=b'{"half":', length=100),
        answer(body=b'{"half":'),
        answer(body=b"<html>sign in</html>"),
    ],
)
def test_a_read_is_tried_again_after_what_may_pass(bad: Script) -> None:
    waits = Waits()
    with served(bad, bad, answer()) as server, client(server.url, waits) as mis:
        assert mis.get("/x").json() == {"ok": True}
        assert mis.requests_sent == len(server.seen) == 3
    assert len(waits) == 2


def test_tries_are_bounded_and_waits_grow_with_some_chance() -> None:
    waits = Waits()
    with served(answer(503)) as server, client(server.url, waits) as mis, pytest.raises(RetryableError):
        mis.get("/x")
    assert len(server.seen) == 4
    for wait, base in zip(waits, (0.5, 1.0, 2.0), strict=True):
        assert base <= wait <= 1.5 * base


def test_retry_after_is_honoured_in_seconds_and_as_a_date() -> None:
    waits = Waits()
    date = format_datetime(NOW + timedelta(seconds=9), usegmt=True)
    script = (answer(429, Retry_After="7"), answer(503, Retry_After=date), answer())
    with served(*script) as server, client(server.url, waits) as mis:
        mis.get("/x")
    assert waits == [7.0, 9.0]


def test_retry_after_is_capped_and_nonsense_is_passed_over() -> None:
    waits = Waits()
    script = (answer(429, Retry_After="86400"), answer(429, Retry_After="soon"), answer())
    with served(*script) as server, client(server.url, waits) as mis:
        mis.get("/x")
    assert waits[0] == 60.0
    assert 1.0 <= waits[1] <= 1.5


def test_a_429_without_a_time_waits_as_long_as_the_mis_is_known_to_want() -> None:
    waits = Waits()
    with served(answer(429), answer()) as server, client(server.url, waits, busy_seconds=33.0) as mis:
        mis.get("/x")
    assert waits == [33.0]


def test_giving_up_says_how_long_the_mis_asked_us_to_wait() -> None:
    with (
        served(answer(429, Retry_After="7")) as server,
        client(server.url) as mis,
        pytest.raises(RetryableError) as gave_up,
    ):
        mis.get("/x")
    assert gave_up.value.retry_after == 7.0


@pytest.mark.parametrize("bad", [answer(500), cut, answer(body=b'{"half":'), answer(body=b"<html>")])
def test_a_write_is_not_sent_again_when_it_may_have_taken_effect(bad: Script) -> None:
    with served(bad, answer()) as server, client(server.url) as mis, pytest.raises(RetryableError):
        mis.post("/x", json_body={})
    assert len(server.seen) == 1


def test_a_write_is_sent_again_when_it_was_refused_for_being_too_many() -> None:
    with served(answer(429), answer()) as server, client(server.url) as mis:
        mis.post("/x", json_body={})
    assert len(server.seen) == 2


def test_a_write_that_never_left_is_sent_again() -> None:
    waits = Waits()
    with served(answer()) as server:
        closed = server.url
    with client(closed, waits) as mis, pytest.raises(RetryableError):
        mis.post("/x", json_body={})
    assert len(waits) == 3


def test_a_post_that_only_reads_is_tried_again() -> None:
    with served(answer(500), answer()) as server, client(server.url) as mis:
        mis.post("/graphql", json_body={}, safe=True)
    assert len(server.seen) == 2


def test_a_slow_server_is_given_up() -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.5)
        answer()(handler)

    http = HttpConfig(connect_seconds=1, read_seconds=0.1, tries=2)
    with served(slow) as server, client(server.url, http=http) as mis, pytest.raises(RetryableError):
        mis.get("/x")


def test_a_dripping_server_is_given_up() -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        for _ in range(20):
            handler.wfile.write(b"x" * 70000)

    clock = iter(range(0, 100000, 50))
    with (
        served(drip) as server,
        client(server.url, clock=lambda: float(next(clock))) as mis,
        pytest.raises(RetryableError),
    ):
        mis.get("/x")


# what is fatal ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 407, 413, 418])
def test_a_refusal_is_fatal_at_once(status: int) -> None:
    with served(answer(status)) as server, client(server.url) as mis, pytest.raises(FatalError) as refused:
        mis.get("/x")
    assert len(server.seen) == 1
    assert str(status) in refused.value.message
    assert refused.value.fix or status in (400, 418)


def test_a_status_that_the_caller_can_use_is_an_answer() -> None:
    with served(answer(422, b'{"why": 1}')) as server, client(server.url) as mis:
        assert mis.post("/x", json_body={}, accept=(422,)).json() == {"why": 1}


def test_an_answer_that_is_too_large_is_fatal() -> None:
    with (
        served(answer(body=b"x" * 3_000_000)) as server,
        client(server.url, largest_answer=2**20) as mis,
        pytest.raises(FatalError, match="1 MiB"),
    ):
        mis.get("/x", expect="bytes")


# what errors say ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad", [answer(500, b"Jane Doe"), answer(404, b"Jane Doe"), answer(body=b"Jane Doe"), cut]
)
def test_no_error_holds_a_body_a_query_or_a_secret(bad: Script) -> None:
    with (
        served(bad) as server,
        client(server.url, credentials=basic("user", "hunter2")) as mis,
        pytest.raises(AdapterError) as caught,
    ):
        mis.get("/students", {"upn": "A999"}, headers={"X-Extra": "hunter3"})
    said = f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    for word in ("Jane", "A999", "hunter"):
        assert word not in said
    assert "GET /students" in said


# credentials and redirects ---------------------------------------------------------------------------------


def test_credentials_stay_with_the_host_across_a_redirect() -> None:
    with (
        served(answer(body=b"FILE")) as store,
        served(answer(302, Location=f"{store.url}/file")) as server,
        client(server.url, credentials=basic("user", "hunter2")) as mis,
    ):
        assert mis.get("/x", expect="bytes").content == b"FILE"
    assert "Authorization" in server.seen[0][2]
    assert "Authorization" not in store.seen[0][2]


def test_a_redirect_on_the_same_host_keeps_credentials_and_drops_the_query() -> None:
    with (
        served(answer(301, Location="/y"), answer()) as server,
        client(server.url, credentials=basic("user", "hunter2")) as mis,
    ):
        mis.get("/x", {"page": "1"})
    assert [path for _, path, _ in server.seen] == ["/x?page=1", "/y"]
    assert "Authorization" in server.seen[1][2]


def test_a_redirect_to_plain_http_elsewhere_is_refused() -> None:
    with (
        served(answer(302, Location="http://school.example/x")) as server,
        client(server.url) as mis,
        pytest.raises(FatalError, match="without TLS"),
    ):
        mis.get("/x")


def test_a_write_is_never_redirected() -> None:
    with (
        served(answer(307, Location="/y"), answer()) as server,
        client(server.url) as mis,
        pytest.raises(FatalError),
    ):
        mis.post("/x", json_body={})
    assert len(server.seen) == 1


def test_redirects_without_end_are_given_up() -> None:
    with served(answer(302, Location="/x")) as server, client(server.url) as mis, pytest.raises(FatalError):
        mis.get("/x")
    assert len(server.seen) == 5


def test_a_next_link_to_another_host_is_refused_unless_the_caller_means_it() -> None:
    with (
        served(answer(body=b"FILE")) as other,
        served(answer()) as server,
        client(server.url, credentials=basic("user", "hunter2")) as mis,
    ):
        assert mis.get(f"{server.url}/next").json() == {"ok": True}
        with pytest.raises(FatalError, match="another host"):
            mis.get(f"{other.url}/next")
        assert mis.get(f"{other.url}/file", expect="bytes", elsewhere=True).content == b"FILE"
    assert "Authorization" not in other.seen[0][2]


def test_basic_credentials_are_sent_in_utf8() -> None:
    with served(answer()) as server, client(server.url, credentials=basic("user", "pä:ss")) as mis:
        mis.get("/x")
    sent = server.seen[0][2]["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == "user:pä:ss"


def test_a_netrc_file_and_an_environment_proxy_do_not_get_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with served(answer()) as server, client(server.url, credentials=basic("user", "secret")) as mis:
        mis.get("/x")
    assert base64.b64decode(server.seen[0][2]["Authorization"][6:]) == b"user:secret"


def test_a_configured_proxy_is_used() -> None:
    with served(answer()) as proxy:
        http = HttpConfig(connect_seconds=1, read_seconds=1, tries=1, proxy=proxy.url)
        with client("https://school.example", http=http) as mis, pytest.raises(AdapterError):
            mis.get("/x")
    assert mis.requests_sent == 1


# pace ------------------------------------------------------------------------------------------------------


def test_calls_are_spaced_to_the_allowed_pace() -> None:
    moment = 0.0
    starts = []

    def sleep(seconds: float) -> None:
        nonlocal moment
        moment += seconds

    pace = Pace(5, lambda: moment, sleep)
    for _ in range(6):
        pace.wait()
        starts.append(round(moment, 6))
    assert starts == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def test_connections_are_used_again() -> None:
    with MockServer("arbor", make_school(pupils=1, weeks=1, seed=1)) as server, client(server.url) as mis:
        for _ in range(5):
            mis.get("/mock/")
        assert server.connections_made == 1


# TLS -------------------------------------------------------------------------------------------------------


def test_a_configured_ca_bundle_is_trusted_and_nothing_else_is() -> None:
    with MockServer("arbor", make_school(pupils=1, weeks=1, seed=1), tls=True) as server:
        http = HttpConfig(ca_bundle=server.ca_bundle, connect_seconds=2, read_seconds=2, tries=2)
        with client(server.url, http=http) as mis:
            assert mis.get("/mock/").status == 200
        with client(server.url) as mis, pytest.raises(FatalError) as refused:
            mis.get("/mock/")
    assert "ca_bundle" in refused.value.fix
    assert mis.requests_sent == 1


def test_a_ca_bundle_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    broken = tmp_path / "ca.pem"
    broken.write_text("not a certificate")
    for path in (broken, tmp_path / "missing.pem"):
        with (
            pytest.raises(ConfigError, match="CA bundle"),
            client("https://school.example", http=HttpConfig(ca_bundle=path)),
        ):
            pass
