"""A full set of marks whose code shares follow the published figures, with the patterns that real registers show.

Every code has a budget: its published share of all possible sessions. Budgets are spent on pupils by how prone
each is to the cause, as spells of illness, blocks of holiday, late mornings, class trips and so on. So the
shares come out right for the school as a whole, while single pupils differ as they do in life.
"""

from __future__ import annotations

import random
import tomllib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from connector.mock.school.pupils import Enrolled, Phase
from rules.school import Nation, Session

Kind = Literal["spell", "day", "session", "morning", "block"]

WELSH_FOR = {"C1": "C", "C2": "C", "J1": "J", "K": "B"}
"""The 2010 Welsh set has no such code; the nearest one takes its share."""


@cache
def published_shares(phase: Phase) -> dict[str, float]:
    """Sessions by code as a share of all possible sessions in England, 2025/26 to 10 July 2026."""
    table = tomllib.loads(files(__package__).joinpath("shares.toml").read_text(encoding="utf-8"))[phase]
    possible = table.pop("possible")
    return {code: count / possible for code, count in table.items()}


@dataclass(frozen=True, slots=True)
class Temper:
    """How prone one pupil is to each cause of a code; 1 is ordinary, 0 is never."""

    ill: float
    late: float
    truant: float
    holiday: float
    away: float
    """Everything else: appointments, leave."""


@dataclass
class Sheet:
    """Codes by pupil and session while they are being filled in: "" is free, "-" is off roll or not required."""

    pupils: Sequence[Enrolled]
    sessions: Sequence[Session]
    codes: NDArray[np.str_] = field(init=False)
    days: list[tuple[int, ...]] = field(init=False)
    """For each school day the indices of its sessions."""
    day_of: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.codes = np.zeros((len(self.pupils), len(self.sessions)), dtype="<U2")
        by_day: dict[date, list[int]] = {}
        for index, session in enumerate(self.sessions):
            by_day.setdefault(session.date, []).append(index)
        self.days = [tuple(indices) for indices in by_day.values()]
        self.day_of = [n for n, indices in enumerate(self.days) for _ in indices]

    def day_at(self, day: date) -> int:
        """Return the index of the first school day on or after a date; the number of days when there is none."""
        first = bisect_left(self.sessions, Session(day, "AM"))
        return self.day_of[first] if first < len(self.day_of) else len(self.days)

    def put(self, row: int, columns: Sequence[int], code: str) -> int:
        """Write the code where the pupil is free, and return how many sessions were written."""
        free = [column for column in columns if not self.codes[row, column]]
        for column in free:
            self.codes[row, column] = code
        return len(free)


def make_codes(
    pupils: Sequence[Enrolled],
    sessions: Sequence[Session],
    *,
    phase: Phase,
    nation: Nation,
    rng: random.Random,
) -> NDArray[np.str_]:
    """Given pupils and open sessions, return pupils × sessions of codes as they end up; "" is off roll."""
    sheet = Sheet(pupils, sessions)
    _not_required(sheet, rng)
    shares = published_shares(phase)
    possible = int((sheet.codes == "").sum())
    budget = {code: share * possible for code, share in shares.items() if code not in ("/", "\\")}
    tempers = [_temper(enrolled, rng) for enrolled in pupils]
    _class_trips(sheet, budget, rng)
    _hardly_ever_there(sheet, budget, rng)
    _long_illness(sheet, budget, rng)
    _feasts(sheet, budget, rng)
    _part_time(sheet, budget)
    _holidays(sheet, budget, tempers, rng)
    spend: tuple[tuple[str, str, Kind], ...] = (
        ("O", "truant", "spell"),
        ("E", "truant", "spell"),
        ("I", "ill", "spell"),
        ("S", "", "spell"),
        ("T", "", "block"),
        ("K", "", "block"),
        ("C1", "", "day"),
        ("C", "away", "day"),
        ("C2", "", "day"),
        ("B", "", "session"),
        ("W", "", "block"),
        ("P", "", "session"),
        ("V", "", "day"),
        ("R", "", "day"),
        ("M", "away", "session"),
        ("J1", "", "session"),
        ("G", "holiday", "day"),
        ("U", "late", "morning"),
        ("L", "late", "morning"),
        ("N", "truant", "session"),
    )
    for code, cause, kind in spend:
        weights = [_weight(code, cause, temper, e) for temper, e in zip(tempers, pupils, strict=True)]
        _spend(sheet, code, kind, budget.get(code, 0.0), weights, rng)
    morning = np.array([session.half == "AM" for session in sessions])
    present = np.where(morning, "/", "\\")
    sheet.codes = np.where(sheet.codes == "", np.broadcast_to(present, sheet.codes.shape), sheet.codes)
    sheet.codes[sheet.codes == "-"] = ""
    if nation == "wales":
        for code, welsh in WELSH_FOR.items():
            sheet.codes[sheet.codes == code] = welsh
        for row in range(0, len(pupils), 2):
            # holidays that the head agreed to are still H in Wales
            sheet.codes[row, sheet.codes[row] == "G"] = "H"
    return sheet.codes


def _temper(enrolled: Enrolled, rng: random.Random) -> Temper:
    """One in sixteen is never away; most are ordinary; a few account for much of all absence."""
    if rng.random() < 0.06:
        return Temper(0, rng.random() * 0.3, 0, 0, 0)
    hardship = 1.7 if enrolled.pupil.fsm else 1.0
    truant = rng.lognormvariate(-1.2, 1.3) * hardship
    if rng.random() < 0.03:
        truant += 12
    return Temper(
        ill=rng.lognormvariate(0, 0.8) * (1.3 if enrolled.pupil.sen_status == "E" else 1),
        late=rng.lognormvariate(-1, 1.2) * hardship + (10 if rng.random() < 0.03 else 0),
        truant=truant,
        holiday=rng.choice((0, 0, 0, 1)),
        away=rng.lognormvariate(0, 0.5),
    )


def _weight(code: str, cause: str, temper: Temper, enrolled: Enrolled) -> float:
    if code in ("S", "W", "J1"):
        oldest = enrolled.year in (6, 10, 11)
        return 1.0 if (enrolled.year == 11 if code == "S" else oldest) else 0.0
    if code == "E":
        return temper.truant * (enrolled.year >= 3) * (2 if enrolled.pupil.gender == "M" else 1)
    return float(getattr(temper, cause)) if cause else 1.0


def _not_required(sheet: Sheet, rng: random.Random) -> None:
    """Off-roll sessions, dual registration (D) and Reception children not yet of compulsory age (X)."""
    for row, enrolled in enumerate(sheet.pupils):
        pupil = enrolled.pupil
        off = [column for column, s in enumerate(sheet.sessions) if not pupil.on_roll(s.date)]
        sheet.codes[row, off] = "-"
        if enrolled.dual_registered:
            for column, session in enumerate(sheet.sessions):
                if session.date.weekday() in (1, 3):
                    sheet.put(row, [column], "D")
        if enrolled.year == 0 and rng.random() < 0.25 and not enrolled.joins_late:
            weeks = rng.choice((1, 2, 3, 12))
            until = (pupil.on_roll_from or sheet.sessions[0].date) + timedelta(days=7 * weeks)
            columns = [column for column, s in enumerate(sheet.sessions) if s.half == "PM" and s.date < until]
            sheet.put(row, columns, "X")


def _class_trips(sheet: Sheet, budget: dict[str, float], rng: random.Random) -> None:
    """Whole registration groups go out for a day until two thirds of the share of V are spent."""
    groups: dict[str, list[int]] = {}
    for row, enrolled in enumerate(sheet.pupils):
        groups.setdefault(enrolled.pupil.registration_group, []).append(row)
    names = sorted(groups)
    spent = 0
    for _ in range(2000):
        rows = groups[rng.choice(names)]
        if spent + 2 * len(rows) > budget["V"]:
            break
        columns = sheet.days[rng.randrange(len(sheet.days))]
        spent += sum(sheet.put(row, columns, "V") for row in rows)
    budget["V"] -= spent


def _long_illness(sheet: Sheet, budget: dict[str, float], rng: random.Random) -> None:
    """About one pupil in 150 is away ill for weeks; at least one where the stretch is long enough."""
    if len(sheet.days) < 20:
        return
    settled = [row for row, e in enumerate(sheet.pupils) if not (e.joins_late or e.leaves_early)]
    for row in rng.sample(settled, min(len(settled), max(1, len(sheet.pupils) // 150))):
        length = min(rng.randint(16, 38), len(sheet.days) - 5)
        if 2 * length > budget["I"] / 2:
            length = max(3, int(budget["I"] / 4))
        start = rng.randrange(len(sheet.days) - length)
        for day in range(start, start + length):
            budget["I"] -= sheet.put(row, sheet.days[day], "I")


def _hardly_ever_there(sheet: Sheet, budget: dict[str, float], rng: random.Random) -> None:
    """In a school of a hundred or more about one pupil in 250 misses more than half of all sessions."""
    count = len(sheet.pupils)
    settled = [row for row, e in enumerate(sheet.pupils) if not (e.joins_late or e.leaves_early)]
    for row in rng.sample(settled, max(1, count // 250)) if count >= 100 else ():
        away = 0.55 + 0.3 * rng.random()
        for columns in sheet.days:
            code = "I" if rng.random() < 0.5 else "O"
            if rng.random() < away and budget[code] > 2:
                budget[code] -= sheet.put(row, columns, code)


def _feasts(sheet: Sheet, budget: dict[str, float], rng: random.Random) -> None:
    """Families who keep a feast are away together on its day."""
    rows = [row for row, e in enumerate(sheet.pupils) if e.household.community.feasts]
    if not rows:
        return
    for _ in range(max(1, len(sheet.days) // 60)):
        columns = sheet.days[rng.randrange(len(sheet.days))]
        for row in rows:
            if budget["R"] >= len(columns) and rng.random() < 0.7:
                budget["R"] -= sheet.put(row, columns, "R")


def _part_time(sheet: Sheet, budget: dict[str, float]) -> None:
    """Afternoons off under a temporary part-time timetable (C2)."""
    for row, enrolled in enumerate(sheet.pupils):
        start, end = enrolled.pupil.part_time_from, enrolled.pupil.part_time_to
        if start is None or end is None:
            continue
        columns = [
            column
            for column, s in enumerate(sheet.sessions)
            if s.half == "PM" and start <= s.date <= end and s.date.weekday() != 0
        ]
        budget["C2"] -= sheet.put(row, columns[: max(6, int(budget["C2"]))], "C2")


def _holidays(sheet: Sheet, budget: dict[str, float], tempers: Sequence[Temper], rng: random.Random) -> None:
    """Families go away in term time with all their children, mostly for a school week or two."""
    families: dict[int, list[int]] = {}
    for row, enrolled in enumerate(sheet.pupils):
        if tempers[row].holiday:
            families.setdefault(enrolled.household.number, []).append(row)
    chosen = sorted(families)
    rng.shuffle(chosen)
    siblings: dict[int, list[int]] = {}
    for row, enrolled in enumerate(sheet.pupils):
        siblings.setdefault(enrolled.household.number, []).append(row)
    for family in chosen:
        length = rng.choice((3, 4, 5, 5, 5, 8, 10))
        rows = siblings[family]
        if 2 * length * len(rows) > budget["G"] or length >= len(sheet.days):
            continue
        start = rng.randrange(len(sheet.days) - length)
        for row in rows:
            for day in range(start, start + length):
                budget["G"] -= sheet.put(row, sheet.days[day], "G")


_LENGTHS: dict[Kind, tuple[int, ...]] = {
    "spell": (1, 1, 1, 2, 2, 3, 4, 5),
    "block": (5, 8, 10),
    "day": (1, 1, 2),
}


def _spend(
    sheet: Sheet, code: str, kind: Kind, budget: float, weights: Sequence[float], rng: random.Random
) -> None:
    """Give the code to pupils by their weight until its budget is spent; the last fraction falls by chance."""
    left = int(budget) + (rng.random() < budget % 1)
    rows = [row for row, weight in enumerate(weights) if weight > 0]
    if not rows:
        return
    cumulative = list(np.cumsum([weights[row] for row in rows]))
    mornings = [column for column, s in enumerate(sheet.sessions) if s.half == "AM"]
    for _ in range(20 * left + 200):
        if left <= 0:
            return
        row = rows[bisect_left(cumulative, rng.random() * cumulative[-1])]
        columns: Sequence[int]
        if kind == "morning":
            columns = (rng.choice(mornings),)
        elif kind == "session" or left == 1:
            columns = (rng.randrange(len(sheet.sessions)),)
        else:
            start = rng.randrange(len(sheet.days))
            end = min(len(sheet.days), start + rng.choice(_LENGTHS[kind]))
            columns = [column for day in range(start, end) for column in sheet.days[day]]
        left -= sheet.put(row, columns[:left], code)
