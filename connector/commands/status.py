"""`status`: how the last runs went, and what is pending, held or failed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import typer

from connector.commands.shared.opening import open_config, schools
from connector.commands.shared.options import AsJson, ConfigPath, SchoolId
from connector.commands.shared.output import print_json, print_table, say, say_on_stderr
from connector.ledger.holds import ways_on
from connector.service.health import read_health
from connector.service.last_mornings import morning_document
from connector.service.status import LedgerStatus, SchoolStatus, found_database, run_document, school_status


def status(school: SchoolId = None, as_json: AsJson = False, config: ConfigPath = None) -> None:
    """Say how the last runs went and what waits. Exit with 1 when something needs looking at."""
    settings = open_config(config)
    now = datetime.now(UTC)
    health = read_health(settings.health_file)
    statuses = []
    for chosen in schools(settings, school):
        database, notices = found_database(settings, chosen)
        schedule = settings.service.schedule
        statuses.append(school_status(chosen, database, schedule, now, health, notices))
    healthy = all(one.healthy for one in statuses)
    if as_json:
        print_json({"healthy": healthy, "schools": [one.document() for one in statuses]})
    else:
        for one in statuses:
            _show(one)
    if not healthy:
        if as_json or not sys.stdout.isatty():  # on a terminal both streams are one, and it is said already
            for one in statuses:
                for reason in one.unhealthy:
                    say_on_stderr(f"{one.school}: {reason}")
        raise typer.Exit(1)


def _show(one: SchoolStatus) -> None:
    say(f"{one.school}: {'healthy' if one.healthy else 'needs looking at'}")
    for reason in one.unhealthy:
        say(f"  {reason}")
    if one.ledger is not None:
        _show_ledger(one.ledger)
    if one.mornings:
        last = morning_document(one.mornings[0])
        calls = f", {last['calls']} to ring about" if "calls" in last else ""
        say(f"Last list of calls: {last['started_at']}, {last['outcome']}{calls}")


def _show_ledger(ledger: LedgerStatus) -> None:
    runs = [run_document(run) for run in ledger.runs]
    keys = ("run", "started_at", "as_of", "outcome", "notes", "documents", "held", "failed")
    columns = ("Run", "Began", "Day", "Outcome", "Notes", "Documents", "Held", "Failed")
    print_table(
        columns, [[run[key] for key in keys] for run in runs], title="Last runs", right=("Run", *columns[4:])
    )
    say(f"In the MIS, of all runs: {ledger.written.words}")
    if ledger.under_way is not None:
        say(f"Run {ledger.under_way.id} is under way")
    if ledger.states:
        print_table(("State", "Events"), ledger.states.items(), title="Events", right=("Events",))
    if ledger.holds:
        kinds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in ledger.holds.items())
        say(f"Held: {kinds}")
        for way_on in ways_on(ledger.holds):
            say(way_on)
    for warning in ledger.warnings:
        say(f"The last run warned: {warning}")
    if ledger.for_a_person:
        say(
            f"{len(ledger.for_a_person)} of them wait until somebody acts: attendance-connector events list --state held"
        )
    for cause in ledger.causes:
        say(cause.words)
    if ledger.oldest_pending:
        say(f"The oldest that has not gone out is of {ledger.oldest_pending}")
    if ledger.waiting:
        say(f"{ledger.waiting} notes and documents are made and not yet in the MIS")
