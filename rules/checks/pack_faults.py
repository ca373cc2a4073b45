"""What is wrong in a pack between parts that each look right alone, each fault as "place: what"."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from graphlib import CycleError
from typing import TYPE_CHECKING

from rules.codes import code_sets
from rules.rule import Rule, firing_order
from rules.rule.figures import fields_in
from rules.school import FLAGS
from rules.thresholds import cover_faults

if TYPE_CHECKING:
    from rules.policy import Policy


def text_faults(policy: Policy) -> Iterator[str]:
    """Yield faults of what a pack says: a figure that a rule does not have, a list that is there twice."""
    named = [one.name for one in policy.lists]
    for index, rule in enumerate(policy.rules):
        yield from _unknown_figures(f"rules.{index}.title", rule.title_text, rule.figures())
    for index, one in enumerate(policy.lists):
        if named.index(one.name) < index:
            yield f"lists.{index}.name: the list '{one.name}' is there twice"
        figures = policy.figures_of_list(one.name)
        for key, text in (("title", one.title), ("instruction", one.instruction)):
            yield from _unknown_figures(f"lists.{index}.{key}", text, figures)


def _unknown_figures(place: str, text: str, figures: Iterable[str]) -> Iterator[str]:
    known = sorted(figures)
    for name in fields_in(text):
        if name not in known:
            near = next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.6)), "")
            more = f"did you mean «{near}»? " if near else ""
            has = ", ".join(f"«{one}»" for one in known) or "none"
            yield f"{place}: «{name}» is no figure of its rule: {more}It has: {has}"


def faults_of(policy: Policy) -> Iterator[str]:
    """Yield faults between parts that each look right alone, as "place: what": bands with a hole, unknown codes, circles."""
    for fault in cover_faults([(band.name, band.attendance) for band in policy.bands]):
        yield f"bands: {fault}"
    for fault in (
        cover_faults([(colour.name, colour.attendance) for colour in policy.colours])
        if policy.colours
        else ()
    ):
        yield f"colours: {fault}"
    if policy.assumed.target and policy.target is None:
        yield "assumed.target: the pack has no target"
    if policy.assumed.colours and not policy.colours:
        yield "assumed.colours: the pack has no colours"
    known_sets = code_sets(policy.nation)
    if policy.code_set not in {s.name for s in known_sets}:
        names = ", ".join(s.name for s in known_sets)
        yield f"code_set: '{policy.code_set}' is not a code set of {policy.nation}: use one of {names}"
    known_codes = {code for s in known_sets for code in s.codes}
    ids = {rule.id for rule in policy.rules}
    for index, rule in enumerate(policy.rules):
        yield from _rule_faults(f"rules.{index}", rule, policy.rules, ids, known_codes)
    yield from _double_rules(policy)
    yield from _circles(policy)


def _rule_faults(
    place: str, rule: Rule, rules: Sequence[Rule], ids: set[str], known_codes: set[str]
) -> Iterator[str]:
    if rule.until and rule.start and rule.until < rule.start:
        yield f"{place}.until: ends before it starts"
    for code in rule.when.codes_named():
        if code not in known_codes:
            yield f"{place}.when: '{code}' is not an attendance code of this nation"
    for other in (*rule.when.needs(rules), *rule.when.carries(rules)):
        if other not in ids:
            yield f"{place}.when: names the rule '{other}', which this pack does not have"
    if (rule.ladder is None) != (rule.rung == 0):
        yield f"{place}.rung: a ladder and a rung of 1 or more go together"
    if rule.waits_for_decision and not any(outcome.kind == "document" for outcome in rule.outcomes):
        yield f"{place}.waits_for_decision: the rule makes no document on which a person could decide"
    for flag in rule.read_first:
        if flag not in FLAGS:
            yield f"{place}.read_first: '{flag}' is no flag: use one of {', '.join(FLAGS)}"
    yield from rule.when.faults(place, rule, rules)


def _circles(policy: Policy) -> Iterator[str]:
    """Yield rules that wait for each other's events, none of which could ever fire."""
    try:
        firing_order(policy.rules)
    except CycleError as error:
        circle = error.args[1][::-1]  # each rule after the one it builds on
        index = next(n for n, rule in enumerate(policy.rules) if rule.id == circle[0])
        names = " builds on ".join(f"'{name}'" for name in circle)
        yield f"rules.{index}.when: goes round in a circle: {names}"


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
