"""`purge`: remove what is past its keeping time."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from connector.commands.shared.opening import changing, open_config, schools
from connector.commands.shared.options import AsJson, ConfigPath, SchoolId
from connector.commands.shared.output import print_json, say
from connector.config.loaded_school import policies_of
from connector.run.start import today
from connector.store.keeping import Purged
from connector.store.keeping import purge as remove


def purge(
    keep_years: Annotated[
        int | None,
        typer.Option(min=1, max=25, help="Whole academic years to keep. Default: as the policy says."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
    school: SchoolId = None,
    as_json: AsJson = False,
    config: ConfigPath = None,
) -> None:
    """Remove registers, letters and events of whole academic years that are past their keeping time."""
    settings = open_config(config)
    removed: dict[str, Purged] = {}
    for one in schools(settings, school):
        years = keep_years or max(policy.keep_years for policy in policies_of(one))
        with changing(settings, one) as store:
            removed[one.id] = remove(store, as_of=today(one), keep_years=years, dry_run=dry_run)
    if as_json:
        print_json(
            [
                {"school": name, "dry_run": dry_run, **asdict(purged), "before": purged.before.isoformat()}
                for name, purged in removed.items()
            ]
        )
        return
    for name, purged in removed.items():
        for line in purged.lines():
            say(f"{name}: {'would remove ' if dry_run else 'removed '}{line}")
