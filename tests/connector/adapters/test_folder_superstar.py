"""SIMS reports in CommandReporter's XML, in place of CSV files."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from connector.adapters.folder import FolderAdapter, FolderSettings
from connector.adapters.folder.csv_table import Table
from connector.adapters.folder.findings import Findings
from connector.adapters.folder.settings import ReportKind, ReportSettings
from connector.adapters.folder.superstar import read_report
from connector.errors import DataError, FatalError, RetryableError

FAKE = Path(__file__).with_name("fake_command_reporter.py")
PUPILS = """<?xml version="1.0" encoding="iso-8859-1"?>
<SuperStarReport>
  <Record>
    <primary_id>17</primary_id>
    <Adno>001234</Adno>
    <UPN>A999200012345</UPN>
    <Legal_x0020_Surname>O&apos;Brien &amp; Sons</Legal_x0020_Surname>
    <Forename>Zo\xeb</Forename>
    <DOB>2013-03-04T00:00:00</DOB>
    <Year>Year  7</Year>
    <Reg>7A</Reg>
    <Start_x0020_date>03/09/2025</Start_x0020_date>
    <FSM>T</FSM>
  </Record>
  <Record>
    <primary_id>18</primary_id>
    <Forename/>
    <Year>Year  8</Year>
    <FSM>False</FSM>
  </Record>
</SuperStarReport>
"""


def write(folder: Path, text: str, name: str = "pupils.xml", encoding: str = "iso-8859-1") -> None:
    (folder / name).write_text(text, encoding)


def rows(folder: Path, kind: ReportKind = "pupils", **settings: object) -> tuple[Table | None, list[str]]:
    findings = Findings()
    table = read_report(folder, ReportSettings(kind=kind, file=f"{kind}.xml", **settings), findings)  # type: ignore[arg-type]
    return table, [f"{finding.where}: {finding.message}" for finding in findings.errors]


def texts(table: Table | None, column: str) -> list[str]:
    assert table is not None
    return [row.text(column) for row in table]


def test_records_become_rows_under_the_columns_of_a_register_folder(tmp_path: Path) -> None:
    write(tmp_path, PUPILS)
    table, errors = rows(tmp_path, captions={"fsm": "FSM"})

    assert errors == []
    assert texts(table, "pupil_id") == ["17", "18"]
    assert texts(table, "legal_surname") == ["O'Brien & Sons", ""]
    assert texts(table, "preferred_forename") == ["Zoë", ""]
    assert texts(table, "date_of_birth") == ["2013-03-04", ""]
    assert texts(table, "year_group") == ["Year 7", "Year 8"]
    assert texts(table, "on_roll_from") == ["2025-09-03", ""]
    assert texts(table, "admission_number") == ["001234", ""]
    assert texts(table, "fsm") == ["1", "0"]


def test_utf_8_is_read_as_declared_too(tmp_path: Path) -> None:
    write(tmp_path, PUPILS.replace("iso-8859-1", "utf-8"), encoding="utf-8")

    assert texts(rows(tmp_path)[0], "preferred_forename") == ["Zoë", ""]


def test_windows_apostrophes_under_a_latin_declaration_are_apostrophes(tmp_path: Path) -> None:
    (tmp_path / "pupils.xml").write_bytes(PUPILS.encode("iso-8859-1").replace(b"&apos;", b"\x92"))

    assert texts(rows(tmp_path)[0], "legal_surname") == ["O’Brien & Sons", ""]


def test_a_caption_of_the_settings_that_no_record_has_is_reported(tmp_path: Path) -> None:
    write(tmp_path, PUPILS)
    findings = Findings()
    settings = ReportSettings(kind="pupils", file="pupils.xml", captions={"upn": "Unique Pupil Number"})
    table = read_report(tmp_path, settings, findings)

    assert table is not None
    assert [warning.message for warning in findings.warnings] == [
        "no record has 'Unique Pupil Number', which should hold upn"
    ]


def test_records_repeated_by_a_sub_list_are_folded(tmp_path: Path) -> None:
    record = "<Record><primary_id>17</primary_id><Reg>7A</Reg><Class>{}</Class></Record>"
    write(tmp_path, f"<SuperStarReport>{record.format('Ma1')}{record.format('En2')}</SuperStarReport>")
    table, errors = rows(tmp_path)

    assert errors == []
    assert texts(table, "pupil_id") == ["17"]


def test_repeated_records_that_differ_are_an_error(tmp_path: Path) -> None:
    record = "<Record><primary_id>17</primary_id><Reg>{}</Reg></Record>"
    write(tmp_path, f"<SuperStarReport>{record.format('7A')}{record.format('7B')}</SuperStarReport>")

    assert rows(tmp_path)[1] == [
        "pupils.xml record 2, column registration_group: differs from record 1, which is about the same"
    ]


def test_marks_and_contacts_come_by_report_too(tmp_path: Path) -> None:
    write(
        tmp_path,
        "<SuperStarReport><Record><primary_id>17</primary_id><Date>2025-09-03T09:00:00</Date>"
        "<Session>am</Session><Mark>/</Mark></Record></SuperStarReport>",
        "marks.xml",
    )
    write(
        tmp_path,
        "<SuperStarReport><Record><primary_id>17</primary_id><Contact_x0020_ID>5</Contact_x0020_ID>"
        "<Parental_x0020_Responsibility>Yes</Parental_x0020_Responsibility></Record></SuperStarReport>",
        "contacts.xml",
    )

    assert texts(rows(tmp_path, "marks")[0], "date") == ["2025-09-03"]
    assert texts(rows(tmp_path, "marks")[0], "session") == ["AM"]
    assert texts(rows(tmp_path, "contacts")[0], "parental_responsibility") == ["1"]


def test_id_fields_that_vanished_are_reported_with_the_reason(tmp_path: Path) -> None:
    write(tmp_path, PUPILS.replace("primary_id", "identity"))
    findings = Findings()
    read_report(tmp_path, ReportSettings(kind="pupils", file="pupils.xml"), findings)

    assert "no record has 'primary_id'" in findings.errors[0].message
    assert "Third Party Reporter" in findings.errors[0].fix


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "pupils.xml: is empty: the report failed"),
        ("<SuperStarReport><Record>", "pupils.xml: is not XML (line 1)"),
        ("<Report/>", "pupils.xml: is no SuperStarReport"),
        (
            "<CommandReporterError>No such report</CommandReporterError>",
            "pupils.xml: holds an error of CommandReporter: No such report",
        ),
    ],
)
def test_a_file_that_is_no_report_is_named(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, text)

    assert rows(tmp_path) == (None, [message])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert rows(tmp_path) == (None, ["pupils.xml: is missing"])


def test_no_entity_is_ever_resolved(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("geheim", "utf-8")
    doctype = f'<!DOCTYPE SuperStarReport [<!ENTITY x SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
    record = "<Record><primary_id>17</primary_id><Forename>&x;</Forename></Record>"
    write(tmp_path, f"{doctype}<SuperStarReport>{record}</SuperStarReport>")

    table, errors = rows(tmp_path)
    assert table is None
    assert errors == ["pupils.xml: declares a document type, which no report does"]


def test_an_unknown_column_in_the_captions_is_named(tmp_path: Path) -> None:
    write(tmp_path, PUPILS)

    assert "names 'shoe_size', which is no column" in rows(tmp_path, captions={"shoe_size": "Shoe"})[1][0]


# --- the command ------------------------------------------------------------------------------------------


def command(mode: str, *more: str) -> list[str]:
    return [sys.executable, str(FAKE), mode, *more]


def test_a_command_writes_the_report_regardless_of_its_exit_code(tmp_path: Path) -> None:
    assert texts(rows(tmp_path, command=command("good", "{output}"))[0], "pupil_id") == ["17"]


def test_a_command_may_print_the_report(tmp_path: Path) -> None:
    assert texts(rows(tmp_path, command=command("stdout"))[0], "pupil_id") == ["17"]


def test_an_error_on_stdout_stops_though_the_exit_code_is_0(tmp_path: Path) -> None:
    write(tmp_path, PUPILS)

    with pytest.raises(FatalError) as caught:
        rows(tmp_path, command=command("error", "{output}"))
    assert "Login failed" in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert (tmp_path / "pupils.xml").read_text("iso-8859-1") == PUPILS


@pytest.mark.parametrize("mode", ["nothing", "empty"])
def test_a_command_that_writes_nothing_is_a_failure_and_leaves_the_old_report(
    tmp_path: Path, mode: str
) -> None:
    write(tmp_path, PUPILS)

    with pytest.raises(FatalError, match="wrote nothing"):
        rows(tmp_path, command=command(mode, "{output}"))
    assert (tmp_path / "pupils.xml").exists()


def test_a_command_has_a_time_limit(tmp_path: Path) -> None:
    with pytest.raises(RetryableError, match="took longer than") as caught:
        rows(tmp_path, command=command("slow", "geheim"), time_limit_seconds=0.3)
    assert caught.value.__cause__ is None
    assert "geheim" not in str(caught.value)


def test_a_program_that_is_not_there_is_named_without_its_arguments(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="cannot be started") as caught:
        rows(tmp_path, command=[str(tmp_path / "nowhere.exe"), "geheim"])
    assert "geheim" not in str(caught.value)


def test_the_command_finds_the_services_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORT_PASSWORD", "x" * 23)

    assert texts(rows(tmp_path, command=command("environment"))[0], "pupil_id") == ["23"]


def test_nothing_is_passed_through_a_shell(tmp_path: Path) -> None:
    with pytest.raises(FatalError):
        rows(tmp_path, command=[f"{sys.executable} {FAKE} stdout"])


def test_a_report_and_csv_files_make_one_register(tmp_path: Path) -> None:
    write(tmp_path, PUPILS)
    (tmp_path / "calendar.csv").write_text(
        "kind,start,end\nhalf_term,2025-09-03,2025-10-24\n", encoding="utf-8"
    )
    marks = "pupil_id,date,session,code\n17,2025-09-03,AM,/\n18,2025-09-03,AM,I\n"
    (tmp_path / "marks.csv").write_text(marks, encoding="utf-8")
    settings = FolderSettings(
        register_folder=tmp_path,
        letters_folder=tmp_path / "out",
        reports=[ReportSettings(kind="pupils", file="pupils.xml")],
    )

    adapter = FolderAdapter(settings)
    assert [finding for finding in adapter.check() if finding.severity == "error"] == []
    (tmp_path / "marks.csv").write_text(marks + "99,2025-09-03,AM,/\n", encoding="utf-8")
    assert adapter.check()[0].message == "1 mark of 1 pupil who is not in pupils.xml passed over"


def test_faults_in_a_report_are_named_by_record(tmp_path: Path) -> None:
    write(tmp_path, PUPILS.replace("2013-03-04T00:00:00", "4 March"))
    (tmp_path / "calendar.csv").write_text(
        "kind,start,end\nhalf_term,2025-09-03,2025-10-24\n", encoding="utf-8"
    )
    (tmp_path / "marks.csv").write_text("pupil_id,date,session,code\n", encoding="utf-8")
    settings = FolderSettings(
        register_folder=tmp_path,
        letters_folder=tmp_path / "out",
        reports=[ReportSettings(kind="pupils", file="pupils.xml")],
    )

    assert [finding.where for finding in FolderAdapter(settings).check()] == [
        "pupils.xml record 1, column date_of_birth"
    ]


def test_a_kind_of_report_given_twice_is_refused(tmp_path: Path) -> None:
    report = ReportSettings(kind="pupils", file="pupils.xml")

    with pytest.raises(ValueError, match="once only"):
        FolderSettings(register_folder=tmp_path, letters_folder=tmp_path, reports=[report, report])


def test_dates_that_are_no_dates_stay_for_the_reader_to_refuse(tmp_path: Path) -> None:
    write(tmp_path, PUPILS.replace("03/09/2025", "soon"))
    table, _ = rows(tmp_path)
    assert table is not None
    findings = [row.day("on_roll_from") for row in table]

    assert findings == [None, None]
    assert len(table.findings.errors) == 1
    with pytest.raises(DataError):
        table.findings.stop_if_any()
    assert date(2025, 9, 3) not in findings
