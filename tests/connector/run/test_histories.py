"""Any history of a school keeps the promises of the ledger: facts that change, policies, clocks, old states put back.

Deterministic: the same histories in every run of the tests.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from connector.config.loaded_school import LoadedSchool
from connector.ledger.decisions import EventError, release, void
from connector.ledger.holds import STICKY
from connector.run.summary import RunSummary
from connector.store import Store
from connector.store.amendments import read_amendments
from connector.store.ledger import LedgerRow
from rules.calendar import HALVES, Calendar, Period
from rules.codes import Class, code_set_on
from rules.policy import load_policy
from rules.school import Amendment, Session, Spell
from tests.connector.memory_mis import MemoryMis, at, made_up_pupil
from tests.connector.runs import ledger, options, run

AUTUMN = (
    Period("year", "2025/26", date(2025, 9, 1), date(2026, 8, 31)),
    Period("term", "Autumn", date(2025, 9, 3), date(2025, 12, 19)),
    Period("half_term", "Autumn 1", date(2025, 9, 3), date(2025, 10, 24)),
    Period("half_term", "Autumn 2", date(2025, 11, 3), date(2025, 12, 19)),
)
MISSING_PERCENT = 50.0
INSET = date(2025, 9, 10)
CALENDARS = {
    "whole": AUTUMN,
    "a day closed": (*AUTUMN, Period("inset", "Training", INSET, INSET)),
    "the second half term only": (*AUTUMN[:2], AUTUMN[3]),
    "next year only": (
        Period("year", "2026/27", date(2026, 9, 1), date(2027, 8, 31)),
        Period("term", "Autumn 2026", date(2026, 9, 2), date(2026, 12, 18)),
        Period("half_term", "Autumn 1 2026", date(2026, 9, 2), date(2026, 10, 23)),
    ),
}
DAYS = [day for day in Calendar(AUTUMN).school_days if day <= date(2025, 11, 14)]
FIRST_RUN = DAYS.index(date(2025, 9, 26))
FAR = date(2036, 11, 14)
PUPILS = ("1", "2", "3")
CODES = ("/", "L", "O", "I", "N", "", "i")
SPELLS = {
    "whole": (Spell(),),
    "entry corrected": (Spell(date(2025, 9, 15)),),
    "left and came back": (Spell(None, date(2025, 9, 12)), Spell(date(2025, 9, 22))),
    "the return only": (Spell(date(2025, 9, 22)),),
    "left": (Spell(None, date(2025, 10, 10)),),
}
BORN = {"of school age": date(2016, 3, 1), "too young": date(2021, 12, 25), "not known": None}
RULES = (
    "late-letter",
    "three-days-missed",
    "stage-4",
    "colour-letter",
    "perfect-term",
    "lates",
    "penalty-threshold",
)
POLICIES = ("hcat", "england-2024")
CLAIMS = {
    (policy, own.id): own.when.tested_at_end_of
    for policy in POLICIES
    for own in load_policy(policy).rules
    if own.when.tested_at_end_of not in (None, "week")
}
"""Rules about a whole period, and which."""


@dataclass
class Memory:
    """What the test knows of a state of the store; it is put back together with it."""

    waiting: dict[str, date | None] = field(default_factory=dict)
    """Events that were held, by key: for a person (None), or for the registers of a day."""
    by_person: set[str] = field(default_factory=set)
    """Events that a person has decided about."""


class Histories(RuleBasedStateMachine):
    """A school of three pupils over ten weeks."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.state = Path(self.folder.name) / "hill.db"
        self.saved = Path(self.folder.name) / "saved.db"
        self.mis = MemoryMis(AUTUMN, {n: made_up_pupil(int(n)) for n in PUPILS})
        for day in DAYS:
            for pupil_id in PUPILS:
                self.mis.day(pupil_id, day, "/")
        for place in range(0, 12, 2):
            self.mis.mark("1", DAYS[place], "AM", "L")
            self.mis.day("2", DAYS[place + 1], "O")
        self.today = FIRST_RUN
        self.memory = Memory()
        self.saved_memory = Memory()
        self.good_marks = self.mis.marks

    def teardown(self) -> None:
        self.folder.cleanup()

    # what changes in the MIS

    @rule(
        pupil_id=st.sampled_from(PUPILS),
        start=st.integers(0, 20),
        count=st.integers(1, 4),
        code=st.sampled_from(CODES),
    )
    def marks_change(self, pupil_id: str, start: int, count: int, code: str) -> None:
        for day in DAYS[start : start + count]:
            self.mis.day(pupil_id, day, code)

    @rule(code=st.sampled_from(["", "/"]))
    def the_last_register_is_empty_or_filled(self, code: str) -> None:
        for pupil_id in PUPILS:
            self.mis.day(pupil_id, DAYS[self.today], code)

    @rule()
    def every_mark_is_present_or_as_before(self) -> None:
        if self.mis.marks is not self.good_marks:
            self.mis.marks = self.good_marks
            return
        self.good_marks = self.mis.marks
        self.mis.marks = {
            key: replace(mark, code="/" if key[1].half == "AM" else "\\")
            for key, mark in self.good_marks.items()
        }

    @rule(pupil_id=st.sampled_from(PUPILS), name=st.sampled_from(sorted(SPELLS)))
    def spells_change(self, pupil_id: str, name: str) -> None:
        self.mis.pupils[pupil_id] = self.mis.pupils[pupil_id].with_spells(*SPELLS[name])

    @rule(pupil_id=st.sampled_from(PUPILS), name=st.sampled_from(sorted(BORN)))
    def birth_date_changes(self, pupil_id: str, name: str) -> None:
        self.mis.pupils[pupil_id] = replace(self.mis.pupils[pupil_id], date_of_birth=BORN[name])

    @rule(name=st.sampled_from(sorted(CALENDARS)))
    def calendar_changes(self, name: str) -> None:
        self.mis.periods = CALENDARS[name]

    # what happens to the connector

    @rule(days=st.integers(0, 8), policy=st.sampled_from(("hcat", "hcat", "england-2024")))
    def time_passes_and_a_run(self, days: int, policy: str) -> None:
        self.today = min(len(DAYS) - 1, self.today + days)
        self.run_and_look(DAYS[self.today], policy)

    @rule()
    def a_run_under_a_clock_years_ahead(self) -> None:
        before = (len(self.mis.documents), len(self.mis.notes))
        self.run_and_look(FAR, "hcat")
        assert (len(self.mis.documents), len(self.mis.notes)) == before, "a clock ahead writes nothing"

    @precondition(lambda self: self.state.exists())
    @rule(number=st.integers(0, 5), kept=st.booleans())
    def a_person_decides(self, number: int, kept: bool) -> None:
        rows = [row for row in ledger(self.state) if row.state == "held" or not kept]
        rows = [row for row in rows if row.state != "voided"]
        if not rows:
            return
        row, now, day = rows[number % len(rows)], at(DAYS[self.today]), DAYS[self.today]
        with Store.open(self.state, "hill") as store:
            try:
                if kept:
                    release(store, row.key, by="x", now=now, as_of=day)
                else:
                    void(store, row.key, reason="x", now=now, as_of=day)
            except EventError:
                return  # its state asks for another decision: nothing was decided
        self.memory.by_person.add(row.key)

    @precondition(lambda self: self.state.exists())
    @rule()
    def the_state_is_saved(self) -> None:
        shutil.copy(self.state, self.saved)
        self.saved_memory = deepcopy(self.memory)

    @precondition(lambda self: self.saved.exists())
    @rule()
    def an_old_state_is_put_back(self) -> None:
        for name in ("hill.db-wal", "hill.db-shm"):
            self.state.with_name(name).unlink(missing_ok=True)
        shutil.copy(self.saved, self.state)
        self.memory = deepcopy(self.saved_memory)

    @rule()
    def the_state_is_lost(self) -> None:
        for name in ("hill.db", "hill.db-wal", "hill.db-shm"):
            self.state.with_name(name).unlink(missing_ok=True)
        self.memory = Memory()

    # what must hold

    def run_and_look(self, day: date, policy: str) -> RunSummary:
        before = {row.key: row for row in ledger(self.state)} if self.state.exists() else {}
        in_mis = self.keys_in_mis()
        summary = run(self.mis, self.state, day, self.options(policy))
        assert summary.outcome != "failed", summary.error
        after = {row.key: row for row in ledger(self.state)}
        self.only_marks_or_people_take_back(before, after)
        self.no_document_is_there_twice()
        for key in self.keys_in_mis() - in_mis:
            if key in after:
                self.what_was_held_had_its_release(after[key])
                self.a_claim_rests_on_every_session(after[key])
        self.remember(after, day)
        return summary

    def options(self, policy: str) -> LoadedSchool:
        return options(
            policy,
            RULES,
            first_run_school_days=10,
            hold_above_events=4,
            hold_above_missing_percent=MISSING_PERCENT,
        )

    def keys_in_mis(self) -> set[str]:
        return {d.key for _, d in self.mis.documents} | {n.key for _, n in self.mis.notes}

    def only_marks_or_people_take_back(
        self, before: dict[str, LedgerRow], after: dict[str, LedgerRow]
    ) -> None:
        amendments = self.amendments()
        for key, row in after.items():
            gone = row.state == "withdrawn" and (key not in before or before[key].state != "withdrawn")
            if gone and key not in self.memory.by_person:
                start, end = row.event.span
                assert any(a.pupil_id == row.pupil_id and start <= a.date <= end for a in amendments), (
                    f"{row.rule} of {row.date} withdrawn without a changed mark: {row.reason}"
                )

    def amendments(self) -> tuple[Amendment, ...]:
        with Store.open(self.state, "hill") as store:
            return read_amendments(store.connection)

    def no_document_is_there_twice(self) -> None:
        names = Counter((d.key, d.file_name.split(" – ")[1]) for _, d in self.mis.documents)
        assert [name for name, count in names.items() if count > 1] == []

    def what_was_held_had_its_release(self, row: LedgerRow) -> None:
        if row.key in self.memory.by_person or row.key not in self.memory.waiting:
            return
        day = self.memory.waiting[row.key]
        assert day is not None, f"{row.rule} of {row.date} waited for a person and went out"
        on_roll = [pupil_id for pupil_id in PUPILS if self.mis.pupils[pupil_id].on_roll(day)]
        lacking = [self.lacks(pupil_id, Session(day, half)) for pupil_id in on_roll for half in HALVES]
        assert 100 * sum(lacking) <= MISSING_PERCENT * len(lacking), (
            f"{row.rule} of {row.date} waited for the registers of {day} and went out without them"
        )

    def a_claim_rests_on_every_session(self, row: LedgerRow) -> None:
        if (row.policy, row.rule) not in CLAIMS or row.key in self.memory.by_person:
            return
        assert row.pupil_id is not None
        (start,) = (p.start for p in AUTUMN if p.kind == CLAIMS[row.policy, row.rule] and row.date in p)
        sessions = [s for s in Calendar(AUTUMN).sessions if start <= s.date <= row.date]
        assert not [s for s in sessions if self.lacks(row.pupil_id, s)], f"{row.rule} of {row.date}"

    def lacks(self, pupil_id: str, session: Session) -> bool:
        """Return whether a session that the pupil should attend has no mark with a known code."""
        if session.date == INSET or not self.mis.pupils[pupil_id].on_roll(session.date):
            return False
        mark = self.mis.marks.get((pupil_id, session))
        counts_as = code_set_on("england", session.date).counts_as(mark.code if mark else "")
        return counts_as in (Class.MISSING, Class.UNRECOGNISED)

    def remember(self, after: dict[str, LedgerRow], day: date) -> None:
        for row in after.values():
            if row.state != "held":
                continue
            if row.hold in STICKY:
                self.memory.waiting[row.key] = None
            elif row.hold == "registers":
                self.memory.waiting.setdefault(row.key, day)


Histories.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=12,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestHistories = Histories.TestCase
