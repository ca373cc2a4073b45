"""Our class table reproduces the figures that the Department for Education published, row by row."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from rules.codes import Class, CodeSet, code_set_on

DATA = Path(__file__).parent.parent / "data" / "dfe"
SPECIAL_COLUMNS = {
    "reason_present_am": "/",
    "reason_present_pm": "\\",
    "reason_not_attending_planned_closed": "#",
    "reason_z_not_attending_not_on_roll": "Z",
    "reason_f_legacy_family_holiday": "F",
}
WITH_EVERY_CODE = (
    ("dfe_allcodes_2025-09-08_to_12.csv", date(2025, 9, 8), 60),
    ("dfe_allcodes_2024-09-09_to_13.csv", date(2024, 9, 9), 30),
    ("dfe_allcodes_daily_2023-09.csv", date(2023, 9, 11), 100),
)


def rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        yield from (
            row for row in csv.DictReader(file) if number(row.get("possible_sessions", "1")) is not None
        )


def number(text: str | None) -> int | None:
    return round(float(text)) if text and re.fullmatch(r"[\d.e+]+", text) else None


def by_code(row: dict[str, str]) -> Counter[str]:
    """Sessions by code, from columns such as reason_l_present_late_before_registers_closed."""
    found: Counter[str] = Counter()
    for column, text in row.items():
        match = re.match(r"reason_([a-z]\d?)_", column or "")
        code = SPECIAL_COLUMNS.get(column) or (match[1].upper() if match else None)
        if code and (count := number(text)) is not None:
            found[code] += count
    return found


def totals(counts: Counter[str], code_set: CodeSet) -> Counter[Class]:
    found: Counter[Class] = Counter()
    for code, count in counts.items():
        found[code_set.counts_as(code)] += count
    assert not found[Class.UNRECOGNISED]
    return found


@pytest.mark.parametrize(("name", "day", "at_least"), WITH_EVERY_CODE)
def test_every_identity_of_the_published_counts_holds(name: str, day: date, at_least: int) -> None:
    code_set = code_set_on("england", day)
    seen = 0
    for row in rows(name):
        counts = by_code(row)
        sums = totals(counts, code_set)
        attended = sums[Class.PRESENT] + sums[Class.APPROVED]
        absent = sums[Class.AUTHORISED] + sums[Class.UNAUTHORISED]
        published = {
            column: number(row[column])
            for column in row
            if column.endswith(("sessions", "absence", "ance", "activity"))
        }
        assert sums[Class.PRESENT] == published["present_sessions"]
        assert sums[Class.APPROVED] == published["approved_educational_activity"]
        assert attended == published["overall_attendance"]
        assert sums[Class.AUTHORISED] == published["authorised_absence"]
        assert sums[Class.UNAUTHORISED] == published["unauthorised_absence"]
        assert attended + absent == published["possible_sessions"]
        assert counts["L"] + counts["U"] == published["late_sessions"]
        seen += 1
    assert seen >= at_least


@pytest.mark.parametrize(
    "name",
    [
        "dfe_allcodes_2025-09-08_to_12.csv",
        "dfe_allcodes_2024-09-09_to_13.csv",
        "dfe_ytd_202526_to_2026-07-10.csv",
    ],
)
def test_every_published_percentage_is_reproduced(name: str) -> None:
    code_set = code_set_on("england", date(2025, 9, 8))
    seen = 0
    for row in rows(name):
        sums = totals(by_code(row), code_set)
        # the year-to-date file leaves legacy F out of its columns; its total shows it
        sums[Class.AUTHORISED] = max(sums[Class.AUTHORISED], number(row["authorised_absence"]) or 0)
        attended = sums[Class.PRESENT] + sums[Class.APPROVED]
        possible = attended + sums[Class.AUTHORISED] + sums[Class.UNAUTHORISED]
        if row.get("school_type") == "Total" or row.get("education_phase") == "Total":
            continue  # older totals are weighted by census headcount, not sums
        shares = {
            "attendance_perc": attended,
            "overall_absence_perc": possible - attended,
            "authorised_absence_perc": sums[Class.AUTHORISED],
            "unauthorised_absence_perc": sums[Class.UNAUTHORISED],
        }
        for column, part in shares.items():
            assert float(row[column]) == pytest.approx(100 * part / possible, abs=5e-9), (
                column,
                row["la_name"],
            )
            seen += 1
    assert seen > 100


def test_code_x_was_authorised_absence_in_the_published_figures_of_september_2022_only() -> None:
    """The table keeps X out of possible; the rows that hold with X added are those of that month (a known exception)."""
    code_set = code_set_on("england", date(2022, 9, 12))
    with_x = 0
    for row in rows("dfe_daily_2022-09_codeX.csv"):
        counts = by_code(row)
        sums = totals(counts, code_set)
        published = number(row["authorised_absence"]) or 0
        assert published - sums[Class.AUTHORISED] - counts["X"] in range(16)
        with_x += bool(counts["X"])
    assert with_x > 10


def test_published_persistent_absence_is_the_exact_value_at_two_places() -> None:
    seen = 0
    with (DATA / "dfe_pa_202425_rounding.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if re.fullmatch(r"[\d.]+", row["pa_perc_unrounded"]):
                rounded = Decimal(row["pa_perc_unrounded"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
                assert rounded == Decimal(row["persistent_absence_percent_published"])
                seen += 1
    assert seen > 50


def test_persistent_and_severe_shares_of_enrolments_agree_at_one_place() -> None:
    with (DATA / "ees_pa_severe_autistic_spectrum_2017_2024.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        for row in csv.DictReader(file):
            for column in ("enrolments_pa_10_exact", "enrolments_pa_50_exact"):
                share = Fraction(100 * int(row[column]), int(row["enrolments"]))
                shown = Decimal(share.numerator) / Decimal(share.denominator)
                assert shown.quantize(Decimal("0.1"), ROUND_HALF_UP) == Decimal(row[f"{column}_percent"])
