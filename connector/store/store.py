"""One school's state in one SQLite file: registers, amendments, ledger, outbox, runs.

Every write happens inside :meth:`Store.transaction`, so a crash leaves either all of a step or nothing of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType

from connector.errors import RunGuard, StoreError
from connector.store.belonging import PullSource
from connector.store.facts.fact_history import FactHistory
from connector.store.facts.school_facts import Facts
from connector.store.ledger import Ledger
from connector.store.meta import IDENTITY, LABEL, keep_value, read_value
from connector.store.morning.morning_lists import MorningLists
from connector.store.outbox import Outbox
from connector.store.pull_merge import PullMerge
from connector.store.registers import read_register
from connector.store.reports_made import ReportsMade
from connector.store.runs import Runs
from connector.store.schema import MIGRATIONS
from rules.calendar import Calendar
from rules.register import Register
from rules.school import Nation, Pupil


class Store:
    """A school's open file. Use :meth:`open`; close it when done (or use ``with``)."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None, school_id: str) -> None:
        self._connection = connection
        self.path = path
        self.school_id = school_id
        self.facts = Facts(connection)
        self.fact_history = FactHistory(connection)
        self.ledger = Ledger(connection)
        self.outbox = Outbox(connection)
        self.runs = Runs(connection)
        self.reports = ReportsMade(connection)
        self.mornings = MorningLists(connection)

    @classmethod
    def open(cls, path: Path, school_id: str | None) -> Store:
        """Open the school's file, made and brought up to date where needed; with None, whichever school's it is.

        Raise StoreError when the file belongs to another school, is newer than this program, or is no
        database of ours.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return cls._prepared(_connect(str(path)), path, school_id)
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"{path.name} cannot be used: {error}.",
                fix="make sure that the disk has room and that no other program has the file open",
            ) from error
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"{path.name} is damaged or not a database of this program: {error}.",
                fix="put the last backup in its place, then run again: what was written is found in the MIS by its key",
            ) from error

    @classmethod
    def in_memory(cls, school_id: str) -> Store:
        """Return an empty store that leaves nothing behind, for a dry run before the first run."""
        return cls._prepared(_connect(":memory:"), None, school_id)

    @classmethod
    def _prepared(cls, connection: sqlite3.Connection, path: Path | None, school_id: str | None) -> Store:
        try:
            store = cls(connection, path, school_id or "")
            store._migrate()
            store._belongs_to(school_id)
        except BaseException:
            connection.close()
            raise
        return store

    def copy_in_memory(self) -> Store:
        """Return the same state, detached: what a dry run changes in it is forgotten."""
        connection = _connect(":memory:")
        self._connection.backup(connection)
        return Store(connection, None, self.school_id)

    def backup(self, target: Path) -> None:
        """Copy the state to another file while the store is in use. Raise StoreError when there is a file of that name."""
        if target.exists():
            raise StoreError(f"{target.name} exists already.", fix="name a file that does not exist yet")
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = sqlite3.connect(target)
        try:
            self._connection.backup(copy)
            # one file to keep or move: no write-ahead log next to it
            copy.execute("PRAGMA journal_mode = DELETE")
        finally:
            copy.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Commit all that is written inside, or nothing of it. Not to be nested."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    @property
    def identity(self) -> str:
        """The school as its keys name it: what the MIS said in the first pull, else the id of the configuration then."""
        return read_value(self._connection, IDENTITY) or self.school_id

    def begin_pull(
        self,
        *,
        at: datetime,
        most_cleared: float = 0.25,
        source: PullSource | None = None,
        accepted: Collection[RunGuard] = (),
    ) -> PullMerge:
        """Start taking in the pages of one pull. The other arguments: see :class:`PullMerge`."""
        return PullMerge(
            self, at=at, most_cleared=most_cleared, source=source or PullSource(), accepted=accepted
        )

    def register(
        self,
        *,
        nation: Nation,
        welsh_d_attended: bool = True,
        calendar: Calendar | None = None,
        instead: Mapping[str, Pupil] = {},
    ) -> Register:
        """Return all that is held, as a register. Raise CalendarError when no calendar is held or it does not fit.

        ``calendar`` and ``instead`` (pupils by id) take the place of what is held.
        """
        return read_register(
            self._connection,
            nation=nation,
            welsh_d_attended=welsh_d_attended,
            calendar=calendar,
            instead=instead,
        )

    @property
    def connection(self) -> sqlite3.Connection:
        """For reading; every write goes through :meth:`transaction`."""
        return self._connection

    def close(self) -> None:
        """Close the file. Closing twice does nothing."""
        self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _migrate(self) -> None:
        version = int(self._connection.execute("PRAGMA user_version").fetchone()[0])
        if version > len(MIGRATIONS):
            raise StoreError(
                f"the school's file has version {version}, this program knows up to {len(MIGRATIONS)}.",
                fix="install the newer program again, or put back the backup made before it was installed",
            )
        for step in range(version, len(MIGRATIONS)):
            with self.transaction() as connection:
                for statement in _statements(MIGRATIONS[step]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {step + 1}")

    def _belongs_to(self, school_id: str | None) -> None:
        owner = read_value(self._connection, LABEL)
        if school_id is None:
            self.school_id = owner or ""
        elif owner is None:
            with self.transaction() as connection:
                keep_value(connection, LABEL, school_id)
        elif owner != school_id:
            raise StoreError(
                f"this file holds the school '{owner}', not '{school_id}'.",
                fix="give each school a file of its own: schools never mix",
            )


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # FULL: what was recorded must outlive a power cut, or a letter could be written twice
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _statements(script: str) -> Iterator[str]:
    """Single statements: ``executescript`` would commit the transaction that a step must run in."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement
