"""A school's second year in one story: forty pupils, a run every other school day, and what goes wrong between two Septembers.

The MIS is in memory, the store and the ledger are real. Each part of the story leaves a snapshot to look at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from connector.config.loaded_school import LoadedSchool
from connector.run.summary import RunSummary
from connector.store import Store
from connector.store.ledger import LedgerRow
from rules.calendar import Calendar, Period
from rules.school import Amendment, Mark, Session, Spell
from tests.connector.memory_mis import MemoryMis, made_up_pupil
from tests.connector.runs import ledger, options, run

OLD_YEAR = (
    Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
    Period("term", "Summer", date(2026, 6, 15), date(2026, 7, 21)),
    Period("half_term", "Summer 2", date(2026, 6, 15), date(2026, 7, 21)),
)
NEW_YEAR = (
    Period("year", "2026/27", date(2026, 9, 1), date(2027, 8, 31)),
    Period("term", "Autumn", date(2026, 9, 2), date(2026, 12, 18)),
    Period("half_term", "Autumn 1", date(2026, 9, 2), date(2026, 10, 23)),
    Period("half_term", "Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
)
DAYS = Calendar(OLD_YEAR + NEW_YEAR).school_days
SUMMER_END, AUTUMN_START = date(2026, 7, 21), date(2026, 9, 2)
PUPILS = range(1, 41)
LEAVERS = tuple(str(number) for number in range(21, 31))
"""Ten who leave on LEFT and come back on BACK."""
RE_DATED = tuple(str(number) for number in range(31, 36))
"""Five whose entry date is corrected."""
CORRECTED = "5"
"""The one pupil whose marks are corrected, so that one event is rightly withdrawn."""
LEFT, BACK = date(2026, 9, 25), date(2026, 10, 12)
TRUE_ENTRY = date(2026, 9, 21)
BAD_DAY = date(2026, 11, 10)
OTHER_DAY, END = date(2026, 11, 13), date(2026, 11, 20)
FIRST_RUN_DAYS = 10
MANY = 400


@dataclass(frozen=True)
class Snapshot:
    """The school after one part of the story."""

    rows: Mapping[str, LedgerRow]
    """By key."""
    notes: Counter[str]
    """How many notes each key has in the MIS."""
    documents: Counter[tuple[str, str, str]]
    """How often each (pupil, rule, name of a document) is in the MIS, under whatever key."""
    summaries: tuple[RunSummary, ...]
    """Of this part's runs."""


@dataclass
class Story:
    """The school, told part by part."""

    state: Path
    mis: MemoryMis = field(default_factory=lambda: MemoryMis(OLD_YEAR))
    after: dict[str, Snapshot] = field(default_factory=dict)
    """What was there after each part."""

    def live(self, part: str, start: date, end: date, settings: LoadedSchool | None = None) -> None:
        """Run on every second school day between two days and on the last, and keep a snapshot under the part's name."""
        days = [day for day in DAYS if start <= day <= end]
        days = [*days[:-1:2], days[-1]]
        summaries = tuple(run(self.mis, self.state, day, settings or own_policy()) for day in days)
        rows = {row.key: row for row in ledger(self.state)}
        self.after[part] = Snapshot(
            rows,
            Counter(note.key for _, note in self.mis.notes),
            Counter(
                (doc.pupil_id or "", rows[doc.key].rule if doc.pupil_id else doc.key, doc.file_name)
                for _, doc in self.mis.documents
            ),
            summaries,
        )

    def change(self, pupils: tuple[str, ...], *spells: Spell) -> None:
        """Give some pupils these spells on roll."""
        for pupil_id in pupils:
            self.mis.pupils[pupil_id] = self.mis.pupils[pupil_id].with_spells(*spells)

    def amendments(self) -> tuple[Amendment, ...]:
        with Store.open(self.state, "hill") as store:
            return store.register(nation="england").amendments


def own_policy() -> LoadedSchool:
    """Return the school under its own policy, with the guard of first runs; a guard by number alone would hide the rest."""
    return options(
        "hcat",
        first_run_school_days=FIRST_RUN_DAYS,
        hold_above_events=MANY,
        rules_on=["three-days-missed"],
    )


def other_policy() -> LoadedSchool:
    return options("england-2024", first_run_school_days=FIRST_RUN_DAYS, hold_above_events=MANY)


def code_of(number: int, day: date) -> str:
    """Return what is marked for a pupil on a day: always the same."""
    place = DAYS.index(day)
    if number <= 6:
        return "O" if (place + number) % 4 == 0 else "/"
    if number <= 10:
        return "I" if (place + 3 * number) % 8 == 0 else "/"
    if number <= 14:
        return "L" if (place + number) % 6 == 0 else "/"
    if str(number) in (*LEAVERS, *RE_DATED) and day >= AUTUMN_START:
        return "I" if (day - AUTUMN_START).days in (1, 2, 5 + number % 3) else "/"
    return "I" if (7 * place + number) % 60 == 0 else "/"


def enter_marks(mis: MemoryMis) -> None:
    """Enter the marks of both years; pulls read those up to their day."""
    for number in PUPILS:
        for day in DAYS:
            mis.day(str(number), day, code_of(number, day))


def take_away(mis: MemoryMis, pupils: tuple[str, ...], start: date, end: date) -> None:
    """Take the marks of time off roll away."""
    for pupil_id in pupils:
        for day in DAYS:
            if start < day < end:
                for half in ("AM", "PM"):
                    del mis.marks[pupil_id, Session(day, half)]


def everybody_present(marks: Mapping[tuple[str, Session], Mark]) -> dict[tuple[str, Session], Mark]:
    """Return the marks as a bad answer of the MIS gives them: every one is present."""
    return {key: replace(mark, code="/" if key[1].half == "AM" else "\\") for key, mark in marks.items()}


def tell(state: Path) -> Story:
    """Live through the two years."""
    story = Story(state)
    mis = story.mis
    mis.pupils = {str(number): made_up_pupil(number) for number in PUPILS}
    story.change(tuple(mis.pupils), Spell(date(2024, 9, 3)))
    story.change(RE_DATED, Spell(AUTUMN_START))
    enter_marks(mis)
    take_away(mis, RE_DATED, date.min, AUTUMN_START)
    take_away(mis, LEAVERS, LEFT, BACK)
    last = [day for day in DAYS if day <= SUMMER_END]
    story.live("summer", DAYS[0], last[-2])
    for day in last[:-1]:  # the officer finds that this pupil was at school
        mis.day(CORRECTED, day, "/")
    story.live("correction", last[-1], last[-1])
    mis.periods = NEW_YEAR
    story.live("new calendar", AUTUMN_START, LEFT)
    story.change(LEAVERS, Spell(date(2024, 9, 3), LEFT))
    story.live("leaving", LEFT, date(2026, 10, 9))
    story.change(LEAVERS[:5], Spell(date(2024, 9, 3), LEFT), Spell(BACK))
    story.change(LEAVERS[5:], Spell(BACK))  # as a MIS says it that holds one entry date
    story.live("returning", BACK, date(2026, 10, 16))
    story.change(RE_DATED, Spell(TRUE_ENTRY))
    story.live("entry dates", date(2026, 10, 19), date(2026, 11, 9))
    _bad_pull(story)
    story.live("other policy", OTHER_DAY, OTHER_DAY, other_policy())
    story.live("policy back", date(2026, 11, 16), END)
    return story


def _bad_pull(story: Story) -> None:
    good = story.mis.marks
    story.mis.marks = everybody_present(good)
    story.live("bad pull", BAD_DAY, BAD_DAY)
    story.mis.marks = good
    story.live("good again", date(2026, 11, 11), date(2026, 11, 12))
