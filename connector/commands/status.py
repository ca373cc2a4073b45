"""`status`: how the last runs went, and what is pending, held or failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import typer

from connector.commands.opening import open_config, schools
from connector.commands.options import AsJson, ConfigPath, SchoolId
from connector.commands.output import print_json, print_table, say
from connector.school_status import SchoolStatus, status_of


def status(school: SchoolId = None, as_json: AsJson = False, config: ConfigPath = None) -> None:
    """Say how the last runs went and what waits. Exits with 1 when something needs looking at."""
    settings = open_config(config)
    now = datetime.now(UTC)
    found = [
        status_of(chosen, settings.database(chosen), settings.service.schedule, now)
        for chosen in schools(settings, school)
    ]
    healthy = all(one.healthy for one in found)
    if as_json:
        print_json({"healthy": healthy, "schools": [one.document() for one in found]})
    else:
        for one in found:
            _show(one)
    if not healthy:
        raise typer.Exit(1)


def _show(one: SchoolStatus) -> None:
    say(f"{one.school}: {'healthy' if one.healthy else 'needs looking at'}")
    for reason in one.unhealthy:
        say(f"  {reason}")
    if one.runs:
        rows = [_run_row(run) for run in one.runs]
        columns = ("Run", "Day", "Outcome", "Notes", "Documents", "Held", "Failed")
        print_table(columns, rows, title="Last runs", right=columns[3:])
    if one.events:
        rows = [(state, count) for state, count in one.events.items()]
        print_table(("State", "Events"), rows, title="Events", right=("Events",))
    for kind, count in one.held.items():
        say(f"  {count} held: {kind.replace('_', ' ')}")
    if one.waiting:
        say(f"  {one.waiting} notes and documents wait to be written, the oldest since {one.waiting_since}")


def _run_row(run: dict[str, Any]) -> tuple[object, ...]:
    written = run["written"]
    return (
        run["started_at"],
        run["as_of"],
        run["outcome"],
        written.get("notes", 0),
        written.get("documents", 0),
        run["held"],
        run["failed"],
    )
