"""A stop is asked for in the middle of a run: what has begun is finished, nothing new is begun, the next run goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from connector.adapters.base import DocumentToWrite, Found, NoteToWrite, Page, PullRequest
from connector.errors import RetryableError
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import RunSummary
from connector.store.belonging import PullSource
from tests.connector.memory_mis import MemoryMis, at
from tests.connector.plain_letters import PlainLetters
from tests.connector.run.test_deliver import DAY, assert_all_there_once, school
from tests.connector.runs import options, row_of

STOPPED = "a stop was asked for; the rest is done in the next run"


@dataclass
class Stopping(MemoryMis):
    """Asks for a stop when it is asked to do something."""

    stop: threading.Event = field(default_factory=threading.Event)
    stop_at: str = ""
    asked: list[PullRequest] = field(default_factory=list)

    def pull(self, request: PullRequest) -> Iterator[Page]:
        self.asked.append(request)
        for page in super().pull(request):
            self._maybe("pull")
            yield page

    def write_document(self, document: DocumentToWrite) -> str:
        self._maybe("write_document")
        return super().write_document(document)

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:
        self._maybe("find_documents")
        return super().find_documents(pupil_id, key)

    def write_note(self, note: NoteToWrite) -> str:
        self._maybe("write_note")
        return super().write_note(note)

    def _maybe(self, method: str) -> None:
        if self.stop_at == method:
            self.stop.set()


def stopping(stop_at: str, pupils: int = 3) -> Stopping:
    mis = school(pupils)
    return Stopping(mis.periods, pupils=mis.pupils, marks=mis.marks, stop_at=stop_at)


def run(mis: Stopping, state: Path, *, full: bool = False) -> RunSummary:
    request = RunRequest(
        options(only=("late-letter",)),
        mis,
        as_of=DAY,
        now=at(DAY),
        full=full,
        stop=mis.stop,
        letters=PlainLetters,
        lists=PlainLetters,
        source=PullSource("folder", "memory"),
    )
    return run_school(state, request).summary


def go_on(mis: Stopping, state: Path) -> None:
    """Assert that the next run writes the rest, and that everything is there once."""
    mis.stop.clear()
    mis.stop_at = ""
    assert run(mis, state).outcome == "done"
    assert_all_there_once(mis, state)


def test_a_write_that_has_begun_is_finished_and_read_back(tmp_path: Path) -> None:
    mis, state = stopping("write_document"), tmp_path / "hill.db"
    summary = run(mis, state)
    assert (summary.outcome, summary.error) == ("failed", STOPPED)
    assert (summary.documents, summary.notes, summary.left) == (1, 0, 5)
    assert len(mis.documents) == 1
    assert row_of(state, "late-letter", "1").state == "composed"
    go_on(mis, state)


def test_a_note_that_has_begun_closes_its_event(tmp_path: Path) -> None:
    mis, state = stopping("write_note"), tmp_path / "hill.db"
    summary = run(mis, state)
    assert (summary.documents, summary.notes, summary.left) == (1, 1, 4)
    assert row_of(state, "late-letter", "1").state == "verified"
    go_on(mis, state)


def test_a_write_whose_answer_was_lost_is_still_looked_for(tmp_path: Path) -> None:
    mis, state = stopping("write_document"), tmp_path / "hill.db"
    mis.lost_answers = 1
    summary = run(mis, state)
    assert (summary.documents, summary.left) == (1, 5)
    go_on(mis, state)


def test_what_was_only_looked_up_is_not_begun_again(tmp_path: Path) -> None:
    mis, state = stopping("find_documents"), tmp_path / "hill.db"
    mis.faults["find_documents"] = [RetryableError("503")]
    summary = run(mis, state)
    assert (summary.outcome, summary.left) == ("failed", 6)
    assert not mis.documents
    go_on(mis, state)


def test_a_pull_gives_way_at_its_next_page(tmp_path: Path) -> None:
    mis, state = stopping("pull"), tmp_path / "hill.db"
    summary = run(mis, state)
    assert (summary.outcome, summary.error) == ("failed", STOPPED)
    assert len(mis.asked) == 1
    go_on(mis, state)


def test_a_stop_that_comes_when_all_is_written_is_no_failure(tmp_path: Path) -> None:
    mis, state = stopping("write_note", pupils=1), tmp_path / "hill.db"
    assert run(mis, state).outcome == "done"
    assert mis.stop.is_set()


def test_a_full_run_reads_everything_again(tmp_path: Path) -> None:
    mis, state = stopping(""), tmp_path / "hill.db"
    run(mis, state)
    run(mis, state)
    run(mis, state, full=True)
    assert [request.bookmark for request in mis.asked] == [None, DAY.isoformat(), None]
