"""What people do with the ledger."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.ledger.decisions import (
    EventError,
    approve,
    document_of,
    keep,
    list_events,
    release,
    show_event,
    void,
    withdraw,
)
from connector.store import Store
from tests.connector.ledger.test_guards import DAY, LATE, late_school
from tests.connector.memory_mis import at
from tests.connector.runs import options, row_of, run

OPTS = options(only=LATE)
REVIEW = options(only=LATE, review=frozenset({"all"}))


def test_an_approved_event_goes_out_with_the_next_run(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    run(mis, state, DAY, REVIEW)
    with Store.open(state, "hill") as store:
        key = list_events(store, states=("held",))[0].key
        assert approve(store, f"[{key.lower()}]", by="Mr Lowe", now=at(DAY), as_of=DAY).state == "approved"
    run(mis, state, DAY, REVIEW)
    assert [row_of(state, "late-letter", p).state for p in "12"] == ["verified", "held"]
    with Store.open(state, "hill") as store:
        case = show_event(store, key)
        assert [line.reason for line in case.history if line.state == "approved"] == ["approved by Mr Lowe"]
        assert [item.state for item in case.items] == ["verified", "verified"]
        assert document_of(store, case.items[0]) == mis.documents[0][1].content
        with pytest.raises(EventError, match="verified"):
            approve(store, key, by="x", now=at(DAY), as_of=DAY)


def test_what_was_approved_waits_again_when_its_marks_changed(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, REVIEW)
    with Store.open(state, "hill") as store:
        approve(store, list_events(store)[0].key, by="x", now=at(DAY), as_of=DAY)
    mis.mark("1", date(2025, 9, 8), "AM", "/")
    mis.mark("1", DAY, "AM", "L")
    run(mis, state, DAY, REVIEW)
    row = row_of(state, "late-letter")
    assert (row.state, row.hold, row.date) == ("held", "review", DAY)
    assert not mis.documents


def test_a_failed_event_is_tried_again_when_released(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    mis.refused = {"1"}
    run(mis, state, DAY, OPTS)
    mis.refused = set()
    with Store.open(state, "hill") as store:
        release(store, list_events(store)[0].key, by="x", now=at(DAY), as_of=DAY)
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "verified"
    assert mis.doubles == []
    with Store.open(state, "hill") as store, pytest.raises(EventError, match="verified"):
        release(store, list_events(store)[0].key, by="x", now=at(DAY), as_of=DAY)


def test_voiding_a_written_event_writes_a_correcting_note_and_it_never_returns(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    with Store.open(state, "hill") as store:
        void(store, list_events(store)[0].key, reason="sent in error", now=at(DAY), as_of=DAY)
    for _ in range(2):
        run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "voided"
    assert len(mis.documents) == 1
    assert [note.text.split()[0] for _, note in mis.notes[1:]] == ["voided"]
    mis.mark("1", date(2025, 9, 8), "AM", "/")
    run(mis, state, DAY, OPTS)
    assert row_of(state, "late-letter").state == "voided"


def test_a_run_can_be_voided_or_released_as_a_whole(tmp_path: Path) -> None:
    mis, state = late_school(3), tmp_path / "hill.db"
    run(mis, state, DAY, options(only=LATE, hold_above_events=1))
    with Store.open(state, "hill") as store:
        added = list_events(store, states=("held",), run_id=1)
        assert len([release(store, row.key, by="x", now=at(DAY), as_of=DAY) for row in added]) == 3
        assert list_events(store, run_id=2) == []
    run(mis, state, DAY, options(only=LATE, hold_above_events=1))
    assert len(mis.documents) == 3
    with Store.open(state, "hill") as store:
        added = list_events(store, run_id=1)
        voided = [void(store, row.key, reason="wrong policy", now=at(DAY), as_of=DAY) for row in added]
        assert {row.state for row in voided} == {"voided"}
    run(mis, state, DAY, OPTS)
    assert len(mis.notes) == 6


def test_voiding_what_was_never_written_writes_no_note(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, REVIEW)
    with Store.open(state, "hill") as store:
        void(store, list_events(store)[0].key, reason="not this family", now=at(DAY), as_of=DAY)
    run(mis, state, DAY, OPTS)
    assert not mis.notes
    assert row_of(state, "late-letter").state == "voided"


def test_an_unknown_key_is_said_so(tmp_path: Path) -> None:
    with Store.open(tmp_path / "hill.db", "hill") as store, pytest.raises(EventError, match="AC-XXXXXXXX"):
        show_event(store, "AC-XXXXXXXX")


def test_events_are_listed_by_what_is_asked_for(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    with Store.open(state, "hill") as store:
        assert len(list_events(store)) == 2
        assert len(list_events(store, pupil_id="1")) == 1
        assert len(list_events(store, rule="stage-1")) == 0
        assert len(list_events(store, start=DAY)) == 0
        assert len(list_events(store, end=DAY, run_id=1)) == 2
        assert len(list_events(store, run_id=2)) == 0
        assert len(list_events(store, because="another cause")) == 0


@pytest.mark.parametrize("opts", [REVIEW, OPTS])
def test_only_what_is_held_for_a_changed_fact_is_kept_or_withdrawn(
    tmp_path: Path, opts: LoadedSchool
) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, opts)
    before = row_of(state, "late-letter")
    with Store.open(state, "hill") as store:
        with pytest.raises(EventError, match="only what is held because a fact changed"):
            keep(store, before.key, reason="agreed", by="x", now=at(DAY), as_of=DAY)
        with pytest.raises(EventError, match="only what is held because a fact changed"):
            withdraw(store, before.key, reason="agreed", now=at(DAY), as_of=DAY)
    assert row_of(state, "late-letter") == before


@pytest.mark.parametrize(
    ("refused", "was", "becomes"),
    [(False, "held", "due"), (True, "failed", "composed")],
    ids=["held", "failed"],
)
def test_a_release_lets_go_the_event_and_its_note_that_was_given_up(
    tmp_path: Path, refused: bool, was: str, becomes: str
) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    mis.refused = {"1"} if refused else set()
    run(mis, state, DAY, OPTS if refused else options(only=LATE, first_run_school_days=0))
    row = row_of(state, "late-letter")
    assert row.state == was
    with Store.open(state, "hill") as store:
        with store.transaction():
            note = store.outbox.add_note(
                event_id=row.id, run_id=1, pupil_id="1", key=row.key, summary="", text="", day=DAY, at=at(DAY),
                kind="correction",
            )  # fmt: skip
            store.outbox.move(note, "failed", at(DAY))
        released = release(store, row.key, by="office", now=at(DAY), as_of=DAY)
        assert (released.key, released.state) == (row.key, becomes)
        assert (row_of(state, "late-letter").state, store.outbox.item(note).state) == (becomes, "waiting")


def test_a_key_is_found_as_it_is_typed_also_with_an_x_at_its_end(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    with Store.open(state, "hill") as store:
        with store.transaction() as connection:
            connection.execute("UPDATE events SET key = 'AC-7KM2PQRX'")
        for typed in ("AC-7KM2PQRX", " [ac-7km2pqrx] "):
            assert show_event(store, typed).row.key == "AC-7KM2PQRX"
