"""Kind ``period-end``: tested on the last school day of a week, month, half term, term or year."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from rules.codes import Class
from rules.rule import Compare, Condition, Hit, Known, PeriodName, Rule
from rules.rule.view import View
from rules.rule.words import PERIODS, counted


class PeriodEnd(Condition):
    """Tested on the last school day of a period for every pupil on roll that day."""

    kind: ClassVar[str] = "period-end"
    period: PeriodName
    attendance: Compare | None = None
    """Attendance within the period; needs at least one possible session."""
    year_to_date: Compare | None = None
    """Attendance of the year to date, under the floor of possible sessions."""
    absence_to_date: Compare | None = None
    or_at_least: Annotated[int, Field(ge=1)] | None = None
    """Or so many unauthorised sessions within the period."""
    unauthorised_to_date: Annotated[int, Field(ge=1)] | None = None
    """So many unauthorised sessions in the year to date, running or not."""
    needs_possible: bool = True
    """Only with a possible session in the year to date."""

    def words(self) -> str:
        words = f"on the last school day of each {PERIODS[self.period]}"
        tests = []
        if self.attendance:
            tests.append(f"attendance in it is {self.attendance.words}")
        if self.year_to_date:
            tests.append(f"attendance of the year to date is {self.year_to_date.words}")
        if self.absence_to_date:
            tests.append(f"absence of the year to date is {self.absence_to_date.words}")
        if self.or_at_least:
            tests.append(f"{self.or_at_least} unauthorised sessions fall in it")
        if self.unauthorised_to_date:
            tests.append(f"{self.unauthorised_to_date} unauthorised sessions fall in the year to date")
        return f"{words}, when {' or '.join(tests)}" if tests else f"{words}, for every pupil on roll"

    def figures(self) -> dict[str, str]:
        """Return its period, the percentage it compares with, and how many unauthorised sessions do instead."""
        compared = self.attendance or self.year_to_date or self.absence_to_date
        asked = self.or_at_least or self.unauthorised_to_date
        many = {"threshold": str(asked), "threshold_sessions": counted(asked, "session")} if asked else {}
        return {
            "window": f"a {PERIODS[self.period]}",
            **(compared.figures() if compared else {}),
            **many,
        }

    @property
    def tested_at_end_of(self) -> PeriodName:
        """Its period."""
        return self.period

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:  # noqa: ARG002
        """Return a hit for each pupil on roll on that last day for whom the condition holds."""
        in_force = rule.days_in_force(view)
        asked = self.or_at_least or self.unauthorised_to_date
        unauthorised = view.by_day(view.classes == Class.UNAUTHORISED) if asked else None
        hits = []
        for anchor, first, last in view.ended(self.period):
            if not in_force[last]:
                continue
            to_date = self.year_to_date or self.absence_to_date or self.unauthorised_to_date
            since = int(view.year_starts[last]) if self.unauthorised_to_date else first
            window = view.year_window(last) if to_date else view.window(view.days[first], last)
            for row in map(int, np.flatnonzero(view.on_roll[:, last])):
                counted = None if unauthorised is None else int(unauthorised[row, since : last + 1].sum())
                if self._holds(view, row, first, last, counted):
                    figures = _figures(view, row, first, last, counted)
                    hits.append(Hit(rule, row, last, anchor, window, (), figures))
        return hits

    def _holds(self, view: View, row: int, first: int, last: int, counted: int | None) -> bool:
        attended, possible = view.year_to_date(row, last)
        if self.needs_possible and possible == 0:
            return False
        if self.attendance and not self.attendance.holds(*view.attended_and_possible(row, first, last)):
            return False
        enough = possible >= view.pack.minimum_possible_sessions
        if self.year_to_date and not (enough and self.year_to_date.holds(attended, possible)):
            return False
        if self.unauthorised_to_date and (counted is None or counted < self.unauthorised_to_date):
            return False
        if self.absence_to_date or self.or_at_least:
            persistent = bool(
                self.absence_to_date and enough and self.absence_to_date.holds(possible - attended, possible)
            )
            many = self.or_at_least is not None and counted is not None and counted >= self.or_at_least
            return persistent or many
        return True


def _figures(view: View, row: int, first: int, last: int, counted: int | None) -> dict[str, str | int]:
    figures = view.shown_to_date(row, last)
    attended, possible = view.attended_and_possible(row, first, last)
    figures["period_percent"] = view.pack.shown(attended, possible) or ""
    figures["period_start"] = view.days[first].isoformat()
    figures["period_end"] = view.days[last].isoformat()
    if counted is not None:
        figures["count"] = counted
    return figures
