"""Absences as rows: one a day, or one for consecutive days under one code."""

from __future__ import annotations

from datetime import date

from letters.absences import by_day, spells
from rules.events import CountedMark
from tests.letters.letter_school import CALENDAR

MONDAY, TUESDAY, FRIDAY = date(2025, 11, 3), date(2025, 11, 4), date(2025, 11, 7)


def marks(*days: tuple[date, str]) -> list[CountedMark]:
    return [CountedMark(day, half, code) for day, code in days for half in ("AM", "PM")]


def test_consecutive_days_under_one_code_are_one_spell_over_the_weekend() -> None:
    rows = spells(marks((FRIDAY, "I"), (date(2025, 11, 10), "I"), (date(2025, 11, 12), "I")), CALENDAR)
    assert [(spell.start, spell.end, spell.sessions) for spell in rows] == [
        (FRIDAY, date(2025, 11, 10), 4),
        (date(2025, 11, 12), date(2025, 11, 12), 2),
    ]


def test_part_days_and_other_codes_have_rows_of_their_own() -> None:
    rows = spells(
        [*marks((MONDAY, "I")), CountedMark(TUESDAY, "AM", "I"), CountedMark(TUESDAY, "PM", "M")], CALENDAR
    )
    assert [(spell.code, spell.halves, spell.whole) for spell in rows] == [
        ("I", ("AM", "PM"), True), ("I", ("AM",), False), ("M", ("PM",), False),
    ]  # fmt: skip
    assert len(by_day(marks((MONDAY, "I"), (TUESDAY, "I")), CALENDAR)) == 2
