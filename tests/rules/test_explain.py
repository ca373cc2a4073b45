"""An explanation says where a pupil stands, and what it says would fire does fire."""

import re
from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar import Calendar
from rules.cases import STANDARD_CALENDAR
from rules.evaluate import evaluate
from rules.explain import RuleExplanation, explain
from rules.policy import Policy, load_policy
from rules.register import Register, build_register
from rules.school import Mark, Pupil
from rules.simulate import simulate

CALENDAR = Calendar(STANDARD_CALENDAR)
HCAT = load_policy("hcat")
DAY = date(2025, 9, 12)


def register_of(codes: dict[tuple[date, str], str], pupil: Pupil | None = None) -> Register:
    marks = [
        Mark("p", s.date, s.half, codes.get((s.date, s.half), "/"))
        for s in CALENDAR.sessions
        if s.date <= DAY
    ]
    return build_register(pupils=[pupil or Pupil("p")], calendar=CALENDAR, marks=marks)


def about(rule: str, register: Register, policy: Policy = HCAT) -> RuleExplanation:
    return next(row for row in explain(register, policy, "p", DAY) if row.rule == rule)


def test_one_more_late_mark_is_named_with_its_last_day() -> None:
    register = register_of({(date(2025, 9, 2), "AM"): "L", (date(2025, 9, 9), "AM"): "L"})
    row = about("late-letter", register)
    assert "2 such sessions since 1 September 2025, the rule looks for 3" in row.now
    assert "2 September 2025 AM L; 9 September 2025 AM L" in row.now
    assert row.coming.startswith("It would fire on 15 September 2025 if the next session carries L.")
    assert "1 more such session by 24 October 2025 would be enough." in row.coming


def test_of_separate_absences_it_says_that_one_that_goes_on_counts_once() -> None:
    ill = {(date(2025, 9, day), "AM"): "I" for day in (2, 4, 8)}
    row = about("frequent-illness", register_of(ill))
    assert "3 such sessions since 1 September 2025, the rule looks for 4" in row.now
    assert row.coming == "It would fire on 15 September 2025 if the next session carries I."
    row = about(
        "frequent-illness", register_of({(date(2025, 9, 2), "AM"): "I", (date(2025, 9, 2), "PM"): "I"})
    )
    assert "1 such session since" in row.now
    assert (
        row.coming == "It would fire on the fourth separate absence of a term; one that goes on counts once."
    )


def test_a_deadline_of_a_rolling_window_is_true_on_its_day_and_not_after() -> None:
    first = [(date(2025, 9, day), half) for day in (1, 2, 3, 4) for half in ("AM", "PM")]
    register = register_of(dict.fromkeys(first, "U"))
    endless = HCAT.model_copy(
        update={"rules": tuple(r.model_copy(update={"until": None}) for r in HCAT.rules)}
    )
    coming = about("late-penalty", register, endless).coming
    assert "2 more such sessions by 21 November 2025 would be enough." in coming
    for last, fires in ((date(2025, 11, 21), True), (date(2025, 11, 24), False)):
        codes = {i: "U" for i, s in enumerate(register.sessions) if s.date == last}
        events = evaluate(register.marked(0, codes), endless, last).events
        assert any(event.rule == "late-penalty" for event in events) is fires


def test_an_absence_that_it_fired_for_is_said_to_be_spent_and_how_it_would_fire_next() -> None:
    """Fired on 5 September. After the morning of Monday the 15th, five days more: that afternoon to Monday morning."""
    away = [(date(2025, 9, day), half) for day in (1, 2, 3, 4, 5, 8, 9, 10, 11, 12) for half in ("AM", "PM")]
    register = register_of(dict.fromkeys(away, "O"))
    row = about("penalty-threshold", register, load_policy("england-2024"))
    assert [event.date for event in row.fired] == [date(2025, 9, 5)]
    assert row.now.startswith(
        "0 such sessions since 1 September 2025, the rule looks for 10. "
        "10 more went on in an absence that it has fired for, and are spent."
    )
    assert row.coming == (
        "It would fire on 22 September 2025 if the next session is attended and the 10 after it all carry G."
    )


def test_a_percentage_out_of_reach_is_not_said_to_fire_again() -> None:
    """On a Friday, three days before the calendar ends, no mark brings a full year under one half."""
    days = [s for s in CALENDAR.sessions if s.date > DAY]
    marks = [Mark("p", s.date, s.half, "/") for s in CALENDAR.sessions if s not in days[-6:]]
    register = build_register(pupils=[Pupil("p")], calendar=CALENDAR, marks=marks)
    last = max(mark.date for mark in marks)
    law = load_policy("england-2024")
    (row,) = [one for one in explain(register, law, "p", last) if one.rule == "severe-absence"]
    assert (row.fired, row.coming) == (
        (),
        "Nothing in the rest of this academic year would make it fire. Where it has fired, it can fire again "
        "only after 20 school days running on which the figure has recovered.",
    )


def test_a_rule_that_ended_says_when_and_never_what_comes_next() -> None:
    first = [(date(2025, 9, day), half) for day in (1, 2, 3, 4) for half in ("AM", "PM")]
    row = about("late-penalty", register_of(dict.fromkeys(first, "U")))
    assert row.coming == "It ended on 18 August 2024 and does not fire any more."
    assert row.standing == "In force until 18 August 2024."


def test_a_rule_that_is_off_fires_all_the_same_and_says_so() -> None:
    absent = [(date(2025, 9, day), half) for day in (1, 2, 3) for half in ("AM", "PM")]
    row = about("three-days-missed", register_of(dict.fromkeys(absent, "I")))
    assert row.fired
    assert row.standing.startswith("Off: a run acts on it only when")
    assert about("late-letter", register_of({})).standing == ""


def test_a_rule_that_fired_says_when_and_on_what() -> None:
    absent = [(date(2025, 9, day), half) for day in (1, 2, 3) for half in ("AM", "PM")]
    row = about("three-days-missed", register_of(dict.fromkeys(absent, "I")))
    assert [event.date for event in row.fired] == [date(2025, 9, 3)]
    assert row.now.endswith("Fired this year on 3 September 2025.")


def test_a_rule_of_law_says_that_a_pupil_is_under_age() -> None:
    row = about("second-notice", register_of({}, Pupil("p", date_of_birth=date(2021, 5, 5))))
    assert "No possible session this year on a day of compulsory school age." in row.now


def test_a_simulation_counts_the_events_of_an_evaluation() -> None:
    absent = [(date(2025, 9, day), half) for day in (1, 2, 3) for half in ("AM", "PM")]
    register = register_of(dict.fromkeys(absent, "I"))
    found = simulate(register, [HCAT, load_policy("england-2024")], end=DAY)
    assert found.packs[0].events == evaluate(register, HCAT, DAY).events
    assert found.packs[0].by_rule()["three-days-missed"] == 1
    assert found.packs[0].letters_by_week()[date(2025, 9, 1)]["three-days-missed"] == 1
    assert found.packs[0].weeks_over(0) == {date(2025, 9, 1): 1}
    assert found.differing() == (("p",), ())


# -- no deadline that cannot be met


def with_deadline(register: Register, policy: Policy, day: date) -> list[tuple[str, int, date]]:
    """Return rule, number of sessions and day of every deadline that the explanation names."""
    found = []
    for row in explain(register, policy, "p", day):
        said = re.search(r"(\d+) more such sessions? by (\d+ \w+ \d+) would be enough", row.coming)
        if said:
            found.append(
                (row.rule, int(said[1]), datetime.strptime(said[2], "%d %B %Y").replace(tzinfo=UTC).date())
            )
    return found


def fires_by(register: Register, policy: Policy, rule: str, more: int, by: date, after: date) -> bool:
    """Whether the rule fires after a day and by another when the last so many sessions carry its code, and the others ``/``."""
    ahead = [i for i, s in enumerate(register.sessions) if after < s.date <= by and register.on_roll[0, i]]
    code = policy.rule(rule).when.code_to_try
    marks = {i: code if n >= len(ahead) - more else "/" for n, i in enumerate(ahead)}
    events = evaluate(register.marked(0, marks), policy, by).events
    return len(ahead) >= more and any(e.rule == rule and e.date > after for e in events)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(["england-2024", "hcat", "aspire", "thringstone", "aycliffe-drive", "cadle"]),
    st.integers(1, 60),
    st.lists(st.sampled_from("////OOUULLIN"), min_size=1, max_size=24),
    st.integers(0, 100),
    st.one_of(st.none(), st.integers(0, 30)),
)
def test_every_deadline_that_is_named_can_be_met(
    pack: str, back: int, tail: list[str], quiet: int, leaves_in: int | None
) -> None:
    """So many school days before the calendar ends, after any marks, for a pupil who may leave before."""
    policy, days = load_policy(pack), CALENDAR.school_days
    day = days[-1 - min(back, len(days) - 2)]
    before = [s for s in CALENDAR.sessions if s.date <= day]
    codes = ["/"] * len(before) + tail + ["/"] * quiet
    marks = [Mark("p", s.date, s.half, code) for s, code in zip(before, codes[-len(before) :], strict=True)]
    left = None if leaves_in is None else days[min(len(days) - 1, days.index(day) + leaves_in)]
    register = build_register(pupils=[Pupil("p", on_roll_to=left)], calendar=CALENDAR, marks=marks)
    for rule, more, by in with_deadline(register, policy, day):
        assert fires_by(register, policy, rule, more, by, day), (rule, more, by)


def test_a_deadline_is_named_only_when_enough_sessions_are_left_until_it() -> None:
    """Sessions of the week of 1 September are in a window of ten school weeks up to Friday 14 November, four days on."""
    law, monday = load_policy("england-2024"), date(2025, 11, 10)

    def said(counted: int) -> list[tuple[int, date]]:
        first = [s for s in CALENDAR.sessions if s.date >= date(2025, 9, 1)][:counted]
        marks = [
            Mark("p", s.date, s.half, "O" if s in first else "/")
            for s in CALENDAR.sessions
            if s.date <= monday
        ]
        register = build_register(pupils=[Pupil("p")], calendar=CALENDAR, marks=marks)
        return [
            (more, by)
            for rule, more, by in with_deadline(register, law, monday)
            if rule == "penalty-threshold"
        ]

    assert said(2) == [(8, date(2025, 11, 14))], "eight sessions are left"
    assert said(1) == [], "nine are not"


def test_no_deadline_after_the_rule_has_ended() -> None:
    ends = date(2025, 9, 16)
    rules = tuple(r.model_copy(update={"until": ends} if r.id == "late-letter" else {}) for r in HCAT.rules)
    ended = HCAT.model_copy(update={"rules": rules})
    register = register_of({(date(2025, 9, 2), "AM"): "L", (date(2025, 9, 9), "AM"): "L"})
    (deadline,) = [by for rule, _, by in with_deadline(register, ended, DAY) if rule == "late-letter"]
    assert deadline == ends
    assert fires_by(register, ended, "late-letter", 1, deadline, DAY)
