"""A register folder as `evaluate` and `simulate` take it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from connector.adapters.folder.reads import read_folder
from connector.errors import ConfigError, DataError, Finding
from rules.register import Register

RegisterFolder = Annotated[
    Path,
    typer.Option(
        "--register",
        metavar="DIR",
        exists=True,
        file_okay=False,
        help="A register folder: marks.csv, calendar.csv, and what else there is.",
    ),
]


def open_register(folder: Path) -> tuple[Register, list[Finding]]:
    """Given a folder, return its register and warnings. Raises ConfigError with every fault: it was given wrong."""
    try:
        facts = read_folder(folder)
        register = facts.register()
    except DataError as error:
        raise ConfigError(error.findings) from error
    passed_over = [Finding(folder.name, text, severity="warning") for text in register.warnings]
    return register, [*facts.warnings, *passed_over]


def known_by(register: Register, as_of: date | None) -> Register:
    """Return what is known today of a register that is judged up to a day; a day after today is taken as it stands."""
    today = datetime.now(UTC).astimezone().date()
    return register if as_of and as_of > today else register.as_known_on(today)
