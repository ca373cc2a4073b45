"""`demo`: the whole product in one command, on a made-up school."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from connector.commands.shared.options import AsJson, ConfigPath, PolicyNames
from connector.commands.shared.output import err, print_json, print_table, say
from connector.config.logic import policy_source
from connector.errors import ConfigError, did_you_mean
from connector.logs import configure_logs
from rules.policy import load_policy

if TYPE_CHECKING:
    from connector.mock.demo import DemoResult


def demo(
    mis: Annotated[str, typer.Option(metavar="MIS", help="arbor, sims, xporter or wonde.")] = "arbor",
    policy: PolicyNames = ["hcat", "england-2024"],  # noqa: B006 - typer reads it and changes nothing
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
    # the mocks' libraries are an extra that a school's server lacks
    from connector.mock.demo import DemoOptions, run_demo
    from connector.mock.world import MOCKS

    if mis not in MOCKS:
        raise ConfigError(f"there is no mock '{mis}'", fix=did_you_mean(mis, MOCKS))
    configure_logs(level="error")
    options = DemoOptions(
        mis, tuple(load_policy(policy_source(name)) for name in policy), pupils, weeks, seed, out
    )
    with _progress_bar() as step:
        result = run_demo(options, step)
    if as_json:
        print_json(result.document())
    else:
        _print_result(result)


@contextmanager
def _progress_bar() -> Iterator[Callable[[date, int, int], None]]:
    """Show a progress bar over the school days, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _day, _done, _all: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True) as progress:
        task = progress.add_task("making up a school", total=None)

        def step(day: date, done: int, total: int) -> None:
            progress.update(task, description=f"{day:%a %d %b %Y}", completed=done, total=total)

        yield step


def _print_result(result: DemoResult) -> None:
    document = result.document()
    pulled = document["pulled"]
    say(
        f"{result.school.details.name}, made up with seed {result.options.seed}: {result.days} school days from "
        f"{result.school.first_day} to {result.school.last_day}, policy {' with '.join(p.id for p in result.options.policies)}, MIS {result.options.mis}"
    )
    rows = [
        ("Pulled", "pupils", pulled["pupils"]),
        ("", "contacts", pulled["contacts"]),
        ("", "marks", pulled["marks"]),
        ("", "requests to the MIS", pulled["requests"]),
        ("Judged", "events", len(result.rows)),
        *_by_rule(result),
        ("Written", "notes", result.notes),
        ("", "letters and documents", result.documents),
        ("Not written", "held for a person to look at", result.held),
        ("", "withdrawn after a mark was corrected", sum(r.state == "withdrawn" for r in result.rows)),
        ("", "failed", result.failed),
    ]
    print_table(("", "What", "How many"), rows, right=("How many",))
    say(
        f"What staff would find on each pupil in the MIS is in {result.options.out}; index.csv there lists it."
    )


def _by_rule(result: DemoResult) -> list[tuple[str, str, int]]:
    counts = Counter(row.rule for row in result.rows)
    titles = {rule.id: rule.title for policy in result.options.policies[::-1] for rule in policy.rules}
    return [("", f"  {titles.get(rule, rule)}", count) for rule, count in sorted(counts.items())]
