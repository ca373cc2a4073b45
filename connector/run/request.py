"""What one run is asked to do, and what it does it with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from connector.adapters.base import Adapter
from connector.config.loaded_school import LoadedSchool
from connector.documents.lists import SchoolLists
from connector.documents.pupil_letters import PupilLetters
from connector.errors import RunGuard, StoppedError
from connector.store.belonging import PullSource
from rules.register import Register


@dataclass(frozen=True)
class RunRequest:
    """One run of one school. Time comes in here; nothing in a run reads a clock."""

    options: LoadedSchool
    adapter: Adapter
    as_of: date
    """The school day that the run is about."""
    now: datetime
    source: PullSource = field(default_factory=PullSource)
    """Where the pull comes from, by which the state of another school is refused."""
    remarks: tuple[str, ...] = ()
    """What happened before the run, for its warnings: the school's state was found under its former id."""
    dry_run: bool = False
    """Read the MIS, write nothing to it, and work on a copy of the state."""
    accepted: frozenset[RunGuard] = frozenset()
    """The guards that a person lets this run past, and no other run."""
    full: bool = False
    """Read everything again, not only what changed since the last pull."""
    stop: threading.Event = field(default_factory=threading.Event)
    """Once it is set nothing new is begun; a write that has begun is finished and read back."""
    sleep: Callable[[float], object] | None = None
    """How to wait between two tries; None: until the time is over or a stop is asked for."""
    progress: Callable[[str], None] = lambda _step: None
    """Called with the name of each step."""
    letters: Callable[[LoadedSchool, Register, date], PupilLetters] = PupilLetters
    lists: Callable[[LoadedSchool, Register, date], SchoolLists] = SchoolLists

    def wait(self, seconds: float) -> None:
        """Wait before the next try."""
        (self.sleep or self.stop.wait)(seconds)

    def give_way(self) -> None:
        """Raise StoppedError when a stop was asked for."""
        if self.stop.is_set():
            raise StoppedError
