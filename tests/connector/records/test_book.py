"""What people enter counts from then on, once, is checked, and is never rewritten or deleted."""

from __future__ import annotations

import sqlite3
from datetime import date

import pytest

from connector.errors import ConfigError
from connector.records.book import Book, Entered, row_of
from connector.store import Store
from connector.store.keeping import purge
from rules.pupil_record import PupilRecord
from rules.school import AttendancePlan, Notice
from tests.connector.records.school import NOW, book_of, pull, register_of, school_store

MEETING = {"pupil_id": "17", "kind": "meeting", "date": "2025-09-30", "decision": "held"}


def enter(book: Book, cells: dict[str, str], **more: bool) -> Entered:
    record, faults = book.read(row_of(cells))
    assert record is not None
    assert not faults
    (entered,) = book.enter([record], at=NOW, by="office", **more)
    return entered


def faults(store: Store, **cells: str) -> list[tuple[str, str]]:
    _, found = book_of(store).read(row_of({"pupil_id": "17", "date": "2025-09-30", **cells}))
    assert all(fix for _, _, fix in found)
    return [(column, message) for column, message, _ in found]


def test_a_record_is_in_the_register_once_it_is_entered_and_stays_through_a_pull() -> None:
    with school_store() as store:
        first = enter(book_of(store), MEETING)
        enter(
            book_of(store), {"pupil_id": "18", "kind": "plan", "date": "2025-09-12", "review": "2025-10-03"}
        )
        assert (first.is_new, first.entry.id, first.entry.entered_by) == (True, 1, "office")
        assert register_of(store).pupil_records == (
            PupilRecord("17", "meeting", date(2025, 9, 30), decision="held"),
        )
        assert pull(store) == []
        assert len(register_of(store).pupil_records) == 1
        assert register_of(store).attendance_plans == (
            AttendancePlan("18", date(2025, 9, 12), date(2025, 10, 3)),
        )


def test_the_same_is_entered_once_however_it_is_written() -> None:
    with school_store() as store:
        book = book_of(store)
        enter(book, MEETING)
        again = enter(book, {**MEETING, "kind": "Meeting", "decision": "Held"})
        assert (again.is_new, again.entry.id) == (False, 1)
        assert enter(book, {**MEETING, "note": "about the bus"}).is_new


def test_what_is_withdrawn_counts_no_more_and_stays_in_the_book() -> None:
    with school_store() as store:
        book = book_of(store)
        enter(book, MEETING)
        entry = book.withdraw(1, at=NOW, by="head", why=" entered for another pupil ")
        assert (entry.withdrawn_by, entry.withdrawn_why) == ("head", "entered for another pupil")
        assert register_of(store).pupil_records == ()
        assert [one.cells["kind"] for one in store.facts.entered.entries()] == ["meeting"]
        # a file that still has the row does not bring it back, a person does
        assert not enter(book, MEETING).is_new
        assert enter(book, MEETING, again=True).entry.id == 2
        assert len(register_of(store).pupil_records) == 1


@pytest.mark.parametrize(
    ("number", "why", "message"),
    [(2, "x", "no record here has the number 2"), (1, " ", "--reason is empty"), (3, "x", "withdrawn on")],
)
def test_what_cannot_be_withdrawn_says_why(number: int, why: str, message: str) -> None:
    with school_store() as store:
        book = book_of(store)
        enter(book, MEETING)
        if number == 3:
            number = 1
            book.withdraw(1, at=NOW, by="head", why="x")
        with pytest.raises(ConfigError, match=message):
            book.withdraw(number, at=NOW, by="head", why=why)


def test_no_entry_can_be_rewritten_not_even_by_hand() -> None:
    with school_store() as store:
        book = book_of(store)
        enter(book, MEETING)
        for change in ("cells = '{}'", "entered_by = 'me'", "body = '{}'"):
            with pytest.raises(sqlite3.IntegrityError, match="never rewritten"):
                store.connection.execute(f"UPDATE entered_records SET {change}")
        book.withdraw(1, at=NOW, by="head", why="x")
        with pytest.raises(sqlite3.IntegrityError, match="never rewritten"):
            store.connection.execute("UPDATE entered_records SET withdrawn_at = NULL")


def test_whom_a_record_is_about_must_be_known_and_no_fault_repeats_a_cell() -> None:
    with school_store() as store:
        assert faults(store, kind="meeting", pupil_id="Ann Birch") == [
            ("pupil_id", "is no pupil of the school")
        ]
        assert faults(store, kind="contact", contact_id="Jo Birch") == [
            ("contact_id", "is no contact of the pupil")
        ]
        assert faults(store, kind="contact", contact_id="c17") == []
        assert faults(store, kind="meeting", decision="answered", pupil_id="99") == [
            ("decision", "is none of invited, held, missed, cancelled"),
            ("pupil_id", "is no pupil of the school"),
        ]
    with Store.in_memory("hill") as empty:
        assert faults(empty, kind="meeting") == [
            ("pupil_id", "is not known: no pupil has been read from the MIS yet")
        ]


@pytest.mark.parametrize(
    ("cells", "ahead"),
    [
        ({"kind": "meeting", "decision": "invited"}, False),
        ({"kind": "meeting", "decision": "held"}, True),
        ({"kind": "visit"}, True),
        ({"kind": "plan"}, False),
        ({"kind": "contract", "decision": "invited"}, False),
        ({"kind": "contract", "decision": "signed"}, True),
        ({"kind": "referral", "decision": "sent"}, True),
        ({"kind": "notice", "contact_id": "c17"}, True),
        ({"kind": "notice-to-improve", "weeks": "3"}, False),
    ],
)
def test_what_has_been_done_does_not_lie_ahead(cells: dict[str, str], ahead: bool) -> None:
    with school_store() as store:
        assert faults(store, **cells, date="2025-10-01") == []
        wrong = [("date", "lies ahead of today, 2025-10-01")]
        assert faults(store, **cells, date="2025-10-02") == (wrong if ahead else [])


@pytest.mark.parametrize(
    ("day", "wrong"),
    [("2005-01-01", False), ("2004-12-31", True), ("2045-12-31", False), ("2125-09-09", True)],
)
def test_a_day_in_another_century_has_a_wrong_year(day: str, wrong: bool) -> None:
    with school_store() as store:
        found = faults(store, kind="plan", date=day)
        assert found == ([("date", "is more than 20 years away")] if wrong else [])


def test_a_notice_that_is_withdrawn_here_counts_no_more_wherever_it_was_issued() -> None:
    notice = {"pupil_id": "17", "kind": "notice", "date": "2025-09-30", "contact_id": "c17"}
    with school_store() as store:
        with store.transaction():
            store.facts.records.put("arbor", "notices", (Notice("17", "c17", date(2025, 9, 30)),))
        assert len(register_of(store).notices) == 1
        enter(book_of(store), {**notice, "decision": "withdrawn"})
        assert register_of(store).notices == ()


@pytest.mark.parametrize(("year", "left"), [(2027, 1), (2029, 0)])
def test_entries_go_with_their_keeping_time(year: int, left: int) -> None:
    with school_store() as store:
        enter(book_of(store), MEETING)
        purged = purge(store, as_of=date(year, 10, 1), keep_years=3)
        assert purged.entered_records == 1 - left
        assert len(store.facts.entered.entries()) == left
        assert len(register_of(store).pupil_records) == left
