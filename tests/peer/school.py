"""One made-up school for hand-worked cases: its calendar and the marks of a pupil who is mostly present."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from tests.peer.reading import read_calendar

# 2024/25 with 40, 35, 30, 30, 24 and 35 school days; 2025/26 with its first half term only (40 days).
CALENDAR = """kind,name,start,end,half
year,2024/25,2024-09-02,2025-07-18,
term,Autumn,2024-09-02,2024-12-20,
half_term,Autumn 1,2024-09-02,2024-10-25,
half_term,Autumn 2,2024-11-04,2024-12-20,
term,Spring,2025-01-06,2025-04-04,
half_term,Spring 1,2025-01-06,2025-02-14,
half_term,Spring 2,2025-02-24,2025-04-04,
term,Summer,2025-04-22,2025-07-18,
half_term,Summer 1,2025-04-22,2025-05-23,
half_term,Summer 2,2025-06-02,2025-07-18,
year,2025/26,2025-09-01,2025-10-24,
term,Autumn next,2025-09-01,2025-10-24,
half_term,Autumn 1 next,2025-09-01,2025-10-24,
"""

Spell = tuple[str, int, str]
Ask = Callable[..., dict[str, Any]]

# Two days missed by day 15: 26/30. Day 20 is the first not under 90 (36/40), so day 39 is the 20th calm day.
TWO_DAYS: Spell = ("2024-09-19", 2, "I")


def spread(directory: Path, spells: list[Spell], last: date) -> list[str]:
    """Rows of marks: present to the last day but for spells of (first day, school days, codes "am pm" or one)."""
    days = read_calendar(directory).days
    codes = {day: ("/", "\\") for day in days if day <= last}
    for start, length, code in spells:
        at = days.index(date.fromisoformat(start))
        for day in [day for day in days[at : at + length] if day <= last]:
            am, pm = code.split() if " " in code else (code, code)
            codes[day] = (am, pm)
    rows = []
    for day, (am, pm) in codes.items():
        rows += [f"{day},AM,{am}", f"{day},PM,{pm}"]
    return rows


def dates(answer: dict[str, Any], rule: str) -> list[str]:
    return [event["date"] for event in answer["events"] if event["rule"] == rule]
