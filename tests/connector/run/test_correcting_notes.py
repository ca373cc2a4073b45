"""What becomes of an event that is in the MIS, as its notes say it; and what is kept of each document and note."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector.adapters.base import NoteToWrite
from connector.errors import RetryableError
from connector.ledger.decisions import void
from connector.store import Store
from connector.store.outbox import Item
from rules.rule.outcome import NOTE
from rules.school import Exclusion
from tests.connector.ledger.test_reconcile import with_rule
from tests.connector.memory_mis import MemoryMis, at, next_day
from tests.connector.run.test_looked_at_again import (
    DAYS,
    EVENING,
    LATE,
    NEXT,
    change,
    half_written,
    run,
    school,
)
from tests.connector.runs import ledger, options, row_of

DOWN = RetryableError("the MIS is down", fix="the next run asks again")


def items_of(state: Path) -> list[Item]:
    with Store.open(state, "hill") as store:
        return store.outbox.of_event(row_of(state, "late-letter").id)


def notes_on_pupil_1(mis: MemoryMis) -> list[tuple[str, str]]:
    """Return (summary, text) of each note of the event, in the order in which they were written."""
    return [(note.summary, note.text) for _, note in mis.notes if note.pupil_id == "1"]


@contextmanager
def no_answer_to_notes(mis: MemoryMis, *, taken: bool) -> Iterator[None]:
    """Have the MIS go down over the first note, which it has taken or not."""
    write = mis.write_note

    def be_gone(note: NoteToWrite) -> str:
        if taken:
            write(note)
        mis.faults["find_notes"] = [DOWN] * 50
        raise DOWN

    mis.write_note = be_gone  # type: ignore[method-assign]
    yield
    mis.write_note = write  # type: ignore[method-assign]
    mis.faults.clear()


def test_each_correcting_note_has_a_summary_of_its_own_and_names_the_letters_and_the_reason(
    tmp_path: Path,
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, EVENING)
    row = row_of(state, "late-letter")
    titles = [
        item.summary.removesuffix(f" [{row.key}]") for item in items_of(state) if item.kind == "document"
    ]
    assert len(titles) == 2
    for code in ("/", "L"):
        mis.mark("1", DAYS[0], "AM", code, 5 if code == "L" else None)
        run(mis, state, EVENING)
    with Store.open(state, "hill") as store:
        void(store, row.key, reason="agreed with the head", now=at(EVENING), as_of=EVENING)
    run(mis, state, EVENING)
    own, withdrawn, reinstated, voided = notes_on_pupil_1(mis)
    assert len({own[0], withdrawn[0], reinstated[0], voided[0]}) == 4
    assert " (" not in withdrawn[0]
    assert reinstated[0].endswith(f" (2) [{row.key}]")
    assert voided[0].endswith(f" (3) [{row.key}]")
    for summary, text in (withdrawn, reinstated, voided):
        assert (summary.count(f"[{row.key}]"), text.count(f"[{row.key}]")) == (1, 1)
        assert text.endswith(f"[{row.key}]")
    assert f"What was filed ({titles[0]}) stays on file" in withdrawn[1], "each letter once, and no note"
    assert "2025-09-08 AM was L and is now /" in withdrawn[1]
    assert "agreed with the head" in voided[1]


def test_a_correcting_note_names_only_the_letters_that_are_there(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    half_written(mis, state)
    first, second, _ = items_of(state)
    assert (first.state, second.state) == ("verified", "waiting")
    mis.mark("1", DAYS[0], "AM", "/")
    run(mis, state, NEXT)
    ((summary, text),) = notes_on_pupil_1(mis)
    title = first.summary.removesuffix(f" [{first.key}]")
    assert text.count(title) == 1
    assert summary.endswith(f"[{first.key}]")
    correction = items_of(state)[-1]
    assert (correction.kind, correction.only_if_found) == ("correction", False)


def test_a_correcting_note_about_what_may_be_there_is_written_only_where_it_is(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, DAYS[1])
    mis.faults["write_document"] = [DOWN] * 50
    run(mis, state, EVENING)
    mis.faults.clear()
    mis.mark("1", DAYS[0], "AM", "/")
    run(mis, state, NEXT)
    correction = items_of(state)[-1]
    assert (correction.kind, correction.only_if_found, correction.state) == ("correction", True, "cancelled")
    assert notes_on_pupil_1(mis) == []


def test_of_each_document_is_kept_what_it_was_made_of_and_for_whom(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    summary = run(mis, state, EVENING)
    assert (summary.documents, summary.notes, summary.failed_now) == (4, 2, 0), "and the digest"
    row = row_of(state, "late-letter")
    first, second, note = items_of(state)
    of_pupil_1 = [one for _, one in [*mis.documents, *mis.notes] if one.pupil_id == "1"]
    assert [one.date for one in of_pupil_1] == [row.date] * 3, "dated as the event, in the MIS too"
    assert sorted([*first.contacts, *second.contacts]) == ["father", "mother"]
    assert all(item.template and item.rests_on for item in (first, second))
    assert all(item.date == row.date for item in (first, second, note))
    assert note.text.endswith(f"[{row.key}]")


def bereaved(mis: MemoryMis) -> None:
    mis.exclusions = [Exclusion(reason="Bereavement", pupil_id="1")]


@pytest.mark.parametrize("between", [bereaved, None])
def test_a_note_whose_write_was_begun_is_written_once_the_event_goes_on(
    tmp_path: Path, between: Callable[[MemoryMis], None] | None
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, DAYS[1])
    mis.faults["write_note"] = [DOWN] * 50
    run(mis, state, EVENING)
    assert notes_on_pupil_1(mis) == []
    if between is not None:  # it is looked for meanwhile, and the MIS does not answer
        mis.faults = {"find_notes": [DOWN] * 50}
        between(mis)
        run(mis, state, NEXT)
        assert row_of(state, "late-letter").state == "excluded"
        mis.exclusions = []
    mis.faults.clear()
    run(mis, state, NEXT)
    assert len(notes_on_pupil_1(mis)) == 1
    assert row_of(state, "late-letter").state == "verified"


def test_what_is_made_again_on_one_day_says_what_is_so_then(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, DAYS[1])
    mis.faults["find_documents"] = [DOWN] * 100
    run(mis, state, EVENING, options(only=LATE))
    before = {item.id for item in items_of(state)}
    run(mis, state, EVENING, options(only=LATE))
    assert {item.id for item in items_of(state) if item.state == "waiting"} == before, "nothing is made again"
    change(mis, "father", salutation="Dear Mr Hart", surname="Stag")
    run(mis, state, EVENING, options(only=LATE))
    waiting = [item for item in items_of(state) if item.state == "waiting"]
    assert len(waiting) == 3
    assert {item.id for item in waiting}.isdisjoint(before), "all of it is made of the facts of now"


def test_a_note_that_the_mis_took_without_an_answer_is_not_written_again_in_other_words(
    tmp_path: Path,
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, DAYS[1])
    with no_answer_to_notes(mis, taken=True):
        run(mis, state, EVENING)
    assert len(notes_on_pupil_1(mis)) == 1
    assert items_of(state)[-1].state == "attempted"
    mis.mark("1", DAYS[0], "AM", "L", 25)  # the note would say something else today
    change(mis, "father", surname="Stag")
    run(mis, state, NEXT)
    assert len(notes_on_pupil_1(mis)) == 1
    assert row_of(state, "late-letter").state == "verified"


def test_what_was_looked_for_in_vain_is_not_made_while_the_event_is_excluded(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, DAYS[1])
    mis.faults["write_document"] = [DOWN] * 50
    run(mis, state, EVENING)
    assert items_of(state)[0].state == "attempted"
    mis.faults.clear()
    bereaved(mis)
    run(mis, state, NEXT)
    assert row_of(state, "late-letter").state == "excluded"
    assert {item.state for item in items_of(state)} == {"cancelled"}
    assert not [document for _, document in mis.documents if document.pupil_id == "1"]
    assert notes_on_pupil_1(mis) == []


@pytest.mark.parametrize("taken", [True, False])
def test_a_note_alone_that_may_be_there_is_corrected_only_where_it_is(tmp_path: Path, taken: bool) -> None:
    mis, state = school(), tmp_path / "hill.db"
    opts = with_rule(options(only=LATE), outcomes=(NOTE,))
    run(mis, state, DAYS[1], opts)
    with no_answer_to_notes(mis, taken=taken):
        run(mis, state, EVENING, opts)
    assert (row_of(state, "late-letter").written_on, items_of(state)[0].state) == (None, "attempted")
    mis.mark("1", DAYS[0], "AM", "/")
    run(mis, state, NEXT, opts)
    correction = items_of(state)[-1]
    assert (correction.only_if_found, correction.state) == (True, "verified" if taken else "cancelled")
    assert len(notes_on_pupil_1(mis)) == (2 if taken else 0)


def test_each_letter_that_is_refused_is_counted_and_named(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    mis.refused = {"1", "2"}
    summary = run(mis, state, EVENING)
    assert (summary.documents, summary.notes, summary.failed_now) == (1, 0, 2), "the digest alone"
    for row in ledger(state):
        assert row.state == "failed"
        assert any(f"{row.key}: the MIS refuses this pupil" in warning for warning in summary.warnings)
        with Store.open(state, "hill") as store:
            (failed,) = [item for item in store.outbox.of_event(row.id) if item.state == "failed"]
        assert (failed.error, failed.tries) == (row.reason, 0), "a refused write left nothing there"


def test_a_correcting_note_that_waits_stays_when_the_letter_is_made_again_on_a_later_day(
    tmp_path: Path,
) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, DAYS[1])
    mis.faults["write_note"] = [DOWN] * 50
    run(mis, state, EVENING)
    with Store.open(state, "hill") as store, store.transaction() as connection:
        connection.execute("UPDATE events SET note_due = 'reinstated' WHERE pupil_id = '1'")
    mis.faults = {"find_documents": [DOWN] * 50, "find_notes": [DOWN] * 50}
    run(mis, state, NEXT)
    later = next_day(NEXT)
    for pupil_id in mis.pupils:
        mis.day(pupil_id, later, "/")
    mis.faults.clear()
    run(mis, state, later)
    assert [item.state for item in items_of(state) if item.kind == "correction"] == ["verified"]
    assert [text for _, text in notes_on_pupil_1(mis) if text.startswith("The register supports")]


def test_a_note_that_waits_is_made_again_on_the_same_day_in_the_policys_present_words(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    opts = options(only=LATE)
    run(mis, state, DAYS[1], opts)
    mis.faults["find_notes"] = [DOWN] * 100  # its letters are written
    run(mis, state, EVENING, with_rule(opts, note="Words of before."))
    mis.faults.clear()
    run(mis, state, EVENING, with_rule(opts, note="Words of now."))
    ((_, text),) = notes_on_pupil_1(mis)
    assert "Words of now." in text


def test_a_correcting_note_that_waits_stays_when_its_event_is_made_again(tmp_path: Path) -> None:
    mis, state = school(), tmp_path / "hill.db"
    run(mis, state, DAYS[1])
    mis.faults["write_note"] = [DOWN] * 50
    run(mis, state, EVENING)
    mis.faults.clear()
    mis.mark("1", DAYS[0], "AM", "/")
    run(mis, state, NEXT)
    assert len(notes_on_pupil_1(mis)) == 1
    mis.mark("1", DAYS[0], "AM", "L")
    for _ in range(2):
        mis.faults["find_notes"] = [DOWN] * 50
        run(mis, state, NEXT)
    assert row_of(state, "late-letter").state == "composed"
    mis.faults.clear()
    run(mis, state, NEXT)
    assert row_of(state, "late-letter").state == "verified"
    assert len(notes_on_pupil_1(mis)) == 3, "that it was withdrawn, the event's own, and that it stands again"
    assert [item.state for item in items_of(state) if item.kind == "correction"] == ["verified"] * 2
