"""A ladder of stages that a fall opens, reviews climb, and a later fall in the same year takes up again.

(hcat Stages 1 to 5.) Each stage fires at most once a year and at most one a day. A fall replaces pending
reviews; if a fall and a review come on one day the fall counts.
"""

from __future__ import annotations

from dataclasses import replace

from rules.policy import PercentageRule, Rule
from rules.triggers import percentage, review
from rules.view import Hit, View


def fire(view: View, opening_rule: PercentageRule, stages: list[Rule]) -> list[Hit]:
    """Hits of the opening rule and of the stages after it, in that order of climbing."""
    ladder = [opening_rule, *stages]
    found = []
    by_year: dict[tuple[int, int], list[int]] = {}
    for row, day, _ in percentage.falls(view, opening_rule):
        by_year.setdefault((row, int(view.year_starts[day])), []).append(day)
    for (row, _), days in by_year.items():
        found += _climb(view, opening_rule, ladder, row, days)
    return found


def _climb(
    view: View, opening_rule: PercentageRule, ladder: list[Rule], row: int, falls: list[int]
) -> list[Hit]:
    """One pupil's year: after each fall its stage, then reviews until the next fall."""
    found: list[Hit] = []
    for fall, next_fall in zip(falls, [*falls[1:], None], strict=True):
        if len(found) == len(ladder):
            break
        anchor = view.year_anchor(fall)
        stage = percentage.opening(view, opening_rule, row, fall, anchor)
        rule = ladder[len(found)]
        if found:
            if not rule.in_force(view.days[fall]):
                continue
            stage = replace(stage, rule=rule)
        found.append(stage)
        found += _reviews(view, ladder[len(found) :], stage, next_fall)
    return found


def _reviews(view: View, ladder: list[Rule], stage: Hit, next_fall: int | None) -> list[Hit]:
    """Stages reached by reviews after one stage, as long as no new fall comes first."""
    found: list[Hit] = []
    for rule in ladder:
        hit = review.held(view, rule, stage) if rule.kind == "review" else None  # type: ignore[arg-type]
        if hit is None or (next_fall is not None and hit.day >= next_fall):
            break
        stage = replace(hit, anchor=stage.anchor)
        found.append(stage)
    return found
