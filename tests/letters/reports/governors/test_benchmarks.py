"""National figures have a source and a last day, and are those published."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from letters.reports.governors.benchmarks import (
    _local_rows,
    all_benchmarks,
    authority_code,
    benchmarks,
    local_benchmarks,
)
from rules.statistics import rounded_percent
from tests.letters.reports.governors.two_years import END, PRINTED, report, tally
from tests.letters.reports.reading import table_under, words

DATA = Path(__file__).parents[3] / "data" / "dfe"


def test_national_figures_have_a_source_and_none_is_from_the_future() -> None:
    assert all(row.source and row.until for row in all_benchmarks())
    assert [b.year for b in benchmarks("england", "primary", PRINTED)] == ["2024/25", "2023/24"]
    assert benchmarks("england", "primary", date(2026, 9, 1))[0].year == "2025/26"
    assert benchmarks("england", "primary", date(2023, 1, 1)) == ()
    assert benchmarks("wales", "primary", date(2026, 1, 1))[0].persistent == Decimal("27.0")
    rows = table_under(report(), "Compared with published figures")
    assert rows[2][:2] == ["England, primary schools, 2024/25", "94.75%"]
    assert "18 July 2025" in words(report())


@pytest.mark.parametrize(
    ("phase", "attendance", "persistent"),
    [("primary", "94.72", "13.77"), ("secondary", "91.51", "23.77"), ("special", "86.83", "36.06"), ("all", "93.12", "18.78")],
)  # fmt: skip
def test_the_newest_national_figures_are_those_published(
    phase: str, attendance: str, persistent: str
) -> None:
    row = benchmarks("england", phase, date(2026, 9, 1))[0]  # type: ignore[arg-type]
    assert (row.attendance, row.persistent) == (Decimal(attendance), Decimal(persistent))
    assert row.authorised is not None
    assert row.unauthorised is not None
    assert abs(row.attendance + row.authorised + row.unauthorised - 100) < Decimal("0.02")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("810/2001", "810"),
        (" 810 / 2001 ", "810"),
        ("8102001", "810"),
        ("810-2001", "810"),
        ("", ""),
        ("81/2001", ""),
        ("810/200", ""),
    ],
)
def test_the_authority_is_the_first_three_digits_of_the_schools_number(number: str, code: str) -> None:
    assert authority_code(number) == code


def test_a_school_is_compared_with_its_authority_and_region_too() -> None:
    found = local_benchmarks("810/2001", "primary", date(2026, 9, 1))
    assert [(b.name, b.year, b.attendance, b.persistent) for b in found] == [
        ("Kingston upon Hull, City of", "2025/26", Decimal("94.68"), Decimal("15.26")),
        ("Yorkshire and the Humber", "2025/26", Decimal("94.66"), Decimal("14.12")),
    ]
    assert [b.year for b in local_benchmarks("810/2001", "primary", PRINTED)] == ["2024/25"] * 2
    assert local_benchmarks("681/2001", "primary", PRINTED) == (), "an authority of Wales"
    assert local_benchmarks("", "primary", PRINTED) == ()
    assert [b.name for b in local_benchmarks("420/2001", "secondary", PRINTED)] == ["South West"], (
        "one school: no row of its own"
    )


def test_the_local_rows_are_those_published() -> None:
    """The unrounded and the published figures of 2024/25, as the Department for Education gives both."""
    rows = list(
        csv.DictReader((DATA / "dfe_pa_202425_rounding.csv").read_text(encoding="utf-8").splitlines())
    )
    numbers = {b["name"].casefold(): b["code"] for b in _local_rows()}
    compared = 0
    for row in rows:
        phase, level = row["education_phase"].lower(), row["geographic_level"]
        if (
            level == "National"
            or row["persistent_absence_percent_published"] == "c"
            or phase not in ("primary", "secondary", "special")
        ):
            continue
        name = (row["la_name"] or row["region_name"]).casefold()
        (own,) = [b for b in _local_rows() if b["year"] == "2024/25" and b["name"].casefold() == name and b["phase"] == phase and bool(b["code"]) is (level != "Regional")]  # fmt: skip
        assert Decimal(own["persistent"]) == Decimal(row["persistent_absence_percent_published"])
        assert numbers[name] == own["code"]
        compared += 1
    assert compared > 50


def test_the_schools_own_figures_have_as_many_decimals_as_the_published_ones() -> None:
    figures = tally().total(date(2025, 9, 1), END)
    rows = table_under(report(), "Compared with published figures")
    assert rows[1][1] == f"{rounded_percent(figures.attended, figures.possible, 2)}%"
    assert rows[1][1][-4] == "."


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(1, 3, "33.33"), (1, 1, "100.00"), (1, 16, "6.25"), (1, 800, "0.13"), (5, 999, "0.50")],
)
def test_two_decimals_are_rounded_half_up(part: int, whole: int, shown: str) -> None:
    assert rounded_percent(part, whole, 2) == shown
