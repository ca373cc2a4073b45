"""Notes and documents of the folder adapter: filed together, after the pupil was checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from connector.adapters.base import DocumentToWrite, NoteToWrite
from connector.adapters.filing import Filing
from connector.errors import SkippableError
from rules.school import Pupil

PupilOf = Callable[[str], Pupil | None]


def open_filing(
    root: Path, name_by: Literal["pupil_id", "upn", "admission_number"], pupil_of: PupilOf
) -> Filing:
    """Given where to file and which number names a pupil's folder, return the filing.

    A pupil without that number gets a folder named by the pupil id.
    """

    def folder_name(pupil_id: str) -> str:
        pupil = pupil_of(pupil_id)
        return (getattr(pupil, name_by) if pupil else "") or pupil_id

    return Filing(root, folder_name)


def check_pupil(item: NoteToWrite | DocumentToWrite, pupil_of: PupilOf) -> None:
    """Raise SkippableError unless the pupil is in the register folder under the same UPN."""
    if item.pupil_id is None:
        return
    pupil = pupil_of(item.pupil_id)
    if pupil is None:
        raise SkippableError(
            f"pupil {item.pupil_id} is not in the register folder",
            fix="check pupils.csv; nothing was written",
        )
    if item.upn and pupil.upn and item.upn != pupil.upn:
        raise SkippableError(
            f"pupil {item.pupil_id} has another UPN in the register folder now",
            fix="check whose id it is; nothing was written",
        )
