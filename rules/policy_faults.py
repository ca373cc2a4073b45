"""Faults between the parts of a pack that each look right alone: bands with a hole, unknown codes, broken chains.

Every fault is told as "place: what", the place a path such as ``rules.3.when``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from rules.codes import code_sets
from rules.conditions import (
    AmendmentWhen,
    DeclineWhen,
    EitherWhen,
    FollowsWhen,
    LaterDayWhen,
    PercentageWhen,
    ReviewWhen,
    RunningWhen,
    ScreeningWhen,
    Sessions,
    When,
)
from rules.school import FLAGS
from rules.thresholds import cover_faults

if TYPE_CHECKING:
    from rules.policy import Policy, Rule


def faults_of(policy: Policy) -> Iterator[str]:
    """Every such fault of a pack."""
    for fault in cover_faults([(band.name, band.attendance) for band in policy.bands]):
        yield f"bands: {fault}"
    for fault in (
        cover_faults([(colour.name, colour.attendance) for colour in policy.colours])
        if policy.colours
        else ()
    ):
        yield f"colours: {fault}"
    known_sets = code_sets(policy.nation)
    if policy.code_set not in {s.name for s in known_sets}:
        names = ", ".join(s.name for s in known_sets)
        yield f"code_set: '{policy.code_set}' is not a code set of {policy.nation}: use one of {names}"
    known_codes = {code for s in known_sets for code in s.codes}
    ids = {rule.id for rule in policy.rules}
    for index, rule in enumerate(policy.rules):
        place = f"rules.{index}"
        if rule.until and rule.start and rule.until < rule.start:
            yield f"{place}.until: ends before it starts"
        yield from _rule_faults(place, rule, ids, known_codes)
    yield from _double_rules(policy)
    yield from _chain_faults(policy)


def _rule_faults(place: str, rule: Rule, ids: set[str], known_codes: set[str]) -> Iterator[str]:
    for code in _codes_named(rule.when):
        if code not in known_codes:
            yield f"{place}.when: '{code}' is not an attendance code of this nation"
    for other in _rules_named(rule.when):
        if other not in ids:
            yield f"{place}.when: names the rule '{other}', which this pack does not have"
    flag = getattr(rule.when, "flag", None)
    if flag and flag not in FLAGS:
        yield f"{place}.when.flag: '{flag}' is no flag: use one of {', '.join(FLAGS)}"
    if (rule.ladder is None) != (rule.rung == 0):
        yield f"{place}.rung: a ladder and a rung of 1 or more go together"


def _chain_faults(policy: Policy) -> Iterator[str]:
    """Stages and screening steps must follow one another as the rules themselves say."""
    by_id = {rule.id: rule.when for rule in policy.rules}
    for index, rule in enumerate(policy.rules):
        stages = rule.when.next_stages if isinstance(rule.when, PercentageWhen) else ()
        for before, stage in zip((rule.id, *stages), stages, strict=False):
            when = by_id.get(stage)
            if when is not None and getattr(when, "of", None) != (before,):
                yield f"rules.{index}.when.next_stages: '{stage}' comes after '{before}' and must say of = [\"{before}\"]"
    steps = sorted(when.step for when in by_id.values() if isinstance(when, ScreeningWhen))
    if steps != list(range(1, len(steps) + 1)):
        yield f"rules: screening steps must be 1, 2, 3 and so on, each once; there are {steps}"


def _double_rules(policy: Policy) -> Iterator[str]:
    seen = Counter(rule.id for rule in policy.rules)
    for index, rule in enumerate(policy.rules):
        same = [r for r in policy.rules[:index] if r.id == rule.id]
        if seen[rule.id] > 1 and any(
            (r.until or date.max) >= (rule.start or date.min)
            and (rule.until or date.max) >= (r.start or date.min)
            for r in same
        ):
            yield f"rules.{index}.id: '{rule.id}' is there twice for the same days: give one another id or dates"


def _codes_named(when: When) -> Iterator[str]:
    if isinstance(when, Sessions):
        yield from when.codes
    if isinstance(when, RunningWhen):
        yield from when.after_leave
    if isinstance(when, EitherWhen):
        yield from _codes_named(when.count)
        yield from _codes_named(when.running)
    if isinstance(when, AmendmentWhen):
        yield from (when.original, when.amended)


def _rules_named(when: When) -> Iterator[str]:
    if isinstance(when, ReviewWhen):
        yield from when.of
    elif isinstance(when, DeclineWhen | FollowsWhen):
        yield when.of
    elif isinstance(when, LaterDayWhen):
        yield when.after
    elif isinstance(when, PercentageWhen):
        yield from when.next_stages
