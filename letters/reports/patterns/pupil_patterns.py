"""Patterns in the absence of single pupils over the school year up to a day, each with a plain threshold.

Absence that the school itself gave (study leave, an exclusion, a part-time timetable, leave) is in none of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from letters.homes import household_key
from letters.reports.patterns.chance import LIMIT, meeting_by_chance, stands_out
from letters.reports.pupils import class_of, in_order
from letters.words.english import day_name, joined
from rules.calendar import week_start
from rules.codes import ABSENT, GIVEN, POSSIBLE, Class
from rules.kinds.marks.beside_holiday import next_to_holidays
from rules.register import Register
from rules.school import Pupil
from rules.statistics import Tally

NOT_COUNTED = (*GIVEN, "C1", "C2", "J1")
"""Codes of absence that the school gave or agreed."""
WEEKDAY_DAYS = 5
"""Days of absence on one weekday from which it may be a pattern."""
HOLIDAY_DAYS = 3
"""Days of absence next to a holiday from which they may be a pattern: a school year has about 14 such days."""
SIBLING_DAYS = 3
"""School days on which two of one household were away together."""
BROKEN_WEEKS = 5
"""Weeks with an absence from which a pupil is listed, where they are at least half of the pupil's weeks."""
AFTERNOONS = 3
"""Days present in the morning and absent in the afternoon from which a pupil is listed."""

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pupil's pattern: so many of the pupil's days (or weeks) of absence are of this kind."""

    pupil: Pupil
    days: int
    of: int
    """Days of absence in all; for broken weeks, weeks on roll."""
    last: date
    codes: tuple[str, ...]
    """The codes recorded on those days."""
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Siblings:
    """Pupils of one household who were away on the same days."""

    pupils: tuple[Pupil, ...]
    together: int
    """School days on which at least two of them were absent."""
    absent: tuple[int, ...]
    """Days of absence of each."""
    last: date
    codes: tuple[str, ...]


class PupilPatterns:
    """Patterns of the pupils on roll on a day; of some of them where ``ids`` names them."""

    def __init__(
        self, register: Register, tally: Tally, as_of: date, ids: Collection[str] | None = None
    ) -> None:
        self.register, self.as_of = register, as_of
        self.pupils = in_order(
            pupil
            for pupil in register.pupils
            if pupil.listed_on(as_of) and (ids is None or pupil.pupil_id in ids)
        )
        start = max(filter(None, (register.calendar.year_of(as_of).start, tally.since)))
        inside = np.array([start <= session.date <= as_of for session in register.sessions], dtype=np.bool_)
        given = register.coded(NOT_COUNTED)
        self.absent: Bools = np.isin(register.classes, ABSENT) & ~given & inside
        self.possible: Bools = np.isin(register.classes, POSSIBLE) & ~given & inside
        self.days = register.calendar.school_days

    @cached_property
    def _absent_days(self) -> Bools:
        """Pupils × school days: absent in a session of the day."""
        return self._by_day(self.absent)

    @cached_property
    def _own_days(self) -> Bools:
        """Pupils × school days: a session of the day was possible."""
        return self._by_day(self.possible)

    def _by_day(self, cells: Bools) -> Bools:
        if not self.days:
            return np.zeros((len(self.register.pupils), 0), dtype=np.bool_)
        found: Bools = np.logical_or.reduceat(cells, self.register.day_bounds[:-1], axis=1)
        return found

    def weekdays(self) -> list[Pattern]:
        """Return pupils of whom one weekday holds at least five days of absence and twice its share, hardly by chance."""
        weekday = np.array([day.weekday() for day in self.days], dtype=np.int8)
        return [
            self._pattern(pupil, row, self._absent_days[row] & (weekday == number), number)
            for pupil, row in self._rows()
            for number in range(5)
            if self._stands_out(row, weekday == number, WEEKDAY_DAYS, times=5)
        ]

    def holidays(self) -> list[Pattern]:
        """Return pupils with at least three days of absence next to a holiday and twice their share, hardly by chance."""
        beside = set(next_to_holidays(self.register.calendar))
        chosen = np.array([day in beside for day in self.days], dtype=np.bool_)
        return [
            self._pattern(pupil, row, self._absent_days[row] & chosen)
            for pupil, row in self._rows()
            if self._stands_out(row, chosen, HOLIDAY_DAYS)
        ]

    def _stands_out(self, row: int, chosen: Bools, least: int, *, times: int = 1) -> bool:
        absent, own = self._absent_days[row], self._own_days[row]
        hits = int((absent & chosen).sum())
        if hits < least:
            return False
        return stands_out(hits, int(absent.sum()), int((own & chosen).sum()), int(own.sum()), times=times)

    def afternoons(self) -> list[Pattern]:
        """Return pupils who were present in the morning and absent in the afternoon on at least three days."""
        present = self.register.classes == Class.PRESENT
        found = []
        morning = np.zeros(len(self.days), dtype=np.int64)
        afternoon = np.zeros(len(self.days), dtype=np.int64)
        whole = np.zeros(len(self.days), dtype=np.bool_)
        for number, (first, after) in enumerate(
            zip(self.register.day_bounds[:-1], self.register.day_bounds[1:], strict=True)
        ):
            morning[number], afternoon[number], whole[number] = first, after - 1, after - first == 2
        for pupil, row in self._rows():
            left = whole & present[row, morning] & self.absent[row, afternoon]
            if int(left.sum()) >= AFTERNOONS:
                found.append(self._pattern(pupil, row, left))
        return found

    def broken_weeks(self) -> list[Pattern]:
        """Return pupils with an absence in at least five weeks and in half of their weeks, most weeks first."""
        week = np.array([week_start(day).toordinal() for day in self.days], dtype=np.int64)
        found = []
        for pupil, row in self._rows():
            broken = len(np.unique(week[self._absent_days[row]]))
            weeks = len(np.unique(week[self._own_days[row]]))
            if broken >= BROKEN_WEEKS and 2 * broken >= weeks:
                pattern = self._pattern(pupil, row, self._absent_days[row])
                found.append(Pattern(pupil, broken, weeks, pattern.last, pattern.codes))
        return sorted(found, key=lambda pattern: -pattern.days)

    def siblings(self) -> list[Siblings]:
        """Return households of whom two were away together on at least three days, hardly by chance; most days first."""
        families: list[dict[str, Pupil]] = []
        for pair in same_household(self.pupils):
            if self._away_together(*pair):
                tied = [family for family in families if any(pupil.pupil_id in family for pupil in pair)]
                families = [family for family in families if family not in tied]
                families.append(
                    {p.pupil_id: p for one in tied for p in one.values()} | {p.pupil_id: p for p in pair}
                )
        return sorted(map(self._family, families), key=lambda found: -found.together)

    def _away_together(self, one: Pupil, other: Pupil) -> bool:
        rows = [self.register.row_of[pupil.pupil_id] for pupil in (one, other)]
        first, second = (self._absent_days[row] for row in rows)
        chosen = self._own_days[rows[0]] & self._own_days[rows[1]]
        together = int((first & second).sum())
        return together >= SIBLING_DAYS and (
            max(
                meeting_by_chance(first[chosen], second[chosen]),
                meeting_by_chance(second[chosen], first[chosen]),
            )
            <= LIMIT
        )

    def _family(self, members: Mapping[str, Pupil]) -> Siblings:
        pupils = tuple(in_order(members.values()))
        rows = [self.register.row_of[pupil.pupil_id] for pupil in pupils]
        both: Bools = self._absent_days[rows].sum(axis=0) >= 2
        codes = sorted({code for row in rows for code in self._codes(row, both)})
        absent = tuple(int(self._absent_days[row].sum()) for row in rows)
        last = self.days[int(np.flatnonzero(both)[-1])]
        return Siblings(pupils, int(both.sum()), absent, last, tuple(codes))

    def in_words(self) -> dict[str, list[str]]:
        """Return the patterns of each pupil who has one as short phrases for a list, by pupil id."""
        found: dict[str, list[str]] = {}
        for one in self.weekdays():
            assert one.weekday is not None
            found.setdefault(one.pupil.pupil_id, []).append(
                f"absent on {day_name(one.weekday)}s: {one.days} of {one.of} days"
            )
        for one in self.holidays():
            found.setdefault(one.pupil.pupil_id, []).append(
                f"absent next to holidays: {one.days} of {one.of} days"
            )
        for one in self.afternoons():
            found.setdefault(one.pupil.pupil_id, []).append(f"left after lunch on {one.days} days")
        for family in self.siblings():
            for pupil in family.pupils:
                others = joined([f"{p.forename} ({class_of(p)})" for p in family.pupils if p is not pupil])
                found.setdefault(pupil.pupil_id, []).append(f"away on the same days as {others}")
        return found

    def _rows(self) -> Iterator[tuple[Pupil, int]]:
        for pupil in self.pupils:
            yield pupil, self.register.row_of[pupil.pupil_id]

    def _pattern(self, pupil: Pupil, row: int, days: Bools, weekday: int | None = None) -> Pattern:
        last = self.days[int(np.flatnonzero(days)[-1])]
        absent = int(self._absent_days[row].sum())
        return Pattern(pupil, int(days.sum()), absent, last, self._codes(row, days), weekday)

    def _codes(self, row: int, days: Bools) -> tuple[str, ...]:
        chosen = self.absent[row] & days[self.register.session_day]
        return tuple(sorted({self.register.code_at(row, int(n)) for n in np.flatnonzero(chosen)}))


def same_household(pupils: Sequence[Pupil]) -> list[tuple[Pupil, Pupil]]:
    """Return the pairs who share a parent, or an address of parents; a secret address ties nobody together."""
    members: dict[str, dict[str, Pupil]] = {}
    for pupil in pupils:
        for key in _ties(pupil):
            members.setdefault(key, {})[pupil.pupil_id] = pupil
    pairs: dict[tuple[str, str], tuple[Pupil, Pupil]] = {}
    for group in members.values():
        for one, other in combinations(group.values(), 2):
            pairs.setdefault((one.pupil_id, other.pupil_id), (one, other))
    return list(pairs.values())


def _ties(pupil: Pupil) -> Iterable[str]:
    for contact in pupil.contacts:
        if contact.is_parent and not contact.deceased:
            yield f"contact {contact.contact_id}"
            if contact.address.usable and not contact.refuge:
                yield f"home {household_key(contact.address)}"
