"""Where the year is going: sessions that a pupil may still miss before persistent absence, and time lost to lateness."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from letters.reports.pupils import in_order
from rules.events import Figures
from rules.register import Register
from rules.school import Pupil
from rules.statistics import Tally, is_persistent

RECENT_WEEKS = 6
"""School weeks whose pace is taken to go on."""


@dataclass(frozen=True, slots=True)
class Course:
    """One pupil's year so far and what is left of it, in sessions."""

    pupil: Pupil
    year: Figures
    recent: Figures
    """The last six school weeks."""
    left: int
    """Sessions of the year that are still to come."""

    @property
    def may_miss(self) -> int:
        """How many more sessions may be missed with less than 10% of the whole year; below 0 where 10% is certain."""
        return (self.year.possible + self.left - 1) // 10 - self.year.absent

    @property
    def on_course(self) -> bool:
        """Whether the pupil is not persistently absent yet, and would be at the year's end at the pace of the last weeks."""
        at_the_end = self.year.absent * self.recent.possible + self.recent.absent * self.left
        return (
            not is_persistent(self.year)
            and self.recent.possible > 0
            and self.recent.absent > 0
            and 10 * at_the_end >= (self.year.possible + self.left) * self.recent.possible
        )


def courses(register: Register, tally: Tally, as_of: date, minimum: int) -> list[Course] | None:
    """Return the course of each pupil on roll with at least so many possible sessions; None where the year's end is not known.

    The sessions to come are those of the calendar, up to the pupil's leaving date where one is entered.
    """
    calendar = register.calendar
    year = calendar.year_of(as_of)
    if not calendar.is_whole(year):
        return None
    last = register.closed_up_to
    to_come = [
        session.date
        for session in register.sessions
        if session.date in year and (session.date > as_of or (last is not None and session > last))
    ]
    weeks = calendar.school_weeks_between(year.start, as_of)[-RECENT_WEEKS:]
    found = []
    for pupil in in_order(register.pupils):
        figures = tally.pupil(pupil.pupil_id, year.start, as_of)
        if not pupil.listed_on(as_of) or not figures.possible or figures.possible < minimum:
            continue
        spell = next(spell for spell in pupil.stretches if as_of in spell)
        left = bisect_right(to_come, spell.end) if spell.end else len(to_come)
        recent = tally.pupil(pupil.pupil_id, weeks[0] if weeks else year.start, as_of)
        found.append(Course(pupil, figures, recent, left))
    return found
