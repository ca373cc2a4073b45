"""Kinds for a school's own policy: what a pack may not write, what they say of a pupil today, and the same by plain counting."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given

from rules.codes import ABSENT, POSSIBLE, Class
from rules.evaluate import evaluate
from rules.explain import explain
from rules.policy import PolicyError
from rules.register import Register
from tests.rules.own_policy import OWN_POLICY
from tests.rules.test_kinds import CALENDAR, days, pack_of, register_of
from tests.rules.test_properties import MODEST, registers

DAYS = CALENDAR.school_days
WARN = ("warn", "percentage", '{ attendance = "< 92" }')
BETTER = ("better", "recovery", '{ of = "warn", after_days = 21, better_by = 2.5 }')
QUIET = ("quiet", "recovery", '{ of = "warn", school_days_without_absence = 7 }')
FALLING = ("falling", "decline-in-weeks", "{ weeks = 3, lower_by = 5, at_least_possible = 6 }")
SAME = (
    "same",
    "weekday",
    '{ counted_as = "unauthorised", at_least = 2, weeks = 4, other_days = 3 }',
)
NEXT_TO = ("next-to", "beside-holiday", '{ counted_as = "absent", at_least = 2 }')
PACK = pack_of(WARN, BETTER, QUIET, FALLING, SAME, NEXT_TO)

Found = list[tuple[str, date]]


# --- by plain counting ------------------------------------------------------------------------------------


class Plain:
    """One pupil's days, each with the classes of its sessions, counted one after the other."""

    def __init__(self, register: Register, row: int) -> None:
        self.pupil = register.pupils[row]
        self.classes: dict[date, list[int]] = {day: [] for day in DAYS}
        for session, value in zip(register.sessions, register.classes[row], strict=True):
            self.classes[session.date].append(int(value))

    def has(self, day: date, wanted: tuple[int, ...]) -> bool:
        return any(value in wanted for value in self.classes[day])

    def share(self, first: date, last: date) -> tuple[int, int]:
        values = [v for day in DAYS if first <= day <= last for v in self.classes[day]]
        possible = sum(v in POSSIBLE for v in values)
        return possible - sum(v in ABSENT for v in values), possible

    def on_roll(self, day: date) -> bool:
        return self.pupil.on_roll(day)

    def spell(self, day: date) -> object:
        return next(s for s in self.pupil.spells if (s.start or day) <= day <= (s.end or day))


def higher(one: tuple[int, int], other: tuple[int, int], points: str) -> bool:
    return bool(one[1] and other[1]) and 100 * (Fraction(*one) - Fraction(*other)) >= Fraction(points)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def year_days(day: date) -> list[date]:
    return [other for other in DAYS if CALENDAR.year_of(other) == CALENDAR.year_of(day)]


def falling(plain: Plain, last: date) -> Found:
    found = []
    for year in CALENDAR.years:
        weeks = sorted({monday(day) for day in DAYS if day in year})
        ends = [max(day for day in DAYS if monday(day) == week) for week in weeks]
        earliest = 5
        for number, end in enumerate(ends):
            if number < earliest or end > last or not plain.on_roll(end):
                continue
            before = plain.share(weeks[number - 5], ends[number - 3])
            since = plain.share(weeks[number - 2], end)
            if min(before[1], since[1]) >= 6 and higher(before, since, "5"):
                found.append(("falling", end))
                earliest = number + 3
    return found


def same_weekday(plain: Plain, last: date) -> Found:
    found: Found = []
    used: list[date] = []
    mondays = sorted({monday(day) for day in DAYS})
    with_one = [day for day in DAYS if day <= last and plain.has(day, (Class.UNAUTHORISED,))]
    for day in with_one:
        weeks = mondays[: mondays.index(monday(day)) + 1][-4:]
        inside = [other for other in with_one if weeks[0] <= other <= day]
        same = [o for o in inside if o.weekday() == day.weekday() and o not in used]
        if len(same) >= 2 and len([o for o in inside if o.weekday() != day.weekday()]) <= 3:
            used += same
            found.append(("same", day))
    return found


def next_to_holidays(plain: Plain, last: date) -> Found:
    edges = []
    for half_term in CALENDAR.half_terms:
        inside = [day for day in DAYS if day in half_term]
        edges += [inside[0], inside[-1]]
    found = []
    for year in CALENDAR.years:
        counted = [
            day for day in DAYS if day in year and day <= last and day in edges and plain.has(day, ABSENT)
        ]
        found += [("next-to", day) for day in counted[1:2]]
    return found


def recovered(plain: Plain, openings: list[date], last: date) -> Found:
    found: Found = []
    for number, opened in enumerate(openings):
        following = openings[number + 1] if number + 1 < len(openings) else date.max
        year = year_days(opened)
        due = next((day for day in DAYS if day >= opened + timedelta(days=21)), None)
        if due in year and due <= last and due < following and plain.on_roll(due):
            then = plain.share(year[0], opened)
            if higher(plain.share(opened + timedelta(days=1), due), then, "2.5"):
                found.append(("better", due))
        run: list[date] = []
        for day in year:
            if not opened < day <= last or not plain.on_roll(day):
                continue
            if run and plain.spell(run[-1]) != plain.spell(day):
                run = []
            if plain.has(day, ABSENT):
                run = []
            elif plain.has(day, POSSIBLE) and not plain.has(day, (Class.MISSING, Class.UNRECOGNISED)):
                run.append(day)
            if len(run) == 7:
                if day < following:
                    found.append(("quiet", day))
                break
    return found


@MODEST
@given(registers())
def test_they_fire_on_the_days_that_plain_counting_gives(register: Register) -> None:
    last = max(DAYS)
    events = evaluate(register, PACK, last).events
    for row, pupil in enumerate(register.pupils):
        plain = Plain(register, row)
        mine = [(event.rule, event.date) for event in events if event.pupil_id == pupil.pupil_id]
        openings = [day for rule, day in mine if rule == "warn"]
        expected = [
            *falling(plain, last),
            *same_weekday(plain, last),
            *next_to_holidays(plain, last),
            *recovered(plain, openings, last),
        ]
        assert sorted(one for one in mine if one[0] != "warn") == sorted(expected)


@MODEST
@given(registers())
def test_what_is_known_of_them_on_a_day_does_not_change_later(register: Register) -> None:
    for day in (DAYS[38], DAYS[90]):
        early = evaluate(register, PACK, day).events
        late = [event for event in evaluate(register, PACK, max(DAYS)).events if event.date <= day]
        assert [(e.rule, e.subject, e.date, e.sessions, e.window) for e in early] == [
            (e.rule, e.subject, e.date, e.sessions, e.window) for e in late
        ]


# --- what they looked at ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "when", "absent", "day", "window"),
    [
        ("decline-in-weeks", "{ weeks = 2, lower_by = 5 }", ["2025-09-24"], "2025-09-26", ("2025-09-01", "2025-09-26")),
        ("weekday", '{ codes = ["O"], at_least = 2, weeks = 2, other_days = 0 }', ["2025-09-10", "2025-09-17"],
         "2025-09-17", ("2025-09-08", "2025-09-17")),
        ("beside-holiday", '{ codes = ["O"], at_least = 2 }', ["2025-10-24", "2025-11-03"],
         "2025-11-03", ("2025-09-01", "2025-11-03")),
    ],
)  # fmt: skip
def test_an_event_names_the_days_that_its_rule_looked_at(
    kind: str, when: str, absent: list[str], day: str, window: tuple[str, str]
) -> None:
    register = register_of(dict.fromkeys(map(date.fromisoformat, absent), "O"), date(2025, 11, 7))
    (event,) = evaluate(register, pack_of(("own", kind, when))).events
    assert event.date.isoformat() == day
    assert tuple(one.isoformat() for one in event.window or ()) == window
    assert event.sessions


def test_a_recovery_looks_from_the_day_after_the_event_and_says_what_was_then() -> None:
    codes = dict.fromkeys(days(date(2025, 9, 15), date(2025, 9, 19)), "O")
    events = evaluate(register_of(codes, date(2025, 11, 7)), pack_of(WARN, BETTER, QUIET)).events
    assert [(e.rule, e.date.isoformat()) for e in events] == [
        ("warn", "2025-09-19"), ("quiet", "2025-09-30"), ("better", "2025-10-10")
    ]  # fmt: skip
    assert events[2].window == (date(2025, 9, 20), date(2025, 10, 10))
    assert events[2].figures["opened"] == "2025-09-19"
    assert (events[2].figures["percent_then"], events[2].figures["window_percent"]) == ("66.6", "100.0")


# --- what a pack may not write ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "when", "says"),
    [
        ("recovery", '{ of = "warn" }', "name either after_days = 28 and better_by = 3"),
        ("recovery", '{ of = "warn", after_days = 28 }', "name either after_days = 28 and better_by = 3"),
        ("recovery", '{ of = "warn", after_days = 28, school_days_without_absence = 5 }', "and not both"),
        ("recovery", '{ of = "warn", after_days = 28, better_by = 3, school_days_without_absence = 5 }', "and not both"),
        ("recovery", '{ of = "warn", after_days = 28, better_by = 0 }', "greater than 0"),
        ("recovery", '{ of = "gone", school_days_without_absence = 5 }', "names the rule 'gone', which this pack does not have"),
        ("decline-in-weeks", "{ weeks = 0, lower_by = 5 }", "greater than or equal to 1"),
        ("decline-in-weeks", "{ weeks = 4, lower_by = 101 }", "less than or equal to 100"),
        ("weekday", '{ codes = ["O"], at_least = 5, weeks = 4, other_days = 1 }', "impossible: 4 weeks hold a weekday 4 times, not 5"),
        ("weekday", "{ at_least = 2, weeks = 4, other_days = 1 }", "name either codes"),
        ("beside-holiday", '{ codes = ["??"], at_least = 2 }', "'??' is not an attendance code"),
        ("beside-holiday", '{ codes = ["O"], at_least = 0 }', "greater than or equal to 1"),
        ("review-passed", '{ of = ["warn"] }', "no rule of kind review looks back at 'warn'"),
        ("unexplained", '{ code = "??", school_days = 5 }', "'??' is not an attendance code"),
        ("unexplained", '{ code = "N", school_days = 5, number = 0 }', "greater than or equal to 1"),
    ],
)  # fmt: skip
def test_a_pack_that_asks_for_what_cannot_be_is_refused(kind: str, when: str, says: str) -> None:
    with pytest.raises(PolicyError) as caught:
        pack_of(WARN, ("own", kind, when))
    assert says in "; ".join(message for _, message in caught.value.findings)


def test_a_review_and_the_rule_on_its_good_end_count_the_same_sessions() -> None:
    review = ("look", "review", '{ of = ["warn"], after_days = 21, compare = "window" }')
    passed = ("passed", "review-passed", '{ of = ["warn"] }')
    pack = pack_of(WARN, review, passed)
    assert [rule.id for rule in pack.rules] == ["warn", "look", "passed"]
    with pytest.raises(PolicyError, match="must be as in the review 'look'"):
        pack_of(WARN, review, ("passed", "review-passed", '{ of = ["warn"] }\nlaw = true'))


def test_a_person_reads_first_only_for_a_flag_that_there_is() -> None:
    with pytest.raises(PolicyError, match="'cp' is no flag"):
        pack_of(("own", "count", '{ codes = ["L"], at_least = 3, within = "year" }\nread_first = ["cp"]'))


# --- what is said of a pupil ------------------------------------------------------------------------------


def test_each_says_where_a_pupil_stands() -> None:
    codes = dict.fromkeys(
        map(date.fromisoformat, ["2025-09-01", "2025-09-08", "2025-09-09", "2025-10-24"]), "O"
    )
    register = register_of(codes, date(2025, 10, 24))
    says = {one.rule: one.now for one in explain(register, OWN_POLICY, "p", date(2025, 10, 24))}
    assert "0 such day" not in says["next-to-holidays"]
    assert says["next-to-holidays"].startswith("2 such days this year; the rule looks for 3.")
    assert "Friday 1; the rule looks for 4 of one" in says["same-weekday"]
    assert says["falling"].startswith(
        "Attendance of the last 4 school weeks is 95.0%, of the 4 before 85.0%."
    )
    assert says["better"].startswith("It looks at attendance after concern; attendance this year is 90.0%.")
