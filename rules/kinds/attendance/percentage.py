"""Kind ``percentage``: the year to date compares so at the end of a day. It fires, then re-arms after recovery.

With ``next_stages`` it opens a ladder (hcat Stages 1 to 5): reviews climb it, and a later fall in the same year takes
it up again. Each stage fires at most once a year and at most one a day. A fall replaces pending reviews; if a fall and
a review come on one day the fall counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from rules.kinds.attendance.review import Review
from rules.rule import Compare, Condition, Hit, Known, Rule
from rules.rule.view import Measures, View
from rules.rule.words import in_figures


class Percentage(Condition):
    """The year to date compares so at the end of a day."""

    kind: ClassVar[str] = "percentage"
    rearms: ClassVar[bool] = True
    attendance: Compare | None = None
    absence: Compare | None = None
    next_stages: tuple[str, ...] = ()
    """A later fall in the same year fires the stage after the last one reached, in this order."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Percentage:
        if (self.attendance is None) == (self.absence is None):
            raise ValueError('name either attendance = "< 95" or absence = ">= 10", and not both')
        return self

    def words(self) -> str:
        compared = self.attendance or self.absence
        assert compared
        return f"{'attendance' if self.attendance else 'absence'} of the year to date is {compared.words} at the end of a day"

    def figures(self) -> dict[str, str]:
        """Return the percentage it compares with."""
        compared = self.attendance or self.absence
        assert compared
        return compared.figures()

    def carries(self, rules: Sequence[Rule]) -> tuple[str, ...]:  # noqa: ARG002
        """Return the later stages of its ladder."""
        return self.next_stages

    def faults(self, place: str, rule: Rule, rules: Sequence[Rule]) -> Iterator[str]:
        """Yield each stage that does not say which one it comes after."""
        by_id = {other.id: other.when for other in rules}
        for before, stage in zip((rule.id, *self.next_stages), self.next_stages, strict=False):
            when = by_id.get(stage)
            if when is not None and not (isinstance(when, Review) and when.of == (before,)):
                yield f"{place}.when.next_stages: '{stage}' comes after '{before}' and must say of = [\"{before}\"]"

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return every fall below (or rise above) the threshold, counted again from each year's start.

        With stages, return those of the stages as well.
        """
        if self.next_stages:
            return self._ladder(view, rule, known)
        hits = [
            self._opening(view, rule, row, day, f"{view.year_anchor(day)}:{number}")
            for row, day, number in self._falls(view, rule)
        ]
        return _with_replacement(hits)

    def now(self, view: View, rule: Rule, day: int) -> str:  # noqa: ARG002
        """Return the year to date, and what it is compared with."""
        attended, possible = view.year_to_date(0, day)
        floor = view.pack.minimum_possible_sessions
        if possible < floor:
            return f"{possible} possible sessions so far; the rule looks from {floor} on."
        if self.attendance:
            shown = view.pack.shown(attended, possible)
            return (
                f"Attendance this year is {shown}% ({attended} of {possible} sessions);"
                f" the rule looks for {self.attendance.text}%."
            )
        assert self.absence
        missed = possible - attended
        return f"{missed} of {possible} sessions missed this year; the rule looks for absence {self.absence.text}%."

    def nothing_ahead(self, pack: Measures) -> str:
        """Return that nothing makes it fire this year, and for what it waits where it has fired already."""
        quiet = in_figures(pack.rearm_school_days, "school day")
        return (
            f"{super().nothing_ahead(pack)} Where it has fired, it can fire again "
            f"only after {quiet} running on which the figure has recovered."
        )

    def _opening(self, view: View, rule: Rule, row: int, day: int, anchor: str) -> Hit:
        """Return the hit on a day, with every absent session of the year to date."""
        marks = view.marks_between(view.absent, row, int(view.year_starts[day]), day)
        return Hit(rule, row, day, anchor, view.year_window(day), marks, view.shown_to_date(row, day))

    def _falls(self, view: View, rule: Rule) -> Iterator[tuple[int, int, int]]:
        """Yield each (row, day, number in the year) on which the armed rule's condition holds.

        After firing it takes as many school days running on roll as the pack says, at whose end the condition does
        not hold, before the rule can fire again (docs/conventions.md, Percentages and bands).
        """
        holds = self._holds(view)
        in_force = rule.days_in_force(view)
        for row in np.flatnonzero(holds.any(axis=1)):
            for year in view.year_slices:
                armed, quiet, number = True, 0, 0
                for day in range(year.start, year.stop):
                    if holds[row, day]:
                        quiet = 0
                        if armed and in_force[day]:
                            armed, number = False, number + 1
                            yield int(row), day, number
                    elif not armed:
                        quiet = quiet + 1 if view.on_roll[row, day] else 0
                        armed = quiet >= view.pack.rearm_school_days

    def _holds(self, view: View) -> NDArray[np.bool_]:
        """Return pupils × days: the comparison holds at the day's end, over enough possible sessions, on roll."""
        attended, possible = view.to_date
        if self.attendance:
            compared = self.attendance.holds_for(attended, possible)
        else:
            assert self.absence
            compared = self.absence.holds_for(possible - attended, possible)
        return compared & view.enough & view.on_roll

    def _ladder(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return the hits of the opening rule and of the stages after it, in that order of climbing."""
        stages = [[other for other in known.rules if other.id == stage] for stage in self.next_stages]
        by_year: dict[tuple[int, int], list[int]] = {}
        for row, day, _ in self._falls(view, rule):
            by_year.setdefault((row, int(view.year_starts[day])), []).append(day)
        return [
            hit
            for (row, _), falls in by_year.items()
            for hit in self._climb(view, [[rule], *stages], row, falls)
        ]

    def _climb(self, view: View, ladder: list[list[Rule]], row: int, falls: list[int]) -> list[Hit]:
        """Return one pupil's year: after each fall its stage, then reviews until the next fall.

        A stage of the ladder is one rule, or several that hold on different days.
        """
        hits: list[Hit] = []
        for fall, next_fall in zip(falls, [*falls[1:], None], strict=True):
            if len(hits) == len(ladder):
                break
            rule = next((r for r in ladder[len(hits)] if not hits or r.in_force(view.days[fall])), None)
            if rule is None:
                continue
            stage = replace(
                self._opening(view, rule, row, fall, view.year_anchor(fall)), replaced_on=next_fall
            )
            hits.append(stage)
            hits += _reviews(view, ladder[len(hits) :], stage)
        return hits


def _reviews(view: View, ladder: list[list[Rule]], stage: Hit) -> list[Hit]:
    """Return stages reached by reviews after one stage, as long as no new fall comes first."""
    hits: list[Hit] = []
    for rules in ladder:
        held = (rule.when.held(view, rule, stage) for rule in rules if isinstance(rule.when, Review))
        hit = next((hit for hit in held if hit is not None), None)
        if hit is None or hit.replaced:
            break
        stage = replace(hit, anchor=stage.anchor)
        hits.append(stage)
    return hits


def _with_replacement(openings: list[Hit]) -> list[Hit]:
    """Return opening events, each knowing the day of the same rule's next one for that pupil, which replaces it."""
    by_row: dict[int, list[Hit]] = {}
    for hit in openings:
        by_row.setdefault(hit.row, []).append(hit)
    return [
        replace(hit, replaced_on=following.day if following else None)
        for hits in by_row.values()
        for hit, following in zip(hits, [*hits[1:], None], strict=True)
    ]
