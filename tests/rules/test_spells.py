"""A pupil's spells on roll: any number, in order, and what follows from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from connector.store.coding import from_text, to_text
from rules.calendar import Calendar, Period
from rules.register import RegisterError, build_register
from rules.school import Pupil, Spell

AUTUMN = Spell(date(2025, 9, 2), date(2025, 10, 10))
SPRING = Spell(date(2026, 1, 5))


def test_first_start_and_last_end_follow_from_the_spells_whatever_their_order() -> None:
    pupil = Pupil("1", spells=(SPRING, AUTUMN))
    assert pupil.spells == (AUTUMN, SPRING)
    assert (pupil.on_roll_from, pupil.on_roll_to) == (date(2025, 9, 2), None)


def test_dates_alone_make_one_spell() -> None:
    pupil = Pupil("1", on_roll_from=date(2025, 9, 2), on_roll_to=date(2025, 10, 10))
    assert pupil.spells == (AUTUMN,)
    assert pupil == Pupil("1", spells=(AUTUMN,))
    assert Pupil("1").spells == (Spell(None, None),)


@pytest.mark.parametrize(
    ("day", "on_roll"),
    [
        (date(2025, 9, 1), False),
        (date(2025, 9, 2), True),
        (date(2025, 10, 10), True),
        (date(2025, 10, 11), False),
        (date(2026, 1, 4), False),
        (date(2026, 1, 5), True),
        (date(2030, 1, 1), True),
    ],
)
def test_both_ends_of_each_spell_count(day: date, on_roll: bool) -> None:
    assert Pupil("1", spells=(AUTUMN, SPRING)).on_roll(day) is on_roll


def test_spells_replace_the_ones_held() -> None:
    pupil = replace(Pupil("1", on_roll_from=date(2025, 9, 2), on_roll_to=date(2025, 10, 10)), upn="A1")
    moved = pupil.with_spells(SPRING)
    assert (moved.spells, moved.on_roll_from, moved.on_roll_to) == ((SPRING,), date(2026, 1, 5), None)


@pytest.mark.parametrize(
    ("day", "spells"),
    [
        (date(2026, 2, 1), (AUTUMN, Spell(date(2026, 1, 5), date(2026, 2, 1)))),
        (date(2025, 12, 1), (AUTUMN,)),
        (date(2025, 9, 30), (Spell(date(2025, 9, 2), date(2025, 9, 30)),)),
    ],
)
def test_a_pupil_who_left_by_a_day_has_no_day_after_it(day: date, spells: tuple[Spell, ...]) -> None:
    assert Pupil("1", spells=(AUTUMN, SPRING)).left_by(day).spells == spells


def test_spells_come_back_from_the_store_and_older_text_has_one() -> None:
    pupil = Pupil("1", spells=(AUTUMN, SPRING))
    assert from_text(Pupil, to_text(pupil)) == pupil
    older = '{"pupil_id":"1","on_roll_from":"2025-09-02","on_roll_to":"2025-10-10","contacts":[]}'
    assert from_text(Pupil, older) == Pupil("1", spells=(AUTUMN,))


@pytest.mark.parametrize("start", [date(2025, 10, 10), None])
def test_spells_that_overlap_are_refused(start: date | None) -> None:
    calendar = Calendar((Period("half_term", "Autumn 1", date(2025, 9, 1), date(2025, 10, 24)),))
    pupil = Pupil("17", spells=(AUTUMN, Spell(start)))
    with pytest.raises(RegisterError, match=r"pupil 17 is on roll .* two spells must not overlap"):
        build_register(pupils=[pupil], calendar=calendar, marks=[])
    next_day = pupil.with_spells(AUTUMN, Spell(date(2025, 10, 11)))
    assert build_register(pupils=[next_day], calendar=calendar, marks=[]).on_roll.all(axis=1).tolist() == [
        False
    ]
