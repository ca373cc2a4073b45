"""Lists that come in pages, without a total and without a next link.

Rows can move between two pages while they are read: then one comes twice, or one is missed. A row missed would
pass for a pupil who is gone, so a list of several pages is read until two readings agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from connector.errors import RetryableError

T = TypeVar("T")
MOST_READINGS = 6


def read_pages(
    page: Callable[[int], list[T]],
    size: int,
    *,
    key: Callable[[T], str],
    what: str,
    first: list[T] | None = None,
) -> list[T]:
    """Every row once, in the order first seen. ``page`` gives the n-th page, counted from 0.

    ``first`` is page 0 when it is at hand. Raises RetryableError when the list does not hold still.
    """
    rows, pages = _one_reading(page, size, key, first)
    if pages <= 1:
        return list(rows.values())
    for _ in range(MOST_READINGS - 1):
        again, _ = _one_reading(page, size, key, None)
        fresh = [name for name in again if name not in rows]
        rows |= again
        if not fresh:
            return list(rows.values())
    raise RetryableError(
        f"Arbor: the list of {what} changed at every reading", mend="the next run reads it again"
    )


def _one_reading(
    page: Callable[[int], list[T]], size: int, key: Callable[[T], str], first: list[T] | None
) -> tuple[dict[str, T], int]:
    """The rows by key, and how many pages had any."""
    found: dict[str, T] = {}
    place = 0
    while True:
        rows = first if place == 0 and first is not None else page(place)
        before = len(found)
        for row in rows:
            found[key(row)] = row
        if len(found) > before:
            place += 1
        if len(found) == before or not _may_go_on(rows, size):
            return found, place


def _may_go_on(rows: Sequence[object], size: int) -> bool:
    """A short page is the last one; but a round number may be a lower limit that Arbor keeps to itself."""
    return len(rows) >= size or (len(rows) >= 50 and len(rows) % 50 == 0)
