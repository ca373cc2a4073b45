"""Secrets of a school: never in a file of this program, always from one of three named places.

In this order: an environment variable, a systemd credential, the operating system's keyring. Every value that was
read is masked in the logs from then on.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from connector.adapters import adapter_kinds
from connector.adapters.base import SecretField
from connector.config.school import SchoolConfig
from connector.errors import ConfigError, ConnectorError, Finding
from connector.logs import mask

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

KEYRING_SERVICE = "attendance-connector"
KEYRING_KEY = "ATTENDANCE_CONNECTOR_KEYRING_KEY"
"""Environment variable that unlocks an encrypted-file keyring, for a service that nobody can ask."""
_T = TypeVar("_T")


class SecretError(ConnectorError):
    """The keyring cannot be used."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret's value and where it came from."""

    value: str
    source: str
    """"environment variable NAME", "systemd credential NAME" or "keyring (BACKEND)"."""

    def __repr__(self) -> str:
        return f"Secret(source={self.source!r})"


def variable_name(school_id: str, name: str) -> str:
    """Return the environment variable of a secret: ATTENDANCE_CONNECTOR_HILL_PRIMARY_PASSWORD."""
    return "ATTENDANCE_CONNECTOR_" + re.sub(r"[^A-Z0-9]", "_", f"{school_id}_{name}".upper())


def credential_name(school_id: str, name: str) -> str:
    """Return the systemd credential of a secret: attendance-connector.hill-primary.password."""
    return f"{KEYRING_SERVICE}.{school_id}.{name}"


def read_secret(school_id: str, name: str) -> Secret | None:
    """Given a school and a secret's name, return its value and source, or None when it is not set anywhere.

    Raises SecretError when it is in neither of the first two places and the keyring cannot be asked.
    """
    secret = (
        _from_environment(school_id, name) or _from_systemd(school_id, name) or _from_keyring(school_id, name)
    )
    if secret:
        mask(secret.value)
    return secret


def read_secrets(school_id: str, fields: Iterable[SecretField]) -> dict[str, str]:
    """Return the values of all these secrets by name. Raises ConfigError naming each one that is missing."""
    values: dict[str, str] = {}
    findings: list[Finding] = []
    for field in fields:
        try:
            secret = read_secret(school_id, field.name)
        except SecretError as error:
            findings.append(Finding(_place(school_id, field), error.message, error.fix))
            continue
        if secret is None:
            findings.append(missing_secret(school_id, field))
        else:
            values[field.name] = secret.value
    if findings:
        raise ConfigError(findings)
    return values


def secrets_of(school: SchoolConfig) -> tuple[SecretField, ...]:
    """Return every secret that a school's settings need: its MIS's, and its mail server's."""
    mail = school.mail.secrets if school.mail else ()
    return (*adapter_kinds()[school.mis.adapter].secrets, *mail)


def missing_secret(school_id: str, field: SecretField) -> Finding:
    """Return the finding for a secret that is not set anywhere."""
    command = f"attendance-connector credentials set --school {school_id} {field.name}"
    return Finding(
        _place(school_id, field),
        f"is not set ({field.meaning.rstrip('.')})",
        f"{command}, or set the environment variable {variable_name(school_id, field.name)}",
    )


def set_secret(school_id: str, name: str, value: str) -> str:
    """Store a secret in the keyring and return the backend's name. Raises SecretError when that is not possible."""
    mask(value)
    user = f"{school_id}/{name}"
    _ask(school_id, name, lambda backend: backend.set_password(KEYRING_SERVICE, user, value))
    return keyring_name()


def delete_secret(school_id: str, name: str) -> bool:
    """Take a secret out of the keyring; False when it was not there. Raises SecretError."""
    user = f"{school_id}/{name}"

    def delete(backend: KeyringBackend) -> bool:
        if backend.get_password(KEYRING_SERVICE, user) is None:
            return False
        backend.delete_password(KEYRING_SERVICE, user)
        return True

    return _ask(school_id, name, delete)


def keyring_name() -> str:
    """Return the keyring backend in use, as its own project names it; "none" when there is none."""
    try:
        import keyring

        return str(keyring.get_keyring().name)
    except Exception:  # noqa: BLE001 - a backend is other people's code and may raise anything
        return "none"


def _place(school_id: str, field: SecretField) -> str:
    return f"school {school_id}: secret '{field.name}'"


def _from_environment(school_id: str, name: str) -> Secret | None:
    variable = variable_name(school_id, name)
    value = os.environ.get(variable, "")
    return Secret(value, f"environment variable {variable}") if value else None


def _from_systemd(school_id: str, name: str) -> Secret | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        return None
    file = Path(folder) / credential_name(school_id, name)
    try:
        value = file.read_text(encoding="utf-8").strip("\r\n")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        fix = "check the LoadCredential line of the unit"
        raise SecretError(f"the systemd credential {file.name} cannot be read", fix=fix) from error
    return Secret(value, f"systemd credential {file.name}") if value else None


def _from_keyring(school_id: str, name: str) -> Secret | None:
    user = f"{school_id}/{name}"
    value = _ask(school_id, name, lambda backend: backend.get_password(KEYRING_SERVICE, user))
    return Secret(value, f"keyring ({keyring_name()})") if value else None


def _ask(school_id: str, name: str, action: Callable[[KeyringBackend], _T]) -> _T:
    """Do something with the keyring, unlocked when it is an encrypted file whose key is given."""
    try:
        import keyring

        backend = keyring.get_keyring()
        if hasattr(type(backend), "keyring_key"):
            key = os.environ.get(KEYRING_KEY, "")
            if not key and not sys.stdin.isatty():
                raise SecretError(f"the keyring ({backend.name}) is locked", fix=f"set {KEYRING_KEY}")
            if key:
                mask(key)
                backend.keyring_key = key  # type: ignore[attr-defined]
        return action(backend)
    except SecretError:
        raise
    except Exception as error:
        raise _unusable(school_id, name, error) from error


def _unusable(school_id: str, name: str, error: Exception) -> SecretError:
    if type(error).__name__ == "NoKeyringError":
        reason = "there is no keyring on this machine"
    elif type(error).__name__ == "KeyringLocked":
        reason = f"the keyring ({keyring_name()}) is locked"
    else:
        reason = f"the keyring ({keyring_name()}) cannot be used ({type(error).__name__})"
    fix = (
        f"set the environment variable {variable_name(school_id, name)}, or a systemd credential "
        f"{credential_name(school_id, name)}, or use an encrypted-file keyring: the README's section "
        "'Where secrets are kept' says how"
    )
    return SecretError(reason, fix=fix)
