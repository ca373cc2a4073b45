"""Why each rule fired for a pupil or did not, and the nearest way it would fire next, in plain sentences.

What would happen next is found by trying it: the pupil's coming sessions are marked one way, the register is
judged again, and the first new event tells the day. So the answer can never disagree with the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from rules.conditions import CountWhen, DayWhen, EitherWhen, OverdueWhen, RunningWhen, Sessions
from rules.evaluate import Judge, evaluate
from rules.events import Event
from rules.policy import (
    CountRule,
    DayRule,
    EitherRule,
    OverdueRule,
    PercentageRule,
    Policy,
    ReviewRule,
    Rule,
    RunningRule,
)
from rules.register import Register
from rules.triggers import count
from rules.view import View

_NOTHING_YET = {
    False: "No possible session this year yet.",
    True: "No possible session this year on a day of compulsory school age.",
}
PRESENT = "/"
"""Stands for present in either half of a day while trying what comes next."""


@dataclass(frozen=True, slots=True)
class RuleExplanation:
    """One rule, one pupil, one day."""

    rule: str
    title: str
    clause: str
    fired: tuple[Event, ...]
    """This academic year's events of the rule, in order."""
    now: str
    """The present figures, and what they are compared with."""
    coming: str
    """The nearest way the rule would fire next, or that nothing in this calendar would make it fire."""


def explain(
    register: Register, policy: Policy, pupil_id: str, as_of: date | None = None
) -> list[RuleExplanation]:
    """Given a pupil, return an explanation of every rule about pupils. Raises KeyError for an unknown id."""
    one = register.only(pupil_id)
    day = as_of or register.last_day_with_a_code or register.calendar.start
    judge = Judge(one, policy, day, amendments=True)
    events = judge.events()
    year = register.calendar.year_of(day)
    tries = _Tries(one, policy, day)
    found = []
    for rule in policy.rules:
        if rule.kind == "class-week":
            continue
        fired = tuple(e for e in events if e.rule == rule.id and e.date >= year.start)
        now = _now(judge.view_of(rule), rule, fired)
        found.append(RuleExplanation(rule.id, rule.title, rule.clause, fired, now, _coming(tries, rule)))
    return found


class _Tries:
    """Judgements of the pupil's register with the coming sessions marked one way."""

    def __init__(self, one: Register, policy: Policy, as_of: date) -> None:
        self.one = one
        self.policy = policy
        self.as_of = as_of
        self.end = one.calendar.year_of(as_of).end
        self.coming = [
            i for i, s in enumerate(one.sessions) if as_of < s.date <= self.end and one.on_roll[0, i]
        ]
        self._events: dict[tuple[str, int], tuple[Event, ...]] = {}

    def first(self, rule: Rule, code: str, sessions: int | None = None) -> Event | None:
        """The rule's first new event when that many coming sessions (all, by default) carry a code, then present."""
        key = (code, len(self.coming) if sessions is None else sessions)
        if key not in self._events:
            marks = {s: code if n < key[1] else PRESENT for n, s in enumerate(self.coming)}
            self._events[key] = evaluate(self.one.marked(0, marks), self.policy, self.end).events
        return next((e for e in self._events[key] if e.rule == rule.id and e.date > self.as_of), None)


def _coming(tries: _Tries, rule: Rule) -> str:
    if not tries.coming:
        return "No later session of this academic year is in the calendar for this pupil."
    if rule.kind == "amendment":
        return "It fires when such a mark is changed; attendance alone does not make it fire."
    ways = []
    for code in dict.fromkeys([_code_of(rule), PRESENT]):
        event = tries.first(rule, code)
        if event:
            ways.append((event.date, code != PRESENT, _way(tries, rule, code, event)))
    if not ways and rule.kind == "percentage":
        quiet = tries.policy.rearm_school_days
        return f"It can fire again this year only after {quiet} school days running on which the figure has recovered."
    if not ways:
        return "Nothing in the rest of this academic year would make it fire."
    return min(ways)[2]


def _way(tries: _Tries, rule: Rule, code: str, event: Event) -> str:
    if code == PRESENT:
        return f"It would fire on {_day(event.date)} even if every session until then were attended."
    needed = sum(tries.one.sessions[s].date <= event.date for s in tries.coming)
    while needed > 1 and (earlier := tries.first(rule, code, needed - 1)) and earlier.date == event.date:
        needed -= 1
    sessions = "next session" if needed == 1 else f"next {needed} sessions"
    carries = "carries" if needed == 1 else "all carry"
    text = f"It would fire on {_day(event.date)} if the {sessions} {carries} {code}."
    deadline = _deadline(tries, rule)
    return f"{text} {deadline}" if deadline else text


def _deadline(tries: _Tries, rule: Rule) -> str:
    """For a count: how many more sessions, and the last day on which that many would be enough."""
    if not isinstance(rule, CountRule) or rule.when.year_to_date:
        return ""
    view = View(tries.one, tries.policy, tries.end, law=rule.law)
    chosen, spent = view.chosen(rule.when)[0], set[int]()
    done = set[int]()
    for hit in count.fire(View(tries.one, tries.policy, tries.as_of, law=rule.law), rule, rule.when):
        spent.update(hit.marks)
        done.update(first for d, first in _windows(view, rule.when) if d == hit.day and not rule.when.rolling)
    counted = [
        int(s)
        for s in np.flatnonzero(chosen)
        if s not in spent and view.register.sessions[s].date <= tries.as_of
    ]
    latest = None
    lowest = rule.when.at_least
    for day, first in _windows(view, rule.when):
        if view.days[day] > tries.as_of and view.on_roll[0, day] and first not in done:
            have = sum(view.register.session_day[s] >= first for s in counted)
            if rule.when.at_least - have <= lowest:
                lowest, latest = rule.when.at_least - have, view.days[day]
    if latest is None or lowest >= rule.when.at_least or lowest < 1:
        return ""
    more = "1 more such session" if lowest == 1 else f"{lowest} more such sessions"
    return f"{more} by {_day(latest)} would be enough."


def _windows(view: View, when: CountWhen) -> list[tuple[int, int]]:
    """(school day, first school day of its window or period) for every day."""
    if when.rolling:
        return [(d, f) for d, f in enumerate(count.window_starts(view, when)) if f is not None]
    return [(d, first) for _, first, last in count.periods(view, when.within) for d in range(first, last + 1)]


def _code_of(rule: Rule) -> str:
    """A code that brings the rule nearer: one it looks for, else an unauthorised absence."""
    when = rule.when.count if isinstance(rule.when, EitherWhen) else rule.when
    if isinstance(when, Sessions):
        if when.codes:
            return when.codes[0]
        return {"authorised": "I", "present": PRESENT}.get(when.counted_as or "", "O")
    return "O"


def _now(view: View, rule: Rule, fired: tuple[Event, ...]) -> str:
    if not view.days:
        return "There is no school day yet."
    day = len(view.days) - 1
    attended, possible = view.year_to_date(0, day)
    describe = _DESCRIBE.get(type(rule))
    text = describe(view, rule, day) if describe else ""
    if not text:
        shown = view.policy.shown(attended, possible)
        text = (
            f"Attendance this year is {shown}% ({attended} of {possible} sessions)."
            if shown
            else _NOTHING_YET[rule.law]
        )
    dates = ", ".join(_day(event.date) for event in fired)
    return f"{text} Fired this year on {dates}." if fired else f"{text} Not fired this year."


def _percentage(view: View, rule: Rule, day: int) -> str:
    assert isinstance(rule, PercentageRule)
    attended, possible = view.year_to_date(0, day)
    floor = view.policy.minimum_possible_sessions
    if possible < floor:
        return f"{possible} possible sessions so far; the rule looks from {floor} on."
    if rule.when.attendance:
        return (
            f"Attendance this year is {view.policy.shown(attended, possible)}% ({attended} of {possible} sessions);"
            f" the rule looks for {rule.when.attendance.text}%."
        )
    assert rule.when.absence
    missed = possible - attended
    return f"{missed} of {possible} sessions missed this year; the rule looks for absence {rule.when.absence.text}%."


def _counted(view: View, rule: Rule, day: int) -> str:
    assert isinstance(rule, CountRule)
    when = rule.when
    spent: set[int] = set()
    if when.rolling:
        for hit in count.fire(view, rule, when):
            spent.update(hit.marks)
    first = dict(_windows(view, when)).get(day)
    if first is None:
        return "Today lies in no such period."
    marks = [s for s in view.marks_between(view.chosen(when), 0, first, day) if s not in spent]
    listed = "; ".join(
        f"{_day(view.register.sessions[s].date)} {view.register.sessions[s].half} {view.register.code_at(0, s)}"
        for s in marks
    )
    since = _day(view.days[first])
    return f"{len(marks)} such session(s) since {since}, the rule looks for {when.at_least}{': ' + listed if listed else ''}."


def _running(view: View, rule: Rule, day: int) -> str:
    when = rule.when.running if isinstance(rule, EitherRule) else rule.when
    assert isinstance(when, RunningWhen)
    chosen, possible = view.by_day(view.chosen(when) & view.possible)[0], view.by_day(view.possible)[0]
    length = 0
    for number in range(day, -1, -1):
        if possible[number] and chosen[number] < possible[number]:
            break
        length += bool(possible[number])
    return f"{length} school day(s) running at present; the rule looks for {', '.join(map(str, when.days))}."


def _review(view: View, rule: Rule, day: int) -> str:
    assert isinstance(rule, ReviewRule)
    attended, possible = view.year_to_date(0, day)
    shown = view.policy.shown(attended, possible)
    after = " or ".join(rule.when.of)
    return f"A review {rule.when.after_days} days after {after}; attendance this year is {shown or 'not known'}%."


def _single(view: View, rule: Rule, day: int) -> str:
    assert isinstance(rule.when, DayWhen | OverdueWhen)
    marks = view.marks_between(view.chosen(rule.when), 0, int(view.year_starts[day]), day)
    last = f", the last on {_day(view.register.sessions[marks[-1]].date)}" if marks else ""
    return f"{len(marks)} such session(s) this year{last}."


_DESCRIBE: dict[type, Callable[[View, Rule, int], str]] = {
    PercentageRule: _percentage,
    CountRule: _counted,
    RunningRule: _running,
    EitherRule: _running,
    ReviewRule: _review,
    DayRule: _single,
    OverdueRule: _single,
}


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
