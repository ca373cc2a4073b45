"""Unit files: complete, hardened, and true to the configuration."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from connector.config import Config, load_config
from connector.config.example import config_text
from connector.service.installing import install_steps, uninstall_steps
from connector.service.units import systemd_unit, windows_task, written_folders

TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    folder = tmp_path / "a folder"
    folder.mkdir()
    path = folder / "config.toml"
    school = {
        "id": "hill",
        "name": "Hill",
        "letters": {"telephone": "1"},
        "run": {"digest": "digest", "records_folder": "office"},
    }
    address = "attendance@hill.example"
    school["mail"] = {"host": "mail.hill.example", "from": address, "to": [address], "user": address}
    path.write_text(config_text({"school": school, "mis": {"adapter": "arbor"}}), encoding="utf-8")
    return load_config(path)


def test_the_systemd_unit_starts_the_service_and_may_write_only_where_it_must(config: Config) -> None:
    unit = systemd_unit(config)
    assert f'service run --config "{config.path}"' in unit
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "UMask=0077"):
        assert line in unit
    writable = next(line for line in unit.splitlines() if line.startswith("ReadWritePaths="))
    assert f'"{config.service.state}"' in writable
    assert f'"{config.schools[0].run.digest}"' in writable
    assert f'\nReadWritePaths="-{config.schools[0].run.records_folder}"\n' in unit, (
        "answers go next to records"
    )


def test_the_service_may_write_letters_of_a_register_folder_and_not_the_register(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    school = {"id": "hill", "name": "Hill", "letters": {"telephone": "1"}}
    mis = {"adapter": "folder", "register_folder": "register", "letters_folder": "out"}
    path.write_text(config_text({"school": school, "mis": mis}), encoding="utf-8")
    folders = written_folders(load_config(path))
    assert tmp_path / "out" in folders
    assert tmp_path / "register" not in folders


def test_the_systemd_unit_shows_how_each_secret_is_loaded(config: Config) -> None:
    unit = systemd_unit(config)
    for secret in ("password", "mail_password"):
        name = f"attendance-connector.hill.{secret}"
        assert f"#LoadCredential={name}:/etc/attendance-connector/{name}\n" in unit


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_finds_nothing_wrong_with_the_unit(config: Config, tmp_path: Path) -> None:
    unit = tmp_path / "attendance-connector.service"
    unit.write_text(systemd_unit(config).replace("User=attendance-connector", "User=root"), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert [line for line in done.stderr.splitlines() if unit.name in line] == []


def test_the_windows_task_starts_the_service_at_boot_and_again_after_a_failure(config: Config) -> None:
    task = ElementTree.fromstring(windows_task(config, "HILL\\svc & co"))
    assert task.findtext(f".//{TASK}UserId") == "HILL\\svc & co"
    assert task.find(f".//{TASK}BootTrigger") is not None
    assert task.findtext(f".//{TASK}ExecutionTimeLimit") == "PT0S"
    assert task.findtext(f".//{TASK}RestartOnFailure/{TASK}Interval") == "PT1M"
    arguments = task.findtext(f".//{TASK}Arguments") or ""
    assert arguments.endswith(f'service run --config "{config.path}"')


@pytest.mark.skipif(sys.platform == "win32", reason="the steps of Linux")
def test_installing_and_uninstalling_say_what_they_do(config: Config) -> None:
    texts = [step.text for step in install_steps(config)]
    assert f"make {config.service.state} and give it to attendance-connector" in texts
    assert texts[-3:] == [
        "write /etc/systemd/system/attendance-connector.service",
        "systemctl daemon-reload",
        "systemctl enable --now attendance-connector.service",
    ]
    assert "delete /etc/systemd/system/attendance-connector.service" in [s.text for s in uninstall_steps()]
