"""Whether a school year of the calendar has the sessions that a maintained school must meet.

380 sessions, which is 190 days: Education (School Day and School Year) (England) Regulations 1999, regulation 3, and
those of Wales of 2003, regulation 4. Academies set their own year, and most keep to it.
"""

from __future__ import annotations

from datetime import date

from rules.calendar import Calendar

SESSIONS = 380


def year_length_warning(calendar: Calendar, day: date) -> str | None:
    """Return what is unusual about the length of a day's school year; None where it is usual or not known to its end.

    Closures are not taken off: a day lost to snow was planned all the same.
    """
    planned = Calendar(tuple(period for period in calendar.periods if period.kind != "closure"))
    year = planned.year_of(day)
    if not planned.is_whole(year):
        return None
    sessions = [session for session in planned.sessions if session.date in year]
    if len(sessions) == SESSIONS or not sessions:
        return None
    days = len({session.date for session in sessions})
    return (
        f"the school year {year.name} has {days} school days with {len(sessions)} sessions, not {SESSIONS // 2} with "
        f"{SESSIONS}: is an INSET day, a holiday or a half term missing, or typed wrongly?"
    )
