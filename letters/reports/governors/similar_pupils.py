"""What became, in the same weeks, of pupils who had missed about as much and had no such letter.

Whoever has missed much is often better afterwards, letter or not: such pupils show how much of it. The difference has a
range in which the true one lies in 19 of 20 such comparisons (Student's t over pupils), as far as the two groups differ by
the letter alone. Nobody drew lots, so it shows no cause.

Many letters are compared with the same few similar pupils, whose luck then counts many times: the range takes that in, as
Abadie and Imbens do for matched groups ("Large sample properties of matching estimators", Econometrica 74, 2006).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt
from statistics import NormalDist, mean, stdev

import numpy as np
from numpy.typing import NDArray

from rules.statistics import Tally

NEAR = 2
"""Sessions more or fewer that a similar pupil may have missed in the weeks before."""
LEAST = 10
"""Pupils with the letter, and similar ones, from which on a difference is given."""

Span = tuple[date, date]


@dataclass(frozen=True, slots=True)
class SimilarPupils:
    """Changes in percentage points, as means over pupils; None where there are too few to say."""

    pupils: int = 0
    """Pupils with the letter for whom there are similar ones."""
    similar: int = 0
    """Different pupils whom they were compared with."""
    change: float | None = None
    change_of_similar: float | None = None
    margin: float | None = None
    """The difference of the two changes lies within this of the true one, in 19 of 20 such comparisons."""

    @property
    def difference(self) -> float | None:
        """How much more attendance rose with the letter; None where there are too few to say."""
        if self.change is None or self.change_of_similar is None:
            return None
        return self.change - self.change_of_similar

    @property
    def is_shown(self) -> bool:
        """Whether the range leaves zero out: a difference that chance alone would seldom make."""
        return self.difference is not None and self.margin is not None and abs(self.difference) > self.margin


@dataclass(frozen=True, slots=True)
class _Weeks:
    """All pupils over the weeks before and after, by row: those with sessions in both, their absence before, their change."""

    both: NDArray[np.bool_]
    possible: NDArray[np.int64]
    absent: NDArray[np.int64]
    change: NDArray[np.float64]


def similar_pupils(
    tally: Tally, letters: Sequence[tuple[str, tuple[Span, Span]]], days: Mapping[str, Sequence[date]]
) -> SimilarPupils:
    """Compare the pupils of letters, each with its weeks before and after, with similar pupils in the same weeks.

    ``days``: when each pupil had a letter of this kind. A pupil who had one in those weeks is nobody's similar pupil.
    """
    row_of = tally.register.row_of
    weeks: dict[tuple[Span, Span], _Weeks] = {}
    own: dict[str, list[float]] = {}
    others: dict[str, list[float]] = {}
    weights: dict[str, list[NDArray[np.float64]]] = {}
    of_similar: list[NDArray[np.float64]] = []
    for pupil_id, spans in letters:
        if spans not in weeks:
            weeks[spans] = _weeks(tally, spans)
        of, row = weeks[spans], row_of[pupil_id]
        if not of.both[row]:
            continue
        near = of.both & (np.abs(of.absent - of.absent[row]) <= NEAR) & (2 * of.possible >= of.possible[row])
        for other, sent in days.items():
            if other in row_of and any(spans[0][0] <= day <= spans[1][1] for day in sent):
                near[row_of[other]] = False
        if near.any():
            own.setdefault(pupil_id, []).append(float(of.change[row]))
            others.setdefault(pupil_id, []).append(float(of.change[near].mean()))
            weights.setdefault(pupil_id, []).append(near / near.sum())
            of_similar.append(of.change[near])
    each = np.array([np.mean(weights[p], axis=0) for p in own])
    variance = float(np.concatenate(of_similar).var()) if own else 0.0
    return _summed_up([(mean(own[p]), mean(others[p])) for p in own], each, variance)


def _weeks(tally: Tally, spans: tuple[Span, Span]) -> _Weeks:
    (possible, attended), (possible_after, attended_after) = (tally.each(*span) for span in spans)
    both = (possible > 0) & (possible_after > 0)
    change = 100 * (attended_after / np.maximum(possible_after, 1) - attended / np.maximum(possible, 1))
    return _Weeks(both, possible, possible - attended, change)


def _summed_up(
    changes: Sequence[tuple[float, float]], weights: NDArray[np.float64], variance: float
) -> SimilarPupils:
    """Return the means and their margin.

    ``weights``: by pupil with a letter, the part that each pupil of the school has in what it is compared with.
    ``variance``: of one similar pupil's change.
    """
    number, compared = len(changes), int(weights.any(axis=0).sum()) if len(changes) else 0
    if number < LEAST or compared < LEAST:
        return SimilarPupils(number, compared)
    differences = [with_letter - without for with_letter, without in changes]
    again = float((weights.sum(axis=0) ** 2 - (weights**2).sum(axis=0)).sum()) * variance / number
    freedom = min(number, compared) - 1
    margin = t_quantile(freedom) * sqrt((stdev(differences) ** 2 + again) / number)
    return SimilarPupils(number, compared, mean(c for c, _ in changes), mean(c for _, c in changes), margin)


def t_quantile(freedom: int) -> float:
    """Return the 97.5% point of Student's t by the Cornish-Fisher expansion, right to two decimals from 9 degrees on."""
    z = NormalDist().inv_cdf(0.975)
    terms = (
        z,
        (z**3 + z) / (4 * freedom),
        (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2),
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3),
    )
    return sum(terms)
