"""No set of fewer than five pupils comes out of what a report shows, whatever is added and subtracted."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.reports.worked_out import Shown

Vector = list[Fraction]


def kernel(rows: list[Vector], width: int) -> list[Vector]:
    """Return vectors that give zero with every row, as many as there are, by exact fractions."""
    rows, pivots = [list(row) for row in rows], []
    for column in range(width):
        at = len(pivots)
        found = next((n for n in range(at, len(rows)) if rows[n][column]), None)
        if found is None:
            continue
        rows[at], rows[found] = rows[found], rows[at]
        rows[at] = [value / rows[at][column] for value in rows[at]]
        for n in range(len(rows)):
            if n != at and rows[n][column]:
                factor = rows[n][column]
                rows[n] = [a - factor * b for a, b in zip(rows[n], rows[at], strict=True)]
        pivots.append(column)
    vectors = []
    for free in (column for column in range(width) if column not in pivots):
        vector = [Fraction(0)] * width
        vector[free] = Fraction(1)
        for n, pivot in enumerate(pivots):
            vector[pivot] = -rows[n][free]
        vectors.append(vector)
    return vectors


def small_sets_that_come_out(pupils: list[str], sets: list[frozenset[str]]) -> list[tuple[str, ...]]:
    """Try every set of one to four pupils: it comes out when it adds up to zero in every vector of the kernel."""
    rows = [[Fraction(int(pupil in members)) for pupil in pupils] for members in sets]
    vectors = kernel(rows, len(pupils))
    return [
        tuple(pupils[n] for n in chosen)
        for size in range(1, 5)
        for chosen in combinations(range(len(pupils)), size)
        if all(sum(vector[n] for n in chosen) == 0 for vector in vectors)
    ]


PUPILS = [f"p{n}" for n in range(14)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.frozensets(st.sampled_from(PUPILS)), max_size=7))
def test_a_set_is_refused_exactly_when_a_small_one_would_come_out(sets: list[frozenset[str]]) -> None:
    shown, so_far = Shown(PUPILS), [frozenset(PUPILS)]
    for members in sets:
        leaks = bool(small_sets_that_come_out(PUPILS, [*so_far, members]))
        assert shown.would_add(members) is not leaks
        if shown.add(members):
            so_far.append(members)
    assert not small_sets_that_come_out(PUPILS, so_far)


def ids(*numbers: int) -> set[str]:
    return {f"p{n}" for n in numbers}


@pytest.mark.parametrize(
    ("size", "safe"), [(0, True), (1, False), (4, False), (5, True), (9, True), (10, False), (14, True)]
)
def test_five_are_enough_and_so_are_five_others(size: int, safe: bool) -> None:
    assert Shown(PUPILS).add(ids(*range(size))) is safe


def test_a_difference_of_two_tables_is_found() -> None:
    shown = Shown(PUPILS)
    assert shown.add(ids(*range(7)), ids(*range(7, 14)))
    assert not shown.add(ids(*range(5))), "two of the seven are left"
    assert shown.add(ids(*range(5), 7, 8, 9)), "a set across both is no difference"
    assert shown.as_many([ids(*range(3)), ids(*range(7))]) == [False, True]


def test_a_sum_of_three_tables_is_found() -> None:
    """(a + b) + (b + c) - (a + c) is twice b."""
    a, b, c = ids(0, 1, 2, 3, 4), ids(5, 6), ids(7, 8, 9, 10, 11, 12, 13)
    shown = Shown([*PUPILS, *(f"q{n}" for n in range(9))])
    assert shown.add(a | b)
    assert shown.add(b | c)
    assert not shown.add(a | c)


def test_a_school_of_four_shows_nothing() -> None:
    assert not Shown("abcd").add("abcd")
    assert Shown("abcd").as_many(["ab", "abcd"]) == [False, False]
    assert Shown("").add()


def test_a_large_school_is_judged_like_a_small_one() -> None:
    """Each pupil in one of 40 classes and one of 60 clubs: four pupils are found among 1,200, and only they."""
    pupils = [f"p{n}" for n in range(1200)]
    classes = [frozenset(pupils[n::40]) for n in range(40)]
    clubs = [frozenset(pupils[20 * n : 20 * n + 20]) for n in range(60)]
    shown = Shown(pupils)
    assert shown.add(*classes, *clubs)
    two_clubs = clubs[0] | clubs[30]
    assert not shown.would_add(two_clubs - {"p0", "p5", "p600", "p609"})
    assert shown.would_add(two_clubs - {"p0", "p5", "p600", "p609", "p610"})
