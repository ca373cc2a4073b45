"""Seconds and requests of a first run, of the next night's, and of a second run on that day, by school size and MIS.

The mock MIS runs in a process of its own, so that its work is not counted where the machine has a second core. The
time is given by step: pull (the MIS's own time included), evaluate, compose, deliver. The first run is like that of a
school that starts in mid-year: letters of the last ten school days only.

    python benchmarks/run.py [--pupils 420 1500] [--mis arbor sims xporter wonde] [--weeks 13] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

if not __package__:  # run as a file: this folder comes first and would hide the package of the same name
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import requests
from rich.console import Console
from rich.table import Table

from connector.adapters import adapter_kinds
from connector.adapters.base import Adapter, AdapterKind
from connector.adapters.supplied import SupplyConfig, supplement
from connector.config.loaded_school import load_school
from connector.config.school import SchoolConfig
from connector.http import HttpConfig
from connector.mock.register_folder import LACKING_FACTS, write_calendar, write_people
from connector.mock.school import MadeUpSchool, make_school
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import RunSummary

MISS = ("arbor", "sims", "xporter", "wonde")
STEPS = ("pull", "evaluate", "compose", "deliver")
SEED = 7
UNHURRIED = {"sims": ("--set", "calls_per_second=1000")}
"""The five calls a second of the real one would hide everything else; they come on top: requests / 5."""


@dataclass(frozen=True)
class Timed:
    """One run."""

    name: str
    summary: RunSummary
    seconds: Mapping[str, float]


class Clock:
    """Adds up the time between the steps that a run reports."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STEPS, 0.0)
        self._step, self._since = "", time.perf_counter()

    def __call__(self, step: str) -> None:
        now = time.perf_counter()
        if self._step:
            self.seconds[self._step] += now - self._since
        self._step, self._since = step, now


@contextmanager
def mock(mis: str, pupils: int, weeks: int) -> Iterator[dict[str, Any]]:
    """Start a mock MIS in a process of its own; yield what it announced."""
    size = ("--pupils", str(pupils), "--weeks", str(weeks), "--seed", str(SEED))
    command = [sys.executable, "-m", "connector", "mock", mis, *size, *UNHURRIED.get(mis, ())]
    root = Path(__file__).resolve().parent.parent
    program = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    try:
        assert program.stdout is not None
        yield json.loads(program.stdout.readline())
    finally:
        program.terminate()
        program.wait(30)


def opened(kind: AdapterKind, announced: Mapping[str, Any], school: MadeUpSchool, folder: Path) -> Adapter:
    """Open the adapter on the mock; what the MIS lacks is supplied."""
    can = kind.capabilities
    supply = SupplyConfig(
        **(write_people(folder, school, school.last_day) if kind.name in LACKING_FACTS else {}),
        calendar=None if can.calendar else write_calendar(folder / "calendar.csv", school),
        folder=None if can.notes and can.documents else folder / "letters",
    )
    settings = dict(announced["settings"])
    if settings.get("calls_per_second"):
        settings["calls_per_second"] = 0
    return supplement(
        kind.open(kind.settings.model_validate(settings), announced["credentials"], HttpConfig()), supply
    )


def timed_runs(mis: str, pupils: int, weeks: int, *, profile: bool) -> list[Timed]:
    """Time the three runs of one school."""
    school = make_school(pupils=pupils, weeks=weeks, seed=SEED)
    days = [d for d in school.calendar.school_days if school.first_day <= d <= school.last_day]
    found = []
    with tempfile.TemporaryDirectory() as name, mock(mis, pupils, weeks) as announced:
        folder = Path(name)
        for place, (called, day) in enumerate(
            (("first", days[-2]), ("nightly", days[-1]), ("once more", days[-1]))
        ):
            requests.put(f"{announced['url']}/mock/today", json={"today": day.isoformat()}, timeout=60)
            clock, profiler = Clock(), cProfile.Profile()
            with closing(opened(adapter_kinds()[mis], announced, school, folder)) as adapter:
                if profile:
                    profiler.enable()
                summary = run(adapter, school, folder, day, 12 + place, clock)
                profiler.disable()
            clock("")
            found.append(Timed(called, summary, clock.seconds))
            if profile:
                pstats.Stats(profiler).sort_stats("tottime").print_stats(25)
    return found


def run(
    adapter: Adapter, school: MadeUpSchool, folder: Path, day: date, hour: int, clock: Clock
) -> RunSummary:
    """One run at an hour of a day."""
    config = {
        "id": "bench",
        "name": school.details.name,
        "policy": "hcat",
        "mis": {"adapter": "folder"},
        "letters": {"telephone": school.details.telephone},
        "run": {"hold_above_events": 1_000_000, "digest": folder / "digests"},
    }
    loaded = load_school(SchoolConfig.model_validate(config))
    now = datetime.combine(day, time_of_day(hour), ZoneInfo("Europe/London"))
    request = RunRequest(loaded, adapter, as_of=day, now=now, progress=clock)
    summary = run_school(folder / "bench.db", request).summary
    if summary.outcome == "failed":
        raise SystemExit(summary.error)
    return summary


def main(arguments: Sequence[str] | None = None) -> None:
    """Time them and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pupils", type=int, nargs="+", default=[420, 1500])
    parser.add_argument("--mis", nargs="+", choices=MISS, default=list(MISS))
    parser.add_argument("--weeks", type=int, default=13)
    parser.add_argument("--profile", action="store_true", help="print where each run's time goes")
    given = parser.parse_args(arguments)
    numbers = ("pupils", "requests", "marks", *STEPS, "seconds", "notes", "documents")
    table = Table("MIS", "run", title=f"runs after {given.weeks} weeks")
    for number in numbers:
        table.add_column(number, justify="right")
    for pupils in given.pupils:
        for mis in given.mis:
            for one in timed_runs(mis, pupils, given.weeks, profile=given.profile):
                pulled = one.summary.pulled
                times = [one.seconds[step] for step in STEPS]
                counts = (str(n) for n in (pupils, pulled.requests, pulled.marks))
                written = (str(n) for n in (one.summary.notes, one.summary.documents))
                seconds = (f"{second:.2f}" for second in (*times, sum(times)))
                table.add_row(mis, one.name, *counts, *seconds, *written)
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
