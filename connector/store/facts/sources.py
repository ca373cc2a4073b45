"""Which sources a school's facts come from: one that is taken out of the settings is reported, a file that is missing holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection

from connector.adapters.base import RecordPage
from connector.errors import HeldError
from connector.store.belonging import PullSource
from connector.store.facts.records_by_source import ENTERED, FILE, RECORD_TABLES, Records
from connector.store.meta import keep_value, read_value

_FILES = "optional_files"
_SUPPLIED = "supplied"
_TAKEN_OUT = {
    "calendar": "supply.calendar names no file any more: known days stay, and new ones come from the MIS alone",
    "contacts": "supply.contacts names no file any more: contacts are as the MIS gives them",
    "pupils": "supply.pupils names no file any more: pupils are as the MIS gives them",
}


def sources_of(source: PullSource) -> set[str]:
    """Return the sources of records that the settings name, and the book of what people entered here."""
    return {source.adapter, ENTERED, *((FILE,) if "records" in source.supplied else ())}


def take_records(records: Records, page: RecordPage, source: PullSource) -> str:
    """Keep what a page says in place of what its source said before; return the source."""
    name = FILE if page.supplied else source.adapter
    for kind in RECORD_TABLES:
        if (said := getattr(page, kind)) is not None:
            records.put(name, kind, said)
    return name


def taken_out(connection: sqlite3.Connection, source: PullSource, sources: Collection[str]) -> list[str]:
    """Return in words what sources gave that are no longer in the settings."""
    before = json.loads(read_value(connection, _SUPPLIED) or "[]")
    words = [_TAKEN_OUT[name] for name in before if name in _TAKEN_OUT and name not in source.supplied]
    return words + Records(connection).without(sources)


def let_go_of_sources(
    connection: sqlite3.Connection, source: PullSource, sources: Collection[str]
) -> list[str]:
    """Remove what sources said that are no longer in the settings, and return it in words."""
    words = taken_out(connection, source, sources)
    Records(connection).let_go(sources)
    keep_value(connection, _SUPPLIED, json.dumps(source.supplied))
    return words


def check_files(connection: sqlite3.Connection, files: Collection[str], *, accepted: bool) -> list[str]:
    """Raise HeldError when an optional file that was read before is missing now; when accepted, return it in words."""
    missing = missing_files(connection, files)
    if missing and not accepted:
        raise HeldError(
            f"{' and '.join(missing)} of the register folder was read before and is missing now.",
            fix="put it back: without it, what it says of pupils would no longer be in force",
            guard="missing_file",
        )
    keep_value(connection, _FILES, json.dumps(list(files)))
    return [
        f"{file} is no longer in the register folder: what it said is no longer in force" for file in missing
    ]


def missing_files(connection: sqlite3.Connection, files: Collection[str]) -> list[str]:
    """Return the optional files of the last pull that are not among these."""
    return [file for file in json.loads(read_value(connection, _FILES) or "[]") if file not in files]
