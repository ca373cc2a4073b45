"""Rules that look back at another rule's event: which event, from which day, and what a new one replaces."""

from __future__ import annotations

from datetime import date

import pytest

from rules.calendar import Calendar, Period
from rules.evaluate import evaluate
from rules.policy import load_policy
from rules.register import build_register
from rules.school import AttendancePlan, Mark, PlanKind, Pupil, Spell
from tests.rules.test_kinds import CALENDAR, HEAD, days, pack_of, register_of
from tests.rules.test_whole_events import SOON, UNTIL, school_of

FALL = ("own", "percentage", '{ attendance = "< 60" }')
DAY = ("own", "day", '{ codes = ["O"], once_per = "run" }')


def fired(register: object, *listed: tuple[str, str, str], head: str = SOON) -> list[tuple[str, str, str]]:
    """Return (pupil, rule, day) of every event."""
    events = evaluate(register, pack_of(*listed, head=head)).events  # type: ignore[arg-type]
    return [(event.subject, event.rule, f"{event.date:%m-%d}") for event in events]


def of_p(register: object, *listed: tuple[str, str, str], head: str = SOON) -> list[tuple[str, str]]:
    return [(rule, day) for pupil, rule, day in fired(register, *listed, head=head) if pupil == "p"]


def rearmed_after(school_days: int) -> str:
    return f"minimum_possible_sessions = 2\nrearm_school_days = {school_days}\n{HEAD}"


# -- which event is looked back at


def test_each_event_of_one_rule_is_looked_back_at() -> None:
    look = ("look", "review", '{ of = ["own"], after_days = 1, compare = "window" }')
    register = school_of({"09-02": "O", "09-03": "I", "09-08": "O", "09-09": "I"})
    assert of_p(register, DAY, look) == [("own", "09-02"), ("look", "09-03"), ("own", "09-08"), ("look", "09-09")]  # fmt: skip


def test_of_several_rules_only_the_years_first_event_is_looked_back_at_for_each_pupil() -> None:
    other = ("other", "day", '{ codes = ["N"] }')
    look = ("look", "review", '{ of = ["own", "other"], after_days = 1, compare = "window" }')
    codes = {"09-02": "N", "09-03": "I", "09-08": "O", "09-09": "I"}
    looks = [one for one in fired(school_of(codes, other=codes), DAY, other, look) if one[1] == "look"]
    assert looks == [("a", "look", "09-03"), ("p", "look", "09-03")]


def test_a_look_back_over_one_day_and_at_one_session() -> None:
    look = ("look", "review", '{ of = ["own"], after_days = 1, compare = "window" }')
    assert of_p(school_of({"09-01": "#O", "09-02": "I"}), DAY, look) == [("own", "09-01"), ("look", "09-02")]


@pytest.mark.parametrize(("compare", "fires"), [("window", False), ("year_to_date", True)])
def test_since_a_plan_attendance_is_better_though_that_of_the_year_is_not(compare: str, fires: bool) -> None:
    """10 of 12 sessions, four days away before the plan, all present after it: 30 of 40 in the year."""
    when = f'{{ of = ["own"], after_days = 14, compare = "{compare}", plan_within_days = 10 }}'
    codes = {"09-08": "O", "09-09": "I", "09-10": "I", "09-11": "I", "09-12": "I"}
    register = school_of(codes, attendance_plans=[AttendancePlan("p", date(2025, 9, 12))])
    assert (("look", "09-26") in of_p(register, DAY, ("look", "review", when))) == fires


def test_of_two_plans_the_first_counts_also_when_it_is_of_the_very_day() -> None:
    when = '{ of = ["own"], after_days = 7, compare = "year_to_date", plan_within_days = 10 }'
    plans = [AttendancePlan("p", date(2025, 9, day)) for day in (10, 8)]
    codes = {f"09-{day:02}": "O" for day in range(8, 30)}
    looks = of_p(school_of(codes, attendance_plans=plans), DAY, ("look", "review", when))
    assert looks == [("own", "09-08"), ("look", "09-15")]


@pytest.mark.parametrize(
    ("decision", "kind", "day"),
    [
        ("", "", "09-26"),
        ("agreed", "attendance", "09-26"),
        ("ended", "", "09-15"),
        ("", "health", "09-15"),
        ("", "reintegration", "09-15"),
    ],
)
def test_what_became_of_a_plan_or_one_of_another_kind_does_not_begin_one(
    decision: str, kind: PlanKind, day: str
) -> None:
    when = '{ of = ["own"], after_days = 7, compare = "year_to_date", plan_within_days = 15 }'
    plans = [AttendancePlan("p", date(2025, 9, 19), kind=kind, decision=decision)]
    codes = {f"09-{day:02}": "O" for day in range(8, 30)}
    looks = of_p(school_of(codes, attendance_plans=plans), DAY, ("look", "review", when))
    assert looks == [("own", "09-08"), ("look", day)]


# -- what a new event replaces

AGAIN = {"09-02": "I", "09-05": "I", "09-08": "I"}
"""Below 60% on 2 September (2 of 4) and, after two days above, on 8 September (6 of 12)."""


def test_a_new_fall_replaces_the_look_back_of_its_own_day() -> None:
    look = ("look", "review", '{ of = ["own"], after_days = 6, compare = "window" }')
    register = school_of(AGAIN, date(2025, 9, 9))
    assert of_p(register, FALL, look, head=rearmed_after(2)) == [("own", "09-02"), ("own", "09-08")]
    assert of_p(register, FALL, look, head=rearmed_after(4)) == [("own", "09-02"), ("look", "09-08")]


def test_falls_are_numbered_within_the_year() -> None:
    events = evaluate(school_of(AGAIN), pack_of(FALL, head=SOON)).events
    assert [event.anchor for event in events] == ["2025-09-01:1", "2025-09-01:2"]


def test_a_new_fall_replaces_the_look_back_at_a_look_back() -> None:
    look = ("look", "review", '{ of = ["own"], after_days = 1, compare = "window" }')
    again = ("again", "review", '{ of = ["look"], after_days = 7, compare = "window" }')
    codes = {"09-02": "I", "09-03": "/I", "09-08": "I", "09-09": "I", "09-10": "I"}
    found = of_p(school_of(codes), FALL, look, again)
    assert found == [("own", "09-02"), ("look", "09-03"), ("own", "09-08"), ("look", "09-09")]
    kept = of_p(school_of(codes), FALL, look, again, head=rearmed_after(9))
    assert kept == [("own", "09-02"), ("look", "09-03"), ("again", "09-10")]


def test_a_new_fall_replaces_the_look_back_at_a_decline() -> None:
    fell = ("fell", "decline", '{ of = "own", after_days = 1 }')
    again = ("again", "review", '{ of = ["fell"], after_days = 13, compare = "window" }')
    codes = dict.fromkeys(["09-02", "09-03", *(f"09-{day:02}" for day in (9, 10, 11, 12, 15, 16))], "I")
    found = of_p(school_of(codes), FALL, fell, again)
    assert found == [("own", "09-02"), ("fell", "09-03"), ("own", "09-09"), ("fell", "09-10")]
    kept = of_p(school_of(codes), FALL, fell, again, head=rearmed_after(9))
    assert kept == [("own", "09-02"), ("fell", "09-03"), ("again", "09-16")]


def test_nothing_replaces_what_follows_a_fall() -> None:
    follows = ("after", "follows", '{ of = "own", notice_within_years = 3 }')
    look = ("look", "review", '{ of = ["after"], after_days = 4, compare = "window" }')
    register = school_of({"09-02": "I", "09-04": "I", "09-08": "I"})
    found = of_p(register, FALL, follows, look, head=rearmed_after(1))
    assert [one for one in found if one[0] != "own"] == [("after", "09-04"), ("after", "09-08"), ("look", "09-08")]  # fmt: skip


def test_one_pupils_fall_does_not_replace_anothers() -> None:
    look = ("look", "review", '{ of = ["own"], after_days = 6, compare = "window" }')
    first, second = {"09-02": "I", "09-05": "I"}, {"09-03": "I", "09-04": "I"}
    register = school_of(second, other=first, until=date(2025, 9, 9))
    head = rearmed_after(9)
    assert ("a", "look", "09-08") not in fired(register, FALL, look, head=head)
    register = school_of(second, other={**first, "09-08": "I"}, until=date(2025, 9, 9))
    assert ("a", "look", "09-08") in fired(register, FALL, look, head=head)


@pytest.mark.parametrize(("present", "falls"), [(1, ["09-01"]), (2, ["09-01", "09-10"])])
def test_days_off_roll_are_no_days_of_recovery(present: int, falls: list[str]) -> None:
    """Away on the first day, off roll for three, back on Friday: it takes two days on roll to recover."""
    back = date(2025, 9, 5) if present == 2 else date(2025, 9, 8)
    pupil = Pupil("p").with_spells(Spell(end=date(2025, 9, 1)), Spell(start=back))
    codes = {1: "I", 9: "I", 10: "I"}
    marks = [
        Mark("p", session.date, session.half, codes.get(session.date.day, "/"))
        for session in CALENDAR.sessions
        if session.date <= date(2025, 9, 10)
    ]
    register = build_register(pupils=[pupil], calendar=CALENDAR, marks=marks)
    half = ("own", "percentage", '{ attendance = "< 50" }')
    assert [day for _, _, day in fired(register, half)] == falls


# -- ladders

OPENER = ("own", "percentage", '{ attendance = "< 60", next_stages = ["second", "third"] }')


def stage(rule_id: str, of: str, after_days: int = 300, also: str = "") -> tuple[str, str, str]:
    return rule_id, "review", f'{{ of = ["{of}"], after_days = {after_days}, compare = "window" }}{also}'


def test_a_fall_comes_before_a_look_back_of_the_same_day_or_later() -> None:
    for after_days in (6, 7):
        register = school_of({**AGAIN, "09-09": "I"}, date(2025, 9, 10))
        found = of_p(register, OPENER, stage("second", "own", after_days), stage("third", "second"))
        assert found == [("own", "09-02"), ("second", "09-08")]


def test_every_stage_of_a_ladder_belongs_to_the_year() -> None:
    register = school_of({"09-02": "I", "09-03": "I", "09-04": "I"}, date(2025, 9, 4))
    pack = pack_of(OPENER, stage("second", "own", 1), stage("third", "second", 1), head=SOON)
    events = evaluate(register, pack).events
    assert [(event.rule, event.date.day, event.anchor) for event in events] == [
        ("own", 2, "2025-09-01"),
        ("second", 3, "2025-09-01"),
        ("third", 4, "2025-09-01"),
    ]


@pytest.mark.parametrize(
    ("dates", "day"),
    [("from = 2025-09-04", "09-04"), ("from = 2025-09-05", "09-08"), ("until = 2025-09-03", None)],
)
def test_a_stage_waits_for_a_fall_on_a_day_on_which_it_holds(dates: str, day: str | None) -> None:
    """Falls on 2, 4 and 8 September."""
    register = school_of({"09-02": "I", "09-04": "I", "09-08": "I"}, date(2025, 9, 9))
    listed = (OPENER, stage("second", "own", also=f"\n{dates}"), stage("third", "second"))
    found = dict(of_p(register, *listed, head=rearmed_after(1)))
    assert found.get("second") == day


# -- declines


def decline(also: str = "") -> tuple[str, str, str]:
    return "fell", "decline", f'{{ of = "own", after_days = 4 }}{also}'


def test_a_decline_is_seen_only_while_the_rule_holds_and_the_pupil_is_on_roll() -> None:
    codes = {8: "O", 9: "I", 10: "I"}
    marks = [
        Mark("p", session.date, session.half, codes.get(session.date.day, "/"))
        for session in CALENDAR.sessions
        if session.date <= date(2025, 9, 16)
    ]
    for spell, also, day in (
        (Spell(), "", ["09-12"]),
        (Spell(), "\nfrom = 2025-09-15", ["09-15"]),
        (Spell(end=date(2025, 9, 12)), "", ["09-12"]),
        (Spell(end=date(2025, 9, 11)), "", []),
    ):
        register = build_register(pupils=[Pupil("p").with_spells(spell)], calendar=CALENDAR, marks=marks)
        assert [on for _, rule, on in fired(register, DAY, decline(also)) if rule == "fell"] == day


@pytest.mark.parametrize("first", [date(2025, 9, 1), date(2026, 9, 1)])
def test_an_event_of_a_years_first_day_is_looked_at_in_that_year(first: date) -> None:
    fell = ("fell", "decline", '{ of = "own", after_days = 1 }')
    later = ("later", "later-day", '{ codes = ["I"], after = "own" }')
    second = first.replace(day=2)
    marks = []
    for session in CALENDAR.sessions:
        if session.date <= second:
            code = "I" if session.date == second else "O" if session == (first, "PM") else "/"
            marks.append(Mark("p", session.date, session.half, code))
    register = build_register(pupils=[Pupil("p")], calendar=CALENDAR, marks=marks)
    events = evaluate(register, pack_of(DAY, fell, later, head=SOON)).events
    assert [(event.rule, event.date) for event in events] == [("own", first), ("fell", second), ("later", second)]  # fmt: skip


def test_the_days_to_a_look_back_are_those_of_the_rule_that_it_looks_at() -> None:
    look, fell = pack_of(DAY, stage("look", "own", 14), decline()).rules[1:]
    assert (look.when.review_after("own"), look.when.review_after("look")) == (14, None)
    assert (fell.when.review_after("own"), fell.when.review_after("fell")) == (4, None)
    assert load_policy("hcat").rules[0].when.review_after("own") is None


# -- rules that hold from a day on


@pytest.mark.parametrize(
    ("kind", "when", "day"),
    [
        ("class-week", '{ attendance = "< 100" }', "09-12"),
        ("period-end", '{ period = "week", attendance = "< 100" }', "09-12"),
        ("count", '{ codes = ["O"], at_least = 5, within = "weeks", weeks = 4 }', "09-11"),
        ("count", '{ codes = ["O"], at_least = 5, within = "term" }', "09-08"),
    ],
)
def test_a_rule_counts_what_was_before_its_first_day_and_fires_from_that_day_on(
    kind: str, when: str, day: str
) -> None:
    """Three days away before the rule begins on 8 September, one after."""
    codes = {"09-02": "O", "09-03": "O", "09-04": "O", "09-11": "O"}
    rule = ("own", kind, f"{when}\nfrom = 2025-09-08")
    (event,) = evaluate(school_of(codes, date(2025, 9, 15)), pack_of(rule, head=SOON)).events
    assert f"{event.date:%m-%d}" == day
    if kind == "count":
        assert [mark.date.day for mark in event.sessions][:6] == [2, 2, 3, 3, 4, 4]


def test_a_half_terms_count_ends_with_its_last_day() -> None:
    rule = ("own", "period-end", '{ period = "half_term", or_at_least = 3 }')
    codes = {"10-24": "O", "11-03": "O"}
    assert of_p(school_of(codes, date(2025, 11, 3)), rule) == []
    assert of_p(school_of({**codes, "10-23": "/O"}, date(2025, 11, 3)), rule) == [("own", "10-24")]


# -- screening


def test_a_half_term_of_one_session_is_a_figure_to_compare_with() -> None:
    rule = ("own", "screening", '{ step = 1, attendance = "< 95", falling = true }')
    autumn = [day for day in CALENDAR.school_days if day <= date(2025, 10, 24)]
    codes = {f"{day:%m-%d}": "Y" for day in autumn} | {"09-01": "O#"}
    later = {
        f"{day:%m-%d}": "I" for day in CALENDAR.school_days if date(2025, 11, 3) <= day <= date(2025, 12, 18)
    }
    assert of_p(school_of({**codes, **later}, UNTIL.replace(month=12, day=19)), rule) == []


@pytest.mark.parametrize(
    ("autumn_1", "autumn_2", "fires"),
    [
        (15, 43, True),  # 15 of 80, then 58 of 150: 19.92 points more
        (16, 44, False),  # 16 of 80, then 60 of 150: 20 points more
    ],
)
def test_a_step_fires_while_less_was_gained_than_so_many_points(
    autumn_1: int, autumn_2: int, fires: bool
) -> None:
    first = ("own", "screening", '{ step = 1, attendance = "< 95" }')
    second = ("second", "screening", '{ step = 2, attendance = "< 95", gained_less_than = 20 }')
    codes = {}
    for start, end, attended in (
        (date(2025, 9, 1), date(2025, 10, 24), autumn_1),
        (date(2025, 11, 3), date(2025, 12, 19), autumn_2),
    ):
        sessions = [s for s in CALENDAR.sessions if start <= s.date <= end]
        for number in range(0, len(sessions), 2):
            present = min(2, max(0, attended - number))
            codes[f"{sessions[number].date:%m-%d}"] = ("O", "/O", "/")[present]
    register = school_of(codes, date(2025, 12, 19))
    steps = of_p(register, first, second)
    assert steps == [("own", "10-24"), *([("second", "12-19")] if fires else [])]


def test_a_look_back_at_a_later_step_waits_for_the_whole_chain() -> None:
    absent = register_of(dict.fromkeys(days(date(2025, 9, 1), date(2026, 1, 30)), "O"), date(2026, 1, 30))
    steps = [(f"step-{n}", "screening", f'{{ step = {n}, attendance = "< 95" }}') for n in (1, 2)]
    look = ("a-look", "review", '{ of = ["step-2"], after_days = 21, compare = "window" }')
    assert fired(absent, look, *steps) == [
        ("p", "step-1", "10-24"),
        ("p", "step-2", "12-19"),
        ("p", "a-look", "01-09"),
    ]


def test_a_half_term_of_the_years_first_day_alone_is_tested_once_and_in_its_own_year() -> None:
    rows = (
        Period("year", "2024/25", date(2024, 9, 1), date(2025, 8, 31)),
        Period("half_term", "Summer 2", date(2025, 6, 2), date(2025, 7, 18)),
        Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
        Period("half_term", "First day", date(2025, 9, 1), date(2025, 9, 1)),
        Period("half_term", "Autumn 1", date(2025, 9, 2), date(2025, 10, 24)),
    )
    held = Calendar(rows)
    marks = [
        Mark("p", s.date, s.half, "O" if s.date == date(2025, 9, 1) else "/")
        for s in held.sessions
        if s.date <= date(2025, 9, 5)
    ]
    register = build_register(pupils=[Pupil("p")], calendar=held, marks=marks)
    assert of_p(register, ("own", "screening", '{ step = 1, attendance = "< 95" }')) == [("own", "09-01")]


# -- a policy that begins


def test_no_period_that_ended_before_the_policys_first_day_is_judged_by_it() -> None:
    rule = ("own", "period-end", '{ period = "half_term", needs_possible = false }')
    for first, fires in (("2025-10-24", ["10-24", "12-19"]), ("2025-10-25", ["12-19"])):
        pack = pack_of(rule, head=f"from = {first}\n{SOON}")
        events = evaluate(school_of({}, date(2025, 12, 19)), pack).events
        assert [f"{event.date:%m-%d}" for event in events if event.pupil_id == "p"] == fires


# -- where there is nothing to count


def test_a_count_over_two_terms_says_nothing_of_days_in_no_term() -> None:
    held = Calendar((Period("half_term", "Autumn 1", date(2025, 9, 1), date(2025, 10, 24)),))
    marks = [Mark("p", s.date, s.half, "O") for s in held.sessions if s.date <= date(2025, 9, 5)]
    register = build_register(pupils=[Pupil("p")], calendar=held, marks=marks)
    assert of_p(register, ("own", "count", '{ codes = ["O"], at_least = 2, within = "two_terms" }')) == []


def test_a_period_without_a_possible_session_has_no_figure() -> None:
    later = {f"{day:%m-%d}": "Y" for day in days(date(2025, 11, 3), date(2025, 12, 19))}
    pack = pack_of(("own", "period-end", '{ period = "half_term" }'), head=SOON)
    events = evaluate(school_of(later, date(2025, 12, 19)), pack).events
    shown = [event.figures["period_percent"] for event in events if event.pupil_id == "p"]
    assert shown == ["100.0", ""]
