"""What the office does to marks after they were taken: N gets its reason, late registers arrive, slips are corrected."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from connector.mock.school.names import STAFF
from connector.mock.school.pupils import Enrolled
from rules.school import Mark, Session

LONDON = ZoneInfo("Europe/London")
REGISTER_TAKEN = {"AM": time(9, 5), "PM": time(13, 10)}
OFFICE = STAFF[2:4]
_REASONS = {
    "I": "Parent telephoned: ill",
    "O": "No reason given, five school days have passed",
    "M": "Appointment card seen",
    "G": "Holiday confirmed by parent, leave not granted",
    "C": "Leave had been agreed",
    "U": "Signed in at the office after registers closed",
    "L": "Signed in at the office",
    "/": "Was in school: register slip",
    "\\": "Was in school: register slip",
}


@dataclass(frozen=True, slots=True)
class MarkChange:
    """One change of one mark after it was first taken (or first should have been)."""

    mark: Mark
    """As it stands after the change; an empty code takes the mark away."""
    original: str
    """The code before; empty where the register had not been taken."""
    changed_at: datetime
    by: str = ""
    role: str = ""
    reason: str = ""


@dataclass
class Book:
    """The register as first taken, in order of time, and what was changed afterwards, in order of time."""

    marks: list[Mark]
    changes: list[MarkChange]


def keep_book(
    codes: NDArray[np.str_],
    pupils: Sequence[Enrolled],
    sessions: Sequence[Session],
    school_days: Sequence[date],
    rng: random.Random,
) -> Book:
    """Given the codes as they end up, return what was recorded on the day and how it came to that.

    ``school_days`` may run beyond the sessions: reasons come in up to a week after the last mark.
    """
    missing, late_registers = _untaken(codes, pupils, sessions, rng)
    place = {day: number for number, day in enumerate(school_days)}
    marks: list[Mark] = []
    changes: list[MarkChange] = []
    for column, session in enumerate(sessions):
        taken_at = datetime.combine(session.date, REGISTER_TAKEN[session.half], LONDON)
        for row, enrolled in enumerate(pupils):
            final = str(codes[row, column])
            if not final or (row, column) in missing:
                continue
            pupil_id = enrolled.pupil.pupil_id
            mark = _mark(pupil_id, session, final, taken_at, rng)
            if (row, column) in late_registers:
                at = _office_time(school_days, place[session.date] + 1, rng)
                changes.append(MarkChange(_at(mark, at), "", at, *OFFICE[1], reason="Paper register entered"))
                continue
            first = _first_entry(final, rng)
            if first is None:
                marks.append(mark)
                continue
            marks.append(Mark(pupil_id, session.date, session.half, first, recorded_at=taken_at))
            at = _office_time(school_days, place[session.date] + _delay(first, final, rng), rng)
            changes.append(MarkChange(_at(mark, at), first, at, *rng.choice(OFFICE), reason=_REASONS[final]))
    changes.sort(key=lambda change: change.changed_at)
    return Book(marks, changes)


def _untaken(
    codes: NDArray[np.str_], pupils: Sequence[Enrolled], sessions: Sequence[Session], rng: random.Random
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Return marks never made, and marks of registers that were entered only the next day."""
    missing: set[tuple[int, int]] = set()
    late: set[tuple[int, int]] = set()
    for _ in range(round(codes.size * 0.0003)):
        missing.add((rng.randrange(len(pupils)), rng.randrange(len(sessions))))
    groups: dict[str, list[int]] = {}
    for row, enrolled in enumerate(pupils):
        groups.setdefault(enrolled.pupil.registration_group, []).append(row)
    for group in sorted(groups):
        for column in range(len(sessions)):
            chance = rng.random()
            if chance < 0.0015:
                cells = {(row, column) for row in groups[group]}
                if chance < 0.0003:
                    missing |= cells
                else:
                    late |= cells
    return missing, late


def _first_entry(final: str, rng: random.Random) -> str | None:
    """Return the code in the register before it was corrected; None when it was right at once."""
    chance = rng.random()
    if final in ("I", "O", "M", "G", "C"):
        if chance < {"O": 0.5, "I": 0.2, "G": 0.3}.get(final, 0.1):
            return "N"
        return "O" if final == "I" and chance > 0.985 else None
    if final in ("U", "L") and chance < 0.1:
        return "N"
    if final in ("/", "\\") and chance < 0.0004:
        return "N"
    return None


def _delay(first: str, final: str, rng: random.Random) -> int:
    """School days until the correction: an N without a reason becomes O after five, other reasons come sooner."""
    if first == "N" and final == "O":
        return rng.choice((5, 5, 5, 6))
    if final in ("L", "U", "/", "\\"):
        return 0
    return rng.choice((0, 1, 1, 2, 3, 4)) if first == "N" else rng.randint(3, 12)


def _office_time(school_days: Sequence[date], place: int, rng: random.Random) -> datetime:
    day = school_days[place] if place < len(school_days) else school_days[-1] + timedelta(days=1)
    return datetime.combine(day, time(15, rng.randrange(60)), LONDON)


def _mark(pupil_id: str, session: Session, code: str, taken_at: datetime, rng: random.Random) -> Mark:
    minutes = None
    comment = ""
    if code == "L":
        minutes = rng.choice((2, 3, 5, 5, 8, 10, 15, 20, 25))
    elif code == "U":
        minutes = rng.randint(35, 95)
    elif code == "B":
        comment = "Taster day at another school"
    elif code == "I" and rng.random() < 0.15:
        comment = rng.choice(("Sickness bug", "High temperature", "Chest infection, GP seen"))
    return Mark(pupil_id, session.date, session.half, code, minutes, comment, taken_at)


def _at(mark: Mark, at: datetime) -> Mark:
    return Mark(mark.pupil_id, mark.date, mark.half, mark.code, mark.minutes_late, mark.comment, at)
