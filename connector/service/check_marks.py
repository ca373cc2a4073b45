"""What `check` reads of pupils and marks, through the same pull as a run: what looks wrong in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from connector.adapters.base import Adapter, MarkPage, Page, PullRequest, PupilPage
from connector.config import SchoolConfig
from connector.errors import Finding
from rules.calendar import Calendar
from rules.oddities import oddities
from rules.register import RegisterError, build_register
from rules.school import Mark, Pupil

MOST_REQUESTS = 60
"""A check reads on while it has sent no more requests than this; a run reads everything."""
_DAYS = 28


def recent(day: date, *, local: bool) -> PullRequest:
    """Return what a check asks for: the last four weeks, and everything where it costs no request."""
    start = day - timedelta(days=_DAYS - 1)
    return PullRequest(bookmark=None, recent_from=start, until=day, history_from=None if local else start)


def mark_findings(
    school: SchoolConfig, adapter: Adapter, pages: Iterable[Page], calendar: Calendar, day: date, where: str
) -> Iterator[Finding]:
    """Yield a warning for each thing that looks wrong in the marks that can be read with few requests."""
    pupils: dict[str, Pupil] = {}
    marks: list[Mark] = []
    for page in pages:
        if isinstance(page, PupilPage):
            pupils |= {pupil.pupil_id: pupil for pupil in page.pupils}
        elif isinstance(page, MarkPage):
            marks += page.marks
        if adapter.requests_sent > MOST_REQUESTS:
            break
    try:
        register = build_register(
            pupils=tuple(pupils.values()),
            calendar=calendar,
            marks=marks,
            nation=school.nation,
            welsh_d_attended=school.welsh_d_attended,
        )
    except RegisterError as error:
        yield Finding(where, str(error), "correct it in the MIS")
        return
    for oddity in oddities(register, day):
        yield Finding(where, oddity, "look at these marks in the MIS", "warning")
