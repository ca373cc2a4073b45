"""What every mock MIS shares: one made-up school, a day that can be moved, what was written, what goes wrong."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from importlib import import_module
from typing import Any

from flask import Flask
from pydantic import BaseModel

from connector.mock.faults import Faults
from connector.mock.school import MadeUpSchool
from connector.mock.school.corrections import LONDON
from connector.mock.written import Written

MOCKS = ("arbor", "sims", "xporter", "wonde")
"""The MISs that can be mocked: each is a module or package of this package with a ``MOCK``."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One request that reached the mock."""

    method: str
    path: str
    query: str
    status: int | None
    """None when the connection was cut instead of an answer."""
    fault: str = ""


@dataclass
class World:
    """The state behind one mock server. ``today`` decides what its MIS holds; move it to let days pass."""

    school: MadeUpSchool
    today: date
    faults: Faults = field(default_factory=Faults)
    written: Written = field(default_factory=Written)
    requests: deque[Seen] = field(default_factory=lambda: deque(maxlen=100_000))
    lock: threading.RLock = field(default_factory=threading.RLock)
    _ticks: int = 0

    @property
    def version(self) -> tuple[date, int]:
        """Changes whenever the school's facts may look different."""
        return self.today, len(self.school.book.changes)

    def now(self) -> datetime:
        """Return the time on the mock's clock: five in the afternoon of its today, a second later at each call."""
        with self.lock:
            self._ticks += 1
            start = datetime.combine(self.today, time(17, 0), LONDON)
            return min(start + timedelta(seconds=self._ticks), start + timedelta(hours=6))


@dataclass(frozen=True, slots=True)
class MockKind:
    """How one mock presents itself: the ``MOCK`` of its module."""

    name: str
    title: str
    options: type[BaseModel]
    """Its awkward habits, all with a default."""
    secrets: Mapping[str, str]
    """The credentials it accepts, by the names that the adapter gives its secrets."""
    settings: Callable[[str, Any], Mapping[str, Any]]
    """Given its address and options, the adapter's settings to use against it."""
    make_app: Callable[[World, Any], Flask]
    """Given the state and the options, the web application."""


def mock_kind(name: str) -> MockKind:
    """Return the mock of a MIS by name. Raises ValueError for a name that is none."""
    if name not in MOCKS:
        raise ValueError(f"no mock is called '{name}'; there are: {', '.join(MOCKS)}")
    kind: MockKind = import_module(f"connector.mock.{name}").MOCK
    return kind
