"""Up to which day figures go: no further than the marks do, whatever day was asked for."""

from __future__ import annotations

from datetime import date, datetime

from connector.config.school import SchoolConfig
from connector.run.start import today
from rules.register import Register


def last_day(register: Register, school: SchoolConfig, asked: datetime | None) -> date:
    """Return the day asked for, else today; the last day with marks where that is earlier."""
    wanted = min(asked.date(), today(school)) if asked else today(school)
    return min(wanted, register.last_day_with_a_code or wanted)
