"""Calls per second: never faster than a MIS allows."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Pace:
    """Spaces calls evenly. Safe to share between threads."""

    def __init__(
        self, per_second: float | None, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._gap = 1.0 / per_second if per_second else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next call may go."""
        if not self._gap:
            return
        with self._lock:
            now = self._clock()
            turn = max(now, self._next)
            self._next = turn + self._gap
        if turn > now:
            self._sleep(turn - now)
