"""The `[service]` table: the background service on this server."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Literal

from pydantic import Field

from connector.config.times import WEEKDAYS, Clock, Zone
from rules.settings import FilePath, Table

_WEEKLY = rf"^(({'|'.join(WEEKDAYS)}) ([01]\d|2[0-3]):[0-5]\d)?$"


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
