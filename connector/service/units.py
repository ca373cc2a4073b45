"""Unit files: a hardened systemd service, and a task for the Windows Task Scheduler."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from connector.config import Config
from connector.config.own_folders import own_folders
from connector.config.secrets import credential_name, secrets_of

SERVICE_USER = "attendance-connector"
UNIT_NAME = "attendance-connector.service"
TASK_NAME = "Attendance connector"
_STOP_SECONDS = 180
"""How long a stop may take: the write under way is finished first."""

_SYSTEMD = """\
# Runs the attendance connector in the background.
# Install it as /etc/systemd/system/{unit}, then:
#   useradd --system --no-create-home --user-group {user}
#   chown -R {user}:{user} {writable}
#   systemctl daemon-reload && systemctl enable --now attendance-connector
[Unit]
Description=Attendance connector
Wants=network-online.target
After=network-online.target

[Service]
User={user}
ExecStart={command}
Restart=on-failure
RestartSec=60
TimeoutStopSec={stop_seconds}
{credentials}
# It writes to its own folders and nowhere else, and talks to the network only.
ReadWritePaths={writable}
{answers}ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
UMask=0077

[Install]
WantedBy=multi-user.target
"""

_CREDENTIALS = """\
# A server without a keyring: put each secret into a file that only root can read, and take the # away
# (or encrypt it with systemd-creds and write LoadCredentialEncrypted).
"""

_TASK = """\
<?xml version="1.0"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>Runs the attendance connector in the background.</Description>
  </RegistrationInfo>
  <Triggers>
    <BootTrigger>
      <Enabled>true</Enabled>
      <Delay>PT1M</Delay>
    </BootTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <UserId>{user}</UserId>
      <LogonType>Password</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
    <Enabled>true</Enabled>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{program}</Command>
      <Arguments>{arguments}</Arguments>
      <WorkingDirectory>{folder}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


def program() -> list[str]:
    """Return the command line that starts this program, however it was installed."""
    script = Path(sys.executable).parent / f"attendance-connector{'.exe' if sys.platform == 'win32' else ''}"
    if script.is_file():
        return [str(script)]
    on_path = shutil.which("attendance-connector")
    return [on_path] if on_path else [sys.executable, "-m", "connector"]


def service_command(config: Config) -> list[str]:
    """Return the service's command line with the absolute path of the configuration."""
    return [*program(), "service", "run", "--config", str(config.path.resolve())]


def systemd_unit(config: Config) -> str:
    """Return the unit file for this configuration."""
    writable = list(dict.fromkeys(str(path) for path in written_folders(config)))
    return _SYSTEMD.format(
        unit=UNIT_NAME,
        user=SERVICE_USER,
        command=" ".join(_quoted(part) for part in service_command(config)),
        stop_seconds=_STOP_SECONDS,
        credentials=_CREDENTIALS + "\n".join(_load_lines(config)),
        writable=" ".join(_quoted(path) for path in writable),
        answers=_answer_lines(config),
    )


def windows_task(config: Config, user: str) -> str:
    """Return the task for the Task Scheduler. ``user`` must be the one whose Credential Manager holds the secrets.

    No encoding is declared, so that the text can be saved as UTF-8 or as UTF-16.
    """
    command = service_command(config)
    return _TASK.format(
        user=escape(user),
        program=escape(command[0]),
        arguments=escape(subprocess.list2cmdline(command[1:])),
        folder=escape(str(config.path.resolve().parent)),
    )


def _load_lines(config: Config) -> list[str]:
    return [
        f"#LoadCredential={name}:/etc/attendance-connector/{name}"
        for school in config.schools
        for field in secrets_of(school)
        for name in [credential_name(school.id, field.name)]
    ]


def _answer_lines(config: Config) -> str:
    """Return the lines that let answers be written next to the office's records; a drive that is away stops no start."""
    folders = [school.run.records_folder for school in config.schools if school.run.records_folder]
    if not folders:
        return ""
    paths = " ".join(_quoted(f"-{folder.resolve()}") for folder in folders)
    return f"# The office owns its folder of records: let the user write answers into it.\nReadWritePaths={paths}\n"


def written_folders(config: Config) -> list[Path]:
    """Return every folder that the service writes to."""
    folders = [config.service.state, config.health_file.parent]
    folders += [config.service.log_file.parent] if config.service.log_file else []
    for school in config.schools:
        folders += [folder.path for folder in own_folders(school) if folder.written]
    return [path.resolve() for path in folders]


def _quoted(text: str) -> str:
    """Return a part of a systemd line: % doubled, and quoted when it holds a blank."""
    text = text.replace("%", "%%")
    return f'"{text}"' if " " in text else text


def command_line(parts: Sequence[str]) -> str:
    """Return a command as one line to show."""
    return subprocess.list2cmdline(list(parts))
