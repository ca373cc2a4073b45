"""Files that another program holds open, as on Windows: reading or replacing them is refused until it lets go."""

from __future__ import annotations

import errno
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rules.files import held as held_files


class SharingViolationError(PermissionError):
    """What Windows says (WinError 32)."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.EACCES, "The process cannot access the file", str(path))
        self.winerror = 32


class Held:
    """The files that are held, by name, with how often each is still refused."""

    def __init__(self) -> None:
        self._left: dict[str, float] = {}
        self.refused = 0

    def hold(self, name: str, times: float = math.inf) -> None:
        """Hold a file: so often it is refused, or until it is let go."""
        self._left[name] = times

    def let_go(self) -> None:
        """Hold nothing any more."""
        self._left.clear()

    def check(self, path: Path) -> None:
        """Raise SharingViolationError for a file that is held."""
        if self._left.get(path.name, 0) > 0:
            self._left[path.name] -= 1
            self.refused += 1
            raise SharingViolationError(path)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Let a test hold files; what waits for them gives up after 0.4 seconds."""
    files = Held()

    def guarded(real: Callable[..., Any], *, target: bool = False) -> Callable[..., Any]:
        def act(self: Path, *arguments: Any, **more: Any) -> Any:
            files.check(Path(arguments[0]) if target else self)
            return real(self, *arguments, **more)

        return act

    for name in ("read_bytes", "read_text", "write_bytes", "open"):
        monkeypatch.setattr(Path, name, guarded(getattr(Path, name)))
    monkeypatch.setattr(Path, "replace", guarded(Path.replace, target=True))
    monkeypatch.setattr(held_files, "WAIT_SECONDS", 0.4)
    yield files
    files.let_go()
