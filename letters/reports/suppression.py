"""Small numbers that could point at a pupil are not shown in anything that leaves the office.

A group of fewer than five pupils is not shown on its own, and neither is what could be found by taking the shown
groups from the whole: small groups are put together with the next smallest until five pupils are hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from rules.statistics import shown_percent

MINIMUM = 5
SAID = f"Groups of fewer than {MINIMUM} pupils are not shown, or are put together with others."
FEW = f"fewer than {MINIMUM}"

_T = TypeVar("_T")


def few(number: int) -> str:
    """A count of pupils as it may be shown: "none", "fewer than 5", or the number."""
    return "none" if number == 0 else FEW if number < MINIMUM else f"{number:,}"


def few_with_share(number: int, whole: int) -> str:
    """A count with its share of the whole, "63 (15.0%)"; without one where the count itself is not shown."""
    return f"{number:,} ({shown_percent(number, whole)}%)" if number >= MINIMUM else few(number)


def share_shown(number: int, whole: int) -> str:
    """The share alone, or in words why it is not shown."""
    return f"{shown_percent(number, whole)}%" if number >= MINIMUM else few(number)


def gathered(
    sizes: Mapping[str, int], family_of: Callable[[str], str] = lambda _: ""
) -> list[tuple[str, ...]]:
    """Given groups with their sizes, return the groups that may be shown, small ones gathered with others.

    Groups without a pupil are left out. Small groups are first gathered within their family (classes of one year
    group, so that the year's figure does not give a class away). When nothing but one gathering is left, there is
    nothing to compare and the answer is empty.
    """
    present = [name for name, size in sizes.items() if size]
    families: dict[str, list[tuple[str, ...]]] = {}
    for name in present:
        families.setdefault(family_of(name), []).append((name,))
    found: list[tuple[str, ...]] = []
    for members in families.values():
        found += _gather(members, sizes)
    found = _gather(found, sizes)
    if len(found) < 2 and len(present) > 1:
        return []
    return [] if any(_size(group, sizes) < MINIMUM for group in found) else found


def _gather(groups: Sequence[tuple[str, ...]], sizes: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Put every small group into one, and take the next smallest in until it is no longer small."""
    small = [group for group in groups if _size(group, sizes) < MINIMUM]
    if not small or len(groups) < 2:
        return list(groups)
    rest = sorted((g for g in groups if g not in small), key=lambda g: _size(g, sizes))
    while rest and sum(_size(group, sizes) for group in small) < MINIMUM:
        small.append(rest.pop(0))
    together = tuple(name for group in groups if group in small for name in group)
    kept = [group for group in groups if group not in small]
    return [*kept, together]


def _size(group: Sequence[str], sizes: Mapping[str, int]) -> int:
    return sum(sizes[name] for name in group)


def hidden(counts: Sequence[int]) -> set[int]:
    """Places of the counts that must not be shown beside their sum: those from 1 to 4, and the next smallest with them
    until what is hidden comes to five pupils or more in at least two places."""
    places = {place for place, number in enumerate(counts) if 0 < number < MINIMUM}
    if not places:
        return set()
    rest = sorted((n, place) for place, n in enumerate(counts) if n and place not in places)
    while rest and (len(places) < 2 or sum(counts[p] for p in places) < MINIMUM):
        places.add(rest.pop(0)[1])
    return places


def neighbours_merged(counts: Sequence[tuple[str, int, _T]]) -> list[tuple[str, int, list[_T]]]:
    """Steps of a scale with small ones joined to the step before (the first to the one after); empty steps stay."""
    found: list[tuple[str, int, list[_T]]] = []
    for name, number, item in counts:
        before = next((i for i in range(len(found) - 1, -1, -1) if found[i][1]), None)
        joins = 0 < number < MINIMUM and before is not None
        waiting = before is not None and 0 < found[before][1] < MINIMUM and number > 0
        if before is not None and (joins or waiting):
            kept, total, items = found[before]
            found[before] = (f"{kept} or {name}", total + number, [*items, item])
        else:
            found.append((name, number, [item]))
    return found
