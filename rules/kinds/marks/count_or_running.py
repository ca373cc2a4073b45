"""Kind ``count-or-running``: a count or a run, whichever comes first in the year."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from rules.kinds.marks.count import Count
from rules.kinds.marks.running import Running
from rules.rule import Condition, Hit, Known, Rule
from rules.rule.view import View


class CountOrRunning(Condition):
    """A count or a run, whichever comes first; once a year."""

    kind: ClassVar[str] = "count-or-running"
    count: Count
    running: Running

    def words(self) -> str:
        return f"{self.count.words()}, or {self.running.words()}, whichever comes first, once a year"

    def figures(self) -> dict[str, str]:
        """Return the count's figures; those in days name the run's days too where they are others."""
        figures, run = self.count.figures(), self.running.figures()
        for name in ("threshold_days", "over_days"):
            if name in figures and name in run and figures[name] != run[name]:
                figures[name] += f", or {run[name]} running"
        return figures

    def codes_named(self) -> tuple[str, ...]:
        """Return the codes of both."""
        return (*self.count.codes_named(), *self.running.codes_named())

    def looks_for(self, code: str) -> bool:
        """Return True when either names that code."""
        return self.count.looks_for(code) or self.running.looks_for(code)

    @property
    def code_to_try(self) -> str:
        """The count's."""
        return self.count.code_to_try

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return the first hit of either in each year, with the window of the one that fired."""
        hits = [*self.count.fire(view, rule, known), *self.running.fire(view, rule, known)]
        first: dict[tuple[int, int], Hit] = {}
        for hit in sorted(hits, key=lambda hit: hit.day):
            year = (hit.row, int(view.year_starts[hit.day]))
            first.setdefault(year, replace(hit, anchor=view.year_anchor(hit.day)))
        return list(first.values())

    def now(self, view: View, rule: Rule, day: int) -> str:
        """Return how many days the present run has."""
        return self.running.now(view, rule, day)
