"""Options that many commands take, so that they read the same everywhere."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

ConfigPath = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="PATH",
        help="The configuration file. Default: config.toml here, else the platform's configuration folder.",
        show_default=False,
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print the result as one JSON document.", show_default=False)
]
PolicyNames = Annotated[
    list[str],
    typer.Option(
        "--policy",
        metavar="NAME",
        help="A shipped policy, or the path of your own. Repeat it for several together: the first one stands first.",
    ),
]
SchoolId = Annotated[
    str | None,
    typer.Option("--school", metavar="ID", help="Only this school.", show_default=False),
]
TemplateFolder = Annotated[
    Path | None,
    typer.Option(
        "--templates",
        metavar="DIR",
        exists=True,
        file_okay=False,
        help="A folder of templates. Default: the configuration's, before the shipped ones.",
        show_default=False,
    ),
]
Day = Annotated[
    datetime | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        formats=["%Y-%m-%d"],
        help="The day to judge, such as 2026-11-27.",
        show_default=False,
    ),
]
