"""How far a school is from its target, in sessions, on either side of reaching it."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from letters.reports.governors.aims import Aims, distance, exact, with_own_target
from letters.reports.governors.report import governors_report
from rules.events import Figures
from rules.statistics import Tally
from tests.letters.made_up import SCHOOL, register
from tests.letters.reports.governors.two_years import POLICY
from tests.letters.reports.reading import table_under


@pytest.mark.parametrize(("attended", "short"), [(960, 0), (959, 1), (900, 60)])
def test_the_sessions_still_to_gain_are_whole_sessions(attended: int, short: int) -> None:
    assert distance(Figures(possible=1000, attended=attended), 500, Fraction(96)).short == short


def test_a_part_of_a_session_is_a_whole_one() -> None:
    assert distance(Figures(possible=1001, attended=960), 0, Fraction(96)).short == 1


@pytest.mark.parametrize(
    ("left", "needed", "out"),
    [(500, 540, True), (1000, 1020, True), (1500, 1500, False), (2000, 1980, False)],
)
def test_the_rest_of_the_year_may_not_be_enough(left: int, needed: int, out: bool) -> None:
    far = distance(Figures(possible=1000, attended=900), left, Fraction(96))
    assert (far.needed, far.out_of_reach) == (needed, out)


def test_a_percentage_is_taken_as_typed() -> None:
    assert exact(96.1) == Fraction(961, 10)
    assert with_own_target(POLICY, None) is POLICY
    assert with_own_target(POLICY, 95.5).target == Fraction(191, 2)


def test_the_report_gives_the_distance_to_target_and_expectation() -> None:
    day = date(2025, 10, 24)
    of = register(number=84, until=day)
    tally = Tally(of)
    half = of.calendar.half_terms[0]
    aims = Aims(Fraction(97), Fraction("93.5"))
    data = governors_report(of, tally, POLICY, SCHOOL, period=half, printed_on=day, aims=aims)
    figures = tally.total(half.start, day)
    _, target, expectation = table_under(data, "Target and expectation")
    assert target[:2] == ["The school's target", "97%"]
    short = -(-97 * figures.possible // 100) - figures.attended
    assert target[2] == (f"{short} sessions" if short > 0 else "reached so far")
    assert expectation[:2] == ["Attendance baseline improvement expectation", "93.5%"]
    assert expectation[3].endswith("sessions")
