"""Kind ``back-after``: a pupil is back after so many school days away."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from rules.rule import Days, Hit, Known, Rule
from rules.rule.sessions import Sessions
from rules.rule.view import View
from rules.rule.words import counted


class BackAfter(Sessions):
    """The first day with a session attended after so many school days running, or more, of the sessions looked at."""

    kind: ClassVar[str] = "back-after"
    school_days: Days

    def words(self) -> str:
        return (
            f"back in school after {counted(self.school_days, 'school day')} running or more {self.which()}"
        )

    def figures(self) -> dict[str, str]:
        """Return the days away that it asks for."""
        return {
            **super().figures(),
            "threshold": str(self.school_days),
            "threshold_days": counted(self.school_days, "school day"),
        }

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:  # noqa: ARG002
        """Return a hit on the first day with a session attended after each run that is long enough.

        Days of the run are those on which every possible session is one of those looked at. Sessions not possible,
        missing or unrecognised neither break nor add; time off roll ends a run without a return.
        """
        chosen = self.chosen(view) & view.possible
        possible, of_sort = view.by_day(view.possible), view.by_day(chosen)
        attended = view.by_day(view.counted_as("present"))
        hits = []
        for row in np.flatnonzero(((of_sort > 0) & (of_sort == possible)).sum(axis=1) >= self.school_days):
            run: list[int] = []
            stretch = 0
            for day in map(int, np.flatnonzero(possible[row])):
                if view.stretches[row, day] != stretch:
                    run, stretch = [], view.stretches[row, day]
                if of_sort[row, day] == possible[row, day]:
                    run.append(day)
                    continue
                if attended[row, day] and len(run) >= self.school_days and rule.may_fire(view, int(row), day):
                    hits.append(self._hit(view, rule, int(row), run, day, chosen))
                run = []
        return hits

    def _hit(
        self, view: View, rule: Rule, row: int, run: list[int], day: int, chosen: NDArray[np.bool_]
    ) -> Hit:
        start, last = view.days[run[0]], view.days[run[-1]]
        figures: dict[str, str | int] = {
            "count": len(run),
            "threshold": self.school_days,
            "away_from": start.isoformat(),
            "away_to": last.isoformat(),
            **view.shown_to_date(row, day),
        }
        marks = view.marks_between(chosen, row, run[0], run[-1])
        return Hit(rule, row, day, start.isoformat(), view.window(start, day), marks, figures)
