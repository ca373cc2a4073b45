"""What the figures of a rule that is law count, where that is not the whole school year.

Such a rule looks at days of compulsory school age only. Whoever reads its figures of a pupil who came of that age in the
year has to know from when they count, and what the figures of the whole year are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from letters.words import english, welsh
from rules.events import Event, Figures
from rules.law import age
from rules.policy import Policy
from rules.register import Register
from rules.statistics import Tally


@dataclass(frozen=True, slots=True)
class PartOfYear:
    """The days that count, and the school year's figures up to the event's day."""

    since: date | None
    """The first day of compulsory school age, where it lies in the year."""
    until: date | None
    """The last one, where it lies before the event's day."""
    counted: Figures
    whole: Figures
    percent: str
    """Attendance of the whole year as shown; empty with no possible session."""

    def words(self, name: str) -> str:
        """Return two sentences with the pupil's name: from when the figures count, and the whole year's."""
        parts = []
        if self.since:
            parts.append(f"since {english.day(self.since)}, when {name} came of compulsory school age")
        if self.until:
            parts.append(f"up to {english.day(self.until)}, the last day of compulsory school age")
        return (
            f"These figures count {' and '.join(parts)}. In the whole school year so far attendance is {self.percent}%: "
            f"{self.whole.attended} of {self.whole.possible} possible sessions attended."
        )

    def words_cy(self, name: str) -> str:
        """Return the same in Welsh."""
        parts = []
        if self.since:
            parts.append(f"ers {welsh.day(self.since)}, pan ddaeth {name} i oedran ysgol gorfodol")
        if self.until:
            parts.append(f"hyd at {welsh.day(self.until)}, diwrnod olaf oedran ysgol gorfodol")
        return (
            f"Mae’r ffigurau hyn yn cyfrif {' a '.join(parts)}. Yn y flwyddyn ysgol gyfan hyd yma {self.percent}% yw’r "
            f"presenoldeb: {self.whole.attended} o {self.whole.possible} o sesiynau posibl."
        )


def part_of_year(event: Event, register: Register, tally: Tally, policy: Policy) -> PartOfYear | None:
    """Return what the event's year to date leaves out; None for a rule that is no law or where that is no session."""
    pupil = register.find(event.pupil_id)
    if pupil is None or pupil.date_of_birth is None or not event.legal:
        return None
    start = max(register.calendar.year_of(event.date).start, policy.start or date.min)
    first, last = age.starts(pupil.date_of_birth), age.ends(pupil.date_of_birth)
    whole = tally.pupil(pupil.pupil_id, start, event.date)
    counted = tally.pupil(pupil.pupil_id, max(start, first), min(event.date, last))
    if counted.possible == whole.possible:
        return None
    return PartOfYear(
        first if first > start else None,
        last if last < event.date else None,
        counted,
        whole,
        policy.shown(whole.attended, whole.possible) or "",
    )
