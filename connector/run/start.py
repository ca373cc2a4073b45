"""A run as the configuration asks for it: the adapter opened with its secrets, then one run of one school."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from connector.adapters import adapter_kinds
from connector.adapters.base import Adapter
from connector.adapters.supplied import supplement
from connector.config import SchoolConfig
from connector.config.loaded_school import load_school
from connector.config.secrets import read_secrets
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import RunReport


def today(school: SchoolConfig) -> date:
    """Return today in the school's time zone, or the day that a trial uses in its place."""
    return school.run.trial_day or datetime.now(school.zone).date()


@contextmanager
def opened(school: SchoolConfig) -> Iterator[Adapter]:
    """Open the school's MIS, with what is supplied in its place. Raise ConfigError for a missing secret."""
    kind = adapter_kinds()[school.mis.adapter]
    secrets = read_secrets(school.id, kind.secrets)
    adapter = kind.open(school.mis.settings, secrets, school.http)
    try:
        yield supplement(adapter, school.supply)
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
    options = load_school(school)
    with opened(school) as adapter:
        request = RunRequest(
            options,
            adapter,
            as_of=as_of or today(school),
            now=datetime.now(UTC),
            dry_run=dry_run or school.run.dry_run,
            full=full,
            stop=stop or threading.Event(),
            progress=progress,
        )
        return run_school(state, request)
