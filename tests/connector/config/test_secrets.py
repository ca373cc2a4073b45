"""Where secrets come from, in which order, and what is said when there is none."""

from __future__ import annotations

from pathlib import Path

import keyring
import keyring.errors
import pytest
from keyring.backend import KeyringBackend

from connector.adapters.base import SecretField
from connector.config.secrets import (
    SecretError,
    credential_name,
    delete_secret,
    read_secret,
    read_secrets,
    set_secret,
    variable_name,
)
from connector.errors import ConfigError

PASSWORD = SecretField("password", "the application's password")


class Kept(KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]
    name = "kept"

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.values.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.values[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.values[service, username]


class Encrypted(Kept):
    """A keyring that must be unlocked, as encrypted files are."""

    keyring_key: str = ""

    def get_password(self, service: str, username: str) -> str | None:
        if self.keyring_key != "open sesame":
            raise ValueError("Incorrect Password")
        return super().get_password(service, username)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Kept:
    backend = Kept()
    use(monkeypatch, backend)
    return backend


def use(monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    for name in ("CREDENTIALS_DIRECTORY", "ATTENDANCE_CONNECTOR_KEYRING_KEY"):
        monkeypatch.delenv(name, raising=False)


def test_a_secret_is_kept_in_the_keyring_by_school(kept: Kept) -> None:
    set_secret("hill", "password", "swordfish")
    assert kept.values == {("attendance-connector", "hill/password"): "swordfish"}
    found = read_secret("hill", "password")
    assert found is not None
    assert (found.value, found.source) == ("swordfish", "keyring (kept)")
    assert read_secret("dale", "password") is None
    assert delete_secret("hill", "password")
    assert not delete_secret("hill", "password")


def test_an_environment_variable_comes_before_a_systemd_credential_before_the_keyring(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_secret("hill-primary", "password", "from the keyring")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / credential_name("hill-primary", "password")).write_text("from systemd\n", encoding="utf-8")
    found = read_secret("hill-primary", "password")
    assert found is not None
    assert found.value == "from systemd"
    assert found.source == "systemd credential attendance-connector.hill-primary.password"
    monkeypatch.setenv("ATTENDANCE_CONNECTOR_HILL_PRIMARY_PASSWORD", "from the environment")
    found = read_secret("hill-primary", "password")
    assert found is not None
    assert found.value == "from the environment"
    assert found.source == "environment variable ATTENDANCE_CONNECTOR_HILL_PRIMARY_PASSWORD"


def test_a_secret_never_shows_itself(kept: Kept) -> None:
    set_secret("hill", "password", "swordfish")
    assert "swordfish" not in repr(read_secret("hill", "password"))


def test_every_missing_secret_is_reported_with_both_ways_to_set_it(kept: Kept) -> None:
    with pytest.raises(ConfigError) as caught:
        read_secrets("hill", [PASSWORD, SecretField("token", "the token")])
    assert len(caught.value.findings) == 2
    assert "credentials set --school hill password" in caught.value.findings[0].fix
    assert variable_name("hill", "password") in caught.value.findings[0].fix


def test_without_a_keyring_the_choices_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nothing(Kept):
        def get_password(self, service: str, username: str) -> str | None:
            raise keyring.errors.NoKeyringError("no backend")

        def set_password(self, service: str, username: str, password: str) -> None:
            raise keyring.errors.NoKeyringError("no backend")

    use(monkeypatch, Nothing())
    for attempt in (lambda: read_secret("hill", "password"), lambda: set_secret("hill", "password", "x")):
        with pytest.raises(SecretError) as caught:
            attempt()
        assert caught.value.message == "there is no keyring on this machine"
        assert "ATTENDANCE_CONNECTOR_HILL_PASSWORD" in caught.value.fix
        assert "attendance-connector.hill.password" in caught.value.fix
        assert "encrypted-file keyring" in caught.value.fix


def test_an_encrypted_file_keyring_is_unlocked_by_an_environment_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backend = Encrypted()
    backend.values["attendance-connector", "hill/password"] = "swordfish"
    use(monkeypatch, backend)
    with pytest.raises(SecretError, match="is locked"):
        read_secret("hill", "password")
    monkeypatch.setenv("ATTENDANCE_CONNECTOR_KEYRING_KEY", "wrong")
    with pytest.raises(SecretError, match="cannot be used"):
        read_secret("hill", "password")
    monkeypatch.setenv("ATTENDANCE_CONNECTOR_KEYRING_KEY", "open sesame")
    found = read_secret("hill", "password")
    assert found is not None
    assert found.value == "swordfish"
