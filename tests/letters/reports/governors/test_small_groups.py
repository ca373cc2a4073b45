"""No group of fewer than five can be worked out from the tables of the governors' report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.reports.governors.figures import TermFigures
from letters.reports.governors.report import governors_report
from rules.calendar import Calendar, Period
from rules.register import Register, build_register
from rules.school import Mark, Pupil, Spell
from rules.statistics import Tally
from tests.letters.made_up import SCHOOL
from tests.letters.reports.governors.two_years import POLICY
from tests.letters.reports.reading import table_under, tables, words
from tests.letters.reports.test_worked_out import small_sets_that_come_out

START, END = date(2025, 9, 1), date(2025, 9, 12)
TERM = Period("term", "Autumn", START, END)
CALENDAR = Calendar(
    (Period("year", "2025/26", START, date(2026, 8, 31)), TERM, Period("half_term", "Autumn 1", START, END))
)
SESSIONS = list(CALENDAR.sessions)


def school(pupils: list[Pupil], missed: Callable[[int], str]) -> Register:
    """Return a register in which the n-th pupil has the codes ``missed(n)`` first, and is present afterwards."""
    marks = [
        Mark(
            pupil.pupil_id, s.date, s.half, dict(enumerate(missed(n))).get(k, "/" if s.half == "AM" else "\\")
        )
        for n, pupil in enumerate(pupils)
        for k, s in enumerate(SESSIONS)
    ]
    return build_register(pupils=pupils, calendar=CALENDAR, marks=marks)


def term_of(register: Register) -> TermFigures:
    return TermFigures(register, Tally(register), POLICY, START, END)


def sets_shown(term: TermFigures) -> list[frozenset[str]]:
    """Return every set of pupils of which the report gives a number or an attendance figure."""
    whole = term.rates()
    sets = [whole.members]
    sets += [whole.persistently] if term.persistent_shown else []
    sets += [whole.severely] if term.severe_shown else []
    bands = {name: set[str]() for name, _, _ in term.bands()}
    for pupil_id, figures in term.by_pupil.items():
        band = POLICY.band_of(figures.attended, figures.possible)
        assert band is not None
        bands[next(name for name in bands if band.name in name.split(" or "))].add(pupil_id)
    sets += [frozenset(members) for members in bands.values()]
    for grouping in term.groupings():
        sets += [row.rates.members for row in grouping.rows]
        sets += [row.rates.persistently for row in grouping.rows if row.persistent_shown]
    return sets


some = st.builds(
    lambda year, letter, **facts: (year, letter and year + letter, facts),
    st.sampled_from("12"),
    st.sampled_from(["", "A", "B"]),
    fsm=st.booleans(),
    young_carer=st.booleans(),
    sen_status=st.sampled_from(["N", "N", "K", "E", ""]),
    ethnicity=st.sampled_from(["", "White British", "White British", "Roma"]),
    gender=st.sampled_from("FM"),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(some, st.integers(0, 12)), min_size=5, max_size=16))
def test_all_subtractions_of_all_tables_give_no_small_group(
    made: list[tuple[tuple[str, str, dict[str, object]], int]],
) -> None:
    pupils = [
        Pupil(f"p{n}", year_group=year, registration_group=group, **facts)  # type: ignore[arg-type]
        for n, ((year, group, facts), _) in enumerate(made)
    ]
    term = term_of(school(pupils, lambda n: "I" * made[n][1]))
    assert not small_sets_that_come_out([pupil.pupil_id for pupil in pupils], sets_shown(term))


def groups_of(pupils: list[Pupil], missed: Callable[[int], str] = lambda n: "") -> dict[str, list[str]]:
    return {g.title: [row.name for row in g.rows] for g in term_of(school(pupils, missed)).groupings()}


def in_classes(*sizes: tuple[str, str, int]) -> list[Pupil]:
    kinds = [(year, group) for year, group, size in sizes for _ in range(size)]
    return [
        Pupil(f"p{n}", year_group=year, registration_group=group) for n, (year, group) in enumerate(kinds)
    ]


def test_pupils_left_over_between_year_groups_and_classes_are_not_shown() -> None:
    """Class 1A has 20 of the 22 in year 1; the two others are in a mixed class with ten of year 2."""
    groups = groups_of(in_classes(("1", "1A", 20), ("1", "12M", 2), ("2", "12M", 10), ("2", "2A", 20)))
    assert groups["Year group"] == ["Year 1", "Year 2"]
    assert groups["Class"] == ["2A", "1A, 12M"], "22 of year 1 less 20 of class 1A would be two pupils"
    enough = groups_of(in_classes(("1", "1A", 20), ("1", "12M", 5), ("2", "12M", 10), ("2", "2A", 20)))
    assert sorted(enough["Class"]) == ["12M", "1A", "2A"]


def test_bands_and_persistent_absence_do_not_give_a_few_away_between_them() -> None:
    """Of 40 pupils 12 are persistently absent; bands that would set two of them apart are joined."""
    absences = [8] * 5 + [2] * 7 + [1] * 2 + [0] * 26
    term = term_of(school(in_classes(("1", "1A", 40)), lambda n: "I" * absences[n]))
    assert (term.persistent_shown, term.rates().persistent) == (True, 12)
    assert all(number == 0 or number >= 5 for _, _, number in term.bands())
    assert not any(0 < abs(number - 12) < 5 for _, _, number in term.bands())


def reasons_of(codes: list[str]) -> list[tuple[tuple[str, ...], int, int]]:
    term = term_of(school(in_classes(("1", "1A", len(codes))), lambda n: codes[n]))
    return [(reason.codes, reason.sessions, reason.pupils) for reason in term.reasons()]


def test_a_pupil_with_two_codes_is_one_pupil() -> None:
    """Three pupils with M and R each are three, not six: they are put together with the next reason."""
    alone = reasons_of(["MR"] * 3 + ["I"] * 9 + [""] * 20)
    assert alone == [(("I", "M", "R"), 15, 12)]
    five = reasons_of(["MR"] * 3 + ["M"] * 2 + ["I"] * 9 + [""] * 20)
    assert five == [(("I",), 9, 9), (("M", "R"), 8, 5)]


def test_absence_of_few_pupils_is_named_without_its_code() -> None:
    codes = ["OO"] * 3 + ["I"] * 9 + [""] * 20
    assert reasons_of(codes) == [(("I",), 9, 9), ((), 6, 3)]
    register = school(in_classes(("1", "1A", 32)), lambda n: codes[n])
    data = governors_report(register, Tally(register), POLICY, SCHOOL, period=TERM, printed_on=END)
    rows = table_under(data, "Reasons for absence")
    assert rows[2][:2] == ["c", "Unauthorised absence"]
    assert "Unauthorised holiday" not in str(tables(data))


def test_a_hidden_number_has_a_sign_and_the_sign_is_explained() -> None:
    pupils = [Pupil(f"p{n}", year_group="12"[n % 2], registration_group="") for n in range(40)]
    register = school(pupils, lambda n: "II" if n in (1, 3, *range(0, 20, 2)) else "")
    data = governors_report(register, Tally(register), POLICY, SCHOOL, period=TERM, printed_on=END)
    rows = table_under(data, "Groups of pupils")
    assert [row[5] for row in rows if row[0].strip() in ("Year 1", "Year 2")] == ["c", "c"]
    assert "The sign c stands for a figure that is not shown" in words(data)


def test_a_report_on_fewer_than_five_pupils_gives_no_figure() -> None:
    for size, shown in ((4, False), (5, True)):
        register = school(in_classes(("1", "1A", size)), lambda n: "I")
        data = governors_report(register, Tally(register), POLICY, SCHOOL, period=TERM, printed_on=END)
        assert bool(tables(data)) is shown
        assert ("fewer than 5 pupils had a session" in words(data)) is not shown


def test_a_weekday_on_which_few_pupils_have_school_is_not_shown_nor_left_to_be_worked_out() -> None:
    """Three of 30 pupils are on roll on the Friday only, all others leave on the Thursday before it."""
    pupils = in_classes(("1", "1A", 30))
    first_week = [session for session in SESSIONS if session.date <= date(2025, 9, 5)]
    left = [
        pupil.left_by(date(2025, 9, 4)) if n >= 3 else pupil.left_by(date(2025, 9, 5))
        for n, pupil in enumerate(pupils)
    ]
    marks = [
        Mark(p.pupil_id, s.date, s.half, "I" if p.pupil_id == "p0" else "/") for p in left for s in first_week
    ]
    register = build_register(pupils=left, calendar=CALENDAR, marks=marks)
    data = governors_report(register, Tally(register), POLICY, SCHOOL, period=TERM, printed_on=END)
    days = {row[0]: row[1] for row in table_under(data, "Days of the week")[1:]}
    assert days["Friday"] == "c"
    assert list(days.values()).count("c") == 2
    assert "could tell of a single pupil" in words(data)


def test_late_marks_of_few_pupils_are_not_shown() -> None:
    """Pupil p0 is late on five mornings: five marks, but one pupil."""
    often = {0: "L", 10: "L"}
    register = school(
        in_classes(("1", "1A", 30)), lambda n: "".join(often.get(k, "/") for k in range(11)) if n < 4 else ""
    )
    data = governors_report(register, Tally(register), POLICY, SCHOOL, period=TERM, printed_on=END)
    late = {row[0]: row[4] for row in table_under(data, "Days of the week")[1:]}
    assert (late["Monday"], late["Tuesday"]) == ("c", "none")


@pytest.mark.parametrize(("number", "shown"), [(4, False), (5, True)])
def test_an_earlier_year_of_which_few_pupils_are_known_is_not_shown(number: int, shown: bool) -> None:
    """The history of the year before holds the marks of a few pupils only."""
    before = Period("half_term", "Autumn 1", date(2024, 9, 2), date(2024, 9, 13))
    years = (
        Period("year", "2024/25", date(2024, 9, 1), date(2025, 8, 31)),
        replace(before, kind="term", name="Autumn"),
        before,
    )
    calendar = Calendar((*CALENDAR.periods, *years))
    pupils = in_classes(("1", "1A", 30))
    marks = [
        Mark(p.pupil_id, s.date, s.half, "/")
        for n, p in enumerate(pupils)
        for s in calendar.sessions
        if s.date >= START or n < number
    ]
    register = build_register(pupils=pupils, calendar=calendar, marks=marks)
    data = governors_report(register, Tally(register), POLICY, SCHOOL, period=TERM, printed_on=END)
    rows = {row[0]: row[1] for row in table_under(data, "Attendance over time")[1:]}
    assert rows["School year 2024/25"] == ("100.0%" if shown else "c")
    assert ("a year before" in words(data)) is shown


@pytest.mark.parametrize(("number", "shown"), [(4, False), (5, True)])
def test_a_week_in_which_few_pupils_had_a_session_is_not_in_the_chart(number: int, shown: bool) -> None:
    """In the first week some pupils are on roll only, and never there."""
    pupils = [
        pupil if n < number else replace(pupil, spells=(Spell(date(2025, 9, 8), None),))
        for n, pupil in enumerate(in_classes(("1", "1A", 30)))
    ]
    second = date(2025, 9, 8)
    marks = [
        Mark(p.pupil_id, s.date, s.half, "I" if s.date < second else "/")
        for n, p in enumerate(pupils)
        for s in SESSIONS
        if n < number or s.date >= second
    ]
    register = build_register(pupils=pupils, calendar=CALENDAR, marks=marks)
    data = governors_report(register, Tally(register), POLICY, SCHOOL, period=TERM, printed_on=END)
    assert ("between 0.0% (week of 1 Sep 2025) and 100.0%" in words(data)) is shown
