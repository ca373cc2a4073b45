"""Rules about single days: a sort of session on a day, on a later day, or still unresolved after a delay."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from rules.policy import DayRule, LaterDayRule, OverdueRule
from rules.view import Hit, View


def fire(view: View, rule: DayRule) -> list[Hit]:
    """Each day with such a session; or only the first of a run of days; or of a block of sessions."""
    chosen = view.chosen(rule.when)
    if rule.when.session:
        half = np.array([s.half == rule.when.session for s in view.register.sessions[: view.session_count]])
        chosen = chosen & half
    in_force = view.in_force(rule)
    found = []
    for row in np.flatnonzero(chosen.any(axis=1)):
        flag = rule.when.flag
        if flag and flag not in view.register.pupils[row].flags:
            continue
        starts = _blocks(view, chosen, int(row)) if rule.when.once_per == "block" else None
        for day, marks in starts if starts is not None else _days(view, rule, chosen, int(row)):
            if in_force[day] and not (rule.when.first_day and _absent_before(view, int(row), day)):
                figures = {"count": len(marks), **view.shown_to_date(int(row), day)}
                found.append(Hit(rule, int(row), day, view.days[day].isoformat(), marks, figures))
    return found


def _days(view: View, rule: DayRule, chosen: np.ndarray, row: int) -> list[tuple[int, tuple[int, ...]]]:
    """Days with such a session. In a run, a day with possible sessions and none of this sort, or time off roll, ends it."""
    found = []
    running, stretch = False, 0
    for day in np.flatnonzero(view.by_day(view.possible | chosen)[row]):
        if view.stretches[row, day] != stretch:
            running, stretch = False, view.stretches[row, day]
        marks = view.marks_between(chosen, row, int(day), int(day))
        if marks and not (running and rule.when.once_per == "run"):
            found.append((int(day), marks))
        running = bool(marks)
    return found


def _blocks(view: View, chosen: np.ndarray, row: int) -> list[tuple[int, tuple[int, ...]]]:
    """The first session of each block of consecutive possible sessions of this sort."""
    found: list[tuple[int, tuple[int, ...]]] = []
    inside, stretch = False, 0
    for session in np.flatnonzero(view.possible[row]):
        day = view.register.session_day[session]
        if view.stretches[row, day] != stretch:
            inside, stretch = False, view.stretches[row, day]
        if chosen[row, session] and not inside:
            found.append((int(day), (int(session),)))
        inside = bool(chosen[row, session])
    return found


def _absent_before(view: View, row: int, day: int) -> bool:
    return day > 0 and bool(view.absent[row, view.bounds[day - 1] : view.bounds[day]].any())


def fire_later(view: View, rule: LaterDayRule, openings: list[Hit]) -> list[Hit]:
    """Once a year: the first day with such a session after the day of the year's opening event."""
    chosen = view.by_day(view.chosen(rule.when))
    allowed = view.on_roll & view.in_force(rule)
    found: dict[tuple[int, int], Hit] = {}
    for opening in sorted(openings, key=lambda hit: hit.day):
        year = next(y for y in view.year_slices if y.start <= opening.day < y.stop)
        later = np.flatnonzero((chosen[opening.row] > 0) & allowed[opening.row])
        later = later[(later > opening.day) & (later < year.stop)]
        if later.size and (opening.row, year.start) not in found:
            day = int(later[0])
            marks = view.marks_between(view.chosen(rule.when), opening.row, day, day)
            figures = {"count": len(marks), **view.shown_to_date(opening.row, day)}
            found[opening.row, year.start] = Hit(
                rule, opening.row, day, view.year_anchor(day), marks, figures
            )
    return list(found.values())


def fire_overdue(view: View, rule: OverdueRule) -> list[Hit]:
    """One hit per pupil and due day, for all such marks due on it."""
    chosen = view.chosen(rule.when)
    in_force = view.in_force(rule)
    due_day = [_due(view, rule, day) for day in range(len(view.days))]
    found = []
    for row in np.flatnonzero(chosen.any(axis=1)):
        due: dict[int, list[int]] = {}
        for session in np.flatnonzero(chosen[row]):
            day = due_day[view.register.session_day[session]]
            if day is not None and view.on_roll[row, day] and in_force[day]:
                due.setdefault(day, []).append(int(session))
        for day, marks in due.items():
            figures = {"count": len(marks), **view.shown_to_date(int(row), day)}
            found.append(Hit(rule, int(row), day, view.days[day].isoformat(), tuple(marks), figures))
    return found


def _due(view: View, rule: OverdueRule, day: int) -> int | None:
    if rule.when.school_days:
        return day + rule.when.school_days if day + rule.when.school_days < len(view.days) else None
    assert rule.when.days
    return view.day_index(view.calendar.next_school_day(view.days[day] + timedelta(days=rule.when.days)))
