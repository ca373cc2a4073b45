"""How likely a pattern would be by chance alone, so that a coincidence does not accuse a family."""

from __future__ import annotations

from math import comb

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
