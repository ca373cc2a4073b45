"""Files as spreadsheets and exports leave them are taken as meant, or refused with the cause and what to do."""

from __future__ import annotations

import codecs
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.adapters.folder.cells import bare, day_of, visible
from connector.adapters.folder.columns import Columns
from connector.adapters.folder.marks import MARK_COLUMNS
from connector.adapters.folder.reads import ALL_COLUMNS, read_folder
from connector.errors import DataError
from tests.connector.adapters.register_files import (
    CALENDAR,
    EXPECTED,
    MARKS,
    PUPILS,
    marks,
    refused,
    warned,
    write,
)

HEADERS = ["Pupil ID,Date,Session,Code", "PUPIL_ID,DATE,SESSION,CODE", " pupil id , date,Session ,code", "PupilId,date,session,code"]  # fmt: skip


@pytest.mark.parametrize(
    "header", [*HEADERS, "Pupil\u00a0ID,Date,Session,Code", "\u200bpupil_id,date,session,code"]
)
def test_a_header_is_read_without_regard_to_case_blanks_and_underscores(tmp_path: Path, header: str) -> None:
    write(tmp_path, marks=MARKS.replace("pupil_id,date,session,code", header))

    assert marks(tmp_path) == EXPECTED
    assert warned(tmp_path) == []


@given(st.data())
def test_every_column_is_found_however_it_is_spelled(data: st.DataObject) -> None:
    columns = data.draw(st.lists(st.sampled_from(sorted(ALL_COLUMNS)), unique=True, min_size=1))
    gaps = st.text("_ ", max_size=2)
    header = [
        "".join(
            data.draw(gaps) + (letter.upper() if data.draw(st.booleans()) else letter)
            for letter in column.replace("_", "")
        )
        for column in columns
    ]

    places, twice, unknown = Columns().places(header, ALL_COLUMNS)
    assert places == {column: place for place, column in enumerate(columns)}
    assert (twice, unknown) == ([], [])


@pytest.mark.parametrize("half", ["am", "Am", " AM "])
def test_am_and_pm_come_in_any_case(tmp_path: Path, half: str) -> None:
    amendments = f"pupil_id,date,session,original,amended,amended_at\n18,2025-09-03,{half},N,I,2025-09-04\n"
    calendar = (
        f"kind,start,end,half\nhalf_term,2025-09-03,2025-10-24,\nclosure,2025-10-24,2025-10-24,{half}\n"
    )
    write(tmp_path, marks=MARKS.replace(",AM,", f",{half},"), amendments=amendments, calendar=calendar)

    facts = read_folder(tmp_path)
    assert marks(tmp_path) == EXPECTED
    assert facts.amendments[0].half == "AM"
    assert facts.calendar.sessions[-1] == (date(2025, 10, 24), "PM")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("first", ["", "sep={}\n", "SEP={}\r\n", '"sep={}"\n', "sep={},,,\n"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_the_separator_is_the_one_the_file_uses(
    tmp_path: Path, separator: str, first: str, mark: bytes
) -> None:
    text = first.format(separator) + MARKS.replace(",", separator)
    write(tmp_path, marks=mark + text.encode())

    assert marks(tmp_path) == EXPECTED


def test_a_sep_line_that_is_not_so_does_no_harm(tmp_path: Path) -> None:
    write(tmp_path, marks="sep=;\n" + MARKS)

    assert marks(tmp_path) == EXPECTED


def test_rows_are_numbered_as_a_spreadsheet_shows_them_which_hides_the_sep_line(tmp_path: Path) -> None:
    write(
        tmp_path,
        marks="sep=;\n" + MARKS.replace(",", ";").replace("0042;2025-09-03;PM", "0042;2025-09-03;EVE"),
    )

    assert refused(tmp_path)[0].startswith("marks.csv row 3, column session: ")


@pytest.mark.parametrize(
    "tail", ["T00:00:00", " 00:00", "T00:00", " 00:00:00", "T00:00:00.000", "T00:00:00Z", "T00:00:00+01:00"]
)
def test_a_date_time_at_midnight_is_a_date(tmp_path: Path, tail: str) -> None:
    write(tmp_path, marks=MARKS.replace("2025-09-03", f"2025-09-03{tail}"))

    assert marks(tmp_path) == EXPECTED


@given(
    st.dates(date(1990, 1, 1), date(2060, 1, 1)),
    st.sampled_from(["%d/%m/%Y", "%d.%m.%y", "%d %b %Y", "%Y%m%d"]),
)
def test_a_date_in_the_form_given_and_in_iso_is_that_day(day: date, form: str) -> None:
    assert day_of(day.strftime(form), form) == day
    assert day_of(f"{day.strftime(form)} 00:00:00", form) == day
    assert day_of(day.isoformat(), form) == day
    assert day_of(f"{day + timedelta(days=1)}T00:00") == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("written", "help_"),
    [
        ("03/09/2025", 'date_format = "%d/%m/%Y" under [columns] in settings.toml ([school.columns]'),
        ("3.9.2025", 'date_format = "%d.%m.%Y"'),
        ("03-09-25", 'date_format = "%d-%m-%y"'),
        ("09/23/2025", 'date_format = "%m/%d/%Y"'),
        ("2025/09/03", 'date_format = "%Y/%m/%d"'),
        ("20250903", 'date_format = "%Y%m%d"'),
        ("03/09/2025 00:00", 'date_format = "%d/%m/%Y"'),
        ("45903", "Excel's number for a day"),
        ("2025-09-02T23:00:00Z", "it has a time of day"),
        ("2025-02-30", "write it as YYYY-MM-DD"),
    ],
)
def test_another_date_is_refused_with_the_cause_and_what_to_do(
    tmp_path: Path, written: str, help_: str
) -> None:
    write(tmp_path, marks=MARKS.replace("0042,2025-09-03,PM", f"0042,{written},PM"))

    (fault,) = refused(tmp_path)
    assert fault.startswith(f"marks.csv row 3, column date: '{written}' is not a date | ")
    assert help_ in fault


def test_a_date_with_the_months_name_is_refused_with_its_form(tmp_path: Path) -> None:
    write(tmp_path, marks=MARKS.replace("0042,2025-09-03,PM", "0042,3-Sep-2025,PM"))

    (fault,) = refused(tmp_path)
    assert 'date_format = "%d-%b-%Y"' in fault


ODD_IDS = [
    "'0042",
    '"=""0042"""',
    "\u200b0042",
    "0042\u200b",
    "00\ufeff42",
    "\u00a00042\u00a0",
    "00\u00ad42",
    "\u202a0042\u202c",
    "00\u200d42",
    "\u2060'0042",
    " 0042 ",
]


@pytest.mark.parametrize("odd", ODD_IDS)
def test_what_a_spreadsheet_puts_round_an_id_makes_no_second_pupil(tmp_path: Path, odd: str) -> None:
    write(tmp_path, marks=MARKS.replace("0042,2025-09-03,PM", f"{odd},2025-09-03,PM"))
    (tmp_path / "pupils.csv").unlink()

    assert marks(tmp_path) == EXPECTED
    assert [pupil.pupil_id for pupil in read_folder(tmp_path).pupils] == ["0042", "18"]


@pytest.mark.parametrize("odd", ODD_IDS)
def test_an_odd_id_is_the_same_pupil_in_every_file(tmp_path: Path, odd: str) -> None:
    plan = "\u200b'0042"
    write(
        tmp_path,
        pupils=PUPILS.replace("0042", odd),
        contacts=f"pupil_id,contact_id,surname\n{odd},{odd},'t Hooft\n",
        enrolments=f"pupil_id,from,to\n{odd},2025-09-03,\n",
        amendments=f"pupil_id,date,session,original,amended,amended_at\n{odd},2025-09-03,AM,N,/,2025-09-04\n",
        settings=f'[[attendance_plans]]\npupil_id = "{plan}"\ndate = 2025-10-06\n',
    )

    facts = read_folder(tmp_path)
    assert facts.warnings == ()
    assert facts.pupils[0].pupil_id == "0042"
    assert [(contact.contact_id, contact.surname) for contact in facts.pupils[0].contacts] == [
        ("0042", "'t Hooft")
    ]
    assert facts.amendments[0].pupil_id == facts.settings.attendance_plans[0].pupil_id == "0042"


@given(
    st.from_regex(r"[0-9A-Z]{1,8}", fullmatch=True),
    st.lists(st.sampled_from("\u200b\u200d\ufeff\u2060\u00ad\u200e")),
)
def test_a_character_that_is_not_seen_changes_no_id(pupil_id: str, unseen: list[str]) -> None:
    for place, character in enumerate(unseen):
        at = place % (len(pupil_id) + 1)
        assert visible(pupil_id[:at] + character + pupil_id[at:]) == pupil_id
    assert bare(f"'{pupil_id}") == bare(f'="{pupil_id}"') == bare(pupil_id) == pupil_id


def test_joiners_inside_a_name_in_another_script_stay() -> None:
    name = "علی\u200cرضا"

    assert visible(name) == name
    assert visible("O\u2019Brien") == "O\u2019Brien"


def test_a_code_kept_as_text_is_that_code(tmp_path: Path) -> None:
    write(tmp_path, marks=MARKS.replace(",PM,I", ",PM,'-"))

    assert marks(tmp_path)[-1][3] == "-"


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (MARKS.encode("utf-16"), "marks.csv row 1: is UTF-16, not UTF-8 | save the file as"),
        (
            MARKS.encode("utf-16-le"),
            "marks.csv: holds zero bytes: it is UTF-16, or damaged | save the file as",
        ),
        (b"PK\x03\x04rest", "marks.csv row 1: is an Excel workbook, not CSV | save the file as"),
        (
            MARKS.replace(",I\n", ",\u00e9\n", 1).encode("cp1252"),
            "marks.csv row 4, column code: byte 0xe9 (byte 87 of the file) is not UTF-8 | it is probably in Windows-1252",
        ),
        (
            MARKS.replace(",", ";").replace(";I\n", ";\u00e9\n", 1).encode("cp1252"),
            "marks.csv row 4, column code: byte 0xe9",
        ),
    ],
)
def test_another_encoding_is_refused_with_the_cause_and_what_to_do(
    tmp_path: Path, raw: bytes, cause: str
) -> None:
    write(tmp_path, marks=raw)

    (fault,) = refused(tmp_path)
    assert fault.startswith(cause)
    assert 'save the file as "CSV UTF-8"' in fault


def test_a_column_in_another_encoding_is_a_few_lines_and_a_count(tmp_path: Path) -> None:
    rows = "".join(f"{number},Zoë\n" for number in range(500))
    write(tmp_path, pupils=("pupil_id,legal_forename\n" + rows).encode("cp1252"))

    faults = refused(tmp_path)
    assert len(faults) == 4
    assert faults[-1].startswith("pupils.csv rows 5, 6, 7 and 494 more, column legal_forename: other cells")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (",AM,", ",EVE,", "marks.csv rows 2, 3, 4 and 1,197 more, column session: is neither AM nor PM"),
        ("2025-", "25-", "marks.csv rows 2, 3, 4 and 1,197 more, column date: '25-09-03' is not a date"),
        ("18,", ",", "marks.csv rows 2, 3, 4 and 1,197 more, column pupil_id: is empty"),
        (",I", ",I,2", "marks.csv rows 2, 3, 4 and 1,197 more: has 5 values under 4 columns"),
    ],
)
def test_the_same_fault_many_times_is_one_line_with_its_count(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    rows = "18,2025-09-03,AM,I\n" * 1200
    write(tmp_path, marks=",".join(MARK_COLUMNS[:4]) + "\n" + rows.replace(old, new))

    assert [line.split(" | ")[0] for line in refused(tmp_path)] == [fault]


def test_entries_of_settings_with_one_fault_are_one_line(tmp_path: Path) -> None:
    write(tmp_path, settings='[[attendance_plans]]\npupil_id = "18"\n' * 40)

    (fault,) = refused(tmp_path)
    assert fault.startswith("settings.toml attendance_plans[1].date and 39 more: is missing or not a date")


def test_unknown_columns_are_one_warning(tmp_path: Path) -> None:
    write(tmp_path, pupils="pupil_id,house,bus,shoe,tutor\n0042,,,,\n18,,,,\n")

    assert warned(tmp_path) == [
        "pupils.csv row 1: columns 2, 3, 4 and 1 more of the header are not known and were not read"
    ]


PIECES = st.sampled_from(
    [
        *("pupil_id", "date", "session", "code", "am", "pm", "from", "to", "kind", "start", "end", "half", "weekday"),
        *("0042", "18", "'18", "2025-09-03", "03/09/2025", "45903", "AM", "pm", "/", "\\", "weekly", "open", "Friday"),
        *(",", ",", ";", "\t", "\n", "\n", "\r\n", '"', "sep=;", "\ufeff", "\u200b", "\u00a0", "é", "=", "'"),
    ]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(
    file=st.sampled_from(["marks", "pupils", "contacts", "calendar", "enrolments", "amendments", "settings"]),
    pieces=st.lists(PIECES, max_size=40),
    whole=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8", "utf-16", "cp1252"]),
)
def test_any_file_is_read_or_refused_with_its_name(
    tmp_path: Path, file: str, pieces: list[str], whole: bool, encoding: str
) -> None:
    usual = {"marks": MARKS, "pupils": PUPILS, "calendar": CALENDAR}.get(file, "") if whole else ""
    raw = (usual + "".join(pieces)).encode(encoding, "replace")
    folder = write(tmp_path / "register", **{file: raw})
    for other in ("contacts", "enrolments", "amendments"):
        if other != file:
            (folder / f"{other}.csv").unlink(missing_ok=True)
    if file != "settings":
        (folder / "settings.toml").unlink(missing_ok=True)

    facts = None
    try:
        facts = read_folder(folder)
    except DataError as error:
        findings = error.findings
    if facts is None:
        assert all(finding.message and "." in finding.where for finding in findings)
    else:
        assert facts.register().pupils == tuple(sorted(facts.pupils, key=lambda pupil: pupil.pupil_id))
