"""A request for leave in a run: its note, its answer, and a decision that is changed afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from rules.school import LeaveRequest
from tests.connector.memory_mis import MemoryMis, small_school
from tests.connector.runs import ledger, row_of, run

ASKED, DECIDED, LATER = date(2025, 9, 10), date(2025, 9, 11), date(2025, 9, 12)
REQUEST = LeaveRequest("1", date(2025, 11, 17), date(2025, 11, 21), "holiday", ASKED)
REFUSED = replace(REQUEST, decision="refused", decided=DECIDED, reason="The half term is near")


def school_with(request: LeaveRequest) -> MemoryMis:
    mis = small_school(until=LATER)
    mis.leave.append(request)
    return mis


def test_a_request_is_noted_and_waits_for_its_answer(tmp_path: Path) -> None:
    mis = school_with(REQUEST)
    assert run(mis, tmp_path / "hill.db", LATER).outcome == "done"
    row = row_of(tmp_path / "hill.db", "leave-request")
    assert (row.state, row.date) == ("verified", ASKED)
    assert [note.pupil_id for _, note in mis.notes] == ["1"]
    assert all(document.pupil_id is None for _, document in mis.documents)


def test_its_answer_is_filed_once_on_the_day_of_the_decision(tmp_path: Path) -> None:
    mis = school_with(REQUEST)
    run(mis, tmp_path / "hill.db", ASKED)
    mis.leave[:] = [REFUSED]
    for day in (DECIDED, LATER):
        assert run(mis, tmp_path / "hill.db", day).outcome == "done"
    row = row_of(tmp_path / "hill.db", "leave-refused")
    assert (row.state, row.date) == ("verified", DECIDED)
    letters = [document for _, document in mis.documents if document.pupil_id == "1"]
    assert [letter.file_name for letter in letters] == ["Attendance – leave-refused – 2025-09-11.docx"]
    assert row_of(tmp_path / "hill.db", "leave-request").state == "verified"


def test_a_decision_that_is_changed_holds_the_first_answer_and_brings_the_second(tmp_path: Path) -> None:
    mis = school_with(REFUSED)
    run(mis, tmp_path / "hill.db", DECIDED)
    mis.leave[:] = [replace(REQUEST, decision="granted", decided=LATER)]
    summary = run(mis, tmp_path / "hill.db", LATER)
    first, second = (row_of(tmp_path / "hill.db", f"leave-{answer}") for answer in ("refused", "granted"))
    assert (second.state, second.date) == ("verified", LATER)
    assert (first.state, first.hold) == ("held", "no_longer_follows")
    assert first.because
    assert (
        "no longer on record: request for leave from 2025-11-17 to 2025-11-21 (holiday), refused on 2025-09-11"
        in (first.reason)
    )
    assert summary.exit_code == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"granted_to": date(2025, 11, 19)},
        {"granted_from": date(2025, 11, 18)},
        {"end": date(2025, 11, 28)},
    ],
)
def test_other_days_on_the_same_day_of_decision_bring_another_letter(
    tmp_path: Path, changed: dict[str, date]
) -> None:
    part = replace(
        REQUEST,
        decision="in part",
        decided=DECIDED,
        granted_from=REQUEST.start,
        granted_to=date(2025, 11, 18),
    )
    mis, state = school_with(part), tmp_path / "hill.db"
    run(mis, state, DECIDED)
    mis.leave[:] = [replace(part, **changed)]
    run(mis, state, LATER)
    rows = [row for row in ledger(state) if row.rule == "leave-in-part"]
    assert [(row.state, row.hold) for row in rows] == [("held", "no_longer_follows"), ("verified", "")]
    assert len([document for _, document in mis.documents if document.pupil_id == "1"]) == 2


def test_a_request_in_place_of_another_has_its_own_note_and_answer(tmp_path: Path) -> None:
    """The first row was of the wrong week altogether, and both were decided on one day."""
    mis, state = school_with(REFUSED), tmp_path / "hill.db"
    run(mis, state, DECIDED)
    mis.leave[:] = [replace(REFUSED, start=date(2025, 12, 1), end=date(2025, 12, 5))]
    run(mis, state, LATER)
    for rule in ("leave-request", "leave-refused"):
        states = [row.state for row in ledger(state) if row.rule == rule]
        assert states == ["held", "verified"], rule
