"""Each pattern on either side of its threshold, and none from chance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from letters.reports.patterns.chance import LIMIT, Days, at_least, meeting_by_chance, stands_out
from letters.reports.patterns.on_course import Course, courses
from letters.reports.patterns.patterns_report import hours, patterns_report
from letters.reports.patterns.pupil_patterns import SIBLING_DAYS, PupilPatterns
from letters.reports.tutor import tutor_reports
from rules.calendar import Calendar
from rules.events import Figures
from rules.policy import load_policy
from rules.register import Register, build_register
from rules.school import Address, Contact, Mark, Pupil
from rules.statistics import Tally
from tests.letters.docx_files import assert_sound
from tests.letters.made_up import SCHOOL, calendar
from tests.letters.reports.reading import table_under, words

DAY = date(2025, 12, 12)
WHOLE = calendar()
FRIDAYS = [day for day in WHOLE.school_days if day.weekday() == 4 and day <= DAY]
MONDAYS = [day for day in WHOLE.school_days if day.weekday() == 0 and day <= DAY]
NEXT_TO_HOLIDAYS = [date(2025, 9, 4), date(2025, 10, 24), date(2025, 11, 4)]
ADA = Pupil("1", legal_forename="Ada", legal_surname="Okoro", registration_group="4A")


def register(
    absent: dict[str, Iterable[tuple[date, str]]], *pupils: Pupil, code: str = "O", dates: Calendar = WHOLE
) -> Register:
    """Return a register of present pupils, absent on some days: "both", "AM" or "PM"."""
    everyone = pupils or (ADA,)
    marks = [
        Mark(p.pupil_id, s.date, s.half, "/" if s.half == "AM" else "\\")
        for p in everyone
        for s in dates.sessions
        if s.date <= DAY
    ]
    for pupil_id, days in absent.items():
        for day, halves in days:
            marks += [Mark(pupil_id, day, half, code) for half in ("AM", "PM") if halves in ("both", half)]  # type: ignore[arg-type]
    return build_register(pupils=everyone, calendar=dates, marks=marks)


def patterns(of: Register) -> PupilPatterns:
    return PupilPatterns(of, Tally(of), DAY)


def whole(days: Iterable[date]) -> list[tuple[date, str]]:
    return [(day, "both") for day in days]


@pytest.mark.parametrize(
    ("hits", "tries", "share", "tail"), [(0, 5, 0.2, 1.0), (5, 5, 0.2, 0.00032), (1, 2, 0.5, 0.75)]
)
def test_the_tail_is_the_binomial_one(hits: int, tries: int, share: float, tail: float) -> None:
    assert at_least(hits, tries, share) == pytest.approx(tail)


def test_a_share_that_is_not_twice_its_part_never_stands_out() -> None:
    assert stands_out(40, 100, 20, 100)
    assert not stands_out(39, 100, 20, 100)
    assert at_least(39, 100, 0.2) < 0.01


@pytest.mark.parametrize(("number", "named"), [(4, False), (5, True)])
def test_five_fridays_are_a_pattern_and_four_are_not(number: int, named: bool) -> None:
    found = patterns(register({"1": whole(FRIDAYS[:number])})).weekdays()
    assert [(p.weekday, p.days, p.of, p.codes) for p in found] == ([(4, 5, 5, ("O",))] if named else [])


def test_fridays_among_many_other_days_are_chance() -> None:
    days = [day for day in WHOLE.school_days if day <= DAY][:40]
    assert sum(day.weekday() == 4 for day in days) >= 5
    assert patterns(register({"1": whole(days)})).weekdays() == []


def test_absence_that_the_school_gave_is_no_pattern() -> None:
    assert patterns(register({"1": whole(FRIDAYS)}, code="C2")).weekdays() == []
    assert len(patterns(register({"1": whole(FRIDAYS)}, code="I")).weekdays()) == 1


@pytest.mark.parametrize(("number", "named"), [(2, False), (3, True)])
def test_three_days_next_to_holidays_are_a_pattern(number: int, named: bool) -> None:
    found = patterns(register({"1": whole(NEXT_TO_HOLIDAYS[:number])})).holidays()
    assert bool(found) is named


@pytest.mark.parametrize(("number", "named"), [(2, False), (3, True)])
def test_leaving_after_lunch_on_three_days_is_named(number: int, named: bool) -> None:
    days = [*((day, "PM") for day in MONDAYS[:number]), (FRIDAYS[0], "AM"), (FRIDAYS[1], "both")]
    assert [p.days for p in patterns(register({"1": days})).afternoons()] == ([3] if named else [])


@pytest.mark.parametrize(("number", "named"), [(6, False), (7, True)])
def test_half_of_the_weeks_broken_is_named(number: int, named: bool) -> None:
    """Fourteen weeks up to 12 December; the one of the half-term holiday is none."""
    fourteen = {day.isocalendar().week for day in WHOLE.school_days if day <= DAY}
    assert len(fourteen) == 14
    found = patterns(register({"1": [(day, "AM") for day in FRIDAYS[:number]]})).broken_weeks()
    assert [(p.days, p.of) for p in found] == ([(7, 14)] if named else [])


MOTHER = Contact("c1", parental_responsibility=True)
HOME = Address(("1 Elm Road",), "Hull", "", "HU1 1AA")


@pytest.mark.parametrize(
    ("contacts", "named"),
    [
        ((MOTHER, MOTHER), True),
        ((replace(MOTHER, address=HOME), Contact("c2", parental_responsibility=True, address=HOME)), True),
        ((MOTHER, Contact("c2", parental_responsibility=True)), False),
        ((replace(MOTHER, relationship="Social worker"),) * 2, False),
        (
            (
                replace(MOTHER, address=HOME),
                Contact("c2", parental_responsibility=True, address=HOME, refuge=True),
            ),
            False,
        ),
    ],
)
def test_siblings_share_a_parent_or_a_home(contacts: tuple[Contact, Contact], named: bool) -> None:
    pair = [replace(ADA, pupil_id=str(n), contacts=(contacts[n],)) for n in (0, 1)]
    days = whole([FRIDAYS[0], MONDAYS[3], MONDAYS[5]])
    found = patterns(register({"0": days, "1": days}, *pair)).siblings()
    assert [(s.together, s.absent) for s in found] == ([(3, (3, 3))] if named else [])


def test_a_family_stands_on_one_line() -> None:
    three = [replace(ADA, pupil_id=str(n), contacts=(MOTHER,)) for n in range(3)]
    days = whole([FRIDAYS[0], MONDAYS[3], MONDAYS[5]])
    (family,) = patterns(register({str(n): days for n in range(3)}, *three)).siblings()
    assert [pupil.pupil_id for pupil in family.pupils] == ["0", "1", "2"]
    assert (family.together, family.absent) == (3, (3, 3, 3))


def test_siblings_away_on_two_days_together_are_not_named() -> None:
    pair = [replace(ADA, pupil_id=str(n), contacts=(MOTHER,)) for n in (0, 1)]
    of = register({"0": whole(FRIDAYS[:3]), "1": whole([*FRIDAYS[:2], MONDAYS[4]])}, *pair)
    assert patterns(of).siblings() == []


@pytest.mark.parametrize("length", [3, 5])
def test_one_illness_that_siblings_shared_is_no_pattern(length: int) -> None:
    pair = [replace(ADA, pupil_id=str(n), contacts=(MOTHER,)) for n in (0, 1)]
    week = whole([day for day in WHOLE.school_days if day >= MONDAYS[3]][:length])
    assert patterns(register({"0": week, "1": week}, *pair)).siblings() == []
    twice = week + whole([day for day in WHOLE.school_days if day >= MONDAYS[7]][:length])
    assert patterns(register({"0": twice, "1": twice}, *pair)).siblings() == []


def test_hardly_any_siblings_are_named_whose_illnesses_fall_where_they_may() -> None:
    draw = np.random.default_rng(5)

    def ill() -> Days:
        days = np.zeros(120, dtype=np.bool_)
        for start in draw.integers(120, size=5):
            days[start : start + 3] = True
        return days

    pairs = [(ill(), ill()) for _ in range(1000)]
    by_chance = sum(
        int((one & other).sum()) >= SIBLING_DAYS and meeting_by_chance(one, other) <= LIMIT
        for one, other in pairs
    )
    assert by_chance <= 10


# -- the year's end


def test_the_sessions_that_may_still_be_missed_stop_short_of_ten_per_cent() -> None:
    of = register({"1": whole(FRIDAYS[:6])})
    (course,) = courses(of, Tally(of), DAY, 0) or []
    total = course.year.possible + course.left
    assert total == 380
    assert course.may_miss == 25
    assert 10 * (course.year.absent + 25) < total <= 10 * (course.year.absent + 26)


def test_a_pupil_is_on_course_by_the_pace_of_the_last_weeks() -> None:
    recent = register({"1": whole(FRIDAYS[-4:])})
    old = register({"1": whole(FRIDAYS[:4])})
    assert [course.on_course for course in courses(recent, Tally(recent), DAY, 0) or []] == [True]
    assert [course.on_course for course in courses(old, Tally(old), DAY, 0) or []] == [False]


@pytest.mark.parametrize(("absent", "on_course"), [(39, False), (40, True)])
def test_on_course_is_ten_per_cent_at_the_end_and_no_part_of_a_session_less(
    absent: int, on_course: bool
) -> None:
    """Of 380 sessions 38 are 10%: 18 missed, and 39 of 390 over the 195 to come, are 37.5."""
    year = Figures(possible=185, attended=167, authorised=18)
    recent = Figures(possible=390, attended=390 - absent, authorised=absent)
    assert Course(ADA, year, recent, 195).on_course is on_course


def test_a_pupil_who_leaves_has_less_left() -> None:
    of = register({}, ADA.left_by(date(2025, 12, 19)))
    (course,) = courses(of, Tally(of), DAY, 0) or []
    assert course.left == 10


def test_without_the_years_end_nothing_is_said() -> None:
    autumn = Calendar(tuple(p for p in WHOLE.periods if p.start < date(2025, 12, 20) and p.kind != "year"))
    of = register({}, dates=autumn)
    assert courses(of, Tally(of), DAY, 0) is None


# -- the documents


def test_the_tutor_reads_a_pupils_patterns_among_the_reasons_to_talk() -> None:
    pair = [
        replace(ADA, pupil_id=str(n), legal_forename=name, contacts=(MOTHER,))
        for n, name in enumerate(("Ada", "Ben"))
    ]
    afternoons = [(day, "PM") for day in MONDAYS[:3]]
    of = register({"0": [*whole(FRIDAYS[:7]), *afternoons], "1": whole(FRIDAYS[:4])}, *pair)
    data = tutor_reports(of, Tally(of), load_policy("hcat"), SCHOOL, week_of=DAY, as_of=DAY)
    rows = {row[0]: row[1].split("; ") for row in table_under(data, "Please talk to")[1:]}
    assert rows["Okoro, Ada"][-3:] == [
        "absent on Fridays: 7 of 10 days",
        "left after lunch on 3 days",
        "away on the same days as Ben (4A)",
    ]
    assert rows["Okoro, Ben"] == ["away on the same days as Ada (4A)"]


def test_the_report_says_each_threshold_and_names_who_is_above_it() -> None:
    pair = [
        replace(ADA, pupil_id=str(n), legal_forename=name, contacts=(MOTHER,))
        for n, name in enumerate(("Ada", "Ben"))
    ]
    days = whole(FRIDAYS[-5:])
    of = register({"0": days, "1": days}, *pair)
    data = patterns_report(of, Tally(of), load_policy("hcat"), SCHOOL, as_of=DAY, printed_on=DAY)
    assert_sound(data)
    assert ["Okoro, Ada", "4A", "Friday", "5 of 5 days absent", "12 Dec 2025", "O"] in table_under(
        data, "The same weekday"
    )
    assert table_under(data, "Siblings away on the same days")[1][:3] == [
        "Okoro, Ada, 4A; Okoro, Ben, 4A",
        "5 days",
        "5 and 5",
    ]
    course = table_under(data, "On course for persistent absence")[1]
    assert course == ["Okoro, Ada", "4A", "92.4%", "10 of 132", "27 sessions, 13.5 school days", "10 of 58"]
    text = words(data)
    assert "By chance alone that happens to fewer than 1 pupil in 100." in text
    assert "no proof" in text
    assert "Nobody was late." in text


def test_time_lost_to_lateness_is_said_in_hours_and_minutes() -> None:
    of = register({})
    late = replace(of.marked(0, {0: "L", 2: "L", 4: "U"}), minutes_late={(0, 0): 15, (0, 2): 30, (0, 4): 40})
    data = patterns_report(late, Tally(late), load_policy("hcat"), SCHOOL, as_of=DAY, printed_on=DAY)
    assert "1 pupil was late 3 times, before or after the register closed: 1 hour 25 minutes in all" in words(
        data
    )
    assert table_under(data, "Learning time lost to lateness")[1] == [
        "Okoro, Ada",
        "4A",
        "3 times",
        "85",
        "1 hour 25 minutes",
    ]


@pytest.mark.parametrize(
    ("minutes", "text"), [(0, "0 minutes"), (1, "1 minute"), (60, "1 hour"), (125, "2 hours 5 minutes")]
)
def test_minutes_in_words(minutes: int, text: str) -> None:
    assert hours(minutes) == text
