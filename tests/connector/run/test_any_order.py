"""Edits of marks, runs, crashes, faults and people's decisions in any order: never twice, never lost."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from connector.config.loaded_school import LoadedSchool
from connector.errors import RetryableError
from connector.ledger.decisions import approve, list_events
from connector.ledger.same_absence import Absences
from connector.store import Store
from connector.store.ledger import LedgerRow
from rules.evaluate import evaluate
from rules.events import Event
from rules.register import Register, build_register
from rules.school import Mark, Session
from tests.connector.memory_mis import (
    CALENDAR,
    FIRST_DAY,
    PERIODS,
    Crash,
    MemoryMis,
    at,
    made_up_pupil,
    school_days,
)
from tests.connector.run.test_deliver import dying_store
from tests.connector.runs import ledger, options, run

RULES = ("late-letter", "three-days-missed", "unexplained-visit", "stage-4")
DAYS = school_days(FIRST_DAY, date(2025, 10, 24))
PUPILS = ("1", "2")
CODES = ("/", "L", "O", "N", "I", "")


class AnyOrder(RuleBasedStateMachine):
    """A school of two pupils over half a term."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.state = Path(self.folder.name) / "hill.db"
        self.mis = MemoryMis(PERIODS, {n: made_up_pupil(int(n)) for n in PUPILS})
        self.today = 6
        for day in DAYS:
            for pupil_id in PUPILS:
                self.mis.day(pupil_id, day, "/")
        for day in DAYS[1:4]:
            self.mis.mark("1", day, "AM", "L")
            self.mis.day("2", day, "O")
        self.before: list[dict[tuple[str, Session], Mark]] = []

    @property
    def day(self) -> date:
        return DAYS[self.today]

    def options(self, **changes: object) -> LoadedSchool:
        return options(only=RULES, hold_above_missing_percent=100.0, oldest_letter_school_days=100, **changes)

    @rule(
        pupil_id=st.sampled_from(PUPILS),
        start=st.integers(0, 12),
        count=st.integers(1, 4),
        code=st.sampled_from(CODES),
        whole=st.booleans(),
    )
    def edit(self, pupil_id: str, start: int, count: int, code: str, whole: bool) -> None:
        self.before.append(dict(self.mis.marks))
        for day in DAYS[: self.today + 1][start : start + count]:
            if whole:
                self.mis.day(pupil_id, day, code)
            else:
                self.mis.mark(pupil_id, day, "AM", code)

    @rule(steps=st.integers(1, 3))
    def correct_back(self, steps: int) -> None:
        for _ in range(steps):
            if self.before:
                self.mis.marks = self.before.pop()

    @rule(days=st.integers(1, 4))
    def time_passes(self, days: int) -> None:
        self.today = min(len(DAYS) - 1, self.today + days)

    @rule(review=st.booleans())
    def run_well(self, review: bool) -> None:
        run(self.mis, self.state, self.day, self.options(review=frozenset({"all"} if review else ())))

    @rule(step=st.integers(0, 9))
    def die_at_a_write(self, step: int) -> None:
        self.mis.crash_at = step
        try:
            run(self.mis, self.state, self.day, self.options())
        except Crash:
            pass
        finally:
            self.mis.crash_at = None

    @rule(step=st.integers(0, 80))
    def die_at_a_commit(self, step: int) -> None:
        with suppress(Crash), pytest.MonkeyPatch.context() as patch, dying_store(patch, step):
            run(self.mis, self.state, self.day, self.options())

    @rule(lies=st.integers(0, 4), lost=st.integers(0, 4), cuts=st.integers(0, 5))
    def run_badly(self, lies: int, lost: int, cuts: int) -> None:
        self.mis.lies, self.mis.lost_answers = lies, lost
        for method in ("find_notes", "read_document"):
            self.mis.faults[method] = [RetryableError("503") for _ in range(cuts)]
        run(self.mis, self.state, self.day, self.options())
        self.mis.lies = self.mis.lost_answers = 0
        self.mis.faults.clear()

    @rule(number=st.integers(0, 5))
    def approve_one(self, number: int) -> None:
        if not self.state.exists():
            return
        with Store.open(self.state, "hill") as store:
            held = list_events(store, states=("held",))
            if held:
                approve(store, held[number % len(held)].key, by="x", now=at(self.day), as_of=self.day)

    @invariant()
    def nothing_is_there_twice(self) -> None:
        assert self.mis.doubles == []

    @invariant()
    def no_event_gets_a_second_letter(self) -> None:
        letters: dict[tuple[str, str], set[str]] = defaultdict(set)
        for _, document in self.mis.documents:
            title = document.file_name.split(" – ")[1]
            letters[document.key, title].add(document.file_name)
        assert all(len(names) == 1 for names in letters.values()), letters

    def teardown(self) -> None:
        try:
            for _ in range(2):
                summary = run(self.mis, self.state, self.day, self.options())
                assert summary.outcome == "done", summary.error
            self.check_the_end()
            before = (len(self.mis.documents), len(self.mis.notes))
            run(self.mis, self.state, self.day, self.options())
            assert (len(self.mis.documents), len(self.mis.notes)) == before, "a quiet run writes nothing"
        finally:
            self.folder.cleanup()

    def check_the_end(self) -> None:
        """Every event that holds now is verified and in the MIS; every other one is taken back and says so."""
        self.nothing_is_there_twice()
        self.no_event_gets_a_second_letter()
        events = self.events_now()
        current = {(e.rule, e.pupil_id, e.anchor, e.date) for e in events}
        rows = {
            (r.rule, r.pupil_id, r.anchor, r.date): r for r in ledger(self.state) if r.state != "withdrawn"
        }
        absences = Absences(self.register(), self.options().policy)
        joined = {place for place, r in rows.items() if absences.joined(r.event, events)}
        assert set(rows) - joined <= current <= set(rows), "what was written of a joined absence stays"
        for row in rows.values():
            assert row.state == "verified", (row.rule, row.state, row.reason)
            self.check_current(row)
        for row in ledger(self.state):
            if row.state == "withdrawn":
                written = [note.text.split()[0] for _, note in self.mis.notes if note.key == row.key]
                assert not written or written[-1] == "withdrawn", written
                filed = any(d.key == row.key for _, d in self.mis.documents)
                assert bool(written) >= filed, "a letter on file without its correction"

    def check_current(self, row: LedgerRow) -> None:
        wanted = [outcome for outcome in row.event.outcomes if outcome.is_document]
        assert sum(d.key == row.key for _, d in self.mis.documents) == len(wanted)
        written = [note.text.split()[0] for _, note in self.mis.notes if note.key == row.key]
        assert written, "a note is lost"
        assert written[-1] != "withdrawn"

    def register(self) -> Register:
        return build_register(
            pupils=list(self.mis.pupils.values()), calendar=CALENDAR, marks=list(self.mis.marks.values())
        )

    def events_now(self) -> list[Event]:
        return list(
            evaluate(
                self.register(), self.options().policy, self.day, amendments=True, notices=True, in_run=True
            ).events
        )


AnyOrder.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=16,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAnyOrder = AnyOrder.TestCase
