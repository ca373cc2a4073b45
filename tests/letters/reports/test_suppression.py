"""Small numbers are hidden, and cannot be found by subtraction."""

from __future__ import annotations

from letters.reports.suppression import (
    FEW,
    combined,
    few,
    few_with_share,
    hidden,
    neighbours_merged,
    share_shown,
)


def test_small_groups_are_combined_until_five_are_hidden() -> None:
    assert combined({"a": 9, "b": 3, "c": 30}) == [("c",), ("a", "b")]
    assert combined({"a": 2, "b": 3, "c": 30}) == [("c",), ("a", "b")]
    assert combined({"yes": 3, "no": 400}) == []
    assert combined({"yes": 0, "no": 400}) == [("no",)]
    assert combined({"a": 40, "b": 41}) == [("a",), ("b",)]
    assert combined({}) == []
    classes = {"1A": 30, "1B": 2, "2A": 30, "2B": 31}
    assert ("1A", "1B") in combined(classes, lambda name: name[0]), "within the year group"


def test_counts_that_would_give_a_small_one_away_are_hidden_too() -> None:
    assert hidden([10, 3, 8]) == {1, 2}
    assert hidden([10, 0, 8]) == set()
    assert hidden([1, 1, 8, 20]) == {0, 1, 2}
    assert [few(n) for n in (0, 1, 4, 5, 1200)] == ["none", FEW, FEW, "5", "1,200"]
    assert few_with_share(1200, 2400) == "1,200 (50.0%)"
    assert few_with_share(4, 2400) == FEW
    assert share_shown(1200, 2400) == "50.0%"
    assert share_shown(0, 2400) == "none"


def test_a_band_of_few_pupils_is_joined_to_its_neighbour() -> None:
    assert [
        (n, c) for n, c, _ in neighbours_merged([("a", 50, 0), ("b", 20, 0), ("c", 3, 0), ("d", 0, 0)])
    ] == [
        ("a", 50),
        ("b or c", 23),
        ("d", 0),
    ]
    assert [(n, c) for n, c, _ in neighbours_merged([("a", 2, 0), ("b", 20, 0)])] == [("a or b", 22)]
