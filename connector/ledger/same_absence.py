"""Whether the absences that two events rest on are one absence or two.

Two absences with an attended session between them are two events, each with a letter, a note and a line on the calls
list of its own. A correction may only move an event along one absence. So:

- An absence whose first days are found to have been attended is shorter, and the same: its letter stays. So is one that
  is found to have begun earlier.
- An absence whose first days get their reason goes on as the same one, until a session that the pupil attended lies
  between what was counted and what is counted now: what was written of the first is then taken back, and the second is
  a new event. It makes no difference whether the reason comes before the second absence or on the day of it.
- An absence that a correction splits, because the pupil is found to have been in school in the middle, is two from then
  on. The letter stays with the part that it was written of; the other part has none and gets one.
- Two absences that a correction joins are one from then on, and the rule fires on the first alone. What was written of
  the second stays: every mark that it counts is as it was, so no note may say that the marks no longer support it.
- The same holds for a rolling count, where what follows in the absence in which it fired is spent: an absence that goes on
  is no new event, one that a correction splits may be, and one that a correction joins to it leaves what was written.
- In a rule that fires once in a period, such as the third late mark of a half term, an event moves for as long as it
  shares a mark with what was written, or what was written still stands. When every mark of it was changed, the letter
  was about something that never was, and what follows now is a new event.

Whether an absence is recorded with a reason plays no part: a child who is ill on the days between was not in school.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rules.codes import ABSENT, ATTENDED
from rules.events import CountedMark, Event
from rules.kinds.records.follows import Follows
from rules.policy import Policy
from rules.register import Register
from rules.rule import Condition
from rules.school import Session


@dataclass(frozen=True)
class Absences:
    """The absences of a register as the rules of a policy look at them."""

    register: Register
    policy: Policy
    before: Register | None = None
    """The register with the marks that have been corrected since the last run as they were until then."""

    def condition(self, rule: str) -> Condition | None:
        """Return what an event of a rule happens by: for one that comes with another rule's, that rule's condition.

        None when the policy no longer has the rule.
        """
        when = self._conditions.get(rule)
        return self._conditions.get(when.of, when) if isinstance(when, Follows) else when

    def separate(self, was: Event, now: Event) -> bool:
        """Return True when an event of today rests on another absence than one of the ledger, of one rule and pupil.

        The pupil attended a session between the two, and did so already before the last corrections; or was absent
        on both sides of it, so that the absence is split. Where the rule counts days, the days of the two absences
        themselves do not part them: an absence of two mornings is one run of days.
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
        between = self._between(*sorted((then[0], today[0])), whole_days=when.run_of == "days")
        if not _is_any(self.register, pupil, between, ATTENDED):
            return False
        if self.before is None or _is_any(self.before, pupil, between, ATTENDED):
            return True
        counted = [self._column(session) for session in _sessions(was.sessions) or then]
        return any(_is_any(self.register, pupil, slice(place, place + 1), ABSENT) for place in counted)

    def joined(self, was: Event, events: Iterable[Event]) -> bool:
        """Return True when every mark of an event stands, and its absence is now a part of one that began earlier.

        ``events`` are today's.
        """
        when = self.condition(was.rule)
        pupil = self.register.row_of.get(was.pupil_id or "")
        if when is None or pupil is None or not was.sessions:
            return False
        if not all(self._stands(pupil, mark) for mark in was.sessions):
            return False
        earlier = [
            event
            for event in events
            if (event.rule, event.pupil_id) == (was.rule, was.pupil_id) and event.date < was.date
        ]
        if when.spends_absences:
            return any(self._goes_on(pupil, event, was) for event in earlier)
        return when.run_of is not None and any(not self.separate(was, event) for event in earlier)

    def _goes_on(self, pupil: int, event: Event, later: Event) -> bool:
        """Return True when the pupil attended nothing from the last session of one event to the first of a later one."""
        last, first = _sessions(event.sessions)[-1:], _sessions(later.sessions)[:1]
        if not last:
            return False
        return not _is_any(self.register, pupil, self._between(last[0], first[0], whole_days=False), ATTENDED)

    def lost_a_mark(self, was: Event, changed: Collection[tuple[str, Session]]) -> bool:
        """Return True when a mark was changed that an event of a run counted, or one of a rolling count.

        ``changed`` are pupil ids and sessions.
        """
        when = self.condition(was.rule)
        of_absence = when is not None and (when.run_of is not None or when.spends_absences)
        return of_absence and any((was.pupil_id, session) in changed for session in _sessions(was.sessions))

    @cached_property
    def _conditions(self) -> dict[str, Condition]:
        return {rule.id: rule.when for rule in self.policy.rules}

    def _stands(self, pupil: int, mark: CountedMark) -> bool:
        """Return True when the register still has the mark that was counted."""
        session = Session(mark.date, mark.half)
        column = self._column(session)
        found = self.register.sessions[column : column + 1] == (session,)
        return found and self.register.code_at(pupil, column) == mark.code

    def _column(self, session: Session) -> int:
        return bisect_left(self.register.sessions, session)

    def _between(self, first: Session, last: Session, *, whole_days: bool) -> slice:
        """Return the columns strictly between two sessions; with ``whole_days``, of the days between theirs."""
        if whole_days:
            first, last = Session(first.date, "PM"), Session(last.date, "AM")
        return slice(bisect_right(self.register.sessions, first), self._column(last))


def _is_any(register: Register, pupil: int, columns: slice, of: tuple[int, ...]) -> bool:
    return bool(np.isin(register.classes[pupil, columns], of).any())


def _sessions(marks: Sequence[CountedMark]) -> list[Session]:
    return [Session(mark.date, mark.half) for mark in marks]
