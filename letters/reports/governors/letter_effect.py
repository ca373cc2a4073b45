"""Attendance before and after a letter or another step, counted with the same rule for each and with no claim of cause.

The six school weeks before the letter's week are compared with the six after it. A letter whose six weeks have not
passed is not counted. The whole school in the same weeks is given too: the season affects everybody.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from letters.reports.governors.letters_shown import Counted, letters_shown
from letters.reports.governors.similar_pupils import SimilarPupils, Span, similar_pupils
from rules.calendar import week_start
from rules.events import Figures
from rules.register import Register
from rules.statistics import Tally

WEEKS = 6
"""School weeks on either side: weeks with at least one school day, Monday to Sunday."""
CAUTION = (
    "These figures are no proof that letters work. A letter is sent when attendance is at its lowest, and attendance "
    "at its lowest tends to rise anyway (regression to the mean); illness and season affect it too. A family that had a "
    "letter and a meeting is counted with both."
)


@dataclass(frozen=True, slots=True)
class SentLetter:
    """A letter of a rule that reached a family, or another step that was taken for a pupil on a day."""

    rule: str
    title: str
    pupil_id: str
    date: date
    """The day on which it was written."""


_STEPS = {
    ("meeting", "held"): "Meeting held",
    ("visit", "seen"): "Home visit, family seen",
    ("contract", "signed"): "Attendance contract signed",
}
"""The records whose effect is counted, by kind and by what came of them."""


def steps_taken(register: Register, until: date) -> list[SentLetter]:
    """Return plans, meetings, visits and contracts on record up to a day, in order of time."""
    plans = [
        SentLetter("plan", "Attendance plan agreed", plan.pupil_id, plan.date)
        for plan in register.attendance_plans
        if plan.begins and plan.is_for_attendance
    ]
    others = [
        SentLetter(record.kind, _STEPS[record.kind, record.decision], record.pupil_id, record.day)
        for record in register.pupil_records
        if (record.kind, record.decision) in _STEPS
    ]
    return sorted((step for step in [*plans, *others] if step.date <= until), key=lambda step: step.date)


@dataclass(frozen=True, slots=True)
class Effect:
    """Attendance before and after the letters of one rule: sums over all counted letters."""

    rule: str
    title: str
    letters: int
    counted: int
    """Letters with six school weeks of the same year and a possible session on both sides, as far as they are shown."""
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
    similar: SimilarPupils
    """The same weeks of pupils who had no such letter."""


def windows(register: Register, day: date, as_of: date) -> tuple[Span, Span] | None:
    """Return the six school weeks before and after the week of a day, in the same school year.

    Return None when there are fewer, or when they are not over by ``as_of``.
    """
    year = register.calendar.year_of(day)
    mondays = register.calendar.school_weeks_between(year.start, year.end)
    own = week_start(day)
    before = bisect_left(mondays, own)
    after = bisect_right(mondays, own)
    if before < WEEKS or after + WEEKS > len(mondays):
        return None
    sunday = timedelta(days=6)
    last = mondays[after + WEEKS - 1] + sunday
    final = register.calendar.last_school_day(mondays[after], last) or last
    if final > as_of:
        return None
    return (mondays[before - WEEKS], mondays[before - 1] + sunday), (mondays[after], last)


def effects(
    register: Register,
    tally: Tally,
    letters: Sequence[SentLetter],
    as_of: date,
    reports: Collection[date] = (),
) -> list[Effect]:
    """Return attendance before and after by rule, in the order of the letters.

    ``reports``: the last days of the other reports that the same readers have; letters join the figures in groups of five
    pupils or more (letters/reports/governors/letters_shown.py).
    """
    by_rule: dict[str, list[SentLetter]] = {}
    for letter in letters:
        if letter.pupil_id in register.row_of:
            by_rule.setdefault(letter.rule, []).append(letter)
    countable = {rule: _countable(register, tally, of_rule, as_of) for rule, of_rule in by_rule.items()}
    ends = {as_of, *(end for end in reports if end < as_of)}
    shown = letters_shown(countable, ends, register.calendar)
    whole: dict[Span, Figures] = {}
    return [
        _effect(tally, of_rule, [one for one in countable[rule] if one in shown[rule]], whole)
        for rule, of_rule in by_rule.items()
    ]


def _countable(register: Register, tally: Tally, letters: Sequence[SentLetter], as_of: date) -> list[Counted]:
    """Return the letters with both of their windows over and a possible session in each."""
    found = []
    for letter in letters:
        spans = windows(register, letter.date, as_of)
        if spans and all(tally.pupil(letter.pupil_id, *span).possible for span in spans):
            found.append((letter.pupil_id, spans))
    return found


def _effect(
    tally: Tally, letters: Sequence[SentLetter], counted: Sequence[Counted], whole: dict[Span, Figures]
) -> Effect:
    sums = [Figures(), Figures(), Figures(), Figures()]
    changes = {1: 0, 0: 0, -1: 0}
    for pupil_id, spans in counted:
        before, after = (tally.pupil(pupil_id, *span) for span in spans)
        change = Fraction(after.attended, after.possible) - Fraction(before.attended, before.possible)
        changes[(change > 0) - (change < 0)] += 1
        for span in spans:
            if span not in whole:
                whole[span] = tally.total(*span)
        parts = (before, after, whole[spans[0]], whole[spans[1]])
        sums = [_sum(so_far, part) for so_far, part in zip(sums, parts, strict=True)]
    days: dict[str, list[date]] = {}
    for letter in letters:
        days.setdefault(letter.pupil_id, []).append(letter.date)
    return Effect(
        letters[0].rule, letters[0].title, len(letters), len(counted), len({pupil_id for pupil_id, _ in counted}),
        sums[0], sums[1], changes[1], changes[0], changes[-1], sums[2], sums[3],
        similar_pupils(tally, counted, days),
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
