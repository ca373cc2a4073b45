"""An event that comes back: which note, and how much of its letter, the family has had already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from connector.errors import RetryableError
from connector.ledger.take_back import reinstate, stand_again, withdraw
from connector.store import Store
from connector.store.ledger import LedgerRow, RunStamp, State
from connector.store.outbox import ItemState
from tests.connector.ledger.test_guards import DAY, LATE, late_school
from tests.connector.memory_mis import MemoryMis, at
from tests.connector.runs import options, run

OPTS = options(only=LATE)
STAMP = RunStamp(1, at(DAY), DAY, "hcat", "1")


def state_after(path: Path, refused: str = "") -> Path:
    """Return the state of one pupil's late letter, written, or begun in a run in which the MIS refused one call."""
    mis: MemoryMis = late_school(1)
    if refused:
        mis.faults[refused] = [RetryableError("503") for _ in range(3)]
    run(mis, path / "hill.db", DAY, OPTS)
    return path / "hill.db"


def brought_back(state: Path, corrections: Sequence[str] = (), *, same: bool = True) -> LedgerRow:
    """Withdraw the event, let its correcting notes come to these states ("attempted failed"), and bring it back."""
    with Store.open(state, "hill") as store:
        with store.transaction():
            (row,) = store.ledger.rows()
            withdraw(store, row, "marks changed", STAMP)
            for reached in corrections:
                item = store.outbox.add_note(
                    event_id=row.id, run_id=1, pupil_id="1", key=row.key, summary="", text="", day=DAY,
                    at=at(DAY), kind="correction",
                )  # fmt: skip
                for step in cast(list[ItemState], reached.split()):
                    store.outbox.move(item, step, at(DAY))
            reinstate(store, store.ledger.row_by_id(row.id), "they are back", STAMP, same=same)
        return store.ledger.row_by_id(row.id)


@pytest.mark.parametrize(
    ("corrections", "note_due"),
    [
        ([], None),
        (["waiting"], None),
        (["failed"], None),
        (["attempted failed"], "reinstated"),
        (["cancelled"], None),
        (["attempted cancelled"], None),
        (["attempted"], "reinstated"),
        (["written"], "reinstated"),
        (["verified"], "reinstated"),
        (["cancelled", "verified"], "reinstated"),
        (["verified", "waiting"], "reinstated"),
    ],
)
def test_a_note_says_that_the_letter_stands_again_where_one_may_have_said_that_it_does_not(
    tmp_path: Path, corrections: list[str], note_due: str | None
) -> None:
    row = brought_back(state_after(tmp_path), corrections)
    assert (row.state, row.note_due) == ("written", note_due)


@pytest.mark.parametrize(
    ("refused", "same", "state", "items"),
    [
        ("", True, "written", ["verified", "verified"]),
        ("", False, "written", ["verified", "verified"]),
        ("find_notes", True, "composed", ["verified", "waiting"]),  # its document is there, its note is not
        ("find_notes", False, "composed", ["verified", "waiting"]),
        ("write_document", True, "composed", ["waiting", "waiting"]),  # a write was begun: look for it
        ("write_document", False, "due", ["cancelled", "cancelled"]),  # of other marks: made again
        ("find_documents", True, "due", ["cancelled", "cancelled"]),  # nothing was begun
    ],
)
def test_what_was_begun_is_finished_and_what_was_not_is_made_again(
    tmp_path: Path, refused: str, same: bool, state: str, items: list[str]
) -> None:
    path = state_after(tmp_path, refused)
    row = brought_back(path, ["verified"], same=same)
    assert row.state == state
    with Store.open(path, "hill") as store:
        assert [one.state for one in store.outbox.of_event(row.id) if one.kind != "correction"] == items
        assert row.note_due == (None if state == "due" else "reinstated")


@pytest.mark.parametrize(
    ("refused", "note_due"),
    [
        ("", "withdrawn"),
        ("find_notes", "withdrawn"),
        ("write_document", "withdrawn"),
        ("find_documents", None),
    ],
)
def test_a_withdrawal_says_so_where_something_is_or_may_be_in_the_mis(
    tmp_path: Path, refused: str, note_due: str | None
) -> None:
    with Store.open(state_after(tmp_path, refused), "hill") as store:
        with store.transaction():
            (row,) = store.ledger.rows()
            withdraw(store, row, "marks changed", STAMP)
        assert store.ledger.row_by_id(row.id).note_due == note_due
        assert {item.state for item in store.outbox.open_items() if item.event_id == row.id} == set()


def test_what_waited_for_a_person_waits_for_one_again(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    run(late_school(1), state, DAY, options(only=LATE, review=frozenset({"all"})))
    with Store.open(state, "hill") as store:
        (row,) = store.ledger.rows()
        assert (row.state, row.hold) == ("held", "review")
        with store.transaction():
            withdraw(store, row, "a birthday changed", STAMP, because="BC-1")
        withdrawn = store.ledger.row_by_id(row.id)
        assert (withdrawn.state, withdrawn.hold_before, withdrawn.because) == ("withdrawn", "review", "BC-1")
        with store.transaction():
            reinstate(store, withdrawn, "it is right again", STAMP, same=True)
        back = store.ledger.row_by_id(row.id)
    assert (back.state, back.hold) == ("due", "review")


def test_what_stands_again_has_the_hold_that_it_had_and_the_note_that_was_due(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    run(late_school(1), state, DAY, options(only=LATE, first_run_school_days=0))
    with Store.open(state, "hill") as store:
        (row,) = store.ledger.rows()
        assert (row.state, row.hold) == ("held", "first_run")
        with store.transaction():
            store.ledger.move(
                row, "held", "gone", STAMP, hold="no_longer_follows", note_due="reinstated",
                held_from="held", hold_before=row.hold, because="BC-1",
            )  # fmt: skip
            stand_again(store, store.ledger.row_by_id(row.id), "it follows again", STAMP)
        back = store.ledger.row_by_id(row.id)
    assert (back.state, back.hold, back.note_due, back.held_from) == ("held", "first_run", "reinstated", "")
    assert (back.reason, back.because) == ("it follows again", "")


@pytest.mark.parametrize("state_of", ["verified", "composed"])
def test_what_was_found_in_the_mis_after_a_loss_of_state_is_taken_back_with_a_note(
    tmp_path: Path, state_of: State
) -> None:
    mis = late_school(1)
    run(mis, tmp_path / "lost.db", DAY, OPTS)
    run(mis, tmp_path / "hill.db", DAY, OPTS)
    with Store.open(tmp_path / "hill.db", "hill") as store:
        with store.transaction():
            (row,) = store.ledger.rows()
            assert not store.outbox.maybe_sent(row.id), "it was there, and nothing was written"
            store.ledger.move(row, state_of, "", STAMP)
            withdraw(store, store.ledger.row_by_id(row.id), "marks changed", STAMP)
        assert store.ledger.row_by_id(row.id).note_due == "withdrawn"
