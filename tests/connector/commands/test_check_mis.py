"""`check` of a MIS that cannot be reached, and the names of fields that it shows of one that can."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import tomlkit

from connector.config.secrets import set_secret
from connector.mock.school import MadeUpSchool
from connector.mock.server import MockServer
from connector.testing.schools import tiny_school
from tests.connector.http.servers import closed_port, over_tls, proxy

KINDS = ("arbor", "sims", "wonde", "xporter")
ADDRESSES = [
    ("arbor", "url"),
    ("sims", "url"),
    ("sims", "token_url"),
    ("wonde", "url"),
    ("xporter", "url"),
    ("xporter", "token_url"),
]
Configure = Callable[..., None]


@pytest.fixture
def configured(own_folder: Path) -> Configure:
    """Write a configuration against a mock, with settings of its own; its secrets are in the keyring."""

    def write(
        mis: MockServer,
        *,
        supply: dict[str, str] | None = None,
        http: dict[str, str] | None = None,
        **more: str,
    ) -> None:
        school = {
            "id": "hill",
            "name": "Hill Primary School",
            "policy": ["hcat", "england-2024"],
            "mis": {"adapter": mis.kind.name, **mis.settings, **more},
            "http": http or {},
            "letters": {"telephone": "01632 960001"},
            "supply": supply or {},
        }
        text = tomlkit.dumps({"school": [school]})
        (own_folder / "config.toml").write_text(text, encoding="utf-8")
        for name, value in mis.secrets.items():
            set_secret("hill", name, value)

    return write


@contextmanager
def quick() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(("kind", "setting"), ADDRESSES)
def test_a_wrong_port_is_told_once_and_soon_with_host_cause_and_setting(
    call, configured: Configure, small_school: MadeUpSchool, kind: str, setting: str
) -> None:
    port = closed_port()
    with MockServer(kind, small_school) as mis:
        configured(mis, **{setting: f"http://127.0.0.1:{port}/token"})
        with quick():
            findings = json.loads(call("check", "--json").out)["findings"]
    told = [f for f in findings if f["severity"] == "error" and "127.0.0.1" in f["message"]]
    assert len(told) == 1
    assert told[0]["where"] == f"school[0].mis.{setting}"
    assert f"127.0.0.1 refuses connections on port {port}" in told[0]["message"]
    assert f"correct `{setting}` in [school.mis]" in told[0]["fix"]


def test_a_wrong_name_is_told_with_what_is_wrong_in_the_supplied_files(
    call, configured: Configure, small_school: MadeUpSchool, own_folder: Path
) -> None:
    (own_folder / "calendar.csv").write_text("kind,name,start,end\nterm,Autumn,never,2025-12-19\n")
    with MockServer("wonde", small_school) as mis:
        configured(mis, supply={"calendar": "calendar.csv"}, url="https://no-such-host.invalid")
    with quick():
        ended = call("check")
    assert ended.code == 2
    assert "the name no-such-host.invalid was not found" in ended.err
    assert "calendar.csv" in ended.err


def test_a_filter_that_signs_again_and_a_proxy_that_wants_a_login_are_told(
    call, configured: Configure, small_school: MadeUpSchool
) -> None:
    with MockServer("arbor", small_school) as mis:

        def told(proxy_url: str) -> str:
            configured(mis, http={"proxy": proxy_url}, url="https://hill.uk.arbor.sc")
            with quick():
                return call("check").err

        with over_tls(name="hill.uk.arbor.sc") as server, proxy(tunnel_to=server.url) as between:
            err = told(between.url)
        assert "the certificate of hill.uk.arbor.sc port 443, issued by" in err
        assert "`ca_bundle` in [school.http]" in err
        with proxy(status=407, logins=("Negotiate", "NTLM")) as between:
            err = told(between.url)
        assert "wants a login (Negotiate, NTLM)" in err
        assert "`proxy` in [school.http]" in err


@pytest.mark.parametrize("kind", KINDS)
def test_show_prints_the_names_of_fields_and_no_value(call, configured: Configure, kind: str) -> None:
    school = tiny_school()
    with MockServer(kind, school) as mis:
        # by Arbor's GraphQL only the fields that were asked for come
        configured(mis, **({"reads": "rest"} if kind == "arbor" else {}))
        shown = call("check", "--show")
        tables = json.loads(call("check", "--show", "--json").out)["fields"]
        secrets = list(mis.secrets.values())
    assert tables
    for table, names in tables.items():
        assert f"{table}: {len(names)} field" in shown.out
        assert names == [name for name in names if re.fullmatch(r"[\w.@\[\]*: -]+", name)]
        assert all(f"    {name}\n" in shown.out for name in names)
    words = {*secrets}
    for pupil in school.pupils:
        words |= {
            pupil.upn,
            pupil.legal_forename,
            pupil.legal_surname,
            pupil.preferred_forename,
            pupil.pupil_id,
        }
        words |= {contact.surname for contact in pupil.contacts} | {
            contact.contact_id for contact in pupil.contacts
        }
    words -= {"", None}
    said = json.dumps(tables)
    assert [w for w in sorted(words) if re.search(rf"(?<!\w){re.escape(w)}(?!\w)", said)] == []


def test_no_field_is_shown_unless_asked_for(call, configured: Configure) -> None:
    with MockServer("wonde", tiny_school()) as mis:
        configured(mis)
        assert "fields" not in json.loads(call("check", "--json").out)


def test_show_says_so_where_nothing_answered(call, configured: Configure, small_school: MadeUpSchool) -> None:
    with MockServer("wonde", small_school) as mis:
        configured(mis, url=f"http://127.0.0.1:{closed_port()}")
    assert "no fields to show" in call("check", "--show").out
