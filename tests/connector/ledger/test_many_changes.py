"""On the edge of how much may change in one night: withdrawals, marks and pupils, by number and by share."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.ledger.keys import cause_key
from rules.school import Exclusion
from tests.connector.memory_mis import MemoryMis, school_days, small_school
from tests.connector.runs import ledger, options, row_of, run

LATE = ("late-letter",)
OPTS = options(only=LATE)
DAY = date(2025, 10, 10)
RECENT = school_days(date(2025, 9, 15), DAY)
"""The last twenty school days, in which marks are counted."""
LATES = (date(2025, 9, 8), date(2025, 9, 9), RECENT[0])


def late_school(pupils: int, late: int = 1) -> MemoryMis:
    """Return a school of which the first pupils were late three times, the last time on the first of the recent days."""
    mis = small_school(pupils, until=DAY)
    for number in range(1, late + 1):
        for day in LATES:
            mis.mark(str(number), day, "AM", "L")
    return mis


def states(state: Path) -> dict[str, int]:
    found = [row.state for row in ledger(state)]
    return {name: found.count(name) for name in sorted(set(found))}


# -- withdrawals


@pytest.mark.parametrize(
    ("letters", "gone", "limits", "held"),
    [
        (12, 3, {}, False),  # a quarter
        (11, 3, {}, True),
        (3, 2, {}, False),  # two are never many
        (3, 3, {}, True),
        (12, 3, {"hold_above_withdrawals": 3}, False),
        (12, 3, {"hold_above_withdrawals": 2}, True),
        (8, 3, {"hold_above_withdrawals_percent": 37.5}, False),
        (8, 3, {"hold_above_withdrawals_percent": 37.4}, True),
    ],
)
def test_written_letters_are_taken_back_up_to_a_number_and_a_share(
    tmp_path: Path, letters: int, gone: int, limits: dict[str, object], held: bool
) -> None:
    mis, state = late_school(letters, letters), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    for number in range(1, gone + 1):
        mis.mark(str(number), LATES[0], "AM", "/")
    summary = run(mis, state, DAY, options(only=LATE, **limits))
    expected = {"held" if held else "withdrawn": gone, "verified": letters - gone}
    assert states(state) == {name: number for name, number in expected.items() if number}
    assert summary.withdrawals_held == (gone if held else 0)
    if held:
        row = row_of(state, "late-letter")
        assert row.reason.startswith(f"{gone} of {letters} written events would be withdrawn at once")
        assert row.because == cause_key("many", row.reason)


def test_what_waits_and_what_is_excluded_is_not_counted_among_the_withdrawals(tmp_path: Path) -> None:
    mis, state = late_school(4, 4), tmp_path / "hill.db"
    mis.exclusions = [Exclusion(reason="agreed", pupil_id="4")]
    run(mis, state, DAY, OPTS)
    for pupil_id in ("1", "2", "4"):
        mis.mark(pupil_id, LATES[0], "AM", "/")
    run(mis, state, DAY, OPTS)
    assert [row.state for row in ledger(state)] == ["withdrawn", "withdrawn", "verified", "withdrawn"]
    waiting, reviewed = late_school(6, 6), options(only=LATE, review=frozenset({"all"}))
    run(waiting, tmp_path / "waiting.db", DAY, reviewed)
    for pupil_id in waiting.pupils:
        waiting.mark(pupil_id, LATES[0], "AM", "/")
    run(waiting, tmp_path / "waiting.db", DAY, reviewed)
    assert states(tmp_path / "waiting.db") == {"withdrawn": 6}


# -- marks and pupils


def change(mis: MemoryMis, marks: int, pupils: int) -> None:
    """Change so many recent morning marks of the first pupils in turn, that of pupil 1's last late mark first."""
    for number in range(marks):
        mis.mark(str(number % pupils + 1), RECENT[number // pupils], "AM", "I")


@pytest.mark.parametrize(
    ("school", "marks", "pupils", "limits", "held"),
    [
        (1, 19, 1, {}, False),  # fewer than twenty are never many
        (1, 20, 1, {}, True),
        (5, 20, 4, {}, False),  # 20 of 200 marks are a tenth
        (5, 21, 4, {}, True),
        (5, 21, 4, {"recent_school_days": 40}, False),  # and 21 of all marks of the year less
        (5, 24, 4, {"hold_above_changed_marks_percent": 12}, False),
        (5, 25, 4, {"hold_above_changed_marks_percent": 12}, True),
        (20, 25, 5, {}, False),  # 5 of 20 pupils are a quarter
        (20, 24, 6, {}, True),
        (10, 24, 4, {}, False),  # fewer than five pupils are never many
        (10, 25, 5, {}, True),
        (20, 24, 6, {"hold_above_changed_pupils_percent": 30}, False),
        (20, 28, 7, {"hold_above_changed_pupils_percent": 30}, True),
    ],
)
def test_a_changed_mark_takes_a_letter_back_unless_many_changed_in_one_night(
    tmp_path: Path, school: int, marks: int, pupils: int, limits: dict[str, object], held: bool
) -> None:
    mis, state = late_school(school), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    change(mis, marks, pupils)
    run(mis, state, DAY, options(only=LATE, **limits))
    row = row_of(state, "late-letter")
    assert row.state == ("held" if held else "withdrawn")
    if held:
        assert row.reason.startswith(f"{marks} marks of {pupils} of {school} pupils changed at once")
        assert row.because == cause_key("many", row.reason)


@pytest.mark.parametrize(("unmarked", "held"), [(0, False), (2, True)])
def test_the_share_is_one_of_the_marks_that_are_there(tmp_path: Path, unmarked: int, held: bool) -> None:
    mis, state = late_school(5), tmp_path / "hill.db"
    for day in RECENT[10 : 10 + unmarked]:
        mis.mark("5", day, "AM", "")
    run(mis, state, DAY, OPTS)
    change(mis, 20, 4)
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == ("held" if held else "withdrawn")


@pytest.mark.parametrize(("before", "held"), [("-", False), ("", False), ("/", True)])
def test_marks_that_were_missing_and_are_entered_are_no_changes(
    tmp_path: Path, before: str, held: bool
) -> None:
    mis, state = late_school(5), tmp_path / "hill.db"
    for number, day in enumerate(RECENT):
        mis.mark(str(number % 4 + 2), day, "PM", before)
    run(mis, state, DAY, OPTS)
    change(mis, 2, 1)
    for number, day in enumerate(RECENT):
        mis.mark(str(number % 4 + 2), day, "PM", "I")
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == ("held" if held else "withdrawn")


def test_pupils_who_have_left_do_not_thin_the_share_of_pupils(tmp_path: Path) -> None:
    mis, state = late_school(20), tmp_path / "hill.db"
    mis.pupils["20"] = mis.pupils["20"].left_by(date(2025, 9, 30))
    run(mis, state, DAY, OPTS)
    change(mis, 25, 5)  # 5 of the 19 who are there
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "held"
