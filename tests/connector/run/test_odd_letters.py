"""One odd letter, note, document or folder never stops the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import InvalidOperation
from pathlib import Path

import pytest
from lxml import etree

from connector.adapters.base import Adapter
from connector.adapters.supplied import SupplyConfig, supplement
from connector.documents.school_documents import RunFacts, SchoolDocument
from connector.logs import configure_logs
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import RunReport
from connector.store import Store
from connector.store.ledger import LedgerRow
from letters.compose import NOTHING_FILED, Composed, Filed
from letters.earlier.made_before import EarlierForm, LetterBefore
from rules.events import Event
from tests.connector.memory_mis import at, small_school
from tests.connector.plain_letters import PlainLetters
from tests.connector.run.test_deliver import DAY, LATE, school
from tests.connector.runs import ledger, options, row_of

ODD = [
    InvalidOperation("28 digits of Zeynep"),
    OverflowError("Zeynep"),
    AttributeError("Zeynep"),
    RecursionError("Zeynep"),
    etree.XMLSyntaxError("Zeynep", 1, 1, 1),
]


class OddLetters(PlainLetters):
    """Pupil 1's letter and note, and every list, cannot be made."""

    error: Exception = ODD[0]

    def compose(
        self,
        event: Event,
        key: str,
        filed: Filed = NOTHING_FILED,
        earlier: Sequence[EarlierForm] = (),
        letters_before: Sequence[LetterBefore] = (),
    ) -> Composed:
        if event.pupil_id == "1":
            raise self.error
        return super().compose(event, key, filed, earlier, letters_before)


class OddCorrections(PlainLetters):
    def correction(self, event: Event, *args: object, **more: object) -> tuple[str, str]:
        if event.pupil_id == "1":
            raise ODD[0]
        return super().correction(event, *args, **more)  # type: ignore[arg-type]


class OddLists(PlainLetters):
    def school_documents(
        self, lists: Mapping[str, Sequence[LedgerRow]], facts: RunFacts, number: int
    ) -> Sequence[SchoolDocument]:
        def fail() -> bytes:
            raise ODD[0]

        good = super().school_documents(lists, facts, number)
        return [SchoolDocument("odd", "Odd sheet", "odd.docx", fail, ()), *good]


def run(
    mis: Adapter,
    state: Path,
    letters: type[PlainLetters] = PlainLetters,
    lists: type[PlainLetters] = PlainLetters,
    day: date = DAY,
) -> RunReport:
    opts = options(only=("late-letter", "class-of-the-week"))
    request = RunRequest(
        opts, mis, as_of=day, now=at(day), sleep=lambda _: None, letters=letters, lists=lists
    )
    return run_school(state, request)


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    configure_logs(file=tmp_path / "log.txt")
    yield tmp_path / "log.txt"
    root = logging.getLogger()
    for handler in root.handlers[:]:
        root.removeHandler(handler)
        handler.close()


@pytest.mark.parametrize("error", ODD, ids=lambda error: type(error).__name__)
def test_a_letter_that_cannot_be_made_for_any_reason_is_held_and_the_others_are_written(
    tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    mis, state = school(3), tmp_path / "hill.db"
    monkeypatch.setattr(OddLetters, "error", error)
    report = run(mis, state, OddLetters)
    kind = type(error).__name__
    row = row_of(state, "late-letter", "1")
    assert (row.state, row.hold) == ("held", "letter")
    assert row.reason == f"its letter could not be made ({kind}): see the log"
    assert {row_of(state, "late-letter", pupil).state for pupil in "23"} == {"verified"}
    assert report.summary.hold_reasons == {"letter": 1}
    run(mis, state)
    assert row_of(state, "late-letter", "1").state == "verified"


def test_the_log_says_where_it_was_raised_and_names_nobody(tmp_path: Path, log_file: Path) -> None:
    run(school(1), tmp_path / "hill.db", OddLetters)
    text = log_file.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "test_odd_letters.py" in text
    assert "InvalidOperation" in text
    assert "Zeynep" not in text


def test_what_is_wrong_with_the_machine_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(OddLetters, "error", MemoryError())
    with pytest.raises(MemoryError):
        run(school(3), tmp_path / "hill.db", OddLetters)


def test_a_correcting_note_that_cannot_be_made_stays_due_and_the_others_are_written(tmp_path: Path) -> None:
    mis, state = school(2), tmp_path / "hill.db"
    run(mis, state)
    for pupil_id in mis.pupils:
        mis.mark(pupil_id, LATE[1], "AM", "/")
    summary = run(mis, state, OddCorrections).summary
    key = row_of(state, "late-letter", "1").key
    assert f"{key}: its correcting note could not be made (InvalidOperation): see the log" in summary.warnings
    assert summary.exit_code == 1
    assert [note.pupil_id for _, note in mis.notes if note.text.startswith("withdrawn")] == ["2"]
    assert run(mis, state).summary.exit_code == 0
    assert [note.pupil_id for _, note in mis.notes if note.text.startswith("withdrawn")] == ["2", "1"]


def test_a_document_of_the_school_that_cannot_be_made_fails_the_run_and_stops_nothing(tmp_path: Path) -> None:
    friday = date(2025, 9, 12)
    mis, state = small_school(2, until=friday), tmp_path / "hill.db"
    for day in LATE:
        mis.mark("1", day, "AM", "L")
    summary = run(mis, state, lists=OddLists, day=friday).summary
    assert summary.outcome == "failed"
    assert "Odd sheet could not be made (InvalidOperation): see the log" in summary.warnings
    assert {row.state for row in ledger(state)} == {"verified"}
    assert mis.titles(None) == ["Attendance – digest – 2025-09-12.docx"]
    with Store.open(state, "hill") as store:
        assert store.runs.last()[0].outcome == "failed", "so the reports of the day are due again"


def test_a_folder_that_is_a_link_fails_that_pupils_letters_only(tmp_path: Path) -> None:
    mis, state = school(3), tmp_path / "hill.db"
    mis.capabilities = replace(mis.capabilities, notes=False, documents=False)
    folder, elsewhere = tmp_path / "letters", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / "pupils").mkdir(parents=True)
    try:
        (folder / "pupils" / "1").symlink_to(elsewhere, target_is_directory=True)
    except OSError:
        pytest.skip("this user may not make links")
    adapter = supplement(mis, SupplyConfig(folder=folder))  # type: ignore[arg-type]
    summary = run(adapter, state).summary
    assert summary.exit_code == 1
    row = row_of(state, "late-letter", "1")
    assert row.state == "failed"
    assert "a link to another place" in row.reason
    assert {row_of(state, "late-letter", pupil).state for pupil in "23"} == {"verified"}
    assert list(elsewhere.iterdir()) == []
