"""Rules about what is on record beside the marks: dates, requests for leave, amendments, earlier events."""

from __future__ import annotations

from datetime import date

from rules.codes import Class
from rules.policy import AmendmentRule, DateRule, FollowsRule, LeaveRequestRule
from rules.school import Session
from rules.view import Hit, View


def fire_dates(view: View, rule: DateRule) -> list[Hit]:
    """The named dates of each pupil's record, each moved to the next school day; one hit a day.

    A date before the calendar, or on which the pupil is not on roll, gives nothing.
    """
    found: dict[tuple[int, int], Hit] = {}
    for row, pupil in enumerate(view.register.pupils):
        for name in rule.when.dates:
            dated: date | None = getattr(pupil, name)
            if dated is None or dated < view.calendar.start or not pupil.on_roll(dated):
                continue
            day = _moved(view, dated)
            if day is not None and view.on_roll[row, day] and rule.in_force(view.days[day]):
                anchor = f"{name}:{dated.isoformat()}"
                hit = Hit(rule, row, day, anchor, (), {"date_of": name, **view.shown_to_date(row, day)})
                found.setdefault((row, day), hit)
    return list(found.values())


def fire_leave(view: View, rule: LeaveRequestRule) -> list[Hit]:
    """Each request, on the day it was made, with whether the school's own tests refuse it and why."""
    found = []
    for request in view.register.leave_requests:
        row = view.register.row_of.get(request.pupil_id)
        day = _moved(view, request.requested)
        if row is None or day is None or not view.on_roll[row, day] or not rule.in_force(view.days[day]):
            continue
        figures = view.shown_to_date(row, day)
        figures.update(_leave_figures(view, rule, row, day, request.kind, request.start, request.end))
        anchor = f"{request.requested.isoformat()}:{request.start.isoformat()}:{request.kind}"
        found.append(Hit(rule, row, day, anchor, (), figures))
    return found


def _leave_figures(
    view: View, rule: LeaveRequestRule, row: int, day: int, kind: str, start: date, end: date
) -> dict[str, str | int]:
    attended, possible = view.year_to_date(row, day)
    first = int(view.bounds[view.year_starts[day]])
    classes = view.classes[row, first : view.bounds[day + 1]]
    unauthorised, authorised = (
        int((classes == Class.UNAUTHORISED).sum()),
        int((classes == Class.AUTHORISED).sum()),
    )
    asked = sum(
        start <= session.date <= end for session in view.calendar.sessions if session.date > view.days[day]
    )
    reasons = []
    if unauthorised:
        reasons.append("unauthorised")
    if 100 * authorised > rule.when.refused_above_authorised_percent * possible:
        reasons.append("authorised")
    if kind == "performance" and 100 * attended < rule.when.performance_refused_below * (possible + asked):
        reasons.append("performance")
    if any(p.kind == "assessment" and p.start <= end and start <= p.end for p in view.calendar.periods):
        reasons.append("assessment")
    return {
        "kind": kind,
        "leave_start": start.isoformat(),
        "leave_end": end.isoformat(),
        "sessions_asked": asked,
        "unauthorised": unauthorised,
        "authorised": authorised,
        "eligible": 0 if reasons else 1,
        "reasons": ",".join(reasons),
        "percent_after": view.policy.shown(attended, possible + asked) or "",
    }


def fire_amendments(view: View, rule: AmendmentRule) -> list[Hit]:
    """Marks that were changed so, on the day of the change (moved to the next school day); one hit a pupil and day."""
    column_of = {session: column for column, session in enumerate(view.calendar.sessions)}
    changed: dict[tuple[int, int], set[int]] = {}
    for amendment in view.register.amendments:
        if (amendment.original.strip(), amendment.amended.strip()) != (rule.when.original, rule.when.amended):
            continue
        row = view.register.row_of.get(amendment.pupil_id)
        column = column_of.get(Session(amendment.date, amendment.half))
        day = _moved(view, amendment.amended_at.date())
        if row is None or column is None or day is None or column >= view.session_count:
            continue
        if view.on_roll[row, day] and rule.in_force(view.days[day]):
            changed.setdefault((row, day), set()).add(column)
    return [
        Hit(rule, row, day, view.days[day].isoformat(), tuple(sorted(columns)), view.shown_to_date(row, day))
        for (row, day), columns in changed.items()
    ]


def fire_follows(view: View, rule: FollowsRule, openings: list[Hit], *, notices: bool) -> list[Hit]:
    """With every event of the other rule after the pupil's first; with ``notices`` only in reach of one issued."""
    found = []
    seen: set[int] = set()
    for opening in sorted(openings, key=lambda hit: hit.day):
        if opening.row in seen and (not notices or _notice_in_reach(view, rule, opening)):
            figures = dict(opening.figures)
            found.append(Hit(rule, opening.row, opening.day, opening.anchor, (), figures))
        seen.add(opening.row)
    return found


def _notice_in_reach(view: View, rule: FollowsRule, opening: Hit) -> bool:
    pupil_id = view.register.pupils[opening.row].pupil_id
    day = view.days[opening.day]
    return any(
        notice.pupil_id == pupil_id
        and notice.issued <= day <= _years_later(notice.issued, rule.when.notice_within_years)
        for notice in view.register.notices
    )


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _moved(view: View, day: date) -> int | None:
    """The index of the day itself when it is a school day, else of the next one; None when that is still to come."""
    return view.day_index(view.calendar.next_school_day(day))
