"""Kind ``review``: a look back after another rule's event: is attendance better since? (docs/conventions.md, Counting)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar, Literal

import numpy as np

from rules.rule import Condition, Days, Hit, Known, Rule
from rules.rule.view import View
from rules.rule.words import as_weeks, listed


@dataclass(frozen=True)
class Ended:
    """A review that was held to its end: its day and figures, and whether attendance was better."""

    hit: Hit
    better: bool


class Review(Condition):
    """A look back, so many days after another rule's event: attendance is no better than it was then."""

    kind: ClassVar[str] = "review"
    of: tuple[str, ...]
    """The opening rules; with several, whichever came first in the year opens, once a year."""
    after_days: Days
    compare: Literal["window", "year_to_date"]
    """What is compared with the year to date on the opening day: the sessions since, or the year to date now."""
    extend_by_days_missed: bool = False
    """If better, one more review as many weeks later as whole days were missed."""
    plan_within_days: int | None = None
    """Count from an attendance plan dated within so many days of the opening event, where there is one."""

    def words(self) -> str:
        compared = "in the days since" if self.compare == "window" else "of the year to date"
        opened = listed(self.of, "or")
        if self.plan_within_days:
            opened += f" (or the attendance plan made within {self.plan_within_days} days of it)"
        again = (
            "; if it was better, again as many weeks later as days were missed"
            if self.extend_by_days_missed
            else ""
        )
        return f"{self.after_days} days after {opened} attendance {compared} is no better than it was then{again}"

    def figures(self) -> dict[str, str]:
        """Return how long after the step before it looks."""
        return {"review_after": as_weeks(self.after_days)}

    def needs(self, rules: Sequence[Rule]) -> tuple[str, ...]:  # noqa: ARG002
        """Return the opening rules."""
        return self.of

    def review_after(self, rule_id: str) -> int | None:
        """Return the days to the review of an opening rule."""
        return self.after_days if rule_id in self.of else None

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit for each opening event whose review finds attendance no better."""
        held = [self.held(view, rule, opening) for opening in self.openings(view, known)]
        return [hit for hit in held if hit and not hit.replaced]

    def openings(self, view: View, known: Known) -> list[Hit]:
        """Return the opening events: with several opening rules only the year's first of any of them."""
        openings = known.hits_of(self.of)
        return _first_of_year(view, openings) if len(self.of) > 1 else openings

    def held(self, view: View, rule: Rule, opening: Hit) -> Hit | None:
        """Return the review of one opening event, with its extension; None when it finds better or none is due yet."""
        ended = self.ended(view, rule, opening)
        return None if ended is None or ended.better else ended.hit

    def ended(self, view: View, rule: Rule, opening: Hit) -> Ended | None:
        """Return how the review of one opening event ended, with its extension; None when it is dropped, or not due yet."""
        start = self._opened_on(view, opening)
        day = review_day(view, opening, start + timedelta(days=self.after_days))
        if day is None or not rule.may_fire(view, opening.row, day):
            return None
        window = since(view, opening.row, start, day)
        if window[1] == 0:
            return None  # a window without a possible session fires nothing and ends the review
        if self.compare == "year_to_date":
            now = view.year_to_date(opening.row, day)
            return self._compared(view, rule, opening, start, day, now)
        ended = self._compared(view, rule, opening, start, day, window)
        days_missed = (window[1] - window[0]) // 2
        if ended is None or not ended.better or not self.extend_by_days_missed or days_missed == 0:
            return ended
        later = review_day(view, opening, view.days[day] + timedelta(weeks=days_missed))
        if later is None or not rule.may_fire(view, opening.row, later):
            return None
        return self._compared(view, rule, opening, start, later, since(view, opening.row, start, later))

    def _opened_on(self, view: View, opening: Hit) -> date:
        """Return the day it counts from: the attendance plan's where there is one in time, else the opening event's."""
        opened = view.days[opening.day]
        if self.plan_within_days is None:
            return opened
        pupil_id = view.register.pupils[opening.row].pupil_id
        latest = opened + timedelta(days=self.plan_within_days)
        plans = [
            plan.date
            for plan in view.register.attendance_plans
            if plan.pupil_id == pupil_id and plan.begins and plan.is_for_attendance
        ]
        return min((day for day in plans if opened <= day <= latest), default=opened)

    def _compared(
        self, view: View, rule: Rule, opening: Hit, start: date, day: int, now: tuple[int, int]
    ) -> Ended | None:
        """Return whether the share now is better than the year to date was on the opening day; None without one then."""
        then = view.year_to_date(opening.row, opening.day)
        if then[1] == 0:
            return None
        figures = view.shown_to_date(opening.row, day)
        figures["percent_then"] = view.pack.shown(*then) or ""
        figures["opened"] = view.days[opening.day].isoformat()
        if self.compare == "window":
            figures["window_percent"] = view.pack.shown(*now) or ""
            figures["days_missed"] = (now[1] - now[0]) // 2
        hit = Hit(
            rule=rule,
            row=opening.row,
            day=day,
            anchor=f"{opening.anchor}:{opening.rule.id}",
            window=view.window(start + timedelta(days=1), day),
            figures=figures,
            replaced_on=opening.replaced_on,
        )
        return Ended(hit, better=now[0] * then[1] > then[0] * now[1])

    def now(self, view: View, rule: Rule, day: int) -> str:  # noqa: ARG002
        """Return what it waits for, and attendance this year."""
        shown = view.pack.shown(*view.year_to_date(0, day))
        return f"A review {self.after_days} days after {' or '.join(self.of)}; attendance this year is {shown or 'not known'}%."


def review_day(view: View, opening: Hit, due: date) -> int | None:
    """Return the school day on which a review due on a date is held; None when it is dropped or still to come."""
    moved = view.calendar.next_school_day(due)
    if moved is None or view.calendar.year_of(moved) != view.calendar.year_of(view.days[opening.day]):
        return None
    return view.day_index(moved)


def since(view: View, row: int, after: date, last_day: int) -> tuple[int, int]:
    """Return attended and possible sessions after a date, up to and including a school day."""
    first = int(np.searchsorted(view.day_ordinals, after.toordinal(), side="right"))
    return view.attended_and_possible(row, first, last_day) if first <= last_day else (0, 0)


def _first_of_year(view: View, openings: list[Hit]) -> list[Hit]:
    """Return the year's first event of any of the rules; later ones do not replace it."""
    first: dict[tuple[int, int], Hit] = {}
    for opening in sorted(openings, key=lambda hit: hit.day):
        first.setdefault((opening.row, int(view.year_starts[opening.day])), opening)
    return [replace(opening, replaced_on=None) for opening in first.values()]
