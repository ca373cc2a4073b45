"""A MIS that cannot be reached is named with the host, the cause and the setting; real servers on loopback."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from connector.errors import AdapterError, FatalError, RetryableError
from connector.http import HttpConfig, unreached
from connector.http import reach as reaching
from connector.http.route import Route
from connector.http.unreachable import cause_of
from tests.connector.http.servers import (
    answer,
    certified,
    client,
    closed_port,
    cut,
    dropping,
    over_tls,
    proxy,
    refusing_plain_http,
    served,
    silent,
)

HTTP = HttpConfig(connect_seconds=1.0, read_seconds=1.0, tries=1)
FAR = "https://hill.mis.example"


def of_a_run(url: str, http: HttpConfig = HTTP) -> AdapterError:
    with client(url, http=http) as mis, pytest.raises(AdapterError) as failed:
        mis.get("/students")
    return failed.value


def of_check(url: str, http: HttpConfig = HTTP) -> AdapterError:
    started = time.monotonic()
    errors = unreached("MIS", {"url": url}, http)
    assert time.monotonic() - started < 10
    return errors["url"]


BOTH = pytest.mark.parametrize("ask", [of_a_run, of_check])
"""What a run says of a failed request, and what `check` says before it asks anything: the same."""


@contextmanager
def through(**how: object) -> Iterator[HttpConfig]:
    with proxy(**how) as one:
        yield HTTP.model_copy(update={"proxy": one.url})


# the address ----------------------------------------------------------------------------------------------


@BOTH
def test_a_name_that_is_not_found(ask) -> None:
    error = ask("https://no-such-host.invalid")
    assert "the name no-such-host.invalid was not found" in error.message
    assert "correct `url` in [school.mis]" in error.fix
    assert "DNS" in error.fix


@BOTH
def test_a_port_that_refuses(ask) -> None:
    port = closed_port()
    error = ask(f"https://127.0.0.1:{port}")
    assert f"127.0.0.1 refuses connections on port {port}" in error.message
    assert "correct `url` in [school.mis]" in error.fix


@BOTH
def test_a_port_where_nothing_comes_back(ask) -> None:
    with dropping() as port:
        error = ask(f"https://127.0.0.1:{port}")
    assert f"no connection to 127.0.0.1 port {port} in time" in error.message
    assert "firewall" in error.fix
    assert "`proxy` in [school.http]" in error.fix


@BOTH
def test_a_port_that_accepts_and_does_not_answer_in_tls(ask) -> None:
    with silent() as port:
        error = ask(f"https://127.0.0.1:{port}")
    assert "does not answer in TLS" in error.message
    assert "`url`" in error.fix


@BOTH
def test_https_to_a_port_that_speaks_http(ask) -> None:
    with served(answer()) as server:
        error = ask(server.url.replace("http://", "https://"))
    assert isinstance(error, FatalError)
    assert "127.0.0.1 does not speak https on port" in error.message
    assert "correct `url`" in error.fix


def test_http_to_a_port_that_speaks_https_is_told_by_check() -> None:
    with over_tls(answer()) as server:
        error = of_check(server.url.replace("https://", "http://"))
    assert "127.0.0.1 speaks https on port" in error.message
    assert "write https:// in it" in error.fix


def test_a_tls_port_that_refuses_plain_http_with_400_is_told_by_check() -> None:
    with refusing_plain_http(certified()[1]) as port:
        error = of_check(f"http://127.0.0.1:{port}")
    assert f"127.0.0.1 speaks https on port {port}" in error.message


def test_which_setting_holds_the_address_is_named() -> None:
    errors = unreached(
        "SIMS", {"url": FAR.replace("example", "invalid"), "token_url": "https://127.0.0.1:1/x"}, HTTP
    )
    assert "`url`" in errors["url"].fix
    assert "`token_url`" in errors["token_url"].fix
    with (
        client("https://127.0.0.1:1", http=HTTP, setting="token_url") as mis,
        pytest.raises(AdapterError) as failed,
    ):
        mis.get("/")
    assert "`token_url`" in failed.value.fix


@pytest.mark.parametrize("line", [answer(200), answer(400), answer(401), answer(404), answer(500), cut])
def test_whatever_answers_is_reached(line) -> None:
    with served(line) as server:
        assert unreached("MIS", {"url": server.url}, HTTP) == {}
        assert server.seen[0][1] == "/"
        assert "Authorization" not in server.seen[0][2]


def test_a_name_server_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "SECONDS", 0.3)
    with silent() as port:
        started = time.monotonic()
        errors = unreached("MIS", {"url": f"https://127.0.0.1:{port}"}, HttpConfig(read_seconds=2))
    assert time.monotonic() - started < 1
    assert "127.0.0.1" in errors["url"].message
    assert "`url`" in errors["url"].fix


# certificates ---------------------------------------------------------------------------------------------


@BOTH
def test_a_certificate_that_is_not_trusted_is_named_with_its_issuer(ask) -> None:
    with over_tls(answer()) as server:
        error = ask(server.url)
    assert isinstance(error, FatalError)
    assert "127.0.0.1 port" in error.message
    assert "issued by" in error.message
    assert "Smooth Filter Ltd" in error.message
    assert "`ca_bundle` in [school.http]" in error.fix
    assert "correct `url`" in error.fix


@BOTH
def test_a_bundle_that_lacks_the_authority_is_named_as_the_cause(ask, tmp_path: Path) -> None:
    with over_tls(answer()) as server, over_tls(answer(), organisation="Other") as other:
        bundle = tmp_path / "filter.pem"
        assert other.authority
        other.authority.cert_pem.write_to_path(bundle)
        error = ask(server.url, HTTP.model_copy(update={"ca_bundle": bundle}))
    assert "Smooth Filter Ltd" in error.message
    assert "add its authority to filter.pem" in error.fix


def test_a_bundle_that_holds_the_authority_reaches_it(tmp_path: Path) -> None:
    bundle = tmp_path / "filter.pem"
    with over_tls(answer()) as server:
        assert server.authority
        server.authority.cert_pem.write_to_path(bundle)
        http = HTTP.model_copy(update={"ca_bundle": bundle})
        assert unreached("MIS", {"url": server.url}, http) == {}


@BOTH
def test_a_certificate_for_another_name(ask, tmp_path: Path) -> None:
    bundle = tmp_path / "filter.pem"
    with over_tls(answer(), name="other.example") as server:
        assert server.authority
        server.authority.cert_pem.write_to_path(bundle)
        error = ask(server.url, HTTP.model_copy(update={"ca_bundle": bundle}))
    assert "is for another host name" in error.message
    assert "correct `url`" in error.fix


@BOTH
def test_a_certificate_that_has_expired(ask, tmp_path: Path) -> None:
    bundle = tmp_path / "filter.pem"
    with over_tls(answer(), valid_until=datetime(2024, 1, 1, tzinfo=UTC)) as server:
        assert server.authority
        server.authority.cert_pem.write_to_path(bundle)
        error = ask(server.url, HTTP.model_copy(update={"ca_bundle": bundle}))
    assert "has expired" in error.message
    assert "Smooth Filter Ltd" in error.message
    assert "clock" in error.fix


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (62, "is for another host name"),
        (0x800B010F, "is for another host name"),
        (10, "has expired"),
        (0x800B0101, "has expired"),
        (9, "is not valid yet"),
        (20, "is not trusted"),
        (0x800B0109, "is not trusted"),
        (0, "is not trusted"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_known_on_windows_too(code: int, words: str) -> None:
    """There it is Windows that judges, with numbers of its own. Nobody answers here, so the issuer stays unknown."""
    inner = ssl.SSLCertVerificationError("certificate verify failed")
    inner.verify_code = code
    error = cause_of("MIS", requests.exceptions.SSLError(inner), Route(f"https://127.0.0.1:{closed_port()}"))
    assert isinstance(error, FatalError)
    assert words in error.message
    assert "of an issuer that could not be read" in error.message
    assert error.fix


@BOTH
def test_a_filter_that_signs_again_behind_a_proxy_is_named_with_its_issuer(ask) -> None:
    with over_tls(answer(), name="hill.mis.example") as server, through(tunnel_to=server.url) as http:
        error = ask(FAR, http)
    assert "the certificate of hill.mis.example port 443, issued by" in error.message
    assert "Smooth Filter Ltd" in error.message


# proxies --------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("logins", [("NTLM",), ("Negotiate", "NTLM")])
def test_a_proxy_that_wants_a_windows_login(ask, logins: tuple[str, ...]) -> None:
    with through(status=407, logins=logins) as http:
        error = ask(FAR, http)
    assert isinstance(error, FatalError)
    assert f"wants a login ({', '.join(logins)}), status 407" in error.message
    assert "127.0.0.1 port" in error.message
    assert f"cannot log in by {' or '.join(logins)}" in error.fix
    assert "`proxy` in [school.http]" in error.fix
    assert "hill.mis.example" in error.fix


@BOTH
def test_a_proxy_that_wants_a_user_name(ask) -> None:
    with through(status=407, logins=("NTLM", 'Basic realm="x"')) as http:
        error = ask(FAR, http)
    assert "user name and password" in error.fix


@BOTH
def test_a_proxy_that_forbids_the_host(ask) -> None:
    with through(status=403) as http:
        error = ask(FAR, http)
    assert isinstance(error, FatalError)
    assert "does not let this server connect to hill.mis.example port 443" in error.message


@BOTH
def test_a_proxy_that_finds_no_such_host(ask) -> None:
    with through(status=503) as http:
        error = ask(FAR, http)
    assert isinstance(error, RetryableError)
    assert "could not connect to hill.mis.example port 443 (status 503)" in error.message
    assert "correct `url`" in error.fix


@BOTH
def test_a_web_server_in_the_place_of_a_proxy(ask) -> None:
    with served(answer()) as web:
        error = ask(FAR, HTTP.model_copy(update={"proxy": web.url}))
    assert "is no proxy for https (status 501)" in error.message
    assert "`proxy` in [school.http]" in error.fix


@BOTH
@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("http://127.0.0.1:1", "127.0.0.1 refuses"),
        ("http://proxy.invalid:8080", "name proxy.invalid was not"),
    ],
)
def test_a_proxy_that_cannot_be_reached(ask, address: str, cause: str) -> None:
    error = ask(FAR, HTTP.model_copy(update={"proxy": address}))
    assert "the proxy cannot be reached" in error.message
    assert cause in error.message
    assert "`proxy` in [school.http]" in error.fix


def test_a_proxy_that_says_nothing_is_told_by_check() -> None:
    with silent() as port:
        error = of_check(FAR, HTTP.model_copy(update={"proxy": f"http://127.0.0.1:{port}"}))
    assert "does not answer as a proxy" in error.message


@BOTH
def test_an_https_proxy_that_speaks_http(ask) -> None:
    with proxy() as one:
        error = ask(FAR, HTTP.model_copy(update={"proxy": one.url.replace("http:", "https:")}))
    assert "speaks plain http" in error.message
    assert "write http:// in `proxy`" in error.fix


@BOTH
def test_a_proxy_of_the_environment_is_named_as_such_without_its_password(
    ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://office:hunter2@127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    error = ask(FAR)
    assert "127.0.0.1 refuses connections on port 1" in error.message
    assert "HTTPS_PROXY" in error.fix
    assert "hunter2" not in str(error)


@pytest.mark.parametrize("password", ["right", "wrong"])
def test_the_user_name_and_password_of_a_proxys_address_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    with (
        over_tls(answer(), name="hill.mis.example") as server,
        proxy(login="office:right", logins=("Basic",), tunnel_to=server.url) as one,
    ):
        address = one.url.replace("://", f"://office:{password}@")
        monkeypatch.setenv("HTTPS_PROXY", address)
        monkeypatch.setenv("https_proxy", address)
        said = str(of_check(FAR))
    if password == "right":
        assert "Smooth Filter Ltd" in said, "the second look goes through the proxy as well"
    else:
        assert "wants a login (Basic)" in said
        assert "HTTPS_PROXY" in said
    assert f"office:{password}" not in said


def test_a_write_that_a_proxy_did_not_pass_on_is_sent_again() -> None:
    with proxy(status=503) as one:
        http = HTTP.model_copy(update={"proxy": one.url, "tries": 3})
        with client(FAR, http=http) as mis, pytest.raises(RetryableError):
            mis.post("/notes", json_body={})
    assert len(one.asked) == 3
