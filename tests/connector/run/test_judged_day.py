"""What has not been yet is not missing, and a day far from the marks is not judged."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connector.run.judged_day import judged_register, last_closed
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import RunSummary
from connector.store import Store
from connector.store.pull_merge import bookmark
from rules.codes import ATTENDED
from rules.school import Session
from tests.connector.memory_mis import MemoryMis, at, small_school
from tests.connector.plain_letters import PlainLetters
from tests.connector.runs import ledger, options, row_of, run

DAY = date(2025, 9, 11)
"""British summer time: an hour ahead of UTC."""
EVE = date(2025, 9, 10)
LATE = options(only=("late-letter",))


def late_school(until: date) -> MemoryMis:
    mis = small_school(3, until=until)
    for day in (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10)):
        mis.mark("1", day, "AM", "L")
    return mis


def run_at(mis: MemoryMis, state: Path, clock: str, day: date = DAY) -> RunSummary:
    """Return a run for a day at a moment of DAY, told in the time of the school's clock on the wall."""
    now = datetime.fromisoformat(f"{DAY}T{clock}+01:00").astimezone(UTC)
    request = RunRequest(LATE, mis, as_of=day, now=now, letters=PlainLetters, lists=PlainLetters)
    return run_school(state, request).summary


@pytest.mark.parametrize(
    ("clock", "last"),
    [
        ("00:00", Session(EVE, "PM")),
        ("09:59", Session(EVE, "PM")),
        ("10:00", Session(DAY, "AM")),
        ("14:29", Session(DAY, "AM")),
        ("14:30", Session(DAY, "PM")),
        ("23:59", Session(DAY, "PM")),
    ],
)
def test_a_register_is_closed_from_the_minute_of_its_closing_time_on(clock: str, last: Session) -> None:
    assert last_closed(LATE.config, datetime.fromisoformat(f"{DAY}T{clock}+01:00")) == last


def test_closing_times_are_those_of_the_schools_own_zone() -> None:
    noon_in_utc = datetime(2025, 9, 11, 8, 59, tzinfo=UTC)
    assert last_closed(LATE.config, noon_in_utc) == Session(EVE, "PM")
    assert last_closed(LATE.config, noon_in_utc + timedelta(minutes=1)) == Session(DAY, "AM")
    in_winter = datetime(2025, 11, 11, 9, 59, tzinfo=UTC)
    assert last_closed(LATE.config, in_winter) == Session(date(2025, 11, 10), "PM")


def test_closing_times_are_settings_and_a_trial_day_is_judged_whole() -> None:
    early = options(am_closes="09:15", pm_closes="13:10").config
    assert last_closed(early, datetime.fromisoformat(f"{DAY}T13:10+01:00")) == Session(DAY, "PM")
    assert last_closed(options(trial_day=DAY).config, at(DAY, 3)) is None


def test_before_the_close_a_run_judges_the_days_before(tmp_path: Path) -> None:
    mis, state = late_school(until=EVE), tmp_path / "hill.db"
    summary = run_at(mis, state, "09:59")
    assert (summary.exit_code, list(summary.missing_registers)) == (0, [])
    assert row_of(state, "late-letter").state == "verified"


def test_before_the_close_the_day_before_is_looked_at(tmp_path: Path) -> None:
    mis, state = late_school(until=EVE), tmp_path / "hill.db"
    for pupil_id in mis.pupils:
        mis.mark(pupil_id, EVE, "PM", "")
    assert run_at(mis, state, "06:30").hold_reasons == {"registers": 1}
    assert run_at(mis, state, "12:00").hold_reasons == {"registers": 1}


@pytest.mark.parametrize(("clock", "code"), [("09:59", 0), ("10:00", 3), ("14:30", 3)])
def test_a_morning_without_marks_is_missing_from_its_close_on(tmp_path: Path, clock: str, code: int) -> None:
    assert run_at(late_school(until=EVE), tmp_path / "hill.db", clock).exit_code == code


@pytest.mark.parametrize(("clock", "code"), [("14:29", 0), ("14:30", 3)])
def test_an_afternoon_without_marks_is_missing_from_its_close_on(
    tmp_path: Path, clock: str, code: int
) -> None:
    mis = late_school(until=EVE)
    for pupil_id in mis.pupils:
        mis.mark(pupil_id, DAY, "AM", "/")
    summary = run_at(mis, tmp_path / "hill.db", clock)
    assert summary.exit_code == code
    assert bool(summary.missing_registers) == bool(code)


def test_an_event_of_today_is_found_once_the_day_is_closed(tmp_path: Path) -> None:
    mis, state = late_school(until=DAY), tmp_path / "hill.db"
    mis.mark("1", date(2025, 9, 10), "AM", "/")
    mis.mark("1", DAY, "AM", "L")
    run_at(mis, state, "14:29")
    assert not ledger(state)
    run_at(mis, state, "14:30")
    assert row_of(state, "late-letter").date == DAY


def test_a_run_for_an_earlier_day_judges_the_whole_day(tmp_path: Path) -> None:
    mis, state = late_school(until=EVE), tmp_path / "hill.db"
    assert run_at(mis, state, "06:30", day=EVE).exit_code == 0
    assert row_of(state, "late-letter").date == EVE


@pytest.mark.parametrize(("days", "outcome"), [(70, "done"), (71, "held")])
def test_a_day_far_beyond_the_last_mark_is_not_judged(tmp_path: Path, days: int, outcome: str) -> None:
    mis, state = late_school(until=date(2026, 3, 27)), tmp_path / "hill.db"
    summary = run(mis, state, date(2026, 3, 27) + timedelta(days=days), LATE)
    assert summary.outcome == outcome
    assert bool(summary.error) == (outcome == "held") == (not ledger(state))


def test_a_run_under_a_clock_far_ahead_judges_nothing_and_says_why(tmp_path: Path) -> None:
    mis, state = late_school(until=date(2025, 12, 19)), tmp_path / "hill.db"
    run(mis, state, DAY, LATE)
    written = len(mis.notes), len(mis.documents)
    with Store.open(state, "hill") as store:
        assert bookmark(store.connection) is not None
    summary = run(mis, state, date(2036, 10, 10), options())
    assert (summary.outcome, summary.exit_code) == ("held", 3)
    assert "days beyond the last mark of 19 December 2025" in summary.error
    assert "beyond the calendar, whose last school day is 27 March 2026" in summary.error
    assert (len(mis.notes), len(mis.documents)) == written
    with Store.open(state, "hill") as store:
        assert bookmark(store.connection) is None, "what the MIS changes until 2036 is not passed over"
    assert run(mis, state, date(2025, 9, 12), LATE).outcome == "done", "the wrong day stands in nobody's way"


def test_a_day_before_the_last_runs_is_not_judged(tmp_path: Path) -> None:
    mis, state = late_school(until=date(2025, 12, 19)), tmp_path / "hill.db"
    assert [run_at(mis, state, clock).outcome for clock in ("16:30", "17:00")] == ["done", "done"]
    summary = run_at(mis, state, "17:30", day=EVE)
    assert (summary.outcome, summary.exit_code) == ("held", 3)
    assert "10 September 2025 lies before 11 September 2025" in summary.error


def test_a_run_for_a_day_still_to_come_does_not_stop_todays(tmp_path: Path) -> None:
    mis, state = late_school(until=DAY), tmp_path / "hill.db"
    assert run_at(mis, state, "16:00", day=date(2025, 9, 19)).outcome == "done"
    assert run_at(mis, state, "16:30").outcome == "done"


def test_a_first_run_that_judged_nothing_leaves_the_guard_of_first_runs_in_place(tmp_path: Path) -> None:
    mis, state = late_school(until=date(2025, 10, 24)), tmp_path / "hill.db"
    opts = options(only=("late-letter",), first_run_school_days=10)
    assert run(mis, state, date(2036, 10, 10), opts).outcome == "held"
    assert run(mis, state, date(2025, 10, 24), opts).hold_reasons == {"first_run": 1}


def test_a_wrong_day_does_not_end_the_reports(tmp_path: Path) -> None:
    mis, state = late_school(until=date(2025, 12, 19)), tmp_path / "hill.db"
    run(mis, state, DAY, LATE)
    run(mis, state, date(2036, 10, 10), LATE)
    run(mis, state, date(2025, 9, 12), LATE)
    with Store.open(state, "hill") as store:
        assert store.runs.last_judged_day(date(2036, 10, 10)) == date(2025, 9, 12)


@pytest.mark.parametrize("attended", [True, False])
def test_in_wales_the_school_says_whether_d_counts_as_attended(tmp_path: Path, attended: bool) -> None:
    mis, state = late_school(DAY), tmp_path / "hill.db"
    mis.mark("1", DAY, "AM", "D")
    run_at(mis, state, "17:00")
    school = LATE.config.model_copy(update={"nation": "wales", "welsh_d_attended": attended})
    with Store.open(state, "hill") as store:
        register = judged_register(store, school, at(DAY))
    found = register.classes[register.row_of["1"], register.sessions.index(Session(DAY, "AM"))]
    assert (found in ATTENDED) is attended


def test_today_is_the_schools_own_day_whatever_the_servers_zone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half past midnight at the school is still the evening before on a server in New York."""
    mis, state = late_school(until=EVE), tmp_path / "hill.db"
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        run_at(mis, state, "00:30")
        summary = run_at(mis, state, "00:40", EVE)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert summary.outcome == "held"
    assert "lies before 11 September 2025, the day of an earlier run" in summary.error
