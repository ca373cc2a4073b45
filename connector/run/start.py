"""Runs as the configuration asks for them: the adapter opened with its secrets, then one run of one school."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from connector.adapters import adapter_kinds
from connector.adapters.base import Adapter
from connector.adapters.supplied import Supply, supplement
from connector.config import Config, SchoolConfig
from connector.config.run_options import run_options
from connector.config.secrets import read_secrets
from connector.documents.pupil_letters import SchoolLetters
from connector.documents.templates import load_templates
from connector.errors import ConfigError, StoreError
from connector.run.options import RunOptions
from connector.run.run import Surroundings, run_school
from connector.run.steered import SteeredAdapter
from connector.run.summary import RunSummary
from rules.register import Register


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run's summary, and the register that was judged; None when it did not come to that."""

    summary: RunSummary
    register: Register | None = None

    def document(self) -> dict[str, Any]:
        """The JSON document of `run --json`. Its days are those of the academic year up to the run's."""
        found = self.summary.document()
        head = {key: found.pop(key) for key in ("school", "policy", "as_of")}
        first = last = None
        if self.register is not None:
            calendar, as_of = self.register.calendar, self.summary.as_of
            year = calendar.year_of(as_of)
            first, last = calendar.next_school_day(year.start), calendar.last_school_day(year.start, as_of)
        days = {"first_day": first, "last_day": last}
        return {
            **head,
            **{k: day.isoformat() if day else None for k, day in days.items()},
            **found,
            "out": None,
        }


def today(school: SchoolConfig) -> date:
    """Today in the school's time zone, or the day that a trial takes for today."""
    return school.run.trial_day or datetime.now(school.zone).date()


def existing_state(config: Config, school: SchoolConfig) -> Path:
    """The school's database. Raises ConfigError before its first run."""
    state = config.database(school)
    if not state.exists():
        raise ConfigError(
            f"{school.id} has no state yet", fix="it begins with the first run: attendance-connector run"
        )
    return state


@contextmanager
def school_lock(state: Path, wait_seconds: float = 30.0) -> Iterator[None]:
    """Keep runs of the school out while a person changes its ledger. Raises StoreError when one does not end in time."""
    lock = FileLock(f"{state}.lock")
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise StoreError("a run of this school is under way.", fix="wait until it has ended") from error
    try:
        yield
    finally:
        lock.release()


def supply_of(school: SchoolConfig) -> Supply:
    """What the configuration supplies in the MIS's place."""
    given = school.supply
    return Supply(
        calendar=given.calendar,
        contacts=given.contacts,
        records=given.records,
        folder=given.folder,
        columns=school.columns,
        folders_by_upn=given.folders_by_upn,
    )


@contextmanager
def opened(school: SchoolConfig) -> Iterator[Adapter]:
    """The school's MIS, with what is supplied in its place. Raises ConfigError for a missing secret."""
    kind = adapter_kinds()[school.mis.adapter]
    secrets = read_secrets(school.id, kind.secrets)
    adapter = kind.open(school.mis.settings, secrets, school.http.options())
    try:
        yield supplement(adapter, supply_of(school))
    finally:
        adapter.close()


def run_once(
    school: SchoolConfig,
    state: Path,
    *,
    as_of: date | None = None,
    dry_run: bool = False,
    full: bool = False,
    stop: threading.Event | None = None,
    progress: Callable[[str], None] = lambda _step: None,
) -> RunReport:
    """Run one configured school once. ``full`` reads everything again, ``stop`` asks for an early but clean end."""
    options = run_options(school)
    with opened(school) as adapter:
        steered = SteeredAdapter(adapter, full=full, stop=stop)
        return run_with(
            options,
            state,
            steered,
            as_of=as_of or today(school),
            now=datetime.now(UTC),
            dry_run=dry_run or school.run.dry_run,
            sleep=stop.wait if stop else time.sleep,
            progress=progress,
        )


def run_with(
    options: RunOptions,
    state: Path,
    adapter: Adapter,
    *,
    as_of: date,
    now: datetime,
    dry_run: bool = False,
    sleep: Callable[[float], object] = time.sleep,
    progress: Callable[[str], None] = lambda _step: None,
) -> RunReport:
    """Run once against an open adapter. Raises ConfigError when a template cannot be read."""
    load_templates(options.templates)
    judged: list[Register] = []

    def writer_for(register: Register) -> SchoolLetters:
        judged.append(register)
        return SchoolLetters(options, register, as_of)

    def wait(seconds: float) -> None:
        sleep(seconds)

    around = Surroundings(adapter=adapter, writer_for=writer_for, sleep=wait, progress=progress)
    summary = run_school(options, state, around, as_of=as_of, now=now, dry_run=dry_run)
    return RunReport(summary, judged[0] if judged else None)
