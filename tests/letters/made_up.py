"""A made-up primary school of 420 pupils with plausible marks, for tests of certificates and reports."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from rules.calendar import Calendar, Period
from rules.register import Register, build_register
from rules.school import Address, Amendment, Contact, Mark, Pupil, Session

_STARTS = (
    "Ash", "Barn", "Crom", "Dun", "Elling", "Fair", "Gram", "Hart", "Ingle", "Kens", "Lang",
    "Marl", "Nor", "Oak", "Pem", "Quar", "Rad", "Shel", "Thorn", "Wal", "Yar",
)  # fmt: skip
_ENDS = (
    "bridge", "brook", "by", "combe", "cote", "croft", "dale", "den", "don", "field",
    "ford", "ham", "hurst", "ley", "mere", "ridge", "stead", "thorpe", "well", "wick",
)  # fmt: skip
_FORENAMES = (
    "Aisha", "Ben", "Chloe", "Daniel", "Efua", "Finn", "Grace", "Hamza", "Isla", "Jakub",
    "Kayla", "Leo", "Maya", "Noah", "Olivia", "Priya", "Quinn", "Rhys", "Sofia", "Tomos",
)  # fmt: skip
_YEARS = ("R", "1", "2", "3", "4", "5", "6")
_ETHNICITIES = (
    "White British",
    "White British",
    "White British",
    "Pakistani",
    "Black African",
    "Mixed",
    "Polish",
)

FIRST_DAY = date(2025, 9, 3)
LAST_DAY = date(2026, 7, 21)


@dataclass(frozen=True)
class MadeUpDetails:
    """The school as it signs."""

    name: str = "Elmgate Primary School"
    head_name: str = "Mrs Eleanor Whitcombe"


SCHOOL = MadeUpDetails()


def calendar(*years: int) -> Calendar:
    """190 school days in each academic year; 2025 stands for 2025/26. The dates of other years are moved by weeks."""
    periods: list[Period] = []
    for year in years or (2025,):
        moved = timedelta(weeks=52 * (year - 2025))
        for kind, name, start, end in _periods(year):
            periods.append(Period(kind, name, start + moved, end + moved))  # type: ignore[arg-type]
    return Calendar(tuple(periods))


def _periods(year: int) -> Iterator[tuple[str, str, date, date]]:
    yield "year", f"{year}/{(year + 1) % 100}", date(2025, 9, 1), date(2026, 8, 30)
    yield "term", "Autumn term", date(2025, 9, 3), date(2025, 12, 19)
    yield "term", "Spring term", date(2026, 1, 5), date(2026, 3, 27)
    yield "term", "Summer term", date(2026, 4, 13), date(2026, 7, 21)
    yield "half_term", "Autumn 1", date(2025, 9, 3), date(2025, 10, 24)
    yield "half_term", "Autumn 2", date(2025, 11, 3), date(2025, 12, 19)
    yield "half_term", "Spring 1", date(2026, 1, 5), date(2026, 2, 13)
    yield "half_term", "Spring 2", date(2026, 2, 23), date(2026, 3, 27)
    yield "half_term", "Summer 1", date(2026, 4, 13), date(2026, 5, 22)
    yield "half_term", "Summer 2", date(2026, 6, 1), date(2026, 7, 21)
    yield "holiday", "Autumn half-term holiday", date(2025, 10, 27), date(2025, 10, 31)
    yield "holiday", "Christmas holiday", date(2025, 12, 22), date(2026, 1, 2)
    yield "holiday", "Spring half-term holiday", date(2026, 2, 16), date(2026, 2, 20)
    yield "holiday", "Easter holiday", date(2026, 3, 30), date(2026, 4, 10)
    yield "holiday", "Early May bank holiday", date(2026, 5, 4), date(2026, 5, 4)
    yield "holiday", "Summer half-term holiday", date(2026, 5, 25), date(2026, 5, 29)
    yield "inset", "INSET day", date(2025, 9, 3), date(2025, 9, 3)
    yield "inset", "INSET day", date(2025, 11, 3), date(2025, 11, 3)
    yield "inset", "INSET day", date(2026, 1, 5), date(2026, 1, 5)
    yield "inset", "INSET day", date(2026, 6, 1), date(2026, 6, 1)


def pupils(number: int = 420) -> list[Pupil]:
    """Pupils in 14 classes, each with a surname of its own."""
    dice = random.Random(11)
    found = []
    for index in range(number):
        year = _YEARS[index * len(_YEARS) // number]
        surname = _STARTS[index % 21] + _ENDS[(index // 21) % 20]
        age = _YEARS.index(year) + 4
        found.append(
            Pupil(
                pupil_id=str(1000 + index),
                upn=f"Z{900000000000 + index}",
                legal_forename=_FORENAMES[dice.randrange(20)],
                legal_surname=surname,
                date_of_birth=date(2025 - age - 1, 9, 1) + timedelta(days=dice.randrange(365)),
                gender=dice.choice("FM"),
                year_group=year,
                registration_group=f"{year}{'AB'[index % 2]}",
                on_roll_from=date(2026, 1, 12) if index == 17 else date(2021, 9, 1),
                on_roll_to=date(2026, 2, 27) if index == 23 else None,
                fsm=dice.random() < 0.24,
                pupil_premium=dice.random() < 0.27,
                eal=dice.random() < 0.2,
                looked_after=index in (40, 41, 200),
                social_worker=dice.random() < 0.04,
                young_carer=dice.random() < 0.02,
                sen_status=dice.choices(("", "K", "E"), (82, 14, 4))[0] or "N",
                ethnicity=dice.choice(_ETHNICITIES),
                contacts=(_parent(index, surname),),
            )
        )
    return found


def _parent(index: int, surname: str) -> Contact:
    address = Address((f"{index % 90 + 1} Mill Lane",), "Elmgate", "", "EG1 2AB")
    return Contact(
        f"C{index}", "Ms", "Alex", surname, priority=1, parental_responsibility=True, address=address
    )


def marks(pupil: Pupil, sessions: tuple[Session, ...], until: date, seed: int = 5) -> Iterator[Mark]:
    """Return marks of one pupil up to a day: illness in runs, holidays, lateness and unexplained absence by temperament."""
    dice = random.Random(f"{seed}/{pupil.pupil_id}")
    care = dice.betavariate(1.2, 22) + (0.02 if pupil.fsm else 0)
    late = dice.betavariate(1, 40)
    code, left = "", 0
    for session in sessions:
        if session.date > until or not pupil.on_roll(session.date):
            continue
        monday_friday = 1.35 if session.date.weekday() in (0, 4) else 0.85
        winter = 1.3 if session.date.month in (11, 12, 1) else 0.9
        if left == 0 and session.half == "AM" and dice.random() < care * 0.55 * monday_friday * winter:
            code, left = dice.choices(
                (("I", 2), ("I", 6), ("M", 1), ("O", 2), ("G", 10), ("N", 2), ("C", 2), ("E", 4)),
                (40, 18, 9, 12, 5, 8, 5, 0.4),
            )[0]
        if left:
            left -= 1
            yield Mark(pupil.pupil_id, session.date, session.half, code)
        elif dice.random() < late and session.half == "AM":
            minutes = dice.randrange(2, 45)
            yield Mark(pupil.pupil_id, session.date, "AM", "U" if minutes > 30 else "L", minutes_late=minutes)
        elif dice.random() < 0.004:
            yield Mark(pupil.pupil_id, session.date, session.half, dice.choice("VPB"))
        elif dice.random() < 0.0008:
            yield Mark(pupil.pupil_id, session.date, session.half, "-")
        else:
            yield Mark(pupil.pupil_id, session.date, session.half, "/" if session.half == "AM" else "\\")


AMENDMENTS = (
    Amendment(
        "1000", date(2025, 9, 15), "AM", "N", "I", datetime(2025, 9, 17, 9, 41, tzinfo=UTC),
        "Parent rang: chicken pox", "Jo Marsh", "Attendance officer",
    ),
    Amendment("1000", date(2025, 10, 2), "PM", "", "M", datetime(2025, 10, 3, 8, 5, tzinfo=UTC)),
    Amendment("1001", date(2025, 9, 15), "AM", "N", "O", datetime(2025, 9, 22, 9, 0, tzinfo=UTC)),
)  # fmt: skip


@cache
def register(*, number: int = 420, until: date = LAST_DAY, years: tuple[int, ...] = (2025,)) -> Register:
    """Return the school's register up to a day."""
    people = pupils(number)
    dates = calendar(*years)
    made = [mark for pupil in people for mark in marks(pupil, dates.sessions, until)]
    known = {pupil.pupil_id for pupil in people}
    changed = [a for a in AMENDMENTS if a.pupil_id in known and a.date <= until]
    return build_register(
        pupils=people,
        calendar=dates,
        marks=[*made, *(Mark(a.pupil_id, a.date, a.half, a.amended) for a in changed)],
        amendments=changed,
    )
