"""When runs are due: pure cases by the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connector.config import ScheduleConfig
from connector.service.plan import Due, LastRuns, due, next_planned

LONDON = ZoneInfo("Europe/London")
TWICE_A_DAY = ScheduleConfig(daily=["06:30", "16:30"], weekly="saturday 05:00")


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def good(text: str, full: str = "2025-11-01 05:00") -> LastRuns:
    return LastRuns(tried=london(text), good=london(text), good_full=london(full))


def test_nothing_is_due_between_two_planned_times() -> None:
    assert due(TWICE_A_DAY, LONDON, london("2025-11-04 12:00"), good("2025-11-04 06:30")) is None


def test_a_run_is_due_when_a_planned_time_has_passed_since_the_last_good_run() -> None:
    assert due(TWICE_A_DAY, LONDON, london("2025-11-04 16:31"), good("2025-11-04 06:30")) == Due(full=False)


def test_one_run_makes_up_for_any_number_of_missed_ones() -> None:
    last = good("2025-11-03 16:30")
    now = london("2025-11-06 11:00")
    assert due(TWICE_A_DAY, LONDON, now, last) == Due(full=False)
    assert due(TWICE_A_DAY, LONDON, now + timedelta(minutes=1), good("2025-11-06 11:00")) is None


def test_a_school_that_was_never_run_is_run_at_once_and_in_full() -> None:
    assert due(TWICE_A_DAY, LONDON, london("2025-11-04 12:00"), LastRuns()) == Due(full=True)


def test_the_weekly_run_reads_everything_again() -> None:
    last = good("2025-11-07 16:30")
    assert due(TWICE_A_DAY, LONDON, london("2025-11-08 05:00"), last) == Due(full=True)


def test_a_missed_weekly_run_is_made_up_even_after_ordinary_runs() -> None:
    last = good("2025-11-10 06:30", full="2025-11-01 05:00")
    assert due(TWICE_A_DAY, LONDON, london("2025-11-10 06:40"), last) == Due(full=True)


def test_without_a_weekly_run_none_is_ever_full_after_the_first() -> None:
    daily_only = ScheduleConfig(daily=["06:30"], weekly="")
    last = LastRuns(tried=london("2025-11-01 06:30"), good=london("2025-11-01 06:30"))
    assert due(daily_only, LONDON, london("2025-11-30 07:00"), last) == Due(full=False)


def test_a_failed_run_is_tried_again_after_a_quarter_of_an_hour() -> None:
    last = LastRuns(
        tried=london("2025-11-04 16:30"),
        good=london("2025-11-04 06:30"),
        good_full=london("2025-11-01 05:00"),
    )
    assert due(TWICE_A_DAY, LONDON, london("2025-11-04 16:40"), last) is None
    assert due(TWICE_A_DAY, LONDON, london("2025-11-04 16:46"), last) == Due(full=False)


def test_times_are_those_of_the_school_on_both_sides_of_a_clock_change() -> None:
    schedule = ScheduleConfig(daily=["06:30"], weekly="")
    for day, utc_hour in (("2025-10-25", 5), ("2025-10-26", 6), ("2026-03-28", 6), ("2026-03-29", 5)):
        moment = datetime.fromisoformat(f"{day} 00:00").replace(tzinfo=UTC) + timedelta(
            hours=utc_hour, minutes=30
        )
        last = LastRuns(tried=moment - timedelta(hours=20), good=moment - timedelta(hours=20))
        assert due(schedule, LONDON, moment - timedelta(minutes=1), last) is None
        assert due(schedule, LONDON, moment, last) == Due(full=False)


def test_a_time_in_the_hour_that_spring_skips_is_still_kept() -> None:
    schedule = ScheduleConfig(daily=["01:30"], weekly="")
    last = LastRuns(tried=london("2026-03-28 01:30"), good=london("2026-03-28 01:30"))
    assert due(schedule, LONDON, datetime(2026, 3, 29, 1, 31, tzinfo=UTC), last) == Due(full=False)


def test_the_hour_that_autumn_repeats_makes_one_run() -> None:
    schedule = ScheduleConfig(daily=["01:30"], weekly="")
    first = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    last = LastRuns(tried=first, good=first)
    assert due(schedule, LONDON, first + timedelta(hours=1, minutes=1), last) is None


def test_trials_run_at_short_intervals_regardless_of_the_times() -> None:
    trial = ScheduleConfig(every_seconds=5)
    start = london("2025-11-04 12:00")
    last = LastRuns(tried=start, good=start, good_full=start)
    assert due(trial, LONDON, start + timedelta(seconds=4), last) is None
    assert due(trial, LONDON, start + timedelta(seconds=5), last) == Due(full=False)
    assert next_planned(trial, LONDON, start) is None


def test_the_next_planned_time_is_reported_in_the_schools_zone() -> None:
    found = next_planned(TWICE_A_DAY, LONDON, london("2025-11-07 17:00"))
    assert found == london("2025-11-08 05:00")


def test_a_run_under_a_clock_that_was_ahead_does_not_stop_the_next() -> None:
    ahead = good("2026-06-04 06:30", full="2026-06-04 05:00")
    assert due(TWICE_A_DAY, LONDON, london("2025-11-04 16:31"), ahead) == Due(full=True)
    tried_ahead = LastRuns(tried=london("2026-06-04 06:30"), good=london("2025-11-04 06:30"))
    assert due(TWICE_A_DAY, LONDON, london("2025-11-04 16:31"), tried_ahead) == Due(full=True)
    every_second = ScheduleConfig(every_seconds=1)
    assert due(every_second, LONDON, london("2025-11-04 16:31"), ahead) == Due(full=True)


def test_a_run_of_this_very_moment_is_not_ahead() -> None:
    now = london("2025-11-04 16:30")
    assert due(TWICE_A_DAY, LONDON, now, good("2025-11-04 16:30")) is None
    later = LastRuns(*(now + timedelta(seconds=1),) * 3)
    assert later.up_to(now) == LastRuns()
    assert later.up_to(now + timedelta(seconds=1)) == later
