"""What the returns for new pupils and leavers carry, and by which day the law asks for them."""

from __future__ import annotations

from datetime import date

from rules.calendar import Calendar
from rules.cases import STANDARD_CALENDAR
from rules.evaluate import evaluate
from rules.events import Event
from rules.explain import explain
from rules.law import law_of
from rules.policy import load_policy
from rules.register import Register, build_register
from rules.school import Mark, Nation, Pupil, Spell

CALENDAR = Calendar(STANDARD_CALENDAR)
LAW = load_policy("england-2024")
END = date(2025, 12, 19)


def register(*spells: Spell, nation: Nation = "england") -> Register:
    pupil = Pupil("p").with_spells(*spells)
    marks = [Mark("p", s.date, s.half, "/") for s in CALENDAR.sessions if s.date <= END]
    marks = [mark for mark in marks if pupil.on_roll(mark.date)]
    return build_register(pupils=[pupil], calendar=CALENDAR, marks=marks, nation=nation)


def events(held: Register) -> list[Event]:
    return list(evaluate(held, LAW, END).events)


def test_a_return_for_a_new_pupil_is_due_by_the_fifth_day_after_the_entry_weekends_counted() -> None:
    (event,) = events(register(Spell(date(2025, 11, 8), None)))
    assert (event.rule, event.date) == ("new-pupil-return", date(2025, 11, 10))
    assert (event.figures["roll_date"], event.figures["due"]) == ("2025-11-08", "2025-11-13")
    assert event.figures["enrolment"] == "main"
    assert event.window == (event.date, event.date)


def test_a_return_for_a_leaver_is_due_on_the_day_of_the_deletion() -> None:
    (event,) = events(register(Spell(None, date(2025, 10, 31), "subsidiary")))
    assert (event.rule, event.date) == ("deletion-return", date(2025, 10, 24))
    assert (event.figures["roll_date"], event.figures["due"]) == ("2025-10-31", "2025-10-31")
    assert event.figures["enrolment"] == "subsidiary"


def test_where_the_law_of_a_nation_asks_for_none_no_day_is_given() -> None:
    (event,) = events(register(Spell(None, date(2025, 10, 31)), nation="wales"))
    assert "due" not in event.figures


def test_the_days_are_figures_of_the_law_with_their_regulation() -> None:
    law = law_of("england")
    assert law.new_pupil_return_days is not None
    assert law.deletion_return_days is not None
    day = date(2024, 8, 19)
    assert (law.new_pupil_return_days.on(day), law.deletion_return_days.on(day)) == (5, 0)
    assert law.new_pupil_return_days.on(date(2024, 8, 18)) is None
    value = law.deletion_return_days.value_on(day)
    assert value is not None
    assert "regulation 13(4)" in value.reference


def test_the_day_from_which_an_excluded_pupil_is_taught_is_the_laws() -> None:
    law = law_of("england").exclusion_education_day
    assert law is not None
    when = LAW.rule("exclusion-day-6").when
    assert when.days == (law.on(date(2025, 9, 1)),)  # type: ignore[attr-defined]


def test_a_return_stands_for_the_date_that_it_names() -> None:
    (first,) = events(register(Spell(None, date(2025, 10, 27))))
    (second,) = events(register(Spell(None, date(2025, 10, 31))))
    assert first.date == second.date == date(2025, 10, 24)
    assert (first.anchor, second.anchor) == ("2025-10-27", "2025-10-31")


def test_spells_that_follow_each_other_are_one_time_on_roll() -> None:
    changed = Pupil("p").with_spells(
        Spell(None, date(2025, 10, 10), "guest"), Spell(date(2025, 10, 11), date(2025, 10, 17)),
        Spell(date(2025, 10, 19), None),
    )  # fmt: skip
    assert changed.stretches == (
        Spell(None, date(2025, 10, 17), "guest"),
        Spell(date(2025, 10, 19), None),
    )


def test_an_explanation_says_that_attendance_plays_no_part() -> None:
    rows = {row.rule: row for row in explain(register(Spell(date(2025, 9, 15), None)), LAW, "p", END)}
    assert (
        rows["new-pupil-return"].now
        == "On roll from 15 September 2025. Fired this year on 15 September 2025."
    )
    assert "joining within the school year; attendance plays no part" in rows["new-pupil-return"].coming
    leaving = register(Spell(None, date(2026, 1, 30)))
    coming = {row.rule: row.coming for row in explain(leaving, LAW, "p", END)}["deletion-return"]
    assert coming == "It would fire on 30 January 2026 even if every session until then were attended."
