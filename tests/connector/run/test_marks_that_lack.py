"""What waits for marks goes out when the marks are there, and never because time has passed."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.ledger.decisions import release
from connector.run.pull import recent_from
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.store import Store
from connector.store.schema import MIGRATIONS
from rules.calendar import Period
from tests.connector.memory_mis import FIRST_DAY, PERIODS, MemoryMis, at, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run

LATE = options(only=("late-letter",))
LAST_MARKED = date(2025, 10, 10)
HALF_TERM_END = date(2025, 10, 24)
LACKING = school_days(date(2025, 10, 13), HALF_TERM_END)


def school(until: date = LAST_MARKED, pupils: int = 3) -> MemoryMis:
    """Return a school whose marks end on a day, with a pupil who was late three times in September."""
    mis = small_school(pupils, until=until)
    for day in (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10)):
        mis.mark("1", day, "AM", "L")
    return mis


def take_registers(mis: MemoryMis, *days: date) -> None:
    for day in days:
        for pupil_id in mis.pupils:
            mis.day(pupil_id, day, "/")


@pytest.mark.parametrize(
    "day", [date(2025, 10, 24), date(2025, 10, 30), date(2025, 10, 31), date(2025, 11, 2)]
)
def test_registers_that_stopped_hold_however_long_ago_the_last_school_day_was(
    tmp_path: Path, day: date
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    summary = run(mis, state, day, LATE)
    assert (summary.exit_code, summary.hold_reasons) == (3, {"registers": 1})
    assert not mis.documents
    assert row_of(state, "late-letter").held_days == tuple(LACKING)


def test_a_held_event_waits_for_every_day_that_lacked_marks(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, HALF_TERM_END, LATE)
    back = date(2025, 11, 3)
    take_registers(mis, back)
    summary = run(mis, state, back, LATE)
    assert summary.exit_code == 3, "the new half term is marked, the ten days before it are not"
    assert "10 school days" not in row_of(state, "late-letter").reason
    assert "9 school days before it, from 13 October 2025 on" in row_of(state, "late-letter").reason
    take_registers(mis, *LACKING[:-1])
    assert run(mis, state, back, LATE).exit_code == 3
    take_registers(mis, LACKING[-1])
    assert run(mis, state, back, LATE).exit_code == 0
    assert row_of(state, "late-letter").state == "verified"


def test_a_day_that_turns_out_to_be_no_school_day_is_waited_for_no_more(tmp_path: Path) -> None:
    mis, state = school(until=date(2025, 10, 23)), tmp_path / "hill.db"
    run(mis, state, HALF_TERM_END, LATE)
    assert row_of(state, "late-letter").held_days == (HALF_TERM_END,)
    mis.periods = (*PERIODS, Period("closure", "Storm", HALF_TERM_END, HALF_TERM_END))
    assert run(mis, state, HALF_TERM_END, LATE).exit_code == 0


def test_a_person_can_let_it_go_without_the_marks(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, HALF_TERM_END, LATE)
    with Store.open(state, "hill") as store:
        key = row_of(state, "late-letter").key
        release(store, key, by="office", now=at(HALF_TERM_END), as_of=HALF_TERM_END)
    run(mis, state, date(2025, 10, 27), LATE)
    assert row_of(state, "late-letter").state == "verified"


def test_another_hold_in_between_forgets_no_day(tmp_path: Path) -> None:
    mis, state = school(until=date(2025, 10, 23)), tmp_path / "hill.db"
    run(mis, state, HALF_TERM_END, LATE)
    other = options("aspire", only=("late-letter",))
    run(mis, state, date(2025, 10, 25), other)
    assert row_of(state, "late-letter").state == "superseded"
    take_registers(mis, date(2025, 11, 3))
    run(mis, state, date(2025, 11, 3), LATE)
    assert row_of(state, "late-letter").hold == "registers"
    assert not mis.documents


@pytest.mark.parametrize(("missing", "held"), [(2, False), (3, True)])
def test_the_limit_itself_is_allowed(tmp_path: Path, missing: int, held: bool) -> None:
    """Two of ten marks are 20%, the most that may be missing; three are above it."""
    mis, state = school(until=date(2025, 9, 12), pupils=5), tmp_path / "hill.db"
    day = date(2025, 9, 12)
    mis.day("2", day, "-")
    if missing == 3:
        mis.mark("3", day, "AM", "-")
    assert (run(mis, state, day, LATE).exit_code == 3) is held


def test_an_event_held_by_a_version_that_kept_no_days_waits_for_them_all_the_same(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 10, 30), LATE)
    with sqlite3.connect(state) as connection:
        connection.execute("UPDATE events SET held_days = ''")
    take_registers(mis, date(2025, 11, 3))
    assert run(mis, state, date(2025, 11, 3), LATE).hold_reasons == {"registers": 1}
    assert row_of(state, "late-letter").held_days == tuple(LACKING)


def test_a_state_from_before_the_days_were_kept_is_brought_up_to_date(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    with sqlite3.connect(state) as connection:
        connection.executescript(MIGRATIONS[0])
        connection.execute("PRAGMA user_version = 1")
    run(school(), state, HALF_TERM_END, LATE)
    assert row_of(state, "late-letter").held_days == tuple(LACKING)


def test_days_that_are_waited_for_are_read_again_however_old(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, HALF_TERM_END, LATE)
    with Store.open(state, "hill") as store:
        assert recent_from(store, date(2025, 12, 12), 5) == LACKING[0]
        store.connection.execute("UPDATE events SET held_days = ''")
        assert recent_from(store, date(2025, 12, 12), 5) == date(2025, 12, 8)


def test_in_the_holidays_the_same_missing_registers_make_one_digest(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    for day in (HALF_TERM_END, date(2025, 10, 27), date(2025, 10, 28)):
        run_school(state, RunRequest(LATE, mis, as_of=day, now=at(day)))
    assert len([title for title in mis.titles(None) if "Digest" in title]) == 1


def test_codes_that_are_no_codes_count_as_missing(tmp_path: Path) -> None:
    mis, state = school(until=date(2025, 9, 12)), tmp_path / "hill.db"
    day = date(2025, 9, 12)
    for pupil_id in mis.pupils:
        mis.day(pupil_id, day, "X1")
    summary = run(mis, state, day, LATE)
    assert (summary.exit_code, summary.hold_reasons) == (3, {"registers": 1})
    assert list(summary.missing_registers) == ["5A, 12 September 2025 AM", "5A, 12 September 2025 PM"]
    assert any("`X1` (6 marks" in warning for warning in summary.warnings)


def test_an_unknown_code_in_its_window_holds_the_pupils_event_until_it_is_corrected(tmp_path: Path) -> None:
    mis, state = school(until=date(2025, 9, 12)), tmp_path / "hill.db"
    for day in (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10)):
        mis.mark("2", day, "AM", "L")
    wrong = (date(2025, 9, 4), date(2025, 9, 5))
    for day in wrong:
        mis.day("1", day, "i")
    day = date(2025, 9, 12)
    summary = run(mis, state, day, LATE)
    assert (summary.exit_code, summary.hold_reasons) == (3, {"unrecognised": 1})
    row = row_of(state, "late-letter", "1")
    assert "`i` (4 marks)" in row.reason
    assert row.held_days == wrong
    assert row_of(state, "late-letter", "2").state == "verified"
    assert any("`i` (4 marks, first: pupil 1, 4 September 2025 AM)" in text for text in summary.warnings)
    for day_of_leave in wrong:
        mis.day("1", day_of_leave, "I")
    assert run(mis, state, day, LATE).exit_code == 0
    assert row_of(state, "late-letter", "1").state == "verified"


def test_an_unknown_code_outside_its_window_holds_nothing(tmp_path: Path) -> None:
    mis, state = school(until=date(2025, 9, 12)), tmp_path / "hill.db"
    mis.mark("1", date(2025, 9, 11), "AM", "i")
    assert row_ends_before(state, mis, date(2025, 9, 11))


def row_ends_before(state: Path, mis: MemoryMis, day: date) -> bool:
    run(mis, state, date(2025, 9, 12), LATE)
    row = row_of(state, "late-letter", "1")
    return row.state == "verified" and row.event.span[1] < day


def test_a_mark_that_becomes_an_unknown_code_takes_nothing_back(tmp_path: Path) -> None:
    mis, state = school(until=date(2025, 9, 12)), tmp_path / "hill.db"
    day = date(2025, 9, 12)
    run(mis, state, day, LATE)
    mis.mark("1", date(2025, 9, 9), "AM", "l")
    summary = run(mis, state, day, LATE)
    assert (summary.withdrawals_held, summary.exit_code) == (1, 3)
    assert row_of(state, "late-letter").state == "verified"
    assert not [note for _, note in mis.notes if "no longer" in note.text]
    mis.mark("1", date(2025, 9, 9), "AM", "/")
    run(mis, state, day, LATE)
    assert row_of(state, "late-letter").state == "withdrawn", "a mark that says something takes it back"


def test_what_looks_wrong_is_in_the_warnings_once_and_makes_one_digest(tmp_path: Path) -> None:
    mis, state = small_school(3, until=date(2025, 9, 12)), tmp_path / "hill.db"
    mis.mark("1", date(2025, 9, 8), "AM", "X")
    mis.mark("2", date(2025, 9, 8), "AM", "H")
    opts = options(only=("stage-4",))
    for day in school_days(date(2025, 9, 10), date(2025, 9, 12)):
        summary = run_school(state, RunRequest(opts, mis, as_of=day, now=at(day))).summary
        assert [text.split()[0] for text in summary.warnings] == ["codes", "X,"]
        assert summary.exit_code == 0
    assert len([title for title in mis.titles(None) if "Digest" in title]) == 1
    assert not ledger(state)


def test_an_export_of_absences_only_is_warned_of_by_a_run(tmp_path: Path) -> None:
    mis, state = MemoryMis(PERIODS, small_school(3).pupils), tmp_path / "hill.db"
    for day in school_days(FIRST_DAY, FIRST_DAY + timedelta(days=14)):
        mis.day("1", day, "I")
    summary = run(mis, state, date(2025, 9, 17), options(only=("stage-4",)))
    assert any("absences only" in warning for warning in summary.warnings)
