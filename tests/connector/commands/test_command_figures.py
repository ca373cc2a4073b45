"""`figures` writes the file that its name asks for, and says what is missing."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pytest

from tests.connector.commands.conftest import Call


@pytest.mark.parametrize("by", ["pupil", "class", "year", "week", "code"])
def test_the_tables_are_written_from_the_store(call: Call, ran: Path, by: str) -> None:
    ended = call("figures", "--out", "figures.csv", "--by", by)
    assert (ended.code, ended.err) == (0, "")
    rows = list(csv.reader(io.StringIO(Path("figures.csv").read_text(encoding="utf-8-sig"))))
    assert f"{len(rows) - 1} rows, figures up to 2025-10-24" in ended.out
    assert len(rows) > 1


def test_as_of_looks_back(call: Call, ran: Path) -> None:
    assert call("figures", "--out", "figures.xlsx", "--by", "week", "--as-of", "2025-09-12").code == 0
    assert Path("figures.xlsx").read_bytes().startswith(b"PK")


def test_no_figure_goes_beyond_the_last_mark(call: Call, ran: Path) -> None:
    ended = call("figures", "--out", "figures.csv", "--as-of", "2026-07-01")
    assert "figures up to 2025-10-24" in ended.out


def test_another_ending_is_refused(call: Call, ran: Path) -> None:
    ended = call("figures", "--out", "figures.ods")
    assert ended.code == 2
    assert "What to do: give it a name that ends in .csv, .xlsx, .parquet" in ended.err


def test_without_the_library_the_extra_is_named(
    call: Call, ran: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ended = call("figures", "--out", "figures.parquet")
    assert ended.code == 2
    assert "What to do: pip install 'attendance-connector[figures]'" in ended.err
    assert not Path("figures.parquet").exists()
