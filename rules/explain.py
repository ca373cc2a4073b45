"""Why each rule fired for a pupil or did not, and the nearest way it would fire next, in plain sentences.

What would happen next is found by trying it: the pupil's coming sessions are marked one way, the register is
judged again, and the first new event gives the day. So the answer can never disagree with the rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rules.describe import standing
from rules.evaluate import Judge, evaluate
from rules.events import Event
from rules.law import age
from rules.policy import Policy
from rules.register import Register
from rules.rule import Rule
from rules.rule.view import View
from rules.rule.words import day_words

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
    policy: str = ""
    """The id of the policy that has it."""
    standing: str = ""
    """From when to when it is in force and that it is off, where there is something to say."""
    assumed: str = ""
    """What the policy's text says and what was chosen, where it gives no figure."""


def explain(
    register: Register, policy: Policy, pupil_id: str, as_of: date | None = None
) -> list[RuleExplanation]:
    """Given a pupil, return an explanation of every rule about pupils. Raise KeyError for an unknown id."""
    one = register.only(pupil_id)
    day = as_of or register.last_day_with_a_code or register.calendar.start
    judge = Judge(one, policy, day, amendments=True, in_run=True)
    events = judge.events()
    year = register.calendar.year_of(day)
    tries = _Tries(one, policy, day)
    explanations = []
    for rule in policy.rules:
        if rule.when.of_a_class or policy.gives_way(rule.id):
            continue
        fired = tuple(e for e in events if e.rule == rule.id and e.date >= year.start)
        now = _now(judge.view_of(rule), rule, fired, View(one, policy, day))
        explanations.append(
            RuleExplanation(
                rule.id,
                rule.title,
                rule.clause,
                fired,
                now,
                _coming(tries, rule),
                policy.id,
                " ".join(standing(rule)),
                rule.assumed,
            )
        )
    return explanations


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
        self._events: dict[tuple[str, int, int], tuple[Event, ...]] = {}

    def first(self, rule: Rule, code: str, sessions: int | None = None, *, after: int = 0) -> Event | None:
        """Return the rule's first new event when that many coming sessions (all, by default) carry a code, then present.

        ``after``: so many are attended before them.
        """
        key = (code, len(self.coming) if sessions is None else sessions, after)
        if key not in self._events:
            marks = {s: code if after <= n < after + key[1] else PRESENT for n, s in enumerate(self.coming)}
            judged = evaluate(self.one.marked(0, marks), self.policy, self.end, in_run=True)
            self._events[key] = judged.events
        return next((e for e in self._events[key] if e.rule == rule.id and e.date > self.as_of), None)


def _coming(tries: _Tries, rule: Rule) -> str:
    if rule.until and rule.until <= tries.as_of:
        return f"It ended on {day_words(rule.until)} and does not fire any more."
    if not tries.coming:
        return "No later session of this academic year is in the calendar for this pupil."
    if not rule.when.by_marks_alone:
        return f"It fires when {rule.when.fires_when}; attendance alone does not make it fire."
    ways = []
    tried = [(rule.when.code_to_try, 0), (PRESENT, 0)]
    if rule.when.spends_absences:  # the absence of today may be spent: a session attended ends it
        tried.append((rule.when.code_to_try, 1))
    for code, after in dict.fromkeys(tried):
        event = tries.first(rule, code, after=after)
        if event:
            ways.append((event.date, code != PRESENT, after, _way(tries, rule, code, event, after)))
    return min(ways)[-1] if ways else rule.when.nothing_ahead(tries.policy)


def _way(tries: _Tries, rule: Rule, code: str, event: Event, after: int) -> str:
    if code == PRESENT:
        return f"It would fire on {day_words(event.date)} even if every session until then were attended."
    needed = sum(tries.one.sessions[s].date <= event.date for s in tries.coming) - after
    while (
        needed > 1
        and (earlier := tries.first(rule, code, needed - 1, after=after))
        and earlier.date == event.date
    ):
        needed -= 1
    if after:
        return f"It would fire on {day_words(event.date)} if the next session is attended and the {needed} after it all carry {code}."
    sessions = "next session" if needed == 1 else f"next {needed} sessions"
    carries = "carries" if needed == 1 else "all carry"
    text = f"It would fire on {day_words(event.date)} if the {sessions} {carries} {code}."
    now = View(tries.one, tries.policy, tries.as_of, law=rule.law)
    year = View(
        tries.one.marked(0, {}), tries.policy, tries.end, law=rule.law
    )  # sessions to come are open in it too
    return f"{text} {rule.when.enough_by(now, year, rule)}".rstrip()


def _now(view: View, rule: Rule, fired: tuple[Event, ...], whole: View) -> str:
    if not view.days:
        return "There is no school day yet."
    day = len(view.days) - 1
    attended, possible = view.year_to_date(0, day)
    text = rule.when.now(view, rule, day)
    if not text:
        shown = view.pack.shown(attended, possible)
        text = (
            f"Attendance this year is {shown}% ({attended} of {possible} sessions)."
            if shown
            else _NOTHING_YET[rule.law]
        )
    text += _what_counts(view, whole, day) if rule.law else ""
    dates = ", ".join(day_words(event.date) for event in fired)
    return f"{text} Fired this year on {dates}." if fired else f"{text} Not fired this year."


def _what_counts(view: View, whole: View, day: int) -> str:
    """Return since when a rule that is law counts, and the school year's figures, where sessions are left out of it."""
    attended, possible = whole.year_to_date(0, day)
    born = view.register.pupils[0].date_of_birth
    if born is None or view.year_to_date(0, day)[1] == possible:
        return ""
    today, first, last = view.days[day], age.starts(born), age.ends(born)
    if first > today:
        counts = f"The rule counts from {day_words(first)} on, when the pupil comes of compulsory school age"
    elif last < today:
        counts = f"The rule counts up to {day_words(last)}, the last day of compulsory school age"
    else:
        counts = f"The rule counts since {day_words(first)}, when the pupil came of compulsory school age"
    shown = view.pack.shown(attended, possible)
    return f" {counts}; in the whole school year attendance is {shown}% ({attended} of {possible} sessions)."
