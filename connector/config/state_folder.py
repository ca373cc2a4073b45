"""Whose the state folder is, in a small file in it: two configurations never keep their states in one folder.

One would take the other's database for a renamed school's, write over its health file and answer `status` for it. A
configuration that was moved or taken out, or names another folder by now, leaves the folder to the next one.
"""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

from pydantic import ValidationError

from connector.adapters.whole_files import folder_errors, put_file
from connector.config.file import Config
from connector.config.service import ServiceConfig
from connector.errors import ConfigError, Finding

FILE = ".configuration.json"


def state_finding(config: Config) -> Finding | None:
    """Return that another configuration names the state folder as well; None when it is free or this one's own.

    Raise RetryableError when the folder cannot be read now.
    """
    marked = _marked(config.service.state)
    if marked is None or _same(marked, config.path) or not _names(marked, config.service.state):
        return None
    return Finding(
        f"{config.path}: service.state",
        f"{config.service.state} is the state of another configuration, {marked}",
        f"name another folder in one of the two; if {marked.name} is not used any more, move it away",
    )


def claim_state(config: Config) -> None:
    """Write in the state folder whose it is. Raise ConfigError when it is another configuration's, and RetryableError."""
    finding = state_finding(config)
    if finding is not None:
        raise ConfigError([finding])
    folder = config.service.state
    if _marked(folder) != config.path.resolve():
        with folder_errors("written"):
            folder.mkdir(parents=True, exist_ok=True)
            mark = {"configuration": str(config.path.resolve())}
            put_file(folder / FILE, (json.dumps(mark) + "\n").encode())


def _marked(folder: Path) -> Path | None:
    """Return the configuration that a folder's mark names; None without a mark, or where it is damaged."""
    with folder_errors("read"):
        try:
            return Path(json.loads((folder / FILE).read_bytes())["configuration"])
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
            return None


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _names(configuration: Path, folder: Path) -> bool:
    """Return whether a configuration is there and names this folder; one that cannot be read may well do so."""
    try:
        service = tomllib.loads(configuration.read_text(encoding="utf-8-sig")).get("service", {})
        named = ServiceConfig.model_validate(
            {key: value for key, value in service.items() if key == "state"},
            context={"base": configuration.parent},
        )
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError, AttributeError, ValidationError):
        return True
    return _same(named.state, folder)
