"""An event that comes back: which note, and how much of its letter, the family has had already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

import pytest

from connector.errors import RetryableError
from connector.ledger.decisions import approve, release
from connector.ledger.take_back import reinstate, stand_again, withdraw
from connector.store import Store
from connector.store.ledger import LedgerRow, NoteDue, RunStamp, State
from connector.store.outbox import ItemState
from rules.calendar import Period
from tests.connector.ledger.test_guards import DAY, DAYS, LATE, late_school
from tests.connector.memory_mis import MemoryMis, at, next_day
from tests.connector.run import test_causes as causes
from tests.connector.run.test_causes import own_policy
from tests.connector.runs import options, row_of, run

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


@pytest.mark.parametrize("returns", [True, False], ids=["withdrawn and back", "of other marks"])
def test_what_the_mis_took_without_an_answer_is_kept_as_it_stands_there(
    tmp_path: Path, returns: bool
) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    mis.day("1", next_day(DAY), "/")
    mis.lost_answers, mis.faults["find_documents"] = 1, [None, *[RetryableError("503")] * 50]
    run(mis, state, DAY, OPTS)
    mis.faults.clear()
    mis.mark("1", DAYS[0], "AM", "/")
    if returns:
        run(mis, state, DAY, OPTS)
        mis.mark("1", DAYS[0], "AM", "L")
    else:
        mis.mark("1", DAY, "AM", "L")
    run(mis, state, next_day(DAY), OPTS)
    ((_, letter),) = mis.documents
    row = row_of(state, "late-letter")
    with Store.open(state, "hill") as store:
        (kept,) = [item for item in store.outbox.of_event(row.id) if item.state == "verified" and item.sha256]
        assert (row.state, store.outbox.content(kept)) == ("verified", letter.content)


# -- a note that could not be made stays due whatever becomes of its event meanwhile


def owe(state: Path, key: str, note: NoteDue) -> int:
    """Leave the event as after a run in which its correcting note could not be made; return how many it has so far."""
    with Store.open(state, "hill") as store:
        with store.transaction() as connection:
            connection.execute("UPDATE events SET note_due = ? WHERE key = ?", (note, key))
        return corrections(store, key)


def corrections(store: Store, key: str) -> int:
    row = store.ledger.row(key)
    assert row is not None
    return sum(item.kind == "correction" for item in store.outbox.of_event(row.id))


@pytest.mark.parametrize(
    ("keys", "decision", "state_of"),
    [
        ({"review": frozenset({"all"})}, approve, "approved"),
        ({"first_run_school_days": 0}, release, "due"),
        ({}, release, "composed"),
    ],
    ids=["approved", "released", "failed and released"],
)
def test_a_note_stays_due_when_a_person_lets_its_event_go(
    tmp_path: Path, keys: dict[str, object], decision: Callable[..., LedgerRow], state_of: State
) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    mis.refused = set() if keys else {"1"}
    run(mis, state, DAY, options(only=LATE, **keys))
    row = row_of(state, "late-letter")
    assert row.state == ("held" if keys else "failed")
    owe(state, row.key, "reinstated")
    with Store.open(state, "hill") as store:
        row = decision(store, row.key, by="office", now=at(DAY), as_of=DAY)
    assert (row.state, row.note_due) == (state_of, "reinstated")


def made_and_not_taken(mis: MemoryMis, state: Path) -> LedgerRow:
    mis.faults["find_documents"] = [RetryableError("503")] * 50
    run(mis, state, causes.DAY, own_policy(3))
    mis.faults.clear()
    return row_of(state, "late")


def other_marks(mis: MemoryMis) -> int:
    mis.mark("1", causes.DAYS[0], "AM", "/")
    mis.mark("1", causes.DAYS[0], "PM", "L")
    return 3


def gone_by_a_mark(mis: MemoryMis, state: Path) -> LedgerRow:
    run(mis, state, causes.DAY, own_policy(3))
    mis.mark("1", causes.DAYS[2], "AM", "/")
    run(mis, state, causes.DAY, own_policy(3))
    return row_of(state, "late")


def lower_figure(mis: MemoryMis) -> int:
    return 2


def sent(mis: MemoryMis, state: Path) -> LedgerRow:
    run(mis, state, causes.DAY, own_policy(3))
    return row_of(state, "late")


def training(mis: MemoryMis) -> int:
    mis.periods = (*mis.periods, Period("inset", "Training", causes.DAYS[0], causes.DAYS[0]))
    return 3


@pytest.mark.parametrize(
    ("before", "note", "change", "was", "now"),
    [
        (made_and_not_taken, "reinstated", other_marks, "composed", ("verified", "")),
        (gone_by_a_mark, "withdrawn", lower_figure, "withdrawn", ("held", "facts_changed")),
        (sent, "reinstated", training, "verified", ("held", "no_longer_follows")),
    ],
    ids=["made again", "brought by a fact", "gone with a fact"],
)
def test_a_note_that_is_due_is_made_although_its_event_is_made_again_or_held(
    tmp_path: Path,
    before: Callable[[MemoryMis, Path], LedgerRow],
    note: NoteDue,
    change: Callable[[MemoryMis], int],
    was: State,
    now: tuple[State, str],
) -> None:
    mis, state = causes.late_school(), tmp_path / "hill.db"
    row = before(mis, state)
    assert row.state == was
    had = owe(state, row.key, note)
    run(mis, state, causes.DAY, own_policy(change(mis)))
    row = row_of(state, "late")
    assert (row.state, row.hold, row.note_due) == (*now, None)
    with Store.open(state, "hill") as store:
        assert corrections(store, row.key) == had + 1
