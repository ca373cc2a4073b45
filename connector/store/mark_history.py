"""One list of changes of a session's mark from two sources: what pulls showed, and the MIS's own history.

A change that a pull showed is left out where the MIS's history, as it stood when the pull saw it, ends with the step
or steps that amount to the same: those know who made the change and when. What vanished and came back, such as a
page that was lost for a night, is no change (docs/conventions.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from rules.school import Amendment, Half

CLOCKS_APART = timedelta(hours=1)
"""So far the MIS's clock and ours may differ, or a pull may last."""
FIRST, LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Change:
    """One change as one of the two sources has it. Codes are trimmed; empty means no mark."""

    source: Literal["seen", "mis"]
    amendment: Amendment
    seen_at: datetime
    """When the pull began that showed it."""

    @property
    def session(self) -> tuple[str, date, Half]:
        """Whose mark it is, and of which session."""
        return self.amendment.pupil_id, self.amendment.date, self.amendment.half

    @property
    def original(self) -> str:
        """The code before."""
        return self.amendment.original

    @property
    def amended(self) -> str:
        """The code after."""
        return self.amendment.amended

    @property
    def at(self) -> datetime:
        """The time of the change as far as its source knows it."""
        return self.amendment.amended_at


def one_history(changes: Sequence[Change]) -> list[Amendment]:
    """Given all changes of one session, those seen in the order of the pulls, return each once, in order of time."""
    steps = _in_order(change for change in changes if change.source == "mis")
    seen = [change for change in changes if change.source == "seen"]
    reported = _Reported(steps)
    times = [FIRST, *(change.seen_at for change in seen), LAST]
    left = {n: one for n, one in enumerate(seen) if not reported.has(one, times[n], times[n + 1])}
    for n in range(len(seen)):
        gone, back = left.get(n), left.get(n + 1)
        if gone is None or back is None or gone.amended or back.original:
            continue
        whole = replace(back, amendment=replace(back.amendment, original=gone.original))
        if whole.original == whole.amended or reported.has(whole, times[n], times[n + 2], CLOCKS_APART):
            del left[n], left[n + 1]
    # a page that was lost does not say when the mark went, if it went at all before another change was seen
    unreported = [
        one
        for n, one in left.items()
        if not reported.has(one, times[n], times[n + 1 if one.amended else n + 2], CLOCKS_APART)
    ]
    return [change.amendment for change in _in_order([*steps, *unreported])]


class _Reported:
    """The MIS's steps in order of time, each to stand for one seen change at most."""

    def __init__(self, steps: Sequence[Change]) -> None:
        self._steps = steps
        self._used: set[int] = set()

    def has(self, change: Change, since: datetime, until: datetime, apart: timedelta = timedelta(0)) -> bool:
        """Return True when steps that end after ``since`` lead from its original to its result, and use them up.

        They are the last ones at the time of the pull, or at some time from it to ``until``; all give or take ``apart``.
        """
        steps, pulled = self._steps, change.seen_at
        ends = [
            n
            for n, step in enumerate(steps)
            if since - apart < step.at <= until + apart
            and (n + 1 == len(steps) or steps[n + 1].at > pulled - apart)
            and step.amended == change.amended
        ]
        for last in sorted(ends, key=lambda n: abs(steps[n].at - pulled)):
            for first in range(last, -1, -1):
                if first in self._used or (
                    first < last and steps[first].amended != steps[first + 1].original
                ):
                    break
                if steps[first].original == change.original:
                    self._used.update(range(first, last + 1))
                    return True
        return False


def _in_order(changes: Iterable[Change]) -> list[Change]:
    """Return changes in order of time; of those in the same second each follows from the one before where it can."""
    rest = sorted(changes, key=lambda change: (change.at, change.original, change.amended))
    ordered: list[Change] = []
    while rest:
        same = [change for change in rest if change.at == rest[0].at]
        code = ordered[-1].amended if ordered else None
        results = {change.amended for change in same}
        following = [change for change in same if change.original == code]
        first = [change for change in same if change.original not in results]
        ordered.append((following or first or same)[0])
        rest.remove(ordered[-1])
    return ordered
