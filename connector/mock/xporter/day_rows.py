"""The made-up school's days as Xporter's rows: calendar and timetable. There is no academic year and no term (D18)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from connector.mock.school import MadeUpSchool
from connector.mock.xporter.kinds import Row, stamped
from rules.calendar import Period

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_HOURS = (("AM", "09:00:00", "12:00:00"), ("PM", "13:00:00", "15:30:00"))


@dataclass(frozen=True)
class DayRows:
    """Calendar and timetable as the cached copy has them."""

    school: MadeUpSchool
    today: date

    def calendar(self, start: date | None, end: date | None, event_type: str) -> Iterator[Row]:
        """Yield SchoolCalendar: holidays, training days and events between two days."""
        for number, period in enumerate(self.school.calendar.periods, 31420):
            label = _label(period)
            wanted = event_type.replace(" ", "").lower() in ("", label.replace(" ", "").lower())
            inside = (start is None or period.end >= start) and (end is None or period.start <= end)
            if label and wanted and inside:
                row: Row = {
                    "Id": str(number),
                    "StartDate": period.start.isoformat(),
                    "StartTime": "00:00" if period.half is None else "13:00",
                    "EndDate": period.end.isoformat(),
                    "EndTime": "23:59" if period.half is None else "15:30",
                    "Category": label if label != "School Event" else "Closure",
                    "Description": period.name or label,
                    "Type": label,
                }
                yield stamped(row, self.today)

    def days(self, start: date, end: date) -> Iterator[Row]:
        """Yield TTDays: no weekend (R18); holidays are not left out (assumption)."""
        for day in _weekdays(start, end):
            number = str(day.toordinal())
            yield {
                "Id": number,
                "EventId": number,
                "EventDescription": _DAYS[day.weekday()],
                "StartDateTime": f"{day.isoformat()}T00:00:00",
                "EndDateTime": f"{day.isoformat()}T23:59:59",
            }

    def sessions(self, start: date, end: date) -> Iterator[Row]:
        """Yield TTSessions: a morning and an afternoon of each weekday."""
        for day in _weekdays(start, end):
            for number, (half, begins, ends) in enumerate(_HOURS):
                yield {
                    "Id": session_id(day, half),
                    "DayId": str(day.toordinal()),
                    "EventId": str(60 + 2 * day.weekday() + number),
                    "EventDescription": f"{_DAYS[day.weekday()]} {half}",
                    "Session": half,
                    "StartDateTime": f"{day.isoformat()}T{begins}",
                    "EndDateTime": f"{day.isoformat()}T{ends}",
                }


def session_id(day: date, half: str) -> str:
    """Return the id of a session of the timetable, under which marks of a day name it too."""
    return str(2 * day.toordinal() + (half == "PM"))


def _label(period: Period) -> str:
    """Return the words of a row's Type: "School Event" is documented (D18), the others are its filter's with a blank (assumption)."""
    if period.kind == "holiday":
        if period.start == period.end:
            return "Public Holiday"
        return "Half Term" if "half-term" in period.name else "Holiday"
    return {"inset": "Staff Training", "closure": "School Event"}.get(period.kind, "")


def _weekdays(start: date, end: date) -> Iterator[date]:
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return (day for day in days if day.weekday() < 5)
