"""The loop of the background service: when a school's run is due it is made, and the health file is written.

The `schedule` library wakes the loop; whether a run is due is decided by the plan and the runs in the school's
own database, so a restart forgets nothing. A stop is asked for with SIGTERM, SIGINT or, on Windows,
SIGBREAK: the write under way is finished, then the loop ends.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import FrameType
from typing import Any, Literal

import schedule
import structlog

from connector.config import Config, SchoolConfig
from connector.errors import ConnectorError, error_line
from connector.logs import masked
from connector.service.health import call_monitor, health_document, write_health
from connector.service.plan import Due, LastMornings, LastRuns, due, morning_due, next_planned

log = structlog.get_logger(__name__)
Outcome = Literal["done", "held", "failed", "stopped"]
_LOOK_SECONDS = 15
"""How often the loop checks whether a run is due."""
_HEALTH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Ran:
    """How one run ended, without anything personal."""

    outcome: Outcome
    summary: dict[str, Any] = field(default_factory=dict)
    has_failures: bool = False
    """Something failed in it or before it, and is not put right: a letter, a correcting note, a document of the school."""


MakeRun = Callable[[SchoolConfig, bool, threading.Event], Ran]
"""Given a school, whether to read everything again, and the stop signal: make one run."""
AskLastRuns = Callable[[SchoolConfig], LastRuns]


@dataclass(frozen=True)
class Mornings:
    """The lists of calls: how to ask when the last ones were made, and how to make one."""

    last: Callable[[SchoolConfig], LastMornings]
    make: Callable[[SchoolConfig, threading.Event], Ran]


class Service:
    """The loop with what it knows of each school's last run."""

    def __init__(
        self,
        config: Config,
        make_run: MakeRun,
        last_runs: AskLastRuns,
        *,
        mornings: Mornings | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.config = config
        self.stop = threading.Event()
        self._make_run = make_run
        self._last_runs = last_runs
        self._mornings = mornings
        self._now = now
        self._tried: dict[str, datetime] = {}
        self._mornings_made: dict[str, LastMornings] = {}
        self._state: dict[str, dict[str, Any]] = {
            school.id: {"healthy": True, "last_outcome": None, "last_ended_at": None, "next_planned": None}
            for school in config.schools
        }

    def run(self) -> None:
        """Work until a stop is asked for."""
        clock = schedule.Scheduler()
        for school in self.config.schools:
            clock.every(self._pause()).seconds.do(self._look, school)
        clock.every(_HEALTH_SECONDS).seconds.do(self._write_health)
        log.info("the service has started", schools=[school.id for school in self.config.schools])
        self._write_health()
        clock.run_all()
        while not self.stop.is_set():
            self.stop.wait(min(1.0, max(0.05, clock.idle_seconds or 1.0)))
            if not self.stop.is_set():
                clock.run_pending()
        self._write_health(stopping=True)
        log.info("the service has stopped")

    def _pause(self) -> int:
        every = self.config.service.schedule.every_seconds
        return _LOOK_SECONDS if every is None else max(1, min(_LOOK_SECONDS, round(every)))

    def _look(self, school: SchoolConfig) -> None:
        """Make the school's run if one is due. The loop goes on, also when something goes wrong."""
        if self.stop.is_set():
            return
        state = self._state[school.id]
        plan, zone = self.config.service.schedule, school.zone
        self._look_at_morning(school, state)
        try:
            now = self._now()
            last = self._last_runs(school).up_to(now)
            own = LastRuns(tried=self._tried.get(school.id)).up_to(now)
            tried = max(filter(None, (last.tried, own.tried)), default=None)
            wanted = due(plan, zone, now, replace(last, tried=tried))
            if wanted is not None:
                self._run_school(school, wanted, state)
        except ConnectorError as error:
            self._failed(school, state, masked(error_line(error)))
        except Exception as error:
            log.exception("unexpected fault", school=school.id)
            self._failed(school, state, f"unexpected fault ({type(error).__name__}); see the log")
        planned = next_planned(plan, zone, self._now())
        state["next_planned"] = planned.isoformat(timespec="minutes") if planned else None

    def _look_at_morning(self, school: SchoolConfig, state: dict[str, Any]) -> None:
        """Make the school's list of calls if it is due: before a run, which takes longer and has time."""
        now = self._now()
        its_time = morning_due(
            school.service.morning_time, school.zone, now, LastMornings(is_school_day=True)
        )
        if self._mornings is None or not its_time:  # outside these hours nothing is asked of the state
            return
        try:
            last = self._mornings.last(school).up_to(now)
            own = self._mornings_made.get(school.id, LastMornings()).up_to(now)
            tried = max(filter(None, (last.tried, own.tried)), default=None)
            good = max(filter(None, (last.good, own.good)), default=None)
            known = LastMornings(tried, good, last.is_school_day)
            if not morning_due(school.service.morning_time, school.zone, now, known):
                return
            log.info("list of calls", school=school.id)
            self._mornings_made[school.id] = replace(known, tried=now)
            ran = self._mornings.make(school, self.stop)
            if ran.outcome == "done":
                self._mornings_made[school.id] = replace(known, tried=now, good=now)
            log.info("list of calls ended", school=school.id, outcome=ran.outcome, **ran.summary)
            outcome, reason = ran.outcome, str(ran.summary.get("error", ""))
        except ConnectorError as error:
            outcome, reason = "failed", masked(error_line(error))
            log.error("no list of calls", school=school.id, reason=reason)
        except Exception as error:
            outcome, reason = "failed", f"unexpected fault ({type(error).__name__}); see the log"
            log.exception("unexpected fault", school=school.id)
        state["last_morning"] = {
            "outcome": outcome,
            "ended_at": self._now().isoformat(timespec="seconds"),
            "error": reason,
        }
        self._write_health()
        if outcome not in ("done", "stopped"):
            self._call(good=False)

    def _run_school(self, school: SchoolConfig, wanted: Due, state: dict[str, Any]) -> None:
        log.info("run", school=school.id, full=wanted.full)
        self._tried[school.id] = self._now()
        ran = self._make_run(school, wanted.full, self.stop)
        judged_nothing = ran.outcome == "held" and bool(ran.summary.get("error"))
        healthy = ran.outcome != "failed" and not judged_nothing and not ran.has_failures
        state.update(
            healthy=healthy,
            last_outcome=ran.outcome,
            last_ended_at=self._now().isoformat(timespec="seconds"),
            last_error=None,
        )
        if healthy and state.get("last_morning", {}).get("outcome") in ("failed", "held"):
            del state["last_morning"]  # that morning is over; `status` says for the day that it had no list
        log.info("run ended", school=school.id, outcome=ran.outcome, **ran.summary)
        self._write_health()
        self._call(healthy, asked=ran.outcome != "stopped")

    def _failed(self, school: SchoolConfig, state: dict[str, Any], reason: str) -> None:
        log.error("run failed", school=school.id, reason=reason)
        state.update(
            healthy=False,
            last_outcome="failed",
            last_ended_at=self._now().isoformat(timespec="seconds"),
            last_error=reason,
        )
        self._write_health()
        self._call(good=False)

    def _call(self, good: bool, *, asked: bool = True) -> None:
        if self.config.service.health_url and asked:
            call_monitor(self.config.service.health_url, good)

    def _write_health(self, *, stopping: bool = False) -> None:
        write_health(self.config.health_file, health_document(self._state, self._now(), stopping=stopping))


@contextmanager
def stop_on_signals(stop: threading.Event) -> Iterator[None]:
    """Let SIGTERM, SIGINT and (on Windows) SIGBREAK ask for a clean stop while in it."""

    def ask(number: int, _frame: FrameType | None) -> None:
        log.info("a stop was asked for", signal=signal.Signals(number).name)
        stop.set()

    numbers = [signal.SIGTERM, signal.SIGINT]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
