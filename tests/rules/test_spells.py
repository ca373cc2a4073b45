"""A pupil's spells on roll: any number, in order, and what follows from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from connector.store.coding import from_text, to_text
from rules.calendar import Calendar, Period
from rules.evaluate import evaluate
from rules.events import Evaluation
from rules.policy import load_policy
from rules.register import RegisterError, build_register
from rules.school import Mark, Pupil, Spell

AUTUMN = Spell(date(2025, 9, 2), date(2025, 10, 10))
SPRING = Spell(date(2026, 1, 5))


def test_first_start_and_last_end_follow_from_the_spells_regardless_of_their_order() -> None:
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


@pytest.mark.parametrize(
    ("since", "first"),
    [
        (date(2025, 9, 1), date(2025, 9, 2)),
        (date(2025, 10, 10), date(2025, 10, 10)),
        (date(2025, 10, 11), date(2026, 1, 5)),
        (date(2026, 2, 1), date(2026, 2, 1)),
    ],
)
def test_the_first_day_on_roll_since_a_day_is_in_the_spell_that_reaches_it(since: date, first: date) -> None:
    assert Pupil("1", spells=(AUTUMN, SPRING)).first_day_on_roll(since) == first
    assert Pupil("1", spells=(AUTUMN,)).first_day_on_roll(date(2025, 10, 11)) is None


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


CALENDAR = Calendar(
    (
        Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
        Period("term", "Autumn", date(2025, 9, 2), date(2025, 12, 19)),
        Period("half_term", "Autumn 1", date(2025, 9, 2), date(2025, 10, 24)),
        Period("half_term", "Autumn 2", date(2025, 11, 3), date(2025, 12, 19)),
        Period("term", "Spring", date(2026, 1, 5), date(2026, 3, 27)),
        Period("half_term", "Spring 1", date(2026, 1, 5), date(2026, 2, 13)),
        Period("half_term", "Spring 2", date(2026, 2, 23), date(2026, 3, 27)),
    )
)
Stretch = tuple[date, date, str]


def judged(
    pack: str, spells: tuple[Spell, ...], until: date, *absences: Stretch, present: str = "/"
) -> Evaluation:
    """Judge a pupil who is present while on roll, but for stretches of (first day, last day, code)."""
    pupil = Pupil("1", date_of_birth=date(2016, 1, 15), registration_group="4A", spells=spells)
    marks = []
    for day, half in CALENDAR.sessions:
        if day <= until and pupil.on_roll(day):
            code = next((code for first, last, code in absences if first <= day <= last), present)
            marks.append(Mark("1", day, half, code))
    register = build_register(pupils=[pupil], calendar=CALENDAR, marks=marks)
    return evaluate(register, load_policy(pack), until)


def days_of(evaluation: Evaluation, rule: str) -> list[date]:
    return [event.date for event in evaluation.events if event.rule == rule]


def test_the_sessions_of_two_spells_are_the_pupil_s_and_none_between_is_missing() -> None:
    spells = (AUTUMN, Spell(date(2025, 11, 10)))
    absent = (date(2025, 11, 12), date(2025, 11, 12), "O")
    figures = judged("england-2024", spells, date(2025, 11, 28), absent).pupils[0].figures
    assert (figures.possible, figures.missing, figures.unauthorised) == (88, 0, 2)


def test_a_session_without_a_mark_is_missing_inside_a_spell_only() -> None:
    spells = (AUTUMN, Spell(date(2025, 11, 10)))
    figures = judged("england-2024", spells, date(2025, 11, 28), present="").pupils[0].figures
    assert (figures.possible, figures.missing) == (0, 88)


TEN_DAYS = ((date(2025, 10, 6), date(2025, 10, 10), "O"), (date(2026, 1, 5), date(2026, 1, 9), "O"))


def test_five_days_and_five_days_with_weeks_off_roll_between_are_no_ten_days_running() -> None:
    evaluation = judged("england-2024", (AUTUMN, SPRING), date(2026, 1, 9), *TEN_DAYS)
    assert days_of(evaluation, "ten-day-return") == []
    longer = (TEN_DAYS[0], (date(2026, 1, 5), date(2026, 1, 16), "O"))
    assert days_of(
        judged("england-2024", (AUTUMN, SPRING), date(2026, 1, 16), *longer), "ten-day-return"
    ) == [date(2026, 1, 16)]


@pytest.mark.parametrize(
    ("left", "back", "expected"),
    [
        (date(2025, 10, 10), date(2025, 10, 11), [date(2025, 10, 14)]),  # no day between: on roll throughout
        (date(2025, 10, 8), date(2025, 10, 10), []),
        (date(2025, 10, 10), date(2025, 10, 13), []),  # a weekend off roll is time off roll
    ],
)
def test_any_time_off_roll_ends_a_run(left: date, back: date, expected: list[date]) -> None:
    away = (date(2025, 10, 1), date(2025, 10, 17), "O")
    evaluation = judged(
        "england-2024", (Spell(date(2025, 9, 2), left), Spell(back)), date(2025, 10, 17), away
    )
    assert days_of(evaluation, "ten-day-return") == expected


def test_a_run_crosses_a_holiday_on_roll_but_not_one_off_roll() -> None:
    away = (date(2025, 10, 20), date(2025, 11, 7), "O")
    on_roll = judged("england-2024", (Spell(),), date(2025, 11, 7), away)
    assert days_of(on_roll, "ten-day-return") == [date(2025, 11, 7)]
    spells = (Spell(None, date(2025, 10, 24)), Spell(date(2025, 11, 3)))
    assert days_of(judged("england-2024", spells, date(2025, 11, 7), away), "ten-day-return") == []


def test_a_pupil_who_comes_back_without_a_reason_is_a_new_run_and_a_new_block() -> None:
    spells = (Spell(None, date(2025, 9, 12)), Spell(date(2025, 9, 22)))
    unexplained = (date(2025, 9, 11), date(2025, 9, 23), "N")
    asked = judged("aycliffe-drive", spells, date(2025, 9, 30), unexplained)
    assert days_of(asked, "no-contact") == [date(2025, 9, 11), date(2025, 9, 22)]
    holiday = (date(2025, 9, 11), date(2025, 9, 23), "G")
    warned = judged("thringstone", spells, date(2025, 9, 30), holiday)
    assert days_of(warned, "holiday-warning") == [date(2025, 9, 11), date(2025, 9, 22)]


def test_nothing_happens_between_two_spells() -> None:
    """An N of 6 October is due on the 13th, and the half term ends on the 24th: off roll on both days."""
    unexplained = (date(2025, 10, 6), date(2025, 10, 6), "N")
    between = judged("thringstone", (AUTUMN, SPRING), date(2025, 12, 19), unexplained)
    assert days_of(between, "code-overdue") == []
    assert all(AUTUMN.start <= event.date <= AUTUMN.end for event in between.events)  # type: ignore[operator]
    stayed = judged("thringstone", (Spell(),), date(2025, 12, 19), unexplained)
    assert days_of(stayed, "code-overdue") == [date(2025, 10, 13)]
    assert days_of(judged("hcat", (AUTUMN, SPRING), date(2025, 12, 19)), "colour-letter") == []


def test_the_year_to_date_after_coming_back_counts_both_spells() -> None:
    """46 of 58 sessions in autumn, then 10 of 10 in January."""
    ill = (date(2025, 9, 2), date(2025, 9, 9), "I")
    evaluation = judged("england-2024", (AUTUMN, SPRING), date(2026, 1, 9), ill)
    figures = evaluation.pupils[0].figures
    assert (figures.attended, figures.possible) == (56, 68)


def test_recovery_starts_again_after_time_off_roll() -> None:
    """Fifteen days of recovery before leaving and fifteen after coming back are no twenty running."""
    first_fall = (date(2025, 9, 2), date(2025, 9, 3), "I")  # 26 of 30 on 22 September
    second_fall = (date(2025, 11, 24), date(2025, 12, 5), "I")
    assert (
        len(
            days_of(
                judged("england-2024", (Spell(),), date(2025, 12, 19), first_fall, second_fall),
                "persistent-absence",
            )
        )
        == 2
    )
    gap = (Spell(None, date(2025, 10, 17)), Spell(date(2025, 11, 3)))
    left = judged("england-2024", gap, date(2025, 12, 19), first_fall, second_fall)
    assert len(days_of(left, "persistent-absence")) == 1


@pytest.mark.parametrize(
    ("day", "left"),
    [
        (date(2025, 9, 1), ()),
        (date(2025, 9, 2), (Spell(date(2025, 9, 2), date(2025, 9, 2)),)),
        (date(2025, 10, 10), (AUTUMN,)),
        (date(2026, 1, 4), (AUTUMN,)),
        (date(2026, 1, 5), (AUTUMN, Spell(date(2026, 1, 5), date(2026, 1, 5)))),
    ],
)
def test_a_pupil_who_left_by_a_day_has_no_day_on_roll_after_it(day: date, left: tuple[Spell, ...]) -> None:
    cut = Pupil("1", spells=(AUTUMN, SPRING)).left_by(day)
    if left:
        assert cut.spells == left
    days = [date(2025, 9, 1), date(2025, 9, 2), date(2025, 10, 10), date(2026, 1, 5), date(2026, 1, 6)]
    whole = Pupil("1", spells=(AUTUMN, SPRING))
    assert [cut.on_roll(one) for one in days] == [one <= day and whole.on_roll(one) for one in days]
