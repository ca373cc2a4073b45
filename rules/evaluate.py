"""A register judged by a policy: figures, bands and every event up to a day.

Each day is judged at its end with the marks up to and including it, over all years at hand, so running daily or
once after a gap gives the same events with the same dates (docs/conventions.md, Time and marks).
"""

from __future__ import annotations

from datetime import date
from functools import cached_property

from rules.events import CountedMark, Evaluation, Event, PupilFigures
from rules.policy import (
    AmendmentRule,
    ClassWeekRule,
    CountRule,
    DateRule,
    DayRule,
    DeclineRule,
    EitherRule,
    FollowsRule,
    LaterDayRule,
    LeaveRequestRule,
    OverdueRule,
    PercentageRule,
    PeriodEndRule,
    Policy,
    ReviewRule,
    Rule,
    RunningRule,
    ScreeningRule,
)
from rules.register import Register
from rules.statistics import Tally, is_persistent, is_severe
from rules.triggers import (
    classes,
    count,
    days,
    percentage,
    period_end,
    records,
    review,
    running,
    screening,
    stages,
)
from rules.view import Hit, View


class EvaluationError(ValueError):
    """A register that cannot be judged, in words without personal data."""


def evaluate(
    register: Register,
    policy: Policy,
    as_of: date | None = None,
    *,
    amendments: bool = False,
    notices: bool = False,
) -> Evaluation:
    """Given a register and a policy, return statistics, bands and events up to ``as_of``.

    ``as_of`` defaults to the last day with a recorded code. ``amendments`` lets rules about changed marks fire,
    ``notices`` holds rules that follow an issued notice to those on record; a run sets both. Raises
    EvaluationError for a register without any recorded code and no ``as_of``.
    """
    day = as_of or register.last_day_with_a_code
    if day is None:
        raise EvaluationError(
            "no session has a recorded code, so there is no day to judge: name one with --as-of"
        )
    judge = Judge(register, policy, day, amendments=amendments, notices=notices)
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
    ) -> None:
        self.register = register
        self.policy = policy
        self.as_of = as_of
        self.amendments = amendments
        self.notices = notices
        self.plain = View(register, policy, as_of)
        self.year = register.calendar.year_of(as_of)
        self.tally = Tally(register, since=policy.start)

    @cached_property
    def law(self) -> View:
        """The register as rules marked as law see it."""
        return View(self.register, self.policy, self.as_of, law=True)

    def view_of(self, rule: Rule) -> View:
        """The view that a rule is judged by."""
        return self.law if rule.law else self.plain

    @cached_property
    def hits(self) -> dict[str, list[Hit]]:
        """Every hit by rule id. Rules that build on another's events come after it."""
        found: dict[str, list[Hit]] = {rule.id: [] for rule in self.policy.rules}
        climbed: set[str] = set()
        for rule in self.policy.rules:
            if isinstance(rule, PercentageRule) and rule.when.next_stages:
                later = [self.policy.rule(name) for name in rule.when.next_stages]
                for hit in stages.fire(self.view_of(rule), rule, later):
                    found[hit.rule.id].append(hit)
                climbed.update([rule.id, *rule.when.next_stages])
        steps = [rule for rule in self.policy.rules if isinstance(rule, ScreeningRule)]
        if steps:
            for hit in screening.fire(self.view_of(steps[0]), steps):
                found[hit.rule.id].append(hit)
        for any_rule in _in_order(self.policy):
            if any_rule.id not in climbed:
                found[any_rule.id] += self._fire(any_rule, found)
        return found

    def _fire(self, rule: Rule, found: dict[str, list[Hit]]) -> list[Hit]:
        view = self.view_of(rule)
        match rule:
            case PercentageRule():
                return review.with_replacement(percentage.fire(view, rule))
            case CountRule():
                return count.fire(view, rule, rule.when)
            case RunningRule():
                return running.fire(view, rule, rule.when)
            case EitherRule():
                return running.fire_either(view, rule, rule.when)
            case DayRule():
                return days.fire(view, rule)
            case LaterDayRule():
                return days.fire_later(view, rule, found[rule.when.after])
            case OverdueRule():
                return days.fire_overdue(view, rule)
            case ReviewRule():
                return review.fire(view, rule, [hit for name in rule.when.of for hit in found[name]])
            case DeclineRule():
                return review.fire_decline(view, rule, found[rule.when.of])
            case PeriodEndRule():
                return period_end.fire(view, rule)
            case ClassWeekRule():
                return classes.fire(view, rule)
            case AmendmentRule():
                return records.fire_amendments(view, rule) if self.amendments else []
            case DateRule():
                return records.fire_dates(view, rule)
            case LeaveRequestRule():
                return records.fire_leave(view, rule)
            case FollowsRule():
                return records.fire_follows(view, rule, found[rule.when.of], notices=self.notices)
        return []

    def events(self) -> tuple[Event, ...]:
        """All hits as events, sorted by date, then pupil or group, then rule."""
        events = [self._event(hit) for hits in self.hits.values() for hit in hits]
        return tuple(sorted(events, key=lambda event: (event.date, event.subject, event.rule)))

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
            title=rule.title,
            ladder=rule.ladder,
            rung=rule.rung,
            legal=rule.law,
            per_parent=rule.per_parent,
            pack=self.policy.id,
            pack_version=self.policy.version,
        )

    def pupil_figures(self) -> tuple[PupilFigures, ...]:
        """Every pupil's year of ``as_of`` up to that day, as this pack sees it."""
        found = []
        for pupil_id, figures in self.tally.by_pupil(self.year.start, self.as_of).items():
            band = self.policy.band_of(figures.attended, figures.possible)
            found.append(
                PupilFigures(
                    pupil_id=pupil_id,
                    figures=figures,
                    attendance_percent=self.policy.shown(figures.attended, figures.possible),
                    band=band.name if band else None,
                    colour=self.policy.colour_of(figures.attended, figures.possible),
                )
            )
        return tuple(found)


def _in_order(policy: Policy) -> list[Rule]:
    """Rules with those first that others build on."""
    ranks = {"follows": 1, "later-day": 1, "decline": 1, "review": 2}
    return sorted(policy.rules, key=lambda rule: ranks.get(rule.kind, 0))
