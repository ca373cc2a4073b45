"""A pupil's percentage in reports is cut, a group's is rounded, and both are empty where there is nothing to show."""

from __future__ import annotations

from fractions import Fraction

from letters.reports.percentages import attendance_of_possible, attendance_percent, share, target, target_line
from rules.events import Figures
from rules.policy import load_policy

HCAT = load_policy("hcat")
NO_TARGET = HCAT.model_copy(update={"target": None})
NONE = Figures()


def test_attendance_is_cut_to_one_decimal() -> None:
    figures = Figures(possible=700, attended=699)
    assert attendance_percent(HCAT, figures) == "99.8%"
    assert attendance_of_possible(HCAT, figures) == "99.8% (699 of 700)"


def test_a_share_of_a_school_is_rounded_half_up() -> None:
    assert share(2, 3) == "66.7%"
    assert share(3697, 100_000) == "3.7%"
    assert (share(45, 100_000), share(50, 100_000)) == ("0.0%", "0.1%")
    assert share(1999, 2000) == "100.0%"


def test_nothing_possible_gives_no_percentage() -> None:
    assert attendance_percent(HCAT, NONE) == ""
    assert attendance_of_possible(HCAT, NONE) == "no possible session"
    assert share(0, 0) == ""


def test_a_target_is_named_only_where_the_policy_has_one() -> None:
    assert HCAT.target == Fraction(97)
    assert (target(HCAT), target_line(HCAT)) == ("target 97%", ("target 97%", 97.0))
    assert (target(NO_TARGET), target_line(NO_TARGET)) == ("", None)
