"""Kind ``overdue``: a mark that is still so a number of days after its own day."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import numpy as np
from pydantic import model_validator

from rules.rule import Days, Hit, Known, Rule
from rules.rule.sessions import Sessions
from rules.rule.view import View
from rules.rule.words import as_weeks, counted


class Overdue(Sessions):
    """A mark that is still so a number of days after its own day."""

    kind: ClassVar[str] = "overdue"
    school_days: Days | None = None
    days: Days | None = None

    @model_validator(mode="after")
    def _one_delay(self) -> Overdue:
        if (self.school_days is None) == (self.days is None):
            raise ValueError("name either school_days = 5 or days = 14, and not both")
        return self

    def words(self) -> str:
        delay = f"{self.school_days} school days" if self.school_days else f"{self.days} days"
        return f"a session is still {self.which()} after {delay}"

    def figures(self) -> dict[str, str]:
        """Return after how long a mark is overdue."""
        delay = counted(self.school_days, "school day") if self.school_days else as_weeks(self.days or 0)
        return {**super().figures(), "threshold_days": delay}

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:  # noqa: ARG002
        """Return one hit per pupil and due day, for all such marks due on it."""
        chosen = self.chosen(view)
        in_force = rule.days_in_force(view)
        due_day = [self._due(view, day) for day in range(len(view.days))]
        hits = []
        for row in map(int, np.flatnonzero(chosen.any(axis=1))):
            due: dict[int, list[int]] = {}
            for session in map(int, np.flatnonzero(chosen[row])):
                day = due_day[view.register.session_day[session]]
                if day is not None and view.on_roll[row, day] and in_force[day]:
                    due.setdefault(day, []).append(session)
            for day, marks in due.items():
                figures = {"count": len(marks), **view.shown_to_date(row, day)}
                window = view.window(view.register.sessions[marks[0]].date, day)
                hits.append(Hit(rule, row, day, view.days[day].isoformat(), window, tuple(marks), figures))
        return hits

    def _due(self, view: View, day: int) -> int | None:
        if self.school_days:
            return day + self.school_days if day + self.school_days < len(view.days) else None
        assert self.days
        return view.day_index(view.calendar.next_school_day(view.days[day] + timedelta(days=self.days)))

    def now(self, view: View, rule: Rule, day: int) -> str:  # noqa: ARG002
        """Return how many such sessions this year has."""
        return self.so_far(view, day)
