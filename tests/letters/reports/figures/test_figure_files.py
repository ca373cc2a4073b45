"""The tables behind the reports add up to the reports' figures, and a file holds typed values and no formula."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from letters.reports.figures.figure_files import About, csv_file, parquet_file, xlsx_file
from letters.reports.figures.figure_tables import BY, FigureTable, figure_table
from rules.calendar import Calendar, Period
from rules.policy import load_policy
from rules.register import build_register
from rules.school import Mark, Pupil
from rules.statistics import Tally
from tests.letters.made_up import register

DAY = date(2025, 11, 28)
HCAT = load_policy("hcat")
REGISTER = register(number=84)
TALLY = Tally(REGISTER)
ABOUT = About("Elmgate Primary School", DAY, "HCAT")
YEAR = date(2025, 9, 1)


def table(by: str) -> FigureTable:
    return figure_table(REGISTER, TALLY, HCAT, by, DAY)  # type: ignore[arg-type]


def column(of: FigureTable, name: str) -> list:
    number = [one.name for one in of.columns].index(name)
    return [row[number] for row in of.rows]


@pytest.mark.parametrize(
    "name", ["possible_sessions", "attended", "authorised", "unauthorised", "late", "missing_marks"]
)
def test_the_sums_of_every_table_are_those_of_the_school(name: str) -> None:
    figures = TALLY.total(YEAR, DAY)
    whole = {
        "possible_sessions": figures.possible, "attended": figures.attended, "authorised": figures.authorised,
        "unauthorised": figures.unauthorised, "late": figures.late, "missing_marks": figures.missing,
    }[name]  # fmt: skip
    assert sum(column(table("pupil"), name)) == sum(column(table("week"), name)) == whole
    for by in ("class", "year"):
        *groups, last = column(table(by), name)
        assert sum(groups) == last == whole


def test_a_pupils_percentage_is_cut_and_a_groups_is_rounded() -> None:
    for attended, possible, shown in zip(
        *(column(table("pupil"), n) for n in ("attended", "possible_sessions", "attendance_percent")),
        strict=True,
    ):
        assert shown == Decimal(1000 * attended // possible) / 10
    for attended, possible, shown in zip(
        *(column(table("class"), n) for n in ("attended", "possible_sessions", "attendance_percent")),
        strict=True,
    ):
        assert shown == Decimal((2000 * attended + possible) // (2 * possible)) / 10


def test_codes_give_their_class_and_add_up_to_the_possible_sessions() -> None:
    codes = table("code")
    counted = zip(*(column(codes, name) for name in ("counts_as", "sessions")), strict=True)
    possible = sum(n for kind, n in counted if kind not in ("not a possible session", "no attendance code"))
    assert possible == TALLY.total(YEAR, DAY).possible


def test_a_fact_that_nobody_gives_is_empty_and_not_no() -> None:
    first = REGISTER.pupils[0]
    unknown = replace(first, unknown=frozenset({"fsm"}))
    of = figure_table(replace(REGISTER, pupils=(unknown, *REGISTER.pupils[1:])), TALLY, HCAT, "pupil", DAY)
    row = column(of, "pupil_id").index(first.pupil_id)
    assert column(of, "fsm")[row] is None
    assert column(of, "eal")[row] in (True, False)


def test_a_workbook_has_typed_cells_a_frozen_head_and_says_what_it_is() -> None:
    book = load_workbook(io.BytesIO(xlsx_file(table("pupil"), ABOUT)))
    sheet, about = book.worksheets
    head = [cell.value for cell in sheet[1]]
    assert head[:3] == ["pupil_id", "surname", "forename"]
    assert sheet.freeze_panes == "A2"
    first = dict(zip(head, sheet[2], strict=True))
    assert (
        first["pupil_id"].data_type,
        first["attended"].data_type,
        first["attendance_percent"].data_type,
    ) == ("s", "n", "n")
    assert first["attendance_percent"].number_format == "0.0"
    assert first["on_roll_from"].is_date
    assert sheet.max_row == len(table("pupil").rows) + 1
    notes = {row[0].value: row[1].value for row in about}
    assert notes["School"] == "Elmgate Primary School"
    assert notes["Figures up to"].startswith("28 November 2025")


@pytest.mark.parametrize("name", ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1+1", " =1+1"])
def test_a_text_is_never_a_formula(name: str) -> None:
    one = FigureTable("By pupil", table("pupil").columns[1:2], ((name,),))
    cell = load_workbook(io.BytesIO(xlsx_file(one, ABOUT))).worksheets[0]["A2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    _, (text,) = csv.reader(io.StringIO(csv_file(one, ABOUT).decode("utf-8-sig")))
    assert text == f"'{name.strip()}"


def test_a_name_with_a_control_character_still_makes_a_workbook() -> None:
    one = FigureTable("By pupil", table("pupil").columns[1:2], (("Ann\x01a",),))
    assert load_workbook(io.BytesIO(xlsx_file(one, ABOUT))).worksheets[0]["A2"].value == "Anna"


@pytest.mark.parametrize("by", BY)
def test_csv_begins_with_a_bom_and_holds_every_row(by: str) -> None:
    content = csv_file(table(by), ABOUT)
    assert content.startswith(b"\xef\xbb\xbf")
    assert len(list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))) == len(table(by).rows) + 1


@pytest.mark.parametrize("by", BY)
def test_parquet_has_typed_columns_and_says_what_it_is(by: str) -> None:
    pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    read = pq.read_table(io.BytesIO(parquet_file(table(by), ABOUT)))
    assert [tuple(row.values()) for row in read.to_pylist()] == list(table(by).rows)
    assert read.schema.metadata[b"school"] == b"Elmgate Primary School"


def test_full_attendance_is_known_only_where_every_mark_is() -> None:
    calendar = Calendar((Period("half_term", "Autumn 2", date(2025, 11, 3), date(2025, 11, 4)),))
    first = {"all": "/", "missed": "I", "no mark": "", "no code": "?", "late": "L", "not possible": "#"}
    rest = {"not possible": "#"}
    marks = [
        Mark(name, session.date, session.half, code)
        for name in first
        for session in calendar.sessions
        if (code := first[name] if session == calendar.sessions[0] else rest.get(name, "/"))
    ]
    held = build_register(pupils=[Pupil(name) for name in first], calendar=calendar, marks=marks)
    made = figure_table(held, Tally(held), HCAT, "pupil", date(2025, 11, 4))
    found = dict(zip(column(made, "pupil_id"), column(made, "full_attendance"), strict=True))
    assert found == {
        "all": True, "late": True, "missed": False, "no mark": None, "no code": None, "not possible": None,
    }  # fmt: skip
