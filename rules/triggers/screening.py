"""Screening at the end of each half term: a chain of steps, each tested at the next half term's end.

One chain a year: at a half term's end only its next step is tested; if that fails the chain ends; after the
last step it may begin again (pack cadle).
"""

from __future__ import annotations

from rules.policy import ScreeningRule
from rules.triggers.period_end import end_days
from rules.view import Hit, View


def fire(view: View, steps: list[ScreeningRule]) -> list[Hit]:
    """Hits of all steps of the chain."""
    ordered = sorted(steps, key=lambda rule: rule.when.step)
    found = []
    ends = end_days(view, "half_term")
    for year in view.year_slices:
        days = [day for _, _, day in ends if year.start <= day < year.stop]
        for row in range(len(view.register.pupils)):
            found += _year(view, ordered, row, days)
    return found


def _year(view: View, steps: list[ScreeningRule], row: int, days: list[int]) -> list[Hit]:
    found: list[Hit] = []
    reached = 0
    before: tuple[int, int] | None = None
    for day in days:
        rule = steps[reached]
        now = view.year_to_date(row, day)
        previous = found[-1] if reached else None
        if (
            view.on_roll[row, day]
            and view.enough[row, day]
            and _holds(view, rule, row, now, before, previous)
        ):
            found.append(Hit(rule, row, day, view.days[day].isoformat(), (), view.shown_to_date(row, day)))
            reached = (reached + 1) % len(steps)
        else:
            reached = 0
        before = now
    return found


def _holds(
    view: View,
    rule: ScreeningRule,
    row: int,
    now: tuple[int, int],
    before: tuple[int, int] | None,
    previous: Hit | None,
) -> bool:
    if not rule.when.attendance.holds(*now):
        return False
    if (
        rule.when.falling
        and before is not None
        and before[1] > 0
        and now[0] * before[1] >= before[0] * now[1]
    ):
        return False
    if rule.when.gained_less_than is not None and previous is not None:
        then = view.year_to_date(row, previous.day)
        gained = 100 * (now[0] * then[1] - then[0] * now[1])
        return gained < rule.when.gained_less_than * now[1] * then[1]
    return True
