"""Whose turn it is: pupils whose writes fail never keep the others from theirs, and what is given up has a way on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest

from connector.adapters.base import DocumentToWrite, Found, NoteToWrite
from connector.documents.school_documents import RunFacts, SchoolDocument
from connector.errors import RetryableError, SkippableError
from connector.ledger.decisions import release, void
from connector.run.queue import MOST_IN_A_ROW, MOST_IN_VAIN, MOST_WRITES_IN_A_ROW, TRIES
from connector.run.request import RunRequest
from connector.run.run import run_school
from connector.run.summary import RunSummary
from connector.service.status import ledger_status
from connector.store import Store
from connector.store.ledger import LedgerRow
from tests.connector import runs
from tests.connector.memory_mis import MemoryMis, at, school_days, small_school
from tests.connector.plain_letters import PlainLetters
from tests.connector.runs import ledger, options, row_of

Lists = Mapping[str, Sequence[LedgerRow]]

DAY = date(2025, 9, 11)
NIGHTS = school_days(DAY, date(2025, 10, 3))
LATE = (date(2025, 9, 8), date(2025, 9, 9), date(2025, 9, 10))


@dataclass
class Faulty(MemoryMis):
    """A MIS that fails for some pupils only, or for all; None is the school."""

    fails_to_write: Callable[[str | None], bool] = lambda _pupil: False
    fails_to_look_up: Callable[[str | None], bool] = lambda _pupil: False
    refuses: Callable[[str | None], bool] = lambda _pupil: False
    looked_up: list[str | None] = field(default_factory=list)
    asked_to_write: list[str | None] = field(default_factory=list)

    def find_documents(self, pupil_id: str | None, key: str) -> list[Found]:
        self._look_up(pupil_id)
        return super().find_documents(pupil_id, key)

    def find_notes(self, pupil_id: str, key: str) -> list[Found]:
        self._look_up(pupil_id)
        return super().find_notes(pupil_id, key)

    def write_document(self, document: DocumentToWrite) -> str:
        self._write(document.pupil_id)
        return super().write_document(document)

    def write_note(self, note: NoteToWrite) -> str:
        self._write(note.pupil_id)
        return super().write_note(note)

    def _look_up(self, pupil_id: str | None) -> None:
        self.looked_up.append(pupil_id)
        if self.fails_to_look_up(pupil_id):
            raise RetryableError("500", fix="the next run asks again")

    def _write(self, pupil_id: str | None) -> None:
        self.asked_to_write.append(pupil_id)
        if self.fails_to_write(pupil_id):
            raise RetryableError("500", fix="the next run files it again")
        if self.refuses(pupil_id):
            raise SkippableError("the MIS refuses this one")


def school(pupils: int) -> Faulty:
    """Every pupil is late three times, and present on every other day."""
    whole = small_school(pupils, until=NIGHTS[-1])
    mis = Faulty(whole.periods, pupils=whole.pupils, marks=whole.marks)
    for pupil_id in mis.pupils:
        for day in LATE:
            mis.mark(pupil_id, day, "AM", "L", 5)
    return mis


def run(mis: MemoryMis, state: Path, day: date) -> RunSummary:
    return runs.run(mis, state, day, options(only=("late-letter",)))


def first(number: int) -> Callable[[str | None], bool]:
    return lambda pupil_id: pupil_id is not None and int(pupil_id) <= number


def standing_first(mis: MemoryMis, number: int) -> Callable[[str | None], bool]:
    """Return whether a pupil is one of so many whose events come first: their ids are in order of text."""
    pupils = sorted(mis.pupils)[:number]
    return lambda pupil_id: pupil_id in pupils


def verified(state: Path) -> int:
    return sum(row.state == "verified" for row in ledger(state))


def released(state: Path, key: str, day: date) -> str:
    with Store.open(state, "hill") as store:
        return release(store, key, by="head", now=at(day), as_of=day).state


def problems(state: Path, day: date) -> list[str]:
    with Store.open(state, "hill") as store:
        return ledger_status(store).problems(at(day))


# -- letters


def test_three_pupils_whose_writes_fail_do_not_keep_the_other_ten_waiting(tmp_path: Path) -> None:
    mis, state = school(13), tmp_path / "hill.db"
    mis.fails_to_write = standing_first(mis, 3)
    summary = run(mis, state, NIGHTS[0])
    assert verified(state) == 10
    assert (summary.outcome, summary.left) == ("failed", 6)


def test_three_pupils_who_cannot_even_be_looked_up_wait_last_in_the_next_run(tmp_path: Path) -> None:
    mis, state = school(13), tmp_path / "hill.db"
    mis.fails_to_look_up = standing_first(mis, 3)
    run(mis, state, NIGHTS[0])
    assert verified(state) == 0, "for all that is known the MIS is down"
    mis.looked_up.clear()
    run(mis, state, NIGHTS[1])
    assert verified(state) == 10
    assert mis.looked_up[0] == "12"
    assert set(mis.looked_up[-9:]) == {"1", "10", "11"}


@pytest.mark.parametrize(("failing", "nights"), [(9, 1), (10, 2), (19, 2), (20, 3)])
def test_more_pupils_whose_writes_fail_take_turns_with_the_others(
    tmp_path: Path, failing: int, nights: int
) -> None:
    mis, state = school(failing + 5), tmp_path / "hill.db"
    mis.fails_to_write = standing_first(mis, failing)
    done = []
    for night in NIGHTS[:nights]:
        run(mis, state, night)
        done.append(verified(state))
    assert done == [0] * (nights - 1) + [5]


def test_what_was_tried_longest_ago_comes_first(tmp_path: Path) -> None:
    mis, state = school(7), tmp_path / "hill.db"
    mis.fails_to_look_up = lambda _pupil: True
    order = []
    for night in NIGHTS[:4]:
        mis.looked_up.clear()
        run(mis, state, night)
        order.append([pupil for number, pupil in enumerate(mis.looked_up) if number % TRIES == 0])
    assert order == [["1", "2", "3"], ["4", "5", "6"], ["7", "1", "2"], ["3", "4", "5"]]


def test_a_mis_that_takes_no_write_is_not_asked_for_every_pupil(tmp_path: Path) -> None:
    mis, state = school(30), tmp_path / "hill.db"
    mis.fails_to_write = lambda _pupil: True
    summary = run(mis, state, NIGHTS[0])
    assert len(set(mis.asked_to_write)) == MOST_WRITES_IN_A_ROW
    tried = MOST_IN_A_ROW * TRIES + (MOST_WRITES_IN_A_ROW - MOST_IN_A_ROW)
    assert len(mis.asked_to_write) == tried, "after three in a row each is tried once"
    assert summary.left == 60


@pytest.mark.parametrize("answer", ["refused", "not there"])
def test_a_mis_that_answers_for_one_pupil_is_not_taken_for_down(tmp_path: Path, answer: str) -> None:
    """Of five pupils the fifth is written: two without an answer, one with, and one without are no three in a row."""
    mis, state = school(5), tmp_path / "hill.db"
    if answer == "not there":  # its write was begun the night before, and it is looked for
        mis.fails_to_look_up, mis.fails_to_write = (lambda pupil: pupil != "3"), (lambda pupil: pupil == "3")
        run(mis, state, NIGHTS[0])
    mis.fails_to_look_up, mis.fails_to_write = (lambda pupil: pupil in ("1", "2", "4")), first(0)
    mis.refuses = lambda pupil: pupil == "3" and answer == "refused"
    run(mis, state, NIGHTS[1])
    assert row_of(state, "late-letter", "5").state == "verified"


def test_notes_that_fail_after_their_documents_are_taken_break_off_all_the_same(tmp_path: Path) -> None:
    mis, state = school(30), tmp_path / "hill.db"
    mis.faults["write_note"] = [RetryableError("503") for _ in range(999)]
    run(mis, state, NIGHTS[0])
    assert len(mis.documents) == MOST_WRITES_IN_A_ROW


def test_a_letter_that_fails_night_after_night_is_given_up_with_the_way_on(tmp_path: Path) -> None:
    mis, state = school(2), tmp_path / "hill.db"
    mis.fails_to_write = first(1)
    for night in NIGHTS[: MOST_IN_VAIN - 1]:
        summary = run(mis, state, night)
        assert (summary.failed, summary.left, summary.exit_code) == (0, 2, 1)
    assert row_of(state, "late-letter").state == "composed"
    summary = run(mis, state, NIGHTS[MOST_IN_VAIN - 1])
    row = row_of(state, "late-letter")
    assert (row.state, summary.failed, summary.left, summary.exit_code) == ("failed", 1, 0, 1)
    assert row.reason.endswith(f"`events release {row.key}` has it tried again")
    assert "next run" not in row.reason
    assert any("events release KEY" in line for line in summary.lines())
    assert any("1 failed" in problem for problem in problems(state, NIGHTS[MOST_IN_VAIN - 1]))
    later = run(mis, state, NIGHTS[MOST_IN_VAIN])
    assert (later.left, later.outcome, later.exit_code) == (0, "done", 1), (
        "it stays said until it is put right"
    )
    mis.fails_to_write = first(0)
    assert released(state, row.key, NIGHTS[MOST_IN_VAIN]) == "composed"
    assert run(mis, state, NIGHTS[MOST_IN_VAIN]).exit_code == 0
    assert verified(state) == 2
    assert mis.doubles == []


def test_what_is_released_has_all_its_nights_again(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    mis.fails_to_write = first(1)
    for night in NIGHTS[:MOST_IN_VAIN]:
        run(mis, state, night)
    released(state, row_of(state, "late-letter").key, NIGHTS[MOST_IN_VAIN])
    for night in NIGHTS[MOST_IN_VAIN : 2 * MOST_IN_VAIN - 1]:
        run(mis, state, night)
        assert row_of(state, "late-letter").state == "composed"
    run(mis, state, NIGHTS[2 * MOST_IN_VAIN - 1])
    assert row_of(state, "late-letter").state == "failed"


def test_many_tries_in_one_day_count_as_one(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    mis.fails_to_write = first(1)
    for _ in range(MOST_IN_VAIN + 3):
        run(mis, state, DAY)
    assert row_of(state, "late-letter").state == "composed", "an evening of maintenance"


def test_a_mis_that_is_down_for_a_week_makes_no_letter_fail(tmp_path: Path) -> None:
    mis, state = school(2), tmp_path / "hill.db"
    mis.fails_to_look_up = lambda _pupil: True
    for night in NIGHTS[: MOST_IN_VAIN + 3]:
        run(mis, state, night)
    assert {row.state for row in ledger(state)} == {"composed"}
    mis.fails_to_look_up = lambda _pupil: False
    run(mis, state, NIGHTS[MOST_IN_VAIN + 3])
    assert verified(state) == 2


def test_a_pupil_who_cannot_be_looked_up_is_given_up_where_others_are_written(tmp_path: Path) -> None:
    mis, state = school(MOST_IN_VAIN + 2), tmp_path / "hill.db"
    mis.fails_to_look_up = first(1)
    for night in NIGHTS[: MOST_IN_VAIN + 1]:
        corrected = str(NIGHTS.index(night) + 2)
        run(mis, state, night)
        mis.mark(corrected, LATE[0], "AM", "/")  # a correcting note is written in each following run
    assert row_of(state, "late-letter").state == "failed"


# -- correcting notes


def written_once(pupils: int, state: Path) -> tuple[Faulty, LedgerRow]:
    mis = school(pupils)
    run(mis, state, NIGHTS[0])
    return mis, row_of(state, "late-letter")


def take_back(mis: Faulty, state: Path, row: LedgerRow, how: str) -> None:
    if how == "voided":
        with Store.open(state, "hill") as store:
            void(store, row.key, reason="wrong child", now=at(NIGHTS[0]), as_of=NIGHTS[0])
    else:
        mis.mark("1", LATE[1], "AM", "/")


@pytest.mark.parametrize("how", ["voided", "withdrawn"])
def test_a_correcting_note_that_was_refused_once_is_written_in_the_next_run(tmp_path: Path, how: str) -> None:
    state = tmp_path / "hill.db"
    mis, row = written_once(1, state)
    take_back(mis, state, row, how)
    mis.refuses = first(1)
    summary = run(mis, state, NIGHTS[1])
    assert (summary.exit_code, summary.failed_now) == (1, 1)
    assert [item.key for item in summary.not_taken] == [row.key]
    assert any(row.key in problem for problem in problems(state, NIGHTS[1]))
    mis.refuses = first(0)
    assert run(mis, state, NIGHTS[2]).exit_code == 0
    assert problems(state, NIGHTS[2]) == []
    assert [note.text.split()[0] for _, note in mis.notes][1:] == [how]
    assert row_of(state, "late-letter").state == how


@pytest.mark.parametrize("how", ["voided", "withdrawn"])
def test_a_correcting_note_that_is_refused_again_and_again_is_given_up_and_stays_unhealthy_until_it_is_written(
    tmp_path: Path, how: str
) -> None:
    state = tmp_path / "hill.db"
    mis, row = written_once(1, state)
    take_back(mis, state, row, how)
    mis.refuses = first(1)
    for number, night in enumerate(NIGHTS[1 : MOST_IN_VAIN + 3], start=1):
        summary = run(mis, state, night)
        assert summary.exit_code == 1, "until it is written"
        (item,) = summary.not_taken
        assert (item.state == "failed") is (number >= MOST_IN_VAIN)
    assert mis.asked_to_write.count("1") == 2 + MOST_IN_VAIN
    night = NIGHTS[MOST_IN_VAIN + 2]
    assert any(f"({row.key})" in line and "`events release KEY`" in line for line in summary.lines())
    assert any(row.key in problem and "`events release KEY`" in problem for problem in problems(state, night))
    mis.refuses = first(0)
    assert run(mis, state, night).exit_code == 1, "it was given up"
    assert released(state, row.key, night) == "waiting"
    assert run(mis, state, night).exit_code == 0
    assert problems(state, night) == []
    assert len(mis.notes) == 2
    assert row_of(state, "late-letter").state == how


def test_a_correcting_note_without_an_answer_is_tried_again_and_given_up_like_a_letter(
    tmp_path: Path,
) -> None:
    state = tmp_path / "hill.db"
    mis, row = written_once(1, state)
    take_back(mis, state, row, "voided")
    mis.fails_to_write = first(1)
    for night in NIGHTS[1 : MOST_IN_VAIN + 1]:
        assert run(mis, state, night).exit_code == 1
    assert run(mis, state, NIGHTS[MOST_IN_VAIN + 1]).not_taken[0].state == "failed"
    mis.fails_to_write = first(0)
    released(state, row.key, NIGHTS[MOST_IN_VAIN + 1])
    assert run(mis, state, NIGHTS[MOST_IN_VAIN + 1]).exit_code == 0
    assert mis.doubles == []


def test_a_correcting_note_may_be_released_before_it_is_given_up_and_has_all_its_tries_again(
    tmp_path: Path,
) -> None:
    state = tmp_path / "hill.db"
    mis, row = written_once(1, state)
    take_back(mis, state, row, "voided")
    mis.refuses = first(1)
    for _ in range(MOST_IN_VAIN - 1):
        run(mis, state, NIGHTS[1])
    assert released(state, row.key, NIGHTS[1]) == "waiting"
    for _ in range(MOST_IN_VAIN - 1):
        assert run(mis, state, NIGHTS[1]).not_taken[0].state == "waiting"
    assert run(mis, state, NIGHTS[1]).not_taken[0].state == "failed"


def told_in_digests(mis: MemoryMis, state: Path, nights: Sequence[date]) -> list[RunFacts]:
    """Return what each night's digest is made of."""
    told: list[RunFacts] = []

    class Watched(PlainLetters):
        def school_documents(self, lists: Lists, facts: RunFacts, number: int) -> Sequence[SchoolDocument]:
            told.append(facts)
            return super().school_documents(lists, facts, number)

    rule = options(only=("late-letter",))
    for night in nights:
        run_school(state, RunRequest(rule, mis, night, at(night), letters=PlainLetters, lists=Watched))
    return told


def test_the_digest_names_what_was_not_taken_once_and_what_was_given_up(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    mis, row = written_once(2, state)
    take_back(mis, state, row, "voided")
    mis.refuses = first(1)
    told = told_in_digests(mis, state, NIGHTS[1 : MOST_IN_VAIN + 4])
    named = [any(row.key in warning for warning in facts.warnings) for facts in told]
    assert named == [False] + [True] * (len(told) - 1)
    assert any("`events release KEY`" in warning for warning in told[-1].warnings)
    # the first run makes the note; the second tells of the first refusal, the sixth that it was given up
    assert [number for number, facts in enumerate(told, start=1) if facts.news] == [2, MOST_IN_VAIN + 1]


def test_a_letter_that_failed_is_in_the_next_digest(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    mis.refused = {"1"}
    told = told_in_digests(mis, state, NIGHTS[:3])
    assert [(len(facts.failed), facts.news) for facts in told] == [(0, True), (1, True), (1, False)]
    assert "`events release" in told[1].failed[0].reason


def test_an_event_that_holds_again_needs_no_correcting_note_that_was_refused(tmp_path: Path) -> None:
    state = tmp_path / "hill.db"
    mis, row = written_once(1, state)
    take_back(mis, state, row, "withdrawn")
    mis.refuses = first(1)
    run(mis, state, NIGHTS[1])
    mis.refuses = first(0)
    mis.mark("1", LATE[1], "AM", "L", 5)
    assert run(mis, state, NIGHTS[2]).exit_code == 0
    assert row_of(state, "late-letter").state == "verified"
    assert len(mis.notes) == 1, "neither that it was withdrawn nor that it holds again"


def test_a_failed_letter_whose_event_is_withdrawn_fails_no_more(tmp_path: Path) -> None:
    mis, state = school(1), tmp_path / "hill.db"
    mis.refused = {"1"}
    assert run(mis, state, NIGHTS[0]).exit_code == 1
    mis.refused = set()
    mis.mark("1", LATE[1], "AM", "/")
    assert run(mis, state, NIGHTS[1]).exit_code == 0
    assert problems(state, NIGHTS[1]) == []


# -- documents of the school


def test_a_document_of_the_school_that_was_refused_is_written_in_the_next_run(tmp_path: Path) -> None:
    friday = date(2025, 9, 12)
    whole, state = small_school(2, until=friday), tmp_path / "hill.db"
    mis = Faulty(whole.periods, pupils=whole.pupils, marks=whole.marks)
    mis.refuses = lambda pupil_id: pupil_id is None
    assert runs.run(mis, state, friday, options()).exit_code == 1
    assert {row.state for row in ledger(state)} == {"composed"}
    mis.refuses = lambda _pupil: False
    assert runs.run(mis, state, friday, options()).exit_code == 0
    assert {row.state for row in ledger(state)} == {"verified"}


def test_a_document_of_the_school_that_was_given_up_is_released_by_its_key(tmp_path: Path) -> None:
    friday = date(2025, 9, 12)
    whole, state = small_school(2, until=friday), tmp_path / "hill.db"
    mis = Faulty(whole.periods, pupils=whole.pupils, marks=whole.marks)
    mis.refuses = lambda pupil_id: pupil_id is None
    for _ in range(MOST_IN_VAIN):
        summary = runs.run(mis, state, friday, options())
    (item,) = [item for item in summary.not_taken if item.state == "failed"]
    mis.refuses = lambda _pupil: False
    assert runs.run(mis, state, friday, options()).exit_code == 1
    assert released(state, item.key.lower(), friday) == "waiting"
    assert runs.run(mis, state, friday, options()).exit_code == 0
    assert {row.state for row in ledger(state)} == {"verified"}


def test_one_document_of_the_school_without_an_answer_does_not_keep_the_others_waiting(
    tmp_path: Path,
) -> None:
    state = tmp_path / "hill.db"
    with Store.open(state, "hill") as store, store.transaction():
        run_id = store.runs.start(as_of=DAY, at=at(DAY), policy="hcat", policy_version="1", config_hash="")
        for name in ("one", "two"):
            store.outbox.add_document(
                event_id=None, run_id=run_id, pupil_id=None, key=f"AC-{name}", file_name=f"{name}.docx",
                summary=f"{name} [AC-{name}]", content=name.encode(), day=DAY, at=at(DAY),
            )  # fmt: skip

    class OneFails(MemoryMis):
        def write_document(self, document: DocumentToWrite) -> str:
            if document.key == "AC-one":
                raise RetryableError("500")
            return super().write_document(document)

    mis = small_school(1, until=DAY)
    mis.__class__ = OneFails
    assert run(mis, state, DAY).left == 1
    assert [document.file_name for _, document in mis.documents] == ["two.docx"]
