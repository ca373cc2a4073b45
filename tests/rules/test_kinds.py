"""A rule kind is one file, known by its name; what a rule builds on fires first, wherever it is listed."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from datetime import date
from random import Random

import pytest

import rules.kinds
from rules.calendar import Calendar
from rules.cases import STANDARD_CALENDAR
from rules.evaluate import evaluate
from rules.events import Event
from rules.kinds import CONDITIONS
from rules.policy import Policy, PolicyError, load_policy, parse_policy, shipped_policies
from rules.register import Register, build_register
from rules.rule import Condition
from rules.school import AttendancePlan, Mark, Pupil
from tests.rules.own_policy import KINDS_OF_ITS_OWN, OWN_POLICY, PAGE

CALENDAR = Calendar(STANDARD_CALENDAR)
HEAD = """
id = "own"
title = "A policy of the school's own"
nation = "england"
code_set = "england-2024"
version = "1"
dated = 2024-09-01
keep_years = 3
[[bands]]
name = "all"
attendance = ">= 0"
label = "all"
"""
WARN = ("warn", "percentage", '{ attendance = "< 92" }')
FIRST_LOOK = ("first-look", "review", '{ of = ["warn"], after_days = 21, compare = "window" }')
SECOND_LOOK = ("second-look", "review", '{ of = ["first-look"], after_days = 21, compare = "window" }')
FELL = ("fell", "decline", '{ of = "first-look", after_days = 10 }')


def pack_of(*listed: tuple[str, str, str], head: str = HEAD) -> Policy:
    text = head
    for rule_id, kind, when in listed:
        text += f'\n[[rules]]\nid = "{rule_id}"\ntitle = "{rule_id}"\nclause = "own"\nkind = "{kind}"\n'
        text += f'when = {when}\noutcomes = ["note"]\n'
    return parse_policy(text, "own.toml")


def register_of(codes: dict[date, str], until: date, **facts: object) -> Register:
    """One pupil, present but for days with a code of their own (both sessions)."""
    pupil = Pupil("p", date_of_birth=date(2015, 5, 5), registration_group="5A")
    marks = [Mark("p", s.date, s.half, codes.get(s.date, "/")) for s in CALENDAR.sessions if s.date <= until]
    return build_register(pupils=[pupil], calendar=CALENDAR, marks=marks, **facts)  # type: ignore[arg-type]


def days(first: date, last: date) -> list[date]:
    return [day for day in CALENDAR.school_days if first <= day <= last]


def fired(events: tuple[Event, ...]) -> list[tuple[str, date]]:
    return [(event.rule, event.date) for event in events]


# --- one file a kind --------------------------------------------------------------------------------------


def test_every_file_of_a_kind_is_in_the_registry_under_a_name_of_its_own() -> None:
    modules = [
        importlib.import_module(m.name)
        for m in pkgutil.walk_packages(rules.kinds.__path__, "rules.kinds.")
        if not m.ispkg
    ]
    written = {
        one
        for module in modules
        for one in vars(module).values()
        if inspect.isclass(one) and issubclass(one, Condition) and one.__module__ == module.__name__
        and not inspect.isabstract(one)
    }  # fmt: skip
    assert written == set(CONDITIONS)
    assert len({when.__module__ for when in CONDITIONS}) == len(CONDITIONS)
    assert len({when.kind for when in CONDITIONS}) == len(CONDITIONS)


@pytest.mark.parametrize("when", CONDITIONS, ids=lambda when: when.kind)
def test_a_kind_is_used_by_a_shipped_pack_or_the_example_and_has_a_sentence_of_its_own(
    when: type[Condition],
) -> None:
    shipped = [load_policy(name) for name in shipped_policies()]
    packs = [OWN_POLICY] if when.kind in KINDS_OF_ITS_OWN else shipped
    used = [rule for pack in packs for rule in pack.rules if rule.kind == when.kind]
    assert used
    assert all(type(rule.when) is when for rule in used)
    assert all(len(rule.when.words()) > 20 for rule in used)


def test_the_page_on_own_policies_names_every_kind() -> None:
    table = PAGE[PAGE.index("## Kinds") : PAGE.index("## An example")]
    assert sorted(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)) == sorted(
        when.kind for when in CONDITIONS
    )


# --- the order of rules -----------------------------------------------------------------------------------

FALLING = register_of(
    dict.fromkeys([date(2025, 9, 15), date(2025, 9, 16), *days(date(2025, 10, 6), date(2025, 11, 14))], "I"),
    date(2025, 12, 5),
)


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ((WARN, FIRST_LOOK, SECOND_LOOK), ["warn", "first-look", "second-look"]),
        ((WARN, FIRST_LOOK, FELL), ["warn", "first-look", "fell"]),
    ],
)
def test_rules_fire_after_those_they_build_on_wherever_they_are_listed(
    listed: tuple[tuple[str, str, str], ...], expected: list[str]
) -> None:
    events = evaluate(FALLING, pack_of(*listed)).events
    assert [event.rule for event in events] == expected
    for again in (listed[::-1], (listed[1], listed[2], listed[0]), (listed[2], listed[0], listed[1])):
        assert evaluate(FALLING, pack_of(*again)).events == events


@pytest.mark.parametrize("name", ["hcat", "cadle"])
def test_ladders_and_screening_chains_do_not_hang_on_their_order(name: str) -> None:
    pack = load_policy(name)
    absent = days(date(2025, 9, 22), date(2026, 3, 27))
    register = register_of(dict.fromkeys(absent, "O"), date(2026, 3, 27), nation=pack.nation)
    events = evaluate(register, pack).events
    chain = {
        "hcat": {"stage-1", "stage-2", "stage-3"},
        "cadle": {"screening-1", "screening-2", "screening-3"},
    }
    assert chain[name] <= {event.rule for event in events}
    for number in range(5):
        listed = list(pack.rules)
        Random(number).shuffle(listed)
        assert evaluate(register, pack.model_copy(update={"rules": tuple(listed)})).events == events


def test_of_a_stage_with_two_versions_the_one_in_force_on_the_day_fires() -> None:
    opener = ("warn", "percentage", '{ attendance = "< 92", next_stages = ["first-look"] }')
    pack = pack_of(opener, FIRST_LOOK)
    warn, stage = pack.rules
    old = stage.model_copy(update={"title_text": "old", "until": date(2025, 10, 1)})
    new = stage.model_copy(update={"title_text": "new", "start": date(2025, 10, 2)})
    for rules_listed in ((warn, old, new), (new, old, warn)):
        events = evaluate(FALLING, pack.model_copy(update={"rules": rules_listed})).events
        assert [event.title for event in events] == ["warn", "new"]


@pytest.mark.parametrize(
    ("listed", "place", "circle"),
    [
        (
            (("a", "decline", '{ of = "b", after_days = 7 }'), ("b", "decline", '{ of = "a", after_days = 7 }')),
            "rules[",
            ("'a' builds on 'b' builds on 'a'", "'b' builds on 'a' builds on 'b'"),
        ),
        ((("a", "decline", '{ of = "a", after_days = 7 }'),), "rules[1].when (a)", ("'a' builds on 'a'",)),
    ],
)  # fmt: skip
def test_rules_that_build_on_each_other_in_a_circle_are_a_fault_that_is_named(
    listed: tuple[tuple[str, str, str], ...], place: str, circle: tuple[str, ...]
) -> None:
    with pytest.raises(PolicyError) as caught:
        pack_of(WARN, *listed) if len(listed) > 1 else pack_of(*listed)
    ((where, what),) = caught.value.findings
    assert where.startswith(place)
    assert what in [f"goes round in a circle: {names}" for names in circle]


# --- what a rule looked at --------------------------------------------------------------------------------

AWAY = days(date(2025, 11, 3), date(2025, 11, 14))
"""Ten school days."""


@pytest.mark.parametrize(
    ("kind", "when", "day", "window"),
    [
        ("percentage", '{ absence = ">= 10" }', "2025-11-07", ("2025-09-01", "2025-11-07")),
        ("count", '{ codes = ["O"], at_least = 4, within = "half_term" }', "2025-11-04", ("2025-11-03", "2025-11-04")),
        ("count", '{ codes = ["O"], at_least = 4, within = "year" }', "2025-11-04", ("2025-09-01", "2025-11-04")),
        ("count", '{ codes = ["O"], at_least = 20, within = "weeks", weeks = 3 }', "2025-11-14", ("2025-10-25", "2025-11-14")),
        ("count", '{ codes = ["O"], at_least = 20, within = "school_weeks", weeks = 3 }', "2025-11-14", ("2025-10-20", "2025-11-14")),
        ("count", '{ codes = ["O"], at_least = 20, within = "two_terms" }', "2025-11-14", ("2025-09-01", "2025-11-14")),
        ("running", '{ codes = ["O"], days = [4] }', "2025-11-06", ("2025-11-03", "2025-11-06")),
        ("count-or-running",
         '{ count = { codes = ["O"], at_least = 30, within = "year" }, running = { codes = ["O"], days = [4] } }',
         "2025-11-06", ("2025-11-03", "2025-11-06")),
        ("day", '{ codes = ["O"], once_per = "run" }', "2025-11-03", ("2025-11-03", "2025-11-03")),
        ("overdue", '{ codes = ["O"], school_days = 10 }', "2025-11-17", ("2025-11-03", "2025-11-17")),
        ("screening", '{ step = 1, attendance = "< 95" }', "2025-12-19", ("2025-09-01", "2025-12-19")),
        ("period-end", '{ period = "half_term", attendance = "< 95" }', "2025-12-19", ("2025-11-03", "2025-12-19")),
        ("period-end", '{ period = "half_term", year_to_date = "< 95" }', "2025-12-19", ("2025-09-01", "2025-12-19")),
        ("class-week", '{ attendance = ">= 100" }', "2025-09-05", ("2025-09-01", "2025-09-05")),
    ],
)  # fmt: skip
def test_an_event_names_the_days_that_its_rule_looked_at(
    kind: str, when: str, day: str, window: tuple[str, str]
) -> None:
    register = register_of(dict.fromkeys(AWAY, "O"), date(2025, 12, 19))
    first = evaluate(register, pack_of(("own", kind, when))).events[0]
    assert first.date.isoformat() == day
    assert tuple(one.isoformat() for one in first.window or ()) == window


@pytest.mark.parametrize(
    ("kind", "when", "window"),
    [
        ("review", '{ of = ["warn"], after_days = 21, compare = "window" }', ("2025-09-20", "2025-10-10")),
        ("decline", '{ of = "warn", after_days = 21 }', ("2025-09-19", "2025-10-10")),
        ("later-day", '{ codes = ["I"], after = "warn" }', ("2025-09-19", "2025-10-06")),
    ],
)
def test_a_rule_that_builds_on_another_looks_from_there(
    kind: str, when: str, window: tuple[str, str]
) -> None:
    (event,) = [e for e in evaluate(FALLING, pack_of(WARN, ("own", kind, when))).events if e.rule == "own"]
    assert tuple(one.isoformat() for one in event.window or ()) == window


def test_a_review_that_counts_from_an_attendance_plan_looks_from_the_day_after_it() -> None:
    when = '{ of = ["warn"], after_days = 21, compare = "window", plan_within_days = 28 }'
    register = register_of(
        dict.fromkeys([date(2025, 9, 15), date(2025, 9, 16), *AWAY], "I"),
        date(2025, 12, 5),
        attendance_plans=[AttendancePlan("p", date(2025, 10, 15))],
    )
    (event,) = [
        e for e in evaluate(register, pack_of(WARN, ("own", "review", when))).events if e.rule == "own"
    ]
    assert event.window == (date(2025, 10, 16), date(2025, 11, 5))


def test_what_follows_another_event_has_its_window() -> None:
    count = ("count", "count", '{ codes = ["I"], at_least = 10, within = "weeks", weeks = 4 }')
    follows = ("after", "follows", '{ of = "count", notice_within_years = 3 }')
    events = evaluate(FALLING, pack_of(follows, count)).events
    seconds = [event for event in events if event.rule == "after"]
    assert seconds
    for second in seconds:
        (opening,) = [e for e in events if e.rule == "count" and e.date == second.date]
        assert second.window == opening.window
        assert second.sessions == ()


def test_a_pack_with_a_first_day_looks_at_nothing_before_it() -> None:
    head = HEAD.replace("keep_years = 3", "keep_years = 3\nfrom = 2025-10-13")
    pack = pack_of(
        ("own", "count", '{ codes = ["O"], at_least = 20, within = "weeks", weeks = 12 }'), head=head
    )
    (event,) = evaluate(register_of(dict.fromkeys(AWAY, "O"), date(2025, 12, 5)), pack).events
    assert event.window == (date(2025, 10, 13), date(2025, 11, 14))
