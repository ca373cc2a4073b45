"""A renamed school is known again by what its MIS says of itself, asked before the first write."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.config import Config, load_config
from connector.config.example import config_text
from connector.mock.school import make_school
from connector.mock.server import MockServer
from connector.run.start import run_once
from connector.run.summary import RunSummary
from connector.service.check import check_all
from connector.store import Store


def configured(folder: Path, server: MockServer, school_id: str, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Write and read the configuration of one school on the mock, with its secrets in the environment."""
    for name, value in server.secrets.items():
        monkeypatch.setenv(f"ATTENDANCE_CONNECTOR_{school_id.upper()}_{name.upper()}", value)
    made_up = server.world.school
    values = {
        "school": {
            "id": school_id,
            "name": "Hill Primary School",
            "letters": {"telephone": "01632 960001"},
            "run": {"trial_day": server.today, "since": made_up.first_day, "hold_above_events": 1000},
        },
        "mis": {"adapter": server.kind.name, **server.settings},
    }
    (folder / "config.toml").write_text(config_text(values), encoding="utf-8")
    return load_config(folder / "config.toml")


def run(config: Config) -> RunSummary:
    (school,) = config.schools
    return run_once(school, config.database(school), config=config).summary


def test_a_renamed_school_on_arbor_is_known_by_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MockServer("arbor", make_school(pupils=20, weeks=5, seed=3)) as server:
        first = run(configured(tmp_path, server, "hill", monkeypatch))
        assert first.documents > 0
        written = server.world.written
        before = (len(written.notes()), len(written.documents()))
        config = configured(tmp_path, server, "hill2", monkeypatch)
        state = config.service.state
        with Store.open(state / "hill.db", "hill") as store:
            identity = store.identity
            assert identity == server.world.school.details.urn
        told = [f.message for f in check_all(tmp_path / "config.toml").findings]
        assert any("hill2 is the school that had the id hill" in message for message in told)
        again = run(config)
        assert (again.notes, again.documents, again.outcome) == (0, 0, "done"), again.error
        assert "hill2 is the school that had the id hill" in again.warnings[0]
        assert (len(written.notes()), len(written.documents())) == before
        with Store.open(state / "hill2.db", "hill2") as store:
            assert store.identity == identity
        (state / "hill2.db").unlink()
        third = run(configured(tmp_path, server, "hill3", monkeypatch))
        assert third.outcome == "done"
        assert (len(written.notes()), len(written.documents())) == before, (
            "found by keys that the MIS's number makes"
        )
