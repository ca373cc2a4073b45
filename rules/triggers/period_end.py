"""Rules tested on the last school day of a week, half term, term or year."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from rules.codes import Class
from rules.conditions import PeriodEndWhen
from rules.policy import PeriodEndRule
from rules.view import Hit, View


def end_days(view: View, period: str) -> list[tuple[str, int, int]]:
    """(anchor, first school day, last school day) of each period that has ended, as day indices.

    The last school day is the calendar's, so a period that still has school days to come has not ended; nor has
    one that the calendar does not hold to its end.
    """
    calendar = view.calendar
    if period == "week":
        spans = [(monday, monday + timedelta(days=6)) for monday in view.school_weeks]
    else:
        named = {"half_term": calendar.half_terms, "term": calendar.terms, "year": calendar.years}[period]
        spans = [(p.start, p.end) for p in named if calendar.is_whole(p)]
    found = []
    for start, end in spans:
        last = view.day_index(calendar.last_school_day(start, end))
        first = view.day_index(calendar.next_school_day(start))
        if last is not None and first is not None:
            found.append((start.isoformat(), first, last))
    return found


def fire(view: View, rule: PeriodEndRule) -> list[Hit]:
    """A hit for each pupil on roll on that last day for whom the condition holds."""
    when = rule.when
    in_force = view.in_force(rule)
    unauthorised = view.by_day(view.classes == Class.UNAUTHORISED) if when.or_at_least else None
    found = []
    for anchor, first, last in end_days(view, when.period):
        if not in_force[last]:
            continue
        for row in np.flatnonzero(view.on_roll[:, last]):
            counted = None if unauthorised is None else int(unauthorised[row, first : last + 1].sum())
            if _holds(view, when, int(row), first, last, counted):
                figures = _figures(view, int(row), first, last, counted)
                found.append(Hit(rule, int(row), last, anchor, (), figures))
    return found


def _holds(view: View, when: PeriodEndWhen, row: int, first: int, last: int, counted: int | None) -> bool:
    attended, possible = view.year_to_date(row, last)
    if when.needs_possible and possible == 0:
        return False
    if when.attendance and not when.attendance.holds(*view.attended_and_possible(row, first, last)):
        return False
    enough = possible >= view.policy.minimum_possible_sessions
    if when.year_to_date and not (enough and when.year_to_date.holds(attended, possible)):
        return False
    if when.absence_to_date or when.or_at_least:
        persistent = bool(
            when.absence_to_date and enough and when.absence_to_date.holds(possible - attended, possible)
        )
        many = when.or_at_least is not None and counted is not None and counted >= when.or_at_least
        return persistent or many
    return True


def _figures(view: View, row: int, first: int, last: int, counted: int | None) -> dict[str, str | int]:
    figures = view.shown_to_date(row, last)
    attended, possible = view.attended_and_possible(row, first, last)
    figures["period_percent"] = view.policy.shown(attended, possible) or ""
    figures["period_start"] = view.days[first].isoformat()
    figures["period_end"] = view.days[last].isoformat()
    if counted is not None:
        figures["count"] = counted
    return figures
