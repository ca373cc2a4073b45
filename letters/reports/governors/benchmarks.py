"""The published figures that come with the product: of the nations (benchmarks.toml), and of England's regions and
authorities (local_benchmarks.csv), by phase and day.

The local ones are the rows of `data/EES_ytd_data.csv` of the Department for Education's attendance dashboard (repository
dfe-analytical-services/attendance-data-dashboard, commits 8f4979c and f9c6744; Open Government Licence v3), rounded half up
to two decimals as the Department publishes them. Where an authority has a single
school of a phase, the figures are left empty.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from rules.school import Nation

Phase = Literal["primary", "secondary", "special", "all"]
PHASES: Mapping[Phase, str] = {
    "primary": "primary schools",
    "secondary": "secondary schools",
    "special": "special schools",
    "all": "all schools",
}


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One row of published figures, all in per cent; None where the source gives none."""

    nation: Nation
    phase: Phase
    year: str
    until: date
    """The last day that the figures cover."""
    attendance: Decimal
    authorised: Decimal | None
    unauthorised: Decimal | None
    persistent: Decimal | None
    severe: Decimal | None
    source: str
    name: str = ""
    """The region or authority; empty for the nation."""


@cache
def all_benchmarks() -> tuple[Benchmark, ...]:
    """Return every row, the newest first."""
    rows = tomllib.loads(
        files("letters.reports.governors").joinpath("benchmarks.toml").read_text(encoding="utf-8")
    )["figures"]
    published = [
        Benchmark(
            row["nation"],
            row["phase"],
            row["year"],
            row["until"],
            Decimal(row["attendance"]),
            _optional(row, "authorised"),
            _optional(row, "unauthorised"),
            _optional(row, "persistent"),
            _optional(row, "severe"),
            row["source"],
        )
        for row in rows
    ]
    return tuple(sorted(published, key=lambda b: (-b.until.toordinal(), b.nation, b.phase)))


@cache
def _local_rows() -> tuple[Mapping[str, str], ...]:
    text = files("letters.reports.governors").joinpath("local_benchmarks.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def authority_code(number: str) -> str:
    """Return the authority's code, the first three digits of a school's DfE number such as 810/2001; empty for other text."""
    found = re.fullmatch(r"\s*(\d{3})\s*[/-]?\s*\d{4}\s*", number)
    return found[1] if found else ""


def local_benchmarks(number: str, phase: Phase, day: date) -> tuple[Benchmark, ...]:
    """Return the newest figures of a school's authority and of its region that were complete by a day, the authority first.

    ``number`` is the school's DfE number. Nothing is returned for a number of no English authority.
    """
    code = authority_code(number)
    rows = [row for row in _local_rows() if row["phase"] == phase and date.fromisoformat(row["until"]) <= day]
    region = next((row["region"] for row in _local_rows() if code and row["code"] == code), None)
    own = [
        next((row for row in rows if row["level"] == "authority" and row["code"] == code), None),
        next((row for row in rows if row["level"] == "region" and row["name"] == region), None),
    ]
    return tuple(_local(row) for row in own if row is not None and row["attendance"] and region is not None)


def _local(row: Mapping[str, str]) -> Benchmark:
    phase: Phase = next(p for p in PHASES if p == row["phase"])
    until = date.fromisoformat(row["until"])
    return Benchmark(
        "england",
        phase,
        row["year"],
        until,
        Decimal(row["attendance"]),
        Decimal(row["authorised"]),
        Decimal(row["unauthorised"]),
        Decimal(row["persistent"]),
        None,
        f"DfE, Pupil attendance in schools, {row['name']}, {PHASES[phase]}, {row['year']}",
        row["name"],
    )


def _optional(row: Mapping[str, Any], name: str) -> Decimal | None:
    return Decimal(row[name]) if name in row else None


def benchmarks(nation: Nation, phase: Phase, day: date) -> tuple[Benchmark, ...]:
    """Return the figures of a nation and phase that were complete by a day, the newest first.

    A nation without figures by phase (Wales) has one for all phases together, which is returned for each.
    """
    rows = [b for b in all_benchmarks() if b.nation == nation and b.until <= day]
    return tuple(b for b in rows if b.phase == phase) or tuple(b for b in rows if b.phase == "all")
