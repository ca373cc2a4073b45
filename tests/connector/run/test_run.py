"""A run from the MIS's registers to notes and letters, over a small school under the Hull policy."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import docx
import pytest
from filelock import FileLock

from connector.adapters.base import Capabilities
from connector.errors import ConfigError, FatalError, RetryableError, StoreError
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.store import Store
from connector.store.meta import MIS, read_value
from rules.school import Amendment, Notice, Pupil
from tests.connector.memory_mis import (
    ALL,
    FIRST_DAY,
    PERIODS,
    MemoryMis,
    at,
    made_up_pupil,
    next_day,
    school_days,
    small_school,
)
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
    run(mis, state, date(2025, 9, 12), replace(options(), config_hash="abc"))
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
    mis.faults["pull"] = [FatalError("the MIS refuses the password.", fix="set it again")]
    summary = run(mis, tmp_path / "hill.db", date(2025, 9, 12))
    assert summary.outcome == "failed"
    assert "What to do: set it again" in summary.lines()[-1]


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
    assert {row.rule for row in rows} == {"class-of-the-week", "class-on-target", "most-improved"}
    assert {row.state for row in rows} == {"verified"}
    run(mis, state, date(2025, 9, 12), hour=18)
    assert len(mis.titles(None)) == 1


def test_where_the_mis_takes_no_school_documents_lists_go_into_the_folder(tmp_path: Path) -> None:
    mis, state = small_school(until=date(2025, 9, 12)), tmp_path / "hill.db"
    mis.capabilities = replace(mis.capabilities, school_documents=False)
    summary = run(mis, state, date(2025, 9, 12), options(digest=tmp_path / "digest"))
    assert list(summary.files) == ["Attendance – digest – 2025-09-12.docx"]
    assert [path.name for path in (tmp_path / "digest").glob("[!.]*")] == list(summary.files)
    assert {row.state for row in ledger(state)} == {"verified"}


def test_lists_with_nowhere_to_go_wait_and_say_so(tmp_path: Path) -> None:
    mis, state = small_school(until=date(2025, 9, 12)), tmp_path / "hill.db"
    mis.capabilities = replace(mis.capabilities, school_documents=False)
    summary = run(mis, state, date(2025, 9, 12))
    assert "6 lines of lists have nowhere to go" in summary.warnings[-1]
    run(mis, state, date(2025, 9, 12), options(digest=tmp_path))
    assert {row.state for row in ledger(state)} == {"verified"}


def test_a_second_digest_of_a_day_does_not_cover_the_first(tmp_path: Path) -> None:
    mis, state = small_school(until=date(2025, 9, 12)), tmp_path / "hill.db"
    for day in THREE_LATES:
        mis.mark("1", day, "AM", "L")
    opts = options("aycliffe-drive", only=("lateness",))
    run(mis, state, date(2025, 9, 12), opts)
    for day in THREE_LATES:
        mis.mark("2", day, "AM", "L")
    run(mis, state, date(2025, 9, 12), opts)
    assert len(mis.titles(None)) == 2
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


def test_a_changed_mark_fires_the_rule_about_amendments_once(tmp_path: Path) -> None:
    mis, state = small_school(until=date(2025, 9, 12)), tmp_path / "hill.db"
    opts = options("aycliffe-drive", only=("ruled-unauthorised",))
    mis.mark("1", date(2025, 9, 9), "AM", "N")
    run(mis, state, date(2025, 9, 10), opts)
    assert ledger(state) == []
    mis.mark("1", date(2025, 9, 9), "AM", "O")
    for day in (date(2025, 9, 11), date(2025, 9, 12)):
        run(mis, state, day, opts)
    row = row_of(state, "ruled-unauthorised")
    assert (row.state, row.date) == ("verified", date(2025, 9, 11))
    assert letters(mis) == 1


def test_the_history_that_a_mis_sends_later_does_not_make_a_second_letter(tmp_path: Path) -> None:
    mis, state = small_school(until=date(2025, 9, 12)), tmp_path / "hill.db"
    opts = options("aycliffe-drive", only=("ruled-unauthorised",))
    mis.mark("1", date(2025, 9, 8), "AM", "N")
    run(mis, state, date(2025, 9, 9), opts)
    mis.mark("1", date(2025, 9, 8), "AM", "O")
    run(mis, state, date(2025, 9, 11), opts)
    mis.amendments = [Amendment("1", date(2025, 9, 8), "AM", "N", "O", at(date(2025, 9, 10)), "", "Ms Lowe")]
    run(mis, state, date(2025, 9, 12), opts)
    row = row_of(state, "ruled-unauthorised")
    assert (row.state, row.date) == ("verified", date(2025, 9, 10))
    assert letters(mis) == 1


def test_a_second_notice_needs_a_first_one_that_was_issued(tmp_path: Path) -> None:
    for issued in (True, False):
        mis, state = small_school(1, until=date(2025, 10, 10)), tmp_path / f"{issued}.db"
        if issued:
            mis.notices = [Notice("1", "c1", date(2025, 9, 12))]
        for day in school_days(date(2025, 9, 4), date(2025, 9, 26)):
            mis.day("1", day, "O")
        mis.day("1", date(2025, 9, 15), "/")  # two absences, each with a request
        run(mis, state, date(2025, 10, 10), options(only=("stage-4", "second-notice")))
        seconds = [row for row in ledger(state) if row.rule == "second-notice"]
        assert bool(seconds) == issued


def test_another_version_of_the_pack_holds_what_was_written_and_takes_back_nothing(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    opts = options(only=("late-letter",))
    run(mis, state, date(2025, 9, 11), opts)
    stricter = opts.policy.model_copy(update={"version": "2", "rules": ()})
    run(mis, state, date(2025, 9, 12), replace(opts, policy=stricter))
    row = row_of(state, "late-letter")
    assert (row.state, row.held_from, row.hold) == ("held", "verified", "no_longer_follows")
    assert "version 2" in row.reason
    assert len(mis.notes) == 1
    run(mis, state, date(2025, 9, 12), opts)
    assert row_of(state, "late-letter").state == "verified"
    mis.mark("1", THREE_LATES[0], "AM", "/")
    run(mis, state, date(2025, 9, 12), opts)
    assert row_of(state, "late-letter").state == "withdrawn"


def test_a_change_of_policy_leaves_what_was_written_and_lets_the_rest_wait(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    for day in THREE_LATES:
        mis.mark("2", day, "AM", "L")
    one = options(only=("late-letter",))
    run(mis, state, date(2025, 9, 9), one)
    mis.pupils["2"] = replace(mis.pupils["2"], contacts=())
    run(mis, state, date(2025, 9, 11), one)
    other = options("aycliffe-drive", only=("certificate-100",))
    run(mis, state, date(2025, 9, 12), other)
    assert [row_of(state, "late-letter", p).state for p in "12"] == ["verified", "superseded"]
    mis.pupils["2"] = made_up_pupil(2)
    run(mis, state, date(2025, 9, 12), one)
    assert row_of(state, "late-letter", "2").state == "verified"


def test_a_school_without_pupils_or_before_its_first_day_runs_in_peace(tmp_path: Path) -> None:
    empty = MemoryMis(PERIODS)
    assert run(empty, tmp_path / "empty.db", date(2025, 9, 12)).outcome == "done"
    mis = late_school()
    # on 1 November the registers of the half term that has ended are not complete, so its letters wait
    outcomes = {date(2025, 8, 15): "done", date(2025, 11, 1): "held", date(2024, 1, 1): "done"}
    for day, outcome in outcomes.items():
        summary = run(mis, tmp_path / f"{day}.db", day)
        assert summary.outcome == outcome, summary.error


def test_an_unexpected_error_is_recorded_and_reported(tmp_path: Path) -> None:
    mis, state = late_school(), tmp_path / "hill.db"
    mis.faults["pull"] = [ZeroDivisionError("a bug")]
    with pytest.raises(ZeroDivisionError):
        run(mis, state, date(2025, 9, 12))
    with Store.open(state, "hill") as store:
        assert store.runs.last()[0].outcome == "failed"
    assert run(mis, state, date(2025, 9, 12)).outcome == "done"


def test_a_years_letters_of_a_small_school_are_the_real_ones(tmp_path: Path) -> None:
    mis, state = small_school(3, until=date(2025, 11, 21)), tmp_path / "hill.db"
    for day in school_days(date(2025, 9, 22), date(2025, 10, 3)):
        mis.day("1", day, "O")
    for day in THREE_LATES:
        mis.mark("2", day, "AM", "L", 5)
    opts = options(hold_above_events=1_000_000)
    for day in school_days(FIRST_DAY, date(2025, 11, 21))[::5]:
        summary = run_school(state, RunRequest(opts, mis, as_of=day, now=at(day))).summary
        assert summary.outcome == "done", summary.error
    rows = [row for row in ledger(state) if row.pupil_id]
    assert {row.rule for row in rows} >= {"late-letter", "stage-1", "colour-letter"}
    assert {row.state for row in rows} <= {"verified", "held"}
    assert mis.doubles == []
    for _, document in mis.documents:
        docx.Document(io.BytesIO(document.content))
        assert "First" not in document.file_name
        assert "Last" not in document.file_name
    mis.mark("2", THREE_LATES[0], "AM", "/")
    run_school(state, RunRequest(opts, mis, as_of=date(2025, 11, 21), now=at(date(2025, 11, 21))))
    correction = mis.notes[-1][1].text
    assert "2025-09-08 AM was L and is now /" in correction


def test_a_run_that_names_no_source_knows_the_school_by_the_adapter_of_its_settings(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    request = RunRequest(options(), small_school(1, until=FIRST_DAY), as_of=FIRST_DAY, now=at(FIRST_DAY))
    run_school(state, request)
    with Store.open(state, "hill") as store:
        assert read_value(store.connection, MIS) == "folder:1"


@pytest.mark.parametrize(
    ("lacks", "named"), [({"notes": False}, "notes"), ({"documents": False}, "documents")]
)
def test_a_policy_that_makes_what_the_mis_cannot_take_is_refused(
    tmp_path: Path, lacks: dict[str, bool], named: str
) -> None:
    mis = small_school(1, until=FIRST_DAY)
    mis.capabilities = replace(ALL, **lacks)
    with pytest.raises(ConfigError, match=f"makes {named}, which this MIS cannot take"):
        run(mis, tmp_path / "hill.db", FIRST_DAY)
