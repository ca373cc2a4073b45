"""What policies would have produced over a stretch of days: events and letters by week, pupil and rule.

Nothing is written anywhere; the same evaluation as a run's, counted. Events that the run would hold, exclude or
send later under its own options are counted on the day their condition held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from rules.calendar import week_start
from rules.evaluate import evaluate
from rules.events import Event
from rules.policy import Policy
from rules.register import Register


@dataclass(frozen=True)
class SimulatedPack:
    """One pack's events between the two days, in order of date."""

    policy: Policy
    events: tuple[Event, ...]
    year_group_of: dict[str, str]
    """Year group by pupil id, empty where none is recorded."""

    def by_week(self) -> dict[date, Counter[str]]:
        """Return events by rule for each week, keyed by its Monday; weeks without events are left out."""
        return self._weeks(lambda _: 1)

    def letters_by_week(self) -> dict[date, Counter[str]]:
        """Return letters by rule for each week: one per letter or certificate and pupil, before counting households."""
        return self._weeks(letters_of)

    def _weeks(self, number_of: Callable[[Event], int]) -> dict[date, Counter[str]]:
        weeks: dict[date, Counter[str]] = {}
        for event in self.events:
            number = number_of(event)
            if number:
                weeks.setdefault(week_start(event.date), Counter())[event.rule] += number
        return dict(sorted(weeks.items()))

    def by_rule(self) -> Counter[str]:
        """Return events by rule, rules that never fired included with 0."""
        counts = Counter({rule.id: 0 for rule in self.policy.rules})
        counts.update(event.rule for event in self.events)
        return counts

    def by_year_group(self) -> dict[str, Counter[str]]:
        """Return events by rule for each year group; class events are under their own group's name."""
        groups: dict[str, Counter[str]] = {}
        for event in self.events:
            group = self.year_group_of.get(event.subject, "") if event.pupil_id is not None else event.subject
            groups.setdefault(group, Counter())[event.rule] += 1
        return dict(sorted(groups.items()))

    def pupils(self) -> frozenset[str]:
        """Return the ids of pupils with at least one event."""
        return frozenset(event.pupil_id for event in self.events if event.pupil_id is not None)

    def weeks_over(self, capacity: int) -> dict[date, int]:
        """Return weeks whose letters are more than an office can send, with how many they are."""
        totals = {week: counts.total() for week, counts in self.letters_by_week().items()}
        return {week: total for week, total in totals.items() if total > capacity}


@dataclass(frozen=True)
class Simulation:
    """Several packs over one register and the same days."""

    start: date
    end: date
    packs: tuple[SimulatedPack, ...]

    def differing(self, one: int = 0, other: int = 1) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the ids of pupils with events under one pack only, and under the other only."""
        first, second = self.packs[one].pupils(), self.packs[other].pupils()
        return tuple(sorted(first - second)), tuple(sorted(second - first))


def simulate(
    register: Register, policies: Sequence[Policy], start: date | None = None, end: date | None = None
) -> Simulation:
    """Given a register and packs, return what each would have produced from ``start`` to ``end``.

    The whole register is judged, so windows and spent sessions reach back before ``start``. Defaults: the
    first school day, and the last day with a recorded code. Raise EvaluationError for an empty register.
    """
    groups = {pupil.pupil_id: pupil.year_group for pupil in register.pupils}
    first = start or (register.calendar.school_days[0] if register.calendar.school_days else date.min)
    last = end or register.last_day_with_a_code or first
    packs = []
    for policy in policies:
        events = evaluate(register, policy, last).events
        packs.append(SimulatedPack(policy, tuple(e for e in events if e.date >= first), groups))
    return Simulation(first, last, tuple(packs))


def letters_of(event: Event) -> int:
    """Return how many letters and certificates an event asks for."""
    return sum(outcome.kind in ("letter", "certificate") for outcome in event.outcomes)
