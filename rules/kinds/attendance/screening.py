"""Kind ``screening``: one step of a chain, tested at the end of each half term.

One chain a year: at a half term's end only its next step is tested; if that fails the chain ends; after the last step
it may begin again (pack cadle). The rule of step 1 fires the whole chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import Field

from rules.rule import Compare, Condition, Hit, Known, PeriodName, Rule
from rules.rule.view import View
from rules.rule.words import counted, points_words


class Screening(Condition):
    """One step of a chain tested at the end of each half term."""

    kind: ClassVar[str] = "screening"
    step: Annotated[int, Field(ge=1, le=9)]
    attendance: Compare
    falling: bool = False
    """From the year's second half term on, also lower than at the last half term's end."""
    gained_less_than: Annotated[int, Field(ge=1, le=100)] | None = None
    """Also fewer percentage points above the previous step's figure than this."""

    def words(self) -> str:
        words = f"at the end of a half term attendance of the year to date is {self.attendance.words}"
        if self.falling:
            words += " and, from the second half term on, lower than at the last one's end"
        if self.gained_less_than:
            words += f" and has gained less than {points_words(Fraction(self.gained_less_than))} since the step before"
        return f"{words} (step {self.step})"

    def figures(self) -> dict[str, str]:
        """Return the percentage it compares with, the half terms up to this step, and the gain it asks for."""
        gain = (
            {"gain": counted(self.gained_less_than, "percentage point")}
            if self.gained_less_than is not None
            else {}
        )
        return {**self.attendance.figures(), "step_half_terms": counted(self.step, "half term"), **gain}

    def needs(self, rules: Sequence[Rule]) -> tuple[str, ...]:
        """Return the step before."""
        return tuple(rule.id for step, rule in _chain(rules) if step == self.step - 1)

    def carries(self, rules: Sequence[Rule]) -> tuple[str, ...]:
        """Return the later steps, for step 1."""
        return tuple(rule.id for step, rule in _chain(rules) if self.step == 1 < step)

    def faults(self, place: str, rule: Rule, rules: Sequence[Rule]) -> Iterator[str]:  # noqa: ARG002
        """Yield, once a pack, steps that are not 1, 2, 3 and so on."""
        chain = _chain(rules)
        steps = [step for step, _ in chain]
        if rule is chain[0][1] and steps != list(range(1, len(steps) + 1)):
            yield f"rules: screening steps must be 1, 2, 3 and so on, each once; there are {steps}"

    @property
    def tested_at_end_of(self) -> PeriodName:
        """A half term."""
        return "half_term"

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:  # noqa: ARG002
        """Return the hits of all steps of the chain."""
        steps = [step_rule for _, step_rule in _chain(known.rules)]
        ends = [last for _, _, last in view.ended("half_term")]
        hits = []
        for year in view.year_slices:
            days = [day for day in ends if year.start <= day < year.stop]
            for row in range(len(view.register.pupils)):
                hits += _year(view, steps, row, days)
        return hits

    def holds(
        self,
        view: View,
        now: tuple[int, int],
        before: tuple[int, int] | None,
        previous: Hit | None,
    ) -> bool:
        """Return True when the step's tests hold: ``before`` is the last half term's figure, ``previous`` the step before."""
        if not self.attendance.holds(*now):
            return False
        if self.falling and before is not None and before[1] > 0 and now[0] * before[1] >= before[0] * now[1]:
            return False
        if self.gained_less_than is not None and previous is not None:
            then = view.year_to_date(previous.row, previous.day)
            gained = 100 * (now[0] * then[1] - then[0] * now[1])
            return gained < self.gained_less_than * now[1] * then[1]
        return True


def _chain(rules: Sequence[Rule]) -> list[tuple[int, Rule]]:
    """Return the pack's steps in order."""
    steps = [(rule.when.step, rule) for rule in rules if isinstance(rule.when, Screening)]
    return sorted(steps, key=lambda pair: pair[0])


def _year(view: View, steps: list[Rule], row: int, days: list[int]) -> list[Hit]:
    hits: list[Hit] = []
    reached = 0
    before: tuple[int, int] | None = None
    for day in days:
        rule = steps[reached]
        assert isinstance(rule.when, Screening)
        now = view.year_to_date(row, day)
        previous = hits[-1] if reached else None
        possible = view.on_roll[row, day] and view.enough[row, day]
        if possible and rule.when.holds(view, now, before, previous):
            anchor, figures = view.days[day].isoformat(), view.shown_to_date(row, day)
            hits.append(Hit(rule, row, day, anchor, view.year_window(day), (), figures))
            reached = (reached + 1) % len(steps)
        else:
            reached = 0
        before = now
    return hits
