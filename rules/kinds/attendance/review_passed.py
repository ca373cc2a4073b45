"""Kind ``review-passed``: a review after another rule's event was held to its end and found attendance better."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from rules.kinds.attendance.gains import doubt_in_words, doubtful_gain
from rules.kinds.attendance.review import Review
from rules.rule import Condition, Hit, Known, Rule
from rules.rule.view import View
from rules.rule.words import listed


class ReviewPassed(Condition):
    """The day on which the review after another rule's event ends, with its extension, and finds attendance better."""

    kind: ClassVar[str] = "review-passed"
    of: Annotated[tuple[str, ...], Field(min_length=1)]
    """The opening rules, such as ["stage-1"], at whose events a review of the pack looks back."""

    def words(self) -> str:
        return f"the review after {listed(self.of, 'or')} ends, with its extension, and attendance is better than it was then"

    def needs(self, rules: Sequence[Rule]) -> tuple[str, ...]:
        """Return the opening rules, and those that open the same reviews."""
        openers = [opener for review, _ in self._reviews(rules) for opener in review.of]
        return tuple(dict.fromkeys([*self.of, *openers]))

    def faults(self, place: str, rule: Rule, rules: Sequence[Rule]) -> Iterator[str]:
        """Yield an opening rule at which no review looks back, and a review that counts other sessions than this rule."""
        ids = {other.id for other in rules}
        for opener in self.of:
            reviews = [(review, other) for review, other in self._reviews(rules) if opener in review.of]
            if opener in ids and not reviews:
                yield f"{place}.when.of: no rule of kind review looks back at '{opener}'"
            for _, other in reviews:
                if other.law != rule.law:
                    yield f"{place}.law: must be as in the review '{other.id}', or the two count other sessions"

    def fire(self, view: View, rule: Rule, known: Known) -> list[Hit]:
        """Return a hit for each opening event whose review ended and found attendance better; none for one replaced."""
        hits = []
        for review, reviewing in self._reviews(known.rules):
            for opening in review.openings(view, known):
                ended = review.ended(view, reviewing, opening) if opening.rule.id in self.of else None
                if ended is None or not ended.better or ended.hit.replaced:
                    continue
                if rule.may_fire(view, opening.row, ended.hit.day):
                    first = int(np.searchsorted(view.day_ordinals, ended.hit.window[0].toordinal()))
                    doubt = doubtful_gain(view, opening.row, opening.day, first, ended.hit.day)
                    figures = {**ended.hit.figures, **doubt}
                    hits.append(replace(ended.hit, rule=rule, replaced_on=None, figures=figures))
        return hits

    def doubt(self, figures: Mapping[str, str | int]) -> str:
        """Return that attendance is better only because sessions were not possible, where that is so."""
        return doubt_in_words(figures)

    def _reviews(self, rules: Sequence[Rule]) -> list[tuple[Review, Rule]]:
        return [
            (rule.when, rule)
            for rule in rules
            if isinstance(rule.when, Review) and not set(rule.when.of).isdisjoint(self.of)
        ]
