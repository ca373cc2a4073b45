"""Facts that letters rest on, each with the time it was first and last seen, so that a change keeps what was before.

Of pupils: date of birth, roll, flags, part-time timetable, UPN and legal name. Of the school: calendar, nation, code mapping and policy.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from connector.store.coding import utc_text
from connector.store.facts.calendar_merge import MergedCalendar
from rules.calendar import HALVES, Calendar, Period, school_year
from rules.school import SCHOOL_TIME, FlagDays, Pupil, Session

SCHOOL = ""
"""The pupil id under which facts of the school stand."""
SCHOOL_DAY = "school_day "
"""The facts of a day that was in the calendar or came into it later: "school_day 2025-10-14", with its open halves."""
PERIOD = "calendar "
"""The facts of the calendar's rows: "calendar half_term 2025/26 Autumn 1", with their days."""
FLAGS_NOW = "flags"
"""A pupil's flags, by name in order of the alphabet with blanks between them."""
PART_TIME = "part_time"
"""First and last day of a pupil's part-time timetable: "2025-09-08/2025-09-19"; either may be missing."""


class FactChange(NamedTuple):
    """A fact that was seen with another value than before; empty text means that there was none."""

    fact: str
    before: str
    after: str
    seen_at: datetime


class FactHistory:
    """Reads and writes of one connection; writes belong inside a transaction of the store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def changes_since(self, moment: datetime | None, pupil_id: str | None = None) -> list[FactChange]:
        """Return what changed after a moment, or ever, in order: facts of the school, and of the pupil if one is named."""
        return self._changes("" if moment is None else utc_text(moment), 0, pupil_id)

    def changes_after(self, row: int) -> list[FactChange]:
        """Return the school's changes after a row of :meth:`last_row`, in order."""
        return self._changes("", row, None)

    def last_row(self) -> int:
        """Return the number of the last row; 0 when nothing was seen yet."""
        return int(self._connection.execute("SELECT coalesce(max(id), 0) FROM facts").fetchone()[0])

    def see_pupils(self, pupils: Iterable[Pupil], at: datetime, *, known_at: datetime | None = None) -> None:
        """Keep the pupils' facts as they were seen at a time.

        ``known_at`` is the last time before it at which the MIS would have sent what was different.
        """
        facts = {(p.pupil_id, fact): value for p in pupils for fact, value in _of_pupil(p).items()}
        self._see(facts, at, known_at)

    def flag_days(self) -> dict[str, tuple[FlagDays, ...]]:
        """Return by pupil which flags held when, of pupils whose flags changed.

        A day counts with the flags that were first seen on it or after it, as it was judged then; a day on which
        they were seen to change has those before and those after. The first that were seen hold for all days before.
        """
        return {pupil_id: tuple(_stretches(rows)) for pupil_id, rows in self._changed(FLAGS_NOW)}

    def past_dates(self) -> dict[str, tuple[tuple[str, date], ...]]:
        """Return by pupil the dates of part-time timetables that had come while they were recorded and are taken away now.

        Dates that took the place of others before the timetable was over correct them; those others do not count.
        """
        return {pupil_id: tuple(_dates_over(rows)) for pupil_id, rows in self._changed(PART_TIME)}

    def _changed(self, fact: str) -> list[tuple[str, list[sqlite3.Row]]]:
        """Return the rows of a fact by pupil, of those whose fact changed."""
        rows = self._connection.execute(
            "SELECT pupil_id, value, first_seen, last_seen FROM facts WHERE fact = ? ORDER BY pupil_id, id",
            (fact,),
        )
        by_pupil = ((pupil_id, list(of)) for pupil_id, of in groupby(rows, key=lambda row: row["pupil_id"]))
        return [(pupil_id, of) for pupil_id, of in by_pupil if len(of) > 1]

    def see_school(self, facts: Mapping[str, str], at: datetime) -> None:
        """Keep facts of the school as they were seen at a time."""
        self._see({(SCHOOL, fact): value for fact, value in facts.items()}, at)

    def see_calendar(
        self,
        known: Sequence[Period],
        answer: Sequence[Period],
        after: MergedCalendar,
        marked: set[Session],
        *,
        at: datetime,
        known_at: datetime,
    ) -> None:
        """Keep the rows of the calendar, and the days with marks that are, or are not, school days any more.

        ``marked`` are the sessions for which anybody has a mark, ``known_at`` is when the known calendar was read.
        """
        before, now, sent = _rows_of(known), _rows_of(after.periods), _rows_of(answer)
        changed = {name: now.get(name, "") for name in before if before[name] != now.get(name)}
        self.see_school({name: value for name, value in now.items() if name in sent} | changed, at)
        last = max(marked, default=None)
        gone = set(after.gone) & marked
        added = {session for session in after.added if last is not None and session <= last}
        days = sorted({session.date for session in gone | added})
        old, new = (_open_halves(periods, days) for periods in (known, after.periods))
        for day in days:
            fact = f"{SCHOOL_DAY}{day}"
            if (SCHOOL, fact) not in self._current({SCHOOL}):
                self._add(SCHOOL, fact, old[day], known_at)
            self.see_school({fact: new[day]}, at)

    def _see(
        self, facts: Mapping[tuple[str, str], str], at: datetime, known_at: datetime | None = None
    ) -> None:
        current = self._current({pupil_id for pupil_id, _ in facts})
        seen = []
        for (pupil_id, fact), value in facts.items():
            row, held = current.get((pupil_id, fact), (None, ""))
            # of flags it must be known since when there were none; any other fact begins when it is first recorded
            if held != value or (row is None and fact == FLAGS_NOW):
                self._add(pupil_id, fact, value, at)
                if row is not None and known_at is not None:
                    seen.append((utc_text(known_at), row))
            elif row is not None:
                seen.append((utc_text(at), row))
        self._connection.executemany("UPDATE facts SET last_seen = max(last_seen, ?) WHERE id = ?", seen)

    def _add(self, pupil_id: str, fact: str, value: str, at: datetime) -> None:
        self._connection.execute(
            "INSERT INTO facts (pupil_id, fact, value, first_seen, last_seen) VALUES (?1, ?2, ?3, ?4, ?4)",
            (pupil_id, fact, value, utc_text(at)),
        )

    def _current(self, pupil_ids: set[str]) -> dict[tuple[str, str], tuple[int, str]]:
        rows = self._connection.execute(
            "SELECT pupil_id, fact, max(id) AS id, value FROM facts"
            " WHERE pupil_id IN (SELECT value FROM json_each(?)) GROUP BY pupil_id, fact",
            (json.dumps(sorted(pupil_ids)),),
        )
        return {(row["pupil_id"], row["fact"]): (row["id"], row["value"]) for row in rows}

    def _changes(self, since: str, after: int, pupil_id: str | None) -> list[FactChange]:
        rows = self._connection.execute(
            "SELECT fact, before, value, first_seen FROM (SELECT id, fact, value, first_seen,"
            " lag(value) OVER (PARTITION BY pupil_id, fact ORDER BY id) AS before FROM facts"
            " WHERE pupil_id IN (?, ?))"
            " WHERE before IS NOT NULL AND first_seen > ? AND id > ? ORDER BY id",
            (SCHOOL, pupil_id or SCHOOL, since, after),
        )
        return [
            FactChange(row["fact"], row["before"], row["value"], datetime.fromisoformat(row["first_seen"]))
            for row in rows
        ]


def _of_pupil(pupil: Pupil) -> dict[str, str]:
    """Return the facts of a pupil by which marks are counted and letters are addressed."""
    part_time = pupil.part_time_from or pupil.part_time_to
    spells = [f"{s.start or ''}/{s.end or ''} {s.kind}" for s in pupil.spells]
    return {
        "date_of_birth": _day(pupil.date_of_birth),
        "entry_date": _day(pupil.on_roll_from),
        "leaving_date": _day(pupil.on_roll_to),
        "spells": "; ".join(spells) if len(spells) > 1 else "",
        FLAGS_NOW: " ".join(sorted(pupil.flags)),
        PART_TIME: f"{_day(pupil.part_time_from)}/{_day(pupil.part_time_to)}" if part_time else "",
        "upn": pupil.upn,
        "legal_name": f"{pupil.legal_forename} {pupil.legal_surname}".strip(),
    }


def _stretches(rows: Sequence[sqlite3.Row]) -> Iterator[FlagDays]:
    """Yield the days of each row: from the day after the one before was last seen, or from the day of its first sight."""
    before: date | None = None
    for number, row in enumerate(rows, 1):
        first, last = _school_day(row["first_seen"]), _school_day(row["last_seen"])
        start = None if before is None else min(first, before + timedelta(days=1))
        yield FlagDays(frozenset(row["value"].split()), start, None if number == len(rows) else last)
        before = last


def _dates_over(rows: Sequence[sqlite3.Row]) -> Iterator[tuple[str, date]]:
    for row, following in pairwise(rows):
        known_until = _school_day(row["last_seen"])
        days = [date.fromisoformat(text) if text else None for text in (row["value"] or "/").split("/")]
        over = days[1] is not None and days[1] <= known_until
        for name, day in zip(("part_time_from", "part_time_to"), days, strict=True):
            if day is not None and day <= known_until and (over or not following["value"]):
                yield name, day


def _school_day(text: str) -> date:
    return datetime.fromisoformat(text).astimezone(SCHOOL_TIME).date()


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _rows_of(periods: Iterable[Period]) -> dict[str, str]:
    """Return the days of the calendar's rows by kind, school year and name, rows of one name together."""
    rows: dict[str, list[str]] = {}
    for period in sorted(periods, key=lambda p: (p.start, p.end, p.half or "")):
        year = school_year(period.start)
        name = f"{PERIOD}{period.kind} {year}/{(year + 1) % 100:02d} {period.name}"
        rows.setdefault(name, []).append(
            f"{period.start}/{period.end}{f' {period.half}' if period.half else ''}"
        )
    return {name: "; ".join(days) for name, days in rows.items()}


def _open_halves(periods: Sequence[Period], days: Sequence[date]) -> dict[date, str]:
    """Return "AM PM", "AM", "PM" or nothing for each day."""
    if not days:
        return {}
    sessions = set(Calendar(tuple(periods)).sessions)
    return {day: " ".join(half for half in HALVES if Session(day, half) in sessions) for day in days}
