"""Which letters the governors' reports count, so that no report gives away a few pupils, nor the difference of two."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from letters.reports.governors.similar_pupils import Span
from letters.reports.suppression import MINIMUM
from letters.reports.worked_out import Shown
from rules.calendar import Calendar

Windows = tuple[Span, Span]
"""The weeks before and after a letter."""
Counted = tuple[str, Windows]
"""A pupil's letter that can be counted, with its weeks."""


def letters_shown(
    countable: Mapping[str, Sequence[Counted]], ends: Collection[date], calendar: Calendar
) -> dict[str, set[Counted]]:
    """Return by rule the letters that the last of several reports counts.

    Letters of a rule join the reports in groups of five pupils or more: who has two reports can subtract one from the other.
    They also wait while the figures of other rules, such as a meeting held in the week of a contract, would give a few away.
    A school year begins for itself, and what is left of one at its end is never counted. ``ends``: the last days of the
    reports, that of this one too.
    """
    places = {_key(one) for of_rule in countable.values() for one in of_rule}
    shown = Shown([*(f"nobody {n}" for n in range(MINIMUM)), *sorted(places)])
    found: dict[str, set[Counted]] = {rule: set() for rule in countable}
    for end in sorted(ends):
        for rule in sorted(countable):
            waiting: dict[date, set[Counted]] = {}
            for one in countable[rule]:
                over = _over(one, calendar)
                if over <= end and one not in found[rule]:
                    waiting.setdefault(calendar.year_of(over).start, set()).add(one)
            for _, group in sorted(waiting.items()):
                if len({pupil for pupil, _ in group}) >= MINIMUM and shown.add({_key(one) for one in group}):
                    found[rule] |= group
    return found


def _over(letter: Counted, calendar: Calendar) -> date:
    """Return the last school day of the weeks after a letter."""
    start, last = letter[1][1]
    return calendar.last_school_day(start, last) or last


def _key(letter: Counted) -> str:
    pupil_id, ((start, _), (_, end)) = letter
    return f"{start} {end} {pupil_id}"
