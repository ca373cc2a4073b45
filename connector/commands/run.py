"""`run`: one run now."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

import typer

from connector.commands.shared.opening import open_config, schools
from connector.commands.shared.options import AsJson, ConfigPath, Day, SchoolId
from connector.commands.shared.output import err, print_json, print_table, say, say_on_stderr
from connector.config import Config, SchoolConfig
from connector.run.start import run_once, today
from connector.run.summary import EXIT_DONE, EXIT_FAILED, EXIT_HELD, RunReport

_STEPS = {
    "pull": "reading pupils and registers",
    "evaluate": "judging the registers by the policy",
    "compose": "writing letters and notes",
    "deliver": "filing them in the MIS",
}


def run(
    school: SchoolId = None,
    as_of: Day = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing to the MIS and keep nothing: only show.")
    ] = False,
    as_json: AsJson = False,
    config: ConfigPath = None,
) -> None:
    """Run once now: read the registers, judge them, write letters and notes back."""
    settings = open_config(config)
    day = as_of.date() if as_of else None
    reports = [_run(settings, chosen, day, dry_run=dry_run) for chosen in schools(settings, school)]
    if as_json:
        documents = [report.document() for report in reports]
        print_json(documents[0] if len(documents) == 1 else documents)
    else:
        for report in reports:
            _show(report)
    if as_json or not sys.stdout.isatty():  # on a terminal both streams are one, and it is said already
        for report in reports:
            if report.summary.exit_code == EXIT_FAILED:
                say_on_stderr(
                    "\n".join(f"{report.summary.school}: {line}" for line in report.summary.failures())
                )
    codes = {report.summary.exit_code for report in reports}
    raise typer.Exit(next((code for code in (EXIT_FAILED, EXIT_HELD) if code in codes), EXIT_DONE))


def _run(config: Config, school: SchoolConfig, day: date | None, *, dry_run: bool) -> RunReport:
    with _progress(school) as step:
        return run_once(
            school,
            config.database(school),
            config=config,
            as_of=day or today(school),
            dry_run=dry_run,
            progress=step,
        )


@contextmanager
def _progress(school: SchoolConfig) -> Iterator[Any]:
    """Show the present step in one line, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _step: None
        return
    with err().status(f"{school.id}: opening") as status:
        yield lambda step: status.update(f"{school.id}: {_STEPS.get(step, step)}")


def _show(report: RunReport) -> None:
    events = report.summary.events
    if events:
        rows = [
            (
                row.key,
                row.date,
                row.pupil_id or row.group,
                row.event.title or row.rule,
                row.state,
                row.reason or ", ".join(map(str, row.event.outcomes)),
            )
            for row in events
        ]
        print_table(
            ("Key", "Date", "Who", "Rule", "State", "Outcome or reason"), rows, title="Events of this run"
        )
    for line in report.summary.lines():
        say(line)
