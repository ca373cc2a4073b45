"""What the next run would let go of, because its source was taken out of the settings or is missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from connector.adapters.base import FilesPage, Page
from connector.errors import Finding, accepting
from connector.store.belonging import PullSource
from connector.store.facts.sources import missing_files, sources_of, taken_out


def source_findings(state: Path, source: PullSource, begun: Sequence[Page], where: str) -> Iterator[Finding]:
    """Given a school's state, where its pulls come from and the first pages of one, yield what would be let go of."""
    files = next((page.files for page in begun if isinstance(page, FilesPage)), None)
    try:
        with closing(sqlite3.connect(f"{state.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            taken = taken_out(connection, source, sources_of(source))
            missing = [] if files is None else missing_files(connection, files)
    except sqlite3.Error:
        return  # a state of an earlier version, or none: the run opens it and says what is wrong
    for file in missing:
        yield Finding(
            f"register folder: {file}",
            "was read before and is missing now",
            f"put it back; if it is to be gone, let one run pass with {accepting('missing_file')}",
        )
    for words in taken:
        yield Finding(
            f"{where}.supply",
            f"{words}; the next run lets go of that",
            "name the source again if that is not meant",
            "warning",
        )
