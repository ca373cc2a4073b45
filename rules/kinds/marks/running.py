"""Kind ``running``: so many consecutive school days, every possible session of each among those looked at."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal

import numpy as np

from rules.pupil_record import days_reached
from rules.rule import Days, Hit, Known, Rule
from rules.rule.sessions import Sessions
from rules.rule.view import View
from rules.rule.words import counted, in_figures, listed, number_word, ordinal_word


class Running(Sessions):
    """So many school days running with every possible session among those looked at."""

    kind: ClassVar[str] = "running"
    days: tuple[Days, ...]
    """One event on each of these days of the run."""
    after_leave: tuple[str, ...] = ()
    """Only when the last possible session before the run carries one of these codes."""
    unless_reached: bool = False
    """In a run of the service, a call home that was answered ends the row of days, and a visit that met somebody from the next day on."""

    def words(self) -> str:
        last = f", after a leave marked {listed(self.after_leave, 'or')}" if self.after_leave else ""
        ends = (
            "; in a run a call answered or a visit that met somebody ends them" if self.unless_reached else ""
        )
        return f"on day {listed(self.days)} of school days running {self.which()}{last}{ends}"

    def figures(self) -> dict[str, str]:
        """Return the days of the run on which it fires, and the day before the only one."""
        first = self.days[0]
        one = len(self.days) == 1
        over = {"over_days": counted(first - 1, "school day")} if one and first > 1 else {}
        words = listed([number_word(day) for day in self.days])
        return {
            **super().figures(),
            "threshold": listed(self.days),
            "threshold_words": words,
            "threshold_ordinal": listed([ordinal_word(day) for day in self.days]),
            "threshold_days": counted(first, "school day") if one else f"{words} school days",
            **over,
        }

    def codes_named(self) -> tuple[str, ...]:
        """Return the codes it looks for, and those of the leave before."""
        return (*self.codes, *self.after_leave)

    @property
    def run_of(self) -> Literal["days", "sessions"]:
        """School days in a row."""
        return "days"

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit on each named day of each run.

        Sessions not possible, missing or unrecognised neither break nor add; a day without a possible session is
        skipped; runs cross holidays, terms and years. Time off roll ends a run.
        """
        records = view.register.pupil_records if self.unless_reached and known.in_run else ()
        # a visit of the day itself may be the one that this rule asks for: it ends the row from the next day on
        talks, calls = days_reached(records), days_reached(records, by=("contact",))
        chosen = self.chosen(view) & view.possible
        possible, of_sort = view.by_day(view.possible), view.by_day(chosen)
        in_force = rule.days_in_force(view)
        wanted = set(self.days)
        hits = []
        for row in np.flatnonzero(((of_sort > 0) & (of_sort == possible)).sum(axis=1) >= min(wanted)):
            length, first, stretch = 0, 0, 0
            pupil_id = view.register.pupils[row].pupil_id
            reached, answered = talks.get(pupil_id, set()), calls.get(pupil_id, set())
            before = date.min
            for day in np.flatnonzero(possible[row]):
                today = view.days[day]
                if any(before <= one < today for one in reached):
                    length = 0
                before = today
                if view.stretches[row, day] != stretch:
                    length, stretch = 0, view.stretches[row, day]
                if of_sort[row, day] < possible[row, day]:
                    length = 0
                    continue
                first = int(day) if length == 0 else first
                length += 1
                if today in answered:
                    continue
                if length in wanted and in_force[day] and self._after_leave(view, int(row), first):
                    start = view.days[first]
                    hits.append(
                        Hit(
                            rule=rule,
                            row=int(row),
                            day=int(day),
                            anchor=f"{start.isoformat()}:{length}",
                            window=view.window(start, int(day)),
                            marks=view.marks_between(chosen, int(row), first, int(day)),
                            figures={
                                "count": length,
                                "threshold": length,
                                **view.shown_to_date(int(row), int(day)),
                            },
                        )
                    )
        return hits

    def _after_leave(self, view: View, row: int, first_day: int) -> bool:
        if not self.after_leave:
            return True
        before = np.flatnonzero(view.possible[row, : view.bounds[first_day]])
        return bool(before.size and view.coded(self.after_leave)[row, before[-1]])

    def now(self, view: View, rule: Rule, day: int) -> str:  # noqa: ARG002
        """Return how many days the present run has."""
        chosen = view.by_day(self.chosen(view) & view.possible)[0]
        possible = view.by_day(view.possible)[0]
        length = 0
        for number in range(day, -1, -1):
            if possible[number] and chosen[number] < possible[number]:
                break
            length += bool(possible[number])
        return f"{in_figures(length, 'school day')} running at present; the rule looks for {', '.join(map(str, self.days))}."
