"""Daily percentage rules: fire when the year to date compares so, then re-arm after recovery."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rules.policy import PercentageRule
from rules.view import Hit, View


def fire(view: View, rule: PercentageRule) -> list[Hit]:
    """Every fall below (or rise above) the threshold, afresh each year."""
    found = []
    for row, day, number in falls(view, rule):
        found.append(opening(view, rule, row, day, f"{view.year_anchor(day)}:{number}"))
    return found


def opening(view: View, rule: PercentageRule, row: int, day: int, anchor: str) -> Hit:
    """The hit of a percentage rule on a day, with every absent session of the year to date."""
    marks = view.marks_between(view.absent, row, int(view.year_starts[day]), day)
    return Hit(rule, row, day, anchor, marks, view.shown_to_date(row, day))


def falls(view: View, rule: PercentageRule) -> Iterator[tuple[int, int, int]]:
    """Each (row, day, number in the year) on which an armed rule's condition holds.

    After firing it takes as many school days running on roll as the pack says, at whose end the condition does
    not hold, before the rule can fire again (docs/conventions.md, Percentages and bands).
    """
    holds = condition(view, rule)
    in_force = view.in_force(rule)
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
                    armed = quiet >= view.policy.rearm_school_days


def condition(view: View, rule: PercentageRule) -> NDArray[np.bool_]:
    """Pupils × days: the comparison holds at the day's end, over enough possible sessions, on roll."""
    attended, possible = view.to_date
    if rule.when.attendance:
        compared = rule.when.attendance.holds_for(attended, possible)
    else:
        assert rule.when.absence
        compared = rule.when.absence.holds_for(possible - attended, possible)
    return compared & view.enough & view.on_roll
