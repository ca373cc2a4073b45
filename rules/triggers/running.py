"""Runs: so many consecutive school days, every possible session of each among the sessions looked at."""

from __future__ import annotations

import numpy as np

from rules.codes import POSSIBLE
from rules.conditions import EitherWhen, RunningWhen
from rules.policy import Rule
from rules.triggers import count
from rules.view import Hit, View


def fire(view: View, rule: Rule, when: RunningWhen) -> list[Hit]:
    """A hit on each named day of each run. Sessions not possible, missing or unrecognised neither break nor add;
    a day without a possible session is skipped; runs cross holidays, terms and years. Time off roll ends a run."""
    chosen = view.chosen(when)
    possible = view.by_day(view.possible)
    of_sort = view.by_day(chosen & view.possible)
    in_force = view.in_force(rule)
    wanted = set(when.days)
    found = []
    for row in np.flatnonzero(((of_sort > 0) & (of_sort == possible)).sum(axis=1) >= min(wanted)):
        length, first, stretch = 0, 0, 0
        for day in np.flatnonzero(possible[row]):
            if view.stretches[row, day] != stretch:
                length, stretch = 0, view.stretches[row, day]
            if of_sort[row, day] < possible[row, day]:
                length = 0
                continue
            first = int(day) if length == 0 else first
            length += 1
            if length in wanted and in_force[day] and _after_leave(view, when, int(row), first):
                marks = view.marks_between(chosen & view.possible, int(row), first, int(day))
                anchor = f"{view.days[first].isoformat()}:{length}"
                figures = {"count": length, "threshold": length, **view.shown_to_date(int(row), int(day))}
                found.append(Hit(rule, int(row), int(day), anchor, marks, figures))
    return found


def _after_leave(view: View, when: RunningWhen, row: int, first_day: int) -> bool:
    if not when.after_leave:
        return True
    before = np.flatnonzero(np.isin(view.classes[row, : view.bounds[first_day]], POSSIBLE))
    return bool(before.size and view.coded(when.after_leave)[row, before[-1]])


def fire_either(view: View, rule: Rule, when: EitherWhen) -> list[Hit]:
    """The first of a count and a run in each year; once a year."""
    hits = [*count.fire(view, rule, when.count), *fire(view, rule, when.running)]
    first: dict[tuple[int, int], Hit] = {}
    for hit in sorted(hits, key=lambda hit: hit.day):
        year = int(view.year_starts[hit.day])
        first.setdefault(
            (hit.row, year), Hit(rule, hit.row, hit.day, view.year_anchor(hit.day), hit.marks, hit.figures)
        )
    return list(first.values())
