"""Put the service in place the platform's ordinary way: a systemd unit, or a task of the Task Scheduler."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from connector.config import Config
from connector.errors import ConfigError, ConnectorError
from connector.service.units import (
    SERVICE_USER,
    TASK_NAME,
    UNIT_NAME,
    command_line,
    systemd_unit,
    windows_task,
    written_folders,
)

UNIT_FOLDER = Path("/etc/systemd/system")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its description, and the function that carries it out."""

    text: str
    do: Callable[[], None]


def install_steps(config: Config) -> list[Step]:
    """Return what installing does on this platform, in order."""
    if sys.platform == "win32":
        user = windows_user()
        return [Step(*_schtasks_create(windows_task(config, user), user))]
    unit = UNIT_FOLDER / UNIT_NAME
    text = systemd_unit(config)
    return [
        *_user_steps(),
        *(
            Step(f"make {folder} and give it to {SERVICE_USER}", partial(_give, folder))
            for folder in dict.fromkeys(written_folders(config))
        ),
        Step(f"write {unit}", lambda: _write(unit, text)),
        _command("systemctl", "daemon-reload"),
        _command("systemctl", "enable", "--now", UNIT_NAME),
    ]


def uninstall_steps() -> list[Step]:
    """Return what uninstalling does on this platform, in order. State and configuration stay."""
    if sys.platform == "win32":
        return [
            _command("schtasks", "/End", "/TN", TASK_NAME),
            _command("schtasks", "/Delete", "/TN", TASK_NAME, "/F"),
        ]
    unit = UNIT_FOLDER / UNIT_NAME
    return [
        _command("systemctl", "disable", "--now", UNIT_NAME),
        Step(f"delete {unit}", lambda: _delete(unit)),
        _command("systemctl", "daemon-reload"),
    ]


def _user_steps() -> list[Step]:
    """Return the steps that add the user under whom the service runs, when there is none yet."""
    if sys.platform == "win32":
        return []
    import pwd

    try:
        pwd.getpwnam(SERVICE_USER)
    except KeyError:
        return [_command("useradd", "--system", "--no-create-home", "--user-group", SERVICE_USER)]
    return []


def _give(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, SERVICE_USER, SERVICE_USER)
    except (OSError, LookupError) as error:
        raise ConnectorError(
            f"{folder} cannot be given to {SERVICE_USER}: {error}", fix="run this as root"
        ) from error


def windows_user() -> str:
    """Return the user of this session, with the domain where there is one."""
    domain = os.environ.get("USERDOMAIN", "")
    return f"{domain}\\{getpass.getuser()}" if domain else getpass.getuser()


def _schtasks_create(task: str, user: str) -> tuple[str, Callable[[], None]]:
    def create() -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "task.xml"
            file.write_text(task, encoding="utf-16")
            _run("schtasks", "/Create", "/TN", TASK_NAME, "/XML", str(file), "/RU", user, "/RP", "*", "/F")

    text = command_line(
        ["schtasks", "/Create", "/TN", TASK_NAME, "/XML", "task.xml", "/RU", user, "/RP", "*", "/F"]
    )
    return f"{text} (asks for the password of {user})", create


def _command(*parts: str) -> Step:
    return Step(command_line(parts), lambda: _run(*parts))


def _run(*parts: str) -> None:
    program = shutil.which(parts[0])
    if program is None:
        raise ConfigError(
            f"{parts[0]} is not on this machine",
            fix="print the unit with 'service units' and install it the way this machine does",
        )
    done = subprocess.run([program, *parts[1:]], check=False)  # noqa: S603 - fixed commands of the platform
    if done.returncode != 0:
        raise ConnectorError(
            f"'{command_line(parts)}' ended with code {done.returncode}", fix="see its message above"
        )


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConnectorError(f"{path} cannot be written: {error.strerror}", fix="run this as root") from error


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ConnectorError(f"{path} cannot be deleted: {error.strerror}", fix="run this as root") from error
