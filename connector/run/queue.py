"""In which order the outbox is written, when delivery breaks off, and when an item is given up.

What was never tried goes first, then what was tried longest ago: an item that fails every night never keeps the
others from their turn, and one that the MIS never takes is given up with a way on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from connector.errors import TO_DO, ConnectorError, RetryableError
from connector.store.outbox import Item

MOST_IN_A_ROW = 3
"""After so many events in a row for which the MIS did not even answer the look-up, it is down: the rest waits."""
MOST_WRITES_IN_A_ROW = 10
"""The same where it answered the look-up and only the write failed: that may be these pupils' own trouble, so others
get their turn in the same run; but a MIS that takes no write at all is not asked for every pupil either."""
TRIES = 3
"""How often one item is tried in a run. After :data:`MOST_IN_A_ROW` in a row once only, so that a run soon ends."""
MOST_IN_VAIN = 5
"""Given up after so many refusals, or after so many days without success on which the MIS answered: a school week.
Days and not runs, because the service makes a failed run again every quarter of an hour, and a MIS that takes no write
for one evening is no reason to give a letter up; a MIS that is down for a week is none either."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What is written together: the items of one event, or one document of the school."""

    event_id: int | None
    item_ids: tuple[int, ...]


def in_turn(items: Iterable[Item]) -> list[Turn]:
    """Given the open items in the order in which they were made, return whose turn comes when.

    An event was tried when any of its items was. Ties keep the order given.
    """
    groups = [
        list(group)
        for _, group in groupby(
            items, lambda item: (item.event_id, item.id if item.event_id is None else None)
        )
    ]
    groups.sort(key=lambda group: max(item.tried_in or 0 for item in group))
    return [Turn(group[0].event_id, tuple(item.id for item in group)) for group in groups]


@dataclass(slots=True)
class InARow:
    """How many events in a row could not be written, and how much of the MIS answered for them."""

    unanswered: int = 0
    failed: int = 0

    def add(self, *, looked_up: bool) -> None:
        """Count an event that could not be written. ``looked_up``: the MIS said whether it holds it, and no more."""
        self.failed += 1
        self.unanswered = 0 if looked_up else self.unanswered + 1

    def end(self) -> None:
        """Begin again: the MIS took something."""
        self.failed = self.unanswered = 0

    @property
    def is_down(self) -> bool:
        """True when the rest waits for the next run."""
        return self.unanswered >= MOST_IN_A_ROW or self.failed >= MOST_WRITES_IN_A_ROW

    @property
    def tries(self) -> int:
        """How often the next item is tried."""
        return TRIES if self.failed < MOST_IN_A_ROW else 1


def with_way_on(error: ConnectorError, key: str) -> str:
    """Return why something was given up, and how a person has it tried again."""
    release = f"`events release {key}` has it tried again"
    if "release the event" in error.fix:
        return f"{error}: {release}"
    # what passes by itself says that the next run tries again: this one was given up
    own = "" if isinstance(error, RetryableError) else error.fix
    return f"{error.message}\n{TO_DO}{own or 'look at the pupil or the document in the MIS'}; then {release}"
