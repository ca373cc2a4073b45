"""Faults that can be switched on in a mock MIS, by name and rate. Seeded: the same seed strikes the same calls.

The server itself brings about those on the wire; those in the data are asked for by each mock where its own
awkward habits live.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FAULTS: Mapping[str, str] = {
    "drop-before": "the connection is cut before the call took effect",
    "drop-after": "the call took effect, then the connection is cut without an answer",
    "error-500": "an answer 500, without effect",
    "error-500-after": "the call took effect, then an answer 500",
    "busy": "an answer 429 with Retry-After, without effect",
    "busy-silent": "an answer 429 without Retry-After, without effect",
    "slow": "the answer comes late",
    "truncated": "the body is cut short of its Content-Length",
    "invalid-json": "the body is whole but is not JSON",
    "html": "a web page with status 200 in place of JSON, without effect",
    "list-for-object": "an empty list where an object was to come, as PHP writes an empty object",
    "lists-within": "the same for every object within the answer",
    "expired": "the token in use is no longer good (status 401 where the MIS has tokens)",
    "duplicate-rows": "a list page brings a row of the page before it again",
    "shifted-rows": "rows have moved by one since the page before, so that one is missed",
    "endless-pages": "a list page is empty and says that another follows: itself, where it names the next one",
    "stale": "what was just written is not yet seen by reads",
    "no-effect": "a write is answered as done and changes nothing",
    "hidden-fields": "fields that the rights do not cover are left out without a word",
}
"""Name -> what happens."""

WIRE = (
    "drop-before",
    "drop-after",
    "error-500",
    "error-500-after",
    "busy",
    "busy-silent",
    "slow",
    "truncated",
    "invalid-json",
    "html",
    "list-for-object",
)
"""Those that the server itself produces."""


@dataclass
class Fault:
    """One fault that is switched on."""

    name: str
    rate: float
    """Share of the calls that it may strike, 0 to 1."""
    times: int | None = None
    """How often it strikes at most; None: as often as the rate gives."""
    method: str = ""
    """Strikes only this HTTP method; empty: any."""
    path: str = ""
    """Strikes only calls whose path contains this; empty: any."""
    struck: int = 0


class Faults:
    """The faults of one server. Safe to share between threads."""

    def __init__(self, rates: Mapping[str, float] | None = None, *, seed: int = 0) -> None:
        self._rng = random.Random(seed)
        self._lock = threading.Lock()
        self._on: dict[str, Fault] = {}
        self.slow_seconds = 0.5
        """How late a slow answer comes."""
        self.busy_seconds = 1
        """What Retry-After asks for."""
        self.stale_seconds = 0.2
        """How long a write stays unseen."""
        for name, rate in (rates or {}).items():
            self.set(name, rate)

    def set(
        self, name: str, rate: float = 1.0, *, times: int | None = None, method: str = "", path: str = ""
    ) -> None:
        """Switch a fault on. Raises ValueError for an unknown name or a rate that is no share."""
        if name not in FAULTS:
            raise ValueError(f"no fault is called '{name}'; there are: {', '.join(FAULTS)}")
        if not 0 <= rate <= 1:
            raise ValueError(f"the rate of {name} must be between 0 and 1")
        with self._lock:
            self._on[name] = Fault(name, rate, times, method.upper(), path)

    def clear(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self._on.clear()

    def strikes(self, name: str, method: str = "", path: str = "") -> bool:
        """Return whether the fault strikes this call."""
        if name not in self._on:
            return False
        with self._lock:
            fault = self._on.get(name)
            if fault is None or (fault.method and fault.method != method) or fault.path not in path:
                return False
            if fault.times is not None and fault.struck >= fault.times:
                return False
            if self._rng.random() >= fault.rate:
                return False
            fault.struck += 1
            return True

    def state(self) -> list[dict[str, object]]:
        """Return which faults are switched on, and how often each has struck."""
        with self._lock:
            return [
                {"name": f.name, "rate": f.rate, "times": f.times, "struck": f.struck}
                for f in self._on.values()
            ]


def read_faults(words: Iterable[str]) -> dict[str, float]:
    """Given words such as "drop-after=0.2", return rates by name. Raises ValueError and what to do."""
    rates: dict[str, float] = {}
    for word in words:
        name, sign, rate = word.partition("=")
        try:
            share = float(rate) if sign else 1.0
        except ValueError:
            raise ValueError(f"'{word}' is not NAME=RATE: write for example drop-after=0.2") from None
        Faults().set(name, share)
        rates[name] = share
    return rates
