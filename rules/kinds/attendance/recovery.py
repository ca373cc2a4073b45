"""Kind ``recovery``: after another rule's event attendance is better by so many points, or nothing is missed for so long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar

import numpy as np
from pydantic import model_validator

from rules.codes import Class
from rules.kinds.attendance.gains import doubt_in_words, doubtful_gain
from rules.kinds.attendance.review import review_day, since
from rules.rule import Condition, Days, Hit, Known, Points, Rule, points_apart
from rules.rule.view import View
from rules.rule.words import points_words


class Recovery(Condition):
    """Attendance since another rule's event is better by so many points, or no session is missed for so many days.

    Once for each event, in its academic year, and not after the next event of that rule.
    """

    kind: ClassVar[str] = "recovery"
    of: str
    after_days: Days | None = None
    """Days after the event on which attendance since it is looked at; that day moves to the next school day."""
    better_by: Points | None = None
    """Percentage points by which it is higher than the year to date was on the event's day, or more."""
    school_days_without_absence: Days | None = None
    """Instead of both: school days running after the event, each possible session of which was attended."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Recovery:
        looks_once = self.after_days is not None and self.better_by is not None
        looks_at_all = self.after_days is not None or self.better_by is not None
        if looks_at_all != looks_once or looks_once == (self.school_days_without_absence is not None):
            raise ValueError(
                "name either after_days = 28 and better_by = 3, or school_days_without_absence = 15, and not both"
            )
        return self

    def words(self) -> str:
        if self.better_by is not None:
            return (
                f"{self.after_days} days after {self.of} attendance since then is at least "
                f"{points_words(self.better_by)} higher than that of the year to date was"
            )
        return (
            f"after {self.of} no session was missed on {self.school_days_without_absence} school days running"
        )

    def needs(self, rules: Sequence[Rule]) -> tuple[str, ...]:  # noqa: ARG002
        """Return the opening rule."""
        return (self.of,)

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit for each opening event that the pupil recovers from before the next one."""
        hits = []
        for opening in known.hits_of([self.of]):
            day = (
                self._looked_at(view, opening)
                if self.after_days
                else self._first_day_after_a_run(view, opening)
            )
            if day is not None and rule.may_fire(view, opening.row, day):
                hit = self._hit(view, rule, opening, day)
                hits += [] if hit is None or hit.replaced else [hit]
        return hits

    def _looked_at(self, view: View, opening: Hit) -> int | None:
        """Return the day on which attendance since is looked at; None when it lies in the next year, or is to come."""
        assert self.after_days is not None
        return review_day(view, opening, view.days[opening.day] + timedelta(days=self.after_days))

    def _first_day_after_a_run(self, view: View, opening: Hit) -> int | None:
        """Return the first day of the year at whose end so many days running were attended.

        A day without a possible session, or with one that has no mark yet, neither breaks nor adds. Time off roll ends a run.
        """
        assert self.school_days_without_absence is not None
        row, length, stretch = opening.row, 0, int(view.stretches[opening.row, opening.day])
        year = next(y for y in view.year_slices if y.start <= opening.day < y.stop)
        possible, absent = view.by_day(view.possible)[row], view.by_day(view.absent)[row]
        unknown = view.by_day(np.isin(view.classes, (Class.MISSING, Class.UNRECOGNISED)))[row]
        for day in range(opening.day + 1, year.stop):
            if view.stretches[row, day] != stretch:
                length, stretch = 0, int(view.stretches[row, day])
            if absent[day]:
                length = 0
            elif possible[day] and not unknown[day]:
                length += 1
                if length == self.school_days_without_absence:
                    return day
        return None

    def _hit(self, view: View, rule: Rule, opening: Hit, day: int) -> Hit | None:
        """Return the hit on a day; None where attendance since then is not better by so many points."""
        opened = view.days[opening.day]
        then, now = view.year_to_date(opening.row, opening.day), since(view, opening.row, opened, day)
        if self.better_by is not None and not points_apart(now, then, self.better_by):
            return None
        figures = view.shown_to_date(opening.row, day)
        figures["percent_then"] = view.pack.shown(*then) or ""
        figures["opened"] = opened.isoformat()
        figures["window_percent"] = view.pack.shown(*now) or ""
        if self.better_by is not None:
            figures |= doubtful_gain(view, opening.row, opening.day, opening.day + 1, day)
        return Hit(
            rule=rule,
            row=opening.row,
            day=day,
            anchor=f"{opening.anchor}:{opening.rule.id}",
            window=view.window(opened + timedelta(days=1), day),
            figures=figures,
            replaced_on=opening.replaced_on,
        )

    def doubt(self, figures: Mapping[str, str | int]) -> str:
        """Return that attendance is better only because sessions were not possible, where that is so."""
        return doubt_in_words(figures)

    def now(self, view: View, rule: Rule, day: int) -> str:  # noqa: ARG002
        """Return what it waits for, and attendance this year."""
        shown = view.pack.shown(*view.year_to_date(0, day))
        return f"It looks at attendance after {self.of}; attendance this year is {shown or 'not known'}%."
