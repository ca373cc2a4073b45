"""The absence lists use the statutory tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from letters.reports.absence import absence_lists
from rules.statistics import is_persistent, is_severe
from tests.letters.reports.one_day import AYCLIFFE, DAY, REGISTER, TALLY


def test_the_absence_lists_use_the_statutory_tests() -> None:
    lists = absence_lists(REGISTER, TALLY, AYCLIFFE, DAY)
    year = {p: f for p, f in TALLY.by_pupil(date(2025, 9, 1), DAY).items() if REGISTER.pupil(p).on_roll(DAY)}
    assert {i.pupil.pupil_id for i in lists.severe} == {p for p, f in year.items() if is_severe(f)}
    assert {i.pupil.pupil_id for i in (*lists.severe, *lists.persistent)} == {
        p for p, f in year.items() if is_persistent(f)
    }
    for item in lists.near:
        more = replace(item.year, authorised=item.year.authorised + 4, possible=item.year.possible + 4)
        assert is_persistent(more)
        assert not is_persistent(item.year)
