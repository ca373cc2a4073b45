"""Made-up calendars hold together: every day that they open lies in a half term, and so in a school year."""

from __future__ import annotations

from datetime import date
from random import Random

from tests.peer.made_calendar import Row, closed_days, make_calendar


def holds(period: Row, day: str) -> bool:
    return period["start"] <= day <= period["end"]


def test_every_saturday_that_is_made_up_lies_in_a_half_term() -> None:
    for seed in range(300):
        rows = make_calendar(Random(seed), "england", "small")
        half_terms = [row for row in rows if row["kind"] == "half_term"]
        for opened in (row for row in rows if row["kind"] == "open"):
            assert any(holds(period, opened["start"]) for period in half_terms), (seed, opened)


def test_a_half_term_that_begins_on_a_sunday_opens_no_saturday_before_it() -> None:
    sunday, end = date(2023, 9, 3), date(2023, 9, 9)
    opened = {
        row["start"]
        for seed in range(300)
        for row in closed_days(Random(seed), [("Autumn 1", sunday, end)])
        if row["name"] == "Made up"
    }
    assert opened == {end.isoformat()}
