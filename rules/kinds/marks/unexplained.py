"""Kind ``unexplained``: the year's first (or a later) day on which absence has stayed without a reason for so long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from rules.rule import Condition, Days, Hit, Known, Rule
from rules.rule.view import View
from rules.rule.words import day_words, in_figures, ordinal
from rules.school import Session


class Unexplained(Condition):
    """A day on which a mark without a reason is still so after so many school days; or was ruled before that.

    The second needs the register's history, so it is known only in a run. A mark that was ruled later counts on the day
    on which it had been without a reason for so long, and one that got a reason counts on no day.
    """

    kind: ClassVar[str] = "unexplained"
    code: str
    """The code of a session without a reason yet, such as "N"."""
    ruled: str | None = None
    """The code that such a session is given when no reason comes, such as "O"."""
    school_days: Days
    number: Annotated[int, Field(ge=1, le=20)] = 1
    """Which such day of the academic year it fires on: 1 is the first. Once a year."""

    def words(self) -> str:
        ruled = f", or in a run is changed from {self.code} to {self.ruled} before that" if self.ruled else ""
        return (
            f"the year's {ordinal(self.number)} day on which a session is still marked {self.code} "
            f"{self.school_days} school day{'s' if self.school_days > 1 else ''} later{ruled}"
        )

    def codes_named(self) -> tuple[str, ...]:
        """Return the code without a reason, and the one that it is ruled to be."""
        return (self.code, self.ruled) if self.ruled else (self.code,)

    def looks_for(self, code: str) -> bool:
        """Return True for the code without a reason."""
        return code == self.code

    @property
    def code_to_try(self) -> str:
        """The code without a reason."""
        return self.code

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit a pupil and academic year, on the day with this number, for the sessions of that day."""
        allowed = view.on_roll & rule.days_in_force(view)
        hits = []
        for row, found in self._by_day(view, known).items():
            for year in view.year_slices:
                days = [day for day in sorted(found) if year.start <= day < year.stop and allowed[row, day]]
                if len(days) < self.number:
                    continue
                day = days[self.number - 1]
                marks = tuple(sorted(found[day]))
                since = min(min(found[earlier]) for earlier in days[: self.number])
                window = view.window(view.register.sessions[since].date, day)
                figures = {"count": len(marks), **view.shown_to_date(row, day)}
                hits.append(Hit(rule, row, day, view.year_anchor(day), window, marks, figures))
        return hits

    def now(self, view: View, rule: Rule, day: int) -> str:
        """Return on how many such days of this year it has looked so far, and which it looks for."""
        allowed = view.on_roll & rule.days_in_force(view)
        found = self._by_day(view, Known((), {})).get(0, {})
        year = int(view.year_starts[day])
        days = [one for one in sorted(found) if year <= one <= day and allowed[0, one]]
        last = f", the last on {day_words(view.days[days[-1]])}" if days else ""
        return f"{in_figures(len(days), 'such day')} this year{last}; the rule looks for the {ordinal(self.number)}."

    def _by_day(self, view: View, known: Known) -> dict[int, dict[int, set[int]]]:
        """Return by row and school day the sessions that had been without a reason for so long, or were ruled, on it."""
        by_row: dict[int, dict[int, set[int]]] = {}
        for row, session in zip(*np.nonzero(view.coded((self.code,))), strict=True):
            day = int(view.register.session_day[session]) + self.school_days
            if day < len(view.days):
                by_row.setdefault(int(row), {}).setdefault(day, set()).add(int(session))
        for (pupil, column), day in (self._ruled(view) if known.amendments else {}).items():
            by_row.setdefault(pupil, {}).setdefault(day, set()).add(column)
        return by_row

    def _ruled(self, view: View) -> dict[tuple[int, int], int]:
        """Return for each session that was changed from one code to the other, and is so now, its school day."""
        if self.ruled is None:
            return {}
        column_of = {session: column for column, session in enumerate(view.calendar.sessions)}
        coded = view.coded((self.ruled,))
        days: dict[tuple[int, int], int] = {}
        for amendment in view.register.amendments:
            if (amendment.original.strip(), amendment.amended.strip()) != (self.code, self.ruled):
                continue
            row = view.register.row_of.get(amendment.pupil_id)
            column = column_of.get(Session(amendment.date, amendment.half))
            if row is None or column is None or column >= view.session_count or not coded[row, column]:
                continue
            changed = view.moved(amendment.changed_at.date())
            for day in self._days_of(view, int(view.register.session_day[column]), changed):
                days[row, column] = min(day, days.get((row, column), day))
        return days

    def _days_of(self, view: View, own: int, changed: int | None) -> Iterator[int]:
        """Yield the day of the change, not before the session's own, and the day by which it was without a reason for so long."""
        if changed is not None:
            yield max(own, changed)
        if own + self.school_days < len(view.days):
            yield own + self.school_days
