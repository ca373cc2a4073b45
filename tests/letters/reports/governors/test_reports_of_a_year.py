"""Reports on half terms, terms and the year together: what one hides, the difference of two others does not give."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import chain, combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from letters.reports.governors.figures import TermFigures
from letters.reports.suppression import MINIMUM
from rules.calendar import Calendar, Period
from rules.register import Register, build_register
from rules.school import Mark, Pupil
from rules.statistics import Tally
from tests.letters.reports.governors.two_years import POLICY
from tests.letters.reports.test_worked_out import kernel

FIRST = Period("half_term", "Autumn 1", date(2025, 9, 1), date(2025, 9, 5))
SECOND = Period("half_term", "Autumn 2", date(2025, 9, 8), date(2025, 9, 12))
TERM = Period("term", "Autumn", FIRST.start, SECOND.end)
CALENDAR = Calendar((Period("year", "2025/26", FIRST.start, date(2026, 8, 31)), TERM, FIRST, SECOND))
Cell = tuple[str, str]
"""A code in a half term."""


def register_of(missed: list[tuple[str, str]]) -> Register:
    """Return a register of pupils who each have some codes in the first and some in the second half term."""
    pupils = [Pupil(str(n), registration_group="1A") for n in range(len(missed))]
    marks = []
    for pupil, codes in zip(pupils, missed, strict=True):
        for half, own in zip((FIRST, SECOND), codes, strict=True):
            sessions = [session for session in CALENDAR.sessions if session.date in half]
            marks += [
                Mark(pupil.pupil_id, s.date, s.half, code)
                for s, code in zip(sessions, own.ljust(len(sessions), "/"), strict=True)
            ]
    return build_register(pupils=pupils, calendar=CALENDAR, marks=marks)


def rows_of(register: Register, period: Period, halves: list[Period]) -> list[frozenset[Cell]]:
    """Return what each row of a report's table of reasons adds up."""
    figures = TermFigures(register, Tally(register), POLICY, period.start, period.end, parts=halves)
    inside = [half for half in (FIRST, SECOND) if period.start <= half.start and half.end <= period.end]
    rows = []
    named: set[str] = set()
    reasons = figures.reasons()
    for reason in reasons:
        named |= set(reason.codes)
        rows.append(frozenset((code, half.name) for code in reason.codes for half in inside if reason.codes))
    without = [reason for reason in reasons if not reason.codes]
    assert len(without) <= 1, "the tests use one class of absence"
    rest = set("OGU") - named
    rows += [frozenset((code, half.name) for code in rest for half in inside) for _ in without]
    return [row for row in rows if row]


codes = st.text("OGU", max_size=3)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(codes, codes), min_size=5, max_size=12))
def test_no_code_of_few_pupils_comes_out_of_the_reports_on_half_terms_and_term(
    missed: list[tuple[str, str]],
) -> None:
    register = register_of(missed)
    had: dict[Cell, set[int]] = {}
    for number, own in enumerate(missed):
        for half, text in zip((FIRST, SECOND), own, strict=True):
            for code in text:
                had.setdefault((code, half.name), set()).add(number)
    cells = sorted(had)
    known = [
        *rows_of(register, FIRST, [FIRST]), *rows_of(register, SECOND, [FIRST, SECOND]), *rows_of(register, TERM, [FIRST, SECOND])
    ]  # fmt: skip
    rows = [[Fraction(int(cell in row)) for cell in cells] for row in known]
    vectors = kernel(rows, len(cells))
    everybody = {
        half.name: {n for c, h in had if h == half.name for n in had[c, h]} for half in (FIRST, SECOND)
    }
    subsets = chain.from_iterable(combinations(range(len(cells)), n) for n in range(1, len(cells) + 1))
    for chosen in subsets:
        pupils = set().union(*(had[cells[n]] for n in chosen))
        comes_out = all(sum(vector[n] for n in chosen) == 0 for vector in vectors)
        all_of_a_half = all(
            {c for c in cells if c[1] == half} <= {cells[n] for n in chosen}
            for half in {cells[n][1] for n in chosen}
        )
        if comes_out and 0 < len(pupils) < MINIMUM:
            assert all_of_a_half, (missed, [cells[n] for n in chosen], everybody)


def test_a_code_of_few_in_one_half_term_stays_with_its_group_in_the_reports_on_the_other_and_the_term() -> (
    None
):
    missed = [("G", "G")] * 3 + [("O", "O")] * 6 + [("", "G")] * 3 + [("U", "U")] * 7
    register = register_of(missed)
    term = rows_of(register, TERM, [FIRST, SECOND])
    assert {frozenset(code for code, _ in row) for row in term} == {frozenset("GO"), frozenset("U")}
    alone = rows_of(register, TERM, [])
    assert {frozenset(code for code, _ in row) for row in alone} == {
        frozenset("G"),
        frozenset("O"),
        frozenset("U"),
    }
