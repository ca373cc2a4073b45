"""Kind ``class-week``: registration groups compared at the end of each week."""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar

from pydantic import model_validator

from rules.rule import Compare, Condition, Hit, Known, PeriodName, Rule
from rules.rule.view import View


class ClassWeek(Condition):
    """Registration groups compared at the end of a week."""

    kind: ClassVar[str] = "class-week"
    of_a_class: ClassVar[bool] = True
    best: bool = False
    attendance: Compare | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> ClassWeek:
        if self.best == (self.attendance is not None):
            raise ValueError('name either best = true or attendance = ">= 97", and not both')
        return self

    def words(self) -> str:
        if self.attendance is None:
            return "a class has the best attendance of the week, on its last school day"
        return f"attendance of a class in the week is {self.attendance.words}, on its last school day"

    def figures(self) -> dict[str, str]:
        """Return the percentage that a class reaches."""
        return self.attendance.figures() if self.attendance else {}

    @property
    def tested_at_end_of(self) -> PeriodName:
        """A week."""
        return "week"

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:  # noqa: ARG002
        """Return a hit for each best class of the week (every one of a tie), or each class that reaches a figure.

        A pupil counts in today's registration group, over the sessions of that week on roll; pupils without a group
        and groups without a possible session are left out.
        """
        rows: dict[str, list[int]] = {}
        for row, pupil in enumerate(view.register.pupils):
            if pupil.registration_group:
                rows.setdefault(pupil.registration_group, []).append(row)
        in_force = rule.days_in_force(view)
        hits = []
        for anchor, first, last in view.ended("week"):
            if not in_force[last]:
                continue
            counts = {}
            for group, members in rows.items():
                shares = [view.attended_and_possible(row, first, last) for row in members]
                attended, possible = (sum(numbers) for numbers in zip(*shares, strict=True))
                if possible:
                    counts[group] = (attended, possible)
            for group in self._chosen_groups(counts):
                attended, possible = counts[group]
                figures: dict[str, str | int] = {
                    "attendance_percent": view.pack.shown(attended, possible) or "",
                    "attended": attended,
                    "possible": possible,
                }
                window = view.window(view.days[first], last)
                hits.append(Hit(rule, -1, last, anchor, window, (), figures, group))
        return hits

    def _chosen_groups(self, counts: dict[str, tuple[int, int]]) -> list[str]:
        if self.attendance:
            return [group for group, share in counts.items() if self.attendance.holds(*share)]
        best = max((Fraction(*share) for share in counts.values()), default=None)
        return [group for group, share in counts.items() if Fraction(*share) == best]
