"""``[columns]`` maps other headers, one row a day and other dates; what it names must be there."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from connector.adapters.folder import KIND
from connector.adapters.folder.reads import read_folder
from connector.http import HttpConfig
from rules.school import SCHOOL_TIME
from tests.connector.adapters.register_files import EXPECTED, MARKS, PUPILS, marks, refused, warned, write

OTHER = MARKS.replace("pupil_id,date,session,code", "Adno,Day,Half,Mark")
NAMES = 'pupil_id = "Adno"\ndate = "day"\nsession = "Half"\ncode = "Mark"\n'
WIDE = "pupil_id,date,AM,PM\n0042,2025-09-03,/,\\\n18,2025-09-03,I,I\n"


def test_headers_are_mapped_by_the_folders_settings(tmp_path: Path) -> None:
    write(tmp_path, marks=OTHER, settings=f"[columns]\n{NAMES}")

    assert marks(tmp_path) == EXPECTED
    assert warned(tmp_path) == []


def test_headers_are_mapped_by_the_configuration_which_wins(tmp_path: Path) -> None:
    given = {"pupil_id": "Adno", "date": "Day", "session": "Half", "code": "Mark"}
    write(tmp_path, marks=OTHER, settings='[columns]\ncode = "Nowhere"\n')

    assert marks(tmp_path, columns=given) == EXPECTED


def test_the_configurations_columns_are_read_by_the_adapter(tmp_path: Path) -> None:
    columns = {"pupil_id": "Adno", "date": "Day", "session": "Half", "code": "Mark"}
    write(tmp_path / "register", marks=OTHER)
    settings = {"register_folder": str(tmp_path / "register"), "letters_folder": str(tmp_path / "out")}
    mapped = KIND.open(KIND.settings.model_validate(settings, context={"columns": columns}), {}, HttpConfig())
    plain = KIND.open(KIND.settings.model_validate(settings), {}, HttpConfig())

    assert [finding for finding in mapped.check() if not finding.fact] == []
    assert [finding.severity for finding in plain.check()] == ["error"] * 4


def test_a_file_without_the_mapped_header_may_use_the_usual_one(tmp_path: Path) -> None:
    write(tmp_path, pupils=PUPILS.replace("pupil_id", "Adno"), settings='[columns]\npupil_id = "Adno"\n')

    assert marks(tmp_path) == EXPECTED


def test_one_header_may_hold_two_columns_and_two_headers_may_change_places(tmp_path: Path) -> None:
    turned = 'code = "Session"\nsession = "Code"\n'
    write(
        tmp_path,
        pupils=PUPILS.replace("pupil_id", "Adno"),
        marks=MARKS.replace("pupil_id,date,session,code", "Adno,date,code,session"),
        settings=f'[columns]\npupil_id = "Adno"\nadmission_number = "Adno"\n{turned}',
    )

    assert marks(tmp_path) == EXPECTED
    assert [pupil.admission_number for pupil in read_folder(tmp_path).pupils] == ["0042", "18"]


@pytest.mark.parametrize(
    "settings", ["", '[columns]\nam = "AM"\npm = "PM"\n', '[columns]\nam = "a.m. mark"\npm = "p.m. mark"\n']
)
def test_a_row_for_each_day_gives_both_halves(tmp_path: Path, settings: str) -> None:
    header = "a.m. mark,p.m. mark" if "mark" in settings else "AM,PM"
    write(tmp_path, marks=WIDE.replace("AM,PM", header), settings=settings)

    assert marks(tmp_path) == EXPECTED


def test_a_blank_half_of_a_day_is_a_missing_mark(tmp_path: Path) -> None:
    write(tmp_path, marks=WIDE.replace(",I,I", ",I,"))

    assert marks(tmp_path)[-1] == ("18", "2025-09-03", "PM", "")


@pytest.mark.parametrize(
    ("text", "starts"),
    [
        (WIDE + "18,2025-09-03,I,I\n", "marks.csv row 4, column am: row 3 already has a mark of this pupil"),
        (WIDE.replace(",PM", ",Afternoon"), "marks.csv row 1, column pm: the column is missing"),
        (WIDE.replace("18,2025-09-03", "18,03.09.2025"), "marks.csv row 3, column date: '03.09.2025' is not"),
    ],
)
def test_faults_of_a_row_for_each_day_are_named_by_its_own_columns(
    tmp_path: Path, text: str, starts: str
) -> None:
    write(tmp_path, marks=text)

    assert refused(tmp_path)[0].startswith(starts)


def test_dates_are_read_in_the_form_given_and_in_iso_form(tmp_path: Path) -> None:
    write(
        tmp_path,
        marks="pupil_id,date,session,code,recorded_at\n18,03/09/2025,AM,I,03/09/2025 09:05\n18,2025-09-03,PM,I,\n",
        pupils="pupil_id,date_of_birth,on_roll_from\n18,04/03/2015,3/9/2025\n",
        settings='[columns]\ndate_format = "%d/%m/%Y"\n',
    )

    facts = read_folder(tmp_path)
    assert [mark.date for mark in facts.marks] == [date(2025, 9, 3)] * 2
    assert facts.marks[0].recorded_at == datetime(2025, 9, 3, 9, 5, tzinfo=SCHOOL_TIME)
    assert (facts.pupils[0].date_of_birth, facts.pupils[0].on_roll_from) == (
        date(2015, 3, 4),
        date(2025, 9, 3),
    )


def test_a_date_in_neither_form_is_refused_with_the_form(tmp_path: Path) -> None:
    settings = '[columns]\ndate_format = "%d/%m/%Y"\n'
    write(tmp_path, marks=MARKS.replace("0042,2025-09-03,PM", "0042,9-3-25,PM"), settings=settings)

    assert refused(tmp_path) == [
        "marks.csv row 3, column date: '9-3-25' is not a date | write it as YYYY-MM-DD, or as date_format says, 28/11/2025"
    ]


BAD_MAPPINGS = {
    'pupl_id = "Adno"': ("settings.toml columns.pupl_id: is no column", "did you mean 'pupil_id'?"),
    'pupil_id = "Pupil Nmae"': ("settings.toml columns.pupil_id: no file has a column 'Pupil Nmae'", "'Pupil Name'"),
    'code = ""': ("settings.toml columns.code: is not a text", "code = "),
    "code = 3": ("settings.toml columns.code: is not a text", "code = "),
    'date_format = "dd/mm/yyyy"': ("settings.toml columns.date_format: 'dd/mm/yyyy' does not write a whole date", "%d/%m/%Y"),
    'date_format = "%d/%m"': ("settings.toml columns.date_format: ", "%d/%m/%Y"),
}  # fmt: skip


@pytest.mark.parametrize("line", BAD_MAPPINGS)
def test_a_mapping_that_cannot_be_meant_is_an_error_with_the_nearest_name(tmp_path: Path, line: str) -> None:
    write(tmp_path, pupils=PUPILS.replace("year_group", "Pupil Name"), settings=f"[columns]\n{line}\n")
    where, help_ = BAD_MAPPINGS[line]

    (fault,) = refused(tmp_path)
    assert fault.startswith(where)
    assert help_ in fault


def test_a_mapping_of_the_configuration_is_named_as_such(tmp_path: Path) -> None:
    write(tmp_path)

    (fault,) = refused(tmp_path, columns={"code": "Mark"})
    assert fault.startswith("configuration school.columns.code: no file has a column 'Mark'")


def test_columns_that_are_no_table_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, settings='columns = "Adno"\n')

    (fault,) = refused(tmp_path)
    assert fault.startswith("settings.toml columns: is not a table")


def test_a_missing_column_is_named_with_a_near_header_and_the_setting(tmp_path: Path) -> None:
    write(tmp_path, marks=MARKS.replace("session", "sessions"))

    (fault,) = refused(tmp_path)
    assert fault.startswith(
        "marks.csv row 1, column session: the column is missing | did you mean 'sessions'?"
    )
    assert "under [columns] in settings.toml ([school.columns] in the configuration)" in fault


def test_a_header_is_not_missed_while_the_file_that_may_have_it_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, marks=OTHER.encode("utf-16"), settings=f"[columns]\n{NAMES}")

    (fault,) = refused(tmp_path)
    assert fault.startswith("marks.csv row 1: is UTF-16")
