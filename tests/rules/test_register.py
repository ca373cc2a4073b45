"""What a register holds of the marks and facts that it is made from, and what it passes over."""

from __future__ import annotations

from datetime import date

import pytest

from rules.calendar import Calendar, Period
from rules.codes import Class
from rules.register import RegisterError, build_register
from rules.school import Exclusion, Mark, Notice, Pupil, Session, Spell

CALENDAR = Calendar((Period("half_term", "All year", date(2025, 9, 1), date(2026, 7, 24)),))
MONDAY, TUESDAY = date(2025, 9, 1), date(2025, 9, 2)


@pytest.mark.parametrize("blank", ["", " ", "-"])
def test_a_blank_mark_is_no_mark(blank: str) -> None:
    marks = [Mark("p", MONDAY, "AM", "/"), Mark("p", TUESDAY, "AM", blank), Mark("p", MONDAY, "PM", "O")]
    register = build_register(pupils=[Pupil("p")], calendar=CALENDAR, marks=marks)
    assert register.codes == ("", "/", "O")
    assert register.classes[0, 2] == Class.MISSING
    assert register.last_day_with_a_code == MONDAY
    assert register.as_known_on(TUESDAY).closed_up_to == Session(MONDAY, "PM")


def test_of_two_marks_the_later_counts_with_all_that_it_says_and_does_not_say() -> None:
    first = Mark("p", MONDAY, "AM", "L", 7, "the bus was late")
    for later, minutes, comment in (
        (Mark("p", MONDAY, "AM", "/"), {}, {}),
        (Mark("p", MONDAY, "AM", "L", 9, "by bike"), {(0, 0): 9}, {(0, 0): "by bike"}),
    ):
        register = build_register(pupils=[Pupil("p")], calendar=CALENDAR, marks=[first, later])
        assert register.code_at(0, 0) == later.code
        assert (register.minutes_late, register.comments) == (minutes, comment)


def test_marks_that_belong_nowhere_are_counted_by_the_reason() -> None:
    pupil = Pupil("p", on_roll_from=TUESDAY)
    sunday = date(2025, 9, 7)
    marks = [
        *(Mark("q", TUESDAY, "AM", "/") for _ in range(2)),
        *(Mark("p", sunday, "AM", "/") for _ in range(3)),
        *(Mark("p", MONDAY, "AM", "/") for _ in range(4)),
        Mark("p", TUESDAY, "AM", "/"),
    ]
    register = build_register(pupils=[pupil], calendar=CALENDAR, marks=marks)
    assert register.warnings == (
        "3 mark(s) outside the calendar passed over",
        "4 mark(s) outside the pupil's time on roll passed over",
        "2 mark(s) of a pupil who is not listed passed over",
    )


def test_254_codes_are_read_and_one_more_is_no_column_of_codes() -> None:
    marks = [
        Mark("p", session.date, session.half, f"X{number}")
        for number, session in enumerate(CALENDAR.sessions[:255])
    ]
    register = build_register(pupils=[Pupil("p")], calendar=CALENDAR, marks=marks[:254])
    assert register.code_at(0, 253) == "X253"
    with pytest.raises(RegisterError, match="more than 254 different codes in the marks"):
        build_register(pupils=[Pupil("p")], calendar=CALENDAR, marks=marks)


def test_a_register_keeps_the_exclusions_of_its_pupils() -> None:
    exclusion = Exclusion(pupil_id="p", reason="Medical plan agreed with the family")
    register = build_register(pupils=[Pupil("p")], calendar=CALENDAR, marks=[], exclusions=[exclusion])
    assert register.exclusions == (exclusion,)


@pytest.mark.parametrize("turned", [False, True])
def test_of_a_notice_the_last_state_holds_whoever_said_it_and_one_withdrawn_is_none(turned: bool) -> None:
    paid = [Notice("p", "c1", MONDAY), Notice("p", "c1", MONDAY, "paid"), Notice("p", "c1", TUESDAY)]
    withdrawn = [Notice("p", "c2", MONDAY, "withdrawn"), Notice("p", "c2", MONDAY, "paid")]
    notices = [*paid, *withdrawn][:: -1 if turned else 1]
    register = build_register(pupils=[Pupil("p")], calendar=CALENDAR, marks=[], notices=notices)
    assert set(register.notices) == {Notice("p", "c1", MONDAY, "paid"), Notice("p", "c1", TUESDAY)}


@pytest.mark.parametrize(("attended", "counts_as"), [(True, Class.APPROVED), (False, Class.NOT_POSSIBLE)])
def test_d_counts_in_wales_as_the_school_says(attended: bool, counts_as: Class) -> None:
    register = build_register(
        pupils=[Pupil("p")],
        calendar=CALENDAR,
        marks=[Mark("p", MONDAY, "AM", "D")],
        nation="wales",
        welsh_d_attended=attended,
    )
    assert register.classes[0, 0] == counts_as


def test_a_pupil_is_on_roll_from_the_first_spell_to_the_end_of_the_last() -> None:
    autumn = Spell(date(2025, 9, 1), date(2025, 10, 24))
    spring = Spell(date(2026, 1, 5), date(2026, 3, 27))
    pupil = Pupil("p", spells=(spring, autumn))
    assert (pupil.on_roll_from, pupil.on_roll_to) == (date(2025, 9, 1), date(2026, 3, 27))
    assert Pupil("p", spells=(autumn, Spell(date(2026, 1, 5)))).on_roll_to is None
