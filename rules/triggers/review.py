"""Looks back after an opening event: has attendance got better since? (docs/conventions.md, Counting)"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from rules.policy import DeclineRule, ReviewRule
from rules.view import Hit, View


def fire(view: View, rule: ReviewRule, openings: list[Hit]) -> list[Hit]:
    """A hit for each opening event whose review finds attendance no better."""
    if len(rule.when.of) > 1:
        openings = _first_of_year(view, openings)
    found = []
    for opening in openings:
        hit = held(view, rule, opening)
        if hit and not (opening.replaced_on is not None and hit.day >= opening.replaced_on):
            found.append(hit)
    return found


def held(view: View, rule: ReviewRule, opening: Hit) -> Hit | None:
    """The review of one opening event, with its extension; None when attendance was better or none was due yet."""
    start = opened_on(view, rule, opening)
    day = review_day(view, opening, start + timedelta(days=rule.when.after_days))
    if day is None or not _may_fire(view, rule, opening.row, day):
        return None
    window = window_counts(view, opening.row, start, day)
    if window[1] == 0:
        return None  # a window without a possible session fires nothing and ends the review
    if rule.when.compare == "year_to_date":
        return _compared(view, rule, opening, day, view.year_to_date(opening.row, day))
    hit = _compared(view, rule, opening, day, window)
    if hit or not rule.when.extend_by_days_missed:
        return hit
    days_missed = (window[1] - window[0]) // 2
    if days_missed == 0:
        return None
    later = review_day(view, opening, view.days[day] + timedelta(weeks=days_missed))
    if later is None or not _may_fire(view, rule, opening.row, later):
        return None
    return _compared(view, rule, opening, later, window_counts(view, opening.row, start, later))


def opened_on(view: View, rule: ReviewRule, opening: Hit) -> date:
    """The day the review counts from: the attendance plan's where there is one in time, else the opening event's."""
    opened = view.days[opening.day]
    if rule.when.plan_within_days is None:
        return opened
    pupil_id = view.register.pupils[opening.row].pupil_id
    latest = opened + timedelta(days=rule.when.plan_within_days)
    plans = [
        p.date
        for p in view.register.attendance_plans
        if p.pupil_id == pupil_id and opened <= p.date <= latest
    ]
    return min(plans, default=opened)


def review_day(view: View, opening: Hit, due: date) -> int | None:
    """The school day on which a review due on a date is held; None when it is dropped or still to come."""
    moved = view.calendar.next_school_day(due)
    if moved is None or view.calendar.year_of(moved) != view.calendar.year_of(view.days[opening.day]):
        return None
    return view.day_index(moved)


def window_counts(view: View, row: int, after: date, last_day: int) -> tuple[int, int]:
    """Attended and possible sessions after a date, up to and including a school day."""
    first = int(np.searchsorted(view.day_ordinals, after.toordinal(), side="right"))
    return view.attended_and_possible(row, first, last_day) if first <= last_day else (0, 0)


def _may_fire(view: View, rule: ReviewRule, row: int, day: int) -> bool:
    return bool(view.on_roll[row, day]) and rule.in_force(view.days[day])


def _compared(view: View, rule: ReviewRule, opening: Hit, day: int, now: tuple[int, int]) -> Hit | None:
    """A hit when the share now is no better than the year to date was on the opening day; none without a figure then."""
    then = view.year_to_date(opening.row, opening.day)
    if then[1] == 0 or now[0] * then[1] > then[0] * now[1]:
        return None
    figures = view.shown_to_date(opening.row, day)
    figures["percent_then"] = view.policy.shown(*then) or ""
    figures["opened"] = view.days[opening.day].isoformat()
    if rule.when.compare == "window":
        figures["window_percent"] = view.policy.shown(*now) or ""
        figures["days_missed"] = (now[1] - now[0]) // 2
    return Hit(
        rule, opening.row, day, f"{opening.anchor}:{opening.rule.id}", (), figures, None, opening.replaced_on
    )


def fire_decline(view: View, rule: DeclineRule, openings: list[Hit]) -> list[Hit]:
    """The first school day, late enough and in the same year, on which the year to date is lower than it was."""
    attended, possible = view.to_date
    allowed = view.on_roll & view.in_force(rule)
    found = []
    for opening in openings:
        row = opening.row
        year = next(y for y in view.year_slices if y.start <= opening.day < y.stop)
        then = view.year_to_date(row, opening.day)
        due = view.days[opening.day] + timedelta(days=rule.when.after_days)
        first = int(np.searchsorted(view.day_ordinals, due.toordinal()))
        end = year.stop if opening.replaced_on is None else min(year.stop, opening.replaced_on)
        lower = (attended[row] * then[1] < then[0] * possible[row]) & allowed[row]
        days = np.flatnonzero(lower[first:end]) + first
        if days.size:
            day = int(days[0])
            figures = view.shown_to_date(row, day)
            figures["percent_then"] = view.policy.shown(*then) or ""
            figures["opened"] = view.days[opening.day].isoformat()
            found.append(Hit(rule, row, day, opening.anchor, (), figures, None, opening.replaced_on))
    return found


def _first_of_year(view: View, openings: list[Hit]) -> list[Hit]:
    """The year's first event of any of the rules; later ones do not replace it."""
    first: dict[tuple[int, int], Hit] = {}
    for opening in sorted(openings, key=lambda hit: hit.day):
        first.setdefault((opening.row, int(view.year_starts[opening.day])), opening)
    return [replace(opening, replaced_on=None) for opening in first.values()]


def with_replacement(openings: list[Hit]) -> list[Hit]:
    """Opening events, each knowing the day of the same rule's next one for that pupil, which replaces it."""
    found = []
    by_row: dict[int, list[Hit]] = {}
    for hit in openings:
        by_row.setdefault(hit.row, []).append(hit)
    for hits in by_row.values():
        hits.sort(key=lambda hit: hit.day)
        for hit, following in zip(hits, [*hits[1:], None], strict=True):
            next_day = following.day if following else None
            found.append(replace(hit, replaced_on=next_day))
    return found
