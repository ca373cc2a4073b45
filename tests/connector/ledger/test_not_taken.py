"""What the MIS has not taken: what is said of it, and whose run it belongs to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.ledger.not_taken import (
    RELEASE,
    failed_words,
    given_up_keys,
    not_taken_document,
    not_taken_words,
    release_not_taken,
)
from connector.store import Store
from connector.store.ledger import RunStamp
from connector.store.outbox import Item, ItemState
from tests.connector.ledger.test_guards import DAY, LATE, late_school
from tests.connector.memory_mis import at
from tests.connector.runs import options, run

STAMP = RunStamp(None, at(DAY), DAY)
GIVEN_UP = f"given up\nWhat to do: {RELEASE}"


def item(number: int, key: str, kind: str, state: ItemState, error: str = "") -> Item:
    return Item(
        id=number, event_id=None, run_id=1, kind=kind, pupil_id=None, key=key, file_name="", summary="", text="",  # type: ignore[arg-type]
        sha256=None, date=DAY, template="", contacts=(), only_if_found=False, state=state, tries=1, reference="",
        error=error, state_at=at(DAY), tried_in=1, tried_on=DAY, in_vain=1,
    )  # fmt: skip


def test_each_sort_is_named_with_its_keys_the_reason_and_the_way_on() -> None:
    assert not_taken_words([]) == failed_words(0) == []
    assert failed_words(2) == [f"2 failed: see `events list --state failed`\nWhat to do: {RELEASE}"]
    items = [
        item(1, "AC-1", "document", "waiting", "no room.\nWhat to do: make room"),
        item(2, "AC-2", "correction", "failed", "refused"),
        item(3, "AC-3", "document", "attempted", "another"),
        item(4, "AC-2", "correction", "failed", "refused"),
        item(5, "AC-4", "document", "failed"),
        item(6, "AC-5", "correction", "waiting", "busy"),
    ]
    assert not_taken_words(items) == [
        "1 correcting note could not be written to the MIS (AC-5): busy; tried again in the next run",
        f"2 correcting notes could not be written to the MIS (AC-2): refused; {GIVEN_UP}",
        "2 documents of the school could not be written to the MIS (AC-1, AC-3): no room; tried again in the next run",
        f"1 document of the school could not be written to the MIS (AC-4): no answer; {GIVEN_UP}",
    ]


@pytest.mark.parametrize(("state", "given_up"), [("failed", True), ("waiting", False)])
def test_for_json_each_one_is_given_with_its_key(state: ItemState, given_up: bool) -> None:
    assert not_taken_document(item(1, "AC-1", "correction", state, "refused")) == {
        "key": "AC-1",
        "kind": "correction",
        "given_up": given_up,
        "reason": "refused",
    }


def test_what_was_given_up_belongs_to_the_run_that_added_the_event_or_made_the_document(
    tmp_path: Path,
) -> None:
    state = tmp_path / "hill.db"
    mis = late_school(2)
    run(mis, state, DAY, options(only=("late-meeting",)))
    run(mis, state, DAY, options(only=LATE))
    with Store.open(state, "hill") as store:
        row, other = store.ledger.rows()
        assert row.added_in == 2
        with store.transaction():
            for event, reached in ((row, "failed"), (other, "waiting")):
                note = store.outbox.add_note(
                    event_id=event.id, run_id=1, pupil_id=event.pupil_id, key=event.key, summary="", text="",  # type: ignore[arg-type]
                    day=DAY, at=at(DAY), kind="correction",
                )  # fmt: skip
                store.outbox.move(note, reached, at(DAY), error="refused")  # type: ignore[arg-type]
                store.outbox.put_in_vain(note, "refused", run_id=1, on=DAY, counts=True)
            document = store.outbox.add_document(
                event_id=None, run_id=1, pupil_id=None, key="AC-DIGEST", file_name="d", summary="", content=b"",
                day=date(2025, 9, 10), at=at(DAY),
            )  # fmt: skip
            store.outbox.move(document, "failed", at(DAY), error="refused")
        assert given_up_keys(store, 1) == ["AC-DIGEST"]
        assert given_up_keys(store, 2) == [row.key]
        (revived,) = release_not_taken(store, row.key, by="office", stamp=STAMP)
        assert revived.state == "waiting"
        assert store.ledger.history(row.id)[-1].reason == (
            "its correcting note is to be tried again, released by office"
        )
        assert [one.key for one in release_not_taken(store, "AC-DIGEST", by="office", stamp=STAMP)] == [
            "AC-DIGEST"
        ]
        lines = len(store.ledger.history(row.id))
        with store.transaction():
            store.outbox.move(revived.id, "verified", at(DAY))
        assert release_not_taken(store, row.key, by="office", stamp=STAMP) == []
        assert len(store.ledger.history(row.id)) == lines
