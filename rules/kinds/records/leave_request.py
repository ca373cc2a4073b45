"""Kind ``leave-request``: a request for leave is on record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, ClassVar

from pydantic import Field

from rules.codes import Class
from rules.rule import Condition, Hit, Known, Rule
from rules.rule.view import View
from rules.rule.words import listed
from rules.school import LeaveKind, LeaveRequest

LEAVE_WORDS: dict[LeaveKind, str] = {
    "holiday": "a holiday",
    "performance": "a performance",
    "religious": "religious observance",
    "traveller": "travel for work of a Traveller family",
    "service": "a tour of duty of a parent in the services",
    "funeral": "a bereavement",
    "other": "another reason",
}
Percent = Annotated[int, Field(ge=0, le=100)]
Hours = Annotated[float, Field(ge=0, le=168)]


class LeaveRequested(Condition):
    """A request for leave is on record; the event says which of the policy's own tests it fails."""

    kind: ClassVar[str] = "leave-request"
    each_record: ClassVar[bool] = True
    by_marks_alone: ClassVar[bool] = False
    fires_when: ClassVar[str] = "leave is asked for"
    in_a_run_only: bool = False
    """Fires in a run alone, not when a register is evaluated without the school's own acts."""
    asked_before: bool = False
    """Leave that is asked for on its first day or later is refused."""
    notice_days: Annotated[int, Field(ge=1, le=100)] | None = None
    """Days that must lie between the day of asking and the first day."""
    no_notice_for: tuple[LeaveKind, ...] = ()
    """Kinds of leave that need no such notice."""
    assessment_days_before: Annotated[int, Field(ge=0, le=60)] | None = None
    """No leave in a time of assessments, nor in so many days before it. Without it: the policy has no such test."""
    refused_any_unauthorised: bool = False
    refused_above_authorised_percent: Percent | None = None
    refused_kinds: tuple[LeaveKind, ...] = ()
    """Kinds of leave that the policy does not grant unless circumstances are exceptional."""
    religious_days: Annotated[int, Field(ge=1, le=100)] | None = None
    """School days of religious observance that may be taken in a school year."""
    performance_licence: bool = False
    """A performance needs a licence; where it names the days, the share that would be left is not tested."""
    performance_refused_below: Percent | None = None
    licence_least_hours_day: Hours | None = None
    licence_most_hours_day: Hours | None = None
    licence_least_hours_week: Hours | None = None

    def words(self) -> str:
        own = [self.test_words(name) for name in self._tests()]
        said = f" ({listed(own, 'or')})" if own else ""
        return (
            "a request for leave is on record; its note names each of the policy's tests that it fails" + said
        ) + ("; only in a run" if self.in_a_run_only else "")

    def figures(self) -> dict[str, str]:
        """Return the percentages of the policy's own tests, where it has them."""
        limits = {
            "authorised_limit": self.refused_above_authorised_percent,
            "performance_limit": self.performance_refused_below,
        }
        return {name: f"{limit}%" for name, limit in limits.items() if limit is not None}

    def _tests(self) -> Iterator[str]:
        """Yield the name of each test that the policy has, in the order in which an event names them."""
        given = {
            "afterwards": self.asked_before or self.notice_days,
            "notice": self.notice_days,
            "unauthorised": self.refused_any_unauthorised,
            "authorised": self.refused_above_authorised_percent is not None,
            "kind": self.refused_kinds,
            "religious": self.religious_days,
            "licence": self.performance_licence,
            "hours-day": self.licence_least_hours_day,
            "hours-long-day": self.licence_most_hours_day,
            "hours-week": self.licence_least_hours_week,
            "performance": self.performance_refused_below is not None,
            "assessment": self.assessment_days_before is not None,
        }
        yield from (name for name, asked in given.items() if asked)

    def test_words(self, name: str) -> str:
        """Return what a request that fails a test has against it, as part of a sentence.

        Raise KeyError for a test that there is not.
        """
        before = (
            f" or in the {_days(self.assessment_days_before)} before" if self.assessment_days_before else ""
        )
        return {
            "afterwards": "it was not asked for before its first day",
            "notice": f"it was asked for less than {_days(self.notice_days or 0)} before its first day",
            "unauthorised": "there is unauthorised absence this school year",
            "authorised": "authorised absence this school year is above "
            f"{self.refused_above_authorised_percent}% of sessions",
            "kind": "leave of this kind is granted only in exceptional circumstances",
            "religious": f"there would be more than {_days(self.religious_days or 0)} "
            "of religious observance this school year",
            "licence": "the school has seen no licence for the performance",
            "hours-day": f"the licence gives less than {_hours(self.licence_least_hours_day)} of education a day",
            "hours-long-day": f"the licence gives more than {_hours(self.licence_most_hours_day)} of education a day",
            "hours-week": f"the licence gives less than {_hours(self.licence_least_hours_week)} of education a week",
            "performance": f"attendance would fall below {self.performance_refused_below}%",
            "assessment": f"it lies in a time of assessments{before}, when no leave is granted",
        }[name]

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit for each request, on the day it was made, with each of the policy's tests that it fails."""
        hits = []
        for request in view.register.leave_requests if known.in_run or not self.in_a_run_only else ():
            row = view.register.row_of.get(request.pupil_id)
            day = view.moved(request.requested)
            if row is None or day is None or not rule.may_fire(view, row, day):
                continue
            figures = {**view.shown_to_date(row, day), **self.figures_of(view, row, day, request)}
            hits.append(
                Hit(rule, row, day, anchor_of(request), (view.days[day], view.days[day]), (), figures)
            )
        return hits

    def figures_of(self, view: View, row: int, day: int, request: LeaveRequest) -> dict[str, str | int]:
        """Return what an event about the request says of it, as it stood on a school day."""
        attended, possible = view.year_to_date(row, day)
        classes = view.classes[row, view.bounds[view.year_starts[day]] : view.bounds[day + 1]]
        unauthorised = int((classes == Class.UNAUTHORISED).sum())
        authorised = int((classes == Class.AUTHORISED).sum())
        asked = sum(
            request.start <= session.date <= request.end
            for session in view.calendar.sessions
            if session.date > view.days[day]
        )
        failed = {
            "unauthorised": unauthorised > 0,
            "authorised": 100 * authorised > (self.refused_above_authorised_percent or 0) * possible,
            "performance": request.kind == "performance"
            and not (request.licence and request.licence.names(request.start, request.end))
            and 100 * attended < (self.performance_refused_below or 0) * (possible + asked),
            **self._failed_by_itself(view, row, day, request),
        }
        reasons = [name for name in self._tests() if failed[name]]
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

    def _failed_by_itself(self, view: View, row: int, day: int, request: LeaveRequest) -> dict[str, bool]:
        """Return which tests the request fails besides those about attendance so far."""
        notice = (request.start - request.requested).days
        licence = request.licence if request.kind == "performance" else None
        a_day, a_week = (licence.hours_a_day, licence.hours_a_week) if licence else (None, None)
        before = timedelta(days=self.assessment_days_before or 0)
        return {
            "afterwards": notice <= 0,
            "notice": 0 < notice < (self.notice_days or 0) and request.kind not in self.no_notice_for,
            "kind": request.kind in self.refused_kinds,
            "religious": request.kind == "religious"
            and self._religious_sessions(view, row, day, request) > 2 * (self.religious_days or 0),
            "licence": request.kind == "performance" and licence is None,
            "hours-day": a_day is not None and a_day < (self.licence_least_hours_day or 0),
            "hours-long-day": a_day is not None and a_day > (self.licence_most_hours_day or a_day),
            "hours-week": a_week is not None and a_week < (self.licence_least_hours_week or 0),
            "assessment": any(
                p.kind == "assessment" and p.start - before <= request.end and request.start <= p.end
                for p in view.calendar.periods
            ),
        }

    def _religious_sessions(self, view: View, row: int, day: int, request: LeaveRequest) -> int:
        """Return the sessions of religious observance in the year of the request, taken up to the day and asked for."""
        # leave that begins in the summer or on a weekend is of the year of its first school day
        first = view.calendar.next_school_day(request.start) or request.start
        year = view.calendar.year_of(first)
        now = int(view.bounds[day + 1])
        taken = view.coded(("R",))[row]
        return sum(
            session.date in year
            and (taken[column] if column < now else request.start <= session.date <= request.end)
            for column, session in enumerate(view.calendar.sessions)
        )


def anchor_of(request: LeaveRequest) -> str:
    """Return what tells an event about this request from others of the pupil."""
    return f"{request.requested.isoformat()}:{request.start.isoformat()}:{request.kind}"


def _days(number: int) -> str:
    return f"{number} day" if number == 1 else f"{number} days"


def _hours(number: float | None) -> str:
    return "1 hour" if number == 1 else f"{number or 0:g} hours"
