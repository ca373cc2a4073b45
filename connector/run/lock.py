"""One writer to a school's state at a time: a run, or a person's command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from connector.errors import StoreError


def is_locked(state: Path) -> bool:
    """Return whether somebody is writing to a school's database now: a run, or a person's command."""
    try:
        with school_lock(state, wait_seconds=0):
            return False
    except StoreError:
        return True


@contextmanager
def school_lock(state: Path, *, wait_seconds: float) -> Iterator[None]:
    """Hold the lock of a school's database while in it. Raise StoreError when another still has it after the wait."""
    state.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{state}.lock")
    try:
        lock.acquire(timeout=wait_seconds)
    except Timeout as error:
        raise StoreError(
            f"another run of this school is under way ({state.name}).", fix="wait until it has ended"
        ) from error
    try:
        yield
    finally:
        lock.release()
