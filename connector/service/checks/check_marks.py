"""What looks wrong in the marks that `check` can read without asking a MIS for a year of them: those of a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from connector.adapters.base import MarkPage, Page, PupilPage
from connector.config import SchoolConfig
from connector.errors import Finding
from rules.calendar import Calendar
from rules.checks.oddities import oddities
from rules.register import RegisterError, build_register
from rules.school import Mark, Pupil


def mark_findings(
    school: SchoolConfig, pages: Iterable[Page], calendar: Calendar, day: date, where: str
) -> Iterator[Finding]:
    """Yield a warning for each thing that looks wrong in the marks of a pull, read to its end."""
    pupils: dict[str, Pupil] = {}
    marks: list[Mark] = []
    for page in pages:
        if isinstance(page, PupilPage):
            pupils |= {pupil.pupil_id: pupil for pupil in page.pupils}
        elif isinstance(page, MarkPage):
            marks += page.marks
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
