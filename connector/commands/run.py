"""`run`: one run now."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

import typer

from connector.commands.shared.opening import one_school, open_config, schools
from connector.commands.shared.options import AsJson, ConfigPath, Day, SchoolId
from connector.commands.shared.output import err, print_json, print_table, say, say_on_stderr
from connector.config import Config, SchoolConfig
from connector.errors import RUN_GUARDS, ConfigError, ConnectorError, RunGuard, did_you_mean, error_line
from connector.run.morning.morning_report import MorningReport
from connector.run.start import run_morning_once, run_once, today
from connector.run.summary import EXIT_DONE, EXIT_FAILED, EXIT_HELD, RunReport

_STEPS = {
    "pull": "reading pupils and registers",
    "evaluate": "judging the registers by the policy",
    "calls": "finding out whom to ring",
    "compose": "writing letters and notes",
    "file": "filing the list of calls",
    "deliver": "filing them in the MIS",
}
_OF_A_PULL: frozenset[RunGuard] = frozenset(
    ("calendar", "fewer_pupils", "fewer_marks", "other_school", "missing_file", "folder")
)
"""Guards of what the MIS sends and of folders, which a morning knows too."""


def run(
    school: SchoolId = None,
    as_of: Day = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing to the MIS and keep nothing: only show.")
    ] = False,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GUARD",
            help=f"Let this run past a guard that held the last one, after looking; may be repeated: {', '.join(RUN_GUARDS)}.",
            show_default=False,
        ),
    ] = None,
    morning: Annotated[
        bool,
        typer.Option(
            "--morning",
            help="Only make this morning's list of calls from today's AM marks: no letter, nothing held. A second one brings what is new.",
        ),
    ] = False,
    as_json: AsJson = False,
    config: ConfigPath = None,
) -> None:
    """Run once now: read the registers, judge them, write letters and notes back."""
    settings = open_config(config)
    day = as_of.date() if as_of else None
    accepted = _accepted(accept or [])
    of_the_day = sorted(accepted - _OF_A_PULL)
    if morning and of_the_day:
        raise ConfigError(
            f"--accept {of_the_day[0]}: a morning judges nothing that it holds", fix="leave it out"
        )
    chosen = [one_school(settings, school)] if accepted else schools(settings, school)
    reports: list[RunReport | MorningReport]
    if morning:
        make = _run_morning if len(chosen) == 1 else _one_of_several
        reports = [make(settings, one, day, dry_run=dry_run, accepted=accepted) for one in chosen]
    else:
        reports = [_run(settings, one, day, dry_run=dry_run, accepted=accepted) for one in chosen]
    said = [report.summary if isinstance(report, RunReport) else report for report in reports]
    if as_json:
        documents = [report.document() for report in reports]
        print_json(documents[0] if len(documents) == 1 else documents)
    else:
        for report in reports:
            _show(report)
    if as_json or not sys.stdout.isatty():  # on a terminal both streams are one, and it is said already
        for one in said:
            if one.exit_code == EXIT_FAILED:
                say_on_stderr("\n".join(f"{one.school}: {line}" for line in one.failures()))
    codes = {one.exit_code for one in said}
    raise typer.Exit(next((code for code in (EXIT_FAILED, EXIT_HELD) if code in codes), EXIT_DONE))


def _accepted(names: list[str]) -> frozenset[RunGuard]:
    """Return the guards named. Raise ConfigError for a name that is none."""
    guards: dict[str, RunGuard] = {guard: guard for guard in RUN_GUARDS}
    for name in names:
        if name not in guards:
            raise ConfigError(f"--accept {name}: there is no such guard", fix=did_you_mean(name, guards))
    return frozenset(guards[name] for name in names)


def _run(
    config: Config, school: SchoolConfig, day: date | None, *, dry_run: bool, accepted: frozenset[RunGuard]
) -> RunReport:
    with _progress(school) as step:
        return run_once(
            school,
            config.database(school),
            config=config,
            as_of=day or today(school),
            dry_run=dry_run,
            accepted=accepted,
            progress=step,
        )


def _run_morning(
    config: Config, school: SchoolConfig, day: date | None, *, dry_run: bool, accepted: frozenset[RunGuard]
) -> MorningReport:
    with _progress(school) as step:
        return run_morning_once(
            school,
            config.database(school),
            config=config,
            as_of=day,
            dry_run=dry_run,
            accepted=accepted,
            progress=step,
        )


def _one_of_several(
    config: Config, school: SchoolConfig, day: date | None, *, dry_run: bool, accepted: frozenset[RunGuard]
) -> MorningReport:
    """Make one school's list; what keeps it from being begun, such as a missing secret, costs no other school its own."""
    try:
        return _run_morning(config, school, day, dry_run=dry_run, accepted=accepted)
    except ConnectorError as error:
        failed = error_line(error)
        return MorningReport(school.id, day or today(school), dry_run, outcome="failed", error=failed)


@contextmanager
def _progress(school: SchoolConfig) -> Iterator[Any]:
    """Show the present step in one line, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _step: None
        return
    with err().status(f"{school.id}: opening") as status:
        yield lambda step: status.update(f"{school.id}: {_STEPS.get(step, step)}")


def _show(report: RunReport | MorningReport) -> None:
    if isinstance(report, MorningReport):
        for line in report.lines():
            say(line)
        return
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
