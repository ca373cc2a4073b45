"""A digest that cannot be put into its folder because somebody has it open: named, and made again by the next run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.connector.held import Held, held
from tests.connector.memory_mis import small_school
from tests.connector.runs import ledger, options, run

__all__ = ["held"]
DAY = date(2025, 9, 12)
DIGEST = "Attendance – digest – 2025-09-12.docx"


def test_a_digest_that_is_open_in_word_is_waited_for(tmp_path: Path, held: Held) -> None:
    mis, state = small_school(until=DAY), tmp_path / "hill.db"
    mis.capabilities = replace(mis.capabilities, school_documents=False)
    held.hold(DIGEST, times=2)
    summary = run(mis, state, DAY, options(digest=tmp_path / "digest"))
    assert held.refused == 2
    assert list(summary.files) == [DIGEST]


def test_a_digest_that_stays_open_is_named_and_its_lines_wait(tmp_path: Path, held: Held) -> None:
    mis, state = small_school(until=DAY), tmp_path / "hill.db"
    mis.capabilities = replace(mis.capabilities, school_documents=False)
    held.hold(DIGEST)
    opts = options(digest=tmp_path / "digest")
    summary = run(mis, state, DAY, opts)
    assert list(summary.files) == []
    (said,) = [line for line in summary.warnings if DIGEST in line]
    assert "it is open in another program" in said
    assert "What to do: close it in Excel, Word" in said
    held.let_go()
    again = run(mis, state, DAY, opts, hour=18)
    assert list(again.files) == ["Attendance – digest – 2025-09-12 (2).docx"]
    assert {row.state for row in ledger(state)} == {"verified"}
    assert [path.name for path in (tmp_path / "digest").glob("*.docx")] == list(again.files)
