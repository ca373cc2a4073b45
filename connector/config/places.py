"""Where configuration and logs are when nobody says."""

from __future__ import annotations

from pathlib import Path

import platformdirs

PROGRAM = "attendance-connector"
FILE_NAME = "config.toml"


def default_config_path() -> Path:
    """Return `config.toml` here if there is one, else the user's or the machine's configuration folder, else here."""
    here = Path(FILE_NAME)
    folders = (
        platformdirs.user_config_path(PROGRAM, appauthor=False),
        platformdirs.site_config_path(PROGRAM, appauthor=False),
    )
    return next((path for path in (here, *(f / FILE_NAME for f in folders)) if path.is_file()), here)


def default_log_path() -> Path:
    """Return the file that takes the details of an unexpected fault when the configuration names no log file."""
    return platformdirs.user_log_path(PROGRAM, appauthor=False) / f"{PROGRAM}.log"
