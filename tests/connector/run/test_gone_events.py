"""What becomes of events that no longer follow, while others do, while marks are in doubt, and while they are put aside."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.errors import RetryableError
from connector.ledger.rested_on import last_judged
from connector.store import Store
from connector.store.amendments import last_amendment
from rules.calendar import Period
from rules.school import Exclusion, Spell
from tests.connector.memory_mis import FIRST_DAY, MemoryMis, next_day, school_days, small_school
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
from tests.connector.runs import ledger, options, row_of, run

LATER = (date(2025, 9, 16), date(2025, 9, 17), date(2025, 9, 18))
OPTS = options(only=LATE)
AFTER = next_day(DAY)


def states(state: Path) -> list[tuple[str | None, str, str]]:
    return [(row.pupil_id, row.state, row.hold) for row in ledger(state)]


def no_school_on_the_first_days(mis: MemoryMis) -> None:
    mis.periods = (*mis.periods, Period("inset", "Training", DAYS[0], DAYS[1]))


@pytest.mark.parametrize("first", ["kept", "excluded"])
def test_what_is_kept_or_excluded_keeps_no_other_event_from_being_taken_back(
    tmp_path: Path, first: str
) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    for day in LATER:
        mis.mark("2", day, "AM", "L")
    if first == "excluded":
        mis.exclusions = [Exclusion(reason="agreed", pupil_id="1")]
    run(mis, state, DAY, OPTS)
    no_school_on_the_first_days(mis)
    if first == "kept":
        run(mis, state, DAY, OPTS)
        decide_all(state, row_of(state, "late-letter").because, "keep")
    mis.mark("2", LATER[1], "AM", "/")
    run(mis, state, DAY, OPTS)
    assert states(state) == [
        ("1", "verified" if first == "kept" else "excluded", ""),
        ("2", "withdrawn", ""),
    ]


def test_what_is_held_for_a_fact_is_left_to_a_person_also_when_a_mark_is_changed_later(
    tmp_path: Path,
) -> None:
    mis, state, row = held_by_calendar(tmp_path)
    before = written(mis)
    mis.periods = tuple(period for period in mis.periods if period.kind != "inset")
    mis.mark("1", DAYS[0], "AM", "/")
    assert run(mis, state, DAY, OPTS).exit_code == 3
    after = row_of(state, "late-letter")
    assert (after.state, after.hold, after.because) == ("held", "no_longer_follows", row.because)
    assert written(mis) == before


def test_a_second_fact_that_changes_is_named_as_well(tmp_path: Path) -> None:
    mis, state, row = held_by_calendar(tmp_path)
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2025, 9, 20)))
    run(mis, state, DAY, OPTS)
    assert "entry date" not in row.reason
    assert "entry date changed" in row_of(state, "late-letter").reason


def test_what_a_person_withdrew_although_it_follows_is_not_asked_about_again(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, own_policy(4))
    run(mis, state, DAY, own_policy(3))
    row = row_of(state, "late")
    assert (row.state, row.hold) == ("held", "facts_changed")
    decide_all(state, row.because, "withdraw")
    for _ in range(2):
        assert run(mis, state, DAY, own_policy(3)).exit_code == 0
        assert row_of(state, "late").state == "withdrawn"
    assert written(mis) == 0


@pytest.mark.parametrize(("made", "state_of"), [(False, "held"), (True, "verified")])
def test_what_was_put_aside_and_follows_no_more_is_where_it_was_once_it_follows_again(
    tmp_path: Path, made: bool, state_of: str
) -> None:
    """``made``: its letter was made and not taken before the school followed another policy; else it was to be read."""
    mis, state = late_school(), tmp_path / "hill.db"
    opts = OPTS if made else options(only=LATE, review=frozenset({"all"}))
    if made:
        mis.faults["find_documents"] = [RetryableError("the MIS is down")] * 20
    run(mis, state, DAY, opts)
    mis.faults.clear()
    other = under("own", options(only=("late-meeting",)))
    run(mis, state, DAY, other)
    assert states(state) == [("1", "superseded", "other_policy")]
    periods = mis.periods
    no_school_on_the_first_days(mis)
    run(mis, state, DAY, opts)
    (row,) = ledger(state)
    assert (row.state, row.hold) == ("held", "no_longer_follows")
    assert row.held_from == ("due" if made else "held")
    mis.periods = periods
    run(mis, state, DAY, opts)
    assert states(state) == [("1", state_of, "" if made else "review")]


# -- marks in doubt


UNMARKED = school_days(FIRST_DAY, DAY)[6:16]


def warned_while_marks_are_missing(mis: MemoryMis, state: Path, opts: LoadedSchool) -> None:
    """Run on a day of illness, which weighs too much while ten days before it have no mark."""
    for day in UNMARKED:
        mis.day("1", day, "")
    mis.day("1", DAY, "I")
    run(mis, state, DAY, opts)


def enter_what_was_missing(mis: MemoryMis) -> None:
    for day in UNMARKED:
        mis.day("1", day, "/")


def test_a_late_entry_holds_what_was_written_once_the_registers_of_the_day_are_there(tmp_path: Path) -> None:
    mis, state = small_school(1, until=DAY), tmp_path / "hill.db"
    opts = options(only=("initial-warning",))
    warned_while_marks_are_missing(mis, state, opts)
    assert states(state) == [("1", "verified", "")]
    enter_what_was_missing(mis)
    for mark, expected in (("-", ("1", "verified", "")), ("/", ("1", "held", "no_longer_follows"))):
        mis.day("1", AFTER, mark)
        run(mis, state, AFTER, opts)
        assert states(state) == [expected]
    assert "marks that were missing have been entered" in row_of(state, "initial-warning").reason


def not_taken(mis: MemoryMis, day: date) -> None:
    for pupil_id in mis.pupils:
        mis.day(pupil_id, day, "-")


def last_amendments(state: Path) -> tuple[int, int]:
    """Return the last change of a mark that the last judging took in, and the last one that there is."""
    with Store.open(state, "hill") as store:
        last = last_judged(store, "hcat")
        assert last is not None
        return last.last_amendment, last_amendment(store.connection)


def test_a_letter_whose_marks_are_gone_is_not_written_while_registers_are_missing(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.faults["find_documents"] = [RetryableError("the MIS is down")] * 20
    run(mis, state, DAY, OPTS)
    assert states(state) == [("1", "composed", "")]
    mis.faults.clear()
    mis.mark("1", DAYS[0], "AM", "/")
    not_taken(mis, AFTER)
    run(mis, state, AFTER, OPTS)
    assert states(state) == [("1", "held", "registers")]
    assert (written(mis), mis.titles("1")) == (0, [])


def test_what_no_mark_takes_back_stays_as_it_is_while_registers_are_missing(tmp_path: Path) -> None:
    """Of an event from before facts were kept nothing else is known than that it follows no more."""
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    with Store.open(state, "hill") as store, store.transaction() as connection:
        connection.execute("UPDATE events SET rested_on = ''")
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell(date(2025, 10, 6)))
    mis.mark("1", date(2025, 10, 7), "PM", "I")
    not_taken(mis, AFTER)
    run(mis, state, AFTER, OPTS)
    assert states(state) == [("1", "verified", "")]
    seen, there = last_amendments(state)
    assert seen < there, "the changed mark is looked at again once the registers are there"
    for pupil_id in mis.pupils:
        mis.day(pupil_id, AFTER, "/")
    run(mis, state, AFTER, OPTS)
    assert states(state) == [("1", "held", "no_longer_follows")]


def test_marks_that_take_nothing_back_are_done_with_also_while_registers_are_missing(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    mis.mark("2", DAYS[0], "AM", "I")
    not_taken(mis, AFTER)
    run(mis, state, AFTER, OPTS)
    seen, there = last_amendments(state)
    assert seen == there > 0


def test_what_is_kept_is_not_asked_about_again_while_a_mark_of_its_days_is_still_missing(
    tmp_path: Path,
) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.mark("1", DAYS[0], "PM", "-")
    run(mis, state, DAY, OPTS)
    assert states(state) == [("1", "verified", "")]
    no_school_on_the_first_days(mis)
    mis.periods = (*mis.periods[:-1], Period("inset", "Training", DAYS[1], DAYS[1]))
    run(mis, state, DAY, OPTS)
    decide_all(state, row_of(state, "late-letter").because, "keep")
    for _ in range(2):
        assert run(mis, state, DAY, OPTS).exit_code == 0
        assert states(state) == [("1", "verified", "")]


def test_what_waits_goes_with_a_late_entry_although_the_calendar_changed_as_well(tmp_path: Path) -> None:
    mis, state = small_school(1, until=DAY), tmp_path / "hill.db"
    opts = options(only=("initial-warning",), review=frozenset({"all"}))
    warned_while_marks_are_missing(mis, state, opts)
    assert states(state) == [("1", "held", "review")]
    enter_what_was_missing(mis)
    mis.periods = (*mis.periods, Period("closure", "Snow", FIRST_DAY, FIRST_DAY))
    run(mis, state, DAY, opts)
    assert states(state) == [("1", "withdrawn", "")]


def test_one_letter_is_not_taken_back_in_a_night_in_which_many_marks_changed(tmp_path: Path) -> None:
    mis, state = late_school(12), tmp_path / "hill.db"
    for day in LATER:
        mis.mark("2", day, "AM", "L")
    run(mis, state, DAY, options(only=LATE, review=frozenset()))
    waiting = options(only=LATE, review=frozenset({"all"}))
    for pupil_id in mis.pupils:
        for day in (DAYS[0], *LATER):
            mis.mark(pupil_id, day, "AM", "I" if pupil_id != "1" else "/")
    assert run(mis, state, DAY, waiting).exit_code == 3
    assert {row.state for row in ledger(state)} == {"held"}
    assert {row.hold for row in ledger(state)} == {"no_longer_follows"}


def test_what_waits_is_held_and_not_withdrawn_in_a_night_in_which_many_marks_changed(tmp_path: Path) -> None:
    mis, state = late_school(12), tmp_path / "hill.db"
    waiting = options(only=LATE, review=frozenset({"all"}))
    run(mis, state, DAY, waiting)
    assert states(state) == [("1", "held", "review")]
    for pupil_id in mis.pupils:
        for day in (DAYS[0], *LATER):
            mis.mark(pupil_id, day, "AM", "I" if pupil_id != "1" else "/")
    run(mis, state, DAY, waiting)
    assert states(state) == [("1", "held", "no_longer_follows")]


def test_marks_that_are_entered_late_are_no_changed_marks(tmp_path: Path) -> None:
    mis, state = late_school(12), tmp_path / "hill.db"
    others = [pupil_id for pupil_id in mis.pupils if pupil_id != "1"]
    for pupil_id in others:
        for day in LATER:
            mis.mark(pupil_id, day, "AM", "-")
    run(mis, state, DAY, OPTS)
    assert states(state) == [("1", "verified", "")]
    for pupil_id in others:
        for day in LATER:
            mis.mark(pupil_id, day, "AM", "/")
    mis.mark("1", DAYS[0], "AM", "/")
    run(mis, state, DAY, OPTS)
    assert states(state) == [("1", "withdrawn", "")]


def test_what_is_held_is_not_held_again_every_night(tmp_path: Path) -> None:
    mis, state, row = held_by_calendar(tmp_path)
    for day in (DAY, AFTER):
        run(mis, state, day, OPTS)
    again = row_of(state, "late-letter")
    assert (again.state, again.hold, again.state_on) == ("held", "no_longer_follows", row.state_on)
    with Store.open(state, "hill") as store:
        assert [line.state for line in store.ledger.history(row.id)].count("held") == 1


def test_a_mark_takes_back_a_letter_of_the_first_day_of_last_year(tmp_path: Path) -> None:
    mis, state = small_school(1, until=FIRST_DAY), tmp_path / "hill.db"
    start, next_start = date(2025, 9, 1), date(2026, 9, 3)
    mis.periods = (
        Period("year", "2025/26", start, date(2026, 8, 31)),
        Period("term", "Autumn", start, FIRST_DAY),
        Period("half_term", "Autumn 1", start, FIRST_DAY),
        Period("year", "2026/27", date(2026, 9, 1), date(2027, 8, 31)),
        Period("term", "Autumn 2026", next_start, date(2026, 12, 18)),
        Period("half_term", "Autumn 1 2026", next_start, date(2026, 10, 23)),
    )
    for day in (start, date(2025, 9, 2)):
        mis.day("1", day, "/")
    mis.mark("1", start, "AM", "L")
    run(mis, state, start, own_policy(1))
    assert states(state) == [("1", "verified", "")]
    mis.mark("1", start, "AM", "/")
    mis.day("1", next_start, "/")
    run(mis, state, next_start, own_policy(1))
    assert states(state) == [("1", "withdrawn", "")]


def test_ordinary_corrections_of_several_days_are_not_many_at_once(tmp_path: Path) -> None:
    mis, state = late_school(3, until=date(2025, 10, 17)), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    for day, corrected in zip(
        school_days(AFTER, date(2025, 10, 17)), school_days(date(2025, 9, 22), date(2025, 9, 26)), strict=True
    ):
        for pupil_id in mis.pupils:
            mis.day(pupil_id, corrected, "I")
        run(mis, state, day, OPTS)
    mis.mark("1", DAYS[0], "AM", "/")
    run(mis, state, date(2025, 10, 17), OPTS)
    assert states(state) == [("1", "withdrawn", "")]


def test_an_excluded_event_goes_quietly_while_many_written_ones_are_held(tmp_path: Path) -> None:
    mis, state = small_school(7, until=DAY), tmp_path / "hill.db"
    mis.exclusions = [Exclusion(reason="agreed", pupil_id="7")]
    for pupil_id in mis.pupils:
        for day in DAYS:
            mis.mark(pupil_id, day, "AM", "L")
    run(mis, state, DAY, OPTS)
    for pupil_id in mis.pupils:
        mis.mark(pupil_id, DAYS[0], "AM", "/")
    summary = run(
        mis, state, DAY, options(only=LATE, hold_above_withdrawals=5, hold_above_withdrawals_percent=100)
    )
    assert summary.withdrawals_held == 6
    assert {row.pupil_id: row.state for row in ledger(state)} == dict.fromkeys("123456", "held") | {
        "7": "withdrawn"
    }


def test_an_excluded_event_whose_mark_is_no_code_is_no_withdrawal_held(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.exclusions = [Exclusion(reason="agreed", pupil_id="1")]
    run(mis, state, DAY, OPTS)
    mis.mark("1", DAYS[0], "AM", "l")
    assert run(mis, state, DAY, OPTS).withdrawals_held == 0
    assert states(state) == [("1", "excluded", "")]
    with Store.open(state, "hill") as store:
        assert not store.outbox.of_event(ledger(state)[0].id)
