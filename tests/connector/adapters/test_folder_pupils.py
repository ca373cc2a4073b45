"""Rows about pupils who are not listed are counted, never a stop; spells on roll come from enrolments.csv."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connector.adapters.base import AmendmentPage, MarkPage, PullEnd, PullRequest, PupilPage
from connector.adapters.folder import KIND
from connector.adapters.folder.reads import read_folder
from connector.http import HttpConfig
from rules.school import Spell
from tests.connector.adapters.register_files import EXPECTED, MARKS, marks, refused, warned, write

AMENDMENTS = "pupil_id,date,session,original,amended,amended_at\n"
OTHERS = {
    "marks": MARKS + "99,2025-09-03,AM,/\n99,2025-09-03,PM,/\n98,2025-09-03,AM,/\n",
    "contacts": "pupil_id,contact_id,priority\n98,c1,\n99,c1,first\n99,c1,\n18,c9,1\n",
    "amendments": AMENDMENTS + "99,2025-09-03,AM,N,/,2025-09-04\n18,2025-09-03,AM,N,I,2025-09-04\n",
    "enrolments": "pupil_id,from,to\n99,2025-09-03,\n18,2025-09-03,\n",
    "settings": '[[attendance_plans]]\npupil_id = "99"\ndate = 2025-10-01\n'
    '[[exclusions]]\npupil_id = "98"\nreason = "x"\n[[exclusions]]\nflag = "fsm"\nreason = "y"\n',
}
PASSED_OVER = {
    "marks": "marks.csv: 3 marks of 2 pupils who are not in pupils.csv passed over",
    "contacts": "contacts.csv: 3 contacts of 2 pupils who are not in pupils.csv passed over",
    "amendments": "amendments.csv: 1 amendment of 1 pupil who is not in pupils.csv passed over",
    "enrolments": "enrolments.csv: 1 spell of 1 pupil who is not in pupils.csv passed over",
    "settings": "settings.toml: 2 entries of 2 pupils who are not in pupils.csv passed over",
}


@pytest.mark.parametrize("file", OTHERS)
def test_rows_about_others_are_passed_over_with_one_count_for_the_file(tmp_path: Path, file: str) -> None:
    write(tmp_path, **{file: OTHERS[file]})

    assert warned(tmp_path) == [PASSED_OVER[file]]
    assert marks(tmp_path) == EXPECTED
    assert [pupil.pupil_id for pupil in read_folder(tmp_path).pupils] == ["0042", "18"]


def test_a_run_goes_on_past_all_of_them_and_check_counts_them(tmp_path: Path) -> None:
    write(tmp_path / "register", **OTHERS)
    settings = {"register_folder": str(tmp_path / "register"), "letters_folder": str(tmp_path / "out")}
    adapter = KIND.open(KIND.settings.model_validate(settings), {}, HttpConfig())
    pages = list(adapter.pull(PullRequest(None, date(2025, 9, 3), date(2025, 9, 30))))

    pupils = [pupil for page in pages if isinstance(page, PupilPage) for pupil in page.pupils]
    assert [[contact.contact_id for contact in pupil.contacts] for pupil in pupils] == [[], ["c9"]]
    assert len([mark for page in pages if isinstance(page, MarkPage) for mark in page.marks]) == 4
    assert [len(page.amendments) for page in pages if isinstance(page, AmendmentPage)] == [1]
    assert isinstance(pages[-1], PullEnd)
    assert sorted(pages[-1].warnings) == sorted(PASSED_OVER.values())
    found = [finding for finding in adapter.check() if not finding.fact]
    assert {finding.severity for finding in found} == {"warning"}
    assert sorted(f"{finding.where}: {finding.message}" for finding in found) == sorted(PASSED_OVER.values())


def test_without_pupils_csv_the_pupils_are_those_of_the_marks(tmp_path: Path) -> None:
    write(tmp_path, marks=MARKS + "99,2025-09-03,AM,/\n", contacts="pupil_id,contact_id\n99,c1\n7,c1\n")
    (tmp_path / "pupils.csv").unlink()

    assert [pupil.pupil_id for pupil in read_folder(tmp_path).pupils] == ["0042", "18", "99"]
    assert warned(tmp_path) == ["contacts.csv: 1 contact of 1 pupil who is not in marks.csv passed over"]


@pytest.mark.parametrize("here", ["42", "00042", "42.0", "0042.0"])
def test_ids_that_differ_by_leading_zeros_are_reported_as_the_likely_cause(tmp_path: Path, here: str) -> None:
    write(tmp_path, marks=MARKS.replace("0042", here))

    (warning,) = read_folder(tmp_path).warnings
    assert warning.message == (
        "2 marks of 1 pupil who is not in pupils.csv passed over; 1 of these ids differs from one in pupils.csv"
        f" only by leading zeros or the way it is written ('{here}' here, '0042' there)"
    )
    assert "Excel drops leading zeros" in warning.fix


def test_leading_zeros_are_kept(tmp_path: Path) -> None:
    write(tmp_path, pupils="pupil_id\n0042\n42\n18\n", marks=MARKS + "42,2025-09-03,AM,O\n")

    assert [pupil.pupil_id for pupil in read_folder(tmp_path).pupils] == ["0042", "42", "18"]
    assert marks(tmp_path)[-1] == ("42", "2025-09-03", "AM", "O")


def test_ids_that_may_be_one_pupils_are_reported_where_no_file_lists_the_pupils(tmp_path: Path) -> None:
    write(tmp_path, marks=MARKS + "42,2025-09-04,AM,O\n0018,2025-09-04,AM,O\n")
    (tmp_path / "pupils.csv").unlink()

    assert warned(tmp_path) == ["marks.csv: the ids '0018' and '18' are read as two pupils; 1 more like this"]


def test_marks_of_other_pupils_only_are_refused_since_the_ids_are_of_two_kinds(tmp_path: Path) -> None:
    write(tmp_path, pupils="pupil_id\nA1\nA2\n")

    (fault,) = refused(tmp_path)
    assert fault.startswith("marks.csv, column pupil_id: no mark is of a pupil in pupils.csv")


@pytest.mark.parametrize(
    ("spell", "count"),
    [
        ("2026-09-01,", 1),
        ("2020-09-01,2024-07-19", 1),
        ("2025-10-27,2025-10-30", 1),
        ("2025-12-19,", 0),
        ("2020-09-01,2025-09-03", 0),
    ],
)
def test_a_pupil_without_a_calendar_day_is_listed_and_counted(tmp_path: Path, spell: str, count: int) -> None:
    write(tmp_path, pupils=f"pupil_id,on_roll_from,on_roll_to\n0042,,\n18,,\n7,{spell}\n")

    facts = read_folder(tmp_path)
    assert [pupil.pupil_id for pupil in facts.pupils] == ["0042", "18", "7"]
    assert len(facts.warnings) == count
    register = facts.register()
    assert bool(register.on_roll[register.row_of["7"]].any()) is (count == 0)


# --- enrolments.csv -----------------------------------------------------------------------------------------


def test_spells_come_from_enrolments_in_order_of_time(tmp_path: Path) -> None:
    rows = "18,2025-11-10,\n18,2025-09-03,2025-10-10,Subsidiary\n"
    write(tmp_path, enrolments="Pupil ID,From,To,Kind\n" + rows)

    pupils = read_folder(tmp_path).pupils
    assert pupils[0].spells == (Spell(),)
    assert pupils[1].spells == (
        Spell(date(2025, 9, 3), date(2025, 10, 10), "subsidiary"),
        Spell(date(2025, 11, 10), None, "main"),
    )


def test_enrolments_win_over_the_one_spell_of_pupils(tmp_path: Path) -> None:
    write(
        tmp_path,
        pupils="pupil_id,on_roll_from,on_roll_to\n0042,2025-09-04,2025-10-01\n18,2025-09-05,\n",
        enrolments="pupil_id,from,to\n0042,2025-09-03,2025-09-30\n",
    )

    pupils = read_folder(tmp_path).pupils
    assert pupils[0].spells == (Spell(date(2025, 9, 3), date(2025, 9, 30)),)
    assert pupils[1].spells == (Spell(date(2025, 9, 5), None),)


OVERLAPS = "overlaps the one of row 2"
BAD_ENROLMENTS = {
    "18,2025-09-03,2025-10-10,\n18,2025-10-06,,\n": ("row 3, column from", OVERLAPS),
    "18,2025-09-03,2025-10-10,\n18,2025-10-10,,\n": ("row 3, column from", OVERLAPS),
    "18,2025-09-03,,\n18,2025-11-10,,\n": ("row 3, column from", OVERLAPS),
    "18,2025-10-06,,\n18,2025-09-03,2025-10-10,\n": ("row 3, column to", OVERLAPS),
    "18,,2025-10-10,main\n18,,2025-12-01,guest\n": ("row 3, column from", OVERLAPS),
    "18,2025-10-10,2025-09-03,\n": ("row 2, column to", "lies before from"),
    "18,2025-10-10,,parent\n": ("row 2, column kind", "is none of main, subsidiary, guest"),
    "18,10/10/2025,,\n": ("row 2, column from", "'10/10/2025' is not a date"),
    ",2025-10-10,,\n": ("row 2, column pupil_id", "is empty"),
}


@pytest.mark.parametrize("rows", BAD_ENROLMENTS)
def test_faulty_spells_are_named_by_row_and_column(tmp_path: Path, rows: str) -> None:
    write(tmp_path, enrolments="pupil_id,from,to,kind\n" + rows)
    where, message = BAD_ENROLMENTS[rows]

    (fault,) = refused(tmp_path)
    assert fault.startswith(f"enrolments.csv {where}: ")
    assert message in fault
