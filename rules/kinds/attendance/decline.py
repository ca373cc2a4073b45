"""Kind ``decline``: the first day, long enough after another rule's event, on which the year to date is lower."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

import numpy as np

from rules.rule import Condition, Days, Hit, Known, Rule
from rules.rule.view import View
from rules.rule.words import as_weeks


class Decline(Condition):
    """The first school day, at least so many days after another rule's event, on which the year to date is lower."""

    kind: ClassVar[str] = "decline"
    of: str
    after_days: Days

    def words(self) -> str:
        return f"attendance of the year to date is lower than at {self.of}, from {self.after_days} days after it on"

    def figures(self) -> dict[str, str]:
        """Return from how long after the step before it looks."""
        return {"review_after": as_weeks(self.after_days)}

    def needs(self, rules: Sequence[Rule]) -> tuple[str, ...]:  # noqa: ARG002
        """Return the opening rule."""
        return (self.of,)

    def review_after(self, rule_id: str) -> int | None:
        """Return the days to the first day on which it looks."""
        return self.after_days if rule_id == self.of else None

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return the first school day, late enough and in the same year, on which the year to date is lower than it was."""
        attended, possible = view.to_date
        allowed = view.on_roll & rule.days_in_force(view)
        hits = []
        for opening in known.hits_of([self.of]):
            row, opened = opening.row, view.days[opening.day]
            year = next(y for y in view.year_slices if y.start <= opening.day < y.stop)
            then = view.year_to_date(row, opening.day)
            due = opened + timedelta(days=self.after_days)
            first = int(np.searchsorted(view.day_ordinals, due.toordinal()))
            end = year.stop if opening.replaced_on is None else min(year.stop, opening.replaced_on)
            lower = (attended[row] * then[1] < then[0] * possible[row]) & allowed[row]
            days = np.flatnonzero(lower[first:end]) + first
            if days.size:
                day = int(days[0])
                figures = view.shown_to_date(row, day)
                figures["percent_then"] = view.pack.shown(*then) or ""
                figures["opened"] = opened.isoformat()
                hits.append(
                    Hit(
                        rule=rule,
                        row=row,
                        day=day,
                        anchor=opening.anchor,
                        window=view.window(opened, day),
                        figures=figures,
                        replaced_on=opening.replaced_on,
                    )
                )
        return hits
