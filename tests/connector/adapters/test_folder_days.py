"""calendar.csv: weekly, open and assessment rows, and what is wrong with a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.adapters.folder.reads import read_folder
from connector.mock.register_folder import write_calendar
from connector.mock.school import make_school
from connector.store.coding import many_from_text, to_text
from rules.calendar import Period
from rules.school import Session
from tests.connector.adapters.register_files import CALENDAR, refused, warned, write

ROWS = """\
weekly,Early close,2025-09-03,2025-10-24,pm,friday
weekly,Closed in December,2025-12-01,2025-12-19,,Wednesday
open,Made up,2025-09-13,2025-09-13,AM,
Assessment,Tests,2025-10-06,2025-10-10,,
"""


def test_weekly_open_and_assessment_rows_are_read(tmp_path: Path) -> None:
    calendar = read_folder(write(tmp_path, calendar=CALENDAR + ROWS)).calendar

    assert calendar.periods[3:] == (
        Period("weekly", "Early close", date(2025, 9, 3), date(2025, 10, 24), "PM", 4),
        Period("weekly", "Closed in December", date(2025, 12, 1), date(2025, 12, 19), None, 2),
        Period("open", "Made up", date(2025, 9, 13), date(2025, 9, 13), "AM"),
        Period("assessment", "Tests", date(2025, 10, 6), date(2025, 10, 10)),
    )
    assert Session(date(2025, 9, 5), "PM") not in calendar.sessions
    assert Session(date(2025, 9, 13), "AM") in calendar.sessions
    assert date(2025, 12, 3) not in calendar.school_days


def test_they_are_kept_by_the_store_and_written_by_the_mock(tmp_path: Path) -> None:
    calendar = read_folder(write(tmp_path, calendar=CALENDAR + ROWS)).calendar
    assert many_from_text(Period, to_text(calendar.periods)) == calendar.periods

    write_calendar(tmp_path / "calendar.csv", replace(make_school(pupils=2, weeks=1), calendar=calendar))
    assert read_folder(tmp_path).calendar == calendar


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("weekly,x,2025-09-03,2025-10-24,PM,", "weekday: a weekly row names the day of the week"),
        ("weekly,x,2025-09-03,2025-10-24,PM,Fredag", "weekday: is no day of the week"),
        (
            "weekly,x,2025-09-03,2025-09-04,PM,Friday",
            "weekday: no Friday lies between 2025-09-03 and 2025-09-04",
        ),
        ("closure,x,2025-09-03,2025-09-03,PM,Friday", "weekday: a row of kind closure has no weekday"),
        ("assessment,x,2025-09-03,2025-09-03,PM,", "half: an assessment has no half"),
        ("open,x,2025-09-03,2025-09-02,,", "end: 2025-09-02 is before the start, 2025-09-03"),
        ("opened,x,2025-09-03,2025-09-03,,", "kind: 'opened' is not a kind"),
    ],
)
def test_a_faulty_row_is_named(tmp_path: Path, row: str, fault: str) -> None:
    (line,) = refused(write(tmp_path, calendar=CALENDAR + row + "\n"))

    assert line.startswith(f"calendar.csv row 5, column {fault}")


def test_an_open_row_that_opens_nothing_is_a_warning(tmp_path: Path) -> None:
    write(
        tmp_path, calendar=CALENDAR + "open,Made up,2025-09-12,2025-09-12,,\nopen,y,2025-09-13,2025-09-13,,\n"
    )

    assert warned(tmp_path) == [
        "calendar.csv row 5, column start: every session of the open row is a school session without it"
    ]
