"""Files that another program holds open: Word and Excel what they show, a virus scanner what it looks at.

Windows then refuses to read or replace the file. A scanner lets go within moments, so everything that reads or replaces
a file of staff's waits a little before it gives up; a person has to close what Excel shows.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

WAIT_SECONDS = 3.0
"""Longest wait for one file."""
_FIRST_PAUSE = 0.05
_SHARING, _LOCKED, _DENIED = 32, 33, 5
"""Windows' own numbers: ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_ACCESS_DENIED."""
_BUSY = frozenset({errno.EBUSY, errno.ETXTBSY, errno.EAGAIN})
"""What Linux says of a file on a Windows share that is held there."""
_ON_WINDOWS = os.name == "nt"

T = TypeVar("T")


class Readable(Protocol):
    """A file to read: a path, or a file inside a package."""

    def read_bytes(self) -> bytes: ...


def read_file(path: Readable) -> bytes:
    """Return a file's bytes, waiting for it where another program holds it. Raise OSError when it cannot be read."""
    return patiently(path.read_bytes)


def replace_file(new: Path, path: Path) -> None:
    """Put ``new`` in the place of ``path``, waiting where another program holds it. Raise OSError when that fails."""
    patiently(lambda: new.replace(path))


def patiently(action: Callable[[], T]) -> T:
    """Do something with a file, and again for up to WAIT_SECONDS while another program may hold it. Raise OSError as it does."""
    until, pause = time.monotonic() + WAIT_SECONDS, _FIRST_PAUSE
    while True:
        try:
            return action()
        except OSError as error:
            left = until - time.monotonic()
            if left <= 0 or not may_be_held(error):
                raise
        time.sleep(min(pause, left))
        pause *= 2


def may_be_held(error: OSError) -> bool:
    """Return True when another program may hold the file: on Windows a refusal says no more than that, or a missing right."""
    return _is_held(error) or (_ON_WINDOWS and error.errno == errno.EACCES) or _number(error) == _DENIED


def why(error: OSError) -> str:
    """Return in words why a file could not be used, to follow "cannot be read: "."""
    if _is_held(error):
        return "it is open in another program"
    if may_be_held(error):
        return "it is open in another program, or the service's user has no right to it"
    return error.strerror or type(error).__name__


def what_to_do(error: OSError, otherwise: str) -> str:
    """Return what to do: close the file where another program may hold it, ``otherwise`` where not."""
    if not may_be_held(error):
        return otherwise
    close = "close it in Excel, Word or whatever else has it open, then try again"
    return close if _is_held(error) or not otherwise else f"{close}; if it is open nowhere, {otherwise}"


def _is_held(error: OSError) -> bool:
    return _number(error) in (_SHARING, _LOCKED) or error.errno in _BUSY


def _number(error: OSError) -> int | None:
    number = getattr(error, "winerror", None)
    return number if isinstance(number, int) else None
