"""National figures have a source and a last day, and are those published."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from letters.reports.governors.benchmarks import all_benchmarks, benchmarks
from tests.letters.reports.governors.two_years import PRINTED, report
from tests.letters.reports.reading import table_under, words


def test_national_figures_have_a_source_and_none_is_from_the_future() -> None:
    assert all(row.source and row.until for row in all_benchmarks())
    assert [b.year for b in benchmarks("england", "primary", PRINTED)] == ["2024/25", "2023/24"]
    assert benchmarks("england", "primary", date(2026, 9, 1))[0].year == "2025/26"
    assert benchmarks("england", "primary", date(2023, 1, 1)) == ()
    assert benchmarks("wales", "primary", date(2026, 1, 1))[0].persistent == Decimal("27.0")
    rows = table_under(report(), "Compared with national figures")
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
