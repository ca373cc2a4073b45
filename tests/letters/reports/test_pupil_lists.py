"""Lists of pupils that are documents of their own: who is on them, and what they say of each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from letters.reports.pupil_lists import OWN_LISTS, ListFacts, pupil_list
from rules.evaluate import evaluate
from rules.policy import Policy, load_policy, shipped_policies
from rules.pupil_record import PupilRecord
from rules.register import Register, build_register
from rules.school import AttendancePlan, Mark, Pupil
from rules.statistics import Tally
from tests.letters.made_up import SCHOOL
from tests.letters.reports.reading import tables, words
from tests.rules.test_kinds import CALENDAR, days

FRIDAY = date(2025, 10, 17)
A, B, C = "Ash", "Barn", "Crom"
"""Three pupils by their surnames."""
AWAY = days(date(2025, 10, 6), date(2025, 10, 10))


def register_of(codes: dict[str, dict[date, str]], until: date = FRIDAY, **facts: object) -> Register:
    """Three pupils of one class, present but for days with a code of their own, whole days."""
    pupils = [Pupil(name, "", "Kim", name, registration_group="5A") for name in (A, B, C)]
    marks = [
        Mark(name, s.date, s.half, codes.get(name, {}).get(s.date, "/"))
        for name in (A, B, C)
        for s in CALENDAR.sessions
        if s.date <= until
    ]
    return build_register(pupils=pupils, calendar=CALENDAR, marks=marks, **facts)  # type: ignore[arg-type]


def as_in_a_run(register: Register, pupil_id: str, start: date, end: date | None = None) -> Register:
    """Return the register with a pupil's part-time dates, which a run takes from the MIS and the records."""
    pupils = (
        replace(p, part_time_from=start, part_time_to=end) if p.pupil_id == pupil_id else p
        for p in register.pupils
    )
    return replace(register, pupils=tuple(pupils))


def made(pack: Policy, rule: str, register: Register, day: date = FRIDAY, **more: object) -> bytes:
    """Return the list of a rule, from its events of a day."""
    found = [e for e in evaluate(register, pack, day, in_run=True).events if e.rule == rule and e.date == day]
    name = next(outcome.name for outcome in pack.rule(rule).outcomes if outcome.kind == "list")
    words_of = pack.list_named(name)
    assert words_of is not None
    facts = ListFacts(found, register, Tally(register), [pack], SCHOOL, day, day)
    return pupil_list(name, words_of, replace(facts, **more))  # type: ignore[arg-type]


def test_each_shipped_pack_with_such_a_list_describes_it() -> None:
    packs = [load_policy(name) for name in shipped_policies()]
    used = {
        outcome.name
        for pack in packs
        for rule in pack.rules
        for outcome in rule.outcomes
        if outcome.kind == "list"
    }
    assert set(OWN_LISTS) <= used
    assert not any(set(pack.undescribed_lists) & set(OWN_LISTS) for pack in packs)


def test_who_is_back_today_with_the_days_missed() -> None:
    register = register_of({A: dict.fromkeys(AWAY, "I"), B: {AWAY[0]: "I"}}, date(2025, 10, 13))
    (rows,) = tables(made(load_policy("aspire"), "back-today", register, date(2025, 10, 13)))
    assert rows[1:] == [
        ["Ash, Kim", "5A", "13 Oct 2025", "Monday 6 to Friday 10 October 2025", "5 school days", "", ""],
    ]


def test_the_monthly_list_has_those_with_ten_unauthorised_days_in_all_and_the_help_given() -> None:
    apart = days(date(2025, 9, 1), FRIDAY)[::3]
    day = CALENDAR.last_school_day(date(2025, 10, 1), date(2025, 10, 31))
    assert day is not None
    register = register_of(
        {A: dict.fromkeys(apart[:10], "O"), B: dict.fromkeys(apart[:9], "O")},
        day,
        attendance_plans=[AttendancePlan(A, date(2025, 10, 2))],
        pupil_records=[
            PupilRecord(A, "meeting", date(2025, 9, 30), "", "held"),
            PupilRecord(A, "return-sent", date(2025, 9, 30)),
            PupilRecord(B, "visit", date(2025, 9, 30), "", "seen"),
        ],
    )
    held = made(
        load_policy("england-2024"),
        "authority-irregular",
        register,
        day,
        letters={A: [("Persistent absence", date(2025, 9, 26))]},
    )
    rows = tables(held)[0]
    assert len(rows) == 2
    assert (rows[1][0], rows[1][6]) == ("Ash, Kim", "20")
    assert (
        rows[1][7]
        == "26 Sep 2025 letter “Persistent absence”; 30 Sep 2025 meeting (held); 2 Oct 2025 attendance plan"
    )


def test_the_case_list_has_stage_help_and_the_next_date() -> None:
    day = CALENDAR.last_school_day(date(2025, 10, 1), date(2025, 10, 31))
    assert day is not None
    review = PupilRecord(A, "contract", date(2025, 10, 1), "", "signed", review=day + timedelta(days=14))
    register = register_of({A: dict.fromkeys(AWAY, "I")}, day, pupil_records=[review])
    rows = tables(made(load_policy("aycliffe-drive"), "case-list", register, day))[0]
    assert rows[1][:2] == ["Ash, Kim", "5A"]
    assert rows[1][4:8] == ["5 school days", "0", "persistent", "1 Oct 2025 contract (signed)"]
    assert rows[1][8] == "7 Nov 2025"


def test_part_time_pupils_are_listed_with_start_review_and_end_and_off_site_ones_by_their_codes() -> None:
    start = date(2025, 10, 13)
    agreed = PupilRecord(
        A, "part-time", start, "", "agreed", start, date(2025, 11, 21), review=date(2025, 11, 7)
    )
    over = PupilRecord(C, "part-time", date(2025, 9, 8), "", "agreed", date(2025, 9, 8), date(2025, 9, 19))
    register = register_of({B: dict.fromkeys(AWAY, "B")}, start, pupil_records=[agreed, over])
    (rows,) = tables(
        made(load_policy("aspire"), "part-time-register", as_in_a_run(register, A, start), start)
    )
    assert [row[:6] for row in rows[1:]] == [
        ["Ash, Kim", "5A", "part-time", "13 Oct 2025", "7 Nov 2025", "21 Nov 2025"],
        [
            "Barn, Kim",
            "5A",
            "off-site or part-time by its codes",
            "not recorded",
            "not recorded",
            "not recorded",
        ],
    ]
    assert rows[2][6] == "B: 10 sessions"


def test_a_part_time_timetable_that_was_ended_is_no_longer_listed() -> None:
    start = date(2025, 9, 8)
    agreed = PupilRecord(A, "part-time", start, "", "agreed", start)
    ended = PupilRecord(A, "part-time", date(2025, 10, 13), "", "ended")
    register = register_of({}, date(2025, 10, 13), pupil_records=[agreed, ended])
    held = as_in_a_run(register, A, start, date(2025, 10, 13))
    shown = words(made(load_policy("aspire"), "part-time-register", held, date(2025, 10, 14)))
    assert "No pupil is part-time or off-site." in shown


def test_eligibility_leaves_those_who_were_ill_to_the_head() -> None:
    day = CALENDAR.last_school_day(date(2025, 9, 1), CALENDAR.half_terms[0].end)
    assert day is not None
    register = register_of({B: dict.fromkeys(AWAY, "I"), C: dict.fromkeys(AWAY, "O")}, day)
    held = made(load_policy("hcat"), "eligibility", register, day)
    reached, near = tables(held)
    assert [row[0] for row in reached[1:]] == ["Ash, Kim"]
    assert [row[0] for row in near[1:]] == ["Barn, Kim"], "five days of unauthorised absence are not near"
    assert near[1][3:] == ["10", "10", "100.0%"]


def test_most_improved_names_who_rose_most_and_marks_whom_a_person_looks_at_first() -> None:
    before = days(date(2025, 9, 15), date(2025, 10, 10))
    register = register_of({A: dict.fromkeys(before[:8], "I"), B: dict.fromkeys(before[:2], "I")})
    protected = replace(
        register, pupils=tuple(replace(p, child_protection=p.pupil_id == B) for p in register.pupils)
    )
    week = tables(made(load_policy("hcat"), "most-improved", protected))[0]
    assert week[1:] == [
        ["Ash, Kim", "5A", "60.0%", "100.0%", ""],
        ["Barn, Kim", "5A", "90.0%", "100.0%", "a person looks first"],
    ]


def test_a_list_with_names_says_that_it_is_confidential() -> None:
    assert all("Confidential" in footer for _, footer in OWN_LISTS.values())
