"""A run as the configuration asks for it: the adapter opened with its secrets, then one run of one school."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from connector.adapters import adapter_kinds
from connector.adapters.base import Adapter
from connector.adapters.supplied import supplement
from connector.config import Config, SchoolConfig
from connector.config.loaded_school import load_school
from connector.config.secrets import read_secrets
from connector.config.state_folder import claim_state
from connector.errors import RunGuard
from connector.run.mail.digest_mail import send_news
from connector.run.morning.morning_report import MorningReport
from connector.run.morning.morning_run import run_morning
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.states import adopt, asked_mis, renamed_state, renamed_words, source_of
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
    config: Config | None = None,
    as_of: date | None = None,
    dry_run: bool = False,
    accepted: frozenset[RunGuard] = frozenset(),
    full: bool = False,
    stop: threading.Event | None = None,
    progress: Callable[[str], None] = lambda _step: None,
) -> RunReport:
    """Run one configured school once. ``full`` reads everything again, ``stop`` asks for an early but clean end.

    ``accepted`` are the guards that a person lets this run past.

    With ``config``, a state that the school has under a former id is found and used on; raise ConfigError when the folder
    of the state is another configuration's.
    """
    asked = _Asked(as_of, dry_run, accepted, full, stop or threading.Event(), progress)
    with _requested(school, state, config, asked) as (path, request):
        report = run_school(path, request)
    send_news(school, report, path, request.now)
    return report


def run_morning_once(
    school: SchoolConfig,
    state: Path,
    *,
    config: Config | None = None,
    as_of: date | None = None,
    dry_run: bool = False,
    accepted: frozenset[RunGuard] = frozenset(),
    stop: threading.Event | None = None,
    progress: Callable[[str], None] = lambda _step: None,
) -> MorningReport:
    """Make one configured school's list of calls of a morning. The arguments are those of :func:`run_once`."""
    asked = _Asked(as_of, dry_run, accepted, stop=stop or threading.Event(), progress=progress)
    with _requested(school, state, config, asked) as (path, request):
        return run_morning(path, request)


@dataclass(frozen=True)
class _Asked:
    """What a run is asked to do by whoever starts it."""

    as_of: date | None
    dry_run: bool
    accepted: frozenset[RunGuard] = frozenset()
    full: bool = False
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Callable[[str], None] = lambda _step: None


@contextmanager
def _requested(
    school: SchoolConfig, state: Path, config: Config | None, asked: _Asked
) -> Iterator[tuple[Path, RunRequest]]:
    """Open the school's MIS and yield its state with the request of one run."""
    if config is not None:
        claim_state(config)
    options = load_school(school)
    day = asked.as_of or today(school)
    dry_run = asked.dry_run or school.run.dry_run
    with opened(school) as adapter:
        remarks: tuple[str, ...] = ()
        renamed = renamed_state(config, school, asked_mis(config, school, adapter, day)) if config else None
        if config is not None and renamed is not None:
            remarks = (renamed_words(school, renamed) if dry_run else adopt(config, school, renamed),)
        request = RunRequest(
            options,
            adapter,
            as_of=day,
            now=datetime.now(UTC),
            source=source_of(school),
            remarks=remarks,
            dry_run=dry_run,
            accepted=asked.accepted,
            full=asked.full,
            stop=asked.stop,
            progress=asked.progress,
        )
        yield (renamed.path if renamed and dry_run else state), request
