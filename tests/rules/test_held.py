"""A file that another program holds open is waited for, a bounded time, and then named with what to do."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.files import held as held_files
from rules.files.held import may_be_held, patiently, read_file, replace_file, what_to_do, why


class OfWindowsError(PermissionError):
    """A refusal as Windows words it: its number is an attribute that Linux's errors do not have."""

    def __init__(self, winerror: int) -> None:
        super().__init__(errno.EACCES, "Permission denied", "marks.csv")
        self.winerror = winerror


def released_after(refusals: int, error: OSError) -> Callable[[], bytes]:
    """Return what a reader meets: so many refusals, then the file."""
    left = [error] * refusals

    def read() -> bytes:
        if left:
            raise left.pop()
        return b"whole"

    return read


HELD = [OfWindowsError(32), OfWindowsError(33), OSError(errno.EBUSY, "busy"), OSError(errno.ETXTBSY, "busy")]
OTHER = [
    PermissionError(errno.EACCES, "Permission denied"),
    FileNotFoundError(errno.ENOENT, "No such file"),
    OSError(errno.ENOSPC, "No space left on device"),
    OfWindowsError(39),
]


@pytest.mark.parametrize("error", HELD)
def test_a_file_that_is_let_go_within_the_time_is_read(error: OSError) -> None:
    assert patiently(released_after(3, error)) == b"whole"


@pytest.mark.parametrize("error", HELD)
def test_a_file_that_stays_held_is_given_up_after_the_time(
    error: OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_files, "WAIT_SECONDS", 0.2)
    started = time.monotonic()
    with pytest.raises(OSError) as refused:
        patiently(released_after(1000, error))
    assert 0.2 <= time.monotonic() - started < 1
    assert refused.value is error
    assert why(error) == "it is open in another program"
    assert what_to_do(error, "otherwise").startswith("close it in Excel, Word")
    assert "otherwise" not in what_to_do(error, "otherwise")


@pytest.mark.parametrize("error", OTHER)
def test_what_waiting_cannot_help_is_raised_at_once_with_its_own_words(error: OSError) -> None:
    started = time.monotonic()
    with pytest.raises(OSError):
        patiently(released_after(1, error))
    assert time.monotonic() - started < 0.04
    assert why(error) == error.strerror
    assert what_to_do(error, "otherwise") == "otherwise"


@pytest.mark.parametrize("error", [OfWindowsError(5), PermissionError(errno.EACCES, "Permission denied")])
def test_windows_may_not_say_whether_it_is_held_or_a_right_is_missing(
    error: OSError, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Replacing an open file is refused there with "access denied", and open() loses the number."""
    monkeypatch.setattr(held_files, "_ON_WINDOWS", True)
    assert patiently(released_after(2, error)) == b"whole"
    assert may_be_held(error)
    assert "open in another program, or" in why(error)
    assert "close it" in what_to_do(error, "check its permissions")
    assert "check its permissions" in what_to_do(error, "check its permissions")


def test_files_are_read_and_replaced(tmp_path: Path) -> None:
    new, path = tmp_path / "new", tmp_path / "path"
    new.write_bytes(b"new")
    path.write_bytes(b"old")
    assert read_file(path) == b"old"
    replace_file(new, path)
    assert read_file(path) == b"new"
    with pytest.raises(FileNotFoundError):
        read_file(new)
