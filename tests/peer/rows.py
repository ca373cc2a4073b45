"""Rows of a CSV file, and dates as files write them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any


def as_date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value).strip())


def optional_date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = []
        for row in csv.DictReader(lines):
            rows.append({(key or "").strip(): (value or "").strip() for key, value in row.items()})
        return rows
