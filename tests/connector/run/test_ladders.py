"""Ladders: never a skipped step, never two letters of one ladder on one day, some days between two."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rules.school import Exclusion
from tests.connector.memory_mis import MemoryMis, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run, run_days

LADDER = ("late-letter", "late-meeting")
END = date(2025, 10, 17)
SIX = school_days(date(2025, 9, 8), date(2025, 9, 15))


def very_late_school() -> MemoryMis:
    """Six late marks in six days: the first letter on the third, the meeting on the sixth."""
    mis = small_school(1, until=END)
    for day in SIX:
        mis.mark("1", day, "AM", "L")
    return mis


def letter_days(mis: MemoryMis, state: Path, start: date, end: date, **changes: object) -> dict[str, date]:
    """On which day each rule's letter reached the MIS, with a run on every school day."""
    found: dict[str, date] = {}
    for day in school_days(start, end):
        run(mis, state, day, options(only=LADDER, **changes))
        for row in ledger(state):
            if row.state == "verified":
                found.setdefault(row.rule, day)
    return found


def test_after_a_gap_the_steps_go_out_one_after_the_other_with_school_days_between(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    found = letter_days(mis, state, date(2025, 10, 1), END, ladder_gap_days=5)
    assert found == {"late-letter": date(2025, 10, 1), "late-meeting": date(2025, 10, 8)}


def test_without_days_between_there_is_still_one_letter_a_day(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    found = letter_days(mis, state, date(2025, 10, 1), END, ladder_gap_days=0)
    assert found == {"late-letter": date(2025, 10, 1), "late-meeting": date(2025, 10, 2)}


def test_two_runs_on_one_day_send_one_letter_of_a_ladder(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    for _ in range(3):
        run(mis, state, date(2025, 10, 1), options(only=LADDER, ladder_gap_days=0))
    assert [row.state for row in ledger(state)] == ["verified", "held"]
    assert "today" in row_of(state, "late-meeting").reason


def test_a_step_waits_for_the_one_before_it_while_that_is_held(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    opts = options(only=LADDER, review=frozenset({"late-letter"}), ladder_gap_days=0)
    run_days(mis, state, date(2025, 10, 1), date(2025, 10, 3), opts)
    assert [(row.rule, row.hold) for row in ledger(state)] == [
        ("late-letter", "review"),
        ("late-meeting", "ladder"),
    ]
    assert "waits for the step before it" in row_of(state, "late-meeting").reason


def test_a_step_waits_while_the_one_before_it_has_failed(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    mis.refused = {"1"}
    run_days(mis, state, date(2025, 10, 1), date(2025, 10, 2), options(only=LADDER, ladder_gap_days=0))
    assert [row.state for row in ledger(state)] == ["failed", "held"]


@pytest.mark.parametrize("gap", [0, 5])
def test_highest_sends_the_highest_and_overtakes_the_rest(tmp_path: Path, gap: int) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 10, 1), options(only=LADDER, catch_up="highest", ladder_gap_days=gap))
    low, high = row_of(state, "late-letter"), row_of(state, "late-meeting")
    assert (low.state, high.state) == ("superseded", "verified")
    assert "overtaken" in low.reason
    run(mis, state, date(2025, 10, 2), options(only=LADDER, catch_up="highest", ladder_gap_days=gap))
    assert row_of(state, "late-letter").state == "superseded"
    assert len(mis.documents) == 2, "the meeting has a letter and a plan"


def test_running_every_day_both_ways_write_each_letter_on_its_day(tmp_path: Path) -> None:
    for mode in ("sequence", "highest"):
        mis, state = very_late_school(), tmp_path / f"{mode}.db"
        found = letter_days(mis, state, SIX[0], SIX[-1], ladder_gap_days=3, catch_up=mode)
        assert found == {"late-letter": SIX[2], "late-meeting": SIX[5]}


def test_notes_and_other_ladders_do_not_wait(tmp_path: Path) -> None:
    mis, state = very_late_school(), tmp_path / "hill.db"
    for day in school_days(date(2025, 9, 22), date(2025, 10, 1)):
        mis.day("1", day, "O")
    run(mis, state, date(2025, 10, 1), options(only=(*LADDER, "three-days-missed")))
    assert row_of(state, "three-days-missed").state == "verified"
    assert row_of(state, "late-letter").state == "verified"


@pytest.mark.parametrize(("mode", "gap"), [("sequence", 5), ("highest", 0)])
def test_steps_that_come_back_on_one_day_take_their_turns_like_others(
    tmp_path: Path, mode: str, gap: int
) -> None:
    """Late marks that an exclusion covered until now bring one letter today, not two."""
    mis, state = very_late_school(), tmp_path / "hill.db"
    covered = options(only=LADDER, exclusions=(Exclusion(pupil_id="1", reason="agreed"),))
    run(mis, state, date(2025, 9, 15), covered)
    assert [row.state for row in ledger(state)] == ["excluded", "excluded"]
    run(mis, state, date(2025, 9, 16), options(only=LADDER, catch_up=mode, ladder_gap_days=gap))
    first, second = ledger(state)
    if mode == "sequence":
        assert (first.state, second.state, second.hold) == ("verified", "held", "ladder")
    else:
        assert (first.state, first.hold, second.state) == ("superseded", "overtaken", "verified")
