"""Files put in place whole in folders that may be away: what letters and the marks of folders have in common."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector.errors import RetryableError
from rules.files.held import may_be_held, patiently, replace_file, what_to_do, why

TEMPORARY = ".~"
"""How the name of a file begins that is not in place yet."""


@contextmanager
def folder_errors(verb: str) -> Iterator[None]:
    """Turn the operating system's refusal into an error that says what to do."""
    try:
        yield
    except OSError as error:
        otherwise = "check the drive, its free space and the permissions of the service's user"
        name = Path(error.filename2 or error.filename or "").name
        if name and may_be_held(error):
            message = f"{name} in the folder for notes and letters cannot be {verb}: {why(error)}"
        else:
            message = f"the folder for notes and letters cannot be {verb}: {why(error)}"
        raise RetryableError(message, fix=what_to_do(error, otherwise)) from error


def put_file(path: Path, content: bytes) -> None:
    """Put a file in place whole: after a crash it is there as it was before, or complete.

    Waits a little where another program holds it. Raise OSError when it cannot be put there.
    """
    temporary = path.with_name(f"{TEMPORARY}{hashlib.sha256(path.name.encode()).hexdigest()[:12]}")
    with patiently(lambda: temporary.open("wb")) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        replace_file(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
