"""A run as the configuration asks for it, against a MIS in this process that says how it was opened and asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.adapters.base import Adapter, Page, PullRequest, SecretField
from connector.adapters.folder import KIND
from connector.config import Config, load_config
from connector.errors import ConfigError, FatalError
from connector.run import start
from connector.run.start import opened, run_once, today
from connector.run.states import source_of
from connector.store import Store
from connector.store.meta import MIS, read_value
from tests.connector.memory_mis import PERIODS, MemoryMis, small_school

DAY = date(2025, 9, 12)
SETTINGS = """
[service]
state = "state"
[[school]]
id = "{name}"
name = "Hill Primary School"
policy = "hcat"
[school.mis]
adapter = "folder"
register_folder = "register"
letters_folder = "letters"
[school.letters]
telephone = "01632 960000"
[school.http]
tries = 7
[school.run]
first_run_school_days = 400
reports = []
{run}
"""


@dataclass
class OpenedMis(MemoryMis):
    """A MIS that keeps how it was opened, what it was asked, and whether it was closed."""

    opened_with: tuple[Any, ...] = ()
    wanted: list[PullRequest] = field(default_factory=list)
    closed: int = 0

    def pull(self, request: PullRequest) -> Iterator[Page]:
        self.wanted.append(request)
        return super().pull(request)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def mis(monkeypatch: pytest.MonkeyPatch) -> OpenedMis:
    """Return a school of two pupils, one of them late three times, which the adapter "folder" of this test opens."""
    school = OpenedMis(PERIODS)
    plain = small_school(2, until=DAY)
    school.pupils, school.marks = plain.pupils, plain.marks
    for day in (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10)):
        school.mark("1", day, "AM", "L", 5)

    def open_mis(settings: object, secrets: Mapping[str, str], http: object) -> Adapter:
        school.opened_with = (settings, secrets, http)
        return school

    kind = replace(KIND, open=open_mis, secrets=(SecretField("token", "made up"),))
    monkeypatch.setattr(start, "adapter_kinds", lambda: {"folder": kind})
    for name in ("HILL", "HILL2"):
        monkeypatch.setenv(f"ATTENDANCE_CONNECTOR_{name}_TOKEN", f"token of {name}")
    return school


@pytest.fixture
def configured(tmp_path: Path) -> Callable[..., Config]:
    """Write and read the configuration of the school, with more lines for `[school.run]` or `[school]`."""

    def configure(name: str = "hill", run: str = "", more: str = "") -> Config:
        text = SETTINGS.format(name=name, run=run).replace("[school.mis]", f"{more}\n[school.mis]", 1)
        (tmp_path / "config.toml").write_text(text, encoding="utf-8")
        return load_config(tmp_path / "config.toml")

    return configure


def run(config: Config, **how: Any) -> start.RunReport:
    (school,) = config.schools
    return run_once(school, config.database(school), **{"config": config, "as_of": DAY, **how})


# -- the day


def test_today_is_the_day_in_the_schools_zone_or_the_day_of_a_trial(configured, tmp_path: Path) -> None:
    (trial,) = configured(run="trial_day = 2025-09-12").schools
    assert today(trial) == DAY
    (school,) = configured(more='time_zone = "Pacific/Kiritimati"').schools
    far = ZoneInfo("Pacific/Kiritimati")
    before = datetime.now(far).date()
    assert before <= today(school) <= datetime.now(far).date()


def test_a_run_is_of_today_unless_a_day_is_given(mis: OpenedMis, configured) -> None:
    config = configured(run="trial_day = 2025-09-11")
    assert run(config, as_of=None, dry_run=True).summary.as_of == date(2025, 9, 11)
    assert run(config, dry_run=True).summary.as_of == DAY
    assert [request.until for request in mis.wanted] == [date(2025, 9, 11), DAY]


# -- the MIS


def test_the_mis_is_opened_with_its_settings_secrets_and_limits_and_closed_whatever_happens(
    mis: OpenedMis, configured
) -> None:
    (school,) = configured().schools
    with opened(school) as adapter:
        assert adapter is mis
        assert mis.opened_with == (school.mis.settings, {"token": "token of HILL"}, school.http)
        assert mis.opened_with[2].tries == 7
        assert mis.closed == 0
    assert mis.closed == 1
    with pytest.raises(FatalError), opened(school):
        raise FatalError("the password is refused.")
    assert mis.closed == 2


def test_what_is_supplied_stands_in_place_of_what_the_mis_lacks(
    mis: OpenedMis, configured, tmp_path: Path
) -> None:
    (tmp_path / "calendar.csv").write_text("kind,name,start,end\nyear,2025/26,2025-09-01,2026-08-31\n")
    mis.capabilities = replace(mis.capabilities, calendar=False)
    (school,) = configured(run='[school.supply]\ncalendar = "calendar.csv"').schools
    with opened(school) as adapter:
        assert adapter is not mis
        assert adapter.capabilities.calendar


def test_a_missing_secret_is_named_before_anything_is_opened(
    mis: OpenedMis, configured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ATTENDANCE_CONNECTOR_HILL_TOKEN")
    with pytest.raises(ConfigError, match="token"):
        run(configured())
    assert mis.opened_with == ()


# -- what the run is asked


def test_a_run_writes_and_a_second_one_asks_only_for_what_changed_unless_all_is_wanted(
    mis: OpenedMis, configured
) -> None:
    config, steps = configured(), []
    before = datetime.now(UTC)
    first = run(config, progress=steps.append)
    assert (first.summary.notes, first.summary.dry_run, first.summary.accepted) == (1, False, [])
    assert first.register is not None
    assert steps == ["pull", "evaluate", "compose", "deliver"]
    run(config)
    run(config, full=True)
    assert [request.bookmark for request in mis.wanted] == [None, DAY.isoformat(), None]
    assert mis.closed == 3
    (school,) = config.schools
    with Store.open(config.database(school), "hill") as store:
        assert read_value(store.connection, MIS) == source_of(school).mis(None)
        started = [one.started_at for one in store.runs.last(3)]
        kept = [row["started_at"] for row in store.connection.execute("SELECT started_at FROM runs")]
    assert [text[-6:] for text in kept] == ["+00:00"] * 3, "moments are kept with their zone"
    assert started == sorted(started, reverse=True)
    assert before <= started[-1] <= datetime.now(UTC)


@pytest.mark.parametrize(("asked", "setting"), [(True, "false"), (False, "true")])
def test_a_dry_run_is_asked_for_by_the_call_or_by_the_settings(
    mis: OpenedMis, configured, asked: bool, setting: str
) -> None:
    config = configured(run=f"dry_run = {setting}")
    summary = run(config, dry_run=asked).summary
    assert (summary.dry_run, summary.notes) == (True, 1)
    assert (mis.notes, mis.documents) == ([], [])
    assert not config.database(config.schools[0]).exists()


def test_the_guards_that_a_person_lets_the_run_past_reach_it(mis: OpenedMis, configured) -> None:
    summary = run(configured(), accepted=frozenset({"folder"})).summary
    assert summary.accepted == ["folder"]


def test_a_stop_that_is_asked_for_reaches_the_run(mis: OpenedMis, configured) -> None:
    stop = threading.Event()
    stop.set()
    summary = run(configured(), stop=stop).summary
    assert (summary.outcome, summary.notes) == ("failed", 0)
    assert (mis.notes, mis.documents) == ([], [])


# -- a school whose id was renamed


def test_a_dry_run_of_a_renamed_school_looks_at_its_state_and_moves_nothing(
    mis: OpenedMis, configured, tmp_path: Path
) -> None:
    run(configured())
    summary = run(configured("hill2"), dry_run=True).summary
    assert (summary.notes, summary.documents) == (0, 0)
    assert summary.warnings[0].startswith(
        "hill2 is the school that had the id hill: its state hill.db becomes"
    )
    assert [path.name for path in (tmp_path / "state").glob("*.db")] == ["hill.db"]


def test_a_run_of_a_renamed_school_goes_on_with_its_state(mis: OpenedMis, configured, tmp_path: Path) -> None:
    run(configured())
    summary = run(configured("hill2")).summary
    assert (summary.notes, summary.documents, len(mis.notes)) == (0, 0, 1)
    assert summary.warnings[0].startswith(
        "hill2 is the school that had the id hill: its state hill.db is now"
    )
    assert [path.name for path in (tmp_path / "state").glob("*.db")] == ["hill2.db"]


def test_a_mis_that_the_settings_do_not_name_is_asked_which_school_it_is(
    mis: OpenedMis, configured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kind = replace(KIND, place=None)
    monkeypatch.setattr("connector.run.states.adapter_kinds", lambda: {"folder": kind})
    run(configured())
    mis.wanted.clear()
    summary = run(configured("hill2")).summary
    assert (summary.notes, summary.documents) == (0, 0)
    assert [(request.recent_from, request.until) for request in mis.wanted[:1]] == [(DAY, DAY)]
    assert [path.name for path in (tmp_path / "state").glob("*.db")] == ["hill2.db"]


def test_without_the_configuration_the_state_that_is_named_is_used_and_nothing_else_looked_at(
    mis: OpenedMis, configured, tmp_path: Path
) -> None:
    run(configured())
    (renamed,) = configured("hill2").schools
    summary = run_once(renamed, tmp_path / "elsewhere.db", as_of=DAY, dry_run=True).summary
    assert (summary.notes, summary.warnings) == (1, [])


def test_the_state_folder_of_another_configuration_is_refused_before_the_mis_is_opened(
    mis: OpenedMis, configured, tmp_path: Path
) -> None:
    config = configured()
    run(config)
    mis.opened_with = ()
    other = tmp_path / "other"
    other.mkdir()
    text = SETTINGS.format(name="hill", run="").replace('state = "state"', 'state = "../state"')
    (other / "config.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        run(load_config(other / "config.toml"))
    assert mis.opened_with == ()
