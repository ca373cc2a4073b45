"""Whose a folder for letters and documents is, in a small file in it: two schools never write to one folder.

The settings of one configuration can be compared; those of two configurations on a server, or on two servers with one
drive, meet only in the folder itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from connector.adapters.whole_files import folder_errors, put_file
from rules.files.held import read_file

FILE = ".school.json"


@dataclass(frozen=True, slots=True)
class FolderMark:
    """A school as the mark in a folder names it."""

    state: str = ""
    """The mark of the school's state, which stays the same when its id, its MIS or its register folder changes."""
    mis: str = ""
    """The MIS's school, such as "arbor:105203": by it a school is known whose state was lost."""
    school: str = ""
    """The school's id in the configuration when the folder was marked, for people."""

    def is_of(self, other: FolderMark) -> bool:
        """Return whether both name one school."""
        return (bool(self.state) and self.state == other.state) or (bool(self.mis) and self.mis == other.mis)


def foreign_mark(folder: Path, own: FolderMark) -> str | None:
    """Return in words whose mark the folder has, when that is another school; None when it is free or the school's own.

    A folder without a mark is not free either when it lies in a marked one, or when a marked one lies in it. Raise
    RetryableError when the folder cannot be read now.
    """
    folder = Path(os.path.realpath(folder))
    with folder_errors("read"):
        mark = _read(folder)
    if mark is not None:
        return None if mark.is_of(own) else f"{folder} is of {_words(mark)}"
    for near, other in _near(folder):
        if not other.is_of(own):
            way = "lies in" if near in folder.parents else "holds"
            return f"{folder} {way} {near}, which is of {_words(other)}"
    return None


def put_mark(folder: Path, own: FolderMark, *, parents: bool = False) -> None:
    """Write whose the folder is, making the folder where only it is missing. Raise RetryableError when that fails.

    ``parents``: make what it lies in, too; else a drive that is not there is left to the first letter to report.
    """
    if not (parents or folder.parent.is_dir()):
        return
    with folder_errors("written"):
        known = _read(folder)
        if known is None or (known.state, known.mis) != (own.state, own.mis):
            folder.mkdir(parents=parents, exist_ok=True)
            put_file(folder / FILE, (json.dumps(asdict(own)) + "\n").encode())


def _near(folder: Path) -> Iterator[tuple[Path, FolderMark]]:
    """Yield the nearest marked folder that this one lies in, then those directly in it."""
    for near in folder.parents:
        mark = None
        with suppress(OSError):  # what the service may not open is no place that it marked
            mark = _read(near)
        if mark is not None:
            yield near, mark
            break
    with folder_errors("read"):
        below = [(path.parent, mark) for path in folder.glob(f"*/{FILE}") if (mark := _read(path.parent))]
    yield from sorted(below, key=lambda found: found[0])


def _read(folder: Path) -> FolderMark | None:
    """Return a folder's mark; None when it has none. One that is damaged is of no school that is known."""
    try:
        text = read_file(folder / FILE).decode()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        return FolderMark()
    try:
        return FolderMark(**json.loads(text))
    except (ValueError, TypeError):
        return FolderMark()


def _words(mark: FolderMark) -> str:
    names = " ".join(part for part in (mark.school, f"({mark.mis})" if mark.mis else "") if part)
    return f"another school: {names}" if names else f"an unknown school, because its {FILE} is damaged"
