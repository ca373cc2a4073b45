"""A part-time timetable on record makes the returns to the authority that one in the MIS makes."""

from __future__ import annotations

from datetime import date

import pytest

from connector.ledger.exclusions.named import flags_on
from rules.evaluate import evaluate
from rules.policy import load_policy
from rules.pupil_record import PupilRecord, part_time_days
from tests.connector.records.school import NOW, book_of, register_of, school_store
from tests.connector.records.test_book import enter

START, END = date(2025, 9, 15), date(2025, 10, 10)


def agreed(start: date = START, end: date | None = END) -> PupilRecord:
    return PupilRecord("17", "part-time", date(2025, 9, 12), "", "agreed", start, end)


def ended(day: date) -> PupilRecord:
    return PupilRecord("17", "part-time", day, decision="ended")


@pytest.mark.parametrize(
    ("records", "days"),
    [
        ([agreed()], [(START, END)]),
        ([agreed(end=None)], [(START, None)]),
        ([PupilRecord("17", "part-time", START)], [(START, None)]),
        ([agreed(), ended(date(2025, 10, 1))], [(START, date(2025, 10, 1))]),
        ([agreed(end=None), ended(date(2025, 10, 1))], [(START, date(2025, 10, 1))]),
        ([agreed(), ended(date(2025, 10, 11))], [(START, END)]),  # it was over
        ([agreed(), ended(date(2025, 9, 14))], [(START, END)]),  # that of an earlier one
        (
            [agreed(date(2025, 11, 3), None), ended(date(2025, 12, 1)), agreed(end=None)],
            [(START, None), (date(2025, 11, 3), date(2025, 12, 1))],
        ),
        ([ended(START)], None),
    ],
)
def test_a_timetable_has_the_day_of_its_end(
    records: list[PupilRecord], days: list[tuple[date, date | None]] | None
) -> None:
    assert part_time_days(records).get("17") == days


def test_what_is_on_record_brings_the_returns_and_the_flag_where_the_mis_has_no_dates() -> None:
    row = {"pupil_id": "17", "kind": "part-time", "date": "2025-09-12", "decision": "agreed"}
    with school_store() as store:
        enter(book_of(store), {**row, "from": START.isoformat(), "to": END.isoformat()})
        register = register_of(store)
        policy = load_policy("aycliffe-drive")
        for in_run in (False, True):
            found = evaluate(register, policy, date(2025, 10, 17), in_run=in_run).events
            returns = [event for event in found if event.rule == "part-time-return"]
            assert [(event.date, event.figures["date_of"]) for event in returns] == [
                (START, "part_time_from"),
                (END, "part_time_to"),
            ]
        assert "part_time" in flags_on(register.pupil("17"), END)
        assert "part_time" not in flags_on(register.pupil("17"), date(2025, 10, 11))
        book_of(store).withdraw(1, at=NOW, by="office", why="never agreed")
        assert register_of(store).pupil("17").part_time_from is None
