"""The published national figures that come with the product (benchmarks.toml), by nation, phase and day."""

from __future__ import annotations

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


def _optional(row: Mapping[str, Any], name: str) -> Decimal | None:
    return Decimal(row[name]) if name in row else None


def benchmarks(nation: Nation, phase: Phase, day: date) -> tuple[Benchmark, ...]:
    """Return the figures of a nation and phase that were complete by a day, the newest first.

    A nation without figures by phase (Wales) has one for all phases together, which is returned for each.
    """
    rows = [b for b in all_benchmarks() if b.nation == nation and b.until <= day]
    return tuple(b for b in rows if b.phase == phase) or tuple(b for b in rows if b.phase == "all")
