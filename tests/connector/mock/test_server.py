"""The frame of the mock servers: wire, faults, the look inside, the command's serving."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import requests

from connector.errors import ConfigError
from connector.mock.faults import FAULTS, WIRE, Faults, read_faults
from connector.mock.school import make_school
from connector.mock.server import MockServer, serve_forever
from connector.mock.world import MOCKS, mock_kind


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer("arbor", make_school(pupils=4, weeks=1, seed=2)) as opened:
        yield opened


def ask(
    server: MockServer, path: str = "/rest-v2/genders", method: str = "GET", **more: object
) -> requests.Response:
    auth = (server.secrets["username"], server.secrets["password"])
    return requests.request(method, server.url + path, auth=auth, timeout=5, **more)  # type: ignore[arg-type]


# faults of the wire ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["drop-before", "drop-after"])
def test_a_dropped_connection_has_no_answer_and_its_effect_is_as_named(
    server: MockServer, fault: str
) -> None:
    server.world.faults.set(fault)
    body = {"request": {"pastoralNote": {"student": "/rest-v2/students/1001", "content": "x"}}}
    with pytest.raises(requests.ConnectionError):
        ask(server, "/rest-v2/pastoral-notes", "POST", json=body)
    assert len(server.world.written.notes()) == (1 if fault == "drop-after" else 0)
    assert server.world.requests[-1].fault == fault
    assert server.world.requests[-1].status is None


def test_a_busy_server_says_when_to_come_again_or_does_not(server: MockServer) -> None:
    server.world.faults.set("busy")
    answer = ask(server)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    server.world.faults.clear()
    server.world.faults.set("busy-silent")
    assert "Retry-After" not in ask(server).headers


def test_a_500_comes_before_or_after_the_effect(server: MockServer) -> None:
    body = {"request": {"pastoralNote": {"student": "/rest-v2/students/1001", "content": "x"}}}
    for fault, notes in (("error-500", 0), ("error-500-after", 1)):
        server.world.faults.clear()
        server.world.faults.set(fault)
        assert ask(server, "/rest-v2/pastoral-notes", "POST", json=body).status_code == 500
        assert len(server.world.written.notes()) == notes


def test_a_truncated_body_is_shorter_than_it_says(server: MockServer) -> None:
    server.world.faults.set("truncated")
    with pytest.raises(requests.RequestException):
        ask(server)


def test_invalid_json_and_a_web_page_come_with_status_200(server: MockServer) -> None:
    for fault in ("invalid-json", "html"):
        server.world.faults.clear()
        server.world.faults.set(fault)
        answer = ask(server)
        assert answer.status_code == 200
        with pytest.raises(ValueError):
            answer.json()


def test_a_slow_server_is_slow(server: MockServer) -> None:
    server.world.faults.slow_seconds = 0.2
    server.world.faults.set("slow")
    start = time.monotonic()
    ask(server)
    assert time.monotonic() - start >= 0.2


def test_the_pages_for_looking_have_no_faults(server: MockServer) -> None:
    server.world.faults.set("drop-before")
    assert ask(server, "/mock/").json()["school"] == server.world.school.details.name


# faults ----------------------------------------------------------------------------------------------------


def test_the_same_seed_strikes_the_same_calls() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults({"busy": 0.5}, seed=seed)
        return [faults.strikes("busy") for _ in range(50)]

    assert struck(1) == struck(1) != struck(2)
    assert 10 < sum(struck(1)) < 40


def test_a_fault_can_be_aimed() -> None:
    faults = Faults()
    faults.set("busy", times=2, method="post", path="/notes")
    calls = [("GET", "/notes"), ("POST", "/x"), ("POST", "/a/notes"), ("POST", "/notes"), ("POST", "/notes")]
    assert [faults.strikes("busy", *call) for call in calls] == [False, False, True, True, False]
    assert faults.state() == [{"name": "busy", "rate": 1.0, "times": 2, "struck": 2}]


def test_faults_are_read_from_words() -> None:
    assert read_faults(["busy=0.2", "slow"]) == {"busy": 0.2, "slow": 1.0}
    for word in ("bizzy=0.2", "busy=much", "busy=2"):
        with pytest.raises(ValueError):
            read_faults([word])


def test_every_fault_says_what_happens() -> None:
    assert all(FAULTS.values())
    assert set(WIRE) <= set(FAULTS)


# the look inside -------------------------------------------------------------------------------------------


def test_day_faults_and_marks_can_be_set_from_outside(server: MockServer) -> None:
    school = server.world.school
    day = school.calendar.school_days[1].isoformat()
    assert ask(server, "/mock/today", "PUT", json={"today": day}).json() == {"today": day}
    assert server.today.isoformat() == day
    assert ask(server, "/mock/faults", "PUT", json={"slow": 0.1}).json()[0]["name"] == "slow"
    assert ask(server, "/mock/faults", "PUT", json={"bizzy": 1}).status_code == 400
    mark = {"pupil_id": "1001", "date": day, "half": "AM", "code": "M"}
    assert ask(server, "/mock/marks", "POST", json=mark).json() == {"done": True}
    held = school.mark_now("1001", school.calendar.school_days[1], "AM")
    assert held is not None
    assert held.code == "M"
    assert ask(server, "/mock/marks", "POST", json={**mark, "pupil_id": "9"}).status_code == 400


def test_pupils_and_requests_can_be_looked_at(server: MockServer) -> None:
    assert ask(server, "/mock/pupils").json() == ["1001", "1002", "1003", "1004"]
    assert ask(server, "/mock/pupils/1002").json()["pupil_id"] == "1002"
    assert ask(server, "/mock/pupils/9").status_code == 404
    assert ask(server, "/mock/documents/9/content").status_code == 404
    ask(server, "/rest-v2/genders?page-size=1")
    (seen,) = ask(server, "/mock/requests").json()
    assert (seen["method"], seen["path"], seen["query"], seen["status"]) == (
        "GET",
        "/rest-v2/genders",
        "page-size=1",
        200,
    )


# serving ---------------------------------------------------------------------------------------------------


def test_a_body_in_chunks_is_read_whole_and_the_connection_goes_on(server: MockServer) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"query": "{ Student('
        yield b'page_size: 1) { id } }"}'

    with requests.Session() as session:
        session.auth = (server.secrets["username"], server.secrets["password"])
        for _ in range(3):
            answer = session.post(f"{server.url}/graphql/query", data=chunks(), timeout=5)
            assert answer.json() == {"data": {"Student": [{"id": "1001"}]}}
    assert server.connections_made == 1


def test_it_listens_on_this_machine_only(server: MockServer) -> None:
    assert server.url.startswith("http://127.0.0.1:")


def test_a_port_that_is_taken_is_reported() -> None:
    school = make_school(pupils=1, weeks=1, seed=1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            pytest.raises(ConfigError, match="port"),
            MockServer("arbor", school, port=taken.getsockname()[1]),
        ):
            pass


def test_an_option_that_the_mock_does_not_have_is_reported() -> None:
    with pytest.raises(ValueError, match="colour"):
        MockServer("arbor", make_school(pupils=1, weeks=1, seed=1), options={"colour": "red"})


@pytest.mark.parametrize("name", MOCKS)
def test_every_mock_serves_until_it_is_stopped_and_announces_one_line(name: str) -> None:
    lines: list[str] = []
    stop = threading.Event()

    def announce(line: str) -> None:
        lines.append(line)
        stop.set()

    serve_forever(name, announce, pupils=2, weeks=1, stop=stop)
    (line,) = lines
    announced = json.loads(line)
    assert "\n" not in line
    assert announced["credentials"]
    assert announced["url"].startswith("http://127.0.0.1:")
    assert announced["school"]["pupils"] == 2


def test_with_tls_the_bundle_to_trust_is_announced() -> None:
    with MockServer("arbor", make_school(pupils=1, weeks=1, seed=1), tls=True) as opened:
        announced = json.loads(opened.announcement())
        assert announced["url"].startswith("https://")
        answer = requests.get(f"{opened.url}/mock/", verify=announced["ca_bundle"], timeout=5)
        assert answer.status_code == 200


def test_an_unknown_mock_is_reported() -> None:
    with pytest.raises(ValueError, match="arbor, sims, xporter, wonde"):
        mock_kind("bromcom")
