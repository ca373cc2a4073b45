"""The service against a mock MIS: short intervals, stopped in the middle, started again; nothing lost or twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.commands.service import ran_of
from connector.config import Config, SchoolConfig, load_config
from connector.config.example import config_text
from connector.ledger.decisions import release
from connector.mock.school import make_school
from connector.mock.server import MockServer
from connector.run.start import run_once
from connector.run.summary import RunReport
from connector.service.last_runs import last_runs, remember_full_run
from connector.service.loop import Ran, Service
from connector.service.plan import LastRuns
from connector.store import Store
from tests.connector.memory_mis import at
from tests.connector.run.test_tries import DAY, late_school
from tests.connector.runs import options, run


@pytest.fixture
def arbor() -> Iterator[MockServer]:
    with MockServer("arbor", make_school(pupils=25, weeks=8, seed=4)) as server:
        yield server


@pytest.fixture
def config_path(arbor: MockServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a trial: a run every second, on the last day of the mock's school."""
    for name, value in arbor.secrets.items():
        monkeypatch.setenv(f"ATTENDANCE_CONNECTOR_HILL_{name.upper()}", value)
    text = config_text(
        {
            "service": {"schedule": {"every_seconds": 1}},
            "school": {
                "id": "hill",
                "name": "Hill Primary School",
                "letters": {"telephone": "01632 960001"},
                "run": {"trial_day": arbor.today, "since": arbor.world.school.first_day},
            },
            "mis": {"adapter": "arbor", **arbor.settings},
        }
    )
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def written(arbor: MockServer) -> Counter[tuple[str | None, str]]:
    """How often each note and document is in the mock MIS, by pupil and title."""
    kept = arbor.world.written
    found = Counter((note.pupil_id, note.summary) for note in kept.notes())
    found.update(
        (document.pupil_id, f"{document.file_name} {document.summary}") for document in kept.documents()
    )
    return found


def health(config: Config) -> dict[str, object]:
    return json.loads(config.health_file.read_text(encoding="utf-8"))


def wait_for(condition: object, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def test_three_runs_with_a_stop_in_the_middle_lose_nothing_and_write_nothing_twice(
    arbor: MockServer, config_path: Path
) -> None:
    config = load_config(config_path)
    database = config.database(config.schools[0])
    ended: list[str] = []

    def make_run(school: SchoolConfig, full: bool, stop: threading.Event) -> Ran:
        report = run_once(school, database, full=full, stop=stop)
        outcome = report.summary.outcome
        ended.append("stopped" if stop.is_set() and outcome == "failed" else outcome)
        return Ran("stopped" if stop.is_set() and outcome == "failed" else outcome)

    def serve() -> tuple[Service, threading.Thread]:
        service = Service(config, make_run, lambda school: last_runs(database, school.id, datetime.now(UTC)))
        thread = threading.Thread(target=service.run)
        thread.start()
        return service, thread

    service, thread = serve()
    wait_for(lambda: sum(written(arbor).values()) >= 5)
    service.stop.set()
    thread.join(timeout=30)
    assert not thread.is_alive()
    half = written(arbor)
    assert ended == ["stopped"]
    assert health(config)["state"] == "stopped"

    service, thread = serve()
    wait_for(lambda: len(ended) >= 4)
    service.stop.set()
    thread.join(timeout=30)
    whole = written(arbor)
    assert set(half) < set(whole)
    assert set(whole.values()) == {1}

    fresh = load_config(config_path).schools[0]
    with MockServer("arbor", make_school(pupils=25, weeks=8, seed=4), port=0) as other:
        settings = type(fresh.mis.settings).model_validate(other.settings)
        fresh.mis.set_settings(settings)
        run_once(fresh, config_path.parent / "undisturbed.db")
        assert written(other) == whole


def test_a_school_whose_run_fails_is_reported_and_the_next_one_still_runs(
    arbor: MockServer, config_path: Path
) -> None:
    text = config_path.read_text(encoding="utf-8")
    config_path.write_text(
        text + text[text.index("[[school]]") :].replace('id = "hill"', 'id = "dale"', 1), encoding="utf-8"
    )
    config = load_config(config_path)
    seen: list[str] = []

    def make_run(school: SchoolConfig, full: bool, stop: threading.Event) -> Ran:
        seen.append(school.id)
        if school.id == "hill":
            raise ZeroDivisionError("broken")
        stop.set()
        return Ran("done")

    service = Service(config, make_run, lambda _school: LastRuns())
    service.run()
    assert seen == ["hill", "dale"]
    reported = health(config)
    assert reported["healthy"] is False
    assert reported["schools"]["hill"]["last_outcome"] == "failed"
    assert "ZeroDivisionError" in reported["schools"]["hill"]["last_error"]
    assert reported["schools"]["dale"]["last_outcome"] == "done"


def test_the_service_is_unhealthy_while_something_that_failed_is_not_put_right(config_path: Path) -> None:
    config = load_config(config_path)
    mis, state = late_school(1), config_path.parent / "small.db"
    healthy: list[object] = []

    def make_run(_school: SchoolConfig, _full: bool, stop: threading.Event) -> Ran:
        summary = run(mis, state, DAY, options(only=("late-letter",)))
        if len(healthy) == 2:
            stop.set()
        return ran_of(RunReport(summary), threading.Event())

    class Watched(Service):
        def _call(self, good: bool, *, asked: bool = True) -> None:
            healthy.append((good, health(config)["healthy"]))
            mis.refused = set()
            if len(healthy) == 2:
                with Store.open(state, "hill") as store:
                    release(store, store.ledger.rows()[0].key, by="head", now=at(DAY), as_of=DAY)

    mis.refused = {"1"}
    Watched(config, make_run, lambda _school: LastRuns()).run()
    assert healthy == [(False, False), (False, False), (True, True)]


def test_the_last_full_run_is_kept_with_the_runs(arbor: MockServer, config_path: Path) -> None:
    config = load_config(config_path)
    school = config.schools[0]
    database = config.database(school)
    assert last_runs(database, school.id, datetime.now(UTC)) == LastRuns()
    run_once(school, database, full=True)
    runs = last_runs(database, school.id, datetime.now(UTC))
    assert runs.tried is not None
    assert runs.tried == runs.good
    assert runs.good_full is None
    remember_full_run(database, school.id, runs.tried)
    assert last_runs(database, school.id, datetime.now(UTC)).good_full == runs.tried


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise on Windows")
def test_the_installed_service_stops_cleanly_when_asked_to(arbor: MockServer, config_path: Path) -> None:
    command = [sys.executable, "-m", "connector", "service", "run", "--config", str(config_path)]
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(root)}
    ) as service:
        wait_for(lambda: sum(written(arbor).values()) >= 3)
        service.send_signal(signal.SIGTERM)
        _, printed = service.communicate(timeout=30)
    log = printed.decode("utf-8")
    assert service.returncode == 0, log
    assert "a stop was asked for" in log
    assert "the service has stopped" in log
    assert "Traceback" not in log
    assert set(written(arbor).values()) == {1}


def test_a_clock_put_back_while_the_service_works_delays_no_run(arbor: MockServer, config_path: Path) -> None:
    config = load_config(config_path)
    clock = [datetime.now(UTC) + timedelta(days=210)]
    began: list[datetime] = []

    def make_run(_school: SchoolConfig, _full: bool, stop: threading.Event) -> Ran:
        began.append(clock[0])
        clock[0] = datetime.now(UTC)
        if len(began) == 2:
            stop.set()
        return Ran("done")

    Service(config, make_run, lambda _school: LastRuns(), now=lambda: clock[0]).run()
    assert len(began) == 2


def test_a_run_that_judged_nothing_makes_the_service_unhealthy(arbor: MockServer, config_path: Path) -> None:
    config = load_config(config_path)

    def make_run(_school: SchoolConfig, _full: bool, stop: threading.Event) -> Ran:
        stop.set()
        return Ran("held", {"error": "the calendar cannot be used"})

    Service(config, make_run, lambda _school: LastRuns()).run()
    assert health(config)["healthy"] is False
