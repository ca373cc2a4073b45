"""Which event found today is which event of the ledger, also after a correction has moved it.

A family must not get a second copy because one mark was corrected and the same absences now make the rule fire
a day later. So events are compared per rule and pupil (or group), in three passes, each pair used once:

1. the same anchor and the same date: plainly the same event;
2. the same date: a correction moved what the rule counted from, not the day;
3. the same occurrence on another day, nearest first: the same anchor (the same half term, term, year or run), or
   windows that overlap and at least half of the smaller set of counted sessions in both. Events without counted
   sessions (reviews) need only the overlap; those tested at a period's end, the end of the same period. For rules
   that fire once per run or block of days, whose evidence is its first day only, a few school days apart is near
   enough. Never when the pupil attended a session between two absences: then they are two (same_absence.py).

As many events as can be find their row, because each one left over is a second letter. A row that stands goes before
one that was withdrawn.

A row that was withdrawn comes back only for an event dated up to the day of its withdrawal: a mark corrected back.
An event of a later day rests on attendance since then and is a new one, with a key and a letter of its own.

A parent who is added to a notice to improve later is an event of their own (notices/by_parent.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from connector.ledger.notices.by_parent import by_parent
from connector.ledger.same_absence import Absences
from connector.store.ledger import LedgerRow
from rules.calendar import Calendar, week_start
from rules.events import Event
from rules.kinds.records.notice_to_improve import NoticeOnRecord
from rules.policy import Policy
from rules.register import Register
from rules.rule import Condition, PeriodName

NEAR_DAYS = 5
"""School days between the old and the new first day of what is taken as one run of absence."""

Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Matching:
    """Every ledger row and every event stands in exactly one of the three."""

    pairs: tuple[tuple[LedgerRow, Event], ...]
    new: tuple[Event, ...]
    gone: tuple[LedgerRow, ...]


def match(
    rows: Iterable[LedgerRow],
    events: Iterable[Event],
    *,
    policy: Policy,
    register: Register,
    before: Register | None = None,
) -> Matching:
    """Given the ledger's rows and the events of an evaluation under one policy, say which is which.

    ``register`` is the one of today, ``before`` has the marks that were corrected since the last run as they were: they
    say whether a pupil was in school between two absences.
    """
    held: dict[Place, list[LedgerRow]] = {}
    about_notices: dict[str, list[LedgerRow]] = {}
    absences = Absences(register, policy, before)
    for row in rows:
        held.setdefault(row.subject, []).append(row)
        if isinstance(absences.condition(row.rule), NoticeOnRecord):
            about_notices.setdefault(row.pupil_id or "", []).append(row)
    found: dict[Place, list[Event]] = {}
    for event in events:
        found.setdefault((event.rule, event.pupil_id or "", event.group or ""), []).append(event)
    pairs: list[tuple[LedgerRow, Event]] = []
    new: list[Event] = []
    gone: list[LedgerRow] = []
    for place in sorted(held.keys() | found.keys()):
        near = _Nearness(register.calendar, absences, absences.condition(place[0]))
        own = by_parent(near.condition, about_notices.get(place[1], []), found.get(place, []), register)
        matched = _match_place(held.get(place, []), own, near)
        pairs += matched
        taken_rows = {row.id for row, _ in matched}
        taken_events = {id(event) for _, event in matched}
        gone += [row for row in held.get(place, []) if row.id not in taken_rows]
        new += [event for event in own if id(event) not in taken_events]
    new.sort(key=lambda event: (event.date, event.subject, event.rule))
    return Matching(tuple(pairs), tuple(new), tuple(gone))


def _match_place(
    rows: Sequence[LedgerRow], events: Sequence[Event], near: _Nearness
) -> list[tuple[LedgerRow, Event]]:
    """Best pairs first; ties are settled by date, then by age in the ledger, so that the answer is always the same."""
    events = sorted(events, key=lambda event: (event.date, event.anchor, event.sessions))
    # nearly always nothing has moved, and then the evidence need not be read
    # (a withdrawn row gives way to a later one of the same anchor and date, an older one goes first)
    by_rank = sorted(rows, key=lambda row: (row.state == "withdrawn", row.id), reverse=True)
    exact = {(row.anchor, row.date): row for row in by_rank}
    pairs = [
        (row, event) for event in events if (row := exact.pop((event.anchor, event.date), None)) is not None
    ]
    settled = {id(event) for _, event in pairs}
    taken = {row.id for row, _ in pairs}
    free = {row.id: row for row in rows if row.id not in taken}
    moved = [event for event in events if id(event) not in settled]
    scored = sorted(
        (score, row.date, row.id, place)
        for place, event in enumerate(moved)
        for row in free.values()
        if (score := near.score(row, event)) is not None
    )
    found = _assign([(row_id, place) for _, _, row_id, place in scored])
    return pairs + [(free[row_id], moved[place]) for row_id, place in sorted(found.items())]


def _assign(wishes: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Row to event, from pairs with the best first: as many pairs as there can be, for each event left without a
    row would be a second letter; among those the best first (augmenting paths)."""
    rows_of: dict[int, list[int]] = {}
    chosen: dict[int, int] = {}
    for row, event in wishes:
        rows_of.setdefault(event, []).append(row)
        if row not in chosen and event not in chosen.values():
            chosen[row] = event

    def give(event: int, asked: set[int]) -> bool:
        for row in rows_of[event]:
            if row not in asked:
                asked.add(row)
                if row not in chosen or give(chosen[row], asked):
                    chosen[row] = event
                    return True
        return False

    for event in sorted(rows_of):
        if event not in chosen.values():
            give(event, set())
    return chosen


@dataclass(frozen=True, slots=True)
class _Nearness:
    calendar: Calendar
    absences: Absences
    condition: Condition | None
    """The rule's; None when the policy no longer has it."""

    @property
    def runs(self) -> bool:
        """The rule fires once per run or block of days."""
        return self.condition is not None and self.condition.once_a_run

    def score(self, row: LedgerRow, event: Event) -> tuple[int, bool, int, bool, bool] | None:
        """How near an event is to a row, smaller is nearer; None when it is another occurrence."""
        withdrawn = row.state == "withdrawn"
        if withdrawn and event.date > row.state_on:
            return None
        if self.condition is not None and self.condition.each_record and row.anchor != event.anchor:
            return None
        apart = abs((event.date - row.date).days)
        other = (row.event.step != event.step, row.anchor != event.anchor)
        shared = _shared(row.event, event)
        if apart == 0 and (shared is not False or self.runs):
            return (1, withdrawn, 0, *other)
        if self.absences.separate(row.event, event):
            return None
        if row.anchor == event.anchor or self._same_stretch(row, event, shared) or self._same_run(row, event):
            return (2, withdrawn, apart, *other)
        return None

    def _same_stretch(self, row: LedgerRow, event: Event, shared: bool | None) -> bool:
        period = self.condition.tested_at_end_of if self.condition else None
        if period is not None:
            return self._started(period, row.date) == self._started(period, event.date)
        first, second = row.event.span, event.span
        return first[0] <= second[1] and second[0] <= first[1] and shared is not False

    def _started(self, period: PeriodName, day: date) -> date | None:
        """Return the first day of the last such period that began up to a day."""
        if period == "week":
            return week_start(day)
        if period == "month":
            return day.replace(day=1)
        periods = {
            "half_term": self.calendar.half_terms,
            "term": self.calendar.terms,
            "year": self.calendar.years,
        }[period]
        return max((p.start for p in periods if p.start <= day), default=None)

    def _same_run(self, row: LedgerRow, event: Event) -> bool:
        if not self.runs:
            return False
        start, end = sorted((row.date, event.date))
        days = sum(1 for day in self.calendar.school_days if start < day <= end)
        return days <= NEAR_DAYS


def _shared(first: Event, second: Event) -> bool | None:
    """At least half of the smaller set of counted sessions is in both; None when neither counts sessions."""
    one = {(mark.date, mark.half) for mark in first.sessions}
    other = {(mark.date, mark.half) for mark in second.sessions}
    if not one and not other:
        return None
    return bool(one and other) and 2 * len(one & other) >= min(len(one), len(other))
