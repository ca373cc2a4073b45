"""What most commands begin with: the configuration, the logs, the school and its state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.commands.shared.output import say_on_stderr
from connector.config import Config, SchoolConfig, load_config
from connector.config.places import default_config_path
from connector.errors import ConfigError, did_you_mean
from connector.logs import configure_logs
from connector.run.lock import school_lock
from connector.run.states import settled, unused_states
from connector.store import Store

_WAIT_SECONDS = 30.0
"""How long a command waits for a run to end."""


def open_config(path: Path | None, *, verbose: bool = False) -> Config:
    """Given --config or None, return the configuration and set logging up by it.

    ``verbose`` lets the terminal show what is logged; otherwise only warnings. Raise ConfigError.
    """
    config = load_config(path or default_config_path())
    start_logs(config, verbose=verbose)
    return config


def start_logs(config: Config, *, verbose: bool = False) -> None:
    """Set logging up as the configuration says."""
    service = config.service
    configure_logs(
        level=service.log_level,
        form=service.log_format,
        file=service.log_file,
        quiet_terminal=not verbose,
    )


def one_school(config: Config, school_id: str | None) -> SchoolConfig:
    """Return the named school, or the only one. Raise ConfigError when it is not clear which is meant."""
    if school_id is None:
        if len(config.schools) == 1:
            return config.schools[0]
        known = ", ".join(school.id for school in config.schools)
        raise ConfigError(
            "there are several schools in the configuration", fix=f"name one with --school: {known}"
        )
    return named_school(config, school_id)


def named_school(config: Config, school_id: str) -> SchoolConfig:
    """Return the school with that id. Raise ConfigError when there is none."""
    try:
        return config.school(school_id)
    except KeyError:
        fix = did_you_mean(school_id, [school.id for school in config.schools])
        raise ConfigError(f"there is no school '{school_id}' in {config.path}", fix=fix) from None


def school_database(config: Config, school: SchoolConfig) -> Path:
    """Return the path of the school's database, renamed first when the school's id was. Raise StoreError."""
    renamed = settled(config, school)
    if renamed is not None:
        say_on_stderr(renamed)
    return config.database(school)


def existing_state(config: Config, school: SchoolConfig) -> Path:
    """Return the path of the school's database. Raise ConfigError before its first run."""
    state = school_database(config, school)
    if not state.exists():
        unused = [found.path.name for found in unused_states(config)]
        more = f", and goes on with {' or '.join(unused)} if that is this school's" if unused else ""
        raise ConfigError(
            f"{school.id} has no state yet",
            fix=f"it begins with the first run: attendance-connector run{more}",
        )
    return state


@contextmanager
def changing(config: Config, school: SchoolConfig) -> Iterator[Store]:
    """Open the school's state for a person's change, with runs kept out. Raise StoreError when one does not end in time."""
    state = existing_state(config, school)
    with school_lock(state, wait_seconds=_WAIT_SECONDS), Store.open(state, school.id) as store:
        yield store


def schools(config: Config, school_id: str | None) -> list[SchoolConfig]:
    """Return the named school, or every one."""
    return [named_school(config, school_id)] if school_id else list(config.schools)
