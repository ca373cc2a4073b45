"""A run from the MIS's registers to notes and letters, over a small school under the Hull policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from filelock import FileLock

from connector.adapters.base import Capabilities
from connector.errors import ConfigError, FatalError, RetryableError, StoreError
from connector.store import Store
from rules.school import Pupil
from tests.connector.memory_mis import FIRST_DAY, MemoryMis, made_up_pupil, next_day, small_school
from tests.connector.runs import ledger, options, row_of, run, run_days

THREE_LATES = (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10))


def late_school(until: date = date(2025, 9, 12)) -> MemoryMis:
    """Pupil 1 is late three times, the third time on 10 September."""
    mis = small_school(until=until)
    for day in THREE_LATES:
        mis.mark("1", day, "AM", "L", 5)
    return mis


def letters(mis: MemoryMis) -> int:
    """How many documents there are on pupils."""
    return sum(document.pupil_id is not None for _, document in mis.documents)


def test_a_run_files_the_letter_and_its_note(tmp_path: Path) -> None:
    mis = late_school()
    summary = run(mis, tmp_path / "hill.db", date(2025, 9, 12))
    assert summary.outcome == "done"
    assert summary.exit_code == 0
    row = row_of(tmp_path / "hill.db", "late-letter")
    assert mis.titles("1") == ["Attendance – late-letter – 2025-09-10.docx", row.event.title]
    assert (row.state, row.date) == ("verified", date(2025, 9, 10))
    (note,) = [note for _, note in mis.notes]
    assert note.summary.endswith(f"[{row.key}]")
    assert note.text.endswith(f"[{row.key}]")
    assert "late-letter" in note.text


def test_the_json_of_a_run_has_what_the_interface_promises(tmp_path: Path) -> None:
    mis = late_school()
    document = run(mis, tmp_path / "hill.db", date(2025, 9, 12)).document()
    assert document["school"] == "hill"
    assert document["as_of"] == "2025-09-12"
    assert document["policy"] == "hcat"
    assert document["pulled"]["pupils"] == 3
    assert document["pulled"]["contacts"] == 3
    assert document["pulled"]["marks"] == len(mis.marks)
    assert document["pulled"]["requests"] > 0
    assert document["written"] == {"notes": 1, "documents": 1 + 1}  # the letter, and the weekly sheet
    (event,) = [event for event in document["events"] if "pupil_id" in event]
    assert event["rule"] == "late-letter"
    assert event["state"] == "verified"
    assert event["key"].startswith("AC-")
    assert event["sessions"] == [[day.isoformat(), "AM", "L"] for day in THREE_LATES]


def test_a_second_run_writes_nothing_new(tmp_path: Path) -> None:
    mis = late_school()
    run(mis, tmp_path / "hill.db", date(2025, 9, 12))
    again = run(mis, tmp_path / "hill.db", date(2025, 9, 12), hour=18)
    assert (again.notes, again.documents, list(again.events)) == (0, 0, [])
    assert len(mis.titles("1")) == 2


def test_daily_runs_and_one_run_at_the_end_write_the_same(tmp_path: Path) -> None:
    daily, once = late_school(), late_school()
    run_days(daily, tmp_path / "daily.db", FIRST_DAY, date(2025, 9, 12))
    run(once, tmp_path / "once.db", date(2025, 9, 12))
    assert daily.titles("1") == once.titles("1")
    assert [n.key for _, n in daily.notes] == [n.key for _, n in once.notes]


def test_a_dry_run_changes_neither_the_mis_nor_the_state(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    summary = run(mis, state, date(2025, 9, 12), dry_run=True)
    assert (summary.notes, summary.documents) == (1, 2)
    assert [row.rule for row in summary.events if row.pupil_id] == ["late-letter"]
    assert not mis.notes
    assert not mis.documents
    assert not state.exists()
    run(mis, state, date(2025, 9, 9))
    before = state.read_bytes()
    run(mis, state, date(2025, 9, 12), dry_run=True)
    assert state.read_bytes() == before
    assert not mis.notes


def test_a_corrected_mark_withdraws_the_event_with_a_note_and_leaves_the_letter(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 11))
    mis.mark("1", THREE_LATES[1], "AM", "/")
    summary = run(mis, state, date(2025, 9, 12))
    assert summary.withdrawn == 1
    assert row_of(state, "late-letter").state == "withdrawn"
    assert letters(mis) == 1
    first, second = (note for _, note in mis.notes)
    assert second.key == first.key
    assert second.text.startswith("withdrawn")
    run(mis, state, date(2025, 9, 12), hour=18)
    assert len(mis.notes) == 2


def test_a_mark_corrected_back_gets_a_short_note_and_no_second_letter(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 11))
    mis.mark("1", THREE_LATES[1], "AM", "/")
    run(mis, state, date(2025, 9, 12))
    mis.mark("1", THREE_LATES[1], "AM", "L", 5)
    run(mis, state, date(2025, 9, 12), hour=18)
    assert row_of(state, "late-letter").state == "verified"
    assert letters(mis) == 1
    assert [note.text.split()[0] for _, note in mis.notes[1:]] == ["withdrawn", "reinstated"]
    mis.mark("1", THREE_LATES[1], "AM", "/")
    run(mis, state, date(2025, 9, 12), hour=19)
    assert len(mis.notes) == 4
    assert mis.doubles == []


def test_a_mark_corrected_before_anything_was_written_withdraws_without_a_trace_in_the_mis(
    tmp_path: Path,
) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    held = options(review=frozenset({"all"}))
    run(mis, state, date(2025, 9, 11), held)
    assert row_of(state, "late-letter").state == "held"
    mis.mark("1", THREE_LATES[1], "AM", "/")
    run(mis, state, date(2025, 9, 12), held)
    assert row_of(state, "late-letter").state == "withdrawn"
    assert not mis.notes
    mis.mark("1", THREE_LATES[1], "AM", "L")
    run(mis, state, date(2025, 9, 12), hour=18)
    assert row_of(state, "late-letter").state == "verified"
    assert letters(mis) == 1


def test_a_new_fall_after_a_withdrawal_is_a_new_event_with_its_own_letter(tmp_path: Path) -> None:
    mis, state = late_school(until=date(2025, 9, 19)), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 11))
    mis.mark("1", THREE_LATES[1], "AM", "/")
    run(mis, state, date(2025, 9, 12))
    mis.mark("1", date(2025, 9, 16), "AM", "L", 9)
    run(mis, state, date(2025, 9, 16))
    rows = [row for row in ledger(state) if row.rule == "late-letter"]
    assert [row.state for row in rows] == ["withdrawn", "verified"]
    assert rows[0].key != rows[1].key
    assert letters(mis) == 2
    run(mis, state, date(2025, 9, 17))
    assert letters(mis) == 2


def test_an_event_that_a_correction_moves_to_another_day_is_not_written_again(tmp_path: Path) -> None:
    mis, state = late_school(until=date(2025, 9, 19)), tmp_path / "hill.db"
    mis.mark("1", date(2025, 9, 16), "AM", "L", 9)
    run(mis, state, date(2025, 9, 17))
    mis.mark("1", THREE_LATES[1], "AM", "/")
    run(mis, state, date(2025, 9, 18))
    row = row_of(state, "late-letter")
    assert (row.state, row.date) == ("verified", date(2025, 9, 16))
    assert letters(mis) == len(mis.notes) == 1
    with Store.open(state, "hill") as store:
        assert [e.date for e in store.ledger.evidence(row.id)] == [date(2025, 9, 10), date(2025, 9, 16)]
        assert any("moved" in line.reason for line in store.ledger.history(row.id))


def test_the_evidence_is_kept_with_policy_version_settings_and_time(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 12), options(config_hash="abc"))
    row = row_of(state, "late-letter")
    assert (row.policy, row.policy_version, row.config_hash) == ("hcat", "1", "abc")
    assert row.registers_read_at == "2025-09-12T17:00:00+00:00"
    with Store.open(state, "hill") as store:
        assert [line.state for line in store.ledger.history(row.id)] == [
            "due",
            "composed",
            "written",
            "verified",
        ]
        (run_row,) = store.runs.last()
        assert run_row.outcome == "done"


def test_a_pull_that_breaks_off_is_read_again(tmp_path: Path) -> None:
    mis = late_school()
    mis.faults["page"] = [RetryableError("cut"), RetryableError("cut")]
    assert run(mis, tmp_path / "hill.db", date(2025, 9, 12)).notes == 1


def test_a_pull_that_never_ends_fails_the_run_and_the_next_one_goes_on(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.faults["page"] = [RetryableError("cut") for _ in range(3)]
    summary = run(mis, state, date(2025, 9, 12))
    assert (summary.outcome, summary.exit_code) == ("failed", 1)
    assert "cut" in summary.error
    assert run(mis, state, date(2025, 9, 12), hour=18).notes == 1


def test_a_refused_password_fails_the_run_in_words(tmp_path: Path) -> None:
    mis = late_school()
    mis.faults["pull"] = [FatalError("the MIS refuses the password.", mend="set it again")]
    summary = run(mis, tmp_path / "hill.db", date(2025, 9, 12))
    assert summary.outcome == "failed"
    assert "Mend: set it again" in summary.lines()[-1]


def test_a_mis_that_takes_no_documents_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    mis = late_school()
    mis.capabilities = Capabilities(notes=True)
    with pytest.raises(ConfigError, match="documents"):
        run(mis, tmp_path / "hill.db", date(2025, 9, 12))
    assert mis.requests_sent == 0


def test_two_runs_of_one_school_do_not_meet(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    with FileLock(f"{state}.lock"), pytest.raises(StoreError, match="under way"):
        run(late_school(), state, date(2025, 9, 12))


def test_a_run_for_an_earlier_day_takes_nothing_back(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 12))
    run(mis, state, date(2025, 9, 5), hour=18)
    assert row_of(state, "late-letter").state == "verified"
    assert len(mis.notes) == 1


def test_lists_are_filed_once_and_their_events_close_with_them(tmp_path: Path) -> None:
    mis, state = small_school(until=date(2025, 9, 12)), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 12))
    assert mis.titles(None) == ["Attendance – digest – 2025-09-12.docx"]
    rows = [row for row in ledger(state) if row.group is not None]
    assert {row.rule for row in rows} == {"class-of-the-week", "class-on-target"}
    assert {row.state for row in rows} == {"verified"}
    run(mis, state, date(2025, 9, 12), hour=18)
    assert len(mis.titles(None)) == 1


def test_where_the_mis_takes_no_school_documents_lists_go_into_the_folder(tmp_path: Path) -> None:
    mis, state = small_school(until=date(2025, 9, 12)), tmp_path / "hill.db"
    mis.capabilities = replace(mis.capabilities, school_documents=False)
    summary = run(mis, state, date(2025, 9, 12), options(digest_folder=tmp_path / "digest"))
    assert list(summary.files) == ["Attendance – digest – 2025-09-12.docx"]
    assert [path.name for path in (tmp_path / "digest").iterdir()] == list(summary.files)
    assert {row.state for row in ledger(state)} == {"verified"}


def test_a_pupil_of_another_school_year_is_kept_when_the_mis_forgets_it(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 12))
    gone: Pupil = mis.pupils.pop("1")
    mis.marks = {place: mark for place, mark in mis.marks.items() if place[0] != gone.pupil_id}
    run(mis, state, date(2025, 9, 12), hour=18)
    assert row_of(state, "late-letter").state == "verified"
    with Store.open(state, "hill") as store:
        register = store.register(nation="england")
        assert register.pupil("1").on_roll_to == date(2025, 9, 12)
        assert register.amendments == ()


def test_a_new_pupil_is_pulled_with_the_next_run(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    run(mis, state, date(2025, 9, 11))
    mis.pupils["9"] = made_up_pupil(9, on_roll_from=date(2025, 9, 12))
    for half in ("AM", "PM"):
        mis.mark("9", date(2025, 9, 12), half, "O")  # type: ignore[arg-type]
    summary = run(mis, state, next_day(date(2025, 9, 11)))
    assert summary.pulled.pupils == 4
