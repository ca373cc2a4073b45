"""When runs are due. Pure: given the schedule, the zone, the time and the last runs, nothing else is asked.

The rule is one sentence: a run is due when the last planned time has passed since the last good run. That covers
ordinary days, downtime (one run makes up for any number of missed ones), clock changes and a server that slept. A run
that began later than now was made under a clock that was ahead: it counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connector.config import ScheduleConfig
from connector.config.service import NOON

RETRY = timedelta(minutes=15)
"""How long after a failed run the next try is made, when no planned time comes first."""
RETRY_MORNING = timedelta(minutes=5)
"""The same of a list of calls, which is of use for an hour."""
_LOOK_AROUND = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class LastRuns:
    """When runs of one school began, in UTC; None when there was none."""

    tried: datetime | None = None
    """The last run, however it ended."""
    good: datetime | None = None
    """The last run that reached its end (held events are no failure)."""
    good_full: datetime | None = None
    """The last such run that read everything again."""

    def up_to(self, now: datetime) -> LastRuns:
        """Return the same without runs that began later than now."""
        kept = (began if began is not None and began <= now else None for began in astuple(self))
        return LastRuns(*kept)


@dataclass(frozen=True, slots=True)
class LastMornings:
    """When lists of calls were made for one school, in UTC; None when there was none."""

    tried: datetime | None = None
    """The last try, however it ended."""
    good: datetime | None = None
    """The last one that reached its end, also where nothing was to be listed."""
    is_school_day: bool = False
    """Whether the calendar that is known has school this morning."""

    def up_to(self, now: datetime) -> LastMornings:
        """Return the same without lists that were begun later than now."""
        tried = self.tried if self.tried is not None and self.tried <= now else None
        good = self.good if self.good is not None and self.good <= now else None
        return LastMornings(tried, good, self.is_school_day)


@dataclass(frozen=True, slots=True)
class Due:
    """A run to make now."""

    full: bool
    """Read everything again, as the weekly run does."""


def due(schedule: ScheduleConfig, zone: ZoneInfo, now: datetime, last: LastRuns) -> Due | None:
    """Given the time (with its zone), return the run to make now, or None. Never having run is a missed run."""
    last = last.up_to(now)
    if schedule.every_seconds is not None:
        pause = timedelta(seconds=schedule.every_seconds)
        return Due(full=last.good is None) if last.tried is None or now - last.tried >= pause else None
    if last.tried is not None and (last.good is None or last.tried > last.good) and now - last.tried < RETRY:
        return None
    weekly = _last(_weekly_times(schedule, zone, now), now)
    full = weekly is not None and (last.good_full is None or last.good_full < weekly)
    planned = _last([*_daily_times(schedule, zone, now), *([weekly] if weekly else [])], now)
    if planned is None and last.good is not None:
        return None
    if full or last.good is None or (planned is not None and last.good < planned):
        return Due(full=full or last.good is None)
    return None


def morning_due(at: time | None, zone: ZoneInfo, now: datetime, last: LastMornings) -> bool:
    """Return whether a school's list of calls is to be made now: once on a school day, from its time until noon."""
    last, planned = last.up_to(now), morning_planned(at, zone, now)
    if planned is None or not last.is_school_day or now.astimezone(zone).time() >= NOON:
        return False
    if now < planned or (last.good is not None and last.good >= planned):
        return False
    return last.tried is None or last.tried < planned or now - last.tried >= RETRY_MORNING


def morning_planned(at: time | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when today's list of calls is planned, in UTC; None without one."""
    return None if at is None else _utc(datetime.combine(now.astimezone(zone).date(), at, tzinfo=zone))


def last_planned(schedule: ScheduleConfig, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the last planned time up to now, in the school's zone; None when the schedule holds none (trials)."""
    if schedule.every_seconds is not None:
        return None
    return _last([*_daily_times(schedule, zone, now), *_weekly_times(schedule, zone, now)], now)


def next_planned(schedule: ScheduleConfig, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the next planned time after now, in the school's zone; None when the schedule holds none (trials)."""
    if schedule.every_seconds is not None:
        return None
    times = [*_daily_times(schedule, zone, now), *_weekly_times(schedule, zone, now)]
    return min((time for time in times if time.astimezone(UTC) > now.astimezone(UTC)), default=None)


def _last(times: list[datetime] | Iterator[datetime], now: datetime) -> datetime | None:
    return max((t for t in times if t.astimezone(UTC) <= now.astimezone(UTC)), default=None, key=_utc)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _days(zone: ZoneInfo, now: datetime) -> Iterator[date]:
    today = now.astimezone(zone).date()
    return (today + timedelta(days=n) for n in range(-_LOOK_AROUND.days, _LOOK_AROUND.days + 1))


def _daily_times(schedule: ScheduleConfig, zone: ZoneInfo, now: datetime) -> list[datetime]:
    """Return daily times of the days around now. One in the hour that spring skips falls an hour later."""
    times = schedule.daily_times()
    return [datetime.combine(day, clock, tzinfo=zone) for day in _days(zone, now) for clock in times]


def _weekly_times(schedule: ScheduleConfig, zone: ZoneInfo, now: datetime) -> list[datetime]:
    weekly = schedule.weekly_time()
    if weekly is None:
        return []
    weekday, clock = weekly
    return [datetime.combine(d, clock, tzinfo=zone) for d in _days(zone, now) if d.weekday() == weekday]
