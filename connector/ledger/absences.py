"""Whether the absences that two events rest on are one absence or two.

Two absences with an attended session between them are two events, each with a letter, a note and a line on the calls
list of its own. A correction may only move an event along one absence. So:

- An absence whose first marks are corrected begins later and is the same one, until a session that the pupil attended
  lies between what was counted and what is counted now: what was written of the first is then taken back, and the
  second is a new event.
- An absence that a correction splits, because the pupil is found to have been in school in the middle, is two from then
  on. The letter stays with the part that it was written of; the other part has none and gets one.
- Two absences that a correction joins are one from then on, and the rule fires on the first alone. What was written of
  the second stays: every mark that it counts is as it was, so no note may say that the marks no longer support it.
- In a rule that fires once in a period, such as the third late mark of a half term, an event moves for as long as it
  shares a mark with what was written, or what was written still stands. When every mark of it was changed, the letter
  was about something that never was, and what follows now is a new event.

Whether an absence is recorded with a reason plays no part: a child who is ill on the days between was not in school.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rules.codes import ATTENDED
from rules.events import CountedMark, Event
from rules.kinds.follows import Follows
from rules.policy import Policy
from rules.register import Register
from rules.rule import Condition
from rules.school import Session


@dataclass(frozen=True)
class Absences:
    """The absences of a register as the rules of a policy look at them."""

    register: Register
    policy: Policy

    def condition(self, rule: str) -> Condition | None:
        """Return what an event of a rule happens by: for one that comes with another rule's, that rule's condition.

        None when the policy no longer has the rule.
        """
        when = self._conditions.get(rule)
        return self._conditions.get(when.of, when) if isinstance(when, Follows) else when

    def of_run(self, rule: str) -> bool:
        """Return True when the rule fires on a run of absence, or on the first of it."""
        when = self.condition(rule)
        return when is not None and when.run_of is not None

    def parted(self, was: Event, now: Event) -> bool:
        """Given an event as it was found once and one of today, both of one rule and pupil, return True when they rest on two
        absences: the pupil attended a session between them.

        Where the rule counts days, the days of the two absences themselves do not part them: an absence of two mornings
        is one run of days.
        """
        when = self.condition(now.rule)
        pupil = self.register.row_of.get(now.pupil_id or "")
        if when is None or pupil is None or when.tested_at_end_of is not None:
            return False
        standing = [mark for mark in was.sessions if self._stands(pupil, mark)]
        if when.run_of is None:
            one, other = _sessions(was.sessions), _sessions(now.sessions)
            if standing or not one or not other or set(one) & set(other):
                return False
        then = _sessions(standing[:1] or was.sessions[-1:]) or [Session(was.date, "AM")]
        today = _sessions(now.sessions[:1]) or [Session(now.date, "AM")]
        return self._attended(pupil, *sorted((then[0], today[0])), whole_days=when.run_of == "days")

    def joined(self, was: Event, events: Iterable[Event]) -> bool:
        """Return True when every mark of an event stands, and its absence is now a part of one that began earlier.

        ``events`` are today's.
        """
        pupil = self.register.row_of.get(was.pupil_id or "")
        if not self.of_run(was.rule) or pupil is None or not was.sessions:
            return False
        if not all(self._stands(pupil, mark) for mark in was.sessions):
            return False
        return any(
            (event.rule, event.pupil_id) == (was.rule, was.pupil_id)
            and event.date < was.date
            and not self.parted(was, event)
            for event in events
        )

    @cached_property
    def _conditions(self) -> dict[str, Condition]:
        return {rule.id: rule.when for rule in self.policy.rules}

    def _stands(self, pupil: int, mark: CountedMark) -> bool:
        """Return True when the register still has the mark that was counted."""
        session = Session(mark.date, mark.half)
        column = bisect_left(self.register.sessions, session)
        found = self.register.sessions[column : column + 1] == (session,)
        return found and self.register.code_at(pupil, column) == mark.code

    def _attended(self, pupil: int, first: Session, last: Session, *, whole_days: bool) -> bool:
        """Return True when a session strictly between two was attended; with ``whole_days``, on a day between theirs."""
        if whole_days:
            first, last = Session(first.date, "PM"), Session(last.date, "AM")
        sessions = self.register.sessions
        between = slice(bisect_right(sessions, first), bisect_left(sessions, last))
        return bool(np.isin(self.register.classes[pupil, between], ATTENDED).any())


def _sessions(marks: Sequence[CountedMark]) -> list[Session]:
    return [Session(mark.date, mark.half) for mark in marks]
