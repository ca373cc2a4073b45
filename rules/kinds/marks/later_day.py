"""Kind ``later-day``: a session of some sort on a later day than the year's event of another rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from rules.rule import Hit, Known, Rule
from rules.rule.sessions import Sessions
from rules.rule.view import View


class LaterDay(Sessions):
    """A session of this sort on a later day than the year's event of another rule; once a year."""

    kind: ClassVar[str] = "later-day"
    after: str

    def words(self) -> str:
        return f"a session {self.which()} on a day after the year's {self.after}, once a year"

    def needs(self, rules: Sequence[Rule]) -> tuple[str, ...]:  # noqa: ARG002
        """Return the rule whose event comes first."""
        return (self.after,)

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return, once a year, the first day with such a session after the day of the year's opening event."""
        chosen = self.chosen(view)
        allowed = (view.by_day(chosen) > 0) & view.on_roll & rule.days_in_force(view)
        hits: dict[tuple[int, int], Hit] = {}
        for opening in sorted(known.hits_of([self.after]), key=lambda hit: hit.day):
            row = opening.row
            year = next(y for y in view.year_slices if y.start <= opening.day < y.stop)
            later = np.flatnonzero(allowed[row, opening.day + 1 : year.stop]) + opening.day + 1
            if later.size and (row, year.start) not in hits:
                day = int(later[0])
                marks = view.marks_between(chosen, row, day, day)
                figures = {"count": len(marks), **view.shown_to_date(row, day)}
                window = view.window(view.days[opening.day], day)
                hits[row, year.start] = Hit(rule, row, day, view.year_anchor(day), window, marks, figures)
        return list(hits.values())
