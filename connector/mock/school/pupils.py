"""The pupils of a made-up school: families with siblings, year and registration groups, flags, joiners and leavers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from connector.mock.school.families import SPECIAL, Household, Registry, Situation, make_household
from connector.mock.school.names import AWKWARD, AWKWARD_FAMILY, COMMUNITIES
from rules.school import Nation, Pupil, Spell

Phase = Literal["primary", "secondary"]

CHECK_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
LOCAL_AUTHORITY = "999"
"""No authority has this number, so no made-up UPN is anyone's."""
ESTABLISHMENT = {"primary": "2417", "secondary": "4163"}
YEARS: dict[Phase, tuple[int, ...]] = {"primary": (0, 1, 2, 3, 4, 5, 6), "secondary": (7, 8, 9, 10, 11)}


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A made-up pupil with what the mark maker needs to know besides the school facts."""

    pupil: Pupil
    household: Household
    year: int
    """0 is Reception."""
    dual_registered: bool = False
    joins_late: bool = False
    leaves_early: bool = False


def upn_check_letter(digits: str) -> str:
    """Given the twelve digits of a UPN, return its check letter (weights 2 to 13, modulo 23, no I, O or S)."""
    return CHECK_LETTERS[
        sum(int(digit) * weight for weight, digit in enumerate(digits, start=2)) % len(CHECK_LETTERS)
    ]


def year_group_name(year: int) -> str:
    """Return a year group as the MIS writes it."""
    return "Reception" if year == 0 else f"Year {year}"


def make_pupils(
    number: int,
    *,
    phase: Phase,
    nation: Nation,
    days: Sequence[date],
    year_start: date,
    rng: random.Random,
) -> tuple[Enrolled, ...]:
    """Given how many pupils are wanted and the school days of the stretch, return them with their families.

    ``days`` are the school days of this year on which marks are made: joiners join and leavers leave within them.
    """
    seats = _seats(number, phase)
    rng.shuffle(seats)
    registry = Registry(rng, nation)
    weights = [c.weight_wales if nation == "wales" else c.weight for c in COMMUNITIES]
    found: list[Enrolled] = []
    families = 0
    while seats:
        children = _take_siblings(seats, rng)
        community = rng.choices(COMMUNITIES, weights)[0]
        situation = _situation(families, rng)
        surname = AWKWARD_FAMILY if families == 4 else rng.choice(community.surnames)
        household = make_household(
            families, community, surname, situation, registry=registry, rng=rng, nation=nation
        )
        families += 1
        found += _children(
            children, household, first_day=days[0], year_start=year_start, phase=phase, rng=rng
        )
    found = _awkward(found, rng)
    found = _movers(found, days, rng)
    return _numbered(_circumstances(found, days, rng), phase, year_start, number)


def registration_groups(number: int, phase: Phase) -> dict[int, tuple[str, ...]]:
    """Given the size of the school, return the registration groups that each year's pupils are spread over."""
    years = YEARS[phase]
    per_year = number / len(years)
    if per_year < 16:
        classes = max(1, -(-number // 30))
        return {
            year: (f"Class {position * classes // len(years) + 1}",) for position, year in enumerate(years)
        }
    forms = max(1, round(per_year / 30))
    return {
        year: tuple(f"{'R' if year == 0 else year}{'ABCDEFGHJKLM'[n]}" for n in range(forms))
        for year in years
    }


def _seats(number: int, phase: Phase) -> list[int]:
    years = YEARS[phase]
    return [years[n % len(years)] for n in range(number)]


def _take_siblings(seats: list[int], rng: random.Random) -> list[int]:
    """Take one family's children off the seats: mostly one, sometimes up to four, now and then twins."""
    wanted = rng.choices((1, 2, 3, 4), (64, 28, 7, 1))[0]
    children = [seats.pop()]
    twins = rng.random() < 0.03
    for position in range(len(seats) - 1, -1, -1):
        if len(children) >= wanted:
            break
        if (seats[position] not in children) or twins:
            twins = twins and seats[position] not in children
            children.append(seats.pop(position))
    return children


def _situation(family: int, rng: random.Random) -> Situation:
    if family % 120 < 2 * len(SPECIAL) and family % 2:
        return SPECIAL[family % 120 // 2]
    return rng.choices(("together", "one parent", "separated", "grandparent"), (62, 22, 14, 2))[0]


def _children(
    years: Sequence[int],
    household: Household,
    *,
    first_day: date,
    year_start: date,
    phase: Phase,
    rng: random.Random,
) -> list[Enrolled]:
    community = household.community
    found = []
    taken: set[str] = set()
    for year in years:
        girl = rng.random() < 0.49
        forename = rng.choice(
            [n for n in (community.girls if girl else community.boys) if n not in taken] or ["Sam"]
        )
        taken.add(forename)
        born = date(year_start.year - 5 - year, 9, 1) + timedelta(days=rng.randrange(365))
        first_year = YEARS[phase][0]
        entry = date(year_start.year - (year - first_year), 9, 3)
        found.append(
            Enrolled(
                Pupil(
                    pupil_id="",
                    legal_forename=forename,
                    legal_surname=household.surname,
                    date_of_birth=born,
                    gender="F" if girl else "M",
                    year_group=year_group_name(year),
                    on_roll_from=first_day if year == first_year else entry,
                    fsm=household.hard_up,
                    pupil_premium=household.hard_up or rng.random() < 0.04,
                    eal=community.tag != "en" and not (community.tag == "cy" and rng.random() < 0.7),
                    looked_after=household.situation == "foster care",
                    social_worker=household.situation == "foster care",
                    sen_status=rng.choices(("N", "K", "E"), (80, 15, 5))[0],
                    ethnicity=community.ethnicity,
                    first_language=community.language,
                    contacts=household.contacts,
                ),
                household,
                year,
            )
        )
    return found


def _awkward(found: list[Enrolled], rng: random.Random) -> list[Enrolled]:
    """Give some pupils a name that breaks careless programs: one in fifty, at least two."""
    wanted = min(len(AWKWARD), max(2, len(found) // 50))
    chosen = rng.sample(range(len(found)), min(wanted, len(found)))
    for place, name in zip(chosen, AWKWARD, strict=False):
        pupil = replace(
            found[place].pupil,
            legal_forename=name.forename,
            legal_surname=name.surname,
            preferred_forename=name.preferred_forename,
            preferred_surname=name.preferred_surname,
        )
        found[place] = replace(found[place], pupil=pupil)
    return [_preferred(enrolled, rng) for enrolled in found]


_SHORT = {"Joshua": "Josh", "Thomas": "Tom", "Oliver": "Ollie", "Matilda": "Tilly", "Olivia": "Liv"}


def _preferred(enrolled: Enrolled, rng: random.Random) -> Enrolled:
    pupil = enrolled.pupil
    if pupil.legal_forename in _SHORT and rng.random() < 0.5:
        return replace(enrolled, pupil=replace(pupil, preferred_forename=_SHORT[pupil.legal_forename]))
    return enrolled


def _movers(found: list[Enrolled], days: Sequence[date], rng: random.Random) -> list[Enrolled]:
    """Let one pupil in fifty join and one in sixty leave in mid-term, at least one of each in ten days or more."""
    if len(days) < 10:
        return found
    joiners, leavers = max(1, len(found) // 50), max(1, len(found) // 60)
    places = rng.sample(range(len(found)), min(joiners + leavers, len(found)))
    inner = days[3:-3]
    for place in places[:joiners]:
        pupil = found[place].pupil
        pupil = pupil.with_spells(Spell(rng.choice(inner), pupil.on_roll_to))
        found[place] = replace(found[place], pupil=pupil, joins_late=True)
    for place in places[joiners:]:
        pupil = found[place].pupil.left_by(rng.choice(inner))
        found[place] = replace(found[place], pupil=pupil, leaves_early=True)
    return found


def let_return(
    enrolled: tuple[Enrolled, ...], number: int, days: Sequence[date], rng: random.Random
) -> tuple[Enrolled, ...]:
    """Given the school days with marks, let so many settled pupils leave in the first half and come back in the second.

    Raises ValueError where the stretch or the school is too small for it.
    """
    if not number:
        return enrolled
    settled = [place for place, e in enumerate(enrolled) if not (e.joins_late or e.leaves_early)]
    quarter = len(days) // 4
    if number > len(settled) or quarter < 1:
        raise ValueError("the made-up school is too small for so many pupils who leave and come back")
    changed = list(enrolled)
    for place in rng.sample(settled, number):
        pupil = changed[place].pupil
        left, back = rng.choice(days[quarter : 2 * quarter]), rng.choice(days[-quarter:])
        returned = pupil.with_spells(Spell(pupil.on_roll_from, left), Spell(back, pupil.on_roll_to))
        changed[place] = replace(changed[place], pupil=returned)
    return tuple(changed)


def _circumstances(found: list[Enrolled], days: Sequence[date], rng: random.Random) -> list[Enrolled]:
    """Social worker, child protection, young carer, part-time timetable and dual registration, at least one of each."""

    def pick(one_in: int) -> list[int]:
        settled = [n for n, e in enumerate(found) if not (e.joins_late or e.leaves_early)]
        return rng.sample(settled, min(len(settled), max(1, len(found) // one_in)))

    for place in pick(35):
        found[place] = replace(found[place], pupil=replace(found[place].pupil, social_worker=True))
    for place in pick(180):
        pupil = replace(found[place].pupil, child_protection=True, social_worker=True)
        found[place] = replace(found[place], pupil=pupil)
    for place in pick(90):
        found[place] = replace(found[place], pupil=replace(found[place].pupil, young_carer=True))
    for place in pick(250):
        found[place] = replace(found[place], dual_registered=True)
    if len(days) >= 15:
        for place in pick(140):
            start = rng.randrange(len(days) // 3)
            end = min(len(days) - 1, start + rng.randint(20, 40))
            pupil = replace(found[place].pupil, part_time_from=days[start], part_time_to=days[end])
            found[place] = replace(found[place], pupil=pupil)
    return found


def _numbered(found: list[Enrolled], phase: Phase, year_start: date, number: int) -> tuple[Enrolled, ...]:
    """Give ids, admission numbers, UPNs and registration groups in the order a school would: by year, then name."""
    groups = registration_groups(number, phase)
    ordered = sorted(
        found, key=lambda e: (e.joins_late, e.year, e.pupil.legal_surname, e.pupil.legal_forename)
    )
    seen: dict[int, int] = {}
    numbered = []
    for position, enrolled in enumerate(ordered):
        place = seen[enrolled.year] = seen.get(enrolled.year, -1) + 1
        forms = groups[enrolled.year]
        entry_year = (year_start.year - max(enrolled.year, 0)) % 100
        digits = f"{LOCAL_AUTHORITY}{ESTABLISHMENT[phase]}{entry_year:02d}{place + 1:03d}"
        numbered.append(
            replace(
                enrolled,
                pupil=replace(
                    enrolled.pupil,
                    pupil_id=str(1001 + position),
                    upn=upn_check_letter(digits) + digits,
                    admission_number=f"{3001 + position:06d}",
                    registration_group=forms[place % len(forms)],
                ),
            )
        )
    return tuple(numbered)
