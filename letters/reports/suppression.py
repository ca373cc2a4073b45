"""Small numbers that could identify a pupil are not shown in anything that leaves the office.

A group of fewer than five pupils is not shown on its own, nor is it left to be worked out by subtraction: small
groups are combined with the next smallest until five pupils are hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from rules.statistics import rounded_percent

MINIMUM = 5
NOT_SHOWN = "c"
"""The sign in place of a figure that is not shown; national statistics use it too."""
EXPLANATION = (
    f"Groups of fewer than {MINIMUM} pupils are not shown, or are combined with others, also where one could be worked "
    f"out from other figures of this report. The sign {NOT_SHOWN} stands for a figure that is not shown for that reason."
)
LEGEND = f"{NOT_SHOWN}: not shown, because it could tell of a single pupil."
"""Under a table with such a sign."""
FEW = f"fewer than {MINIMUM}"

_T = TypeVar("_T")


def few(number: int, *, shown: bool = True) -> str:
    """Return a count of pupils as it may be shown: "none", "fewer than 5", or the number; a sign when it is not ``shown``."""
    if number >= MINIMUM and not shown:
        return NOT_SHOWN
    return "none" if number == 0 else FEW if number < MINIMUM else f"{number:,}"


def few_with_share(number: int, whole: int) -> str:
    """Return a count with its share of the whole, "63 (15.0%)"; without it where the count, or the rest, is small."""
    if 0 < whole - number < MINIMUM <= number:
        return NOT_SHOWN
    return f"{number:,} ({rounded_percent(number, whole)}%)" if number >= MINIMUM else few(number)


def share_shown(number: int, whole: int, *, shown: bool = True, decimals: int = 1) -> str:
    """Return the share alone, or what stands in its place."""
    if (number and not shown) or 0 < whole - number < MINIMUM <= number:
        return few(number, shown=False)
    return f"{rounded_percent(number, whole, decimals)}%" if number >= MINIMUM else few(number)


def combined(
    sizes: Mapping[str, int],
    family_of: Callable[[str], str] = lambda _: "",
    size_of: Callable[[Sequence[str]], int] | None = None,
) -> list[tuple[str, ...]]:
    """Given groups with their sizes, return the groups that may be shown, small ones combined with others.

    Groups without a pupil are left out. Small groups are first combined within their family (classes of one year
    group, so that the year's figure does not give a class away). ``size_of`` counts the pupils of several groups together,
    where a pupil may be in more than one; by default the sizes are added up. When only one combined group remains, there is
    nothing to compare and the result is empty.
    """
    size = size_of or (lambda group: sum(sizes[name] for name in group))
    present = [name for name, number in sizes.items() if number]
    families: dict[str, list[tuple[str, ...]]] = {}
    for name in present:
        families.setdefault(family_of(name), []).append((name,))
    groups: list[tuple[str, ...]] = []
    for members in families.values():
        groups += _combine(members, size)
    groups = _combine(groups, size)
    if len(groups) < 2 and len(present) > 1:
        return []
    return [] if any(size(group) < MINIMUM for group in groups) else groups


def _combine(
    groups: Sequence[tuple[str, ...]], size: Callable[[Sequence[str]], int]
) -> list[tuple[str, ...]]:
    """Return the groups with every small one combined into one, and the next smallest added until it is not small."""
    small = [group for group in groups if size(group) < MINIMUM]
    if not small or len(groups) < 2:
        return list(groups)
    rest = sorted((g for g in groups if g not in small), key=size)
    while rest and size([name for group in small for name in group]) < MINIMUM:
        small.append(rest.pop(0))
    together = tuple(name for group in groups if group in small for name in group)
    kept = [group for group in groups if group not in small]
    return [*kept, together]


def hidden(counts: Sequence[int], also: Collection[int] = ()) -> set[int]:
    """Return the indices of the counts that must not be shown together with their sum.

    They are the counts from 1 to 4 and those of ``also``, and the next smallest until at least two counts and five pupils
    are hidden.
    """
    indices = {index for index, number in enumerate(counts) if 0 < number < MINIMUM}
    indices |= {index for index in also if counts[index]}
    if not indices:
        return set()
    rest = sorted((number, index) for index, number in enumerate(counts) if number and index not in indices)
    while rest and (len(indices) < 2 or sum(counts[index] for index in indices) < MINIMUM):
        indices.add(rest.pop(0)[1])
    return indices


def neighbours_merged(counts: Sequence[tuple[str, int, _T]]) -> list[tuple[str, int, list[_T]]]:
    """Return the steps of a scale, small ones joined to the step before (the first to the one after); empty ones stay."""
    steps: list[tuple[str, int, list[_T]]] = []
    for name, number, item in counts:
        before = next((i for i in range(len(steps) - 1, -1, -1) if steps[i][1]), None)
        joins = 0 < number < MINIMUM and before is not None
        waiting = before is not None and 0 < steps[before][1] < MINIMUM and number > 0
        if before is not None and (joins or waiting):
            kept, total, items = steps[before]
            steps[before] = (f"{kept} or {name}", total + number, [*items, item])
        else:
            steps.append((name, number, [item]))
    return steps
