"""Kind ``day``: a session of some sort on a day, or only on the first day of a run or block of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from rules.pupil_record import days_reached
from rules.rule import Hit, Known, Rule
from rules.rule.sessions import Sessions
from rules.rule.view import View
from rules.school import FLAGS


class Day(Sessions):
    """A session of this sort on a day."""

    kind: ClassVar[str] = "day"
    once_per: Literal["day", "run", "block"] = "day"
    """run: the first of consecutive school days that each have one; block: the first of consecutive possible
    sessions that are all so."""
    session: Literal["AM", "PM"] | None = None
    flag: str | None = None
    """Only on days on which the pupil had this flag."""
    first_day: bool = False
    """Only when the school day before has no absent session."""
    unless_reached: bool = False
    """In a run of the service, not on a day on which a call home was answered or a visit found somebody."""

    def words(self) -> str:
        half = {"AM": "morning session", "PM": "afternoon session"}.get(self.session or "", "session")
        flag = f" of a pupil with the flag {self.flag}" if self.flag else ""
        once = {
            "day": "",
            "run": ", once in a run of such days",
            "block": ", once in a block of such sessions",
        }
        first = ", on the first day of an absence" if self.first_day else ""
        reached = (
            "; in a run not where a call was answered or a visit met somebody" if self.unless_reached else ""
        )
        return f"a {half}{flag} {self.which()}{once[self.once_per]}{first}{reached}"

    def pupil_facts(self) -> tuple[str, ...]:
        """Return the flag that it asks for."""
        return (self.flag,) if self.flag else ()

    def faults(self, place: str, rule: Rule, rules: Sequence[Rule]) -> Iterator[str]:  # noqa: ARG002
        """Yield a flag that no pupil can have."""
        if self.flag and self.flag not in FLAGS:
            yield f"{place}.when.flag: '{self.flag}' is no flag: use one of {', '.join(FLAGS)}"

    @property
    def once_a_run(self) -> bool:
        """It fires on the first day of a run, block or absence."""
        return self.run_of is not None

    @property
    def run_of(self) -> Literal["days", "sessions"] | None:
        """Days or sessions in a row, or an absence that begins after a day without one."""
        if self.once_per == "block":
            return "sessions"
        return "days" if self.once_per == "run" or self.first_day else None

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit for each day with such a session; or for the first day of a run; or of a block of sessions."""
        talks = days_reached(view.register.pupil_records) if self.unless_reached and known.in_run else {}
        chosen = self.chosen(view)
        if self.session:
            chosen = chosen & np.array(
                [s.half == self.session for s in view.register.sessions[: view.session_count]]
            )
        if self.flag:
            chosen = chosen & view.register.with_flag(self.flag)[:, : view.session_count]
        in_force = rule.days_in_force(view)
        hits = []
        for row in map(int, np.flatnonzero(chosen.any(axis=1))):
            starts = _blocks if self.once_per == "block" else self._days
            reached = talks.get(view.register.pupils[row].pupil_id, ())
            for day, marks in starts(view, chosen, row, reached):
                if in_force[day] and not (self.first_day and _absent_before(view, row, day)):
                    on = view.days[day]
                    figures = {"count": len(marks), **view.shown_to_date(row, day)}
                    hits.append(Hit(rule, row, day, on.isoformat(), (on, on), marks, figures))
        return hits

    def _days(
        self, view: View, chosen: NDArray[np.bool_], row: int, reached: Collection[date]
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield days with such a session, but for those in ``reached``. In a run, a day with possible sessions and none of this
        sort, or time off roll, ends it."""
        running, stretch = False, 0
        for day in map(int, np.flatnonzero(view.by_day(view.possible | chosen)[row])):
            if view.stretches[row, day] != stretch:
                running, stretch = False, view.stretches[row, day]
            marks = view.marks_between(chosen, row, day, day)
            fires = bool(marks) and view.days[day] not in reached
            if fires and not (running and self.once_per == "run"):
                yield day, marks
            running = bool(marks) and (running or fires)

    def now(self, view: View, rule: Rule, day: int) -> str:  # noqa: ARG002
        """Return how many such sessions this year has."""
        return self.so_far(view, day)


def _blocks(
    view: View, chosen: NDArray[np.bool_], row: int, reached: Collection[date]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the first session of each block of consecutive possible sessions of this sort, but for days in ``reached``."""
    inside, stretch = False, 0
    for session in map(int, np.flatnonzero(view.possible[row])):
        day = int(view.register.session_day[session])
        if view.stretches[row, day] != stretch:
            inside, stretch = False, view.stretches[row, day]
        if chosen[row, session] and not inside and view.days[day] not in reached:
            yield day, (session,)
        inside = bool(chosen[row, session])


def _absent_before(view: View, row: int, day: int) -> bool:
    return day > 0 and bool(view.absent[row, view.bounds[day - 1] : view.bounds[day]].any())
