"""Count rules: so many sessions in a half term, term or year, or in a rolling window that spends them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np

from rules.calendar import Period, week_start
from rules.conditions import CountWhen
from rules.policy import Rule
from rules.view import Hit, View


def fire(view: View, rule: Rule, when: CountWhen) -> list[Hit]:
    """Every hit of a count condition."""
    return _rolling(view, rule, when) if when.rolling else _fixed(view, rule, when)


def _fixed(view: View, rule: Rule, when: CountWhen) -> list[Hit]:
    """Once per period, on the first day at whose end the count (and the second condition) holds."""
    chosen = view.chosen(when)
    counts = view.by_day(chosen)
    allowed = view.on_roll & view.in_force(rule)
    if when.year_to_date:
        allowed = allowed & when.year_to_date.holds_for(*view.to_date) & view.enough
    found = []
    for period, first, last in periods(view, when.within):
        holds = (counts[:, first : last + 1].cumsum(axis=1) >= when.at_least) & allowed[:, first : last + 1]
        for row in np.flatnonzero(holds.any(axis=1)):
            day = first + int(holds[row].argmax())
            marks = view.marks_between(chosen, int(row), first, day)
            found.append(_hit(view, rule, when, int(row), day, period.start.isoformat(), marks))
    return found


def periods(view: View, kind: str) -> list[tuple[Period, int, int]]:
    """Each period of a kind with the indices of its first and last school day up to now."""
    of_day: Callable[[date], Period | None] = {
        "half_term": view.calendar.half_term_of,
        "term": view.calendar.term_of,
        "year": view.calendar.year_of,
    }[kind]
    found: dict[Period, tuple[int, int]] = {}
    for index, day in enumerate(view.days):
        period = of_day(day)
        if period is not None:
            found[period] = (found.get(period, (index, index))[0], index)
    return [(period, first, last) for period, (first, last) in found.items()]


def _rolling(view: View, rule: Rule, when: CountWhen) -> list[Hit]:
    """Whenever the unspent sessions of the window are enough; all of them are then spent."""
    chosen = view.chosen(when)
    starts = window_starts(view, when)
    in_force = view.in_force(rule)
    found = []
    for row in np.flatnonzero(chosen.sum(axis=1) >= when.at_least):
        unspent: list[int] = []
        sessions = np.flatnonzero(chosen[row])
        days = view.register.session_day[sessions]
        for day in np.unique(days):
            first = starts[day]
            if first is None or not in_force[day]:
                unspent += [int(s) for s in sessions[days == day]]
                continue
            unspent = [s for s in unspent if view.register.session_day[s] >= first]
            unspent += [int(s) for s in sessions[days == day]]
            if len(unspent) >= when.at_least:
                anchor = view.register.sessions[unspent[0]].date.isoformat()
                found.append(_hit(view, rule, when, int(row), int(day), anchor, tuple(unspent)))
                unspent = []
    return found


def window_starts(view: View, when: CountWhen) -> list[int | None]:
    """For each school day the index of the first school day in its window; None outside any term."""
    dates = [_window_start(view, when, day) for day in view.days]
    return [None if d is None else int(np.searchsorted(view.day_ordinals, d.toordinal())) for d in dates]


def _window_start(view: View, when: CountWhen, day: date) -> date | None:
    if when.within == "weeks":
        assert when.weeks
        return day - timedelta(days=7 * when.weeks - 1)
    if when.within == "school_weeks":
        assert when.weeks
        weeks = view.school_weeks
        return weeks[max(0, weeks.index(week_start(day)) - when.weeks + 1)]
    term = view.calendar.term_of(day)
    if term is None:
        return None
    place = view.calendar.terms.index(term)
    return view.calendar.terms[max(0, place - 1)].start


def _hit(
    view: View, rule: Rule, when: CountWhen, row: int, day: int, anchor: str, marks: tuple[int, ...]
) -> Hit:
    figures = {"count": len(marks), "threshold": when.at_least, **view.shown_to_date(row, day)}
    return Hit(rule, row, day, anchor, marks, figures)
