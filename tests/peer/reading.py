"""Reads a register folder into plain lists and dictionaries."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.peer.codes import is_missing
from tests.peer.records import Records, read_records
from tests.peer.rows import optional_date, rows_of

HALVES = ("AM", "PM")


@dataclass(frozen=True)
class Period:
    """A year, term or half term, both ends included."""

    name: str
    start: date
    end: date

    def holds(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass
class Calendar:
    years: list[Period]
    terms: list[Period]
    half_terms: list[Period]
    sessions: list[tuple[date, str]]
    days: list[date]
    assessments: list[Period] = field(default_factory=list)

    def whole_terms(self) -> list[Period]:
        """Return the terms whose half terms reach their end."""
        return [term for term in self.terms if self.unused_weekdays(term) == 0]

    def whole_years(self) -> list[Period]:
        """Return the years whose last half term ends on or after 15 June, or on the year's last day."""
        found = []
        for year in self.years:
            june = date(year.start.year + 1 if year.start.month >= 8 else year.start.year, 6, 15)
            ends = [half_term.end for half_term in self.half_terms if year.holds(half_term.start)]
            if ends and (max(ends) >= june or self.unused_weekdays(year) == 0):
                found.append(year)
        return found

    def unused_weekdays(self, period: Period) -> int:
        """How many weekdays of a period come after its last half term (all of them when it has none)."""
        ends = [half_term.end for half_term in self.half_terms if period.holds(half_term.start)]
        day = max(ends) + timedelta(days=1) if ends else period.start
        count = 0
        while day <= period.end:
            count += day.weekday() < 5
            day += timedelta(days=1)
        return count

    def next_school_day(self, day: date) -> date | None:
        """Return the first school day on or after a day."""
        for school_day in self.days:
            if school_day >= day:
                return school_day
        return None

    def days_of(self, period: Period) -> list[date]:
        return [day for day in self.days if period.holds(day)]

    def weeks(self) -> list[list[date]]:
        """Return the school days of each school week, Monday to Sunday, in order."""
        weeks: list[list[date]] = []
        for day in self.days:
            if weeks and monday(weeks[-1][0]) == monday(day):
                weeks[-1].append(day)
            else:
                weeks.append([day])
        return weeks


@dataclass
class Pupil:
    pupil_id: str
    born: date | None = None
    group: str = ""
    spells: list[tuple[date | None, date | None]] = field(default_factory=lambda: [(None, None)])
    social_worker: bool = False
    child_protection: bool = False
    part_time: list[date] = field(default_factory=list)

    def on_roll(self, day: date) -> bool:
        return self.spell_of(day) is not None

    def spell_of(self, day: date) -> int | None:
        """Return the number of the spell that holds a day; one that begins the day after another ends goes on with its number."""
        number = 0
        for place, (start, end) in enumerate(self.spells):
            before = self.spells[place - 1][1] if place else None
            if before and start and start - before > timedelta(days=1):
                number += 1
            if (start is None or start <= day) and (end is None or day <= end):
                return number
        return None


@dataclass(frozen=True)
class NoticeToImprove:
    pupil_id: str
    issued: date
    weeks: int
    allowed: int


@dataclass
class Folder:
    nation: str
    calendar: Calendar
    pupils: list[Pupil]
    marks: dict[tuple[str, date, str], str]
    records: Records

    def last_day_with_a_code(self) -> date:
        """Return the last day on which any mark that is not ignored has a code."""
        sessions = set(self.calendar.sessions)
        pupils = {pupil.pupil_id: pupil for pupil in self.pupils}
        days = []
        for (pupil_id, day, half), code in self.marks.items():
            if not is_missing(code) and (day, half) in sessions and pupils[pupil_id].on_roll(day):
                days.append(day)
        if not days:
            raise ValueError("no mark with a code: give the day to evaluate")
        return max(days)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def read_folder(directory: Path) -> Folder:
    """Read every file of a register folder that the policies need."""
    settings: dict[str, Any] = {}
    if (directory / "settings.toml").exists():
        settings = tomllib.loads((directory / "settings.toml").read_text(encoding="utf-8"))
    marks = read_marks(directory)
    return Folder(
        nation=settings.get("nation", "england"),
        calendar=read_calendar(directory),
        pupils=read_pupils(directory, marks),
        marks=marks,
        records=read_records(directory, settings),
    )


def read_calendar(directory: Path) -> Calendar:
    rows = rows_of(directory / "calendar.csv")
    periods: dict[str, list[Period]] = {"year": [], "term": [], "half_term": []}
    closed: list[tuple[Period, dict[str, str]]] = []
    opened: list[tuple[Period, dict[str, str]]] = []
    assessments: list[Period] = []
    for row in rows:
        period = Period(row.get("name", ""), date.fromisoformat(row["start"]), date.fromisoformat(row["end"]))
        if row["kind"] in periods:
            periods[row["kind"]].append(period)
        elif row["kind"] == "open":
            opened.append((period, row))
        elif row["kind"] == "assessment":
            assessments.append(period)
        else:
            closed.append((period, row))
    for kind in periods.values():
        kind.sort(key=lambda period: period.start)
    sessions = []
    days = []
    day = min(period.start for period in [*periods["half_term"], *(period for period, _ in opened)])
    last = max(period.end for period in [*periods["half_term"], *(period for period, _ in opened)])
    while day <= last:
        in_term = day.weekday() < 5 and any(period.holds(day) for period in periods["half_term"])
        open_halves = [
            half for half in HALVES if named(opened, day, half) or (in_term and not named(closed, day, half))
        ]
        sessions += [(day, half) for half in open_halves]
        if open_halves:
            days.append(day)
        day += timedelta(days=1)
    years = all_years(periods["year"], periods["term"], periods["half_term"])
    return Calendar(years, periods["term"], periods["half_term"], sessions, days, assessments)


def all_years(rows: list[Period], terms: list[Period], half_terms: list[Period]) -> list[Period]:
    """Return the year rows, and a year for each school year without one.

    Such a year begins with its first term after 31 July, or its first half term that lies in no term, counted from
    that one's first weekday, since a weekend at the edge of a row decides nothing.
    """
    firsts: dict[int, date] = {}
    for period in terms + [half for half in half_terms if not any(term.holds(half.start) for term in terms)]:
        first = period.start
        while first.weekday() >= 5:
            first += timedelta(days=1)
        if not any(row.holds(first) for row in rows):
            begin = first if any(row.holds(period.start) for row in rows) else period.start
            year = begin.year if begin.month >= 8 else begin.year - 1
            firsts[year] = min(firsts.get(year, begin), begin)
    begins = sorted([*firsts.values(), *(row.start for row in rows)])
    years = list(rows)
    for year, start in firsts.items():
        later = [begin for begin in begins if begin > start]
        end = min([date(year + 1, 8, 31), *(begin - timedelta(days=1) for begin in later)])
        years.append(Period(str(year), start, end))
    return sorted(years, key=lambda year: year.start)


def named(rows: list[tuple[Period, dict[str, str]]], day: date, half: str) -> bool:
    """Return whether a row is about this half of this day."""
    return any(
        period.holds(day)
        and row.get("half", "") in ("", half)
        and (row["kind"] != "weekly" or row["weekday"] == day.strftime("%A"))
        for period, row in rows
    )


def read_pupils(directory: Path, marks: dict[tuple[str, date, str], str]) -> list[Pupil]:
    path = directory / "pupils.csv"
    if not path.exists():
        return [Pupil(pupil_id) for pupil_id in sorted({key[0] for key in marks})]
    pupils = []
    for row in rows_of(path):
        part_time = [row.get("part_time_from", ""), row.get("part_time_to", "")]
        pupils.append(
            Pupil(
                pupil_id=row["pupil_id"],
                born=optional_date(row.get("date_of_birth", "")),
                group=row.get("registration_group", ""),
                spells=read_spells(path.parent, row),
                social_worker=row.get("social_worker", "") == "1",
                child_protection=row.get("child_protection", "") == "1",
                part_time=[date.fromisoformat(text) for text in part_time if text],
            )
        )
    return sorted(pupils, key=lambda pupil: pupil.pupil_id)


def read_spells(directory: Path, pupil: dict[str, str]) -> list[tuple[date | None, date | None]]:
    """Return the spells of enrolments.csv in order of time; without rows of the pupil, the one of pupils.csv."""
    path = directory / "enrolments.csv"
    rows = rows_of(path) if path.exists() else []
    spells = [
        (optional_date(row["from"]), optional_date(row["to"]))
        for row in rows
        if row["pupil_id"] == pupil["pupil_id"]
    ]
    if not spells:
        return [(optional_date(pupil.get("on_roll_from", "")), optional_date(pupil.get("on_roll_to", "")))]
    return sorted(spells, key=lambda spell: spell[0] or date.min)


def read_marks(directory: Path) -> dict[tuple[str, date, str], str]:
    marks: dict[tuple[str, date, str], str] = {}
    for row in rows_of(directory / "marks.csv"):
        key = (row["pupil_id"], date.fromisoformat(row["date"]), row["session"])
        if key in marks:
            raise ValueError(f"marks.csv: two rows for one session on {key[1]} {key[2]}")
        if key[2] not in HALVES:
            raise ValueError(f"marks.csv: session must be AM or PM, not {key[2]!r}")
        marks[key] = row["code"]
    return marks
