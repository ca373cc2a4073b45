"""Kind ``weekday``: absent on the same weekday again and again, and seldom on another."""

from __future__ import annotations

from bisect import bisect_right
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, model_validator

from rules.rule import Hit, Known, Rule
from rules.rule.sessions import Sessions
from rules.rule.view import View
from rules.rule.words import WEEKDAYS


class Weekday(Sessions):
    """Such a session on the same weekday in so many of the last school weeks, and on few other days of them.

    A day counts with one session or with both. Each day is used once for the rule.
    """

    kind: ClassVar[str] = "weekday"
    at_least: Annotated[int, Field(ge=2, le=39)]
    """School weeks with such a session on the weekday."""
    weeks: Annotated[int, Field(ge=2, le=39)]
    """Of so many school weeks: the day's own and those before it that had school, across terms and years."""
    other_days: Annotated[int, Field(ge=0, le=150)]
    """At most so many other days of these weeks have such a session."""

    @model_validator(mode="after")
    def _can_be_reached(self) -> Weekday:
        if self.at_least > self.weeks:
            raise ValueError(
                f"impossible: {self.weeks} weeks hold a weekday {self.weeks} times, not {self.at_least}"
            )
        return self

    def words(self) -> str:
        return (
            f"a session {self.which()} on the same weekday in {self.at_least} of {self.weeks} school weeks, "
            f"and on at most {self.other_days} other day{'' if self.other_days == 1 else 's'} of them, each day used once"
        )

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:  # noqa: ARG002
        """Return a hit on each day on which one weekday has come up often enough in days not used before."""
        allowed = view.on_roll & rule.days_in_force(view)
        days_with = view.by_day(self.chosen(view)) > 0
        hits = []
        for row in map(int, np.flatnonzero(days_with.sum(axis=1) >= self.at_least)):
            spent: set[int] = set()
            days = [int(day) for day in np.flatnonzero(days_with[row])]
            for day in days:
                first = self._first_day(view, day)
                inside = [other for other in days if first <= other <= day]
                same = [o for o in inside if o not in spent and _weekday(view, o) == _weekday(view, day)]
                others = sum(_weekday(view, other) != _weekday(view, day) for other in inside)
                if allowed[row, day] and len(same) >= self.at_least and others <= self.other_days:
                    spent.update(same)
                    hits.append(self._hit(view, rule, row, same))
        return hits

    def _first_day(self, view: View, day: int) -> int:
        """Return the first school day of the weeks that the rule looks at on a day."""
        mondays = view.calendar.school_weeks
        start = mondays[max(0, bisect_right(mondays, view.days[day]) - self.weeks)]
        return int(np.searchsorted(view.day_ordinals, start.toordinal()))

    def _hit(self, view: View, rule: Rule, row: int, same: list[int]) -> Hit:
        day = same[-1]
        chosen = self.chosen(view)
        marks = tuple(mark for one in same for mark in view.marks_between(chosen, row, one, one))
        figures: dict[str, str | int] = {
            "count": len(marks),
            "days": len(same),
            "weekday": WEEKDAYS[_weekday(view, day)],
            **view.shown_to_date(row, day),
        }
        window = view.window(view.days[self._first_day(view, day)], day)
        return Hit(rule, row, day, view.days[same[0]].isoformat(), window, marks, figures)

    def now(self, view: View, rule: Rule, day: int) -> str:
        """Return how often each weekday has come up in the weeks that it looks at today, in days not used before."""
        spent = {
            int(view.register.session_day[mark])
            for hit in self.fire(view, rule, Known((), {}))
            for mark in hit.marks
        }
        days_with = view.by_day(self.chosen(view))[0] > 0
        days = [d for d in range(self._first_day(view, day), day + 1) if days_with[d] and d not in spent]
        counts = {name: sum(_weekday(view, d) == n for d in days) for n, name in enumerate(WEEKDAYS)}
        found = ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "none"
        return f"Such days in the last {self.weeks} school weeks: {found}; the rule looks for {self.at_least} of one."


def _weekday(view: View, day: int) -> int:
    return view.days[day].weekday()
