"""Kind ``decline-in-weeks``: attendance of the last school weeks is so many points lower than of as many before them."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from rules.rule import Condition, Hit, Known, PeriodName, Points, Rule, points_apart
from rules.rule.view import View
from rules.rule.words import in_figures, points_words


class DeclineInWeeks(Condition):
    """Attendance of the last school weeks is lower by so many points than that of as many school weeks before them.

    Tested on the last school day of each school week, within one academic year. After it has fired, the weeks that were
    looked at as the last ones are the earliest that it looks at again.
    """

    kind: ClassVar[str] = "decline-in-weeks"
    weeks: Annotated[int, Field(ge=1, le=20)]
    lower_by: Points
    at_least_possible: Annotated[int, Field(ge=1, le=200)] = 10
    """Possible sessions that each of the two times must have."""

    def words(self) -> str:
        weeks = "school week" if self.weeks == 1 else f"{self.weeks} school weeks"
        return (
            f"at a week's end attendance of the last {weeks} is at least {points_words(self.lower_by)} "
            f"lower than that of the {weeks} before"
        )

    @property
    def tested_at_end_of(self) -> PeriodName:
        """The school week."""
        return "week"

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:  # noqa: ARG002
        """Return a hit on the last school day of each week on which the last weeks are so much lower."""
        in_force = rule.days_in_force(view)
        hits = []
        for year in view.year_slices:
            weeks = [(first, last) for _, first, last in view.ended("week") if year.start <= last < year.stop]
            for row in range(len(view.register.pupils)):
                tested = 2 * self.weeks - 1
                while tested < len(weeks):
                    day = weeks[tested][1]
                    if view.on_roll[row, day] and in_force[day] and self._lower(view, row, weeks, tested):
                        hits.append(self._hit(view, rule, row, weeks, tested))
                        tested += self.weeks
                    else:
                        tested += 1
        return hits

    def _shares(
        self, view: View, row: int, weeks: list[tuple[int, int]], tested: int
    ) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return attended and possible sessions of the earlier weeks and of the last ones, up to one week's end."""
        first, middle = tested - 2 * self.weeks + 1, tested - self.weeks
        before = view.attended_and_possible(row, weeks[first][0], weeks[middle][1])
        return before, view.attended_and_possible(row, weeks[middle + 1][0], weeks[tested][1])

    def _lower(self, view: View, row: int, weeks: list[tuple[int, int]], tested: int) -> bool:
        before, last = self._shares(view, row, weeks, tested)
        enough = min(before[1], last[1]) >= self.at_least_possible
        return enough and points_apart(before, last, self.lower_by)

    def _hit(self, view: View, rule: Rule, row: int, weeks: list[tuple[int, int]], tested: int) -> Hit:
        before, last = self._shares(view, row, weeks, tested)
        day = weeks[tested][1]
        start = weeks[tested - 2 * self.weeks + 1][0]
        marks = view.marks_between(view.absent, row, weeks[tested - self.weeks + 1][0], day)
        figures = {
            "count": len(marks),
            "percent_before": view.pack.shown(*before) or "",
            "window_percent": view.pack.shown(*last) or "",
            **view.shown_to_date(row, day),
        }
        anchor = view.days[start].isoformat()
        return Hit(rule, row, day, anchor, view.window(view.days[start], day), marks, figures)

    def now(self, view: View, rule: Rule, day: int) -> str:  # noqa: ARG002
        """Return both shares at the end of the last whole school week."""
        year = int(view.year_starts[day])
        weeks = [(first, last) for _, first, last in view.ended("week") if year <= last <= day]
        if len(weeks) < 2 * self.weeks:
            return f"School weeks of this year so far: {len(weeks)}; the rule looks at {2 * self.weeks}."
        before, last = self._shares(view, 0, weeks, len(weeks) - 1)
        shown = [view.pack.shown(*share) for share in (last, before)]
        return (
            f"Attendance of the last {in_figures(self.weeks, 'school week')} is {shown[0] or 'not known'}%, "
            f"of the {self.weeks} before {shown[1] or 'not known'}%."
        )
