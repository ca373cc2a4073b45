"""Runs of the small school in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from connector.config.loaded_school import LoadedSchool
from connector.config.school import SchoolConfig
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import RunSummary
from connector.store import Store
from connector.store.belonging import PullSource
from connector.store.ledger import LedgerRow
from rules.policy import load_policy, switched
from rules.school import Exclusion
from tests.connector.memory_mis import MemoryMis, at, school_days
from tests.connector.plain_letters import PlainLetters


def options(
    policy: str = "hcat",
    only: tuple[str, ...] = (),
    *,
    letters: Mapping[str, object] = {},
    exclusions: Sequence[Exclusion] = (),
    **run: object,
) -> LoadedSchool:
    """Return a school under a shipped policy, all of it or some rules only, without the guard of first runs and reports.

    Rules named in ``only`` are in force on every day, and on unless the run's keys switch them off.

    Further arguments are keys of `[school.run]`.
    """
    pack = load_policy(policy)
    if only:
        named = tuple(r.model_copy(update={"until": None}) for r in pack.rules if r.id in only)
        pack = pack.model_copy(update={"rules": named})
    config = {
        "id": "hill",
        "name": "Hill Primary School",
        "policy": policy,
        "mis": {"adapter": "folder"},
        "letters": {"telephone": "01482 000000", **letters},
        "run": {"first_run_school_days": 400, "reports": [], **run},
        "exclusions": exclusions,
    }
    school = SchoolConfig.model_validate(config)
    on, off = [*only, *school.run.rules_on], school.run.rules_off
    return LoadedSchool(school, switched(pack, on=on, off=off, until=school.run.rules_until))


def run(
    mis: MemoryMis,
    state: Path,
    day: date,
    opts: LoadedSchool | None = None,
    *,
    dry_run: bool = False,
    hour: int = 17,
) -> RunSummary:
    """One run with plain letters, never asleep."""
    request = RunRequest(
        opts or options(),
        mis,
        as_of=day,
        now=at(day, hour),
        source=PullSource("folder", "memory"),
        dry_run=dry_run,
        sleep=lambda _seconds: None,
        letters=PlainLetters,
        lists=PlainLetters,
    )
    return run_school(state, request).summary


def run_days(mis: MemoryMis, state: Path, start: date, end: date, opts: LoadedSchool | None = None) -> None:
    """Run on every school day between two dates."""
    for day in school_days(start, end):
        summary = run(mis, state, day, opts)
        assert summary.outcome != "failed", summary.error


def ledger(state: Path) -> list[LedgerRow]:
    """Every row, in order of date."""
    with Store.open(state, "hill") as store:
        return store.ledger.rows()


def row_of(state: Path, rule: str, pupil_id: str = "1") -> LedgerRow:
    """Return the only row of a rule for a pupil."""
    (found,) = [row for row in ledger(state) if row.rule == rule and row.pupil_id == pupil_id]
    return found
