"""Made-up school calendars: years, terms, half terms, breaks, INSET days and closures, awkward on purpose."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from random import Random

Row = dict[str, str]

# Earliest and latest start and end of each half term, as (month, day, spread in days).
HALF_TERMS = [
    ("Autumn 1", (9, 1, 5), (10, 17, 9)),
    ("Autumn 2", (10, 30, 6), (12, 16, 6)),
    ("Spring 1", (1, 2, 6), (2, 8, 8)),
    ("Spring 2", (2, 19, 7), (3, 24, 10)),
    ("Summer 1", (4, 9, 12), (5, 20, 7)),
    ("Summer 2", (5, 31, 6), (7, 14, 10)),
]


def make_calendar(random: Random, nation: str, size: str) -> list[Row]:
    """Return the rows of calendar.csv for one to three academic years running."""
    count = random.choice([1, 2, 2] if size == "small" else [2, 2, 3])
    if nation == "england" and random.random() < 0.5 and count > 1:
        first = random.choice([2022, 2023]) if count == 3 else 2023
    else:
        first = random.randint(2022, 2026 - count)
    whole_years = random.random() < 0.4
    rows: list[Row] = []
    for year in range(first, first + count):
        rows += academic_year(random, year, whole_years)
    if random.random() < 0.3:
        random.shuffle(rows)
    return rows


def row(kind: str, name: str, start: date, end: date, half: str = "", weekday: str = "") -> Row:
    dates = {"start": start.isoformat(), "end": end.isoformat()}
    return {"kind": kind, "name": name, **dates, "half": half, "weekday": weekday}


def academic_year(random: Random, year: int, whole: bool) -> list[Row]:
    halves = half_terms(random, year)
    first, last = halves[0][1], halves[-1][2]
    if whole:
        first = min(first, date(year, 8, 10))
        last = max(last, date(year + 1, 8, 9))
    rows = [row("year", f"{year}/{year + 1 - 2000}", first, last)]
    for number, name in enumerate(["Autumn", "Spring", "Summer"]):
        rows.append(row("term", f"{name} {year}", halves[2 * number][1], halves[2 * number + 1][2]))
    for name, start, end in halves:
        rows.append(row("half_term", name, start, end))
    if random.random() < 0.5:
        for (_, _, end), (name, start, _) in pairwise(halves):
            if start - end > timedelta(days=1):
                rows.append(
                    row("holiday", f"Before {name}", end + timedelta(days=1), start - timedelta(days=1))
                )
    return rows + closed_days(random, halves)


def half_terms(random: Random, year: int) -> list[tuple[str, date, date]]:
    """Six half terms; some begin the day after the one before, in mid-week; some reach over 19 August."""
    found: list[tuple[str, date, date]] = []
    for name, starts, ends in HALF_TERMS:
        start = around(random, year, starts)
        if found and not name.startswith("Autumn 1") and random.random() < 0.12:
            start = found[-1][2] + timedelta(days=1)
        found.append((name, start, around(random, year, ends)))
    if random.random() < 0.25:
        found[0] = (found[0][0], date(year, 8, 10) + timedelta(days=random.randint(0, 18)), found[0][2])
    if random.random() < 0.15:
        found[5] = (found[5][0], found[5][1], date(year + 1, 8, 5) + timedelta(days=random.randint(0, 4)))
    return found


def around(random: Random, year: int, when: tuple[int, int, int]) -> date:
    month, day, spread = when
    calendar_year = year if month >= 8 else year + 1
    return date(calendar_year, month, day) + timedelta(days=random.randint(0, spread))


def closed_days(random: Random, halves: list[tuple[str, date, date]]) -> list[Row]:
    rows: list[Row] = []
    for name, start, end in halves:
        length = (end - start).days
        for _ in range(random.choice([0, 1, 1, 2])):
            day = random.choice([start, end, start + timedelta(days=random.randint(0, length))])
            rows.append(row("inset", f"Training {name}", day, day))
        if random.random() < 0.3:
            day = random.choice([end, start, start + timedelta(days=random.randint(0, length))])
            rows.append(row("closure", "Half day", day, day, random.choice(["AM", "PM"])))
        if random.random() < 0.15:
            day = start + timedelta(days=random.randint(0, length))
            last = min(end, day + timedelta(days=random.choice([0, 1, 4, 8])))
            rows.append(row("closure", "Boiler", day, last, random.choice(["", "", "PM"])))
        if random.random() < 0.4:
            day = start + timedelta(days=random.randint(7, max(8, length - 7)))
            day -= timedelta(days=day.weekday())
            rows.append(row("holiday", "Bank holiday", day, day))
        if random.random() < 0.08:
            day = start + timedelta(days=random.randint(7, max(8, length - 7)))
            day -= timedelta(days=day.weekday())
            rows.append(row("closure", "Snow", day, day + timedelta(days=4)))
        if random.random() < 0.05:
            for half in ("AM", "PM"):
                rows.append(row("closure", "Both halves", start, start, half))
        if random.random() < 0.15:
            weekday = random.choice(["Wednesday", "Friday"])
            rows.append(row("weekly", "Early close", start, end, random.choice(["PM", "PM", ""]), weekday))
        if random.random() < 0.15:
            day = start + timedelta(days=random.randint(0, length))
            saturday = day + timedelta(days=(5 - day.weekday()) % 7)
            if saturday <= end:
                rows.append(row("open", "Made up", saturday, saturday, random.choice(["AM", ""])))
        if random.random() < 0.1:
            rows.append(row("open", "Open all the same", start, start))
            rows.append(row("assessment", "Tests", start, start + timedelta(days=3)))
    return rows
