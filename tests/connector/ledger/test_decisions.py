"""What people do with the ledger, what `status` reads, and what is removed when its time has come."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from connector.errors import FatalError
from connector.ledger.decisions import (
    EventError,
    approve,
    document_of,
    list_events,
    release,
    release_run,
    show_event,
    void,
    void_run,
)
from connector.ledger.status import pupil_record, standing
from connector.store import Store
from connector.store.keeping import keep_from, purge
from tests.connector.memory_mis import at
from tests.connector.run.test_guards import DAY, LATE, late_school
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
        assert len(release_run(store, 1, by="x", now=at(DAY), as_of=DAY)) == 3
        with pytest.raises(EventError, match="no event"):
            release_run(store, 2, by="x", now=at(DAY), as_of=DAY)
    run(mis, state, DAY, options(only=LATE, hold_above_events=1))
    assert len(mis.documents) == 3
    with Store.open(state, "hill") as store:
        assert {row.state for row in void_run(store, 1, reason="wrong policy", now=at(DAY), as_of=DAY)} == {
            "voided"
        }
    run(mis, state, DAY, OPTS)
    assert len(mis.notes) == 6


def test_voiding_what_was_never_written_tells_nobody(tmp_path: Path) -> None:
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


def test_standing_tells_runs_holds_and_what_is_wrong(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    with Store.open(state, "hill") as store:
        assert standing(store).problems(at(DAY)) == ["there has been no run yet"]
    run(mis, state, DAY, REVIEW)
    with Store.open(state, "hill") as store:
        found = standing(store)
        assert found.states == {"held": 2}
        assert found.holds == {"review": 2}
        assert len(found.for_a_person) == 2
        assert found.oldest_pending == date(2025, 9, 10)
        assert found.problems(at(DAY)) == []
        assert "2025" in found.problems(at(DAY) + timedelta(days=2))[0]
    mis.faults["pull"] = [FatalError("the password is refused.")]
    run(mis, state, DAY, REVIEW)
    with Store.open(state, "hill") as store:
        assert standing(store).problems(at(DAY)) == ["the last run failed: the password is refused."]


def test_a_pupils_record_holds_letters_notes_evidence_and_amendments(tmp_path: Path) -> None:
    mis, state = late_school(1), tmp_path / "hill.db"
    run(mis, state, DAY, OPTS)
    mis.mark("1", date(2025, 9, 9), "AM", "/")
    run(mis, state, DAY, OPTS)
    with Store.open(state, "hill") as store:
        record = pupil_record(store, "1")
    (filed,) = record.events
    assert filed.state == "withdrawn"
    assert [item.kind for item in filed.items] == ["document", "note", "correction"]
    assert len(filed.first_evidence.sessions) == 3
    assert [(a.original, a.amended) for a in record.amendments] == [("L", "/")]


def test_only_what_is_past_its_keeping_time_is_removed_and_told(tmp_path: Path) -> None:
    mis, state = late_school(2), tmp_path / "hill.db"
    mis.mark("1", date(2025, 9, 3), "AM", "I")
    run(mis, state, DAY, OPTS)
    mis.mark("1", date(2025, 9, 3), "AM", "/")
    mis.pupils.pop("2")
    run(mis, state, DAY, OPTS)
    with Store.open(state, "hill") as store:
        assert keep_from(date(2028, 12, 1), 3) == date(2025, 8, 1)
        assert purge(store, as_of=date(2028, 12, 1), keep_years=3).lines() == [
            "before 2025-08-01: nothing to remove"
        ]
        would = purge(store, as_of=date(2029, 9, 1), keep_years=3, dry_run=True)
        assert store.ledger.counts() == {"verified": 2}
        done = purge(store, as_of=date(2029, 9, 1), keep_years=3)
        assert done == would
        assert (done.events, done.outbox, done.contents, done.amendments, done.pupils) == (2, 4, 1, 1, 1)
        assert (done.years_of_marks, done.runs) == (2, 2)
        assert store.ledger.counts() == {}
        assert [pupil.pupil_id for pupil in store.facts.pupils()] == ["1"], "still on roll"
