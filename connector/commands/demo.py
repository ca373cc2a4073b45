"""`demo`: the whole product in one command, on a made-up school."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from connector.commands.options import AsJson, ConfigPath
from connector.commands.output import err, print_json, print_table, say
from connector.config.logic import policy_source
from connector.errors import ConfigError, did_you_mean
from connector.logs import configure_logs
from connector.mock.demo import Demo, Shown, show
from connector.mock.world import MOCKS
from rules.policy import load_policy


def demo(
    mis: Annotated[str, typer.Option(metavar="MIS", help="arbor, sims, xporter or wonde.")] = "arbor",
    policy: Annotated[
        str, typer.Option(metavar="NAME", help="A shipped policy, or the path of your own.")
    ] = "hcat",
    pupils: Annotated[int, typer.Option(min=1, max=3000, help="Pupils of the made-up school.")] = 120,
    weeks: Annotated[int, typer.Option(min=1, max=39, help="School weeks to walk through.")] = 8,
    seed: Annotated[int, typer.Option(help="The same seed is the same school.")] = 7,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for what staff would find.")] = Path(
        "demo-output"
    ),
    as_json: AsJson = False,
    config: ConfigPath = None,  # noqa: ARG001 - every command takes it; the demo needs none
) -> None:
    """Show the whole product: a mock MIS with a made-up school, a run after every school day, letters and notes written back."""
    if mis not in MOCKS:
        raise ConfigError(f"there is no mock '{mis}'", fix=did_you_mean(mis, MOCKS))
    configure_logs(level="error")
    wanted = Demo(mis, load_policy(policy_source(policy)), pupils, weeks, seed, out)
    with _bar() as step:
        shown = show(wanted, step)
    if as_json:
        print_json(shown.document())
    else:
        _tell(shown)


@contextmanager
def _bar() -> Iterator[Callable[[date, int, int], None]]:
    """A progress bar over the school days, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _day, _done, _all: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True) as progress:
        task = progress.add_task("making up a school", total=None)

        def step(day: date, done: int, total: int) -> None:
            progress.update(task, description=f"{day:%a %d %b %Y}", completed=done, total=total)

        yield step


def _tell(shown: Shown) -> None:
    document = shown.document()
    pulled = document["pulled"]
    say(
        f"{shown.school.details.name}, made up with seed {shown.demo.seed}: {shown.days} school days from "
        f"{shown.school.first_day} to {shown.school.last_day}, policy {shown.demo.policy.id}, MIS {shown.demo.mis}"
    )
    rows = [
        ("Pulled", "pupils", pulled["pupils"]),
        ("", "contacts", pulled["contacts"]),
        ("", "marks", pulled["marks"]),
        ("", "requests to the MIS", pulled["requests"]),
        ("Judged", "events", len(shown.rows)),
        *_by_rule(shown),
        ("Written", "notes", shown.notes),
        ("", "letters and documents", shown.documents),
        ("Not written", "held for a person to look at", shown.held),
        ("", "withdrawn after a mark was corrected", sum(r.state == "withdrawn" for r in shown.rows)),
        ("", "failed", shown.failed),
    ]
    print_table(("", "What", "How many"), rows, right=("How many",))
    say(f"What staff would find on each pupil in the MIS is in {shown.demo.out}; index.csv there lists it.")


def _by_rule(shown: Shown) -> list[tuple[str, str, int]]:
    counts = Counter(row.rule for row in shown.rows)
    titles = {rule.id: rule.title for rule in shown.demo.policy.rules}
    return [("", f"  {titles.get(rule, rule)}", count) for rule, count in sorted(counts.items())]
