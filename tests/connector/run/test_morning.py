"""A school morning: the list of calls is filed from today's AM marks, and the evening's run knows nothing of it."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connector.config.loaded_school import LoadedSchool
from connector.errors import ConfigError, DataError, FatalError, Finding, RetryableError, SkippableError
from connector.run.morning.morning_report import MorningReport
from connector.run.morning.morning_run import run_morning
from connector.run.request import RunRequest
from connector.store import Store
from connector.store.belonging import PullSource
from connector.store.keeping import purge
from connector.store.pull_merge import bookmark, registers_read_at
from tests.connector.memory_mis import Crash, MemoryMis, made_up_pupil, parent, small_school
from tests.connector.runs import ledger, options, run
from tests.letters.reports.reading import table_under, words

MONDAY, TUESDAY, WEDNESDAY = date(2025, 11, 10), date(2025, 11, 11), date(2025, 11, 12)
LIST, TEXTING = (
    "Attendance – Morning calls – {day}.docx",
    "Attendance – Morning calls for texting – {day}.csv",
)


def school() -> MemoryMis:
    """Return three pupils with numbers, everybody present until Monday's evening."""
    mis = small_school(until=MONDAY)
    for number, pupil in list(mis.pupils.items()):
        adult = replace(parent(int(number)), telephones=(f"07700 90000{number}", f"0163296000{number}"))
        mis.pupils[number] = replace(pupil, contacts=(adult,))
    return mis


def morning(
    mis: MemoryMis,
    state: Path,
    day: date,
    opts: LoadedSchool | None = None,
    *,
    dry_run: bool = False,
    minute: int = 35,
    made_on: date | None = None,
) -> MorningReport:
    """Make one list of calls, never asleep; ``made_on``: on another day than the one that it is about."""
    today = made_on or day
    request = RunRequest(
        opts or options(),
        mis,
        as_of=day,
        now=datetime(today.year, today.month, today.day, 9, minute, tzinfo=UTC),
        source=PullSource("folder", "memory"),
        dry_run=dry_run,
        sleep=lambda _seconds: None,
    )
    return run_morning(state, request)


def named(mis: MemoryMis, name: str, day: date) -> bytes:
    """Return the one document of the school with that name."""
    (found,) = [d.content for _, d in mis.documents if d.file_name == name.format(day=day)]
    return found


def state_of(state: Path) -> tuple[object, ...]:
    """Return what the evening's run goes on from."""
    with Store.open(state, "hill") as store:
        register = store.register(nation="england")
        return (
            bookmark(store.connection),
            registers_read_at(store.connection),
            register.amendments,
            register.last_day_with_a_code,
            [run.id for run in store.runs.last()],
        )


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "hill.db"


def test_the_morning_lists_whom_to_ring_and_the_evening_judges_the_day(state: Path) -> None:
    mis = school()
    run(mis, state, MONDAY, options("aycliffe-drive", ("no-contact",)))
    before = state_of(state)
    for pupil_id, code in (("1", "N"), ("2", "L"), ("3", "/")):
        mis.mark(pupil_id, TUESDAY, "AM", code, 12 if code == "L" else None)
    opts = options("aycliffe-drive", ("no-contact",))

    report = morning(mis, state, TUESDAY, opts)

    assert (report.outcome, report.exit_code, report.number) == ("done", 0, 1)
    assert report.files == [LIST.format(day=TUESDAY), TEXTING.format(day=TUESDAY)]
    document = named(mis, LIST, TUESDAY)
    assert "Morning marks as they stood at 09:35" in words(document)
    (_, row) = table_under(document, "Other pupils (1)")
    assert row[0] == "Last1, First15A"
    assert row[1].startswith("No reason (N), first day")
    assert row[2] == "1. Ms Alex Parent1: 07700 900001, 01632960001"
    (_, late) = table_under(document, "Came late (1)")
    assert late[0].startswith("Last2, First2")
    assert late[1].startswith("Before the register closed (L), 12 minutes")
    table = list(csv.reader(named(mis, TEXTING, TUESDAY).decode("utf-8-sig").splitlines()))
    assert table == [
        ["number", "pupil", "class", "contact"],
        ["07700 900001", "First1 Last1", "5A", "Ms Alex Parent1"],
    ]
    assert mis.notes == [], "a morning writes no note"
    assert ledger(state) == [], "and judges nothing"
    assert state_of(state) == before, "the evening goes on from where the last one ended"

    mis.mark("1", TUESDAY, "AM", "I")  # the parent rang at ten
    for pupil_id, code in (("1", "I"), ("2", "\\"), ("3", "\\")):
        mis.mark(pupil_id, TUESDAY, "PM", code)
    evening = run(mis, state, TUESDAY, opts)
    assert (evening.outcome, evening.held, evening.run_id) == ("done", 0, 2)
    with Store.open(state, "hill") as store:
        assert store.register(nation="england").amendments == (), (
            "an N that only the morning saw is no change"
        )
        assert store.runs.number_of_day(2) == 1
    assert ledger(state) == [], "nobody is without a reason any more"


def test_a_second_list_brings_only_what_is_new_and_a_third_nothing(state: Path) -> None:
    mis = school()
    mis.mark("1", TUESDAY, "AM", "N")
    for pupil_id in ("2", "3"):
        mis.mark(pupil_id, TUESDAY, "AM", "/")
    assert morning(mis, state, TUESDAY).number == 1
    mis.mark("3", TUESDAY, "AM", "N")

    second = morning(mis, state, TUESDAY, minute=50)

    assert second.number == 2
    document = named(mis, "Attendance – Morning calls 2 – {day}.docx", TUESDAY)
    rows = table_under(document, "Other pupils (1)")
    assert [row[0] for row in rows[1:]] == ["Last3, First35A"]
    assert "Only what is new since the list before." in words(document)
    third = morning(mis, state, TUESDAY, minute=55)
    assert (third.exit_code, third.number, third.files) == (0, None, ())
    assert "nothing new: no list" in third.lines()
    assert mis.doubles == []
    assert morning(mis, state, WEDNESDAY).number == 1, "another day begins anew: its registers are not taken"


@pytest.mark.parametrize(("crash_at", "lists"), [(0, 1), (1, 2), (2, 2), (3, 1)])
def test_a_list_whose_filing_was_cut_off_is_looked_for_and_nobody_is_lost(
    state: Path, crash_at: int, lists: int
) -> None:
    """Cut off with nothing filed, with the document alone (the lines come again), with everything."""
    mis = school()
    for pupil_id, code in (("1", "N"), ("2", "/"), ("3", "/")):
        mis.mark(pupil_id, TUESDAY, "AM", code)
    mis.crash_at = crash_at
    with pytest.raises(Crash):
        morning(mis, state, TUESDAY)

    morning(mis, state, TUESDAY, minute=50)

    names = {d.file_name for _, d in mis.documents}
    assert len([name for name in names if name.endswith(".docx")]) == lists
    assert len([name for name in names if name.endswith(".csv")]) == 1
    assert mis.doubles == []
    assert morning(mis, state, TUESDAY).number is None


def test_a_mis_that_does_not_answer_is_told_with_what_to_do_and_the_next_try_lists_all(state: Path) -> None:
    mis = school()
    mis.mark("1", TUESDAY, "AM", "N")
    mis.faults["pull"] = [FatalError("Arbor refuses the password", fix="enter it again")]

    report = morning(mis, state, TUESDAY)

    assert (report.exit_code, report.files) == (1, ())
    assert report.failures() == ["Arbor refuses the password\nWhat to do: enter it again"]
    mis.faults["pull"] = [DataError([Finding("marks.csv row 3, column code", "is empty", "enter a code")])]
    assert morning(mis, state, TUESDAY).failures() == [
        "marks.csv row 3, column code: is empty\nWhat to do: enter a code"
    ]
    mis.faults["write_document"] = [RetryableError("gateway time-out")] * 3
    assert morning(mis, state, TUESDAY).exit_code == 1
    assert morning(mis, state, TUESDAY).number == 1


def test_on_a_day_without_school_and_in_a_dry_run_nothing_is_filed(state: Path) -> None:
    mis = school()
    mis.mark("1", TUESDAY, "AM", "N")

    holiday = morning(mis, state, date(2025, 10, 28))
    assert (holiday.exit_code, holiday.is_school_morning, holiday.number) == (0, False, None)
    dry = morning(mis, state, TUESDAY, dry_run=True)
    assert (dry.exit_code, dry.number) == (0, None)
    assert dry.morning is not None
    assert [call.pupil.pupil_id for call in dry.morning.calls] == ["1"]
    assert mis.documents == []
    assert morning(mis, state, TUESDAY).number == 1, "a dry run keeps nothing"


def test_a_day_to_come_has_no_list_and_one_that_was_has_one(state: Path) -> None:
    mis = school()
    mis.mark("1", TUESDAY, "AM", "N")
    with pytest.raises(ConfigError, match="12 November 2025 is still to come"):
        morning(mis, state, WEDNESDAY, made_on=TUESDAY)
    assert morning(mis, state, TUESDAY, made_on=WEDNESDAY).number == 1
    trial = options(trial_day=WEDNESDAY)
    assert morning(mis, state, WEDNESDAY, trial, made_on=MONDAY).number == 1, "a trial's day is today"


def test_a_table_that_the_mis_does_not_take_goes_into_the_folder_of_the_digest(
    state: Path, tmp_path: Path
) -> None:
    mis = school()
    for pupil_id, code in (("1", "N"), ("2", "/"), ("3", "/")):
        mis.mark(pupil_id, TUESDAY, "AM", code)
    mis.faults["write_document"] = [None, SkippableError("only Word documents are taken")]

    report = morning(mis, state, TUESDAY)

    (warning,) = report.warnings
    assert (report.exit_code, warning) == (
        0, f"{TEXTING.format(day=TUESDAY)} was not filed: only Word documents are taken"
    )  # fmt: skip
    assert morning(mis, state, TUESDAY).number is None, "the list itself is there"
    mis.mark("2", TUESDAY, "AM", "N")
    mis.faults["write_document"] = [None, SkippableError("only Word documents are taken")]
    folder = tmp_path / "digest"
    report = morning(mis, state, TUESDAY, options(digest=folder))
    assert "is in the folder of run.digest" in report.warnings[0]
    assert (folder / "Attendance – Morning calls for texting 2 – 2025-11-11.csv").is_file()
    with Store.open(state, "hill") as store, store.transaction() as connection:
        connection.execute("UPDATE morning_lists SET filed = 0 WHERE number = 2")
    again = morning(mis, state, TUESDAY, options(digest=folder))
    assert again.number is None, "cut off after its files: nobody is texted twice"


def test_a_state_that_was_restored_writes_over_no_list_and_says_that_all_is_in_the_next(
    state: Path, tmp_path: Path
) -> None:
    mis = school()
    mis.capabilities = replace(mis.capabilities, school_documents=False)
    mis.mark("1", TUESDAY, "AM", "N")
    folder = tmp_path / "digest"
    opts = options(digest=folder)
    assert morning(mis, state, TUESDAY, opts).number == 1
    first = folder / LIST.format(day=TUESDAY)
    first.write_bytes(b"with what was said")
    with Store.open(state, "hill") as store, store.transaction() as connection:
        connection.execute("DELETE FROM morning_lists")

    assert morning(mis, state, TUESDAY, opts).number == 2

    assert first.read_bytes() == b"with what was said"
    second = (folder / f"Attendance – Morning calls 2 – {TUESDAY}.docx").read_bytes()
    assert "Only what is new" not in words(second), "it holds every line"


def test_who_stood_on_a_list_is_forgotten_with_the_registers(state: Path) -> None:
    mis = school()
    mis.mark("1", TUESDAY, "AM", "N")
    morning(mis, state, TUESDAY)
    with Store.open(state, "hill") as store:
        purge(store, as_of=date(2028, 11, 11), keep_years=3)
        assert store.mornings.listed(TUESDAY), "three years are kept"
        purge(store, as_of=date(2029, 11, 11), keep_years=3)
        assert (store.mornings.listed(TUESDAY), store.mornings.last()) == (frozenset(), [])


def test_the_leavers_of_years_are_not_missed_by_a_short_look(state: Path) -> None:
    """A MIS that is asked for the last weeks alone need not send those who left before; who is on roll must come."""
    mis = school()
    left = {str(n): made_up_pupil(n, on_roll_to=date(2025, 7, 22)) for n in range(4, 12)}
    mis.pupils |= left
    run(mis, state, MONDAY)
    for pupil_id in left:
        del mis.pupils[pupil_id]
    mis.mark("1", TUESDAY, "AM", "N")

    assert morning(mis, state, TUESDAY).outcome == "done"


def test_the_list_goes_into_the_folder_of_the_digest_where_the_mis_takes_none(
    state: Path, tmp_path: Path
) -> None:
    mis = school()
    mis.capabilities = replace(mis.capabilities, school_documents=False)
    for pupil_id, code in (("1", "N"), ("2", "/"), ("3", "/")):
        mis.mark(pupil_id, TUESDAY, "AM", code)
    with pytest.raises(ConfigError, match=r"nowhere to go"):
        morning(mis, state, TUESDAY)
    folder = tmp_path / "digest"

    report = morning(mis, state, TUESDAY, options(digest=folder))

    assert report.number == 1
    assert {path.name for path in folder.iterdir()} >= {
        LIST.format(day=TUESDAY),
        TEXTING.format(day=TUESDAY),
    }
