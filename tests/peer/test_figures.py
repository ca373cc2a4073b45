"""Codes, ages, percentages and bands of the plain implementation, against values worked out by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from tests.peer.age import first_day_of_age, last_day_of_age
from tests.peer.codes import class_of
from tests.peer.figures import band, colour, shown
from tests.peer.school import Ask


@pytest.mark.parametrize(
    ("possible", "attended", "policy", "text"),
    [
        (10000, 8996, "hcat", "89.9"),
        (10000, 9004, "hcat", "90.1"),
        (10000, 9004, "cadle", "90.0"),
        (10000, 9000, "hcat", "90.0"),
        (10000, 5004, "thringstone", "50.1"),
        (10000, 5004, "aspire", "50.0"),
        (10000, 9999, "hcat", "99.9"),
        (380, 360, "cadle", "94.7"),
        (4, 4, "cadle", "100.0"),
        (0, 0, "cadle", None),
    ],
)
def test_percentages_are_cut_and_never_read_as_the_band_below(
    possible: int, attended: int, policy: str, text: str | None
) -> None:
    assert shown(possible, attended, policy) == text


def test_a_boundary_belongs_to_the_band_the_page_gives_it_to() -> None:
    assert band(Fraction(90), "hcat") == "Persistent absence"
    assert band(Fraction(50), "hcat") == "Persistent absence"
    assert band(Fraction(90), "aycliffe-drive") == "at risk of PA"
    assert band(Fraction(50), "thringstone") == "severe"
    assert band(Fraction(50), "aspire") == "persistent absence"
    assert band(Fraction(90), "cadle") == "falling"
    assert band(Fraction(50), "england-2024") == "severe absence"
    assert (colour(Fraction(97), "hcat"), colour(Fraction(90), "hcat")) == ("green", "red")


def test_the_same_code_changes_its_class_with_day_and_nation() -> None:
    before, after = date(2024, 8, 18), date(2024, 8, 19)
    assert class_of("J1", "england", before) == "unrecognised"
    assert class_of("J1", "england", after) == "authorised"
    assert class_of("Y", "england", after) == "not possible"
    assert class_of("I01", "england", before) == "authorised"
    assert class_of("I01", "england", after) == "unrecognised"
    assert class_of("D", "england", before) == "not possible"
    assert class_of("D", "wales", after) == "activity"
    assert class_of("i", "england", after) == "unrecognised"
    assert class_of("-", "wales", after) == "missing"


def test_compulsory_school_age_begins_and_ends_on_the_days_of_the_act() -> None:
    assert first_day_of_age(date(2019, 12, 31)) == date(2024, 12, 31)
    assert first_day_of_age(date(2020, 1, 1)) == date(2025, 3, 31)
    assert first_day_of_age(date(2020, 4, 1)) == date(2025, 8, 31)
    assert last_day_of_age(date(2009, 8, 31)) == date(2025, 6, 27)
    assert last_day_of_age(date(2009, 9, 1)) == date(2026, 6, 26)


def test_figures_are_those_of_the_year_of_the_day_asked_for(ask: Ask) -> None:
    answer = ask("hcat", [("2024-09-02", 2, "O"), ("2025-09-01", 1, "L ?")], "2025-09-02")
    assert answer["school"]["possible"] == 3
    assert answer["pupils"][0]["by_code"] == {"L": 1, "?": 1, "/": 1, "\\": 1}
    assert (answer["pupils"][0]["late"], answer["pupils"][0]["unrecognised"]) == (1, 1)


def test_missing_marks_count_only_while_on_roll_and_off_roll_marks_are_ignored(ask: Ask) -> None:
    answer = ask("hcat", [("2024-09-05", 1, "- /")], "2024-09-06", on_roll_from="2024-09-05")
    figures = answer["pupils"][0]
    assert (figures["possible"], figures["missing"]) == (3, 1)
