"""`backup`: a sound copy of the state, also while the service runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from connector.commands.shared.opening import open_config, school_database, schools
from connector.commands.shared.options import ConfigPath, SchoolId
from connector.commands.shared.output import say
from connector.errors import ConfigError
from connector.store import Store


def backup(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for the copies; a new one is made in it.")],
    school: SchoolId = None,
    config: ConfigPath = None,
) -> None:
    """Copy each school's state into a folder named by date and time. Safe while the service runs."""
    settings = open_config(config)
    there = [one for one in schools(settings, school) if school_database(settings, one).exists()]
    if not there:
        raise ConfigError("there is no state to copy yet", fix="it begins with the first run")
    folder = out / f"{datetime.now().astimezone():%Y-%m-%d-%H%M%S}"
    for one in there:
        target = folder / f"{one.id}.db"
        with Store.open(settings.database(one), one.id) as store:
            store.backup(target)
        say(f"{one.id}: copied to {target}")
