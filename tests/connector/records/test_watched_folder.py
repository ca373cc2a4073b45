"""The office's list in a folder: good rows count once, faulty ones are answered, and no fault stops a run."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path

import pytest

from connector.adapters.folder.columns import SCHOOL_COLUMNS, columns_of
from connector.adapters.folder.findings import Findings
from connector.adapters.folder.reads import ALL_COLUMNS
from connector.records.watched_folder import FolderTaken, take_folder
from connector.store import Store
from rules.pupil_record import PupilRecord
from tests.connector.memory_mis import small_school
from tests.connector.records.school import NOW, book_of, pull, register_of, school_store
from tests.connector.runs import options, run

HEADER = "Pupil ID;Kind;Date;Decision;Note"
CALL = "17;contact;2025-09-30;no answer;"
VISIT = "18;visit;2025-10-01;seen;"


def put(folder: Path, *rows: str, name: str = "office.csv", header: str = HEADER, ago: float = 60) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n", "utf-8")
    changed = path.stat().st_mtime - ago
    os.utime(path, (changed, changed))
    return path


def take(store: Store, folder: Path, *, answer: bool = True) -> FolderTaken:
    return take_folder(folder, book_of(store), store.facts.entered, at=NOW, by="service", answer=answer)


def answers(folder: Path, name: str = "office - answer.csv") -> list[list[str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))[1:]


def test_good_rows_count_once_and_the_office_goes_on_in_the_same_file(tmp_path: Path) -> None:
    with school_store() as store:
        put(tmp_path, CALL)
        assert (take(store, tmp_path).taken, answers(tmp_path)) == (
            1,
            [["2", "taken", "1", "17", "contact", "2025-09-30", ""]],
        )
        put(tmp_path, CALL, VISIT)
        found = take(store, tmp_path)
        assert (found.taken, found.faulty, found.warnings) == (1, 0, [])
        assert [line[:3] for line in answers(tmp_path)] == [["2", "already known", "1"], ["3", "taken", "2"]]
        assert register_of(store).pupil_records == (
            PupilRecord("17", "contact", date(2025, 9, 30), decision="no answer"),
            PupilRecord("18", "visit", date(2025, 10, 1), decision="seen"),
        )
        assert (tmp_path / "office.csv").read_text().count("contact") == 1


def test_a_date_may_stand_as_excel_saves_it(tmp_path: Path) -> None:
    with school_store() as store:
        put(tmp_path, "17;contact;01/09/2025;no answer;", CALL, "18;visit;31/02/2025;seen;")
        found = take(store, tmp_path)
        assert (found.taken, found.faulty) == (2, 1)
        assert [record.day for record in register_of(store).pupil_records] == [
            date(2025, 9, 1),
            date(2025, 9, 30),
        ]


def test_a_faulty_row_keeps_no_other_out_and_is_answered_without_what_stands_in_it(tmp_path: Path) -> None:
    with school_store() as store:
        put(tmp_path, "Ann Birch;contact;2025-09-30;;", CALL, "17;contact;30 Sept;answerd;Jo was ill")
        found = take(store, tmp_path)
        assert (found.taken, found.faulty) == (1, 2)
        assert found.warnings == [
            "2 rows of records in office.csv could not be read: see office - answer.csv next to it"
        ]
        unknown, known, wrong = answers(tmp_path)
        assert unknown[:6] == ["2", "faulty", "", "", "contact", "2025-09-30"]
        assert (
            unknown[6] == "pupil_id: is no pupil of the school - give the id by which the MIS knows the pupil"
        )
        assert known[1] == "taken"
        assert "date: " in wrong[6]
        assert wrong[6].endswith("did you mean answered?")
        text = (tmp_path / "office - answer.csv").read_text("utf-8-sig")
        assert not any(word in text for word in ("Ann", "Jo was ill"))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (HEADER.encode() + b"\n17;contact;2025-09-30;;caf\xe9\n", "office.csv row 2, column Note: byte 0xe9"),
        (b"a;b\n1;2\n", "office.csv row 1, column pupil_id: the column is missing"),
        (b"", "office.csv: is empty"),
    ],
)
def test_a_file_that_is_no_list_is_answered_whole(tmp_path: Path, content: bytes, what: str) -> None:
    with school_store() as store:
        path = put(tmp_path)
        path.write_bytes(content)
        os.utime(path, (1, 1))
        found = take(store, tmp_path)
        assert found.taken == 0
        assert found.faulty >= 1
        assert answers(tmp_path)[0][6].startswith(what)


def test_a_column_that_is_not_known_is_named_and_dates_are_read_as_the_school_writes_them(
    tmp_path: Path,
) -> None:
    columns = columns_of([(SCHOOL_COLUMNS, {"date_format": "%d/%m/%Y"})], ALL_COLUMNS, Findings())
    with school_store() as store:
        put(tmp_path, "17,contact,30/09/2025,answered", header="Pupil ID,Kind,Date,Decison")
        found = take_folder(
            tmp_path, book_of(store), store.facts.entered, at=NOW, by="service", columns=columns
        )
        note = "office.csv row 1: column 4 of the header is not known and was not read"
        assert (found.taken, found.warnings) == (1, [note])
        assert answers(tmp_path)[0][1::5] == ["please note", note]
        assert register_of(store).pupil_records == (PupilRecord("17", "contact", date(2025, 9, 30)),)


def test_an_id_without_its_zeros_is_told_from_an_unknown_one(tmp_path: Path) -> None:
    with school_store() as store:
        put(tmp_path, CALL.replace("17;", "0017;"))
        take(store, tmp_path)
        assert "did you mean 17?" in answers(tmp_path)[0][6]


@pytest.mark.parametrize(("ago", "taken"), [(0.5, 0), (2.5, 1)])
def test_a_file_that_is_being_written_waits_for_the_next_run(tmp_path: Path, ago: float, taken: int) -> None:
    with school_store() as store:
        put(tmp_path, CALL, ago=ago)
        found = take(store, tmp_path)
        assert found.taken == taken
        assert (tmp_path / "office - answer.csv").exists() == bool(taken)
        waits = "office.csv is open or being written: its records wait for the next run"
        assert found.warnings == ([] if taken else [waits])


def test_other_files_are_let_be_and_an_answer_is_written_only_where_it_is_new(tmp_path: Path) -> None:
    with school_store() as store:
        put(tmp_path, CALL)
        for name in ("~$office.csv", ".hidden.csv", "notes.txt", "old - Answer.csv"):
            put(tmp_path, CALL, name=name)
        take(store, tmp_path)
        take(store, tmp_path)
        answer = tmp_path / "office - answer.csv"
        os.utime(answer, (1, 1))
        assert take(store, tmp_path).warnings == []
        assert answer.stat().st_mtime == 1
        assert len(list(tmp_path.iterdir())) == 6


def test_a_list_that_was_saved_as_a_workbook_is_named(tmp_path: Path) -> None:
    with school_store() as store:
        for name in ("calls.XLSX", "~$calls.xlsx"):
            (tmp_path / name).write_bytes(b"PK")
        (warning,) = take(store, tmp_path).warnings
        assert warning == (
            "calls.XLSX is a spreadsheet and no CSV file: no record of it was read. What to do: save it as CSV UTF-8"
        )


def test_what_is_taken_out_of_the_file_stays_on_record_and_is_named(tmp_path: Path) -> None:
    with school_store() as store:
        put(tmp_path, CALL, VISIT)
        take(store, tmp_path)
        put(tmp_path, VISIT)
        (warning,) = take(store, tmp_path).warnings
        assert warning.startswith(
            "1 record taken from office.csv before is no longer in it and still on record: 1."
        )
        assert answers(tmp_path)[1][:3] == ["", "no longer in the file", "1"]
        book_of(store).withdraw(1, at=NOW, by="office", why="typed wrongly")
        assert take(store, tmp_path).warnings == []
        put(tmp_path, CALL, VISIT)
        assert take(store, tmp_path).taken == 0
        assert answers(tmp_path)[0][1:3] == ["withdrawn before", "1"]
        assert len(register_of(store).pupil_records) == 1


def test_a_name_in_the_place_of_the_id_is_not_in_the_answer_of_a_row_of_no_kind(tmp_path: Path) -> None:
    with school_store() as store:
        put(tmp_path, "Aaliyah Pryce;17;2025-09-30;held;")
        assert take(store, tmp_path).faulty == 1
        ((_, result, _, pupil_id, kind, _, what),) = answers(tmp_path)
        assert (result, pupil_id, kind) == ("faulty", "", "")
        assert "pupil_id: is no pupil of the school" in what
        assert "Pryce" not in what


def test_a_row_stays_known_when_its_contact_has_left_the_mis(tmp_path: Path) -> None:
    header, row = "pupil_id;kind;date;contact_id", "17;notice;2025-09-30;c17"
    with school_store() as store:
        put(tmp_path, row, header=header)
        assert take(store, tmp_path).taken == 1
        pull(store, contacts=())
        put(tmp_path, row, "17;notice;2025-10-01;c17", header=header)
        take(store, tmp_path)
        assert [line[:2] for line in answers(tmp_path)] == [["2", "already known"], ["3", "faulty"]]
        book_of(store).withdraw(1, at=NOW, by="office", why="typed wrongly")
        take(store, tmp_path)
        assert [line[1] for line in answers(tmp_path)] == ["faulty", "faulty"], "it does not come back"


def test_a_file_that_was_renamed_is_known_by_its_records(tmp_path: Path) -> None:
    with school_store() as store:
        put(tmp_path, CALL, VISIT)
        take(store, tmp_path)
        (tmp_path / "office.csv").unlink()
        put(tmp_path, VISIT, name="autumn.csv")
        (warning,) = take(store, tmp_path).warnings
        assert warning.startswith("1 record taken from office.csv before is no longer in autumn.csv")
        assert answers(tmp_path, "autumn - answer.csv")[1][:3] == ["", "no longer in the file", "1"]


def test_a_file_that_was_put_away_is_no_news(tmp_path: Path) -> None:
    with school_store() as store:
        put(tmp_path, CALL, VISIT, "17;visit;2025-10-01;seen;")
        take(store, tmp_path)
        (tmp_path / "office.csv").unlink()
        put(tmp_path, VISIT, name="spring.csv")
        assert take(store, tmp_path).warnings == []
        assert [line[1] for line in answers(tmp_path, "spring - answer.csv")] == ["already known"]


@pytest.mark.parametrize("ago", [60, 0])
def test_a_row_that_moved_into_another_file_is_still_there(tmp_path: Path, ago: float) -> None:
    with school_store() as store:
        put(tmp_path, CALL, VISIT)
        take(store, tmp_path)
        put(tmp_path, VISIT)
        put(tmp_path, CALL, name="calls.csv", ago=ago)
        assert [warning for warning in take(store, tmp_path).warnings if "no longer" in warning] == []
        assert [line[1] for line in answers(tmp_path)] == ["already known"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with school_store() as store:
        (warning,) = take(store, tmp_path / "none").warnings
        assert warning.startswith("the folder for records cannot be read: No such file or directory.")
        assert "What to do: correct run.records_folder" in warning


def test_a_run_takes_the_list_in_and_says_what_it_could_not_read(tmp_path: Path) -> None:
    mis, day = small_school(1, date(2025, 9, 12)), date(2025, 9, 12)
    folder = tmp_path / "office"
    put(folder, "1;plan;2025-09-10;;", "1;plans;2025-09-10;;")
    state, opts = tmp_path / "hill.db", options(records_folder=folder)
    dry = run(mis, state, day, opts, dry_run=True)
    assert [warning for warning in dry.warnings if "records" in warning] == [
        "1 row of records in office.csv could not be read: its answer file will name them"
    ]
    assert not (folder / "office - answer.csv").exists()
    summary = run(mis, state, day, opts)
    said = "1 row of records in office.csv could not be read: see office - answer.csv next to it"
    assert said in summary.warnings
    assert (summary.outcome, summary.exit_code) == ("done", 0)
    with Store.open(state, "hill") as store:
        assert [plan.date for plan in store.facts.attendance_plans()] == [date(2025, 9, 10)]
        assert store.runs.last(1)[0].summary["warnings"].count(said) == 1
