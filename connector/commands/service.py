"""`service run|units|install|uninstall`: the background service."""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime
from typing import Annotated

import typer

from connector.commands.shared.opening import open_config, school_database
from connector.commands.shared.options import ConfigPath
from connector.commands.shared.output import say
from connector.config import SchoolConfig
from connector.errors import ConfigError
from connector.logs import masked
from connector.run.start import run_morning_once, run_once
from connector.run.summary import EXIT_FAILED, RunReport
from connector.service.installing import Step, install_steps, uninstall_steps, windows_user
from connector.service.last_mornings import last_mornings
from connector.service.last_runs import last_runs, remember_full_run
from connector.service.loop import Mornings, Ran, Service, stop_on_signals
from connector.service.plan import LastMornings, LastRuns
from connector.service.units import systemd_unit, windows_task

service = typer.Typer(help="The background service: run it, print its unit files, install it.")

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]


@service.command("run", epilog="Example: attendance-connector service run --config config.toml")
def run_service(config: ConfigPath = None) -> None:
    """Make every run when it is due, until stopped (Ctrl+C, or a stop of the service)."""
    settings = open_config(config, verbose=True)

    def make_run(school: SchoolConfig, full: bool, stop: threading.Event) -> Ran:
        began = datetime.now(UTC)
        report = run_once(school, settings.database(school), config=settings, full=full, stop=stop)
        if full and report.summary.outcome in ("done", "held"):
            remember_full_run(settings.database(school), school.id, began)
        return ran_of(report, stop)

    def ask_last_runs(school: SchoolConfig) -> LastRuns:
        return last_runs(school_database(settings, school), school.id, datetime.now(UTC))

    def make_morning(school: SchoolConfig, stop: threading.Event) -> Ran:
        report = run_morning_once(school, settings.database(school), config=settings, stop=stop)
        outcome = "stopped" if stop.is_set() and report.outcome == "failed" else report.outcome
        return Ran(outcome, {**report.counts(), "error": masked(report.error)})

    def ask_last_mornings(school: SchoolConfig) -> LastMornings:
        return last_mornings(school_database(settings, school), school, datetime.now(UTC))

    mornings = Mornings(ask_last_mornings, make_morning)
    loop = Service(settings, make_run, ask_last_runs, mornings=mornings)
    with stop_on_signals(loop.stop):
        loop.run()


@service.command("units", epilog="Example: attendance-connector service units --systemd")
def print_units(
    systemd: Annotated[bool, typer.Option("--systemd", help="A systemd unit.")] = False,
    windows: Annotated[
        bool, typer.Option("--windows", help="A task for the Windows Task Scheduler.")
    ] = False,
    user: Annotated[
        str | None, typer.Option(help="The Windows user under whom the task runs.", show_default=False)
    ] = None,
    config: ConfigPath = None,
) -> None:
    """Print the unit file for this configuration: for this platform, or for the one that is named."""
    if systemd and windows:
        raise ConfigError("--systemd and --windows exclude each other", fix="choose one")
    settings = open_config(config)
    if windows or (sys.platform == "win32" and not systemd):
        say(windows_task(settings, user or windows_user()).rstrip("\n"))
    else:
        say(systemd_unit(settings).rstrip("\n"))


@service.command("install", epilog="Example: attendance-connector service install --dry-run")
def install_service(dry_run: DryRun = False, config: ConfigPath = None) -> None:
    """Install and start the service: a systemd unit, or a task of the Windows Task Scheduler."""
    _do(install_steps(open_config(config)), dry_run=dry_run)


@service.command("uninstall", epilog="Example: attendance-connector service uninstall --dry-run")
def uninstall_service(dry_run: DryRun = False, config: ConfigPath = None) -> None:  # noqa: ARG001 - needs nothing of it
    """Stop and remove the service. Configuration and state stay where they are."""
    _do(uninstall_steps(), dry_run=dry_run)


def _do(steps: list[Step], *, dry_run: bool) -> None:
    for step in steps:
        say(f"would: {step.text}" if dry_run else step.text)
        if not dry_run:
            step.do()


def ran_of(report: RunReport, stop: threading.Event) -> Ran:
    """Return a run's end for the log and the health file: counts only, nothing about a pupil."""
    outcome, document = report.summary.outcome, report.document()
    counts = {
        "as_of": document["as_of"],
        "events": len(document["events"]),
        "notes": document["written"]["notes"],
        "documents": document["written"]["documents"],
        "held": document["held"],
        "failed": document["failed"],
        "not_taken": len(document["not_taken"]),
        "error": document["error"],
    }
    cut_short = stop.is_set() and outcome == "failed"
    if cut_short:
        return Ran("stopped", counts)
    return Ran(outcome, counts, has_failures=report.summary.exit_code == EXIT_FAILED)
