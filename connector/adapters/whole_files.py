"""Files put in place whole in folders that may be away: what letters and the marks of folders have in common."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.errors import RetryableError

TEMPORARY = ".~"
"""How the name of a file begins that is not in place yet."""


@contextmanager
def folder_errors(verb: str) -> Iterator[None]:
    """Turn the operating system's refusal into an error that says what to do."""
    try:
        yield
    except OSError as error:
        raise RetryableError(
            f"the folder for notes and letters cannot be {verb}: {error.strerror or type(error).__name__}",
            fix="check the drive, its free space and the permissions of the service's user",
        ) from error


def put_file(path: Path, content: bytes) -> None:
    """Put a file in place whole: after a crash it is there as it was before, or complete."""
    temporary = path.with_name(f"{TEMPORARY}{hashlib.sha256(path.name.encode()).hexdigest()[:12]}")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
