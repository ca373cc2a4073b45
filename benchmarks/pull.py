"""Marks kept as one blob for a pupil and a year, compared with one row for each mark: seconds to save and to load, and size.

Both start from the same made-up marks in memory and end with the same matrix of codes, pupils x sessions; that they
are equal is checked before anything is timed. Ours is the store as a run uses it, amendments and all; the other is
the obvious plain table, filled in one transaction with executemany and read with one ordered SELECT.
``night`` is the last twenty school days read again with a new day at the end, as every night brings them.

    python benchmarks/pull.py [--pupils 1500] [--weeks 39] [--rounds 3]
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

if not __package__:  # run as a file: this folder comes first and would hide the package of the same name
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from connector.adapters.base import AllMarksSent, AllPupilsSent, CalendarPage, MarkPage, PullEnd, PupilPage
from connector.mock.school import MadeUpSchool, make_school
from connector.store import Store
from rules.school import Mark

PAGE = 1000
RECENT_DAYS = 20
Matrix = NDArray[np.str_]


class Blobs:
    """Our store."""

    name = "one blob for a pupil and a year (ours)"

    def __init__(self, path: Path, school: MadeUpSchool) -> None:
        self._store, self._school = Store.open(path, "bench"), school
        merge = self._store.begin_pull(at=datetime.now(UTC))
        merge.apply(CalendarPage(school.calendar.periods))
        merge.apply(PupilPage(tuple(school.pupils_known(school.last_day))))
        merge.apply(AllPupilsSent())
        merge.apply(PullEnd(None))

    def save(self, marks: Sequence[Mark]) -> None:
        merge = self._store.begin_pull(at=datetime.now(UTC))
        for start in range(0, len(marks), PAGE):
            merge.apply(MarkPage(tuple(marks[start : start + PAGE])))
        days = [mark.date for mark in marks]
        merge.apply(AllMarksSent(min(days), max(days)))
        merge.apply(PullEnd(None))

    def load(self) -> Matrix:
        register = self._store.register(nation=self._school.nation)
        return np.array(register.codes)[register.matrix]

    def close(self) -> None:
        self._store.close()


class Rows:
    """A row for each mark."""

    name = "one row for a mark"

    def __init__(self, path: Path, school: MadeUpSchool) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(
            "CREATE TABLE marks (pupil_id TEXT, date TEXT, half TEXT, code TEXT, minutes_late INTEGER,"
            " comment TEXT, PRIMARY KEY (pupil_id, date, half)) STRICT, WITHOUT ROWID"
        )
        pupils = school.pupils_known(school.last_day)
        self._row = {pupil.pupil_id: row for row, pupil in enumerate(pupils)}
        sessions = school.calendar.sessions
        self._column = {(s.date.isoformat(), s.half): column for column, s in enumerate(sessions)}

    def save(self, marks: Sequence[Mark]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            "INSERT INTO marks VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET code = excluded.code,"
            " minutes_late = excluded.minutes_late, comment = excluded.comment",
            ((m.pupil_id, m.date.isoformat(), m.half, m.code, m.minutes_late, m.comment) for m in marks),
        )
        self._connection.execute("COMMIT")

    def load(self) -> Matrix:
        row, column = self._row, self._column
        matrix = np.zeros((len(row), len(column)), dtype="<U4")
        for pupil_id, day, half, code in self._connection.execute(
            "SELECT pupil_id, date, half, code FROM marks"
        ):
            matrix[row[pupil_id], column[day, half]] = code
        return matrix

    def close(self) -> None:
        self._connection.close()


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def measure(kind: type[Blobs] | type[Rows], school: MadeUpSchool) -> tuple[dict[str, float], Matrix]:
    """Seconds of each step in a fresh file, its size in MiB, and the matrix that comes out."""
    days = [day for day in school.calendar.school_days if day <= school.last_day]
    whole = school.marks_known(days[-2])
    recent = [mark for mark in school.marks_known(days[-1]) if mark.date >= days[-RECENT_DAYS]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "marks.db"
        kept = kind(path, school)
        try:
            found = {
                "save all": seconds(lambda: kept.save(whole)),
                "save night": seconds(lambda: kept.save(recent)),
                "load": seconds(kept.load),
            }
            matrix = kept.load()
        finally:
            kept.close()
        found["MiB"] = path.stat().st_size / 2**20
    return found, matrix


def main(arguments: Sequence[str] | None = None) -> None:
    """Time both and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pupils", type=int, default=1500)
    parser.add_argument("--weeks", type=int, default=39)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args(arguments)
    school = make_school(pupils=given.pupils, weeks=given.weeks, seed=7)
    rounds: dict[type[Blobs] | type[Rows], list[dict[str, float]]] = {Blobs: [], Rows: []}
    for _ in range(given.rounds):
        (ours, mine), (theirs, other) = measure(Blobs, school), measure(Rows, school)
        if not np.array_equal(mine, other):
            raise SystemExit("the two do not hold the same marks")
        rounds[Blobs].append(ours)
        rounds[Rows].append(theirs)
    steps = ("save all", "save night", "load", "MiB")
    middle = {
        kind: {s: statistics.median(r[s] for r in found) for s in steps} for kind, found in rounds.items()
    }
    count = len(school.marks_known(school.last_day))
    table = Table("", title=f"{given.pupils} pupils, {count} marks, median of {given.rounds} rounds, seconds")
    for step in steps:
        table.add_column(step, justify="right")
    for kind in (Blobs, Rows):
        table.add_row(kind.name, *(f"{middle[kind][step]:.3f}" for step in steps))
    table.add_row("rows : blobs", *(f"{middle[Rows][step] / middle[Blobs][step]:.1f}" for step in steps))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
