"""Exactly once: whatever breaks and wherever, no letter is lost and none is there twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connector.adapters.base import DocumentToWrite, NoteToWrite
from connector.config.loaded_school import LoadedSchool
from connector.errors import FatalError, RetryableError, SkippableError
from connector.ledger.decisions import release
from connector.run.summary import RunSummary
from connector.store import Store
from rules.rule.outcome import NOTE, Outcome
from rules.school import Spell
from tests.connector import runs
from tests.connector.ledger.test_reconcile import with_rule
from tests.connector.memory_mis import ALL, Crash, MemoryMis, at, small_school
from tests.connector.runs import ledger, options, row_of

DAY = date(2025, 9, 11)
LATE = (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10))


def run(mis: MemoryMis, state: Path, day: date, opts: LoadedSchool | None = None) -> RunSummary:
    """Return a run under one rule, so that each pupil's letter and note is all there is."""
    return runs.run(mis, state, day, opts or options(only=("late-letter",)))


def school(pupils: int = 2) -> MemoryMis:
    """Every pupil is late three times."""
    mis = small_school(pupils, until=DAY)
    for pupil_id in mis.pupils:
        for day in LATE:
            mis.mark(pupil_id, day, "AM", "L", 5)
    return mis


@contextmanager
def dying_store(monkeypatch: pytest.MonkeyPatch, step: int) -> Iterator[None]:
    """End the process before (even steps) or after (odd steps) a commit."""
    whole = Store.transaction
    left = step

    @contextmanager
    def transaction(self: Store) -> Iterator[object]:
        nonlocal left
        with whole(self) as connection:
            yield connection
            left -= 1
            if left == -1:
                raise Crash
        left -= 1
        if left == -1:
            raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(Store, "transaction", transaction)
        yield


def assert_all_there_once(mis: MemoryMis, state: Path) -> None:
    assert mis.doubles == []
    for pupil_id in mis.pupils:
        row = row_of(state, "late-letter", pupil_id)
        assert row.state == "verified"
        assert mis.titles(pupil_id) == ["Attendance – late-letter – 2025-09-10.docx", row.event.title]


@pytest.mark.parametrize("step", range(8))
def test_a_crash_between_any_two_writes_neither_loses_nor_repeats(tmp_path: Path, step: int) -> None:
    mis, state = school(), tmp_path / "hill.db"
    mis.crash_at = step
    with pytest.raises(Crash):
        run(mis, state, DAY)
    run(mis, state, DAY)
    assert_all_there_once(mis, state)


@pytest.mark.parametrize("step", range(46))
def test_a_crash_round_any_commit_neither_loses_nor_repeats(
    tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    with dying_store(monkeypatch, step):
        try:
            run(mis, state, DAY)
        except Crash:
            pass
        else:
            assert step >= 44, "the steps should reach to the end of the run"
    run(mis, state, DAY)
    assert_all_there_once(mis, state)


def test_crash_after_crash_still_ends_with_one_of_each(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    for _ in range(10):
        mis.crash_at = 1
        try:
            run(mis, state, DAY)
        except Crash:
            continue
        break
    mis.crash_at = None
    run(mis, state, DAY)
    assert_all_there_once(mis, state)


def test_an_answer_lost_after_the_write_is_found_and_not_repeated(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    mis.lost_answers = 3
    run(mis, state, DAY)
    assert_all_there_once(mis, state)


def test_a_write_that_changed_nothing_is_noticed_and_made_again_by_the_next_run(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    mis.lies = 2
    summary = run(mis, state, DAY)
    assert (summary.outcome, summary.left) == ("failed", 4), (
        "it may only be shown late, so it is not repeated"
    )
    run(mis, state, DAY)
    assert_all_there_once(mis, state)


def test_a_mis_that_never_keeps_anything_leaves_it_for_the_next_run(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    mis.lies = 99
    summary = run(mis, state, DAY)
    assert (summary.outcome, summary.left) == ("failed", 2)
    assert row_of(state, "late-letter").state == "composed"
    mis.lies = 0
    run(mis, state, DAY)
    assert_all_there_once(mis, state)


def test_a_busy_mis_is_tried_again_as_it_asks(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    mis.faults["write_document"] = [RetryableError("429", retry_after=7), RetryableError("503")]
    run(mis, state, DAY)
    assert_all_there_once(mis, state)


def test_a_mis_that_is_down_is_not_asked_for_every_pupil(tmp_path: Path) -> None:
    mis, state = school(9), tmp_path / "hill.db"
    mis.faults["find_documents"] = [RetryableError("503") for _ in range(99)]
    summary = run(mis, state, DAY)
    assert len(mis.faults["find_documents"]) == 99 - 3 * 3
    assert summary.left == 18
    assert summary.exit_code == 1
    mis.faults.clear()
    run(mis, state, DAY)
    assert_all_there_once(mis, state)


def test_one_pupil_the_mis_refuses_is_parked_and_the_others_go_on(tmp_path: Path) -> None:
    mis, state = school(3), tmp_path / "hill.db"
    mis.refused = {"2"}
    summary = run(mis, state, DAY)
    assert (summary.failed, summary.exit_code) == (1, 1)
    assert row_of(state, "late-letter", "2").state == "failed"
    assert "refuses" in row_of(state, "late-letter", "2").reason
    assert row_of(state, "late-letter", "3").state == "verified"
    again = run(mis, state, DAY)
    assert (again.documents, again.failed_now, again.failed) == (0, 0, 1)


def test_a_damaged_document_is_parked_in_the_second_run_and_not_covered_by_a_second(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    mis.damage = 1
    first = run(mis, state, DAY)
    assert (first.outcome, first.left) == ("failed", 2)
    assert row_of(state, "late-letter").state == "composed", "the answer may have been spoilt on its way"
    run(mis, state, DAY)
    row = row_of(state, "late-letter")
    assert row.state == "failed"
    assert "other content" in row.reason
    assert len(mis.documents) == 1
    assert not mis.notes, "the note names the document, so it waits for it"


def test_a_refused_permission_stops_delivery_and_loses_nothing(tmp_path: Path) -> None:
    mis, state = school(3), tmp_path / "hill.db"
    mis.faults["write_note"] = [FatalError("no permission to write notes.")]
    summary = run(mis, state, DAY)
    assert summary.outcome == "failed"
    assert summary.documents == 1
    assert {row.state for row in ledger(state)} == {"composed"}
    run(mis, state, DAY)
    assert_all_there_once(mis, state)


def test_the_note_comes_after_its_document(tmp_path: Path) -> None:
    mis = school(1)
    order: list[str] = []

    class Watched(MemoryMis):
        def write_document(self, document: DocumentToWrite) -> str:
            order.append("document")
            return super().write_document(document)

        def write_note(self, note: NoteToWrite) -> str:
            order.append("note")
            return super().write_note(note)

    mis.__class__ = Watched
    run(mis, tmp_path / "hill.db", DAY)
    assert order == ["document", "note"]


def test_state_lost_with_the_disk_is_found_again_in_the_mis(tmp_path: Path) -> None:
    mis = school()
    run(mis, tmp_path / "hill.db", DAY)
    written = (len(mis.documents), len(mis.notes))
    run(mis, tmp_path / "new.db", date(2025, 9, 12))
    assert (len(mis.documents), len(mis.notes)) >= written
    assert mis.doubles == []
    assert mis.titles("1") == [
        "Attendance – late-letter – 2025-09-10.docx",
        row_of(tmp_path / "new.db", "late-letter").event.title,
    ]


def test_a_leaver_is_noticed_at_the_last_moment(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    mis.faults["find_documents"] = [RetryableError("503") for _ in range(3)]
    run(mis, state, DAY)
    assert row_of(state, "late-letter").state == "composed"
    mis.pupils["1"] = mis.pupils["1"].left_by(date(2025, 9, 10))
    run(mis, state, DAY)
    row = row_of(state, "late-letter")
    assert (row.state, row.hold) == ("held", "leaver")
    assert not mis.documents
    mis.pupils["1"] = mis.pupils["1"].with_spells(Spell())
    run(mis, state, DAY)
    assert_all_there_once(mis, state)


def test_a_correction_of_what_perhaps_never_arrived_asks_the_mis_first(tmp_path: Path) -> None:
    for arrived in (True, False):
        mis, state = school(1), tmp_path / f"{arrived}.db"
        mis.crash_at = 1 if arrived else 0
        with pytest.raises(Crash):
            run(mis, state, DAY)
        if not arrived:
            # the crash came before the request left, but after we had noted the attempt
            assert not mis.documents
        mis.mark("1", LATE[1], "AM", "/")
        run(mis, state, DAY)
        assert row_of(state, "late-letter").state == "withdrawn"
        assert [note.text.split()[0] for _, note in mis.notes] == (["withdrawn"] if arrived else [])
        mis.mark("1", LATE[1], "AM", "L", 5)
        run(mis, state, DAY)
        assert row_of(state, "late-letter").state == "verified"
        assert len(mis.documents) == 1
        assert mis.doubles == []


def test_a_letter_that_cannot_be_made_is_held_and_the_others_go_on(tmp_path: Path) -> None:
    from dataclasses import replace

    mis, state = school(2), tmp_path / "hill.db"
    mis.pupils["1"] = replace(mis.pupils["1"], contacts=())
    summary = run(mis, state, DAY)
    assert summary.hold_reasons == {"letter": 1}
    assert row_of(state, "late-letter", "1").reason == "no adult who may be written to"
    assert row_of(state, "late-letter", "2").state == "verified"
    quiet = run(mis, state, DAY)
    assert list(quiet.events) == [], "nothing changed, so nothing is reported again"
    mis.pupils["1"] = replace(mis.pupils["1"], contacts=mis.pupils["2"].contacts)
    run(mis, state, DAY)
    assert_all_there_once(mis, state)


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    mis, state = school(5), tmp_path / "hill.db"
    run(mis, state, DAY)
    with Store.open(state, "hill") as store:
        kept = store.connection.execute("SELECT count(*) FROM contents").fetchone()[0]
        used = store.connection.execute("SELECT count(*) FROM outbox WHERE sha256 IS NOT NULL").fetchone()[0]
    assert (kept, used) == (1, 5)


def test_sharing_with_guardians_is_off_unless_the_school_says_so(tmp_path: Path) -> None:
    for share in (False, True):
        mis = school(1)
        run(
            mis,
            tmp_path / f"{share}.db",
            DAY,
            options(only=("late-letter",), letters={"share_with_guardians": share}),
        )
        assert {d.share for _, d in mis.documents} == {n.share for _, n in mis.notes} == {share}


def test_a_document_of_the_school_that_is_refused_keeps_its_events_open(tmp_path: Path) -> None:
    friday = date(2025, 9, 12)
    mis, state = small_school(2, until=friday), tmp_path / "hill.db"
    mis.faults["write_document"] = [SkippableError("no room")]
    summary = run(mis, state, friday, options())
    assert summary.failed_now == 1
    assert {row.state for row in ledger(state)} == {"composed"}


# -- two things at once


def test_a_note_that_was_written_and_not_read_back_is_read_back_in_the_next_run(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    mis.faults["find_notes"] = [None, *[RetryableError("503")] * 20]
    run(mis, state, DAY)
    assert (row_of(state, "late-letter").state, len(mis.notes)) == ("written", 1)
    mis.faults.clear()
    run(mis, state, DAY)
    assert (row_of(state, "late-letter").state, len(mis.notes)) == ("verified", 1)


def test_a_correcting_note_of_an_event_that_failed_waits_for_its_release(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    mis.refused = {"1"}
    run(mis, state, DAY)
    row = row_of(state, "late-letter")
    assert row.state == "failed"
    mis.refused = set()
    with Store.open(state, "hill") as store, store.transaction():
        store.outbox.add_note(
            event_id=row.id, run_id=1, pupil_id="1", key=row.key, summary="stands again", text="stands again",
            day=DAY, at=at(DAY), kind="correction",
        )  # fmt: skip
    run(mis, state, DAY)
    assert mis.notes == []
    with Store.open(state, "hill") as store:
        release(store, row.key, by="office", now=at(DAY), as_of=DAY)
    run(mis, state, DAY)
    assert [note.summary for _, note in mis.notes][1:] == ["stands again"]


def test_a_letter_that_the_mis_took_is_found_when_its_event_returns_with_other_marks(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    mis.lost_answers, mis.faults["find_documents"] = 1, [None, *[RetryableError("503")] * 20]
    run(mis, state, DAY)
    mis.faults.clear()
    assert (row_of(state, "late-letter").state, len(mis.documents)) == ("composed", 1)
    mis.mark("1", LATE[0], "AM", "/")
    run(mis, state, DAY)
    assert row_of(state, "late-letter").state == "withdrawn"
    mis.mark("1", date(2025, 9, 5), "AM", "L", 5)
    run(mis, state, DAY)
    assert (row_of(state, "late-letter").state, len(mis.documents), mis.doubles) == ("verified", 1, [])


def test_a_correcting_note_that_is_refused_keeps_no_event_open(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    run(mis, state, DAY)
    for code in ("/", "L"):
        mis.mark("1", LATE[0], "AM", code, 5 if code == "L" else None)
        mis.refused = {"1"} if code == "L" else set()
        run(mis, state, DAY)
    row = row_of(state, "late-letter")
    with Store.open(state, "hill") as store:
        assert [item.kind for item in store.outbox.not_taken()] == ["correction"]
    assert row.state == "verified"


def test_an_event_is_closed_once_it_is_in_every_list_that_it_belongs_to(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    opts = with_rule(options(only=("late-letter",)), outcomes=(NOTE, Outcome("list", "calls")))
    mis.capabilities = replace(ALL, school_documents=False)
    run(mis, state, DAY, opts)
    assert (row_of(state, "late-letter").state, len(mis.notes)) == ("written", 1)
    mis.capabilities = ALL
    run(mis, state, DAY, opts)
    assert row_of(state, "late-letter").state == "verified"


@pytest.mark.parametrize("taken", [True, False])
def test_a_mis_that_holds_no_documents_is_asked_for_none_before_a_correcting_note(
    tmp_path: Path, taken: bool
) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    opts = with_rule(options(only=("late-letter",)), outcomes=(NOTE,))
    mis.capabilities = replace(ALL, documents=False, school_documents=False)
    mis.faults["find_documents"] = [FatalError("this MIS holds no documents")] * 9
    mis.faults["find_notes"] = [None, *[RetryableError("503")] * 20]
    mis.lost_answers, mis.lies = (1, 0) if taken else (0, 1)
    run(mis, state, DAY, opts)
    mis.faults["find_notes"].clear()
    with Store.open(state, "hill") as store, store.transaction() as connection:
        connection.execute("UPDATE events SET state = 'composed', written_on = NULL")
    mis.mark("1", LATE[0], "AM", "/")
    run(mis, state, DAY, opts)
    assert [note.text.split()[0] for _, note in mis.notes][1:] == (["withdrawn"] if taken else [])
    assert row_of(state, "late-letter").written_on is None, "a correction is no part of the event"
    assert len(mis.faults["find_documents"]) == 9


def test_a_document_of_the_school_is_written_with_no_pupils_number(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    run(mis, state, DAY, with_rule(options(only=("late-letter",)), outcomes=(NOTE, Outcome("list", "calls"))))
    ((pupil_id, upn),) = [(document.pupil_id, document.upn) for _, document in mis.documents]
    assert (pupil_id, upn) == (None, "")


def test_a_note_that_staff_gave_its_letters_title_is_found_after_a_loss_of_state(tmp_path: Path) -> None:
    mis = school(1)
    run(mis, tmp_path / "lost.db", DAY)
    ((reference, note),) = mis.notes
    mis.notes = [(reference, replace(note, summary=f"late-letter [{note.key}]"))]
    run(mis, tmp_path / "hill.db", DAY)
    assert [row.state for row in ledger(tmp_path / "hill.db")] == ["verified"]
    assert (len(mis.documents), len(mis.notes)) == (1, 1)
