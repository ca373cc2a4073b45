"""All commands under one name."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from connector.commands.backup import backup
from connector.commands.check import check
from connector.commands.credentials import credentials
from connector.commands.demo import demo
from connector.commands.events import events
from connector.commands.evidence import evidence
from connector.commands.explain import explain
from connector.commands.init import init
from connector.commands.letters import letters
from connector.commands.mock import mock
from connector.commands.office.figures import figures
from connector.commands.office.group_report import report
from connector.commands.office.records import records
from connector.commands.policy.evaluate import evaluate
from connector.commands.policy.policies import policies
from connector.commands.policy.simulate import simulate
from connector.commands.purge import purge
from connector.commands.run import run
from connector.commands.service import service
from connector.commands.shared.output import say
from connector.commands.status import status
from connector.config.places import PROGRAM

app = typer.Typer(
    name=PROGRAM,
    help="Carries out a school's attendance policy on the MIS that the school already has.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(version(PROGRAM))
        raise typer.Exit


@app.callback()
def program(
    show_version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version),
    ] = False,
) -> None:
    """Carries out a school's attendance policy on the MIS that the school already has."""


def _example(text: str) -> str:
    return f"Example: {PROGRAM} {text}"


app.command(epilog=_example("demo --pupils 120 --weeks 8 --seed 7"))(demo)
app.command(epilog=_example("init --mis arbor"))(init)
app.command(epilog=_example("check"))(check)
app.add_typer(credentials, name="credentials")
app.command(epilog=f"{_example('run --dry-run')}; for a list of calls at 09:35: {PROGRAM} run --morning")(run)
app.add_typer(service, name="service")
app.command(epilog=_example("status --json"))(status)
app.command(epilog=_example("evaluate --register register --policy hcat --json"))(evaluate)
app.command(epilog=_example("simulate --register register --policy hcat --policy england-2024"))(simulate)
app.command(epilog=_example("explain 1042"))(explain)
app.add_typer(events, name="events")
app.command(epilog=_example("evidence 1042 --out evidence.docx"))(evidence)
app.add_typer(records, name="records")
app.command(epilog=_example("figures --out figures.xlsx --by class"))(figures)
app.command(epilog=_example("report --class 4A --out class-4a.docx"))(report)
app.add_typer(policies, name="policies")
app.add_typer(letters, name="letters")
app.command(epilog=_example("mock arbor --pupils 120 --seed 7"))(mock)
app.command(epilog=_example("backup --out backups"))(backup)
app.command(epilog=_example("purge --dry-run"))(purge)
