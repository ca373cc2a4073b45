"""Marks that put a pupil exactly on an edge: the limits of school age, the summer break, equal percentages."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tests.peer.age import first_day_of_age, last_day_of_age
from tests.peer.reading import Calendar, Period

Marks = dict[tuple[date, str], str]


def days_of(marks: Marks) -> list[date]:
    return sorted({day for day, _ in marks})


def fill(random: Random, marks: Marks, days: list[date], codes: list[str]) -> None:
    for key in marks:
        if key[0] in days:
            marks[key] = random.choice(codes)


def edge_of_age(random: Random, marks: Marks, born: date) -> None:
    """Unauthorised absence up to and over the first or last day of compulsory school age."""
    days = days_of(marks)
    codes = random.choice([["O"], ["G"], ["O", "N", "G", "U"]])
    for edge in (first_day_of_age(born), last_day_of_age(born)):
        before = [day for day in days if day < edge]
        after = [day for day in days if day >= edge]
        if before and after:
            fill(random, marks, before[len(before) - random.choice([1, 4, 5, 9, 10]) :], codes)
            fill(random, marks, after[: random.choice([0, 1, 1, 5, 9, 10, 11])], codes)


def decline_before_leaving_age(random: Random, marks: Marks, born: date) -> None:
    """Present up to some weeks before the last day of age, then often absent: reviews come after that day."""
    last = last_day_of_age(born)
    start = last - timedelta(days=random.randint(35, 100))
    for day, half in marks:
        if last - timedelta(days=300) < day < start:
            marks[(day, half)] = "/"
        elif start <= day <= last + timedelta(days=28):
            marks[(day, half)] = random.choice(["/", "O", "I"])


def over_the_summer(random: Random, marks: Marks, calendar: Calendar) -> None:
    """Mark a run of one code from the end of a year into the next."""
    code = random.choice(["I", "I", "I", "N", "O", "G"])
    days = days_of(marks)
    for year in calendar.years[1:]:
        before = [day for day in days if day < year.start]
        after = [day for day in days if day >= year.start]
        if before and after:
            fill(random, marks, before[len(before) - random.choice([1, 3, 8, 12, 15]) :], [code])
            fill(random, marks, after[: random.choice([1, 4, 8, 12, 15])], [code])


def exclusion(random: Random, marks: Marks) -> None:
    """Exclude a pupil for some school days running, five to seven or a few weeks."""
    days = days_of(marks)
    if days:
        at = random.randrange(len(days))
        fill(random, marks, days[at : at + random.choice([5, 6, 7, 15])], ["E"])


def equal_half_terms(random: Random, marks: Marks, calendar: Calendar) -> None:
    """Year-to-date figures at half terms' ends that are equal, or apart by exactly one percentage point."""
    for year in calendar.years:
        half_terms = [period for period in calendar.half_terms if year.holds(period.start)]
        sums: list[tuple[int, int]] = []
        for half_term in half_terms:
            keys = sorted(key for key in marks if half_term.holds(key[0]))
            possible = (sums[-1][0] if sums else 0) + len(keys)
            before = sums[-1][1] if sums else 0
            missed = exact_absence(random, sums, possible, before, len(keys))
            absent = random.sample(keys, missed - before)
            for key in keys:
                marks[key] = random.choice(["I", "O"]) if key in absent else "/"
            sums.append((possible, missed))


def exact_absence(
    random: Random, sums: list[tuple[int, int]], possible: int, before: int, sessions: int
) -> int:
    """How many sessions to have missed by now: equal to an earlier share or one point under it if it can be."""
    choices = []
    for missed in range(before, before + sessions + 1):
        for earlier_possible, earlier_missed in sums:
            apart = 100 * (earlier_missed * possible - missed * earlier_possible)
            if possible and apart in (0, earlier_possible * possible):
                choices.append(missed)
    if choices and random.random() < 0.7:
        return random.choice(choices)
    return before + min(sessions, random.choice([4, 5, 6, 7, 8, 9, 10]))


def put_on_edges(random: Random, marks: Marks, calendar: Calendar, born: date | None) -> None:
    """Now and then change a pupil's marks so that they lie on an edge."""
    if born is not None and random.random() < 0.6:
        days = days_of(marks)
        period = Period("", days[0], days[-1]) if days else None
        if period and period.holds(last_day_of_age(born)) and random.random() < 0.5:
            decline_before_leaving_age(random, marks, born)
        else:
            edge_of_age(random, marks, born)
    if random.random() < 0.1:
        over_the_summer(random, marks, calendar)
    if random.random() < 0.1:
        equal_half_terms(random, marks, calendar)
    if random.random() < 0.15:
        exclusion(random, marks)
