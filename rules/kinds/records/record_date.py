"""Kind ``date``: a date on the pupil's record has come."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

from rules.rule import Condition, Hit, Known, Rule
from rules.rule.view import View
from rules.rule.words import listed

_DATES = {
    "part_time_from": "the first day of a part-time timetable",
    "part_time_to": "the last day of a part-time timetable",
}


class RecordDate(Condition):
    """A date on the pupil's record has come, moved to the next school day."""

    kind: ClassVar[str] = "date"
    dates: tuple[Literal["part_time_from", "part_time_to"], ...]

    def words(self) -> str:
        return f"{listed([_DATES[name] for name in self.dates], 'or')} has come, moved to the next school day"

    def pupil_facts(self) -> tuple[str, ...]:
        """Return the dates that it asks for."""
        return self.dates

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:  # noqa: ARG002
        """Return a hit for the named dates of each pupil's record, each moved to the next school day; one hit a day.

        A date before the calendar, or on which the pupil is not on roll, gives nothing. One that is over counts also
        when it is no longer recorded.
        """
        hits: dict[tuple[int, int], Hit] = {}
        for row, pupil in enumerate(view.register.pupils):
            recorded: list[tuple[str, date | None]] = [(name, getattr(pupil, name)) for name in self.dates]
            for name, dated in (*recorded, *view.register.past_dates.get(pupil.pupil_id, ())):
                if (
                    name not in self.dates
                    or dated is None
                    or dated < view.calendar.start
                    or not pupil.on_roll(dated)
                ):
                    continue
                day = view.moved(dated)
                if day is not None and rule.may_fire(view, row, day):
                    figures = {"date_of": name, **view.shown_to_date(row, day)}
                    window = (view.days[day], view.days[day])
                    hit = Hit(rule, row, day, f"{name}:{dated.isoformat()}", window, (), figures)
                    hits.setdefault((row, day), hit)
        return list(hits.values())
