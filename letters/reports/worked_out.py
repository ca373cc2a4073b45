"""What can be worked out from the figures that a report shows, by adding and subtracting them in any way.

Each figure is of a set of pupils: a class, the pupils with free school meals, the persistently absent of a year group.
Whoever reads several of them can add and subtract; a set of fewer than five pupils must not come out. That is a
question of linear algebra: a set comes out when its row of zeros and ones is a sum of multiples of the rows shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from letters.reports.suppression import MINIMUM

_PRIME = 2**31 - 1
_SEED = 13
_Row = NDArray[np.int64]


class Shown:
    """The sets of pupils of which a report shows figures: those of the whole school first, then what :meth:`add` takes.

    The question is decided with two random vectors that give zero with every set shown, by whole numbers modulo a prime:
    a set comes out when its pupils' numbers add up to zero in both. It may be wrong once in 10^17 sets, and is the same
    every time.
    """

    def __init__(self, pupils: Iterable[str]) -> None:
        self._column = {pupil: number for number, pupil in enumerate(dict.fromkeys(pupils))}
        self._rows: list[_Row] = []
        self._pivots: list[int] = []
        self.add(self._column)

    def add(self, *sets: Collection[str]) -> bool:
        """Show figures of all these sets, or of none: return False when a set of fewer than five could be worked out."""
        rows, pivots = list(self._rows), list(self._pivots)
        for members in sets:
            self._take(members)
        if len(self._rows) > len(rows) and self._gives_away():
            self._rows, self._pivots = rows, pivots
            return False
        return True

    def would_add(self, *sets: Collection[str]) -> bool:
        """Return True when :meth:`add` would show these sets, without showing them."""
        rows, pivots = list(self._rows), list(self._pivots)
        possible = self.add(*sets)
        self._rows, self._pivots = rows, pivots
        return possible

    def as_many(self, sets: Sequence[Collection[str]]) -> list[bool]:
        """Show as many of these sets as can be, the largest first; return for each whether it is shown."""
        if self.add(*sets):
            return [True] * len(sets)
        shown = [False] * len(sets)
        for number in sorted(range(len(sets)), key=lambda n: -len(sets[n])):
            shown[number] = self.add(sets[number])
        return shown

    def _take(self, members: Collection[str]) -> None:
        """Bring a set into the rows shown, which are kept in reduced form: each has a column that no other has."""
        row = np.zeros(len(self._column), dtype=np.int64)
        row[[self._column[member] for member in members]] = 1
        for own, pivot in zip(self._rows, self._pivots, strict=True):
            row = (row - row[pivot] * own) % _PRIME
        filled = np.flatnonzero(row)
        if not filled.size:
            return
        pivot = int(filled[0])
        row = row * pow(int(row[pivot]), -1, _PRIME) % _PRIME
        self._rows = [(own - own[pivot] * row) % _PRIME for own in self._rows] + [row]
        self._pivots = [*self._pivots, pivot]

    def _gives_away(self) -> bool:
        """Return True when a set of one to four pupils comes out."""
        draw = np.random.default_rng(_SEED)
        pair = np.stack([self._vanishing(draw) for _ in range(2)])
        return _adds_up_to_nothing(pair[:, self._in_small_kinds()])

    def _vanishing(self, draw: np.random.Generator) -> _Row:
        vector = draw.integers(_PRIME, size=len(self._column), dtype=np.int64)
        vector[self._pivots] = 0
        solved = [-int((row * vector % _PRIME).sum()) % _PRIME for row in self._rows]
        vector[self._pivots] = solved
        return vector

    def _in_small_kinds(self) -> list[int]:
        """Return the columns of pupils who share all their sets with at most three others: only they can come out."""
        table = np.array(self._rows)
        _, kind, size = np.unique(table, axis=1, return_inverse=True, return_counts=True)
        return [int(n) for n in np.flatnonzero(size[kind.ravel()] < MINIMUM)]


def _adds_up_to_nothing(pair: NDArray[np.int64]) -> bool:
    """Check whether one to four different columns of two rows of numbers add up to zero in both, modulo the prime."""
    one, opposite = _key(pair), _key(-pair % _PRIME)
    first, second = np.triu_indices(pair.shape[1], 1)
    sums = pair[:, first] + pair[:, second]
    sums -= _PRIME * (sums >= _PRIME)
    two = _key(sums)
    if (one == 0).any() or (two == 0).any():
        return True
    ordered = np.argsort(opposite)
    at = np.minimum(np.searchsorted(opposite, two, sorter=ordered), len(one) - 1)
    thirds = opposite[ordered[at]] == two if len(one) else np.zeros(0, dtype=bool)
    if any(ordered[at[n]] not in (first[n], second[n]) for n in np.flatnonzero(thirds)):
        return True
    rest = _PRIME - sums
    other_two = _key(rest - _PRIME * (rest == _PRIME))
    either = np.minimum(two, other_two)
    ordered = np.argsort(either)
    ranked = either[ordered]
    for value in np.unique(ranked[1:][ranked[1:] == ranked[:-1]]):
        begin, end = np.searchsorted(ranked, [value, value + 1])
        for n, m in combinations(ordered[begin:end], 2):
            if two[n] == other_two[m] and len({first[n], second[n], first[m], second[m]}) == 4:
                return True
    return False


def _key(pair: NDArray[np.int64]) -> _Row:
    """Return two numbers below the prime as one."""
    key: _Row = pair[0] * 2**31 + pair[1]
    return key
