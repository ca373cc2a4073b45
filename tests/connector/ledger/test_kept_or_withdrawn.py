"""What a person decides about an event that a changed fact put in question, and what follows from it later."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.ledger.decisions import EventError, keep, release, withdraw
from connector.store import Store
from rules.school import Spell
from tests.connector.memory_mis import FIRST_DAY, MemoryMis, at, next_day
from tests.connector.run.test_causes import (
    DAY,
    DAYS,
    LATE,
    decide_all,
    held_by_calendar,
    late_school,
    own_policy,
    written,
)
from tests.connector.run.test_put_aside import under
from tests.connector.runs import options, row_of, run


def brought_back_by_the_policy(tmp_path: Path) -> tuple[MemoryMis, Path]:
    """Have a letter written, a mark take it back, and a lower figure in the policy bring it again."""
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, own_policy(3))
    mis.mark("1", DAYS[2], "AM", "/")
    run(mis, state, DAY, own_policy(3))
    assert (row_of(state, "late").state, written(mis)) == ("withdrawn", 3)
    run(mis, state, DAY, own_policy(2))
    row = row_of(state, "late")
    assert (row.state, row.hold, row.held_from, written(mis)) == ("held", "facts_changed", "withdrawn", 3)
    return mis, state


def test_what_a_mark_took_back_and_a_person_keeps_stands_again_without_a_second_letter(
    tmp_path: Path,
) -> None:
    mis, state = brought_back_by_the_policy(tmp_path)
    with Store.open(state, "hill") as store:
        row = keep(store, row_of(state, "late").key, reason="agreed", by="office", now=at(DAY), as_of=DAY)
    assert (row.state, row.note_due) == ("written", "reinstated")
    run(mis, state, DAY, own_policy(2))
    assert (row_of(state, "late").state, len(mis.documents), written(mis)) == ("verified", 1, 4)


def test_what_a_mark_took_back_and_a_person_withdraws_gets_no_second_note(tmp_path: Path) -> None:
    mis, state = brought_back_by_the_policy(tmp_path)
    with Store.open(state, "hill") as store:
        row = withdraw(store, row_of(state, "late").key, reason="agreed", now=at(DAY), as_of=DAY)
    assert (row.state, row.reason, row.note_due) == ("withdrawn", "agreed", None)
    for _ in range(2):
        assert run(mis, state, DAY, own_policy(2)).exit_code == 0
        assert (row_of(state, "late").state, written(mis)) == ("withdrawn", 3)


def test_what_a_person_withdrew_does_not_come_back_by_itself_when_the_fact_is_put_right(
    tmp_path: Path,
) -> None:
    mis, state, row = held_by_calendar(tmp_path)
    with Store.open(state, "hill") as store:
        withdraw(store, row.key, reason="closed on those days", now=at(DAY), as_of=DAY)
    run(mis, state, DAY, options(only=LATE))
    mis.periods = tuple(period for period in mis.periods if period.kind != "inset")
    assert run(mis, state, DAY, options(only=LATE)).exit_code == 3
    row = row_of(state, "late-letter")
    assert (row.state, row.hold, row.held_from) == ("held", "facts_changed", "withdrawn")
    assert "a person withdrew it" in row.reason


def test_what_a_changed_fact_brings_for_the_first_time_was_nothing_before_and_can_be_released(
    tmp_path: Path,
) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, own_policy(4))
    run(mis, state, DAY, own_policy(3))
    row = row_of(state, "late")
    assert (row.state, row.hold, row.held_from) == ("held", "facts_changed", "")
    with Store.open(state, "hill") as store:
        release(store, row.key, by="office", now=at(DAY), as_of=DAY)
    run(mis, state, DAY, own_policy(3))
    assert (row_of(state, "late").state, written(mis)) == ("verified", 2)


def test_what_another_policy_put_aside_cannot_be_released(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE, review=frozenset({"all"})))
    run(mis, state, DAY, under("own", options(only=("late-meeting",))))
    row = row_of(state, "late-letter")
    assert (row.state, row.hold) == ("superseded", "other_policy")
    with Store.open(state, "hill") as store, pytest.raises(EventError, match="is superseded"):
        release(store, row.key, by="office", now=at(DAY), as_of=DAY)


MARKS = [
    pytest.param("1", FIRST_DAY, True, id="the first day of its window"),
    pytest.param("1", DAYS[2], True, id="its day"),
    pytest.param("1", next_day(DAYS[2]), False, id="the day after"),
    pytest.param("2", DAYS[2], False, id="another pupil"),
]


@pytest.mark.parametrize(("pupil_id", "day", "asked"), MARKS)
def test_what_a_person_keeps_is_asked_about_again_once_a_mark_of_its_window_changes(
    tmp_path: Path, pupil_id: str, day: date, asked: bool
) -> None:
    mis, state, row = held_by_calendar(tmp_path)
    decide_all(state, row.because, "keep")
    mis.mark(pupil_id, day, "PM", "I")
    assert run(mis, state, DAY, options(only=LATE)).exit_code == (3 if asked else 0)
    row = row_of(state, "late-letter")
    assert (row.state, row.hold) == (("held", "no_longer_follows") if asked else ("verified", ""))
    if asked:
        assert row.reason == "marks of its days changed after a person kept it"


@pytest.mark.parametrize(("pupil_id", "day", "asked"), MARKS)
def test_what_a_person_withdrew_is_asked_about_again_once_a_mark_of_its_window_changes(
    tmp_path: Path, pupil_id: str, day: date, asked: bool
) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, own_policy(4))
    run(mis, state, DAY, own_policy(3))
    decide_all(state, row_of(state, "late").because, "withdraw")
    mis.mark(pupil_id, day, "PM", "I")
    assert run(mis, state, DAY, own_policy(3)).exit_code == (3 if asked else 0)
    row = row_of(state, "late")
    assert (row.state, row.hold) == (("held", "facts_changed") if asked else ("withdrawn", ""))


def test_an_event_that_no_changed_mark_takes_back_is_held_with_that_said(tmp_path: Path) -> None:
    """Of an event from before facts were kept nothing else is known than that it follows no more."""
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE))
    with Store.open(state, "hill") as store, store.transaction() as connection:
        connection.execute("UPDATE events SET rested_on = ''")
        connection.execute("DELETE FROM meta WHERE name LIKE 'judged%'")
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2025, 10, 6)))
    mis.mark("1", date(2025, 10, 7), "PM", "I")
    for pupil_id in mis.pupils:
        mis.day(pupil_id, next_day(DAY), "/")
    assert run(mis, state, next_day(DAY), options(only=LATE)).exit_code == 3
    row = row_of(state, "late-letter")
    assert (row.state, row.hold) == ("held", "no_longer_follows")
    assert row.reason == "it no longer follows, and not because of the marks that were changed"
