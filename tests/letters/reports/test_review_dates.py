"""The calendar of reviews: counts by day and kind, in the form that calendar programs read, and no name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.config.school import SchoolConfig
from connector.documents.reviews_file import FILE, file_reviews
from letters.reports.review_dates import _folded, counted_reviews, review_calendar
from rules.pupil_record import PupilRecord
from rules.register import Register, build_register
from tests.connector.memory_mis import CALENDAR, made_up_pupil
from tests.connector.runs import options

TODAY, MONDAY, TUESDAY = date(2025, 11, 12), date(2025, 12, 1), date(2025, 12, 2)
NOW = datetime(2025, 11, 12, 16, 30, tzinfo=UTC)


def record(pupil_id: str, review: date | None, kind: str = "contract") -> PupilRecord:
    return PupilRecord(pupil_id, kind, date(2025, 11, 3), review=review)  # type: ignore[arg-type]


def register(*records: PupilRecord, **facts: object) -> Register:
    pupils = [replace(made_up_pupil(1), **facts), *(made_up_pupil(n) for n in (2, 3))]  # type: ignore[arg-type]
    return build_register(pupils=pupils, calendar=CALENDAR, marks=[], pupil_records=records)


def test_reviews_are_counted_by_day_and_kind_from_today_on() -> None:
    due = counted_reviews(
        register(
            record("1", MONDAY), record("2", MONDAY), record("3", MONDAY, "part-time"),
            record("3", TUESDAY), record("2", TODAY), record("1", date(2025, 11, 11)), record("1", None),
            record("99", MONDAY),
        ),
        TODAY,
    )  # fmt: skip
    assert [(day, words) for day, _, words in due] == [
        (TODAY, "Review of 1 contract"),
        (MONDAY, "Review of 2 contracts"),
        (MONDAY, "Review of 1 part-time timetable"),
        (TUESDAY, "Review of 1 contract"),
    ]


def test_a_meeting_that_was_called_is_no_review_of_one() -> None:
    called = [PupilRecord(one, "meeting", MONDAY, decision="invited") for one in "12"]
    held = PupilRecord("3", "meeting", date(2025, 11, 10), decision="held", review=MONDAY)
    due = counted_reviews(register(*called, held), TODAY)
    assert [words for _, _, words in due] == [
        "2 meetings: say afterwards whether they were held", "Review of 1 meeting"
    ]  # fmt: skip
    assert len({kind for _, kind, _ in due}) == 2, "two entries of the calendar"


@pytest.mark.parametrize("facts", [{"deceased": True}, {"on_roll_to": date(2025, 11, 30)}])
def test_who_has_left_by_then_or_has_died_has_no_review(facts: dict[str, object]) -> None:
    pupil = replace(made_up_pupil(1), spells=(), **facts)  # type: ignore[arg-type]
    made = build_register(pupils=[pupil], calendar=CALENDAR, marks=[], pupil_records=[record("1", MONDAY)])
    assert counted_reviews(made, TODAY) == []
    assert review_calendar(made, TODAY, "hill", NOW) is None


def test_the_file_is_an_icalendar_that_keeps_the_identity_of_its_entries() -> None:
    text = (review_calendar(register(record("1", MONDAY)), TODAY, "hill", NOW) or b"").decode()
    lines = text.split("\r\n")
    assert (lines[0], lines[1], lines[-2:]) == ("BEGIN:VCALENDAR", "VERSION:2.0", ["END:VCALENDAR", ""])
    event = lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]
    assert event[:5] == [
        "UID:review-20251201-contract@hill.attendance-connector",
        "DTSTAMP:20251112T163000Z",
        "DTSTART;VALUE=DATE:20251201",
        "DTEND;VALUE=DATE:20251202",
        "SUMMARY:Review of 1 contract",
    ]
    again = (
        review_calendar(register(record("1", MONDAY), record("2", MONDAY)), TODAY, "hill", NOW) or b""
    ).decode()
    assert "UID:review-20251201-contract@hill" in again
    assert "Review of 2 contracts" in again


def test_long_lines_are_folded_at_75_octets() -> None:
    assert _folded("x" * 75) == "x" * 75
    assert _folded("x" * 76) == "x" * 75 + "\r\n x"
    folded = _folded("é" * 80).split("\r\n")
    assert all(len(part.encode()) <= 75 for part in folded)
    assert folded[0] + "".join(part[1:] for part in folded[1:]) == "é" * 80


def test_the_file_stands_in_the_folder_of_the_digest_while_reviews_are_due(tmp_path: Path) -> None:
    config: SchoolConfig = options(digest=tmp_path / "digest").config
    path = tmp_path / "digest" / FILE
    assert file_reviews(config, register(), TODAY, NOW) == []
    assert not path.exists()
    assert file_reviews(config, register(record("1", MONDAY)), TODAY, NOW) == []
    assert b"Review of 1 contract" in path.read_bytes()
    assert file_reviews(config, register(), TODAY, NOW) == []
    assert not path.exists(), "nothing is due any more"
    assert file_reviews(options().config, register(record("1", MONDAY)), TODAY, NOW) == []
