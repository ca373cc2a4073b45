"""The register as one rule sees it up to a day: what counts, day by day, as arrays.

Rows are pupils, columns sessions or school days up to ``as_of``. A pack with a first day sees nothing before it.
A rule marked as law sees a session on a day on which the pupil is not of compulsory school age as not possible
(docs/conventions.md, Who).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules import age
from rules.calendar import week_start
from rules.codes import ABSENT, ATTENDED, POSSIBLE, Class
from rules.conditions import Sessions
from rules.policy import Policy, Rule
from rules.register import Register

_CLASSES = {
    "absent": ABSENT,
    "authorised": (Class.AUTHORISED,),
    "unauthorised": (Class.UNAUTHORISED,),
    "present": ATTENDED,
}


@dataclass(frozen=True)
class Hit:
    """A rule's condition held: for a matrix row (or a group) on a school day, with the sessions that decided."""

    rule: Rule
    row: int
    """-1 for a group."""
    day: int
    anchor: str
    marks: tuple[int, ...] = ()
    figures: dict[str, str | int] = field(default_factory=dict)
    group: str | None = None
    replaced_on: int | None = None
    """School day on which a new opening event of the chain takes over; nothing of this chain fires from then."""


class View:
    """See the module. ``days`` are the school days up to ``as_of`` whose every session is closed: a day is judged at
    its end. Day and session indices are the register's."""

    def __init__(self, register: Register, policy: Policy, as_of: date, *, law: bool = False) -> None:
        self.register = register
        self.policy = policy
        self.law = law
        self.calendar = register.calendar
        days = bisect_right(self.calendar.school_days, as_of)
        closed = bisect_right(register.day_bounds, register.closed_count) - 1
        self.days = self.calendar.school_days[: min(days, closed)]
        self.bounds = register.day_bounds[: len(self.days) + 1]
        self.session_count = int(self.bounds[-1]) if len(self.bounds) else 0
        self._day_index = {day: index for index, day in enumerate(self.days)}

    def day_index(self, day: date | None) -> int | None:
        """The index of a school day up to as_of; None for any other day."""
        return None if day is None else self._day_index.get(day)

    @cached_property
    def visible(self) -> NDArray[np.bool_]:
        """Pupils × sessions: on roll, and not before the pack's first day."""
        seen = self.register.on_roll[:, : self.session_count].copy()
        if self.policy.start:
            seen[:, : self.bounds[np.searchsorted(self.day_ordinals, self.policy.start.toordinal())]] = False
        return seen

    @cached_property
    def day_ordinals(self) -> NDArray[np.int64]:
        """The school days as ordinals."""
        return np.array([day.toordinal() for day in self.days], dtype=np.int64)

    @cached_property
    def school_weeks(self) -> list[date]:
        """The Monday of every week that has a school day, up to now."""
        return list(dict.fromkeys(week_start(day) for day in self.days))

    @cached_property
    def of_age(self) -> NDArray[np.bool_]:
        """Pupils × days: of compulsory school age."""
        found = np.zeros((len(self.register.pupils), len(self.days)), dtype=np.bool_)
        for row, pupil in enumerate(self.register.pupils):
            born = pupil.date_of_birth
            if born is None:
                found[row] = True
            else:
                first, last = age.starts(born).toordinal(), age.ends(born).toordinal()
                found[row] = (self.day_ordinals >= first) & (self.day_ordinals <= last)
        return found

    @cached_property
    def classes(self) -> NDArray[np.uint8]:
        """Pupils × sessions of :class:`rules.codes.Class` values as this view sees them."""
        found = self.register.classes[:, : self.session_count].copy()
        found[~self.visible] = Class.OFF_ROLL
        if self.law:
            found[~self._of_age_sessions & self.visible] = Class.NOT_POSSIBLE
        return found

    @cached_property
    def _of_age_sessions(self) -> NDArray[np.bool_]:
        return self.of_age[:, self.register.session_day[: self.session_count]]

    def coded(self, codes: tuple[str, ...]) -> NDArray[np.bool_]:
        """Pupils × sessions: recorded with one of these codes, as this view sees it."""
        found: NDArray[np.bool_] = self.register.coded(codes)[:, : self.session_count] & self.visible
        return found & self._of_age_sessions if self.law else found

    def chosen(self, sessions: Sessions) -> NDArray[np.bool_]:
        """Pupils × sessions: those that a condition looks at."""
        if sessions.codes:
            return self.coded(sessions.codes)
        assert sessions.counted_as
        return np.isin(self.classes, _CLASSES[sessions.counted_as])

    @cached_property
    def possible(self) -> NDArray[np.bool_]:
        """Pupils × sessions: a possible session."""
        return np.isin(self.classes, POSSIBLE)

    @cached_property
    def absent(self) -> NDArray[np.bool_]:
        """Pupils × sessions: an absent session."""
        return np.isin(self.classes, ABSENT)

    def by_day(self, sessions: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Pupils × days: how many of these sessions fall on each day."""
        sums = _running_sums(sessions)
        return sums[:, self.bounds[1:]] - sums[:, self.bounds[:-1]]

    @cached_property
    def on_roll(self) -> NDArray[np.bool_]:
        """Pupils × days: on roll; for law also of compulsory age, the only days on which such a rule may fire."""
        found = self.register.on_roll[:, self.bounds[:-1]]
        return found & self.of_age if self.law else found

    @cached_property
    def stretches(self) -> NDArray[np.int64]:
        """Pupils × days: a number that goes up whenever the pupil comes back after time off roll."""
        back = np.zeros((len(self.register.pupils), len(self.days)), dtype=np.int64)
        for row, pupil in enumerate(self.register.pupils):
            for returned in pupil.returns:
                first = int(np.searchsorted(self.day_ordinals, returned.toordinal()))
                back[row, first : first + 1] += 1
        return back.cumsum(axis=1)

    @cached_property
    def _sums(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        attended = np.isin(self.classes, ATTENDED)
        return _running_sums(attended), _running_sums(self.possible)

    def attended_and_possible(self, row: int, first_day: int, last_day: int) -> tuple[int, int]:
        """Counts for one pupil from one school day's start to another's end."""
        start, end = self.bounds[first_day], self.bounds[last_day + 1]
        attended, possible = self._sums
        return int(attended[row, end] - attended[row, start]), int(possible[row, end] - possible[row, start])

    @cached_property
    def year_starts(self) -> NDArray[np.int64]:
        """For each day the index of its academic year's first school day."""
        starts: dict[date, int] = {}
        for index, day in enumerate(self.days):
            starts.setdefault(self.calendar.year_of(day).start, index)
        return np.array([starts[self.calendar.year_of(day).start] for day in self.days], dtype=np.int64)

    @cached_property
    def year_slices(self) -> tuple[slice, ...]:
        """The days of each academic year."""
        starts = [int(start) for start in np.unique(self.year_starts)]
        return tuple(slice(a, b) for a, b in zip(starts, [*starts[1:], len(self.days)], strict=True))

    @cached_property
    def to_date(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pupils × days: attended and possible sessions of the year to date at each day's end."""
        starts = self.bounds[self.year_starts] if len(self.days) else self.bounds[:0]
        attended, possible = (sums[:, self.bounds[1:]] - sums[:, starts] for sums in self._sums)
        return attended, possible

    def year_to_date(self, row: int, day: int) -> tuple[int, int]:
        """Attended and possible sessions of one pupil's year to date at a day's end."""
        attended, possible = self.to_date
        return int(attended[row, day]), int(possible[row, day])

    @cached_property
    def enough(self) -> NDArray[np.bool_]:
        """Pupils × days: the year to date has the pack's minimum of possible sessions."""
        return self.to_date[1] >= self.policy.minimum_possible_sessions

    def in_force(self, rule: Rule) -> NDArray[np.bool_]:
        """Days: the rule holds, and the pack has begun."""
        start = self.policy.start
        return np.array(
            [rule.in_force(d) and (start is None or start <= d) for d in self.days], dtype=np.bool_
        )

    def sessions_of_day(self, day: int) -> range:
        """Session indices of a school day."""
        return range(int(self.bounds[day]), int(self.bounds[day + 1]))

    def marks_between(
        self, sessions: NDArray[np.bool_], row: int, first_day: int, last_day: int
    ) -> tuple[int, ...]:
        """Session indices of one pupil's chosen sessions from one day to another, both counted."""
        start, end = int(self.bounds[first_day]), int(self.bounds[last_day + 1])
        return tuple(int(i) + start for i in np.flatnonzero(sessions[row, start:end]))

    def year_anchor(self, day: int) -> str:
        """The academic year's first date, as text."""
        return self.calendar.year_of(self.days[day]).start.isoformat()

    def shown_to_date(self, row: int, day: int) -> dict[str, str | int]:
        """The figures every pupil's event carries: the year to date."""
        attended, possible = self.year_to_date(row, day)
        shown = self.policy.shown(attended, possible)
        return (
            {} if shown is None else {"attendance_percent": shown, "attended": attended, "possible": possible}
        )


def _running_sums(sessions: NDArray[Any]) -> NDArray[np.int64]:
    sums = np.zeros((sessions.shape[0], sessions.shape[1] + 1), dtype=np.int64)
    np.cumsum(sessions, axis=1, out=sums[:, 1:])
    return sums
