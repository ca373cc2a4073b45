"""How often a run tries, how long it waits, and how much of the registers it reads and believes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.adapters.base import Page, PullRequest
from connector.config.school import RunConfig
from connector.errors import RetryableError
from connector.ledger.decisions import release
from connector.run.pull import recent_from
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.store import Store
from tests.connector.memory_mis import MemoryMis, at, made_up_pupil, school_days, small_school
from tests.connector.plain_letters import PlainLetters
from tests.connector.runs import ledger, options, run

DAY = date(2025, 9, 11)
LATE = ("late-letter",)


def late_school(pupils: int = 1) -> MemoryMis:
    mis = small_school(pupils, until=DAY)
    for pupil_id in mis.pupils:
        for day in (8, 9, 10):
            mis.mark(pupil_id, date(2025, 9, day), "AM", "L")
    return mis


def busy(times: int, retry_after: float | None = None) -> list[BaseException]:
    return [RetryableError("503", retry_after=retry_after) for _ in range(times)]


def waits(mis: MemoryMis, state: Path) -> list[float]:
    """Return the seconds that a run waits, one number a wait."""
    seconds: list[float] = []
    request = RunRequest(
        options(only=LATE),
        mis,
        as_of=DAY,
        now=at(DAY),
        sleep=seconds.append,
        letters=PlainLetters,
        lists=PlainLetters,
    )
    run_school(state, request)
    return seconds


@pytest.mark.parametrize(("faults", "state_of"), [(2, "verified"), (3, "composed")])
def test_a_write_is_tried_three_times_in_one_run(tmp_path: Path, faults: int, state_of: str) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.faults["find_documents"] = busy(faults)
    run(mis, state, DAY, options(only=LATE))
    assert [row.state for row in ledger(state)] == [state_of]


def test_after_three_letters_in_a_row_that_could_not_be_written_the_rest_waits(tmp_path: Path) -> None:
    mis, state = late_school(4), tmp_path / "hill.db"
    mis.faults["find_documents"] = busy(9)
    summary = run(mis, state, DAY, options(only=LATE))
    assert not mis.documents
    assert summary.left == 8


def test_after_two_in_a_row_the_third_is_still_tried_and_the_count_begins_again(tmp_path: Path) -> None:
    mis, state = late_school(6), tmp_path / "hill.db"
    order = iter([*busy(6), None, None, *busy(6)])  # the third letter is asked for before and after its write

    class Now(MemoryMis):
        def _step(self, method: str) -> None:
            super()._step(method)
            fault = next(order, None) if method == "find_documents" else None
            if fault is not None:
                raise fault

    mis.__class__ = Now
    summary = run(mis, state, DAY, options(only=LATE))
    assert len(mis.documents) == 2, "the third and the sixth"
    assert summary.left == 8


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(None, [1.0, 2.0]), (0, [0.0, 0.0]), (59, [59.0, 59.0]), (60, [60.0, 60.0]), (61, [60.0, 60.0])],
)
def test_a_run_waits_as_long_as_the_mis_asks_up_to_a_minute(
    tmp_path: Path, asked: float | None, seconds: list[float]
) -> None:
    mis = late_school()
    mis.faults["write_document"] = busy(2, retry_after=asked)
    assert waits(mis, tmp_path / "hill.db") == seconds


@pytest.mark.parametrize(("faults", "outcome"), [(2, "done"), (3, "failed")])
def test_a_pull_is_tried_three_times(tmp_path: Path, faults: int, outcome: str) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.faults["pull"] = busy(faults)
    assert run(mis, state, DAY, options(only=LATE)).outcome == outcome


def test_a_pull_waits_longer_after_each_try(tmp_path: Path) -> None:
    mis = late_school()
    mis.faults["pull"] = busy(2)
    assert waits(mis, tmp_path / "hill.db") == [2, 4]


@pytest.mark.parametrize(
    ("count", "first"),
    [
        (1, DAY),
        (2, date(2025, 9, 10)),
        (7, date(2025, 9, 3)),
        (8, date(2025, 7, 22)),
        (400, date(2025, 6, 2)),
    ],
)
def test_every_pull_reads_the_last_school_days_again(tmp_path: Path, count: int, first: date) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE))
    with Store.open(state, "hill") as store:
        assert recent_from(store, DAY, count) == first

    asked: list[PullRequest] = []

    class Watched(MemoryMis):
        def pull(self, request: PullRequest) -> list[Page]:  # type: ignore[override]
            asked.append(request)
            return list(super().pull(request))

    mis.__class__ = Watched
    if count <= 200:
        history_from = date(2025, 9, 3)
        run(mis, state, DAY, options(only=LATE, recent_school_days=count, history_from=history_from))
        assert (asked[0].recent_from, asked[0].until) == (first, DAY)
        assert asked[0].history_from == history_from


def test_without_a_calendar_so_many_weekdays_are_read_again(tmp_path: Path) -> None:
    with Store.open(tmp_path / "hill.db", "hill") as store:
        assert recent_from(store, DAY, 20) == DAY - timedelta(days=30)
        assert recent_from(store, DAY, 5) == DAY - timedelta(days=9)


def marked_school(days: int) -> MemoryMis:
    """Ten pupils with so many whole days of marks: twenty marks a day."""
    return small_school(10, until=school_days(date(2025, 9, 3), date(2025, 12, 19))[days - 1])


def forget_marks(mis: MemoryMis, number: int) -> None:
    for held in list(mis.marks)[:number]:
        del mis.marks[held]


@pytest.mark.parametrize(
    ("percent", "gone", "outcome"), [(25, 50, "done"), (25, 51, "held"), (50, 100, "done"), (50, 101, "held")]
)
def test_a_pull_that_takes_away_more_than_the_set_share_of_marks_is_refused(
    tmp_path: Path, percent: int, gone: int, outcome: str
) -> None:
    mis, state = marked_school(days=10), tmp_path / "hill.db"
    opts = options(only=LATE, hold_above_cleared_percent=percent, hold_above_missing_percent=100)
    run(mis, state, date(2025, 9, 16), opts)
    forget_marks(mis, gone)  # of 200
    assert run(mis, state, date(2025, 9, 16), opts).outcome == outcome


@pytest.mark.parametrize(("gone", "outcome"), [(40, "done"), (41, "held")])
def test_forty_marks_may_always_vanish_at_once(tmp_path: Path, gone: int, outcome: str) -> None:
    mis, state = marked_school(days=3), tmp_path / "hill.db"
    last = date(2025, 9, 5)
    opts = options(only=LATE, hold_above_cleared_percent=0, hold_above_missing_percent=100)
    run(mis, state, last, opts)
    forget_marks(mis, gone)
    assert run(mis, state, last, opts).outcome == outcome


@pytest.mark.parametrize(
    ("pupils", "gone", "outcome"),
    [(12, 6, "done"), (12, 7, "held"), (6, 5, "done"), (6, 6, "held")],
)
def test_more_than_half_of_the_pupils_and_more_than_five_do_not_vanish_at_once(
    tmp_path: Path, pupils: int, gone: int, outcome: str
) -> None:
    mis, state = small_school(pupils, until=DAY), tmp_path / "hill.db"
    opts = options(only=LATE, hold_above_missing_percent=100)
    run(mis, state, DAY, opts)
    if gone == pupils:
        mis.pupils["new"] = replace(made_up_pupil(99), pupil_id="new")
    for number in range(1, gone + 1):
        del mis.pupils[str(number)]
        for held in [held for held in mis.marks if held[0] == str(number)]:
            del mis.marks[held]
    assert run(mis, state, DAY, opts).outcome == outcome


def test_a_school_that_sets_no_limits_has_these() -> None:
    run_settings = RunConfig()
    assert (run_settings.recent_school_days, run_settings.first_run_school_days) == (20, 10)
    assert (run_settings.settling_days, run_settings.hold_above_events) == (0, 100)
    assert run_settings.hold_above_missing_percent == 20
    assert run_settings.hold_above_off_calendar_percent == 2
    assert run_settings.hold_above_cleared_percent == 25


def test_a_letter_that_was_refused_and_released_days_later_is_made_on_the_day_it_is_written(
    tmp_path: Path,
) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.refused.add("1")
    run(mis, state, DAY, options(only=LATE))
    mis.refused.clear()
    later = DAY + timedelta(5)
    for day in school_days(DAY + timedelta(1), later):
        mis.day("1", day, "/")
    with Store.open(state, "hill") as store:
        release(store, ledger(state)[0].key, by="x", now=at(later), as_of=later)
    run(mis, state, later, options(only=LATE))
    ((_, letter),) = mis.documents
    assert letter.content.endswith(str(later).encode())


def test_a_letter_whose_write_had_no_answer_is_made_again_on_the_day_it_is_written(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.faults["write_document"] = busy(3)
    run(mis, state, DAY, options(only=LATE))
    assert not mis.documents
    later = DAY + timedelta(1)
    mis.day("1", later, "/")
    run(mis, state, later, options(only=LATE))
    ((_, letter),) = mis.documents
    assert letter.content.endswith(str(later).encode())
    assert [row.state for row in ledger(state)] == ["verified"]
