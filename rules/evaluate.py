"""A register judged by a policy: figures, bands and every event up to a day.

Each day is judged at its end with the marks up to and including it, over all years known, so running daily or
once after a gap gives the same events with the same dates (docs/conventions.md, Time and marks).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from rules.events import CountedMark, Evaluation, Event, PupilFigures
from rules.policy import Policy, together
from rules.register import Register
from rules.rule import Hit, Known, Rule, firing_order
from rules.rule.view import View
from rules.statistics import Tally, is_persistent, is_severe


class EvaluationError(ValueError):
    """Why a register cannot be judged, without personal data."""


def evaluate(
    register: Register,
    policy: Policy,
    as_of: date | None = None,
    *,
    amendments: bool = False,
    notices: bool = False,
    in_run: bool = False,
) -> Evaluation:
    """Given a register and a policy, return statistics, bands and events up to ``as_of``.

    ``as_of`` defaults to the last day with a recorded code. ``amendments`` lets rules about changed marks fire,
    ``notices`` holds rules that follow an issued notice to those on record, ``in_run`` lets rules about the school's
    own acts fire, such as its answer to a request for leave; a run sets all three. Raises EvaluationError for a register without any recorded code and no ``as_of``.
    """
    day = as_of or register.last_day_with_a_code
    if day is None:
        raise EvaluationError(
            "no session has a recorded code, so there is no day to judge: name one with --as-of"
        )
    judge = Judge(register, policy, day, amendments=amendments, notices=notices, in_run=in_run)
    pupils = judge.pupil_figures()
    school = judge.tally.total(judge.year.start, day)
    return Evaluation(
        policy=policy.id,
        as_of=day,
        code_set=register.code_set_on(day).name,
        school=school,
        attendance_percent=policy.shown(school.attended, school.possible),
        persistent=sum(is_persistent(row.figures) for row in pupils),
        severe=sum(is_severe(row.figures) for row in pupils),
        pupils=pupils,
        events=judge.events(),
    )


def evaluate_together(
    register: Register, policies: Sequence[Policy], as_of: date | None = None
) -> Evaluation:
    """Return the evaluation by the first policy, with the events of all of them; each event names its own.

    Where two policies have a rule of one id, the first one's stands. Raise EvaluationError as :func:`evaluate` does.
    """
    first, *others = (evaluate(register, policy, as_of) for policy in together(policies))
    events = [event for evaluation in (first, *others) for event in evaluation.events]
    events.sort(key=_in_order)
    return replace(first, events=tuple(events))


def _in_order(event: Event) -> tuple[date, str, str]:
    return event.date, event.subject, event.rule


class Judge:
    """One evaluation under way: the two views, and hits by rule so that later rules can build on them."""

    def __init__(
        self,
        register: Register,
        policy: Policy,
        as_of: date,
        *,
        amendments: bool = False,
        notices: bool = False,
        in_run: bool = False,
    ) -> None:
        self.register = register
        self.policy = policy
        self.as_of = as_of
        self.amendments = amendments
        self.notices = notices
        self.in_run = in_run
        self.plain = View(register, policy, as_of)
        self.year = register.calendar.year_of(as_of)
        self.tally = Tally(register, since=policy.start)

    @cached_property
    def law(self) -> View:
        """The register as rules marked as law see it."""
        return View(self.register, self.policy, self.as_of, law=True)

    def view_of(self, rule: Rule) -> View:
        """Return the view that a rule is judged by."""
        return self.law if rule.law else self.plain

    @cached_property
    def hits(self) -> dict[str, list[Hit]]:
        """Every hit by rule id. Each rule fires after those it builds on, in any order that the pack lists them."""
        rules = sorted(self.policy.rules, key=lambda rule: (rule.id, rule.start or date.min))
        hits: dict[str, list[Hit]] = {rule.id: [] for rule in rules}
        known = Known(rules, hits, self.amendments, self.notices, self.in_run)
        carried = {rule_id for rule in rules for rule_id in rule.when.carries(rules)}
        for rule_id in firing_order(rules):
            for rule in rules if rule_id not in carried else ():
                if rule.id == rule_id and (self.in_run or not rule.in_a_run_only):
                    for hit in rule.when.fire(self.view_of(rule), rule, known):
                        hits[hit.rule.id].append(hit)
        return hits

    def events(self) -> tuple[Event, ...]:
        """Return all hits as events, sorted by date, then pupil or group, then rule; none of a rule that gives way."""
        events = [
            self._event(hit)
            for rule_id, hits in self.hits.items()
            for hit in hits
            if not self.policy.gives_way(rule_id)
        ]
        return tuple(sorted(events, key=_in_order))

    def _event(self, hit: Hit) -> Event:
        rule = hit.rule
        sessions = self.register.sessions
        return Event(
            rule=rule.id,
            date=self.plain.days[hit.day],
            clause=rule.clause,
            outcomes=rule.outcomes,
            pupil_id=None if hit.group is not None else self.register.pupils[hit.row].pupil_id,
            group=hit.group,
            figures=hit.figures,
            sessions=tuple(
                CountedMark(sessions[s].date, sessions[s].half, self.register.code_at(hit.row, s))
                for s in hit.marks
            ),
            anchor=hit.anchor,
            window=hit.window,
            title=rule.title,
            ladder=rule.ladder,
            rung=rule.rung,
            legal=rule.law,
            per_parent=rule.per_parent,
            pack=self.policy.id,
            pack_version=self.policy.version,
        )

    def pupil_figures(self) -> tuple[PupilFigures, ...]:
        """Return every pupil's year of ``as_of`` up to that day, as this pack sees it."""
        rows = []
        for pupil_id, figures in self.tally.by_pupil(self.year.start, self.as_of).items():
            band = self.policy.band_of(figures.attended, figures.possible)
            rows.append(
                PupilFigures(
                    pupil_id=pupil_id,
                    figures=figures,
                    attendance_percent=self.policy.shown(figures.attended, figures.possible),
                    band=band.name if band else None,
                    colour=self.policy.colour_of(figures.attended, figures.possible),
                )
            )
        return tuple(rows)
