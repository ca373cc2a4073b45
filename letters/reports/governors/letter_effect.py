"""Attendance before and after a letter, counted with the same rule for every letter and with no claim of cause.

Six school weeks before the letter's week are set beside six after it. A letter whose six weeks have not passed is
not counted. The whole school in the same weeks stands beside it: the season moves everybody.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from rules.calendar import week_start
from rules.events import Figures
from rules.register import Register
from rules.statistics import Tally

WEEKS = 6
"""School weeks on either side: weeks with at least one school day, Monday to Sunday."""
CAUTION = (
    "These figures are no proof that letters work. A letter goes out when attendance is at its lowest, and what is "
    "at its lowest tends to rise by itself; illness and season move it too. Families who were also met, rung or "
    "visited are counted like all others."
)


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter of a rule that reached a family."""

    rule: str
    title: str
    pupil_id: str
    date: date


@dataclass(frozen=True, slots=True)
class Effect:
    """What happened round the letters of one rule. Sums over all counted letters."""

    rule: str
    title: str
    letters: int
    counted: int
    """Letters with six school weeks of the same year and a possible session on both sides."""
    pupils: int
    """Different pupils among those counted."""
    before: Figures
    after: Figures
    higher: int
    same: int
    lower: int
    school_before: Figures
    """The whole school in the same weeks, summed over the same letters."""
    school_after: Figures


def windows(register: Register, day: date, as_of: date) -> tuple[tuple[date, date], tuple[date, date]] | None:
    """The six school weeks before and after the week of a day, of the same school year.

    None when they are not all there by ``as_of``.
    """
    year = register.calendar.year_of(day)
    mondays = sorted({week_start(d) for d in register.calendar.school_days if d in year})
    own = week_start(day)
    place = bisect_left(mondays, own)
    after = place + (1 if place < len(mondays) and mondays[place] == own else 0)
    if place < WEEKS or after + WEEKS > len(mondays):
        return None
    sunday = timedelta(days=6)
    last = mondays[after + WEEKS - 1] + sunday
    final = register.calendar.last_school_day(mondays[after], last) or last
    if final > as_of:
        return None
    return (mondays[place - WEEKS], mondays[place - 1] + sunday), (mondays[after], last)


def effects(register: Register, tally: Tally, letters: Sequence[SentLetter], as_of: date) -> list[Effect]:
    """Before and after by rule, in the order the rules are first met."""
    by_rule: dict[str, list[SentLetter]] = {}
    for letter in letters:
        if letter.pupil_id in register.row_of:
            by_rule.setdefault(letter.rule, []).append(letter)
    whole: dict[tuple[date, date], Figures] = {}
    return [_effect(register, tally, found, as_of, whole) for found in by_rule.values()]


def _effect(
    register: Register,
    tally: Tally,
    letters: Sequence[SentLetter],
    as_of: date,
    whole: dict[tuple[date, date], Figures],
) -> Effect:
    sums = [Figures(), Figures(), Figures(), Figures()]
    moved = {1: 0, 0: 0, -1: 0}
    pupils: set[str] = set()
    counted = 0
    for letter in letters:
        found = windows(register, letter.date, as_of)
        if found is None:
            continue
        before, after = (tally.pupil(letter.pupil_id, *span) for span in found)
        if not (before.possible and after.possible):
            continue
        counted += 1
        pupils.add(letter.pupil_id)
        change = Fraction(after.attended, after.possible) - Fraction(before.attended, before.possible)
        moved[(change > 0) - (change < 0)] += 1
        for span in found:
            if span not in whole:
                whole[span] = tally.total(*span)
        parts = (before, after, whole[found[0]], whole[found[1]])
        sums = [_sum(so_far, part) for so_far, part in zip(sums, parts, strict=True)]
    return Effect(
        letters[0].rule, letters[0].title, len(letters), counted, len(pupils),
        sums[0], sums[1], moved[1], moved[0], moved[-1], sums[2], sums[3],
    )  # fmt: skip


def _sum(one: Figures, other: Figures) -> Figures:
    return Figures(
        possible=one.possible + other.possible,
        attended=one.attended + other.attended,
        authorised=one.authorised + other.authorised,
        unauthorised=one.unauthorised + other.unauthorised,
        late=one.late + other.late,
        missing=one.missing + other.missing,
    )
