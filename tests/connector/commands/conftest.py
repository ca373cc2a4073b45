"""Commands run in this process, with a keyring of the test's own and nothing of the machine's."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from connector.__main__ import exit_code_of
from connector.errors import TO_DO
from connector.mock.register_folder import write_register_folder
from connector.mock.school import MadeUpSchool, make_school

LAST_DAY = "2025-10-24"
"""Of the small school."""


class MemoryKeyring(KeyringBackend):
    """A keyring that lasts as long as the test."""

    priority = 1  # type: ignore[assignment]
    name = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def faults(self) -> list[str]:
        """The lines of standard error without those that say what to do."""
        return [line for line in self.err.splitlines() if not line.startswith(TO_DO)]


Call = Callable[..., Ended]


@pytest.fixture(autouse=True)
def own_keyring(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    """Never the machine's keyring."""
    backend = MemoryKeyring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    for name in ("CREDENTIALS_DIRECTORY", "ATTENDANCE_CONNECTOR_KEYRING_KEY"):
        monkeypatch.delenv(name, raising=False)
    return backend


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty folder with one path for every test, since a state knows where its school's folders are."""
    folder = tmp_path_factory.getbasetemp() / "place"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def own_folder(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder; configuration and logs of the machine are out of reach."""
    folder = place / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_STATE_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return folder


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command line and return its exit code and what it printed."""

    def run(*arguments: object) -> Ended:
        capsys.readouterr()
        code = exit_code_of([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return Ended(code, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def small_school() -> MadeUpSchool:
    """Thirty pupils over seven weeks, to the half term's end."""
    return make_school(pupils=30, weeks=8, seed=3)


@pytest.fixture
def register_folder(small_school: MadeUpSchool, place: Path) -> Path:
    """Return the small school as a register folder."""
    return write_register_folder(place / "register", small_school, small_school.last_day)


@pytest.fixture
def hill(call: Call, register_folder: Path, own_folder: Path) -> Path:
    """Return a configuration for a school on a register folder; its letters go to the folder `letters`."""
    ended = call(
        "init", "--mis", "folder", "--school-id", "hill", "--name", "Hill Primary School",
        "--telephone", "01632 960001", "--policy", "hcat",
        "--set", f"register_folder={register_folder}", "--set", "letters_folder=letters",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    return own_folder / "config.toml"


@pytest.fixture
def ran(
    call: Call,
    hill: Path,
    place: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Return the school after its first run, which is made once and copied for each test."""
    kept = tmp_path_factory.getbasetemp() / "place-after-a-run"
    if not kept.exists():
        text = hill.read_text(encoding="utf-8").replace("#since = 2026-09-01", "since = 2025-09-01")
        text = text.replace("#hold_above_events = 100", "hold_above_events = 1000")
        hill.write_text(text, encoding="utf-8")
        ended = call("run", "--as-of", LAST_DAY, "--json")
        assert ended.code == 0, ended.err
        shutil.copytree(place, kept)
    else:
        shutil.rmtree(place)
        shutil.copytree(kept, place)
        monkeypatch.chdir(hill.parent)
    return hill
