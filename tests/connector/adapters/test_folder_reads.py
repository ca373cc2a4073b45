"""A register folder is read whole, or every fault in it is named by file, row and column."""

from __future__ import annotations

import codecs
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.adapters.folder.reads import FolderFacts, read_folder
from connector.errors import DataError
from connector.mock.register_folder import write_register_folder
from connector.mock.school import make_school
from rules.school import Address, Exclusion, Session

CALENDAR = """\
kind,name,start,end,half
year,2025/26,2025-09-01,2026-08-31,
term,Autumn,2025-09-03,2025-12-19,
half_term,Autumn 1,2025-09-03,2025-10-24,
half_term,Autumn 2,2025-11-03,2025-12-19,
inset,INSET,2025-11-03,2025-11-03,
closure,Boiler,2025-09-25,2025-09-25,PM
holiday,Half-term break,2025-10-25,2025-11-02,
"""
PUPILS = """\
pupil_id,upn,legal_forename,legal_surname,date_of_birth,year_group,registration_group,fsm,sen_status
17,A999200012345,Zoë,O’Brien,2015-03-04,Year 5,5A,1,K
18,,Ben,Smith,,Year 5,5A,,
"""
CONTACTS = """\
pupil_id,contact_id,title,forename,surname,priority,parental_responsibility,correspondence,address_1,address_3,postcode
17,c1,Mrs,Ann,O’Brien,1,1,,1 Mill Lane,Low Moor,QX1 1AA
17,c2,Mr,Tom,O’Brien,2,1,0,,,
"""
MARKS = """\
pupil_id,date,session,code,minutes_late,comment,recorded_at
17,2025-09-03,AM,/,,,2025-09-03T09:05:00
17,2025-09-03,PM,L,12,"Bus, again",
18,2025-09-03,AM,-,,,
18,2025-09-03,PM,,,,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (
        ("calendar", CALENDAR),
        ("pupils", PUPILS),
        ("contacts", CONTACTS),
        ("marks", MARKS),
    ):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def faults(folder: Path) -> list[str]:
    """Every finding as one line."""
    with pytest.raises(DataError) as caught:
        read_folder(folder)
    assert all(finding.severity == "error" for finding in caught.value.findings)
    return [f"{finding.where}: {finding.message}" for finding in caught.value.findings]


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_whole_folder_is_read(folder: Path) -> None:
    facts = read_folder(folder)
    pupil, other = facts.pupils

    assert (pupil.pupil_id, pupil.legal_forename, pupil.fsm, pupil.sen_status) == ("17", "Zoë", True, "K")
    assert pupil.date_of_birth == date(2015, 3, 4)
    assert (other.fsm, other.date_of_birth) == (False, None)
    assert [c.contact_id for c in pupil.contacts] == ["c1", "c2"]
    assert pupil.contacts[0].address == Address(("1 Mill Lane", "Low Moor"), postcode="QX1 1AA")
    assert [c.correspondence for c in pupil.contacts] == [None, False], "an empty cell says nothing"
    assert [c.court_order for c in pupil.contacts] == [None, None], "the file has no such column"
    assert "looked_after" in pupil.unknown
    assert "fsm" not in pupil.unknown, "its column is there, and an empty cell of it is no"
    assert facts.marks[0].recorded_at == datetime(2025, 9, 3, 9, 5, tzinfo=ZoneInfo("Europe/London"))
    assert (facts.marks[1].minutes_late, facts.marks[1].comment) == (12, "Bus, again")
    assert [mark.code for mark in facts.marks] == ["/", "L", "-", ""]
    assert facts.nation == "england"
    assert facts.warnings == ()
    assert Session(date(2025, 9, 25), "PM") not in facts.calendar.sessions
    assert facts.register().last_day_with_a_code == date(2025, 9, 3)


def test_marks_and_calendar_are_enough(folder: Path) -> None:
    (folder / "pupils.csv").unlink()
    (folder / "contacts.csv").unlink()

    assert [pupil.pupil_id for pupil in read_folder(folder).pupils] == ["17", "18"]


def test_a_byte_order_mark_other_order_and_blank_lines_do_not_matter(folder: Path) -> None:
    lines = MARKS.splitlines()
    turned = "\r\n".join([",".join(reversed(line.split(","))) for line in lines[:2]] + ["", ",,,,,,"])
    (folder / "marks.csv").write_bytes(codecs.BOM_UTF8 + turned.encode())

    assert [(m.pupil_id, m.half, m.code) for m in read_folder(folder).marks] == [("17", "AM", "/")]


def test_cells_and_column_names_are_trimmed(folder: Path) -> None:
    (folder / "marks.csv").write_text("pupil_id , date,session, Code\n 17 , 2025-09-03 , AM , I \n", "utf-8")

    mark = read_folder(folder).marks[0]
    assert (mark.pupil_id, mark.date, mark.half, mark.code) == ("17", date(2025, 9, 3), "AM", "I")


def test_unknown_columns_are_passed_over_with_a_warning(folder: Path) -> None:
    change(folder, "pupils.csv", "sen_status", "shoe_size")

    facts = read_folder(folder)
    assert [w.where for w in facts.warnings] == ["pupils.csv row 1"]
    assert "column 9" in facts.warnings[0].message
    assert facts.pupils[0].sen_status == ""


def test_a_language_that_is_no_tag_counts_as_the_schools_own(folder: Path) -> None:
    change(folder, "contacts.csv", "title", "language")
    change(folder, "contacts.csv", "Mrs", "CY")
    change(folder, "contacts.csv", "Mr,", "Deutsch (Schweiz),")

    facts = read_folder(folder)
    assert [contact.language for contact in facts.pupils[0].contacts] == ["cy", ""]
    assert [warning.where for warning in facts.warnings] == ["contacts.csv row 3, column language"]


def test_settings_give_the_nation_and_what_is_on_record(folder: Path) -> None:
    (folder / "settings.toml").write_text(
        """
nation = "wales"
welsh_d_attended = false
[[attendance_plans]]
pupil_id = "17"
date = 2025-10-01
[[leave_requests]]
pupil_id = "17"
from = 2025-10-06
to = "2025-10-10"
kind = "holiday"
requested = 2025-09-20
[[exclusions]]
flag = "looked_after"
rules = ["stage-1"]
reason = "Virtual school leads"
until = 2026-07-31
[[exclusions]]
pupil_id = 18
reason = "Medical plan"
[[exclusions]]
pupil_id = "18"
flag = "over_age"
year_groups = [11, "Year 13"]
codes = ["S", "T"]
reason = "Study leave agreed"
from = "2026-05-01"
until = 2026-05-01
[[notices]]
pupil_id = "17"
contact_id = "c1"
issued = 2025-09-30
""",
        "utf-8",
    )

    register = read_folder(folder).register()
    assert register.nation == "wales"
    assert not register.welsh_d_attended
    assert register.attendance_plans[0].date == date(2025, 10, 1)
    assert register.leave_requests[0].end == date(2025, 10, 10)
    assert register.exclusions[0].rules == ("stage-1",)
    assert register.exclusions[1].pupil_id == "18"
    assert register.exclusions[2] == Exclusion(
        reason="Study leave agreed",
        pupil_id="18",
        flag="over_age",
        year_groups=("11", "Year 13"),
        codes=("S", "T"),
        start=date(2026, 5, 1),
        until=date(2026, 5, 1),
    )
    assert register.notices[0].contact_id == "c1"


def test_a_change_listed_in_several_spellings_of_its_time_is_given_once_as_it_stands_last(
    folder: Path,
) -> None:
    times = ("2025-09-03T10:00", "2025-09-03T09:00:00Z", "2025-09-03T11:00:00.5+02:00")
    (folder / "amendments.csv").write_text(
        "pupil_id,date,session,original,amended,amended_at,amended_by\n"
        + "".join(f"18,2025-09-03,AM,N,L,{at},Ms {n}\n" for n, at in enumerate(times)),
        encoding="utf-8",
    )
    assert [a.amended_by for a in read_folder(folder).amendments] == ["Ms 2"]


def test_amendments_come_in_order_of_time(folder: Path) -> None:
    (folder / "amendments.csv").write_text(
        "pupil_id,date,session,original,amended,reason,amended_at,amended_by,role\n"
        "17,2025-09-03,PM,N,L,Signed in,2025-09-05T15:00:00+01:00,Mrs A,Office\n"
        "17,2025-09-03,AM,N,/,Slip,2025-09-04,Mrs A,Office\n",
        "utf-8",
    )

    assert [a.amended for a in read_folder(folder).amendments] == ["/", "L"]


# --- faults -----------------------------------------------------------------------------------------------


def test_a_bad_date_is_named(folder: Path) -> None:
    change(folder, "marks.csv", "17,2025-09-03,PM", "17,03/09/2025,PM")

    assert faults(folder) == ["marks.csv row 3, column date: '03/09/2025' is not a date"]


@pytest.mark.parametrize("day", ["2025-02-30", "20250903", "2025-9-3", "3 September", "2025-09-03T09:00"])
def test_only_iso_dates_are_dates(folder: Path, day: str) -> None:
    change(folder, "marks.csv", "17,2025-09-03,PM", f"17,{day},PM")

    assert [line.partition(":")[0] for line in faults(folder)] == ["marks.csv row 3, column date"]


def test_an_unknown_session_is_named(folder: Path) -> None:
    change(folder, "marks.csv", "18,2025-09-03,AM", "18,2025-09-03,EVE")

    assert faults(folder) == ["marks.csv row 4, column session: is neither AM nor PM"]


def test_a_duplicate_mark_names_the_earlier_row(folder: Path) -> None:
    change(folder, "marks.csv", "18,2025-09-03,PM", "17,2025-09-03,AM")

    assert faults(folder) == [
        "marks.csv row 5, column session: row 2 already has a mark of this pupil for 2025-09-03 AM"
    ]


@pytest.mark.parametrize(("column", "day"), [("on_roll_to", "2025-07-20"), ("on_roll_from", "2026-09-02")])
def test_a_pupil_without_a_calendar_day_is_listed_and_counted(folder: Path, column: str, day: str) -> None:
    text = PUPILS.replace("sen_status", f"sen_status,{column}").replace(",K\n", f",K,{day}\n")
    (folder / "pupils.csv").write_text(text, "utf-8")

    facts = read_folder(folder)
    assert [pupil.pupil_id for pupil in facts.pupils] == ["17", "18"]
    assert [f"{warning.where}: {warning.message}" for warning in facts.warnings] == [
        "pupils.csv: 1 pupil is on roll on no school day of the calendar, 2025-09-03 to 2025-12-19: no possible session"
    ]


def test_bytes_that_are_not_utf_8_are_named_cell_by_cell(folder: Path) -> None:
    (folder / "pupils.csv").write_bytes(PUPILS.replace("’", "'").encode("cp1252").replace(b"Ben", b"B\xe9n"))

    assert faults(folder) == [
        "pupils.csv row 2, column legal_forename: byte 0xeb (byte 121 of the file) is not UTF-8",
        "pupils.csv row 3, column legal_forename: byte 0xe9 (byte 161 of the file) is not UTF-8",
    ]


def test_a_utf_16_file_is_recognised(folder: Path) -> None:
    (folder / "marks.csv").write_text(MARKS, encoding="utf-16")

    assert faults(folder) == ["marks.csv row 1: is UTF-16, not UTF-8"]


def test_missing_columns_are_named_all(folder: Path) -> None:
    change(folder, "marks.csv", "date,session", "day,half")

    assert faults(folder) == [
        "marks.csv row 1, column date: the column is missing",
        "marks.csv row 1, column session: the column is missing",
    ]


@pytest.mark.parametrize("file", ["marks.csv", "calendar.csv"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / file).unlink()

    assert faults(folder) == [f"{file}: is missing"]


def test_an_empty_file_is_named(folder: Path) -> None:
    (folder / "marks.csv").write_text("", "utf-8")

    assert faults(folder) == ["marks.csv: is empty"]


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    assert faults(tmp_path / "register") == ["register: is not a folder"]


def test_a_quote_that_never_closes_is_an_error_and_not_one_long_cell(folder: Path) -> None:
    change(folder, "marks.csv", '"Bus, again"', '"Bus, again')

    assert faults(folder) == ["marks.csv row 3: cannot be split into cells"]


def test_a_comma_too_many_is_an_error_and_not_a_shifted_row(folder: Path) -> None:
    change(folder, "marks.csv", '"Bus, again"', "Bus, again")

    assert faults(folder) == ["marks.csv row 3: has 8 values under 7 columns"]


def test_a_column_named_twice_is_an_error(folder: Path) -> None:
    change(folder, "marks.csv", "comment", "code")

    assert faults(folder) == ["marks.csv row 1, column code: stands twice in the header"]


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("calendar.csv", "closure,", "shut,", "calendar.csv row 7, column kind: 'shut' is not a kind"),
        ("calendar.csv", "25,PM", "25,noon", "calendar.csv row 7, column half: is neither AM nor PM"),
        ("calendar.csv", "10-24,", "10-24,AM", "calendar.csv row 4, column half: a half_term has no half"),
        (
            "calendar.csv",
            "2025-10-24",
            "2025-11-05",
            "calendar.csv row 5, column start: the half_term starts on 2025-11-03, inside the one of row 4",
        ),
        (
            "calendar.csv",
            "2026-08-31",
            "2024-08-31",
            "calendar.csv row 2, column end: 2024-08-31 is before the start, 2025-09-01",
        ),
        ("calendar.csv", "2025-12-19,\nhalf", ",\nhalf", "calendar.csv row 3, column end: is empty"),
        ("pupils.csv", "5A,1,K", "5A,yes,K", "pupils.csv row 2, column fsm: is neither 0 nor 1"),
        ("pupils.csv", "1,K", "1,S", "pupils.csv row 2, column sen_status: is none of N, K, E"),
        ("pupils.csv", "2015-03-04", "04/03/15", "pupils.csv row 2, column date_of_birth: is not a date"),
        (
            "pupils.csv",
            "\n18,",
            "\n17,",
            "pupils.csv row 3, column pupil_id: the pupil stands in row 2 already",
        ),
        ("pupils.csv", "\n18,", "\n,", "pupils.csv row 3, column pupil_id: is empty"),
        ("marks.csv", "L,12", "L,late", "marks.csv row 3, column minutes_late: is not a number of minutes"),
        (
            "marks.csv",
            "03T09:05:00",
            "03T25:05",
            "marks.csv row 2, column recorded_at: '2025-09-03T25:05' is not a date and time",
        ),
        (
            "contacts.csv",
            "17,c2",
            "17,c1",
            "contacts.csv row 3, column contact_id: this contact of this pupil stands in row 2 already",
        ),
        (
            "contacts.csv",
            "O’Brien,2",
            "O’Brien,two",
            "contacts.csv row 3, column priority: is not a whole number from 0 up",
        ),
    ],
)
def test_each_fault_has_its_line(folder: Path, file: str, old: str, new: str, fault: str) -> None:
    change(folder, file, old, new)

    assert fault in faults(folder)


def test_a_calendar_without_half_terms_is_refused(folder: Path) -> None:
    (folder / "calendar.csv").write_text("kind,name,start,end\nterm,Autumn,2025-09-03,2025-12-19\n", "utf-8")

    assert "no half_term row" in faults(folder)[0]


def test_a_calendar_with_every_day_closed_is_refused(folder: Path) -> None:
    with (folder / "calendar.csv").open("a", encoding="utf-8") as file:
        file.write("closure,Flood,2025-09-01,2025-12-31,\n")

    assert faults(folder) == ["calendar.csv: leaves no open session"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('nation = "scotland"', "settings.toml nation: is neither england nor wales"),
        ("nation = ", "settings.toml: is not TOML"),
        ('[[attendence_plans]]\npupil_id = "17"', "settings.toml: unknown key `attendence_plans`"),
        ('[[notices]]\npupil_id = "17"\ncontact_id = "c1"', "settings.toml notices[1].issued: is missing"),
        (
            '[[exclusions]]\nreason = "x"\nrules = ["stage-1"]\ncodes = []',
            "settings.toml exclusions[1]: names no pupil, flag, year group or code",
        ),
        (
            '[[exclusions]]\nreason = "x"\ncodes = ["S", "t"]',
            "settings.toml exclusions[1].codes: `t` is no code of absence",
        ),
        (
            '[[exclusions]]\nreason = "x"\ncodes = "S"',
            "settings.toml exclusions[1].codes: is not a list of codes",
        ),
        (
            '[[exclusions]]\nreason = "x"\nyear_groups = [true]',
            "settings.toml exclusions[1].year_groups: is not a list of year groups",
        ),
        (
            '[[exclusions]]\nreason = "x"\npupil_id = "17"\nfrom = 2026-05-02\nuntil = 2026-05-01',
            "settings.toml exclusions[1].until: lies before from",
        ),
        (
            '[[exclusions]]\nreason = "x"\npupil_id = "17"\nsince = 2026-05-02',
            "settings.toml exclusions[1]: unknown key `since`",
        ),
        ('[[exclusions]]\nreason = "x"\nflag = "tall"', "settings.toml exclusions[1].flag: is none of fsm"),
        (
            '[[leave_requests]]\npupil_id="17"\nfrom=2025-10-02\nto=2025-10-01\nkind="trip"\nrequested=2025-09-01',
            "settings.toml leave_requests[1].kind: is none of holiday, performance, religious",
        ),
    ],
)
def test_faults_of_the_settings_are_named(folder: Path, text: str, fault: str) -> None:
    (folder / "settings.toml").write_text(text, "utf-8")

    assert any(line.startswith(fault) for line in faults(folder))


def test_all_faults_of_all_files_are_reported_at_once(folder: Path) -> None:
    change(folder, "calendar.csv", "closure,", "shut,")
    change(folder, "pupils.csv", "5A,1,K", "5A,2,K")
    change(folder, "marks.csv", "17,2025-09-03,PM", "17,2025-09-31,PM")
    (folder / "settings.toml").write_text('nation = "mars"', "utf-8")

    assert {line.split()[0] for line in faults(folder)} == {
        "calendar.csv",
        "pupils.csv",
        "marks.csv",
        "settings.toml",
    }


def test_no_fault_repeats_a_name_or_a_date_of_birth(folder: Path) -> None:
    # a column slipped: names stand where dates and flags should
    (folder / "pupils.csv").write_text(
        "pupil_id,legal_forename,date_of_birth,on_roll_from,fsm,sen_status\n17,Zoë,Obrien,Smith,Zoë,2015-13-04\n"
        "18,Ben,2015-13-04,,,\n",
        "utf-8",
    )
    text = "\n".join(faults(folder))

    assert text.count("\n") == 3
    assert not any(word in text for word in ("Zoë", "Obrien", "Smith", "2015-13-04"))


def test_a_column_gone_wrong_does_not_give_a_line_for_every_row(folder: Path) -> None:
    rows = "".join(f"17,{day:02d}/09/2025,AM,/\n" for day in range(1, 31)) * 20
    (folder / "marks.csv").write_text("pupil_id,date,session,code\n" + rows, "utf-8")

    assert faults(folder) == [
        "marks.csv rows 2, 3, 4 and 597 more, column date: '01/09/2025' is not a date (row 2)"
    ]


def test_a_year_of_marks_is_read_whole(tmp_path: Path) -> None:
    school = make_school(pupils=420, weeks=39)
    write_register_folder(tmp_path, school, school.last_day)
    facts: FolderFacts = read_folder(tmp_path)

    assert len(facts.marks) > 150_000
