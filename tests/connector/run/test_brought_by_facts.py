"""New events that follow only since a fact other than a mark changed wait for a person, up to the day last judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rules.calendar import Period
from tests.connector.memory_mis import school_days, small_school
from tests.connector.run.test_causes import DAY, DAYS, late_school, own_policy, written
from tests.connector.runs import ledger, options, row_of, run


@pytest.mark.parametrize(
    ("judged_on", "state_then", "hold"),
    [(DAYS[2], "held", "facts_changed"), (date(2025, 9, 12), "verified", "")],
)
def test_a_figure_lowered_holds_what_is_dated_up_to_the_day_last_judged(
    tmp_path: Path, judged_on: date, state_then: str, hold: str
) -> None:
    mis, state = late_school(until=DAYS[2]), tmp_path / "hill.db"
    run(mis, state, judged_on, own_policy(4))
    assert ledger(state) == []
    run(mis, state, DAYS[2], own_policy(3))
    row = row_of(state, "late")
    assert (row.date, row.state, row.hold) == (DAYS[2], state_then, hold)


def test_another_meaning_of_a_code_lets_no_letter_of_past_weeks_out_by_itself(tmp_path: Path) -> None:
    day = date(2025, 10, 24)
    mis, state = small_school(2, until=day), tmp_path / "hill.db"
    for dual in school_days(date(2025, 9, 8), date(2025, 10, 3)):
        mis.day("1", dual, "D")
    mis.day("1", date(2025, 10, 6), "O")
    opts = options("cadle")
    wales = opts.config.model_copy(update={"nation": "wales", "welsh_d_attended": True})
    run(mis, state, day, replace(opts, config=wales))
    before, known = written(mis), {row.key for row in ledger(state)}
    run(mis, state, day, replace(opts, config=wales.model_copy(update={"welsh_d_attended": False})))
    new = [row for row in ledger(state) if row.key not in known]
    assert new
    assert {(row.state, row.hold) for row in new} == {("held", "facts_changed")}
    assert all(row.reason.startswith("D (dual registered)") for row in new)
    assert written(mis) == before


def test_a_training_day_taken_out_lets_no_letter_of_past_weeks_out_by_itself(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.periods = (*mis.periods, Period("inset", "Training", DAYS[0], DAYS[0]))
    run(mis, state, DAY, own_policy(3))
    assert ledger(state) == []
    mis.periods = tuple(period for period in mis.periods if period.kind != "inset")
    run(mis, state, DAY, own_policy(3))
    row = row_of(state, "late")
    assert (row.state, row.hold, row.date) == ("held", "facts_changed", DAYS[2])
    assert "now a school day" in row.reason
    assert written(mis) == 0
