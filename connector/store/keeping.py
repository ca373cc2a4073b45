"""Removing what is past its keeping time (registers three years, six under the 2024 framework), whole years at once."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass
from datetime import date

from connector.store.facts.entered_records import EnteredRecords
from connector.store.mark_bytes import storage_year
from connector.store.store import Store


@dataclass(frozen=True, slots=True)
class Purged:
    """What was removed, or would be."""

    before: date
    """Everything of academic years that ended before this day."""
    years_of_marks: int = 0
    """Pupils' years, not marks."""
    mark_details: int = 0
    amendments: int = 0
    events: int = 0
    outbox: int = 0
    contents: int = 0
    pupils: int = 0
    runs: int = 0
    entered_records: int = 0
    facts: int = 0
    """Earlier values of facts, and those of pupils who went."""

    def lines(self) -> list[str]:
        """Return the same as lines of text, for the record of the purge."""
        counts = {name.replace("_", " "): n for name, n in asdict(self).items() if name != "before"}
        removed = ", ".join(f"{n} {name}" for name, n in counts.items() if n)
        return [f"before {self.before}: {removed or 'nothing to remove'}"]


def keep_from(as_of: date, keep_years: int) -> date:
    """Return the first day that is kept: so many whole academic years (from 1 August) before the present one."""
    return date(storage_year(as_of) - keep_years, 8, 1)


def purge(store: Store, *, as_of: date, keep_years: int, dry_run: bool = False) -> Purged:
    """Remove marks, events, letters and leavers that are past their keeping time; return what went.

    An event goes by the later of its own day and the day of its last change of state. Pupils who are on roll
    or have anything else on record stay.
    """
    first = keep_from(as_of, keep_years)
    connection = store.connection
    try:
        with store.transaction():
            purged = _remove(connection, first)
            if dry_run:
                raise _NotThisTimeError
    except _NotThisTimeError:
        return purged
    if purged != Purged(first):
        connection.execute("VACUUM")
    return purged


class _NotThisTimeError(Exception):
    """A dry run takes everything back."""


def _remove(connection: sqlite3.Connection, first: date) -> Purged:
    day = first.isoformat()

    def gone(statement: str, *values: object) -> int:
        return connection.execute(statement, values).rowcount

    outbox_before = _count_outbox(connection)
    marks = gone("DELETE FROM marks WHERE year < ?", first.year)
    details = gone("DELETE FROM mark_details WHERE date < ?", day)
    amendments = gone("DELETE FROM amendments WHERE date < ?", day)
    events = gone("DELETE FROM events WHERE max(date, state_on) < ?", day)
    gone("DELETE FROM outbox WHERE event_id IS NULL AND date < ?", day)
    outbox = outbox_before - _count_outbox(connection)
    contents = gone(
        "DELETE FROM contents WHERE sha256 NOT IN (SELECT sha256 FROM outbox WHERE sha256 IS NOT NULL)"
    )
    left = "coalesce(gone_on, '9') < ?1 OR coalesce(json_extract(facts, '$.on_roll_to'), '9') < ?1"
    pupils = gone(
        f"DELETE FROM pupils WHERE ({left})"  # noqa: S608 - our own text
        " AND pupil_id NOT IN (SELECT pupil_id FROM marks)"
        " AND pupil_id NOT IN (SELECT pupil_id FROM mark_details)"
        " AND pupil_id NOT IN (SELECT pupil_id FROM amendments)"
        " AND pupil_id NOT IN (SELECT pupil_id FROM events WHERE pupil_id IS NOT NULL)",
        day,
    )
    entered = gone("DELETE FROM entered_records WHERE date < ?", day)
    if entered:
        EnteredRecords(connection).renew()
    gone("DELETE FROM reports_made WHERE period < ?", day)
    gone("DELETE FROM morning_lists WHERE day < ?", day)
    gone("DELETE FROM morning_runs WHERE day < ?", day)
    runs = gone(
        "DELETE FROM runs WHERE as_of < ? AND id NOT IN (SELECT added_in FROM events)"
        " AND id NOT IN (SELECT run_id FROM event_history WHERE run_id IS NOT NULL)"
        " AND id NOT IN (SELECT run_id FROM event_evidence) AND id NOT IN (SELECT run_id FROM outbox)",
        day,
    )
    facts = gone(
        "DELETE FROM facts WHERE pupil_id <> '' AND pupil_id NOT IN (SELECT pupil_id FROM pupils)"
        " OR last_seen < ? AND id NOT IN (SELECT max(id) FROM facts GROUP BY pupil_id, fact)",
        day,
    )
    return Purged(first, marks, details, amendments, events, outbox, contents, pupils, runs, entered, facts)


def _count_outbox(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT count(*) AS number FROM outbox").fetchone()
    return int(row["number"])
