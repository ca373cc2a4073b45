"""Part of `check`: whether the calendar is whole, covers today and is as long as a school year."""

from __future__ import annotations

from collections.abc import Iterator

from connector.config import SchoolConfig
from connector.errors import Finding
from connector.run.start import today
from rules.calendar import Calendar, CalendarError, Period
from rules.checks.year_length import year_length_warning


def calendar_findings(
    school: SchoolConfig, periods: tuple[Period, ...] | None, where: str
) -> Iterator[Finding]:
    """Yield what is wrong with the periods that a MIS gave, or whoever supplies them."""
    fix = "complete it in the MIS, or supply a calendar.csv as supply.calendar"
    if not periods:
        yield Finding(f"{where}: calendar", "the MIS gave no calendar", fix)
        return
    try:
        calendar = Calendar(periods)
    except CalendarError as error:
        yield Finding(f"{where}: calendar", str(error), fix)
        return
    day = today(school)
    if not calendar.school_days:
        yield Finding(f"{where}: calendar", "it holds no school day", fix)
    elif day < calendar.school_days[0] or day > calendar.school_days[-1]:
        first, last = calendar.school_days[0], calendar.school_days[-1]
        message = f"today, {day}, lies outside it: its school days are {first} to {last}"
        yield Finding(f"{where}: calendar", message, fix, "warning")
    for message in (*calendar.warnings, *calendar.unfinished):
        yield Finding(f"{where}: calendar", message, fix, "warning")
    if (length := year_length_warning(calendar, day)) is not None:
        yield Finding(f"{where}: calendar", length, fix, "warning")
    if not calendar.terms:
        message = "it names no terms, so rules about a term cannot fire"
        yield Finding(f"{where}: calendar", message, fix, "warning")
