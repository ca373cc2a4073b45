"""Kind ``leave-request``: a request for leave is on record."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from rules.codes import Class
from rules.rule import Condition, Hit, Known, Rule
from rules.rule.view import View
from rules.school import LeaveRequest


class LeaveRequested(Condition):
    """A request for leave is on record; the event says whether the school's own tests refuse it."""

    kind: ClassVar[str] = "leave-request"
    refused_above_authorised_percent: Annotated[int, Field(ge=0, le=100)]
    performance_refused_below: Annotated[int, Field(ge=0, le=100)]

    def words(self) -> str:
        return (
            "a request for leave is on record; its note says whether the school's tests refuse it (authorised "
            f"absence above {self.refused_above_authorised_percent}%, or for a performance attendance below "
            f"{self.performance_refused_below}%)"
        )

    def figures(self) -> dict[str, str]:
        """Return the percentages of the school's own tests."""
        return {
            "authorised_limit": f"{self.refused_above_authorised_percent}%",
            "performance_limit": f"{self.performance_refused_below}%",
        }

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:  # noqa: ARG002
        """Return a hit for each request, on the day it was made, with whether the school's own tests refuse it and why."""
        hits = []
        for request in view.register.leave_requests:
            row = view.register.row_of.get(request.pupil_id)
            day = view.moved(request.requested)
            if row is None or day is None or not rule.may_fire(view, row, day):
                continue
            figures = {**view.shown_to_date(row, day), **self._figures(view, row, day, request)}
            anchor = f"{request.requested.isoformat()}:{request.start.isoformat()}:{request.kind}"
            hits.append(Hit(rule, row, day, anchor, (view.days[day], view.days[day]), (), figures))
        return hits

    def _figures(self, view: View, row: int, day: int, request: LeaveRequest) -> dict[str, str | int]:
        attended, possible = view.year_to_date(row, day)
        classes = view.classes[row, view.bounds[view.year_starts[day]] : view.bounds[day + 1]]
        unauthorised = int((classes == Class.UNAUTHORISED).sum())
        authorised = int((classes == Class.AUTHORISED).sum())
        asked = sum(
            request.start <= session.date <= request.end
            for session in view.calendar.sessions
            if session.date > view.days[day]
        )
        reasons = []
        if unauthorised:
            reasons.append("unauthorised")
        if 100 * authorised > self.refused_above_authorised_percent * possible:
            reasons.append("authorised")
        performance = request.kind == "performance"
        if performance and 100 * attended < self.performance_refused_below * (possible + asked):
            reasons.append("performance")
        if any(
            p.kind == "assessment" and p.start <= request.end and request.start <= p.end
            for p in view.calendar.periods
        ):
            reasons.append("assessment")
        return {
            "kind": request.kind,
            "leave_start": request.start.isoformat(),
            "leave_end": request.end.isoformat(),
            "sessions_asked": asked,
            "unauthorised": unauthorised,
            "authorised": authorised,
            "eligible": 0 if reasons else 1,
            "reasons": ",".join(reasons),
            "percent_after": view.pack.shown(attended, possible + asked) or "",
        }
