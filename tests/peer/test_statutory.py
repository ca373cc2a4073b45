"""The rules that england-2024 alone has, checked against days worked out by hand on the calendar of school.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peer.school import CALENDAR, Ask, dates

HEADER = "pupil_id,kind,date,contact_id,decision,from,to,weeks,allowed,by,note\n"


@pytest.mark.parametrize(
    ("entered", "expected"),
    [("2024-09-02", []), ("2024-09-03", ["2024-09-03"]), ("2024-09-07", ["2024-09-09"]), ("", [])],
)
def test_a_pupil_who_joins_after_the_first_school_day(ask: Ask, entered: str, expected: list[str]) -> None:
    assert dates(ask("england-2024", [], "2024-09-20", on_roll_from=entered), "new-pupil-return") == expected


@pytest.mark.parametrize(
    ("left", "last", "expected"),
    [
        ("2024-10-18", "2024-11-08", ["2024-10-18"]),
        ("2024-10-31", "2024-11-08", ["2024-10-25"]),
        ("2025-07-18", "2025-07-18", []),
        ("2025-07-17", "2025-07-18", ["2025-07-17"]),
        ("2025-10-24", "2025-10-24", []),
    ],
)
def test_a_pupil_who_leaves_before_the_last_school_day(
    ask: Ask, left: str, last: str, expected: list[str]
) -> None:
    assert dates(ask("england-2024", [], last, on_roll_to=left), "deletion-return") == expected


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        ("2025-10-24", ["2025-10-24"]),
        ("2025-10-25", ["2025-10-24"]),
        ("2025-10-26", ["2025-10-24"]),
        ("2025-10-27", []),
    ],
)
def test_the_last_day_that_the_calendar_knows_of_a_year_that_goes_on(
    ask: Ask, left: str, expected: list[str]
) -> None:
    longer = CALENDAR.replace("year,2025/26,2025-09-01,2025-10-24", "year,2025/26,2025-09-01,2026-07-17")
    answer = ask("england-2024", [], "2025-10-24", calendar=longer, on_roll_to=left)
    assert dates(answer, "deletion-return") == expected


@pytest.mark.parametrize(
    ("day", "weeks", "allowed", "broken", "kept"),
    [
        # one day of O on Wednesday 13 November 2024
        ("2024-11-08", "3", "", ["2024-11-13"], []),
        ("2024-11-08", "3", "1", ["2024-11-13"], []),
        ("2024-11-08", "3", "2", [], ["2024-11-29"]),
        ("2024-11-13", "3", "0", [], ["2024-12-06"]),
        ("2024-11-12", "3", "0", ["2024-11-13"], []),
        # from the week of 21 October on: 4, 11 and 18 November; a week later 11, 18 and 25 November
        ("2024-10-24", "3", "2", [], ["2024-11-22"]),
        ("2024-10-20", "3", "2", [], ["2024-11-15"]),
        ("2024-11-29", "6", "0", [], ["2025-01-24"]),
    ],
)
def test_a_notice_to_improve(
    ask: Ask, tmp_path: Path, day: str, weeks: str, allowed: str, broken: list[str], kept: list[str]
) -> None:
    row = f"1,notice-to-improve,{day},,,,,{weeks},{allowed},,\n"
    (tmp_path / "records.csv").write_text(HEADER + row, encoding="utf-8")
    answer = ask("england-2024", [("2024-11-13", 1, "O")], "2025-01-31")
    assert (dates(answer, "notice-broken"), dates(answer, "notice-kept")) == (broken, kept)
