"""On both sides of each number that a rule compares: windows, thresholds, waiting times, ages."""

from __future__ import annotations

from datetime import date

import pytest

from rules.calendar import Calendar, Period
from rules.evaluate import evaluate
from rules.events import Event
from rules.policy import PolicyError
from rules.register import build_register
from rules.school import AttendancePlan, Mark, Pupil, Spell
from rules.thresholds import Interval, Threshold
from tests.rules.test_kinds import CALENDAR, HEAD, days, fired, pack_of, register_of

END = date(2026, 7, 24)


def firings(
    kind: str,
    when: str,
    codes: dict[date, str],
    until: date = END,
    *,
    head: str = "minimum_possible_sessions = 2\n" + HEAD,
    **facts: object,
) -> tuple[Event, ...]:
    """Return the events of one rule over one pupil, present on all other days."""
    pack = pack_of(("own", kind, when), head=head)
    return evaluate(register_of(codes, until, **facts), pack, until, amendments=True, notices=True).events


def days_of(events: tuple[Event, ...], rule: str = "own") -> list[date]:
    return [event.date for event in events if event.rule == rule]


# -- windows of a count


@pytest.mark.parametrize(
    ("first", "fires"),
    [
        (date(2025, 10, 17), False),  # Friday of the week before the first of ten school weeks
        (date(2025, 10, 20), True),  # Monday of the first: a holiday of a week, then two at Christmas
    ],
)
def test_ten_school_weeks_are_ten_weeks_with_school(first: date, fires: bool) -> None:
    last = date(2026, 1, 16)
    when = '{ codes = ["O"], at_least = 4, within = "school_weeks", weeks = 10 }'
    events = firings("count", when, {first: "O", last: "O"})
    assert days_of(events) == ([last] if fires else [])
    if fires:
        assert events[0].window == (date(2025, 10, 20), last)


@pytest.mark.parametrize(("first", "fires"), [(date(2025, 9, 15), False), (date(2025, 9, 16), True)])
def test_four_weeks_are_twenty_eight_days(first: date, fires: bool) -> None:
    last = date(2025, 10, 13)
    when = '{ codes = ["O"], at_least = 4, within = "weeks", weeks = 4 }'
    assert days_of(firings("count", when, {first: "O", last: "O"})) == ([last] if fires else [])


@pytest.mark.parametrize(
    ("first", "last", "fires"),
    [
        (date(2025, 9, 1), date(2026, 3, 27), True),
        (date(2025, 9, 1), date(2026, 4, 13), False),
        (date(2026, 1, 5), date(2026, 4, 13), True),
        (date(2025, 12, 19), date(2026, 4, 13), False),
    ],
)
def test_two_terms_are_this_one_and_the_one_before(first: date, last: date, fires: bool) -> None:
    when = '{ codes = ["O"], at_least = 4, within = "two_terms" }'
    assert days_of(firings("count", when, {first: "O", last: "O"})) == ([last] if fires else [])


@pytest.mark.parametrize(
    ("within", "first", "last", "fires"),
    [
        ("half_term", date(2025, 9, 1), date(2025, 10, 24), True),
        ("half_term", date(2025, 10, 24), date(2025, 11, 3), False),
        ("term", date(2025, 9, 1), date(2025, 12, 19), True),
        ("term", date(2025, 12, 19), date(2026, 1, 5), False),
        ("year", date(2025, 9, 1), date(2026, 7, 24), True),
        ("year", date(2026, 7, 24), date(2026, 9, 1), False),
    ],
)
def test_a_count_within_a_period_ends_with_it(within: str, first: date, last: date, fires: bool) -> None:
    when = f'{{ codes = ["O"], at_least = 4, within = "{within}" }}'
    assert days_of(firings("count", when, {first: "O", last: "O"}, last)) == ([last] if fires else [])


def test_a_count_needs_its_number_and_one_less_is_not_enough() -> None:
    both = {date(2025, 9, 2): "O", date(2025, 9, 3): "O"}
    assert days_of(firings("count", '{ codes = ["O"], at_least = 4, within = "term" }', both)) == [
        date(2025, 9, 3)
    ]
    assert days_of(firings("count", '{ codes = ["O"], at_least = 5, within = "term" }', both)) == []


def test_sessions_of_a_rolling_count_are_spent_once() -> None:
    when = '{ codes = ["O"], at_least = 4, within = "weeks", weeks = 4 }'
    two_and_two = dict.fromkeys(
        [*days(date(2025, 9, 1), date(2025, 9, 2)), *days(date(2025, 9, 4), date(2025, 9, 5))], "O"
    )
    assert days_of(firings("count", when, two_and_two)) == [date(2025, 9, 2), date(2025, 9, 5)]


@pytest.mark.parametrize(
    ("last", "fires"), [(date(2025, 9, 16), []), (date(2025, 9, 17), [date(2025, 9, 17)])]
)
def test_an_absence_that_goes_on_counts_again_when_the_firing_day_is_out_of_its_window(
    last: date, fires: list[date]
) -> None:
    # fired on 2 September; the window of 15 September begins on the 2nd, that of the 16th on the 3rd
    when = '{ codes = ["O"], at_least = 4, within = "weeks", weeks = 2 }'
    away = dict.fromkeys(days(date(2025, 9, 1), last), "O")
    assert days_of(firings("count", when, away)) == [date(2025, 9, 2), *fires]


# -- percentages


@pytest.mark.parametrize(
    ("minimum", "day"), [(2, date(2025, 9, 1)), (3, date(2025, 9, 2)), (5, date(2025, 9, 3))]
)
def test_a_percentage_rule_waits_for_the_fewest_possible_sessions(minimum: int, day: date) -> None:
    absent = dict.fromkeys(days(date(2025, 9, 1), date(2025, 9, 5)), "I")
    head = f"minimum_possible_sessions = {minimum}\n{HEAD}"
    assert days_of(firings("percentage", '{ attendance = "< 95" }', absent, head=head)) == [day]


@pytest.mark.parametrize(
    ("text", "fires"), [("< 90", False), ("<= 90", True), ("< 90.1", True), ("<= 89.9", False)]
)
def test_attendance_of_exactly_ninety_percent(text: str, fires: bool) -> None:
    # nine days present and one absent: 18 of 20 sessions
    day = days(date(2025, 9, 1), END)[9]
    head = f"minimum_possible_sessions = 20\n{HEAD}"
    found = firings("percentage", f'{{ attendance = "{text}" }}', {day: "I"}, day, head=head)
    assert days_of(found) == ([day] if fires else [])


@pytest.mark.parametrize(("rearm", "again"), [(5, True), (6, False)])
def test_one_day_less_of_recovery_does_not_arm_it(rearm: int, again: bool) -> None:
    school = days(date(2025, 9, 1), END)
    codes = {school[0]: "I"} | dict.fromkeys(school[4:12], "I")
    head = f"minimum_possible_sessions = 2\nrearm_school_days = {rearm}\n{HEAD}"
    found = days_of(firings("percentage", '{ attendance = "< 50" }', codes, school[15], head=head))
    # 0/2 fires; 2/4, 4/6, 6/8, 6/10, 6/12 do not hold: five days; 6/14 on the seventh day holds
    assert found == ([school[0], school[6]] if again else [school[0]])


@pytest.mark.parametrize(
    ("text", "part", "holds"),
    [
        ("< 50", 1, False),
        ("<= 50", 1, True),
        ("> 50", 1, False),
        (">= 50", 1, True),
        ("< 50", 0, True),
        ("> 50", 2, True),
    ],
)
def test_a_comparison_on_its_own_number(text: str, part: int, holds: bool) -> None:
    assert Threshold(text).holds(part, 2) == holds
    assert not Threshold(text).holds(0, 0)


@pytest.mark.parametrize(
    ("text", "part", "inside"),
    [
        (">= 90, < 95", 90, True),
        (">= 90, < 95", 95, False),
        ("> 90, <= 95", 90, False),
        ("> 90, <= 95", 95, True),
        ("<= 90", 0, True),
        (">= 90", 100, True),
    ],
)
def test_an_interval_at_its_ends(text: str, part: int, inside: bool) -> None:
    assert Interval.parse(text).holds(part, 100) == inside


@pytest.mark.parametrize("text", ["< 101", "< 100.5", "= 90", "90", "< 1000", "< -1"])
def test_no_comparison_goes_past_a_hundred(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Threshold(text)
    assert Threshold("<= 100").percent == 100


# -- runs of days, delays, reviews


@pytest.mark.parametrize(("length", "fires"), [(4, False), (5, True)])
def test_a_run_fires_on_its_named_day(length: int, fires: bool) -> None:
    codes = dict.fromkeys(days(date(2025, 9, 1), END)[:length], "N")
    found = days_of(firings("running", '{ codes = ["N"], days = [5] }', codes))
    assert found == ([date(2025, 9, 5)] if fires else [])


@pytest.mark.parametrize(("until", "fires"), [(date(2025, 9, 8), False), (date(2025, 9, 9), True)])
def test_a_mark_is_overdue_so_many_school_days_after_its_own(until: date, fires: bool) -> None:
    found = firings("overdue", '{ codes = ["N"], school_days = 5 }', {date(2025, 9, 2): "N"}, until)
    assert days_of(found) == ([date(2025, 9, 9)] if fires else [])


@pytest.mark.parametrize(("until", "fires"), [(date(2025, 9, 15), False), (date(2025, 9, 16), True)])
def test_a_mark_is_overdue_so_many_days_after_its_own(until: date, fires: bool) -> None:
    found = firings("overdue", '{ codes = ["N"], days = 14 }', {date(2025, 9, 2): "N"}, until)
    assert days_of(found) == ([date(2025, 9, 16)] if fires else [])


REVIEW = ("look", "review", '{ of = ["own"], after_days = 14, compare = "window" }')
DAY_RULE = ("own", "day", '{ codes = ["O"], once_per = "run" }')


@pytest.mark.parametrize(
    ("absent", "fires"),
    [
        (date(2025, 9, 9), True),  # the day after the event
        (date(2025, 9, 22), True),  # the day of the review
        (date(2025, 9, 23), False),
        (date(2025, 9, 2), False),  # before the event
    ],
)
def test_a_review_looks_at_the_days_after_the_event_up_to_its_own_day(absent: date, fires: bool) -> None:
    codes = {date(2025, 9, 8): "O", date(2025, 9, 15): "I", absent: "I"}
    # 10 of 12 sessions up to the event; then 16 of 20 with both absent days, 18 of 20 with one
    events = evaluate(register_of(codes, END), pack_of(DAY_RULE, REVIEW), END).events
    assert (("look", date(2025, 9, 22)) in fired(events)) == fires


@pytest.mark.parametrize(("absent", "fires"), [(1, False), (2, True)])
def test_a_share_that_stayed_the_same_is_no_better(absent: int, fires: bool) -> None:
    codes = {date(2025, 9, 5): "O"} | dict.fromkeys(days(date(2025, 9, 8), END)[:absent], "I")
    # 8 of 10 sessions up to the event; 16 of 20 after it are the same share
    events = evaluate(register_of(codes, END), pack_of(DAY_RULE, REVIEW), END).events
    assert (("look", date(2025, 9, 19)) in fired(events)) == fires


@pytest.mark.parametrize(
    ("plan", "held_on"),
    [
        (date(2025, 9, 18), date(2025, 10, 2)),  # ten days after the event
        (date(2025, 9, 19), date(2025, 9, 22)),  # eleven: too late to count
        (date(2025, 9, 8), date(2025, 9, 22)),
        (date(2025, 9, 5), date(2025, 9, 22)),
    ],
)
def test_a_plan_within_so_many_days_moves_the_review(plan: date, held_on: date) -> None:
    look = ("look", "review", '{ of = ["own"], after_days = 14, compare = "year_to_date", plan_within_days = 10 }')  # fmt: skip
    pack = pack_of(DAY_RULE, look)
    codes = dict.fromkeys(days(date(2025, 9, 8), date(2025, 10, 3)), "O")
    register = register_of(codes, END, attendance_plans=[AttendancePlan("p", plan)])
    events = evaluate(register, pack, END).events
    assert [event.date for event in events if event.rule == "look"] == [held_on]


@pytest.mark.parametrize(
    ("after", "day"), [(9, date(2025, 9, 17)), (10, date(2025, 9, 18)), (11, date(2025, 9, 19))]
)
def test_a_decline_is_looked_for_from_so_many_days_on(after: int, day: date) -> None:
    fell = ("fell", "decline", f'{{ of = "own", after_days = {after} }}')
    codes = dict.fromkeys(days(date(2025, 9, 8), date(2025, 9, 30)), "O")
    events = evaluate(register_of(codes, END), pack_of(DAY_RULE, fell), END).events
    assert [event.date for event in events if event.rule == "fell"] == [day]


def test_the_same_share_is_no_decline() -> None:
    fell = ("fell", "decline", '{ of = "own", after_days = 1 }')
    codes = {date(2025, 9, 2): "O", date(2025, 9, 4): "I"}  # 2 of 4 sessions, 4 of 6, 4 of 8
    events = evaluate(register_of(codes, date(2025, 9, 4)), pack_of(DAY_RULE, fell), END).events
    assert fired(events) == [("own", date(2025, 9, 2))]


# -- a rule and a pack from one day to another


@pytest.mark.parametrize(
    ("dates", "fires"),
    [
        ("from = 2025-09-08", True),
        ("from = 2025-09-09", False),
        ("until = 2025-09-08", True),
        ("until = 2025-09-07", False),
    ],
)
def test_a_rule_is_in_force_on_its_first_and_its_last_day(dates: str, fires: bool) -> None:
    head = HEAD + f'\n[[rules]]\nid = "dated"\ntitle = "t"\nclause = "c"\nkind = "day"\n{dates}\nwhen = {{ codes = ["O"] }}\noutcomes = ["note"]\n'  # fmt: skip
    pack = pack_of(head=head)
    events = evaluate(register_of({date(2025, 9, 8): "O"}, END), pack, END).events
    assert days_of(events, "dated") == ([date(2025, 9, 8)] if fires else [])


@pytest.mark.parametrize(("start", "fires"), [("2025-09-08", True), ("2025-09-09", False)])
def test_a_pack_sees_nothing_before_its_first_day(start: str, fires: bool) -> None:
    found = firings("day", '{ codes = ["O"] }', {date(2025, 9, 8): "O"}, head=f"from = {start}\n{HEAD}")
    assert bool(found) == fires
    if fires:
        assert found[0].figures["possible"] == 2, "the year to date begins with the pack"


@pytest.mark.parametrize(
    ("spell", "fires"),
    [
        (Spell(start=date(2025, 9, 8)), True),
        (Spell(start=date(2025, 9, 9)), False),
        (Spell(end=date(2025, 9, 8)), True),
        (Spell(end=date(2025, 9, 7)), False),
    ],
)
def test_a_mark_counts_on_the_first_and_the_last_day_on_roll(spell: Spell, fires: bool) -> None:
    pupil = Pupil("p").with_spells(spell)
    marks = [Mark("p", s.date, s.half, "O" if s.date == date(2025, 9, 8) else "/") for s in CALENDAR.sessions if s.date <= END]  # fmt: skip
    register = build_register(pupils=[pupil], calendar=CALENDAR, marks=marks)
    events = evaluate(register, pack_of(("own", "day", '{ codes = ["O"] }')), END).events
    assert bool(events) == fires


@pytest.mark.parametrize(
    ("born", "day", "fires"),
    [
        (date(2021, 2, 1), date(2026, 3, 30), False),
        (date(2021, 2, 1), date(2026, 3, 31), True),  # the first day of compulsory age
        (date(2010, 2, 1), date(2026, 6, 26), True),  # its last
        (date(2010, 2, 1), date(2026, 6, 29), False),
    ],
)
def test_a_rule_marked_as_law_counts_from_the_first_to_the_last_day_of_compulsory_age(
    born: date, day: date, fires: bool
) -> None:
    summer = Calendar((Period("half_term", "Long", date(2026, 3, 23), date(2026, 7, 10)),))
    marks = [Mark("p", s.date, s.half, "O" if s.date == day else "/") for s in summer.sessions]
    register = build_register(pupils=[Pupil("p", date_of_birth=born)], calendar=summer, marks=marks)
    head = HEAD + '\n[[rules]]\nid = "own"\ntitle = "t"\nclause = "c"\nkind = "day"\nlaw = true\nwhen = { codes = ["O"] }\noutcomes = ["note"]\n'  # fmt: skip
    assert days_of(evaluate(register, pack_of(head=head), END).events) == ([day] if fires else [])


def test_a_pack_that_names_no_numbers_has_those_of_the_conventions() -> None:
    pack = pack_of(DAY_RULE)
    assert (pack.minimum_possible_sessions, pack.rearm_school_days, pack.days_between_letters) == (30, 20, 5)


# -- separate absences


def test_of_a_separate_absence_only_its_first_session_counts_whatever_comes_in_between_but_attendance() -> (
    None
):
    when = '{ codes = ["I"], at_least = 3, within = "term", separate = true }'
    first, second, third, between, back, *rest = days(date(2025, 9, 8), date(2025, 9, 30))
    one_absence = {first: "I", second: "O", third: "I", between: "#"}
    assert firings("count", when, one_absence) == ()
    twice = {**one_absence, rest[0]: "I", rest[1]: "I"}
    assert firings("count", when, twice) == (), "two absences, of five sessions and more"
    (event,) = firings("count", when, {**twice, rest[3]: "I"})
    assert event.date == rest[3]
    assert [mark.date for mark in event.sessions] == [first, rest[0], rest[3]]
    assert event.figures["count"] == 3
    assert firings("count", when, {**twice, rest[3]: "M"}) == (), "another code is none of them"
    assert back not in twice


def test_an_absence_that_began_in_the_term_before_does_not_count_again() -> None:
    when = '{ codes = ["I"], at_least = 1, within = "term", separate = true }'
    away = days(date(2025, 12, 15), date(2026, 1, 9))
    assert len({event.anchor for event in firings("count", when, dict.fromkeys(away, "I"))}) == 1


def test_separate_absences_do_not_go_with_a_moving_window() -> None:
    with pytest.raises(PolicyError, match="separate goes with a half term, term or year"):
        pack_of(
            ("own", "count", '{ codes = ["I"], at_least = 3, within = "weeks", weeks = 6, separate = true }')
        )
