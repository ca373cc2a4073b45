"""A record in one line, as the commands print it: by ids, without a name that the note does not have."""

from __future__ import annotations

from collections.abc import Mapping

_BARE = {"decision", "note"}
"""The columns whose text needs no name before it."""
_HEAD = ("pupil_id", "kind", "date")


def in_words(cells: Mapping[str, str]) -> str:
    """Return a record's row, given by column, in one line: "contact, pupil 17, 2025-10-03, answered"."""
    return ", ".join(
        (cells["kind"], f"pupil {cells['pupil_id']}", cells["date"], rest_in_words(cells))
    ).rstrip(", ")


def rest_in_words(cells: Mapping[str, str]) -> str:
    """Return the other cells of the row, each with its column where it needs one."""
    return ", ".join(
        text if column in _BARE else f"{column.removesuffix('_id').replace('_', ' ')} {text}"
        for column, text in cells.items()
        if column not in _HEAD
    )
