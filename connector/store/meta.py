"""Single values of a school's file: whose it is, the bookmark, when registers were last read."""

from __future__ import annotations

import hashlib
import sqlite3

LABEL = "school_id"
"""The school's id in the configuration. It may be renamed."""
IDENTITY = "identity"
"""What keys are made with. It never changes."""
MIS = "mis"
"""The MIS's school that fills the file, by which it is found when the school's id was renamed: "arbor:105203"."""

FOLDER_MARK = "folder_mark"
"""By which the school's folders for letters and documents are known (:mod:`connector.adapters.folder_marks`)."""


def read_value(connection: sqlite3.Connection, name: str) -> str | None:
    """Return a value; None when it was never kept."""
    row = connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
    return None if row is None else str(row["value"])


def keep_value(connection: sqlite3.Connection, name: str, value: str | None) -> None:
    """Keep a value in place of an earlier one; None forgets it."""
    connection.execute("DELETE FROM meta WHERE name = ?", (name,))
    if value is not None:
        connection.execute("INSERT INTO meta (name, value) VALUES (?, ?)", (name, value))


def remember(connection: sqlite3.Connection, body: str) -> str:
    """Keep a text for good, once however often it comes; return the short mark that it is found by."""
    mark = hashlib.sha256(body.encode()).hexdigest()[:16]
    connection.execute(
        "INSERT INTO remembered (hash, body) VALUES (?, ?) ON CONFLICT DO NOTHING", (mark, body)
    )
    return mark


def recall(connection: sqlite3.Connection, mark: str) -> str | None:
    """Return the text that :func:`remember` kept under that mark; None when there is none."""
    row = connection.execute("SELECT body FROM remembered WHERE hash = ?", (mark,)).fetchone()
    return None if row is None else str(row["body"])
