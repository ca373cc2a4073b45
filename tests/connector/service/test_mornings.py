"""The service makes the list of calls at its time on school days, and the runs of the day besides."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.adapters import adapter_kinds
from connector.commands.service import ran_of
from connector.config import Config, ScheduleConfig, SchoolConfig, load_config
from connector.config.example import config_text
from connector.config.school import SchoolServiceConfig
from connector.errors import FatalError
from connector.run.summary import RunReport
from connector.service.check import _capabilities
from connector.service.health import read_health
from connector.service.last_mornings import last_mornings
from connector.service.last_runs import last_runs
from connector.service.loop import Mornings, Ran, Service
from connector.service.plan import LastMornings, LastRuns, morning_due
from connector.service.status import school_status
from connector.store import Store
from tests.connector.run.test_morning import LIST, TUESDAY, morning, school
from tests.connector.runs import options, run

LONDON = ZoneInfo("Europe/London")
AT = SchoolServiceConfig(morning="09:35").morning_time
BEFORE_TERM, SATURDAY = date(2025, 9, 1), date(2025, 11, 15)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def mornings(tried: str = "", good: str = "", *, is_school_day: bool = True) -> LastMornings:
    return LastMornings(
        london(tried or good) if tried or good else None, london(good) if good else None, is_school_day
    )


@pytest.mark.parametrize(
    ("now", "last", "is_due"),
    [
        ("2025-11-11 09:34", mornings(), False),
        ("2025-11-11 09:35", mornings(), True),
        ("2025-11-11 11:59", mornings(), True),
        ("2025-11-11 12:00", mornings(), False),
        ("2025-11-11 09:36", mornings(good="2025-11-11 09:35"), False),
        ("2025-11-11 09:36", mornings(good="2025-11-11 09:20"), True),
        ("2025-11-11 09:36", mornings(good="2025-11-10 09:35"), True),
        ("2025-11-11 09:39", mornings(tried="2025-11-11 09:35"), False),
        ("2025-11-11 09:40", mornings(tried="2025-11-11 09:35"), True),
        ("2025-11-11 09:36", mornings(is_school_day=False), False),
        ("2025-11-11 09:36", mornings(good="2026-01-11 09:35"), True),
        ("2025-06-10 09:35", mornings(), True),
    ],
)
def test_a_list_is_due_once_on_a_school_day_from_its_time_until_noon(
    now: str, last: LastMornings, is_due: bool
) -> None:
    assert morning_due(AT, LONDON, london(now), last) is is_due
    assert not morning_due(None, LONDON, london(now), last)


def test_a_time_from_noon_on_is_refused() -> None:
    with pytest.raises(ValueError, match="before 12:00"):
        SchoolServiceConfig(morning="12:00")
    assert SchoolServiceConfig(morning="11:59").morning_time is not None


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "config.toml"
    own = {"id": "hill", "name": "Hill Primary School", "letters": {"telephone": "01632 960001"}}
    text = config_text(
        {
            "service": {"schedule": {"daily": ["16:00"], "weekly": ""}},
            "school": {**own, "service": {"morning": "09:35"}},
            "mis": {"adapter": "folder", "register_folder": str(tmp_path), "letters_folder": "letters"},
        }
    )
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def test_one_service_makes_the_list_in_the_morning_and_the_run_in_the_evening(config: Config) -> None:
    (one,), mis, clock = config.schools, school(), [london("2025-11-10 16:00")]
    state, opts, made = config.database(one), options("aycliffe-drive", ("no-contact",)), []

    def make_run(_school: SchoolConfig, _full: bool, stop: threading.Event) -> Ran:
        made.append(f"run {clock[0]:%a %H:%M}")
        return ran_of(RunReport(run(mis, state, clock[0].date(), opts, hour=clock[0].hour)), stop)

    def make_morning(_school: SchoolConfig, _stop: threading.Event) -> Ran:
        made.append(f"list {clock[0]:%a %H:%M}")
        report = morning(mis, state, clock[0].date(), opts, minute=clock[0].minute)
        return Ran(report.outcome, report.counts())

    service = Service(
        config,
        make_run,
        lambda _school: last_runs(state, one.id, clock[0].astimezone(UTC)),
        mornings=Mornings(lambda _school: last_mornings(state, one, clock[0].astimezone(UTC)), make_morning),
        now=lambda: clock[0].astimezone(UTC),
    )
    marks = {
        "09:30": (("1", "AM", "N"), ("2", "AM", "L"), ("3", "AM", "/")),
        "14:00": tuple((p, "PM", "\\") for p in "23"),
    }
    while clock[0] < london("2025-11-11 18:00"):
        for pupil_id, half, code in marks.get(f"{clock[0]:%H:%M}", ()) if clock[0].day == 11 else ():
            mis.mark(pupil_id, TUESDAY, half, code)
        service._look(one)
        clock[0] += timedelta(minutes=5)

    assert made == ["run Mon 16:00", "list Tue 09:35", "run Tue 16:00"]
    assert LIST.format(day=TUESDAY) in mis.titles(None)
    assert [note.pupil_id for _, note in mis.notes] == ["1"], "the evening's run wrote of the absence, once"
    assert service._state["hill"]["last_morning"]["outcome"] == "done"


def test_a_list_that_fails_is_tried_again_and_told_until_it_is_made(config: Config) -> None:
    (one,), mis, clock = config.schools, school(), [london("2025-11-11 09:35")]
    state = config.database(one)
    run(mis, state, date(2025, 11, 10))
    mis.faults["pull"] = [FatalError("Arbor refuses the password", fix="enter it again")] * 2
    tries = []

    def make_morning(_school: SchoolConfig, _stop: threading.Event) -> Ran:
        tries.append(f"{clock[0]:%H:%M}")
        report = morning(mis, state, TUESDAY, minute=clock[0].minute)
        return Ran(report.outcome, report.counts())

    def look(until: str) -> None:
        while clock[0] <= london(f"2025-11-11 {until}"):
            service._look(one)
            clock[0] += timedelta(minutes=1)

    def unhealthy(at: str) -> list[str]:
        schedule = ScheduleConfig(every_seconds=1)
        return school_status(one, state, schedule, london(f"2025-11-11 {at}").astimezone(UTC)).unhealthy

    service = Service(
        config,
        lambda *_: Ran("done"),
        lambda _school: last_runs(state, one.id, clock[0].astimezone(UTC)),
        mornings=Mornings(lambda _school: last_mornings(state, one, clock[0].astimezone(UTC)), make_morning),
        now=lambda: clock[0].astimezone(UTC),
    )
    look("09:41")
    assert tries == ["09:35", "09:40"]
    assert (read_health(config.health_file) or {})["healthy"] is False
    assert unhealthy("10:04") == []
    assert unhealthy("10:05") == [
        "no list of calls was made this morning (planned for 09:35): Arbor refuses the password\nWhat to do: enter it again"
    ]
    look("09:50")
    assert tries == ["09:35", "09:40", "09:45"]
    assert unhealthy("10:05") == []
    assert (read_health(config.health_file) or {})["healthy"] is True


def test_before_the_first_run_and_without_school_no_list_is_planned(config: Config) -> None:
    (one,), mis = config.schools, school()
    state = config.database(one)
    assert last_mornings(state, one, london("2025-11-11 10:00")) == LastMornings()
    run(mis, state, date(2025, 11, 10))
    assert last_mornings(state, one, london("2025-11-11 10:00")).is_school_day
    assert not last_mornings(state, one, london(f"{SATURDAY} 10:00")).is_school_day


def test_a_list_of_another_day_is_not_the_list_of_this_morning(config: Config) -> None:
    (one,), mis = config.schools, school()
    state, now = config.database(one), london("2025-11-11 10:00")
    run(mis, state, date(2025, 11, 10))
    with Store.open(state, one.id) as store, store.transaction():
        for day, minute in ((date(2025, 11, 10), 50), (TUESDAY, 40)):
            number = store.mornings.start(day, london(f"2025-11-11 09:{minute}").astimezone(UTC))
            store.mornings.finish(number, "done" if day != TUESDAY else "failed", {})
    last = last_mornings(state, one, now)
    assert (last.tried, last.good) == (london("2025-11-11 09:40"), None)
    assert morning_due(AT, LONDON, now, last)


def test_a_list_made_while_the_clock_was_ahead_hides_none_that_was_made(config: Config) -> None:
    (one,) = config.schools
    clock, made = [london("2025-11-12 09:36")], []
    known = {"last": mornings()}

    def make_morning(_school: SchoolConfig, _stop: threading.Event) -> Ran:
        made.append(f"{clock[0]:%d %H:%M}")
        known["last"] = mornings(good="2025-11-11 09:35")
        return Ran("done")

    service = Service(
        config,
        lambda *_: Ran("done"),
        lambda _school: LastRuns(),
        mornings=Mornings(lambda _school: known["last"], make_morning),
        now=lambda: clock[0].astimezone(UTC),
    )
    service._look(one)
    clock[0] = london("2025-11-11 09:50")
    service._look(one)
    assert made == ["12 09:36"], "today's list is on record"


def test_outside_its_hours_the_state_is_not_asked(config: Config) -> None:
    (one,) = config.schools
    clock, asked = [london("2025-11-11 09:34")], []

    def last(_school: SchoolConfig) -> LastMornings:
        asked.append(f"{clock[0]:%H:%M}")
        return mornings(good="2025-11-11 09:35")

    service = Service(
        config,
        lambda *_: Ran("done"),
        lambda _school: LastRuns(),
        mornings=Mornings(last, lambda *_: Ran("done")),
        now=lambda: clock[0].astimezone(UTC),
    )
    for at in ("09:34", "09:35", "11:59", "12:00"):
        clock[0] = london(f"2025-11-11 {at}")
        service._look(one)
    assert asked == ["09:35", "11:59"]


def test_the_check_says_where_a_list_has_nowhere_to_go(config: Config, tmp_path: Path) -> None:
    (one,) = config.schools
    arbor = adapter_kinds()["arbor"]

    def faults(school: SchoolConfig) -> list[str]:
        return [f.where for f in _capabilities(school, arbor, [], "school[0]") if "morning" in f.where]

    assert faults(one) == ["school[0].service.morning"]
    with_folder = one.run.model_copy(update={"digest": tmp_path})
    assert faults(one.model_copy(update={"run": with_folder})) == []
    assert faults(one.model_copy(update={"service": SchoolServiceConfig()})) == []
