"""The `[service]` table: the background service on this server."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from connector.config.times import WEEKDAYS, Clock, Zone
from rules.settings import FilePath, Table

_WEEKLY = rf"^(({'|'.join(WEEKDAYS)}) ([01]\d|2[0-3]):[0-5]\d)?$"


def _before_noon(value: str) -> str:
    if time.fromisoformat(value) >= NOON:
        raise ValueError("must be before 12:00: a list of calls helps in the morning only")
    return value


class ScheduleConfig(Table):
    """When `service run` makes its runs, in the school's time zone. A run that fell into a time when the service was down is made at its start, once."""

    daily: list[Clock] = Field(default=["06:30", "16:30"])
    """Times of day (HH:MM) at which every school is run."""
    weekly: str = Field(default="saturday 05:00", pattern=_WEEKLY)
    """Day and time of the weekly run, which reads the whole history again instead of only what changed. "" for none."""
    every_seconds: float | None = Field(default=None, gt=0, examples=[60])
    """For trials only: run this often, in seconds, in place of the times above."""

    def daily_times(self) -> tuple[time, ...]:
        """Return the daily times in order."""
        return tuple(sorted(time.fromisoformat(text) for text in self.daily))

    def weekly_time(self) -> tuple[int, time] | None:
        """Return weekday (0 = Monday) and time of the weekly run; None when there is none."""
        if not self.weekly:
            return None
        day, clock = self.weekly.split(" ")
        return WEEKDAYS.index(day), time.fromisoformat(clock)


NOON = time(12)
"""A list of calls that was missed is made up for until then: later it helps nobody."""


class SchoolServiceConfig(Table):
    """What the service does for this school besides the runs of every school."""

    morning: Annotated[Clock, AfterValidator(_before_noon)] | None = Field(default=None, examples=["09:35"])
    """Time of the morning's list of calls on school days, in the school's time zone: after the registers are taken. It needs a place for documents on the school (`run.digest`, `supply.folder`). A list that was missed is made until noon. Without this key: none."""

    @property
    def morning_time(self) -> time | None:
        """The time of day of the list of calls; None for none."""
        return time.fromisoformat(self.morning) if self.morning else None


class ServiceConfig(Table):
    """The background service on this server. All of it may be left out."""

    state: FilePath = Field(default=Path("state"), validate_default=True)
    """Folder of the state: one database per school and the health file. `attendance-connector backup` copies it safely."""
    time_zone: Zone = "Europe/London"
    """Time zone of every school that does not name its own."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged: debug, info, warning or error. No level logs a pupil's name, UPN, address or marks."""
    log_format: Literal["text", "json"] = "text"
    """"text" for people, "json" for a log collector."""
    log_file: FilePath | None = Field(default=None, examples=["logs/connector.log"])
    """Log to this file as well as to standard error: at most 10 files of 5 MB."""
    health_file: FilePath | None = Field(default=None, examples=["state/health.json"])
    """A small JSON file for your monitoring, rewritten after each run and every minute between. Without this key: health.json in the state folder."""
    health_url: str | None = Field(
        default=None, pattern=r"^https?://", examples=["https://monitor.example/ping/attendance"]
    )
    """Address called after each good run, and with "/fail" added after a bad one, so that silence is noticed."""
    schedule: ScheduleConfig = ScheduleConfig()
