"""How likely a pattern would be by chance alone, so that a coincidence does not accuse a family."""

from __future__ import annotations

from math import comb

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.bool_]
"""One pupil's absence by school day."""

LIMIT = 0.01
"""A pattern is shown only where chance alone would bring it in at most one of a hundred pupils."""


def at_least(hits: int, tries: int, share: float) -> float:
    """Return how likely at least so many hits are in so many tries, each hitting with that share: the binomial tail."""
    if hits <= 0:
        return 1.0
    return min(
        1.0, sum(comb(tries, n) * share**n * (1 - share) ** (tries - n) for n in range(hits, tries + 1))
    )


def stands_out(hits: int, tries: int, part: int, whole: int, *, times: int = 1) -> bool:
    """Return whether hits hold at least twice the share that part of whole gives them, and are hardly chance.

    ``times`` is how many such groups were looked at, such as five weekdays: each gives chance one more occasion.
    """
    if not tries or not whole:
        return False
    return hits * whole >= 2 * part * tries and times * at_least(hits, tries, part / whole) <= LIMIT


def spells(days: Days) -> list[tuple[int, int]]:
    """Return the runs of school days of absence, each as its first place and the one after its last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], days.astype(np.int8), [0]))))
    return list(zip(map(int, edges[::2]), map(int, edges[1::2]), strict=True))


def meeting_by_chance(one: Days, other: Days) -> float:
    """Return how likely it is that at least so many spells of one touch an absence of the other, wherever they fall.

    Days of one spell are no separate coincidences: a week of illness that two children happen to share is one. A spell
    touches the other's absence with the share of places in the year at which one of its length would.
    """
    before = np.concatenate(([0], np.cumsum(other)))
    own = spells(one)
    hits = sum(bool(before[end] > before[start]) for start, end in own)
    shares = [float(np.mean(before[end - start :] > before[: start - end])) for start, end in own]
    return at_least(hits, len(own), sum(shares) / len(shares)) if own else 1.0
