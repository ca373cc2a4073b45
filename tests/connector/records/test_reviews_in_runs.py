"""A review that has become due makes a digest once; it is no news again on the days after."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rules.pupil_record import PupilRecord
from rules.school import AttendancePlan
from tests.connector.memory_mis import small_school
from tests.connector.run.test_turns import told_in_digests


def test_a_review_is_news_once_also_when_it_fell_on_a_day_without_a_run(tmp_path: Path) -> None:
    mis = small_school(2, date(2025, 9, 23))
    mis.plans = [
        AttendancePlan("1", date(2025, 9, 10), review=date(2025, 9, 18)),
        AttendancePlan("2", date(2025, 9, 10), review=date(2025, 9, 20)),
    ]
    nights = [date(2025, 9, day) for day in (16, 17, 18, 19, 22, 23)]
    told = told_in_digests(mis, tmp_path / "hill.db", nights)
    assert [facts.news for facts in told][1:] == [False, True, False, True, False]


def test_a_meeting_is_news_when_it_comes_within_a_week_and_on_its_day(tmp_path: Path) -> None:
    mis = small_school(1, date(2025, 9, 30))
    mis.pupil_records = [
        PupilRecord(
            "1", "meeting", date(2025, 9, 15), decision="invited", start=date(2025, 9, 25), note="clinic"
        )
    ]
    nights = [date(2025, 9, day) for day in (16, 17, 18, 19, 24, 25, 26)]
    told = told_in_digests(mis, tmp_path / "hill.db", nights)
    assert [facts.news for facts in told][1:] == [False, True, False, False, True, False]
