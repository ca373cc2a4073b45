"""Lists that come in pages, without a total and without a next link.

Rows can move between two pages while they are read: then one comes twice, or one is missed. A row missed would
pass for a pupil who is gone, so a list of several pages is read again, with its pages cut elsewhere, until a
reading brings nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from connector.adapters.page_limits import PageLimits
from connector.errors import RetryableError

T = TypeVar("T")
MOST_READINGS = 8


def read_pages(
    page: Callable[[int, int], list[T]],
    size: int,
    *,
    key: Callable[[T], str],
    what: str,
    first: list[T] | None = None,
) -> list[T]:
    """Return every row once, in the order first seen. ``page`` gives the n-th page, counted from 0, of that many rows.

    ``first`` is page 0 when it was read already. Raises RetryableError when the list changes at every reading, or does
    not come to an end; ``what`` names its address and type in that.
    """
    rows, alone = _one_reading(page, size, key, first, what)
    if alone:
        return list(rows.values())
    for number in range(1, MOST_READINGS):
        again, _ = _one_reading(page, _cut_elsewhere(size, number), key, None, what)
        fresh = [name for name in again if name not in rows]
        rows |= again
        if not fresh:
            return list(rows.values())
    raise RetryableError(
        f"Arbor: the list of {what} changed at every reading", fix="the next run reads it again"
    )


def _cut_elsewhere(size: int, reading: int) -> int:
    """Return another page size for each reading: what is lost where two pages meet lies within a page next time."""
    return size - reading % 3 if size > 3 else size + reading % 3


def _one_reading(
    page: Callable[[int, int], list[T]],
    size: int,
    key: Callable[[T], str],
    first: list[T] | None,
    what: str,
) -> tuple[dict[str, T], bool]:
    """Return the rows by key, and whether one page was enough, in which case no row can have moved between pages.

    A full first page with nothing behind it was not enough: what is behind it may have been missed.
    """
    found: dict[str, T] = {}
    limits = PageLimits("Arbor", what)
    place = 0
    while True:
        rows = first if place == 0 and first is not None else page(place, size)
        before = len(found)
        for row in rows:
            found[key(row)] = row
        limits.take(key(row) for row in rows)
        if len(found) == before or not _may_go_on(rows, size):
            return found, place <= 1 and len(found) < size
        place += 1


def _may_go_on(rows: Sequence[object], size: int) -> bool:
    """Return True when a page is the last one: a short one is; but a round number may be a lower limit that Arbor keeps to itself."""
    return len(rows) >= size or (len(rows) >= 50 and len(rows) % 50 == 0)
