"""Kind ``leave-answer``: a request for leave has been decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from rules.kinds.records.leave_request import LeaveRequested, anchor_of
from rules.rule import Condition, Hit, Known, Rule
from rules.rule.view import View
from rules.school import LeaveDecision, LeaveRequest

_DECISIONS: dict[LeaveDecision, str] = {
    "granted": "granted",
    "refused": "refused",
    "in part": "granted in part",
}


class LeaveAnswered(Condition):
    """A request for leave has been decided, so the family is due an answer."""

    kind: ClassVar[str] = "leave-answer"
    each_record: ClassVar[bool] = True
    by_marks_alone: ClassVar[bool] = False
    fires_when: ClassVar[str] = "a request for leave is decided"
    decision: LeaveDecision
    tests: str
    """The rule of kind ``leave-request`` whose tests the answer names."""

    def words(self) -> str:
        return f"a request for leave has been {_DECISIONS[self.decision]}; only in a run"

    def needs(self, rules: Sequence[Rule]) -> tuple[str, ...]:  # noqa: ARG002
        """Return the rule with the tests."""
        return (self.tests,)

    def faults(self, place: str, rule: Rule, rules: Sequence[Rule]) -> Iterator[str]:  # noqa: ARG002
        """Yield that there is no such rule."""
        if not any(other.id == self.tests and isinstance(other.when, LeaveRequested) for other in rules):
            yield f"{place}.tests: '{self.tests}' is no rule of kind leave-request"

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit for each request that was decided so, on the day of the decision.

        The tests that it fails are those of the day on which it was made. Fires in a run alone: the answer is an act
        of the school, and no register without its records has one.
        """
        hits = []
        for request in view.register.leave_requests if known.in_run else ():
            row = view.register.row_of.get(request.pupil_id)
            day = view.moved(request.decided) if request.decided else None
            if request.decision != self.decision or row is None or day is None:
                continue
            if not rule.may_fire(view, row, day):
                continue
            asked = view.moved(request.requested)
            judged = day if asked is None else min(asked, day)
            tests = next(
                other.when
                for other in known.rules
                if other.id == self.tests and isinstance(other.when, LeaveRequested)
            )
            figures = {**view.shown_to_date(row, day), **tests.figures_of(view, row, judged, request)}
            figures |= {"requested": request.requested.isoformat(), "decision": self.decision}
            hits.append(
                Hit(rule, row, day, _anchor_of(request), (view.days[day], view.days[day]), (), figures)
            )
        return hits


def _anchor_of(request: LeaveRequest) -> str:
    """Return what tells an answer from others: the letter names the days asked for and granted, and other days need another."""
    days = (request.end, request.granted_from, request.granted_to)
    return ":".join([anchor_of(request), *(day.isoformat() for day in days if day)])
