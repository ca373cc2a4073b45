"""Kind ``beside-holiday``: absent on the last school day before a holiday, or on the first one after it, so often a year."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from rules.calendar import Calendar
from rules.rule import Hit, Known, Rule
from rules.rule.sessions import Sessions
from rules.rule.view import View
from rules.rule.words import in_figures


class BesideHoliday(Sessions):
    """Such a session on so many days of an academic year that lie next to a holiday; once a year.

    A holiday is the time between two half terms, with a weekday in it on which there is no school: the breaks in a
    term, Christmas, Easter and summer. A bank holiday inside a half term is none.
    """

    kind: ClassVar[str] = "beside-holiday"
    at_least: Annotated[int, Field(ge=1, le=14)]
    """Days, with one such session or with both."""

    def words(self) -> str:
        days = f"{self.at_least} day{'s' if self.at_least > 1 else ''}"
        return f"a session {self.which()} on {days} of the school year that are the last before a holiday or the first after one"

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:  # noqa: ARG002
        """Return a hit a pupil and academic year, on the day that brings the number, with the sessions of all such days."""
        chosen, days_with = self.chosen(view), self._days(view)
        allowed = view.on_roll & rule.days_in_force(view)
        hits = []
        for year in view.year_slices:
            holds = (
                (days_with[:, year].cumsum(axis=1) >= self.at_least) & days_with[:, year] & allowed[:, year]
            )
            for row in map(int, np.flatnonzero(holds.any(axis=1))):
                day = year.start + int(holds[row].argmax())
                days = [int(d) + year.start for d in np.flatnonzero(days_with[row, year.start : day + 1])]
                marks = tuple(mark for one in days for mark in view.marks_between(chosen, row, one, one))
                figures = {"count": len(marks), "days": len(days), **view.shown_to_date(row, day)}
                hits.append(Hit(rule, row, day, view.year_anchor(day), view.year_window(day), marks, figures))
        return hits

    def _days(self, view: View) -> NDArray[np.bool_]:
        """Return pupils × days: such a session, and the day lies next to a holiday."""
        next_to = set(next_to_holidays(view.calendar))
        return (view.by_day(self.chosen(view)) > 0) & np.array(
            [day in next_to for day in view.days], dtype=np.bool_
        )

    def now(self, view: View, rule: Rule, day: int) -> str:  # noqa: ARG002
        """Return how many such days this year has."""
        number = int(self._days(view)[0, int(view.year_starts[day]) : day + 1].sum())
        return f"{in_figures(number, 'such day')} this year; the rule looks for {self.at_least}."


def next_to_holidays(calendar: Calendar) -> list[date]:
    """Return the last school day before each holiday and the first after it; the calendar's ends lie next to one."""
    spans = [
        (first, last)
        for half_term in calendar.half_terms
        if (last := calendar.last_school_day(half_term.start, half_term.end)) is not None
        and (first := calendar.next_school_day(half_term.start)) is not None
    ]
    days = [spans[0][0], spans[-1][1]] if spans else []
    for (_, last), (first, _) in pairwise(spans):
        between = ((last + timedelta(days=n)) for n in range(1, (first - last).days))
        if any(day.weekday() < 5 for day in between):
            days += [last, first]
    return days
