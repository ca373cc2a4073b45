"""Minutes late and comments stay when a later page cannot say them, and go when the mark changes or a page says none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.adapters.base import CalendarPage, MarkPage, PullEnd, PupilPage
from connector.store import Store
from connector.store.registers import read_marks
from rules.school import Mark
from tests.connector.memory_mis import PERIODS, made_up_pupil

NOW = datetime(2025, 12, 1, 18, tzinfo=UTC)
DAY = date(2025, 9, 8)
LATE = Mark("1", DAY, "AM", "L", 12, "bus")


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        (MarkPage((Mark("1", DAY, "AM", "L"),), details=False), True),
        (MarkPage((Mark("1", DAY, "AM", "L"),)), False),
        (MarkPage((Mark("1", DAY, "AM", "U"),), details=False), False),
        (MarkPage((Mark("1", DAY, "AM", "L", 4),), details=False), True),
    ],
    ids=["cannot say", "says none", "another mark", "says what it cannot know"],
)
def test_details_of_a_mark(later: MarkPage, kept: bool, tmp_path: Path) -> None:
    with Store.open(tmp_path / "hill.db", "hill") as store:
        for page in (MarkPage((LATE,)), later):
            merge = store.begin_pull(at=NOW)
            for one in (CalendarPage(PERIODS), PupilPage((made_up_pupil(1),)), page, PullEnd(None)):
                merge.apply(one)
        (mark,) = read_marks(store.connection)
    assert (mark.minutes_late, mark.comment) == ((12, "bus") if kept else (None, ""))
